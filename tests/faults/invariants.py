"""Invariants under any fault, checked from outside: the database, Discord, the disk, the provider.

``check(bot)`` checks what holds at any moment, also between a kill and the next start.
``ended(bot)`` waits until every task has ended, and ``check_ended(bot)`` checks what holds then.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bot.domain.task import State
from bot.storage.maintenance.consistency import consistency_findings
from bot.video.survey import TRAINED_ALGORITHMIC_MEDIA
from sandbox.discord import LocalDiscord, Message
from tests.flows.harness import BotProcess, eventually, is_video
from tests.flows.load.load_generator import shows_video
from tests.flows.second_provider import all_charges, all_creates, misplaced

Row = dict[str, Any]

# I8: Discord blocks a bot after 10,000 of these in ten minutes; no test takes that long.
INVALID = frozenset({401, 403, 429})
MOST_INVALID = 100
ENDS = frozenset({State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED, State.UNKNOWN})
_TOLD = frozenset({State.UNDELIVERED, State.FAILED, State.UNKNOWN})
_ON_THE_WAY = (
    *("Reading your picture", "Making it again", "Making your changed version", "**Queued.**"),
    *("Sending your picture", "Making your video", "Posting your video"),
)
# The provider charges in USD, and the database counts in millionths.
_MICROS = 1_000_000


async def check(bot: BotProcess) -> None:
    """Check what holds at any moment.

    Raises:
        AssertionError: One line for each breach.
    """
    _none(await _always(bot))


async def check_ended(bot: BotProcess) -> None:
    """Check what holds when every task has ended.

    Raises:
        AssertionError: One line for each breach.
    """
    at_the_end = (*_open(bot), *_not_posted(bot), *_not_charged(bot), *_not_labeled(bot))
    _none([*await _always(bot), *at_the_end])


async def ended(bot: BotProcess, within: float = 60.0) -> None:
    """Wait until every task has ended, people were told, and messages show it.

    Raises:
        AssertionError: Some tasks have not.
    """

    def left() -> list[str]:
        return [*_open(bot), *_to_look_at(bot)]

    try:
        await eventually(lambda: not left() or None, "every task ends", within)
    except AssertionError as error:
        log = bot.log.read_text(errors="replace") if bot.log.exists() else ""
        raise AssertionError(f"{error}: {left()}\n{log[-3000:]}") from None


def _none(breaches: list[str]) -> None:
    assert not breaches, "\n".join(breaches)


async def _always(bot: BotProcess) -> list[str]:
    return [
        *_creates(bot),
        *_results(bot),
        *await _ledger(bot),
        *_costs(bot),
        *leaks(bot),
        *_invalid(bot.discord),
    ]


def tasks(bot: BotProcess) -> list[Row]:
    """Return every task with the state of its money hold, oldest first."""
    return bot.rows(
        "SELECT tasks.*, money_holds.state AS money, money_holds.settled AS settled FROM tasks "
        "LEFT JOIN money_holds ON money_holds.task_id = tasks.id ORDER BY tasks.created_at"
    )


# --- I1: at most one create per task ----------------------------------------------------------


def _creates(bot: BotProcess) -> list[str]:
    """Match create calls with tasks by prompt and seed, as a create call names no task."""
    made = Counter((one.prompt, one.seed) for one in all_creates(bot))
    asked = Counter((task["prompt"], task["seed"]) for task in tasks(bot))
    return [
        f"I1: {times} accepted creates for {asked[key]} tasks of {key}"
        for key, times in made.items()
        if times > asked[key]
    ] + misplaced(bot, tasks(bot))


# --- I2: every committed task ends ------------------------------------------------------------


def _open(bot: BotProcess) -> list[str]:
    breaches = []
    for task in tasks(bot):
        state = State(task["state"])
        if state not in ENDS:
            breaches.append(f"I2: task {task['id']} is {state}")
        elif state in _TOLD and not task["announced"]:
            breaches.append(f"I2: nobody was told that task {task['id']} is {state}")
    return breaches


def _to_look_at(bot: BotProcess) -> list[str]:
    """Return overdue checks of messages that a late edit may have changed."""
    now = time.time_ns() // 1000
    late = bot.rows("SELECT task_id FROM late_edits WHERE due_at <= ?", now)
    return [f"I3: nobody has looked at task {one['task_id']}" for one in late]


# --- I3: one result message -------------------------------------------------------------------


@dataclass(frozen=True)
class _Result:
    task_id: str
    message: Message


def _all_messages(discord_: LocalDiscord) -> list[Message]:
    channels = discord_.world.messages.values()
    return [one for channel in channels for one in channel.values() if not one.deleted]


def results(bot: BotProcess) -> Counter[str]:
    """Count the result messages of each task."""
    return Counter(found.task_id for found in _found(bot))


def _found(bot: BotProcess) -> list[_Result]:
    return [
        _Result(button["custom_id"].rpartition(":")[2], message)
        for message in _all_messages(bot.discord)
        for button in message.buttons
        if str(button.get("custom_id")).startswith("flipbook:info:")
    ]


def _results(bot: BotProcess) -> list[str]:
    return [
        f"I3: task {task_id} has {times} results"
        for task_id, times in results(bot).items()
        if times > 1
    ]


def _not_posted(bot: BotProcess) -> list[str]:
    """Check that each delivered task's message shows its result, and that no ended one looks
    unfinished.
    """
    found = {result.task_id: result.message for result in _found(bot)}
    messages = {one.id: one for one in _all_messages(bot.discord)}
    breaches = []
    for task in tasks(bot):
        own = messages.get(task["message_id"])
        if own is not None and is_on_the_way(own) and State(task["state"]) in ENDS:
            breaches.append(f"I3: task {task['id']} is {task['state']}, its message: {own.text}")
        if task["state"] != State.DELIVERED:
            continue
        result = found.get(task["id"])
        if result is None or result.id != task["result_message_id"]:
            there = result.id if result else None
            delivered = f"task {task['id']} is delivered as {task['result_message_id']}"
            breaches.append(f"I3: {delivered}, and there is {there}")
        elif not shows_result(result):
            breaches.append(f"I3: the message of task {task['id']} does not show it: {result.text}")
    return breaches


def shows_result(message: Message) -> bool:
    """Return whether people see a video or the link to it; an attached file alone is not shown."""
    return shows_video(message) or "https://" in message.text or "http://" in message.text


def is_on_the_way(message: Message) -> bool:
    """Return whether the message says that a video is still to come."""
    return any(words in message.text for words in _ON_THE_WAY)


# --- I10: each file is labeled once -----------------------------------------------------------


def _not_labeled(bot: BotProcess) -> list[str]:
    """Every video that was posted says once in its file that it is AI-generated."""
    label = TRAINED_ALGORITHMIC_MEDIA.encode()
    return [
        f"I10: the video of task {found.task_id} has {file.data.count(label)} labels"
        for found in _found(bot)
        for file in found.message.files
        if is_video(file.data) and file.data.count(label) != 1
    ]


# --- I4: holds and money ----------------------------------------------------------------------


async def _ledger(bot: BotProcess) -> list[str]:
    if not bot.rows("SELECT count(*) FROM spent"):
        return []  # the database has not been migrated yet
    engines = bot.engines()
    try:
        async with engines.reader.begin() as connection:
            found = await consistency_findings(connection)
    finally:
        await engines.dispose()
    return [f"I4: {line}" for line in found]


def _charges(bot: BotProcess) -> dict[str, int]:
    """Return what each job was charged, in millionths of a USD."""
    return {job: int(cost * _MICROS) for job, cost in all_charges(bot).items()}


def _costs(bot: BotProcess) -> list[str]:
    """Check that known costs are the charges, and that no charged hold is released."""
    charges = _charges(bot)
    breaches = []
    for task in tasks(bot):
        charged = charges.get(task["provider_id"], 0)
        if task["cost"] is not None and task["cost"] != charged:
            breaches.append(f"I4: task {task['id']} cost {task['cost']}, charged {charged}")
        if task["money"] == "released" and charged:
            breaches.append(f"I4: task {task['id']} was charged, and its money is released")
    return breaches


def _not_charged(bot: BotProcess) -> list[str]:
    """Check that the totals are equal in the end, without `unknown` tasks, whose money is held."""
    charges, all_tasks = _charges(bot), tasks(bot)
    unclear = {
        (task["prompt"], task["seed"]) for task in all_tasks if task["state"] == State.UNKNOWN
    }
    not_known = {one.id for one in all_creates(bot) if (one.prompt, one.seed) in unclear} - {
        task["provider_id"] for task in all_tasks
    }
    due = sum(cost for job, cost in charges.items() if job not in not_known)
    # If the provider reported no cost, the estimate is settled, and there is nothing to compare.
    paid = [task for task in all_tasks if task["settled"] is not None]
    due -= sum(charges.get(one["provider_id"], 0) for one in paid if one["cost"] is None)
    settled = sum(one["settled"] for one in paid if one["cost"] is not None)
    return [] if settled == due else [f"I4: {settled} settled in all, {due} charged"]


# --- I7: no secret anywhere -------------------------------------------------------------------


def leaks(bot: BotProcess) -> list[str]:
    """Return the places with a secret: files that the bot wrote, and messages that it sent."""
    keys = [one.key for one in (bot.provider, bot.second) if one is not None]
    secrets = [bot.discord.token, *keys, *bot.discord.interactions.tokens]
    files = [path for path in bot.folder.rglob("*") if path.is_file()]
    breaches = []
    for path in files:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # the running bot has removed the file
        breaches += [
            f"I7: {_named(bot, secret)} is in {path.relative_to(bot.folder)}"
            for secret in secrets
            if secret.encode() in content
        ]
    words = "\n".join(f"{one.text} {one.components}" for one in _all_messages(bot.discord))
    breaches += [f"I7: {_named(bot, one)} is in a message" for one in secrets if one in words]
    return breaches


def _named(bot: BotProcess, secret: str) -> str:
    known = {bot.discord.token: "the bot's token", bot.provider.key: "the provider's key"}
    return known.get(secret, "an interaction's token")


# --- I8: few invalid requests -----------------------------------------------------------------


def _invalid(discord_: LocalDiscord) -> list[str]:
    count = sum(one.status in INVALID for one in discord_.requests)
    return [] if count < MOST_INVALID else [f"I8: {count} answers of 401, 403 or 429"]
