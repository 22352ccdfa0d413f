"""Moderators choose models and prices, with the real client and a real database."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.guilds.guild import GuildSettings
from bot.domain.money import Usd
from bot.ui.registered import kept
from sandbox.discord import Person, Upload
from tests.cogs.moderation.moderation_helpers import Moderated, answer, moderated
from tests.factories import SEVERAL, make_picture
from tests.ui.client_fixture import connected_bot, until

SILENT = "wan22_i2v_flash, wan2.2-i2v-plus"


@pytest.fixture
async def moderated_bot(tmp_path: Path) -> AsyncIterator[Moderated]:
    async with moderated(tmp_path, models=SEVERAL) as running:
        yield running


async def settings(moderated_bot: Moderated) -> GuildSettings:
    return await moderated_bot.rules.settings(moderated_bot.bot.local.world.guild.id)


async def models(person: Person) -> list[str]:
    found = await person.complete("animate", "model", "")
    return [one["value"] for one in found]


async def animate(person: Person, **options: Any) -> str:
    """Send a command that is refused before a channel sees anything, and return the words."""
    photo = Upload("photo.png", make_picture("PNG"))
    shown = await person.command("animate", image=photo, prompt="waves", raw=True, **options)
    assert shown.ephemeral
    assert shown.message is not None
    return shown.message.text


async def test_a_model_that_moderators_leave_out_is_neither_offered_nor_taken(
    moderated_bot: Moderated, ada: Person, mona: Person
) -> None:
    words = await answer(mona, "settings set", models="Wan 2.2 plus, wan22_i2v_flash")
    assert "Models that members may use: Wan 2.2 flash, Wan 2.2 plus" in words
    assert (await settings(moderated_bot)).models == ("wan22_i2v_flash", "wan2.2-i2v-plus")
    assert await models(ada) == ["wan22_i2v_flash", "wan2.2-i2v-plus"]
    assert await animate(ada, model="Wan 2.6 flash") == (
        "This server's moderators don't allow the model Wan 2.6 flash for you. You can use: "
        "Wan 2.2 flash, Wan 2.2 plus.\nYou wrote:\n> waves"
    )
    assert moderated_bot.bot.intake.submissions == []
    await answer(mona, "settings set", models="none")
    assert len(await models(ada)) == 3


async def test_a_role_may_use_more(moderated_bot: Moderated, ada: Person, mona: Person) -> None:
    world = moderated_bot.bot.local.world
    artists = world.add_role(world.guild, "Artists")
    moderated_bot.bot.local.tell_role(artists, new=True)
    world.guild.members[ada.id].roles.add(artists.id)
    await answer(mona, "settings set", models=SILENT)
    words = await answer(mona, "quota-admin role", role=artists, models="wan 2.6 flash")
    assert f"Role <@&{artists.id}> may also use: Wan 2.6 flash" in words
    assert "has no limit of its own" in words
    assert "wan2.6-i2v-flash" in await models(ada)
    assert "wan2.6-i2v-flash" not in await models(mona)
    # Somebody who loses the role after the choices were shown is told, and nothing is shown.
    world.guild.members[ada.id].roles.discard(artists.id)
    assert "don't allow the model Wan 2.6 flash for you" in await animate(
        ada, model="wan2.6-i2v-flash"
    )
    assert moderated_bot.bot.intake.submissions == []
    assert "models for the role" in await answer(mona, "quota-admin log")
    await answer(mona, "quota-admin role", role=artists, videos=3)
    assert "may also use: Wan 2.6 flash" in await answer(mona, "quota-admin server")
    words = await answer(mona, "quota-admin role", role=artists, models="none")
    assert "may also use" not in words
    assert f"Role <@&{artists.id}>: 3" in words


async def test_the_servers_default_model_is_used_if_none_is_chosen(
    moderated_bot: Moderated, ada: Person, mona: Person
) -> None:
    await answer(mona, "settings set", model="wan2.2-i2v-plus", resolution="1080P")
    assert (await models(ada))[0] == "wan2.2-i2v-plus"
    photo = Upload("photo.png", make_picture("PNG"))
    await ada.command("animate", image=photo, prompt="waves")
    [submission] = await until(lambda: moderated_bot.bot.intake.submissions)
    assert (submission.model, submission.options.resolution) == ("wan2.2-i2v-plus", "1080P")


async def test_what_costs_more_than_the_highest_price_is_not_offered(
    moderated_bot: Moderated, ada: Person, mona: Person
) -> None:
    words = await answer(mona, "settings set", highest_price_usd=0.15)
    assert "Highest price of a video: $0.15" in words
    assert await models(ada) == ["wan22_i2v_flash", "wan2.2-i2v-plus"]
    found = await ada.complete("animate", "resolution", "", model="wan2.2-i2v-plus")
    assert [one["value"] for one in found] == ["480P"]
    assert "highest price of a video: none → $0.15" in await answer(mona, "quota-admin log")
    await answer(mona, "settings set", highest_price_usd=-1)
    assert (await settings(moderated_bot)).highest_price is None


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "models": ({"models": "wan22_i2v_flash, sora"}, "There's no model “sora” here."),
    "model": ({"models": SILENT, "model": "wan2.6-i2v-flash"}, "can't be the default model"),
    "unknown model": ({"model": "sora"}, "Members may not use"),
    "price": ({"highest_price_usd": 0.0}, "must be more than 0"),
    "no price": ({"highest_price_usd": -0.5}, "must be more than 0"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_rule_that_cannot_be_is_refused(
    case: str, moderated_bot: Moderated, mona: Person
) -> None:
    given, words = REFUSED[case]
    assert words in await answer(mona, "settings set", raw=True, **given)
    assert await settings(moderated_bot) == GuildSettings()


async def test_a_server_that_allows_no_model_that_is_left_says_so(
    moderated_bot: Moderated, ada: Person
) -> None:
    gone = GuildSettings(models=("wan2.2-i2v-flash",), highest_price=Usd.parse("1"))
    await moderated_bot.rules.set_settings(moderated_bot.bot.local.world.guild.id, gone, by_id=1)
    assert await models(ada) == []
    assert "moderators allow no model that I offer" in await animate(ada)


async def test_lists_of_models_are_completed_one_by_one(
    moderated_bot: Moderated, mona: Person
) -> None:
    first = await mona.complete("settings set", "models", "")
    assert first[0] == {"name": "Wan 2.2 flash", "value": "wan22_i2v_flash"}
    assert first[-1] == {"name": "none", "value": "none"}
    second = await mona.complete("settings set", "models", "wan22_i2v_flash, 2.6")
    assert second == [
        {"name": "Wan 2.2 flash, Wan 2.6 flash", "value": "wan22_i2v_flash, wan2.6-i2v-flash"}
    ]


async def test_with_one_model_moderators_have_nothing_new_to_choose(tmp_path: Path) -> None:
    file = tmp_path / "commands.json"
    async with connected_bot(tmp_path, commands_file=file):
        found = {one["name"]: one for one in kept(file) or []}
    words = json.dumps([found["settings"], found["quota-admin"]])
    assert '"models"' not in words
    assert '"model"' not in words
    assert '"highest_price_usd"' not in words
