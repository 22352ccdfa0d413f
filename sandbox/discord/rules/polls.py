"""Checks polls, and makes the poll of a message from a request ("Poll Resource")."""

from datetime import datetime, timedelta

from sandbox.discord.rules.component_fields import EMOJI
from sandbox.discord.rules.fields import boolean, integer, list_of, one_of, record, text
from sandbox.discord.state.model import Json

HOURS, HOURS_MAX = 24, 32 * 24
_ANSWER = record(
    {"poll_media": record({"text": text(1, 55), "emoji": EMOJI}, required=["text"])},
    required=["poll_media"],
)
check_poll = record(
    {
        "question": record({"text": text(1, 300)}, required=["text"]),
        "answers": list_of(_ANSWER, 1, 10),
        "duration": integer(1, HOURS_MAX),
        "allow_multiselect": boolean,
        "layout_type": one_of(1),
    },
    required=["question", "answers"],
)
"""Check of the poll of a new message."""


def made_poll(given: Json, now: datetime) -> Json:
    """Return the poll that a message shows, before anybody has voted."""
    end = now + timedelta(hours=int(given.get("duration") or HOURS))
    answers = [
        {"answer_id": number, "poll_media": _media(one["poll_media"])}
        for number, one in enumerate(given["answers"], 1)
    ]
    return {
        "question": {"text": given["question"]["text"]},
        "answers": answers,
        "expiry": end.isoformat(),
        "allow_multiselect": bool(given.get("allow_multiselect")),
        "layout_type": 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }


def _media(given: Json) -> Json:
    shown = {"text": given["text"]}
    if not given.get("emoji"):
        return shown
    return shown | {"emoji": {"id": None, "name": None} | given["emoji"]}
