"""What a server's moderators decided about models and prices holds at every entry point."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import WAN22_I2V_FLASH, WAN22_I2V_PLUS, WAN26_I2V_FLASH, Model, Models
from bot.domain.money import Usd
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint
from bot.errors import ModelForbidden, PriceForbidden
from bot.services.allowances import Allowances
from bot.services.guild_settings import HouseRules
from bot.services.intake.model_policy import ModelPolicy
from bot.storage.engine.database import Database, open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.tasks.tasks import TaskStore
from tests.factories import (
    SEVERAL,
    make_frame,
    make_limits,
    make_options,
    make_person,
    make_place,
    make_prices,
)

ONE = Models(default=WAN22_I2V_FLASH)
ARTISTS = 77
HERE = make_place().guild_id or 0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/x.db") as opened:
        yield opened


@pytest.fixture
def rules(database: Database) -> ModerationStore:
    return ModerationStore(database, clock=SystemClock())


def house_rules(database: Database, models: Models = SEVERAL) -> HouseRules:
    tasks, store = (kind(database, clock=SystemClock()) for kind in (TaskStore, ModerationStore))
    assert isinstance(tasks, TaskStore)
    assert isinstance(store, ModerationStore)
    prices = make_prices(*models.offered)
    allowances = Allowances(tasks=tasks, default=make_limits(), prices=prices)
    policy = ModelPolicy(store=store, models=models, allowances=allowances)
    return HouseRules(store=store, model_policy=policy)


def asked(model: Model, *roles: int, server: int | None = HERE, **options: object) -> Submission:
    return Submission(
        picture=make_frame(),
        options=make_options(**options),
        person=make_person(role_ids=frozenset(roles)),
        place=make_place(guild_id=server),
        entry_point=EntryPoint.REROLL,
        model=model.id,
    )


async def test_a_model_that_was_forbidden_since_is_refused_also_for_a_reroll(
    database: Database, rules: ModerationStore
) -> None:
    await rules.set_settings(HERE, GuildSettings(models=(WAN22_I2V_FLASH.id,)), by_id=1)
    ruled = house_rules(database)
    await ruled.applied(asked(WAN22_I2V_FLASH), WAN22_I2V_FLASH)
    with pytest.raises(ModelForbidden) as refused:
        await ruled.applied(asked(WAN26_I2V_FLASH), WAN26_I2V_FLASH)
    assert (refused.value.model, refused.value.allowed) == ("Wan 2.6 flash", ("Wan 2.2 flash",))
    await ruled.applied(asked(WAN26_I2V_FLASH, server=None), WAN26_I2V_FLASH)
    await ruled.applied(asked(WAN26_I2V_FLASH, server=HERE + 1), WAN26_I2V_FLASH)


async def test_a_role_adds_models_for_its_members_only(
    database: Database, rules: ModerationStore
) -> None:
    await rules.set_settings(HERE, GuildSettings(models=(WAN22_I2V_FLASH.id,)), by_id=1)
    await rules.set_role_models(HERE, ARTISTS, (WAN26_I2V_FLASH.id,), by_id=1)
    ruled = house_rules(database)
    await ruled.applied(asked(WAN26_I2V_FLASH, 5, ARTISTS), WAN26_I2V_FLASH)
    with pytest.raises(ModelForbidden):
        await ruled.applied(asked(WAN22_I2V_PLUS, ARTISTS), WAN22_I2V_PLUS)
    with pytest.raises(ModelForbidden):
        await ruled.applied(asked(WAN26_I2V_FLASH, 5), WAN26_I2V_FLASH)


async def test_a_video_over_the_highest_price_is_refused_with_what_fits(
    database: Database, rules: ModerationStore
) -> None:
    price = Usd.parse("0.2")
    await rules.set_settings(HERE, GuildSettings(highest_price=price), by_id=1)
    ruled = house_rules(database)
    await ruled.applied(asked(WAN26_I2V_FLASH, seconds=15), WAN26_I2V_FLASH)
    with pytest.raises(PriceForbidden) as refused:
        await ruled.applied(asked(WAN26_I2V_FLASH, resolution="1080P"), WAN26_I2V_FLASH)
    assert (refused.value.estimate, refused.value.highest) == (Usd.parse("0.4"), price)
    nearest = refused.value.fits[0].kind
    assert (nearest.model, nearest.resolution, nearest.seconds) == (WAN26_I2V_FLASH.id, "720P", 5)


async def test_with_one_model_old_rules_about_several_do_not_apply(
    database: Database, rules: ModerationStore
) -> None:
    old = GuildSettings(models=(WAN26_I2V_FLASH.id,), highest_price=Usd(1))
    await rules.set_settings(HERE, old, by_id=1)
    await house_rules(database, ONE).applied(asked(WAN22_I2V_FLASH), WAN22_I2V_FLASH)
