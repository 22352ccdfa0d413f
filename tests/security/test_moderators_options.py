"""Moderators' commands with options that no real client sends: a readable answer, no crash."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cogs.moderation.moderation_helpers import Moderated, answer, moderated

HUGE = 2**53
ODD: list[tuple[str, dict[str, Any]]] = [
    ("quota-admin set", {"user": "Ada", "videos": HUGE}),
    ("quota-admin set", {"user": "Ada", "videos": -2}),
    ("quota-admin grant", {"user": "Ada", "videos": 0}),
    ("quota-admin grant", {"user": "Ada", "videos": HUGE, "days": HUGE}),
    ("quota-admin grant", {"user": "Ada", "videos": 1, "days": -1}),
    ("quota-admin server", {"videos": -HUGE}),
    ("quota-admin server", {"window": "fortnight"}),
    ("quota-admin server", {"budget_usd_day": -5.0}),
    ("quota-admin server", {"budget_usd_day": 1e300}),
    ("quota-admin server", {"budget_usd_month": 0.0000001}),
    ("quota-admin block", {"user": "Ada", "reason": "x" * 6000}),
    ("quota-admin block", {"user": "Ada", "reason": "'; DROP TABLE tasks; --\x00"}),
    ("settings set", {"blocked_words": ",,,\x00," * 300}),
    ("settings set", {"blocked_words": ".*,(a+)+$,\\"}),
    ("settings set", {"resolution": "4K"}),
    ("settings set", {"language": "tlh"}),
    ("stats", {"days": HUGE}),
    ("stats", {"days": -1}),
]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Moderated]:
    async with moderated(tmp_path) as opened:
        yield opened


async def test_odd_options_are_answered_in_words_and_the_next_command_works(
    server: Moderated,
) -> None:
    mona, world = server.bot.local.person("Mona"), server.bot.local.world
    wrong = []
    for name, options in ODD:
        given = options | ({"user": world.user("Ada")} if "user" in options else {})
        reply = await answer(mona, name, raw=True, **given)
        if not reply or "went wrong" in reply or "error " in reply.lower():
            wrong.append((name, options, reply))
    assert wrong == []
    assert await answer(mona, "quota-admin server")
