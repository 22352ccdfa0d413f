"""The gateway: HELLO, IDENTIFY, READY, heartbeats and numbered events, as plain text frames.

Sessions are not resumed yet: RESUME is answered with INVALID_SESSION, and the client identifies
anew, as it must be able to at any time. `Session.sent` is where a replay would come from.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from enum import IntFlag

from aiohttp import WSMsgType, web

from sandbox.discord import render
from sandbox.discord.model import Json
from sandbox.discord.world import World

_log = logging.getLogger(__name__)

HEARTBEAT_MS = 41_250
"""What Discord sends in HELLO."""


class Intent(IntFlag):
    """The groups of events that a client asks for."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


ALWAYS = Intent(0)
"""For events that come whatever was asked for, interactions above all."""

_ABOUT_A_GUILD = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})

PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class Op:
    """Opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Session:
    """One connected client."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.id = secrets.token_hex(16)
        self.socket = socket
        self.intents: Intent | None = None
        """``None`` until it has identified."""
        self.shard = (0, 1)
        self.sequence = 0
        self.heartbeats = 0
        self._outbox: asyncio.Queue[str] = asyncio.Queue()

    def send(self, op: int, data: object = None) -> None:
        self._outbox.put_nowait(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event with the next sequence number."""
        self.sequence += 1
        frame = {"op": Op.DISPATCH, "d": data, "s": self.sequence, "t": event}
        self._outbox.put_nowait(json.dumps(frame))

    async def write(self) -> None:
        """Send what is in the outbox, in order, until the socket closes."""
        while True:
            text = await self._outbox.get()
            try:
                await self.socket.send_str(text)
            except ConnectionError:
                return

    def wants(self, intent: Intent, guild_id: int | None) -> bool:
        if self.intents is None or (intent and not self.intents & intent):
            return False
        shard, count = self.shard
        return shard == ((guild_id or 0) >> 22) % count


class Gateway:
    """The clients that are connected, and what is told to them."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self.url = ""
        self.sessions: list[Session] = []
        self.on_identify: Callable[[], object] = lambda: None
        """Called for each client that logs in."""
        self._privileged = Intent(0)
        self.away = False
        """Whether nobody is let in."""

    def dispatch(self, event: str, data: Json, *, intent: Intent = ALWAYS) -> None:
        """Tell every client that asked for this kind of event."""
        about = data.get("id" if event in _ABOUT_A_GUILD else "guild_id")
        guild_id = None if about is None else int(about)
        for session in self.sessions:
            if session.wants(intent, guild_id):
                session.dispatch(event, self._readable(session, event, data))

    def _readable(self, session: Session, event: str, data: Json) -> Json:
        """Without the message content intent, strangers' words in servers come empty."""
        if event not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or "guild_id" not in data:
            return data
        own = data["author"]["id"] == str(self._world.bot.id)
        named = any(one["id"] == str(self._world.bot.id) for one in data["mentions"])
        if own or named or (session.intents or ALWAYS) & Intent.MESSAGE_CONTENT:
            return data
        return data | {"content": "", "embeds": [], "attachments": [], "components": []}

    def allow_intents(self, intents: int) -> None:
        """Switch privileged intents on; the others among them change nothing.

        As long as one is off, a client that asks for it is refused with 4014.
        """
        self._privileged = Intent(intents) & PRIVILEGED

    @property
    def ready(self) -> bool:
        return any(session.intents is not None for session in self.sessions)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from the handshake to its end."""
        if self.away:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=4096 * 4, compress=False)
        await socket.prepare(request)
        session = Session(socket)
        self.sessions.append(session)
        writer = asyncio.create_task(session.write(), name="gateway-writer")
        session.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        try:
            await self._listen(session)
        finally:
            self.sessions.remove(session)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def _listen(self, session: Session) -> None:
        async for frame in session.socket:
            if frame.type is not WSMsgType.TEXT:
                await session.socket.close(code=4002, message=b"Error while decoding payload.")
                return
            close = self._take(session, json.loads(frame.data))
            if close is not None:
                await session.socket.close(code=close)
                return

    def _take(self, session: Session, frame: Json) -> int | None:
        """Act on one frame; the number is the code to close with."""
        op = frame.get("op")
        if op == Op.HEARTBEAT:
            session.heartbeats += 1
            session.send(Op.HEARTBEAT_ACK)
        elif op == Op.IDENTIFY:
            return self._identify(session, frame["d"])
        elif op == Op.RESUME:
            session.send(Op.INVALID_SESSION, False)
        elif session.intents is None:
            return 4003
        elif op == Op.REQUEST_MEMBERS:
            self._members(session, frame["d"])
        elif op not in {Op.PRESENCE, 4}:
            return 4001
        return None

    def _identify(self, session: Session, data: Json) -> int | None:
        if session.intents is not None:
            return 4005
        if data.get("token") != self._token:
            return 4004
        intents = Intent(int(data["intents"]))
        if intents & PRIVILEGED & ~self._privileged:
            return 4014
        session.intents = intents
        session.shard = tuple(data.get("shard") or (0, 1))
        self.on_identify()
        self._welcome(session)
        self._world.changes.announce()
        return None

    def _welcome(self, session: Session) -> None:
        """READY with the servers by id, then each of them whole."""
        shard, count = session.shard
        guilds = [
            guild
            for guild in self._world.guilds.values()
            if (guild.id >> 22) % count == shard and self._world.bot.id in guild.members
        ]
        session.dispatch("READY", self._ready(session, [guild.id for guild in guilds]))
        for guild in guilds:
            bot = guild.members[self._world.bot.id]
            everybody = (session.intents or ALWAYS) & Intent.GUILD_MEMBERS
            members = list(guild.members.values()) if everybody else [bot]
            session.dispatch("GUILD_CREATE", render.guild_create(guild, members=members))

    def _ready(self, session: Session, guild_ids: list[int]) -> Json:
        return {
            "v": 10,
            "user": render.own_user(self._world.bot),
            "guilds": [{"id": str(one), "unavailable": True} for one in guild_ids],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(self._world.application_id), "flags": 0},
            "session_type": "normal",
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "_trace": [],
        }

    def _members(self, session: Session, data: Json) -> None:
        guild = self._world.guilds[int(data["guild_id"])]
        wanted = {int(one) for one in data.get("user_ids") or []}
        found = [m for m in guild.members.values() if not wanted or m.user.id in wanted]
        chunk: Json = {
            "guild_id": str(guild.id),
            "members": [render.member(one) for one in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    async def close(self, code: int = 1001) -> None:
        """Close every connection."""
        for session in list(self.sessions):
            await session.socket.close(code=code)
