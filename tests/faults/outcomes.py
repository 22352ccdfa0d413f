"""How a task ends as the person who asked for it sees it: state, words, video and money."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.discord import Interaction
from tests.flows.harness import BotProcess, is_video

PRICE = 200_000
"""Of a video at 720P, in millionths of a USD: the estimate, and what the local provider takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What there is to see of a task in the end."""

    outcome: str
    """For the table of docs/reliability.md."""
    state: str
    words: str
    """Among what its person reads."""
    allowance: str
    money: str
    settled: int | None
    """What counts against the budgets, in millionths of a USD."""
    has_video: bool = False


def delivered(outcome: str = "delivered once, paid once", words: str = "$0.20") -> Outcome:
    """The video is there, and its price."""
    return Outcome(
        outcome=outcome,
        state="delivered",
        words=words,
        allowance="used",
        money="settled",
        settled=PRICE,
        has_video=True,
    )


def linked(outcome: str = "not fetched; the link is posted, paid once") -> Outcome:
    """The link instead of the video."""
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
    """No video, and it says why; ``settled``: it may have been, or certainly was, ``charged``."""
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
    """What there is now of the task with that prompt, in the terms of `Outcome`."""
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
    """Where what is there is not what was expected."""
    wanted = {name: getattr(end, name) for name in ("state", "allowance", "money", "settled")}
    wanted["has_video"] = end.has_video
    lines = [
        f"{name}: {found[name]} instead of {value}"
        for name, value in wanted.items()
        if found[name] != value
    ]
    return lines if end.words in found["words"] else [*lines, f"words: {found['words']!r}"]


def advance_clock(clock: Path, seconds: float, *, wall: float = 0.0) -> None:
    """Let so much time pass for a bot that is led by that file, and set its wall clock."""
    text = clock.read_text() if clock.exists() else "0 0"
    ahead, off = map(float, text.split())
    part = clock.with_suffix(".part")
    part.write_text(f"{ahead + seconds} {off + wall}")
    part.replace(clock)
