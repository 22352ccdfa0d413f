"""However long people's texts are, every answer fits Discord's limits, in every language."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.delivery import DeliveryMethod
from bot.domain.first_frame import Adjustment
from bot.domain.guilds.audit import Action, AuditEntry
from bot.domain.guilds.guild import BLOCKED_WORD_CHARS, MOST_BLOCKED_WORDS, GuildSettings
from bot.domain.guilds.statistics import Statistics
from bot.domain.models.model import MODELS, WAN22_I2V_FLASH, WAN26_I2V_FLASH, Models
from bot.domain.money import Usd
from bot.domain.operator_info import OperatorInfo
from bot.domain.quotas.budget import Budget, BudgetWarning, Level
from bot.domain.quotas.limits import Block, GuildLimits
from bot.domain.quotas.quota import Unclear, Usage
from bot.domain.task import Failure, FailureKind, State, Task
from bot.errors import OptionRefused
from bot.services.moderation import REASON_CHARS, AuditPage, GuildQuota, MemberQuota
from bot.ui.delivery.letters import Page, letter
from bot.ui.texts import cards, details, endings, guide, rerolls, tasks
from bot.ui.texts.catalogues import speaking_in
from bot.ui.texts.measures import LAYOUT_CHARS, MESSAGE_CHARS, clipped, clipped_harmless, length
from bot.ui.texts.moderation import audit, log_channel, usage
from bot.ui.texts.moderation import settings as settings_texts
from bot.ui.texts.refusals import refusals
from sandbox.discord import Person, Upload
from tests.factories import NOON, make_limits, make_options, make_picture, make_request, make_task
from tests.ui.client_fixture import Bot, until

# Answers name what made a video, since the models can make different ones.
NAMED = Models(default=WAN26_I2V_FLASH)
LINK = f"https://discord.com/channels/{10**19}/{10**19}/{10**19}"
SNOWFLAKE = 10**19
ADDRESS = f"https://{'a' * 107}.net"
OPERATOR = OperatorInfo(
    provider="Vtrix",
    content_check="check.example",
    privacy_url=ADDRESS,
    terms_url=ADDRESS,
    contact="*" * 100,
)
WORDS = st.one_of(
    st.text(st.sampled_from("*_~`|<>[]()#@:\\ \n-1.🙂文a"), max_size=800),
    st.sampled_from("*🙂文\\`").map(lambda one: one * 800),
    st.text(max_size=800),
)


def _tasks(words: str) -> list[Task]:
    """Return a task in each state, with every detail that a message can show."""
    options = make_options(prompt=words, negative_prompt=words[:500], seed=2**31 - 1)
    task = make_task(
        request=make_request(options=options),
        cost=Usd.parse("0.123456"),
        estimate=Usd.parse("0.654321"),
        mended=tuple(Adjustment),
        rendered_at=NOON + timedelta(hours=47),
        result_message_id=SNOWFLAKE,
        failure=Failure(
            kind=FailureKind.GENERATION, code=(words or "x")[:60], message=(words or "x")[:500]
        ),
    )
    return [replace(task, state=state) for state in State]


def _audit(words: str) -> list[AuditEntry]:
    entry = AuditEntry(
        id=SNOWFLAKE,
        guild_id=SNOWFLAKE,
        at=NOON,
        by_id=SNOWFLAKE,
        subject_id=SNOWFLAKE,
        action=Action.BLOCK,
        before={},
        after={"reason": words[:REASON_CHARS]},
    )
    channels: dict[str, Any] = {"channels": [SNOWFLAKE] * 100, "language": words[:20]}
    return [entry, replace(entry, action=Action.SETTINGS, before={}, after=channels)] * 5


def _chain(words: str) -> str:
    return rerolls.chain([(task, LINK) for task in _tasks(words)[:8]])


def _standing(words: str) -> str:
    block = Block(by_id=SNOWFLAKE, at=NOON, reason=words[:REASON_CHARS])
    unclear = Unclear(count=1000, held=Usd.parse("200"), since=NOON)
    found = MemberQuota(limits=make_limits(block=block), use=Usage(), unclear=unclear)
    return usage.member_quota(SNOWFLAKE, found)


def _server(words: str) -> str:
    roles = {SNOWFLAKE + number: number for number in range(250)}
    return usage.guild(
        GuildQuota(
            own=GuildLimits(),
            applying=make_limits(),
            use=Usage(),
            roles=roles,
            role_models=dict.fromkeys(roles, tuple(MODELS)),
            unclear=Unclear(count=1000, held=Usd.parse("200"), since=NOON),
        )
    )


def _settings(words: str) -> str:
    found = GuildSettings(
        channels=frozenset(range(SNOWFLAKE, SNOWFLAKE + 500)),
        blocked_words=tuple(words[:BLOCKED_WORD_CHARS] for _ in range(MOST_BLOCKED_WORDS)),
    )
    return settings_texts.shown(
        found, models=Models(default=WAN22_I2V_FLASH), troubles=[log_channel.trouble(SNOWFLAKE)]
    )


def _stats(words: str) -> str:
    found = Statistics(
        days=(),
        members=[(SNOWFLAKE, 10**6, Usd.parse("123456.123456"))] * 10,
        videos=10**6,
        missed=10**6,
        spent=Usd.parse("123456.123456"),
        median_seconds=10**5,
        p95_seconds=10**5,
    )
    kinds = [(kind, 10**6, Usd.parse("123456.123456")) for kind in WAN26_I2V_FLASH.kinds()[:10]]
    found = replace(found, kinds=kinds, listed=Usd.parse("123456.123456"))
    return usage.statistics(found, days=90, models=Models(default=WAN26_I2V_FLASH))


def _warning(words: str) -> str:
    level = Level(
        budget=Budget.PERSON_MONTH,
        guild_id=SNOWFLAKE,
        person_id=SNOWFLAKE,
        percent=100,
        counted=Usd.parse("99999"),
        limit=Usd.parse("99999"),
        period_start=NOON,
    )
    return log_channel.warning(BudgetWarning(id=1, level=level, at=NOON))


def _help(words: str) -> str:
    ids = dict.fromkeys(("animate", "quota", "tasks", "privacy"), SNOWFLAKE)
    lacks = ("view_channel", "connect", "send_messages", "attach_files", "read_message_history")
    return guide.how_to(
        WAN22_I2V_FLASH, keep_days=3650, operator=OPERATOR, missing=lacks, command_ids=ids
    )


def _refused(words: str) -> str:
    error = OptionRefused("prompt", given=801, allowed=(1, 800))
    return f"{refusals.refusal(error)}\n{rerolls.typed(words)}"


PRIVATE: dict[str, Callable[[str], list[str]]] = {
    "about": lambda words: [details.about(t, chain=_chain(words)) for t in _tasks(words)],
    "ended": lambda words: [cards.ended_in_full(task) for task in _tasks(words)],
    "/tasks": lambda words: [tasks.page(_tasks(words)[:8], [LINK] * 8, NAMED)],
    "one of /tasks": lambda words: [tasks.one(task, models=NAMED) for task in _tasks(words)],
    "told late": lambda words: [endings.pending_notices(_tasks(words))],
    "refused": lambda words: [_refused(words)],
    "/help": lambda words: [_help(words)],
    "/quota-admin show": lambda words: [_standing(words)],
    "/quota-admin server": lambda words: [_server(words)],
    "/quota-admin log": lambda words: [
        audit.log_page(AuditPage(entries=_audit(words), older=1), subject=f"<@{SNOWFLAKE}>")
    ],
    "changed": lambda words: [usage.changed(entry, _server(words)) for entry in _audit(words)],
    "log channel": lambda words: [
        *(audit.logged(entry) for entry in _audit(words)),
        *(log_channel.unclear(task, NAMED) for task in _tasks(words)),
        _warning(words),
    ],
    "/settings show": lambda words: [_settings(words)],
    "/stats": lambda words: [_stats(words)],
    "to the operator": lambda words: [guide.to_operator(words)],
}


def _check(words: str) -> None:
    sent = letter(words)
    if "content" in sent:
        assert len(sent["content"].encode("utf-16-le")) / 2 <= MESSAGE_CHARS
        assert sent["content"]
    else:
        assert 0 < length(sent["view"].words) <= LAYOUT_CHARS
    assert 0 < length(Page(words).words) <= LAYOUT_CHARS


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("name", PRIVATE)
@settings(max_examples=25, deadline=None)
@given(words=WORDS)
def test_every_answer_fits(name: str, language: str, words: str) -> None:
    with speaking_in(language):
        answers = PRIVATE[name](words)
    for answer in answers:
        _check(answer)


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@given(words=WORDS)
@settings(max_examples=25, deadline=None)
def test_a_long_answer_keeps_its_important_parts(language: str, words: str) -> None:
    with speaking_in(language):
        about = Page(details.about(_tasks(words)[4], chain=_chain(words))).words
        shown = [Page(tasks.one(task)).words for task in _tasks(words)]
    assert "2147483647" in about
    assert about.count(LINK) == 8
    for one in shown:
        assert "2147483647" in one


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@given(words=WORDS)
@settings(max_examples=50, deadline=None)
def test_a_clipped_text_has_the_right_length_and_no_half_escape(language: str, words: str) -> None:
    for most in (1, 2, 17, 600, 1600):
        for cut in (clipped_harmless(words, most), clipped(words, most)):
            assert length(cut) <= most
        shown = clipped_harmless(words, most).removesuffix("…")
        assert (len(shown) - len(shown.rstrip("\\"))) % 2 == 0


# --- in messages ---------------------------------------------------------------------------------


async def test_everything_about_a_video_of_800_asterisks_is_told(bot: Bot, ada: Person) -> None:
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await ada.command("animate", image=picture, prompt="*" * 800, seed=77)
    message = shown.message
    assert message is not None
    await until(lambda: bot.intake.submissions, "the task")
    await until(lambda: "Queued" in message.text, "queued")
    options = replace(
        bot.store.tasks["task0001"].request.options, prompt="*" * 800, negative_prompt="_" * 500
    )
    task = await bot.rendered(
        state=State.DELIVERED,
        request=replace(bot.store.tasks["task0001"].request, options=options),
    )
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    await ada.press(message, "ℹ️")
    [told] = await until(lambda: [one for one in ada.sees() if one.ephemeral], "the answer")
    assert r"\*" * 800 in told.text
    assert "77" in told.text


async def test_a_failure_of_a_long_prompt_is_told_directly(bot: Bot, ada: Person) -> None:
    [*_, failed] = [one for one in _tasks("*" * 800) if one.state is State.FAILED]
    message = await ada.say("general", "x")
    task = bot.task_of(message, state=State.FAILED, failure=failed.failure, request=failed.request)
    bot.local.messages.delete(message)
    await bot.messenger.tell_ended(replace(task, person=replace(task.person, id=ada.id)))
    [direct] = ada.direct_messages()
    assert r"\*" * 100 in direct.text


async def test_a_deferred_answer_is_edited_and_not_replaced_by_a_follow_up(
    bot: Bot, ada: Person
) -> None:
    await ada.command("quota")
    await until(lambda: [one for one in ada.sees() if "left" in one.text])
    follow_up = "/webhooks/{webhook_id}/{webhook_token}"
    assert bot.local.count("POST", follow_up) == 0
    assert bot.local.count("PATCH", f"{follow_up}/messages/@original") == 1
