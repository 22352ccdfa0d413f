"""The local Discord, put together from its parts."""

import base64
import secrets
import sys
from contextlib import AsyncExitStack
from typing import Self

from aiohttp import web

from bot.clock import Clock, SystemClock
from sandbox.discord.faults import Fault, Faults
from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.http.app import PREFIX, build_app, build_cdn
from sandbox.discord.http.context import Context
from sandbox.discord.http.request_log import LoggedRequest
from sandbox.discord.interactions import Interactions
from sandbox.discord.people.drafts import CommandDrafts
from sandbox.discord.people.people import Person
from sandbox.discord.render import entities
from sandbox.discord.render.interactions import InteractionRenderer
from sandbox.discord.render.messages import MessageRenderer
from sandbox.discord.rules.rates import Rates
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.default_world import default_world
from sandbox.discord.state.files import Files
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.messages.pins import Pins
from sandbox.discord.state.messages.reactions import Reactions
from sandbox.discord.state.model import Channel, Guild, Json, Member, Role
from sandbox.discord.state.threads import Threads
from sandbox.discord.state.world import World

_OUT_OF_SERVICE = "<html><body>503 Service Unavailable</body></html>"


def _new_token(bot_id: int) -> str:
    """A token of Discord's shape: the bot's id, a moment and a secret, with dots between.

    Libraries read the id from its first part.
    """
    first = base64.urlsafe_b64encode(str(bot_id).encode()).decode().rstrip("=")
    return f"{first}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"


class LocalDiscord:
    """A Discord on this machine; it listens while its context is entered.

    Args:
        host: the address to listen on.
        port: of the API and the gateway; 0 picks a free one. Files have another.
        clock: for ids, deadlines and signatures; a fake clock can be moved, for example to 14:59.
        world: servers, people and channels; `default_world` by default.
        rates: the rate limits, in real time.
        acknowledge: seconds for the first answer to an interaction; Discord gives 3.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        world: World | None = None,
        rates: Rates | None = None,
        acknowledge: float = 3.0,
    ) -> None:
        self._host = host
        self._port = port
        self.clock = clock or SystemClock()
        self.world = world or default_world(self.clock)
        self.token = _new_token(self.world.bot.id)
        self.faults = Faults()
        self.rates = rates or Rates()
        self.requests: list[LoggedRequest] = []
        self.files = Files(self.clock, self.world.ids)
        self.gateway = Gateway(self.world, self.token)
        self.commands = Commands(self.world)
        renderer = MessageRenderer(self.world, self.files)
        self.messages = Messages(self.world, self.files, self.gateway, renderer)
        told = InteractionRenderer(self.world, renderer)
        self.reactions = Reactions(self.world, self.gateway)
        self.interactions = Interactions(
            self.world, self.gateway, self.messages, told, acknowledge=acknowledge
        )
        self._context = Context(
            world=self.world,
            files=self.files,
            gateway=self.gateway,
            messages=self.messages,
            reactions=self.reactions,
            threads=Threads(self.world, self.gateway, self.messages),
            pins=Pins(self.world, self.gateway, self.messages),
            interactions=self.interactions,
            commands=self.commands,
            render=renderer,
            told=told,
            token=self.token,
        )
        self._listening = AsyncExitStack()
        self._away: Fault | None = None

    async def __aenter__(self) -> Self:
        app = build_app(
            self._context, faults=self.faults, rates=self.rates, record=self.requests.append
        )
        self._port = await self._listen(app, self._port)
        self.gateway.url = f"ws://{self._host}:{self._port}/gateway"
        self.files.origin = f"http://{self._host}:{await self._listen(build_cdn(self._context), 0)}"
        return self

    async def _listen(self, app: web.Application, port: int) -> int:
        """Serve an application until the context is left, and return its port."""
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        self._listening.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, self._host, port).start()
        taken: int = runner.addresses[0][1]
        return taken

    async def __aexit__(self, *_: object) -> None:
        self.world.typing.close()
        await self.gateway.close()
        await self._listening.aclose()

    @property
    def origin(self) -> str:
        """``http://host:port`` of the API and the gateway."""
        return f"http://{self._host}:{self._port}"

    @property
    def acknowledge(self) -> float:
        """Seconds for the first answer to a new interaction."""
        return self.interactions.acknowledge

    @acknowledge.setter
    def acknowledge(self, seconds: float) -> None:
        self.interactions.acknowledge = seconds

    @property
    def api_url(self) -> str:
        """The value for DISCORD_API_URL."""
        return self.origin + PREFIX

    @property
    def cdn_url(self) -> str:
        """The value for DISCORD_CDN_URL."""
        return self.files.origin

    def person(self, name: str) -> Person:
        """Return somebody by name, to act as them; `World.add_member` adds people."""
        return Person(
            self.world.user(name),
            world=self.world,
            messages=self.messages,
            reactions=self.reactions,
            interactions=self.interactions,
            drafts=CommandDrafts(self.world, self.files, self.commands, self.messages),
        )

    # --- outages ------------------------------------------------------------------------

    async def go_away(self) -> None:
        """Become unreachable for the bot: all connections end, all requests are answered 503.

        Files are still served, as to people.
        """
        self._away = Fault("*", "*", times=sys.maxsize, status=503, body=_OUT_OF_SERVICE)
        self.faults.add(self._away)
        self.gateway.away = True
        self.gateway.forget()
        await self.gateway.close()
        self.world.changes.announce()

    def come_back(self) -> None:
        """End the outage."""
        if self._away is not None:
            self.faults.remove(self._away)
        self._away = None
        self.gateway.away = False
        self.world.changes.announce()

    @property
    def away(self) -> bool:
        """Whether it is unreachable for the bot."""
        return self.gateway.away

    # --- waiting and counting -----------------------------------------------------------

    async def ready(self, within: float = 30.0) -> None:
        """Wait until a client has identified at the gateway."""
        await self.world.changes.until(lambda: self.gateway.ready, within)

    async def synced(self, name: str, within: float = 30.0) -> None:
        """Wait until a command of this name is registered, globally or in any server."""
        scopes = [None, *self.world.guilds]
        await self.world.changes.until(
            lambda: any(one["name"] == name for s in scopes for one in self.commands.all(s)),
            within,
        )

    def count(self, method: str, route: str) -> int:
        """Return the number of requests to a route."""
        return sum((one.method, one.route) == (method, route) for one in self.requests)

    # --- events about changes of the world ------------------------------------------------

    def tell_guild(self, guild: Guild) -> None:
        """Tell clients that the bot was added to a server."""
        members = [guild.members[self.world.bot.id]]
        self.gateway.dispatch("GUILD_CREATE", self.gateway.announced(guild, members))

    def tell_guild_gone(self, guild: Guild) -> None:
        """Remove the bot from a server, and tell clients."""
        guild.members.pop(self.world.bot.id, None)
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    def tell_channel(self, channel: Channel, *, new: bool = False) -> None:
        """Tell clients that a channel, or its overwrites, was created or changed. A thread that the
        bot
        cannot see is not announced.
        """
        if channel.is_thread and not self.world.may_see(self.world.bot, channel):
            return
        kind = "THREAD" if channel.is_thread else "CHANNEL"
        event = f"{kind}_{'CREATE' if new else 'UPDATE'}"
        self.gateway.dispatch(event, entities.channel(channel))

    def tell_channel_gone(self, channel: Channel) -> None:
        """Delete a channel with all its messages, and tell clients."""
        guild = self.world.guild_of(channel)
        self.world.channels.pop(channel.id, None)
        self.world.messages.pop(channel.id, None)
        if guild is not None:
            guild.channels.pop(channel.id, None)
        body = entities.channel(channel)
        if channel.is_thread:
            body = {key: body[key] for key in ("id", "guild_id", "parent_id", "type")}
        self.gateway.dispatch(f"{'THREAD' if channel.is_thread else 'CHANNEL'}_DELETE", body)

    def set_command_permissions(self, target: int, entries: list[Json], guild: Guild) -> None:
        """Set a server's permissions for a command, or for all commands (the application's id)."""
        self.world.command_permissions[guild.id, target] = entries
        body = {
            "id": str(target),
            "application_id": str(self.world.application_id),
            "guild_id": str(guild.id),
            "permissions": entries,
        }
        self.gateway.dispatch("APPLICATION_COMMAND_PERMISSIONS_UPDATE", body)

    def tell_role(self, role: Role, *, new: bool = False) -> None:
        """Tell clients that a role was created or changed."""
        event = "GUILD_ROLE_CREATE" if new else "GUILD_ROLE_UPDATE"
        body = {"guild_id": str(role.guild_id), "role": entities.role(role)}
        self.gateway.dispatch(event, body)

    def tell_member(self, guild: Guild, member: Member) -> None:
        """Tell clients that a member changed; the bot always learns of changes to itself."""
        body = entities.member(member) | {"guild_id": str(guild.id)}
        self.gateway.dispatch("GUILD_MEMBER_UPDATE", body)
