"""`/settings`, with the real client and a real database."""

import re

import pytest

from bot.domain.guilds.guild import BLOCKED_WORD_CHARS, GuildSettings
from bot.errors import PlaceProblem, PlaceRefused
from bot.storage.guilds.moderation import ModerationStore
from sandbox.discord import LocalDiscord, Permission, Person, Role
from sandbox.discord.state.model import ChannelKind
from tests.cogs.moderation.moderation_helpers import Moderated, answer
from tests.cogs.places.user_install_places import animate, told
from tests.ui.client_fixture import Bot, until


@pytest.fixture
def local(bot: Bot) -> LocalDiscord:
    return bot.local


def everyone(local: LocalDiscord) -> Role:
    guild = local.world.guild
    return guild.roles[guild.id]


async def kept(local: LocalDiscord, rules: ModerationStore) -> GuildSettings:
    return await rules.settings(local.world.guild.id)


async def test_a_server_without_settings_shows_the_defaults(mona: Person) -> None:
    shown = await answer(mona, "settings show")
    assert "Allowed channels: all" in shown
    assert "Default resolution: 720P" in shown
    assert "Log channel: none" in shown
    assert "Notify people when a slow video is ready: on" in shown
    assert await answer(mona, "settings set") == shown


async def test_options_that_are_left_out_stay_unchanged(
    local: LocalDiscord, rules: ModerationStore, mona: Person
) -> None:
    words = await answer(mona, "settings set", resolution="480P", spoiler=True)
    assert words == (
        "Done. This holds now:\n- Default resolution: 480P\n- Spoiler on every video: on"
    )
    await answer(mona, "settings set", announce=False)
    assert await kept(local, rules) == GuildSettings(
        resolution="480P", spoiler=True, announce=False
    )
    await answer(mona, "settings set", resolution="none")
    assert (await kept(local, rules)).resolution is None


async def test_a_deleted_channel_goes_with_the_next_change(
    local: LocalDiscord, rules: ModerationStore, mona: Person
) -> None:
    gone = local.world.add_channel(local.world.guild, "gone")
    local.tell_channel(gone, new=True)
    general = local.world.channel("general")
    await answer(mona, "settings set", channel_add=gone)
    local.tell_channel_gone(gone)
    await answer(mona, "settings set", channel_add=general)
    assert (await kept(local, rules)).channels == {general.id}
    await answer(mona, "settings set", channel_remove=general)
    assert (await kept(local, rules)).channels == frozenset()


async def test_role_and_log_channel_are_taken_away_again(
    local: LocalDiscord, rules: ModerationStore, mona: Person
) -> None:
    world = local.world
    role = world.add_role(world.guild, "Helpers")
    local.tell_role(role, new=True)
    general = world.channel("general")
    await answer(mona, "settings set", moderator_role=role, log_channel=general)
    found = await kept(local, rules)
    assert (found.moderator_role_id, found.log_channel_id) == (role.id, general.id)
    everyone = world.guild.roles[world.guild.id]
    await answer(mona, "settings set", moderator_role=everyone, log_channel=general)
    assert await kept(local, rules) == GuildSettings()


async def test_blocked_words_are_tidied_hidden_and_bounded(
    local: LocalDiscord, rules: ModerationStore, mona: Person
) -> None:
    words = await answer(mona, "settings set", blocked_words=" bad  word,worse， 龙,,bad word ")
    assert "Blocked words: ||bad word||, ||worse||, ||龙||" in words
    assert (await kept(local, rules)).blocked_words == ("bad word", "worse", "龙")
    assert "||bad word||, ||worse||, ||龙||" in await answer(mona, "settings show")
    refused = await answer(mona, "settings set", blocked_words="x" * (BLOCKED_WORD_CHARS + 1))
    assert "up to 60 characters each" in refused
    await answer(mona, "settings set", blocked_words="none")
    assert (await kept(local, rules)).blocked_words == ()


async def test_a_blocked_word_is_kept_once_however_it_is_written(
    local: LocalDiscord, rules: ModerationStore, mona: Person
) -> None:
    words = await answer(mona, "settings set", blocked_words="Gun, gun, ＧＵＮ")
    assert words.endswith("- Blocked words: ||Gun||")
    assert (await kept(local, rules)).blocked_words == ("Gun",)


async def test_as_many_words_as_can_be_fit_into_what_is_shown(mona: Person) -> None:
    await answer(mona, "settings set", blocked_words=",".join(f"word{n}" for n in range(200)))
    shown = await answer(mona, "settings show")
    assert "||word0||" in shown
    assert " more\n- Notify people when a slow video is ready: on" in shown


async def test_a_channel_in_which_it_cannot_post_videos_is_warned_about(
    local: LocalDiscord, mona: Person
) -> None:
    closed = local.world.channel("no-files")
    words = await answer(mona, "settings set", channel_add=closed)
    assert words.splitlines() == [
        "Done. This holds now:",
        f"- Allowed channels: <#{closed.id}>",
        f"- ⚠️ I can't post videos in <#{closed.id}>: I'm missing Attach Files there.",
    ]
    words = await answer(mona, "settings set", channel_add=local.world.channel("general"))
    assert "⚠️" not in words
    assert "⚠️" in await answer(mona, "settings show")


async def test_a_forum_needs_permission_for_its_threads(local: LocalDiscord, mona: Person) -> None:
    world = local.world
    forum = world.add_channel(world.guild, "ideas", kind=ChannelKind.FORUM)
    world.set_overwrite(forum, everyone(local), deny=Permission.SEND_MESSAGES_IN_THREADS)
    local.tell_channel(forum, new=True)
    words = await answer(mona, "settings set", channel_add=forum)
    assert "I'm missing Send Messages in Threads there." in words


async def test_a_refusal_names_the_channels_that_its_reader_can_view(
    moderated_bot: Moderated, local: LocalDiscord
) -> None:
    world = local.world
    hidden = world.add_channel(world.guild, "hidden")
    world.set_overwrite(hidden, everyone(local), deny=Permission.VIEW_CHANNEL)
    mona = world.guild.members[local.person("Mona").id]
    world.set_overwrite(hidden, mona, allow=Permission.VIEW_CHANNEL)
    local.tell_channel(hidden, new=True)
    general = world.channel("general")
    allowed = frozenset({hidden.id, general.id, 404})
    moderated_bot.bot.intake.error = PlaceRefused(
        PlaceProblem.CHANNEL_NOT_ALLOWED, allowed_channel_ids=allowed
    )
    for name, mentioned in (("Ada", {general.id}), ("Mona", {general.id, hidden.id})):
        person = local.person(name)
        await animate(person, general)
        (words,) = await until(lambda person=person: told(person, general), "the refusal")
        assert set(map(int, re.findall(r"<#(\d+)>", words))) == mentioned
