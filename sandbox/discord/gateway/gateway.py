"""The gateway: HELLO, IDENTIFY, READY, RESUME, heartbeats and numbered events."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from cachetools import FIFOCache

from sandbox.discord.gateway.encoding import VERSION, decoded, encoder_for
from sandbox.discord.gateway.identify import (
    IdentifyLimits,
    intents_of,
    ready,
    refusal,
    shard_of,
    token_of,
)
from sandbox.discord.gateway.intents import ALWAYS, PRIVILEGED, Intent, intent_of
from sandbox.discord.gateway.sessions import Connection, Op, Session
from sandbox.discord.render import entities
from sandbox.discord.rules.fields import is_snowflake
from sandbox.discord.state.messages.content import reads_content, without_content
from sandbox.discord.state.model import Guild, Json, Member
from sandbox.discord.state.world import World

_log = logging.getLogger(__name__)

HEARTBEAT_MS = 41_250
"""The interval that Discord sends in HELLO."""

_ABOUT_A_GUILD = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})

# A client that closes with one of these codes gives up its session.
_GOODBYE = frozenset({1000, 1001})
# Lost sessions that are kept for a resume; those of killed clients are never resumed.
_MOST_LOST = 16


class Gateway:
    """Connected clients, and the events sent to them."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self.token = token
        """The bot's token; changing it while the bot runs is a token reset."""
        self.url = ""
        self.sessions: list[Session] = []
        """Connected sessions."""
        self._lost = FIFOCache[str, Session](_MOST_LOST)
        self.on_identify: Callable[[], object] = lambda: None
        """Called after each IDENTIFY."""
        self.on_dispatch: Callable[[str, Json], object] = lambda *_: None
        """Called with the name and the data of each event."""
        self.away = False
        """Whether all connections are refused."""
        self.breaks_resumes = 0
        """Number of RESUMEs that are cut off before an answer."""
        self.identifies = IdentifyLimits(world.clock)
        self.resumed = 0
        """Number of resumed sessions."""

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event to every client that asked for its kind."""
        intent = intent_of(event, data, self._world.bot.id)
        about = data.get("id" if event in _ABOUT_A_GUILD else "guild_id")
        guild_id = None if about is None else int(about)
        self.on_dispatch(event, data)
        for session in [*self.sessions, *self._lost.values()]:
            if session.wants(intent, guild_id):
                session.dispatch(event, self._readable(session, event, data))

    def _send(self, session: Session, event: str, data: Json) -> None:
        """Send an event that is for one client alone."""
        self.on_dispatch(event, data)
        session.dispatch(event, data)

    def _readable(self, session: Session, event: str, data: Json) -> Json:
        """Remove the content of messages for clients that did not ask for it."""
        if event not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or "guild_id" not in data:
            return data
        if reads_content(session.intents or ALWAYS):
            return data
        return without_content(data, self._world.bot.id)

    def allow_intents(self, intents: int) -> None:
        """Switch on privileged intents; other bits are ignored.

        A client that asks for one that is off is refused with 4014.
        """
        self._world.privileged_intents = Intent(intents) & PRIVILEGED

    @property
    def ready(self) -> bool:
        return any(session.intents is not None for session in self.sessions)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection from the handshake to its end."""
        if self.away:
            raise web.HTTPServiceUnavailable
        encoder = encoder_for(request.query)
        socket = web.WebSocketResponse(max_msg_size=2**20, compress=False)
        await socket.prepare(request)
        if request.query.get("v") != VERSION:
            await socket.close(code=4012, message=b"Invalid API version.")
            return socket
        connection = Connection(socket, request.transport, encoder)
        self.sessions.append(connection.session)
        writer = asyncio.create_task(connection.run(), name="gateway-writer")
        connection.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        try:
            await self._listen(connection)
        finally:
            self._leave(connection)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for received in connection.socket:
            frame = decoded(received)
            if frame is None:
                await connection.close(4002, b"Error while decoding payload.")
                return
            now = self._world.clock.monotonic()
            close = 4008 if connection.is_too_fast(now) else self._take(connection, frame)
            if close is not None:
                await connection.close(close)
                return

    def _leave(self, connection: Connection) -> None:
        """Keep the session for a while, unless the client gave it up."""
        session = connection.session
        if session.connection is not connection:
            return  # resumed by another connection meanwhile
        session.connection = None
        self.sessions.remove(session)
        is_over = connection.close_code in _GOODBYE or not session.resumable
        if session.intents is not None and not is_over:
            self._lost[session.id] = session
        self._world.changes.announce()

    def _take(self, connection: Connection, frame: Json) -> int | None:
        """Act on one frame; return a code if the connection must be closed."""
        op, data, session = frame.get("op"), frame.get("d"), connection.session
        if connection.is_over:
            return 4003
        if op == Op.HEARTBEAT:
            session.heartbeats += 1
            session.send(Op.HEARTBEAT_ACK)
        elif op == Op.IDENTIFY:
            return self._identify(session, data)
        elif op == Op.RESUME:
            return self._resume(connection, data)
        elif session.intents is None:
            return 4003
        elif op == Op.REQUEST_MEMBERS:
            return self._members(session, data)
        elif op not in {Op.PRESENCE, Op.VOICE_STATE}:
            return 4001
        return None

    def _resume(self, connection: Connection, data: Any) -> int | None:
        """Resume a session and send what the client missed, if both are still kept."""
        if connection.session.intents is not None:
            return 4005
        if token_of(data) != self.token:
            return 4004
        seen = data.get("seq")
        if not isinstance(seen, int) or not isinstance(data.get("session_id"), str):
            return 4002
        if self.breaks_resumes:
            self.breaks_resumes -= 1
            return 4000
        # The client's last connection may not have ended yet.
        known = {**self._lost} | {one.id: one for one in self.sessions if one.resumable}
        session = known.get(data["session_id"])
        if session is not None and seen > session.sequence:
            return 4007
        if session is None or not session.can_resume(seen):
            connection.end_session(resumable=False)
            return None
        if self._lost.pop(session.id, None):
            self.sessions.append(session)
        self.sessions.remove(connection.session)
        session.resume(connection, seen)
        self.resumed += 1
        self._world.changes.announce()
        return None

    # --- for tests ------------------------------------------------------------------------

    def ask_to_reconnect(self) -> None:
        """Send RECONNECT, which asks clients to reconnect and resume."""
        for session in self.sessions:
            session.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Send INVALID_SESSION, which asks clients to resume or to identify again."""
        if not resumable:
            self.forget()
        for session in self.sessions:
            if session.connection is not None:
                session.connection.end_session(resumable=resumable)

    def forget(self) -> None:
        """Make all sessions so far impossible to resume."""
        self._lost.clear()
        for session in self.sessions:
            session.resumable = False

    def _identify(self, session: Session, data: Any) -> int | None:
        if session.intents is not None:
            return 4005
        if token_of(data) != self.token:
            return 4004
        code = refusal(data, self._world)
        if code is not None:
            return code
        if not self.identifies.take():
            assert session.connection is not None
            session.connection.end_session(resumable=False)
            return None
        session.intents = intents_of(data)
        session.shard = shard_of(data) or session.shard
        self.on_identify()
        self._welcome(session)
        self._world.changes.announce()
        return None

    def _welcome(self, session: Session) -> None:
        """Send READY with the ids of servers, then each complete server."""
        shard, count = session.shard
        guilds = [
            guild
            for guild in self._world.guilds.values()
            if (guild.id >> 22) % count == shard and self._world.bot.id in guild.members
        ]
        self._send(
            session,
            "READY",
            ready(self._world, session, [guild.id for guild in guilds], url=self.url),
        )
        for guild in guilds:
            if not (session.intents or ALWAYS) & Intent.GUILDS:
                break
            bot = guild.members[self._world.bot.id]
            everybody = (session.intents or ALWAYS) & Intent.GUILD_MEMBERS
            members = list(guild.members.values()) if everybody else [bot]
            self._send(session, "GUILD_CREATE", self.announced(guild, members))

    def announced(self, guild: Guild, members: list[Member]) -> Json:
        """Return the data of GUILD_CREATE; threads are the active ones that the bot sees."""
        bot = self._world.bot
        seen = [one for one in guild.channels.values() if one.is_thread and not one.archived]
        threads = [one for one in seen if self._world.may_see(bot, one)]
        return entities.guild_create(guild, members=members, threads=threads)

    def _members(self, session: Session, data: Any) -> int | None:
        """Members of a server by id, or all of them where the client asked for members."""
        given = data if isinstance(data, dict) else {}
        ids = given.get("user_ids") or []
        ids = ids if isinstance(ids, list) else [ids]
        if not all(is_snowflake(one) for one in (given.get("guild_id"), *ids)):
            return 4002
        guild = self._world.guilds.get(int(given["guild_id"]))
        if guild is None or self._world.bot.id not in guild.members:
            return None
        wanted = {int(one) for one in ids}
        if not wanted and not (session.intents or ALWAYS) & Intent.GUILD_MEMBERS:
            return None
        found = [m for m in guild.members.values() if not wanted or m.user.id in wanted]
        chunk: Json = {
            "guild_id": str(guild.id),
            "members": [entities.member(one) for one in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(one) for one in wanted if one not in guild.members],
        }
        if given.get("nonce"):
            chunk["nonce"] = given["nonce"]
        self._send(session, "GUILD_MEMBERS_CHUNK", chunk)
        return None

    async def close(self, code: int = 1001) -> None:
        """Close every connection."""
        for session in list(self.sessions):
            if session.connection is not None:
                await session.connection.close(code)
