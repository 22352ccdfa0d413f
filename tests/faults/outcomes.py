"""Outcomes of tasks as the person who asked sees them: state, words, video and money."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.discord import Interaction
from tests.flows.harness import BotProcess, is_video

PRICE = 200_000
"""The price of a video at 720P in millionths of a USD, both the estimate and the real charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What can be seen of a task in the end."""

    outcome: str
    """The description in the table of docs/reliability.md."""
    state: str
    words: str
    """A part of what the person reads."""
    allowance: str
    money: str
    settled: int | None
    """What counts against the budgets, in millionths of a USD."""
    has_video: bool = False


def delivered(outcome: str = "delivered once, paid once", words: str = "$0.20") -> Outcome:
    """Expect the video with its price."""
    return Outcome(
        outcome=outcome,
        state="delivered",
        words=words,
        allowance="used",
        money="settled",
        settled=PRICE,
        has_video=True,
    )


def linked(outcome: str = "not downloaded; the link is posted, paid once") -> Outcome:
    """Expect a link instead of the video."""
    return Outcome(
        outcome=outcome,
        state="delivered",
        words="I couldn't download the video",
        allowance="used",
        money="settled",
        settled=PRICE,
    )


def failed(
    outcome: str, words: str, *, settled: int | None = None, charged: bool = False
) -> Outcome:
    """Expect a failure with its reason; ``settled`` if it may have been or was ``charged``."""
    money = "released" if settled is None else "settled"
    maybe = "returned" if settled is None else "day_only"
    return Outcome(
        outcome=outcome,
        state="failed",
        words=words,
        allowance="used" if charged else maybe,
        money=money,
        settled=settled,
    )


UNCLEAR = Outcome(
    outcome="unclear, money held, never sent again",
    state="unknown",
    words="can't tell whether it arrived",
    allowance="returned",
    money="held",
    settled=None,
)


def observe(bot: BotProcess, shown: Interaction, prompt: str) -> dict[str, Any]:
    """Return what can be seen of the task with this prompt, in the terms of `Outcome`."""
    (row,) = bot.rows(
        "SELECT t.state, t.channel_id, t.message_id, a.state AS allowance, m.state AS money, "
        "m.settled FROM tasks t JOIN allowance_holds a ON a.task_id = t.id "
        "JOIN money_holds m ON m.task_id = t.id WHERE t.prompt = ?",
        prompt,
    )
    card = bot.discord.world.messages[row.pop("channel_id")][row.pop("message_id")]
    words = "\n".join(message.text for message in (card, *shown.followups))
    return row | {"words": words, "has_video": any(is_video(file.data) for file in card.files)}


def differences(end: Outcome, found: dict[str, Any]) -> list[str]:
    """Return the differences between the expected and the actual outcome."""
    wanted = {name: getattr(end, name) for name in ("state", "allowance", "money", "settled")}
    wanted["has_video"] = end.has_video
    lines = [
        f"{name}: {found[name]} instead of {value}"
        for name, value in wanted.items()
        if found[name] != value
    ]
    return lines if end.words in found["words"] else [*lines, f"words: {found['words']!r}"]


def advance_clock(clock: Path, seconds: float, *, wall: float = 0.0) -> None:
    """Advance the clocks of a bot that reads this file; ``wall`` moves only the wall clock."""
    text = clock.read_text() if clock.exists() else "0 0"
    ahead, off = map(float, text.split())
    part = clock.with_suffix(".part")
    part.write_text(f"{ahead + seconds} {off + wall}")
    part.replace(clock)
