"""The published policies say what the code does: fields about people, and for how long."""

import re
from pathlib import Path

import pytest

from bot.domain import report, task
from bot.services.privacy import retention
from bot.settings.settings import variables
from bot.storage.maintenance import forgetting
from bot.storage.tables import metadata
from bot.storage.tasks import menu_forms

DOCS = Path(__file__).parents[2] / "docs"
POLICY = " ".join((DOCS / "privacy-policy.md").read_text("utf-8").split())
TERMS = " ".join((DOCS / "terms.md").read_text("utf-8").split())

# Fields that say nothing about a person by themselves: states, options, sizes, amounts, times.
_PLAIN_TASK = """
    id state owner epoch model frame_mime frame_bytes frame_width frame_height resolution
    seconds audio seed prompt_extend watermark spoiler mended filesize_limit locale door
    age_restricted reachable estimate created_at updated_at not_before progress provider_word
    cost cost_is_listed discount counted failure_kind failure_code submitted_at rendered_at
    ended_at delivery_rung delivery_attempts delivery_tried_at late_told announced unsaid
"""
PLAIN = {
    "tasks": set(_PLAIN_TASK.split()),
    "allowance_holds": {"task_id", "state", "made_at", "ended_at", "grant_id"},
    "money_holds": {"task_id", "state", "estimate", "settled", "made_at", "ended_at"},
    "spent": {"period", "settled"},
    "members": {"videos", "reset_at", "blocked_at"},
    "grants": {"id", "videos", "made_at", "expires_at"},
    "audit": {"id", "at", "action"},
    "budget_warnings": {
        "id", "budget", "period_start", "percent", "limit", "counted", "at", "told_at",
    },
    "menu_forms": {"made_at"},
    "picture_questions": {"id", "made_at"},
    "reports": {
        "id", "made_at", "told_at", "decided_at", "hides", "hidden_at", "shown_at", "read_at",
        "erased",
    },
    "removals": {"made_at", "done_at"},
    "blocks": {"kind", "made_at"},
}  # fmt: skip
# Tables about servers, processes and the provider.
IMPERSONAL = {
    "charges", "durations", "gateways", "guilds", "processes", "provider_standing",
    "request_forms", "role_limits", "role_models", "second_copies", "late_edits", "spending_pause",
    "default_notices",
}  # fmt: skip


def told_fields() -> dict[str, set[str]]:
    """Return the fields that the policy lists, by table."""
    text = (DOCS / "privacy-policy.md").read_text("utf-8").partition("## Fields")[2]
    told: dict[str, set[str]] = {}
    for tables, fields in re.findall(r"^\| (`.*?) \| (`.*) \|$", text, re.MULTILINE):
        for table in re.findall(r"`(\w+)`", tables):
            told[table] = set(re.findall(r"`(\w+)`", fields))
    return told


def test_every_field_of_the_database_is_in_the_policy_or_says_nothing_about_people() -> None:
    told = told_fields()
    for table in metadata.sorted_tables:
        if table.name in IMPERSONAL:
            assert table.name not in told
            continue
        assert told[table.name] | PLAIN.get(table.name, set()) == set(table.columns.keys())
    assert told.keys() | IMPERSONAL == {table.name for table in metadata.sorted_tables}


@pytest.mark.parametrize(
    "sentence",
    [
        f"| first frames | ⟨{variables()['KEEP_IMAGES_DAYS'].default}⟩ days after their last use",
        f"{task.KEEP_UNDELIVERED.days} days if they could not be delivered",
        f"the service | {task.KEEP_PROMPTS.days} days after you asked",
        f"changes | ⟨{variables()['KEEP_AUDIT_DAYS'].default}⟩ days",
        f"counts of videos stay for {forgetting.COUNTS_KEPT.days} days",
        f"| reports, and what was decided | {report.KEEP_DECIDED.days} days after the decision",
        f"after the decision; {report.KEEP_OPEN.days} days if nobody decides",
        f"| where a removed video was | {report.KEEP_DECIDED.days} days after its removal",
    ],
)
def test_the_policy_s_periods_are_those_of_the_code(sentence: str) -> None:
    assert sentence in POLICY


def test_an_hour_and_a_day_are_those_of_the_code() -> None:
    assert retention.KEEP_DELIVERED.total_seconds() == 3600
    assert "| videos on the bot's server | an hour after delivery" in POLICY
    assert menu_forms.KEEP.days == 1
    assert "an open form of *Apps, Animate* | a day" in POLICY


@pytest.mark.parametrize("text", [POLICY, TERMS], ids=["policy", "terms"])
def test_both_texts_have_places_for_name_and_contact(text: str) -> None:
    assert "⟨your name and address⟩" in text
    assert "⟨your contact⟩" in text
    assert "not legal advice" in text
