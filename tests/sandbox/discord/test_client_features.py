"""What a bot needs from Discord, feature by feature, with discord.py's real client."""

import asyncio
import io
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord import Fault, LocalDiscord, Permission, Upload
from sandbox.discord.rules.permissions import permissions_in
from sandbox.discord.rules.rates import Rate, Rates
from tests.factories import make_picture
from tests.sandbox.discord.discord_client import Client, connected_client, usual_intents

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
MESSAGES = "/channels/{channel_id}/messages"


def general(client: Client, local: LocalDiscord) -> discord.TextChannel:
    channel = client.get_channel(local.world.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    return channel


def video(size: int = 4) -> discord.File:
    return discord.File(io.BytesIO(b"x" * size), "v.mp4")


# --- messages -------------------------------------------------------------------------------


async def test_the_same_nonce_gives_the_same_message() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        channel = general(client, local)
        first = await channel.send("one", nonce="task-1")
        again = await channel.send("one, again", nonce="task-1")
        other = await channel.send("two", nonce="task-2")
        assert (again.id, again.content) == (first.id, "one")
        assert other.id != first.id
        assert [m.content for m in local.person("Ada").sees()] == ["one", "two"]


async def test_history_goes_by_pages() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        ada = local.person("Ada")
        posted = [await ada.say("general", str(number)) for number in range(120)]
        channel = general(client, local)
        everything = [message.id async for message in channel.history(limit=None)]
        assert everything == [message.id for message in reversed(posted)]
        some = channel.history(limit=3, after=discord.Object(posted[10].id), oldest_first=True)
        assert [message.id async for message in some] == [message.id for message in posted[11:14]]


async def test_files_are_kept_replaced_and_hidden_behind_an_embed() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        channel = general(client, local)
        sent = await channel.send("a", files=[video(1), video(2)])
        await sent.edit(attachments=[sent.attachments[1], video(3)])
        kept = local.person("Ada").sees()[0]
        assert [len(file.data) for file in kept.files] == [2, 3]
        await sent.edit(content="words only")
        assert len(kept.files) == 2
        picture = discord.File(io.BytesIO(make_picture()), "p.png", spoiler=False)
        embed = discord.Embed().set_image(url="attachment://p.png")
        shown = await channel.send(embed=embed, file=picture)
        assert shown.attachments == []
        url = shown.embeds[0].image.url
        assert url is not None
        assert await client.http.get_from_cdn(url) == make_picture()


async def test_an_edit_with_a_list_without_the_file_takes_it_away() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        channel = general(client, local)
        await channel.send(view=_gallery(), file=discord.File(io.BytesIO(b"v"), "v.mp4"))
        sent = local.person("Ada").sees()[-1]
        partial = channel.get_partial_message(sent.id)
        await partial.edit(view=_words())
        assert len(sent.files) == 1
        with pytest.raises(discord.HTTPException, match="attachment was not found"):
            await partial.edit(view=_gallery(), attachments=[])
        assert len(sent.files) == 1
        await partial.edit(view=_words(), attachments=[])
        assert sent.files == []


def _gallery() -> discord.ui.LayoutView:
    view = discord.ui.LayoutView()
    item = discord.MediaGalleryItem("attachment://v.mp4")
    return view.add_item(discord.ui.MediaGallery(item))


def _words() -> discord.ui.LayoutView:
    return discord.ui.LayoutView().add_item(discord.ui.TextDisplay("words"))


async def test_only_the_allowed_are_mentioned() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        ada, grace = local.person("Ada"), local.person("Grace")
        words = f"<@{ada.id}> <@{grace.id}> @everyone"
        only_ada = discord.AllowedMentions(
            users=[discord.Object(ada.id)], everyone=False, roles=False
        )
        await general(client, local).send(words, allowed_mentions=only_ada)
        await general(client, local).send(words, allowed_mentions=discord.AllowedMentions.none())
        assert [[user.name for user in m.mentions] for m in ada.sees()] == [["Ada"], []]


async def test_a_message_reaches_a_person_alone() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        ada = await client.fetch_user(local.person("Ada").id)
        sent = await ada.send("in private", file=video())
        await sent.edit(content="in private, changed")
        assert [m.content for m in local.person("Ada").direct_messages()] == ["in private, changed"]
        assert local.person("Grace").direct_messages() == []


# --- events ---------------------------------------------------------------------------------


async def test_raw_reactions_carry_the_member_when_added() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        ada = local.person("Ada")
        posted = await ada.say("general", "hello")
        adding = asyncio.create_task(client.wait_for("raw_reaction_add", timeout=20))
        removing = asyncio.create_task(client.wait_for("raw_reaction_remove", timeout=20))
        await asyncio.sleep(0)
        await ada.react(posted, "🔁")
        await ada.unreact(posted, "🔁")
        added, removed = await adding, await removing
        assert (added.user_id, added.message_id, added.emoji.name) == (ada.id, posted.id, "🔁")
        assert added.member is not None
        assert added.member.display_name == "Ada"
        assert removed.user_id == ada.id
        assert removed.member is None


async def test_the_content_of_messages_needs_an_intent() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        ada = local.person("Ada")
        waiting = asyncio.create_task(client.wait_for("message", timeout=20))
        await asyncio.sleep(0)
        await ada.say("general", "hello", Upload("cat.png", make_picture()))
        seen = await waiting
        assert (seen.content, seen.attachments, seen.author.id) == ("", [], ada.id)


async def _posted_in_many_ways(local: LocalDiscord, client: Client) -> dict[str, int]:
    """Post one message of each kind, and return their ids by kind."""
    ada, me = local.person("Ada"), local.world.bot.id
    cat = Upload("cat.png", make_picture())
    own = await general(client, local).send("mine")
    mine = local.world.messages[own.channel.id][own.id]
    shown = await ada.command("hello")
    assert shown.message is not None
    posted = {
        "a stranger's": await ada.say("general", "hello", cat),
        "with a mention": await ada.say("general", f"<@{me}> hello", cat),
        "a reply": await ada.say("general", "hello", cat, reply_to=mine),
        "a reply to an answer": await ada.say("general", "hello", cat, reply_to=shown.message),
        "the bot's own": mine,
    }
    return {name: message.id for name, message in posted.items()}


def _hello(client: Client) -> None:
    @client.tree.command(name="hello", description="Says hello.")
    async def hello(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")


UNREAD = {"a stranger's", "a reply to an answer"}


@pytest.mark.parametrize("switched_on", [False, True])
async def test_over_http_others_messages_are_empty_unless_the_application_may_read(
    switched_on: bool,
) -> None:
    """The application's switch decides, not the intents that a client asks the gateway for."""
    async with LocalDiscord() as local:
        if switched_on:
            local.gateway.allow_intents(discord.Intents(message_content=True).value)
        async with connected_client(local, _hello) as client:
            flags = (await client.application_info()).flags
            assert flags.gateway_message_content_limited is switched_on
            posted, channel = await _posted_in_many_ways(local, client), general(client, local)
            listed = {one.id: one async for one in channel.history()}
            for name, message_id in posted.items():
                for got in (await channel.fetch_message(message_id), listed[message_id]):
                    is_read = switched_on or name not in UNREAD
                    assert bool(got.content) is is_read, name
                    assert bool(got.attachments) is (is_read and name != "the bot's own"), name


async def test_in_direct_messages_everything_is_read_over_http() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        ada = local.person("Ada")
        await (await client.fetch_user(ada.id)).send("hi")
        posted = await ada.say("@me", "hello", Upload("cat.png", make_picture()))
        channel = client.get_partial_messageable(posted.channel_id)
        got = await channel.fetch_message(posted.id)
        assert (got.content, len(got.attachments)) == ("hello", 1)


async def test_what_a_message_replies_to_is_as_empty_as_by_itself() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        posted = await local.person("Ada").say("general", "hello")
        sent = await general(client, local).send(
            "mine",
            reference=discord.MessageReference(message_id=posted.id, channel_id=posted.channel_id),
        )
        got = await sent.channel.fetch_message(sent.id)
        assert got.content == "mine"
        assert got.reference is not None
        assert isinstance(got.reference.resolved, discord.Message)
        assert (got.reference.resolved.id, got.reference.resolved.content) == (posted.id, "")


async def test_the_target_of_a_menu_comes_whole_and_what_it_replies_to_does_not() -> None:
    targets: list[discord.Message] = []

    def setup(client: Client) -> None:
        @client.tree.context_menu(name="Look")
        async def look(interaction: discord.Interaction, message: discord.Message) -> None:
            targets.append(message)
            await interaction.response.send_message("seen")

    async with LocalDiscord() as local, connected_client(local, setup):
        ada = local.person("Ada")
        first = await ada.say("general", "first")
        posted = await ada.say("general", "hello", Upload("c.png", make_picture()), reply_to=first)
        await ada.menu("Look", posted)
        [target] = targets
        assert (target.content, len(target.attachments)) == ("hello", 1)
        assert target.reference is not None
        assert isinstance(target.reference.resolved, discord.Message)
        assert target.reference.resolved.content == ""


async def test_privileged_intents_are_refused() -> None:
    async with LocalDiscord() as local:
        intents = usual_intents()
        intents.message_content = True
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with connected_client(local, intents=intents):
                pass
        local.gateway.allow_intents(intents.value)
        async with connected_client(local, intents=intents):
            assert local.gateway.ready


async def test_changes_of_the_server_are_told() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        world = local.world
        told = asyncio.create_task(client.wait_for("guild_channel_create", timeout=20))
        await asyncio.sleep(0)
        local.tell_channel(world.add_channel(world.guild, "later"), new=True)
        assert (await told).name == "later"
        bot = world.guild.members[world.bot.id]
        changed = asyncio.create_task(client.wait_for("guild_channel_update", timeout=20))
        await asyncio.sleep(0)
        world.set_overwrite(world.channel("later"), bot, deny=Permission.ATTACH_FILES)
        local.tell_channel(world.channel("later"))
        _, after = await changed
        assert not after.permissions_for(after.guild.me).attach_files


# --- interactions ---------------------------------------------------------------------------


async def test_an_interaction_says_who_may_what_where() -> None:
    seen: list[dict[str, Any]] = []

    def setup(client: Client) -> None:
        @client.tree.command(description="Look")
        async def look(interaction: discord.Interaction) -> None:
            seen.append(
                {
                    "bot": interaction.app_permissions.attach_files,
                    "person": interaction.permissions.manage_guild,
                    "limit": interaction.filesize_limit,
                    "where": interaction.channel_id,
                }
            )
            await interaction.response.send_message("seen", ephemeral=True)

    async with LocalDiscord() as local, connected_client(local, setup):
        local.person("Ada").user.upload_limit = 500 * 1024 * 1024
        await local.person("Ada").command("look", channel="no-files")
        await local.person("Mona").command("look")
        ten = 10 * 1024 * 1024
        no_files, usual = (local.world.channel(name).id for name in ("no-files", "general"))
        assert seen == [
            {"bot": False, "person": False, "limit": 50 * ten, "where": no_files},
            {"bot": True, "person": True, "limit": ten, "where": usual},
        ]


async def test_a_persistent_button_works_in_another_client() -> None:
    class Again(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"again:(?P<task>\w+)"):
        def __init__(self, task: str) -> None:
            self.task = task
            button: discord.ui.Button[Any] = discord.ui.Button(
                emoji="🔁", custom_id=f"again:{task}"
            )
            super().__init__(button)

        @classmethod
        async def from_custom_id(
            cls, interaction: discord.Interaction, item: Any, match: Any, /
        ) -> "Again":
            return cls(match["task"])

        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message(f"again {self.task}", ephemeral=True)

    async with LocalDiscord() as local:
        async with connected_client(local) as client:
            view = discord.ui.View(timeout=None)
            view.add_item(Again("t1"))
            await general(client, local).send("result", view=view)
        async with connected_client(local, lambda other: other.add_dynamic_items(Again)):
            ada = local.person("Ada")
            shown = await ada.press(ada.sees()[0], "🔁")
            assert shown.message is not None
            assert (shown.message.content, shown.ephemeral) == ("again t1", True)


async def test_a_modal_from_a_message_menu() -> None:
    class Ask(discord.ui.Modal, title="Animate"):
        prompt: discord.ui.Label[Any] = discord.ui.Label(
            text="Prompt",
            component=discord.ui.TextInput(custom_id="prompt", max_length=10),
        )

        async def on_submit(self, interaction: discord.Interaction) -> None:
            assert isinstance(self.prompt.component, discord.ui.TextInput)
            await interaction.response.send_message(self.prompt.component.value)

    def setup(client: Client) -> None:
        @client.tree.context_menu(name="Animate")
        async def menu(interaction: discord.Interaction, message: discord.Message) -> None:
            assert len(message.attachments) == 1
            await interaction.response.send_modal(Ask())

    async with LocalDiscord() as local, connected_client(local, setup) as client:
        ada = local.person("Ada")
        posted = await ada.say("general", "look", Upload("cat.png", make_picture()))
        opened = await ada.menu("Animate", posted)
        answered = await ada.submit_modal(opened, {"prompt": "it blinks"})
        assert answered.message is not None
        assert answered.message.content == "it blinks"
        assert client.errors == []


async def test_command_permissions_of_the_server_can_be_read() -> None:
    def setup(client: Client) -> None:
        @client.tree.command(description="Try")
        async def animate(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("done")

    async with LocalDiscord() as local, connected_client(local, setup) as client:
        command = (await client.tree.fetch_commands())[0]
        guild = client.get_guild(local.world.guild.id)
        assert guild is not None
        with pytest.raises(discord.NotFound):
            await command.fetch_permissions(guild)
        ada = local.person("Ada")
        entry = {"id": str(ada.id), "type": 2, "permission": False}
        local.world.command_permissions[guild.id, command.id] = [entry]
        found = await command.fetch_permissions(guild)
        assert [(one.id, one.permission) for one in found.permissions] == [(ada.id, False)]
        assert (ada.offered(), local.person("Grace").offered()) == ([], ["animate"])


async def test_a_command_in_a_thread() -> None:
    def setup(client: Client) -> None:
        @client.tree.command(description="Look")
        async def look(interaction: discord.Interaction) -> None:
            assert isinstance(interaction.channel, discord.Thread)
            await interaction.response.send_message(interaction.channel.name)

    async with LocalDiscord() as local:
        world = local.world
        parent = world.channel("general")
        thread = world.add_thread(parent, "aside", owner=world.user("Ada"))
        async with connected_client(local, setup) as client:
            shown = await local.person("Ada").command("look", channel="aside")
            assert shown.message is not None
            assert (shown.message.content, shown.message.channel_id) == ("aside", thread.id)
            thread.archived = True
            channel = client.get_partial_messageable(thread.id)
            with pytest.raises(discord.HTTPException, match="archived"):
                await channel.get_partial_message(shown.message.id).edit(content="x")
            await channel.send("writing opens it again")
            assert not thread.archived
            assert client.errors == []


async def test_options_complete_while_one_types() -> None:
    def setup(client: Client) -> None:
        @client.tree.command(description="Find")
        async def find(interaction: discord.Interaction, task: str, other: str = "") -> None:
            await interaction.response.send_message(task)

        @find.autocomplete("task")
        async def tasks(
            interaction: discord.Interaction, typed: str
        ) -> list[discord.app_commands.Choice[str]]:
            other = interaction.namespace.other
            return [discord.app_commands.Choice(name=f"{typed} {other}", value="t1")]

    async with LocalDiscord() as local, connected_client(local, setup):
        offered = await local.person("Ada").complete("find", "task", "it", other="there")
        assert offered == [{"name": "it there", "value": "t1"}]


async def test_a_server_that_is_left() -> None:
    async with LocalDiscord() as local:
        guild = local.world.add_guild("Elsewhere", owner=local.world.user("Grace"))
        channel = local.world.add_channel(guild, "lobby")
        async with connected_client(local) as client:
            assert len(client.guilds) == 2
            leaving = asyncio.create_task(client.wait_for("guild_remove", timeout=20))
            await asyncio.sleep(0)
            local.tell_guild_gone(guild)
            assert (await leaving).id == guild.id
            with pytest.raises(discord.Forbidden, match="Missing Access"):
                await client.get_partial_messageable(channel.id).send("hello")


# --- permissions ----------------------------------------------------------------------------


async def test_permissions_come_out_as_discord_py_computes_them() -> None:
    local_ = LocalDiscord()
    world, guild = local_.world, local_.world.guild
    bot = guild.members[world.bot.id]
    painters = next(role for role in guild.roles.values() if role.name == "Painters")
    channel = world.add_channel(guild, "mixed")
    bot.roles.add(painters.id)
    world.set_overwrite(channel, guild.roles[guild.id], deny=Permission.SEND_MESSAGES)
    world.set_overwrite(
        channel, painters, allow=Permission.SEND_MESSAGES, deny=Permission.ADD_REACTIONS
    )
    world.set_overwrite(channel, bot, allow=Permission.ADD_REACTIONS)
    hidden = world.add_channel(guild, "hidden")
    world.set_overwrite(hidden, guild.roles[guild.id], deny=Permission.VIEW_CHANNEL)
    silent = world.add_channel(guild, "silent")
    world.set_overwrite(silent, bot, deny=Permission.SEND_MESSAGES)
    async with local_ as local, connected_client(local) as client:
        for one in guild.channels.values():
            theirs = client.get_channel(one.id)
            assert isinstance(theirs, discord.TextChannel)
            computed = theirs.permissions_for(theirs.guild.me).value
            ours = permissions_in(guild, bot, one)
            shared = sum(Permission) & discord.Permissions.all_channel().value
            # discord.py removes the voice permissions in a text channel.
            shared &= ~discord.Permissions.voice().value
            assert computed & shared == ours & shared, one.name


# --- rate limits and faults --------------------------------------------------------------------


async def test_requests_over_a_rate_limit_are_delayed_and_still_arrive() -> None:
    rates = Rates(table={("POST", MESSAGES): Rate(2, 0.3)})
    async with LocalDiscord(rates=rates) as local, connected_client(local) as client:
        channel = general(client, local)
        await asyncio.gather(*(channel.send(str(number)) for number in range(5)))
        assert {m.content for m in local.person("Ada").sees()} == {"0", "1", "2", "3", "4"}
        answered = [one for one in local.requests if one.route == MESSAGES]
        spread = answered[-1].started - answered[0].started
        assert spread >= 0.3


async def test_a_429_carries_what_clients_look_for() -> None:
    rates = Rates(table={("GET", "/users/@me"): Rate(1, 5.0)})
    async with LocalDiscord(rates=rates) as local, aiohttp.ClientSession() as session:
        url, headers = f"{local.api_url}/users/@me", {"Authorization": f"Bot {local.token}"}
        async with session.get(url, headers=headers) as answer:
            assert answer.status == 200
            assert answer.headers["X-RateLimit-Remaining"] == "0"
            bucket = answer.headers["X-RateLimit-Bucket"]
        async with session.get(url, headers=headers) as answer:
            assert answer.status == 429
            assert answer.headers["Via"]
            assert answer.headers["X-RateLimit-Bucket"] == bucket
            body = await answer.json()
        assert 4 < body.pop("retry_after") <= 5
        assert body == {"message": "You are being rate limited.", "global": False, "code": 0}


async def test_fifty_requests_a_second_over_everything() -> None:
    async with LocalDiscord() as local, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bot {local.token}"}
        channel = local.world.channel("general").id
        paths = ["/users/@me", f"/channels/{channel}"] * 30

        async def ask(path: str) -> tuple[int, str | None]:
            async with session.get(local.api_url + path, headers=headers) as answer:
                return answer.status, answer.headers.get("X-RateLimit-Global")

        answers = await asyncio.gather(*(ask(path) for path in paths))
        assert answers.count((200, None)) == 50
        assert answers.count((429, "true")) == 10


async def test_a_fault_before_the_effect_and_one_after() -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        channel = general(client, local)
        local.faults.add(Fault("POST", MESSAGES, status=503))
        with pytest.raises(discord.DiscordServerError):
            await channel.send("never")
        assert local.person("Ada").sees() == []
        local.faults.add(Fault("POST", MESSAGES, status_after=503))
        with pytest.raises(discord.DiscordServerError):
            await channel.send("arrived", nonce="n")
        assert [m.content for m in local.person("Ada").sees()] == ["arrived"]
        await channel.send("arrived", nonce="n")
        assert len(local.person("Ada").sees()) == 1


@pytest.mark.parametrize(("reset", "arrived"), [("before", []), ("after", ["hello"])])
async def test_a_broken_connection(reset: Any, arrived: list[str]) -> None:
    async with LocalDiscord() as local, connected_client(local) as client:
        fault = local.faults.add(Fault("POST", MESSAGES, reset=reset))
        with pytest.raises((OSError, aiohttp.ClientError)):
            await general(client, local).send("hello")
        assert fault.hits == 1
        assert [m.content for m in local.person("Ada").sees()] == arrived
        assert local.requests[-1].status == 0


async def test_a_500_on_the_callback_is_tried_again() -> None:
    def setup(client: Client) -> None:
        @client.tree.command(description="Try")
        async def animate(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("done")

    async with LocalDiscord() as local, connected_client(local, setup):
        local.faults.add(Fault("POST", CALLBACK, status=500))
        shown = await local.person("Ada").command("animate")
        assert shown.message is not None
        assert local.count("POST", CALLBACK) == 2
        assert shown.acknowledged_after is not None
        assert 1 <= shown.acknowledged_after < 3
