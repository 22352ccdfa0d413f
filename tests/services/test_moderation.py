"""Bounds of moderators' numbers, the audit log's pages, and rules for all entry points."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest

from bot.clock import SystemClock
from bot.domain.guilds.guild import MOST_CHANNELS, GuildSettings
from bot.domain.models.model import WAN22_I2V_FLASH, WAN22_I2V_PLUS, WAN26_I2V_FLASH, Models
from bot.domain.money import Usd
from bot.domain.quotas.limits import GuildLimits, LimitSource, Origin
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint
from bot.errors import (
    OptionRefused,
    PlaceRefused,
    SettingsClash,
    WordBlocked,
    WordBlockedEverywhere,
)
from bot.services.allowances import Allowances
from bot.services.guild_settings import HouseRules
from bot.services.moderation import PAGE, Moderation
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.tasks.tasks import TaskStore
from tests.factories import (
    make_frame,
    make_limits,
    make_options,
    make_person,
    make_place,
    make_prices,
)

HERE, ME, MOD, ROLE = 2001, 1001, 42, 77
# Digits as letters, so that no two words are inflections of each other.
LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrtv")


SEVERAL = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_PLUS, WAN26_I2V_FLASH))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[tuple[ModerationStore, TaskStore]]:
    clock = SystemClock()
    async with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        yield ModerationStore(database, clock=clock), TaskStore(database, clock=clock)


@pytest.fixture
def moderation(store: tuple[ModerationStore, TaskStore]) -> Moderation:
    rules, tasks = store
    allowances = Allowances(tasks=tasks, default=make_limits(videos=5), prices=make_prices())
    return Moderation(store=rules, allowances=allowances, models=SEVERAL)


@pytest.fixture
def house_rules(store: tuple[ModerationStore, TaskStore]) -> HouseRules:
    return HouseRules(store=store[0])


async def test_what_applies_is_explained(moderation: Moderation) -> None:
    member = make_person(id=ME, role_ids=frozenset({ROLE}))
    assert (await moderation.show(HERE, member)).limits.origin == Origin()
    await moderation.set_role_videos(HERE, ROLE, 20, by_id=MOD)
    await moderation.grant(HERE, ME, 2, by_id=MOD)
    standing = await moderation.show(HERE, member)
    assert standing.limits.videos == 20
    assert standing.limits.origin == Origin(source=LimitSource.ROLE, role_id=ROLE)
    assert standing.use.bonus == 2
    server = await moderation.server(HERE)
    assert (server.own, server.applying.videos, server.roles) == (GuildLimits(), 5, {ROLE: 20})


async def test_numbers_out_of_bounds_change_nothing(moderation: Moderation) -> None:
    wrong = [
        moderation.set_videos(HERE, ME, -2, by_id=MOD),
        moderation.set_videos(HERE, ME, 10_001, by_id=MOD),
        moderation.set_role_videos(HERE, ROLE, 10_001, by_id=MOD),
        moderation.grant(HERE, ME, 0, by_id=MOD),
        moderation.grant(HERE, ME, 1, 0, by_id=MOD),
        moderation.grant(HERE, ME, 1001, by_id=MOD),
        moderation.block(HERE, ME, "x" * 201, by_id=MOD),
        moderation.set_server(HERE, GuildLimits(budget_day=Usd(-1)), by_id=MOD),
        moderation.set_settings(HERE, GuildSettings(blocked_words=("x" * 61,)), by_id=MOD),
    ]
    for attempt in wrong:
        with pytest.raises(OptionRefused):
            await attempt
    assert (await moderation.log(HERE)).entries == []


async def test_the_log_comes_in_pages(moderation: Moderation) -> None:
    for videos in range(2 * PAGE + 1):
        await moderation.set_videos(HERE, ME, videos, by_id=MOD)
    seen = []
    before = None
    for _ in range(3):
        page = await moderation.log(HERE, before_id=before)
        seen += [entry.after["videos"] for entry in page.entries]
        before = page.older
    assert before is None
    assert seen == list(reversed(range(2 * PAGE + 1)))


def asked(**changes: object) -> Submission:
    words = {name: changes.pop(name) for name in ("prompt", "negative_prompt") if name in changes}
    options = make_options(**({"prompt": "a gun", "resolution": "720P"} | words))
    submission = Submission(
        picture=make_frame(),
        options=options,
        person=make_person(),
        place=make_place(guild_id=HERE, channel_id=3),
        entry_point=EntryPoint.SLASH,
    )
    return replace(submission, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry_point", list(EntryPoint))
async def test_blocked_words_hold_at_every_entry_point(
    moderation: Moderation, house_rules: HouseRules, entry_point: EntryPoint
) -> None:
    assert await house_rules.applied(asked(entry_point=entry_point), WAN22_I2V_FLASH) == asked(
        entry_point=entry_point
    )
    await moderation.set_settings(HERE, GuildSettings(blocked_words=("Gun",)), by_id=MOD)
    with pytest.raises(WordBlocked):
        await house_rules.applied(asked(entry_point=entry_point), WAN22_I2V_FLASH)
    unwanted = asked(
        entry_point=entry_point, options=make_options(prompt="fine", negative_prompt="no GUN")
    )
    assert await house_rules.applied(unwanted, WAN22_I2V_FLASH) == unwanted
    direct = asked(entry_point=entry_point, place=make_place(guild_id=None))
    assert await house_rules.applied(direct, WAN22_I2V_FLASH) == direct


async def test_channels_and_their_threads(moderation: Moderation, house_rules: HouseRules) -> None:
    await moderation.set_settings(HERE, GuildSettings(channels=frozenset({3})), by_id=MOD)
    await house_rules.applied(asked(), WAN22_I2V_FLASH)
    thread = make_place(guild_id=HERE, channel_id=30, parent_channel_id=3)
    await house_rules.applied(asked(place=thread), WAN22_I2V_FLASH)
    for place in (
        make_place(guild_id=HERE, channel_id=4),
        make_place(guild_id=HERE, channel_id=40, parent_channel_id=4),
    ):
        with pytest.raises(PlaceRefused):
            await house_rules.applied(asked(place=place), WAN22_I2V_FLASH)


@pytest.mark.parametrize("guild_id", [None, HERE], ids=["direct", "server"])
async def test_an_operator_s_watermark_is_on_every_video_whatever_else_is_wanted(
    guild_id: int | None, moderation: Moderation, store: tuple[ModerationStore, TaskStore]
) -> None:
    await moderation.set_settings(HERE, GuildSettings(watermark=False), by_id=MOD)
    always = HouseRules(store=store[0], watermark_always=True)
    plain = asked(place=make_place(guild_id=guild_id))
    assert not plain.options.watermark
    ruled = await always.applied(plain, WAN22_I2V_FLASH)
    assert ruled == replace(plain, options=replace(plain.options, watermark=True))


@pytest.mark.parametrize("guild_id", [None, HERE], ids=["direct", "server"])
async def test_the_operator_s_words_are_blocked_everywhere_and_not_in_the_negative_prompt(
    guild_id: int | None, moderation: Moderation, store: tuple[ModerationStore, TaskStore]
) -> None:
    await moderation.set_settings(HERE, GuildSettings(blocked_words=("cat",)), by_id=MOD)
    rules = HouseRules(store=store[0], operator_words=("gun", "blood"))
    place = make_place(guild_id=guild_id)
    with pytest.raises(WordBlockedEverywhere):
        await rules.applied(asked(place=place, prompt="two Guns"), WAN22_I2V_FLASH)
    fine = asked(place=place, prompt="a rose", negative_prompt="blood, gun")
    assert await rules.applied(fine, WAN22_I2V_FLASH) == fine
    if guild_id is not None:
        with pytest.raises(WordBlocked):
            await rules.applied(asked(place=place, prompt="a cat"), WAN22_I2V_FLASH)


async def test_four_thousand_words_of_the_operator_take_a_prompt_no_time(
    store: tuple[ModerationStore, TaskStore],
) -> None:
    words = tuple(f"{number:x}".translate(LETTERS) for number in range(100_000, 104_000))
    rules = HouseRules(store=store[0], operator_words=words)
    prompt = " ".join(f"{number:x}".translate(LETTERS) for number in range(200_000, 200_100))
    long = asked(place=make_place(guild_id=None), prompt=prompt)
    began = process_time()
    for _ in range(10):
        await rules.applied(long, WAN22_I2V_FLASH)
    # The list is prepared once: to prepare it takes more than this each time.
    assert (process_time() - began) / 10 < 0.05
    with pytest.raises(WordBlockedEverywhere):
        await rules.applied(
            replace(long, options=replace(long.options, prompt=f"{prompt[:700]} {words[-1]}")),
            WAN22_I2V_FLASH,
        )


async def test_settings_that_a_server_forces(
    moderation: Moderation, house_rules: HouseRules
) -> None:
    forced = GuildSettings(watermark=True, spoiler=True, resolution="480P")
    await moderation.set_settings(HERE, forced, by_id=MOD)
    options = (await house_rules.applied(asked(resolution_chosen=False), WAN22_I2V_FLASH)).options
    assert (options.watermark, options.spoiler, options.resolution) == (True, True, "480P")
    assert (await house_rules.applied(asked(), WAN22_I2V_FLASH)).options.resolution == "720P"
    # A setting is forced only if the model of this video supports it.
    large = replace(WAN22_I2V_FLASH, resolutions=("720P", "1080P"))
    other = (await house_rules.applied(asked(resolution_chosen=False), large)).options
    assert (other.watermark, other.resolution) == (True, "720P")
    await moderation.set_settings(HERE, GuildSettings(resolution="4K"), by_id=MOD)
    unknown = (await house_rules.applied(asked(resolution_chosen=False), WAN22_I2V_FLASH)).options
    assert unknown.resolution == "720P"


async def test_what_two_moderators_set_at_once_has_to_go_together(moderation: Moderation) -> None:
    found = await moderation.settings(HERE)
    silent = replace(found, models=(WAN22_I2V_FLASH.id, WAN22_I2V_PLUS.id))
    with_sound = replace(found, model=WAN26_I2V_FLASH.id, language="de")
    # Whoever comes second is told, and nothing of theirs is stored.
    for first, second in ((silent, with_sound), (with_sound, silent)):
        await moderation.set_settings(HERE, found, by_id=MOD)
        await moderation.set_settings(HERE, first, found=found, by_id=MOD)
        with pytest.raises(SettingsClash) as caught:
            await moderation.set_settings(HERE, second, found=found, by_id=MOD)
        assert caught.value.cause.option == "default_model"
        assert await moderation.settings(HERE) == first
    # Alone, it is simply refused.
    with pytest.raises(OptionRefused):
        await moderation.set_settings(HERE, replace(silent, model=with_sound.model), by_id=MOD)


async def test_channels_that_two_moderators_add_at_once_are_both_added(
    moderation: Moderation,
) -> None:
    before = GuildSettings(channels=frozenset({1, 2}))
    await moderation.set_settings(HERE, before, by_id=MOD)
    await moderation.set_settings(
        HERE, replace(before, channels=frozenset({2, 3})), found=before, by_id=MOD
    )
    await moderation.set_settings(
        HERE, replace(before, channels=frozenset({1, 2, 4})), found=before, by_id=MOD
    )
    assert (await moderation.settings(HERE)).channels == {2, 3, 4}
    # Together, they are no more than one moderator could add.
    full = GuildSettings(channels=frozenset(range(MOST_CHANNELS - 1)))
    await moderation.set_settings(HERE, full, by_id=MOD)
    first, second = (replace(full, channels=full.channels | {one}) for one in (1001, 1002))
    await moderation.set_settings(HERE, first, found=full, by_id=MOD)
    with pytest.raises(SettingsClash):
        await moderation.set_settings(HERE, second, found=full, by_id=MOD)


async def test_a_default_model_that_is_gone_keeps_nobody_from_other_changes(
    moderation: Moderation, store: tuple[ModerationStore, TaskStore]
) -> None:
    gone = GuildSettings(model="wan2.2-i2v-flash")
    await store[0].set_settings(HERE, gone, by_id=MOD)
    changed = replace(gone, language="de", models=(WAN22_I2V_PLUS.id,))
    await moderation.set_settings(HERE, changed, found=gone, by_id=MOD)
    assert await moderation.settings(HERE) == changed
    # Nobody can choose it anew.
    with pytest.raises(OptionRefused, match="default_model"):
        await moderation.set_settings(HERE, gone, found=GuildSettings(), by_id=MOD)
