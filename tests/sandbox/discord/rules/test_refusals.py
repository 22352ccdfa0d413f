"""The local Discord refuses what Discord refuses, in the same way."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.discord import (
    Channel,
    ClientRefused,
    DidNotRespond,
    Interaction,
    LocalDiscord,
    Permission,
    Upload,
)
from sandbox.discord.rules.rates import Rates
from tests.factories import NOON, make_picture


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass(frozen=True)
class Wire:
    """The HTTP API without a client library."""

    local: LocalDiscord
    session: aiohttp.ClientSession
    clock: MovedClock

    async def ask(
        self, method: str, path: str, body: Any = None, *, files: dict[str, bytes] | None = None
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {self.local.token}"}
        given: dict[str, Any] = {"json": body}
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", aiohttp.JsonPayload(body or {}))
            for index, (name, data) in enumerate(files.items()):
                form.add_field(f"files[{index}]", io.BytesIO(data), filename=name)
            given = {"data": form}
        url = self.local.api_url + path
        async with self.session.request(method, url, headers=headers, **given) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def post(self, body: Any, channel: str = "general", **more: Any) -> tuple[int, Any]:
        return await self.ask("POST", f"/channels/{self.id_of(channel)}/messages", body, **more)

    async def answer(self, interaction: Interaction, body: Any, **more: Any) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        return await self.ask("POST", path, body, **more)

    async def hook(
        self, method: str, interaction: Interaction, rest: str = "", body: Any = None
    ) -> tuple[int, Any]:
        app = self.local.world.application_id
        return await self.ask(method, f"/webhooks/{app}/{interaction.token}{rest}", body)

    def id_of(self, channel: str) -> int:
        return self.local.world.channel(channel).id

    async def command(self) -> Interaction:
        if not self.local.commands.all(None):
            self.local.commands.put(None, {"name": "try", "description": "Try"})
        return await self.local.person("Ada").command("try", wait=False)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    clock = MovedClock()
    rates = Rates(enforced=False)
    local_ = LocalDiscord(clock=clock, rates=rates)
    async with local_ as local, aiohttp.ClientSession() as session:
        yield Wire(local, session, clock)


def code_of(answer: tuple[int, Any]) -> tuple[int, int]:
    return answer[0], answer[1]["code"]


MESSAGE = {"type": 4, "data": {"content": "hello"}}
DEFER = {"type": 5}


# --- interactions ---------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(2.9, 204), (3.1, 404)])
async def test_three_seconds_to_acknowledge(wire: Wire, seconds: float, status: int) -> None:
    interaction = await wire.command()
    wire.clock.move(seconds=seconds)
    answer = await wire.answer(interaction, MESSAGE)
    assert answer[0] == status
    assert status == 204 or answer[1]["code"] == 10062


async def test_a_second_answer_is_refused(wire: Wire) -> None:
    interaction = await wire.command()
    assert (await wire.answer(interaction, DEFER))[0] == 204
    assert code_of(await wire.answer(interaction, MESSAGE)) == (400, 40060)
    wire.clock.move(seconds=10)
    assert code_of(await wire.answer(interaction, MESSAGE)) == (400, 40060)


async def test_a_token_lives_fifteen_minutes(wire: Wire) -> None:
    interaction = await wire.command()
    await wire.answer(interaction, DEFER)
    wire.clock.move(minutes=14, seconds=59)
    edited = await wire.hook("PATCH", interaction, "/messages/@original", {"content": "late"})
    assert edited[0] == 200
    wire.clock.move(seconds=2)
    late = await wire.hook("PATCH", interaction, "/messages/@original", {"content": "too late"})
    assert code_of(late) == (401, 50027)
    path = f"/channels/{wire.id_of('general')}/messages/{edited[1]['id']}"
    assert (await wire.ask("PATCH", path, {"content": "by the channel"}))[0] == 200


async def test_the_token_opens_nothing_before_the_first_response(wire: Wire) -> None:
    interaction = await wire.command()
    assert code_of(await wire.hook("POST", interaction, "", {"content": "x"})) == (404, 10015)
    unknown = await wire.ask("POST", "/interactions/1/none/callback", MESSAGE)
    assert code_of(unknown) == (404, 10062)


async def test_the_callback_tells_the_message_when_asked(wire: Wire) -> None:
    interaction = await wire.command()
    path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=true"
    _, told = await wire.ask("POST", path, {"type": 5, "data": {"flags": 64}})
    assert told["interaction"]["response_message_loading"] is True
    assert told["interaction"]["response_message_ephemeral"] is True
    assert interaction.message is not None
    assert told["interaction"]["response_message_id"] == str(interaction.message.id)
    assert told["resource"]["message"]["id"] == str(interaction.message.id)


async def test_the_first_follow_up_takes_the_place_of_a_deferred_answer(wire: Wire) -> None:
    interaction = await wire.command()
    await wire.answer(interaction, {"type": 5, "data": {"flags": 64}})
    _, first = await wire.hook("POST", interaction, "", {"content": "first"})
    assert interaction.message is not None
    assert first["id"] == str(interaction.message.id)
    assert interaction.message.ephemeral
    _, second = await wire.hook("POST", interaction, "", {"content": "second"})
    assert second["id"] != first["id"]


async def test_an_ephemeral_answer_is_not_reached_by_its_channel(wire: Wire) -> None:
    interaction = await wire.command()
    await wire.answer(interaction, {"type": 4, "data": {"content": "psst", "flags": 64}})
    assert interaction.message is not None
    path = f"/channels/{wire.id_of('general')}/messages/{interaction.message.id}"
    assert code_of(await wire.ask("PATCH", path, {"content": "x"})) == (404, 10008)
    assert wire.local.person("Grace").sees("general") == []
    assert wire.local.person("Ada").sees("general") == [interaction.message]


async def test_a_deleted_answer_is_gone(wire: Wire) -> None:
    interaction = await wire.command()
    await wire.answer(interaction, MESSAGE)
    assert (await wire.hook("DELETE", interaction, "/messages/@original"))[0] == 204
    gone = await wire.hook("PATCH", interaction, "/messages/@original", {"content": "x"})
    assert code_of(gone) == (404, 10008)


async def test_a_command_can_open_a_modal_but_not_change_a_message(wire: Wire) -> None:
    interaction = await wire.command()
    status, refused = await wire.answer(interaction, {"type": 7, "data": {"content": "x"}})
    assert (status, refused["code"]) == (400, 50035)
    long = {"type": 9, "data": {"title": "t" * 46, "custom_id": "c", "components": []}}
    status, refused = await wire.answer(interaction, long)
    assert set(refused["errors"]["data"]) == {"title", "components"}


async def test_a_person_is_told_that_nothing_answered() -> None:
    async with LocalDiscord() as local:
        local.commands.put(None, {"name": "try", "description": "Try"})
        interaction = await local.person("Ada").command("try", wait=False)
        with pytest.raises(DidNotRespond, match="try"):
            await interaction.acknowledged(within=0.05)


# --- malformed requests -----------------------------------------------------------------------

WRONG_FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "content": ({"content": "x" * 2001}, "content"),
    "a number as content": ({"content": 1}, "content"),
    "a text as embeds": ({"embeds": "x"}, "embeds"),
    "a text as component": ({"components": ["x"]}, "components.0"),
    "nonce": ({"content": "x", "nonce": "n" * 26}, "nonce"),
    "title": ({"embeds": [{"title": "t" * 257}]}, "embeds.0.title"),
    "description": ({"embeds": [{}, {"description": "d" * 4097}]}, "embeds.1.description"),
    "fields": ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "embeds.0.fields"),
    "value": (
        {"embeds": [{"fields": [{"name": "n", "value": "v" * 1025}]}]},
        "embeds.0.fields.0.value",
    ),
    "footer": ({"embeds": [{"footer": {"text": "f" * 2049}}]}, "embeds.0.footer.text"),
    "total": ({"embeds": [{"description": "d" * 4000}] * 2}, "embeds"),
    "many": ({"embeds": [{"title": "t"}] * 11}, "embeds"),
    "custom_id": (
        {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "l"}]}]},
        "components.0.components.0.custom_id",
    ),
    "long custom_id": (
        {
            "components": [
                {
                    "type": 1,
                    "components": [{"type": 2, "style": 1, "label": "l", "custom_id": "c" * 101}],
                }
            ]
        },
        "components.0.components.0.custom_id",
    ),
    "rows": (
        {
            "components": [
                {
                    "type": 1,
                    "components": [{"type": 2, "style": 5, "label": "l", "url": "https://a.b"}],
                }
            ]
            * 6
        },
        "components",
    ),
    "layout": (
        {"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "t"}]},
        "content",
    ),
    "text display in a legacy message": (
        {"components": [{"type": 10, "content": "t"}]},
        "components.0.type",
    ),
    "alt text": (
        {
            "flags": 1 << 15,
            "components": [
                {
                    "type": 12,
                    "items": [{"media": {"url": "https://a.b/c.png"}, "description": "d" * 1025}],
                }
            ],
        },
        "components.0.items.0.description",
    ),
    "attachment": (
        {"content": "x", "attachments": [{"id": 3, "filename": "none.png"}]},
        "attachments.0.id",
    ),
    "reply": ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference"),
}


@pytest.mark.parametrize("name", WRONG_FORMS)
async def test_a_wrong_form_names_the_field(wire: Wire, name: str) -> None:
    body, path = WRONG_FORMS[name]
    status, refused = await wire.post(body)
    assert (status, refused["code"], refused["message"]) == (400, 50035, "Invalid Form Body")
    node = refused["errors"]
    for step in path.split("."):
        node = node[step]
    assert node["_errors"][0]["code"]
    assert wire.local.person("Ada").sees("general") == []


async def test_a_form_that_just_fits_is_accepted(wire: Wire) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "l", "custom_id": "c" * 100}]}
    body = {"content": "x" * 2000, "nonce": "n" * 25, "components": [row]}
    assert (await wire.post(body))[0] == 200


async def test_an_empty_message_is_refused(wire: Wire) -> None:
    assert code_of(await wire.post({"content": ""})) == (400, 50006)
    _, sent = await wire.post({"content": "x"})
    path = f"/channels/{wire.id_of('general')}/messages/{sent['id']}"
    assert code_of(await wire.ask("PATCH", path, {"content": ""})) == (400, 50006)
    assert wire.local.person("Ada").sees("general")[0].content == "x"


async def test_a_file_above_the_servers_limit_is_refused(wire: Wire) -> None:
    ten = 10 * 1024 * 1024
    assert code_of(await wire.post({}, files={"v.mp4": b"x" * (ten + 1)})) == (413, 40005)
    assert (await wire.post({}, files={"v.mp4": b"x" * ten}))[0] == 200
    wire.local.world.guild.premium_tier = 2
    assert (await wire.post({}, files={"v.mp4": b"x" * (ten + 1)}))[0] == 200


async def test_an_address_expires_and_the_message_brings_a_new_one(wire: Wire) -> None:
    _, sent = await wire.post({}, files={"v.mp4": b"video"})
    path = f"/channels/{sent['channel_id']}/messages/{sent['id']}"

    async def fetched(message: Any) -> int:
        async with wire.session.get(message["attachments"][0]["url"]) as answer:
            return answer.status

    assert await fetched(sent) == 200
    wire.clock.move(hours=24)
    assert await fetched(sent) == 404
    assert await fetched((await wire.ask("GET", path))[1]) == 200
    wire.local.messages.delete(wire.local.person("Ada").sees()[0])
    assert await fetched(sent) == 404


async def test_an_answer_with_a_file_needs_attach_files(wire: Wire) -> None:
    interaction = await wire.command()
    forbid(wire, Permission.ATTACH_FILES)
    refused = await wire.answer(interaction, MESSAGE, files={"v.mp4": b"x"})
    assert code_of(refused) == (403, 50013)
    assert (await wire.answer(interaction, MESSAGE))[0] == 204, "words alone may still be said"


async def test_a_channel_that_is_gone_takes_nothing(wire: Wire) -> None:
    interaction = await wire.command()
    await wire.answer(interaction, DEFER)
    waiting = await wire.command()
    wire.local.tell_channel_gone(wire.local.world.channel("general"))
    assert code_of(await wire.hook("POST", interaction, "", {"content": "x"})) == (404, 10015)
    assert code_of(await wire.answer(waiting, MESSAGE)) == (404, 10003)


# --- permissions ------------------------------------------------------------------------------


def forbid(wire: Wire, permission: Permission, channel: str = "general") -> Channel:
    world = wire.local.world
    bot = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel(channel), bot, deny=permission)
    return world.channel(channel)


@pytest.mark.parametrize(
    ("permission", "code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)],
)
async def test_writing_needs_rights(wire: Wire, permission: Permission, code: int) -> None:
    forbid(wire, permission)
    assert code_of(await wire.post({"content": "x"})) == (403, code)


async def test_files_need_attach_files(wire: Wire) -> None:
    refused = await wire.post({}, "no-files", files={"v.mp4": b"x"})
    assert code_of(refused) == (403, 50013)
    assert (await wire.post({"content": "no file"}, "no-files"))[0] == 200


async def test_embeds_without_embed_links_are_left_out(wire: Wire) -> None:
    forbid(wire, Permission.EMBED_LINKS)
    _, sent = await wire.post({"content": "x", "embeds": [{"title": "t"}]})
    assert sent["embeds"] == []


async def test_a_reply_needs_the_history(wire: Wire) -> None:
    posted = await wire.local.person("Ada").say("general", "hello")
    body = {"content": "x", "message_reference": {"message_id": str(posted.id)}}
    assert (await wire.post(body))[1]["referenced_message"]["id"] == str(posted.id)
    forbid(wire, Permission.READ_MESSAGE_HISTORY)
    assert code_of(await wire.post(body)) == (400, 160002)


async def test_the_messages_of_others_cannot_be_changed(wire: Wire) -> None:
    posted = await wire.local.person("Ada").say("general", "hello")
    path = f"/channels/{posted.channel_id}/messages/{posted.id}"
    assert code_of(await wire.ask("PATCH", path, {"content": "x"})) == (403, 50005)
    forbid(wire, Permission.MANAGE_MESSAGES)
    assert code_of(await wire.ask("DELETE", path)) == (403, 50013)


async def test_missing_objects_are_not_found(wire: Wire) -> None:
    general = wire.id_of("general")
    guild = wire.local.world.guild.id
    for path, code in {
        "/channels/1": 10003,
        "/channels/1/messages/1": 10003,
        f"/channels/{general}/messages/1": 10008,
        "/guilds/1": 10004,
        f"/guilds/{guild}/members/1": 10007,
        f"/guilds/{guild}/roles/1": 10011,
        "/users/1": 10013,
        "/nowhere": 0,
    }.items():
        assert code_of(await wire.ask("GET", path)) == (404, code), path


async def test_direct_messages_may_be_closed(wire: Wire) -> None:
    ada = wire.local.person("Ada")
    ada.user.accepts_direct_messages = False
    _, channel = await wire.ask("POST", "/users/@me/channels", {"recipient_id": str(ada.id)})
    path = f"/channels/{channel['id']}/messages"
    assert code_of(await wire.ask("POST", path, {"content": "x"})) == (403, 50007)
    ada.user.accepts_direct_messages = True
    assert (await wire.ask("POST", path, {"content": "x"}))[0] == 200
    assert [message.content for message in ada.direct_messages()] == ["x"]


async def test_a_locked_thread_takes_no_messages(wire: Wire) -> None:
    world = wire.local.world
    thread = world.add_thread(world.channel("general"), "aside", owner=world.user("Ada"))
    assert (await wire.post({"content": "x"}, "aside"))[0] == 200
    thread.archived = thread.locked = True
    assert code_of(await wire.post({"content": "x"}, "aside")) == (403, 50083)


async def test_without_the_token_nothing_is_told(wire: Wire) -> None:
    url = f"{wire.local.api_url}/users/@me"
    async with wire.session.get(url, headers={"Authorization": "Bot wrong"}) as answer:
        assert answer.status == 401
        assert await answer.json() == {"message": "401: Unauthorized", "code": 0}


# --- reactions and people ---------------------------------------------------------------------


async def test_only_emoji_are_reactions(wire: Wire) -> None:
    posted = await wire.local.person("Ada").say("general", "hello")
    path = f"/channels/{posted.channel_id}/messages/{posted.id}/reactions/abc/@me"
    assert code_of(await wire.ask("PUT", path)) == (400, 10014)
    forbid(wire, Permission.ADD_REACTIONS)
    path = path.replace("abc", "%F0%9F%94%81")
    assert code_of(await wire.ask("PUT", path)) == (403, 50013)
    await wire.local.person("Ada").react(posted, "🔁")
    assert (await wire.ask("PUT", path))[0] == 204, "joining a reaction needs no right"


async def test_the_client_itself_refuses(wire: Wire) -> None:
    wire.local.commands.put(
        None,
        {
            "name": "try",
            "description": "Try",
            "default_member_permissions": str(int(Permission.MANAGE_GUILD)),
            "options": [{"type": 4, "name": "seed", "description": "Seed", "min_value": 0}],
        },
    )
    ada, mona = wire.local.person("Ada"), wire.local.person("Mona")
    assert (ada.offered(), mona.offered()) == ([], ["try"])
    with pytest.raises(ClientRefused, match="not offered"):
        await ada.command("try", wait=False)
    with pytest.raises(ClientRefused, match="at least 0"):
        await mona.command("try", seed=-1, wait=False)
    with pytest.raises(ClientRefused, match="cannot be"):
        await mona.command("try", seed="one", wait=False)
    sent = await mona.command("try", seed=-1, wait=False, raw=True)
    assert sent.data["options"] == [{"name": "seed", "type": 4, "value": -1}]
    with pytest.raises(ClientRefused, match="no button"):
        await ada.press(await ada.say("general", "hello"), "🔁")


async def test_a_person_cannot_attach_too_much(wire: Wire) -> None:
    option = {"type": 11, "name": "image", "description": "A picture", "required": True}
    wire.local.commands.put(None, {"name": "try", "description": "Try", "options": [option]})
    large = Upload("large.png", make_picture() + b"\0" * 10 * 1024 * 1024)
    with pytest.raises(ClientRefused, match="upload limit"):
        await wire.local.person("Ada").command("try", image=large, wait=False)
