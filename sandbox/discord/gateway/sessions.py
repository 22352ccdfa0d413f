"""A client's session at the gateway: its intents, and the events that it can get again."""

import asyncio
import json
import secrets
from collections import deque

from aiohttp import web

from sandbox.discord.gateway.encoding import PLAIN, Encoder
from sandbox.discord.gateway.intents import Intent
from sandbox.discord.state.model import Json

REPLAYED = 1000
"""Events kept for a RESUME. Discord documents no number; a client that missed more starts over."""


FRAMES, WINDOW = 120, 60.0
"""Maximum number of frames in that many seconds on a connection ("Rate Limiting")."""


class Op:
    """Gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Connection:
    """One websocket; frames are sent in order until it closes."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport | None = None,
        encoder: Encoder = PLAIN,
    ) -> None:
        self.socket = socket
        self.transport = transport
        self._encoder = encoder
        self.is_over = False
        """Whether its session was invalidated: nothing that it sends is taken any more."""
        self._taken: deque[float] = deque()
        self.session = Session(self)
        """A new session, until the client resumes another one."""
        self._ended: int | None = None
        self._outbox: asyncio.Queue[str] = asyncio.Queue()

    def send(self, op: int, data: object = None) -> None:
        """Send a frame other than an event."""
        self.write(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def write(self, text: str) -> None:
        self._outbox.put_nowait(text)

    def is_too_fast(self, now: float) -> bool:
        """Count a frame of the client; whether that is one too many, by monotonic seconds."""
        self._taken.append(now)
        while now - self._taken[0] >= WINDOW:
            self._taken.popleft()
        return len(self._taken) > FRAMES

    def end_session(self, *, resumable: bool) -> None:
        """INVALID_SESSION: this connection is of no more use, whatever becomes of its session."""
        self.send(Op.INVALID_SESSION, resumable)
        self.is_over = True

    def abort(self) -> None:
        """Cut the connection without a close frame."""
        self._ended = 1006
        if self.transport is not None:
            self.transport.abort()

    async def close(self, code: int, words: bytes = b"") -> None:
        """Close from this side; the client's close frame in reply does not give up its session."""
        self._ended = code
        await self.socket.close(code=code, message=words)

    @property
    def close_code(self) -> int | None:
        """The close code of either side; ``None`` if the connection broke."""
        return self._ended or self.socket.close_code

    async def run(self) -> None:
        """Send the frames in the outbox."""
        while True:
            text = await self._outbox.get()
            try:
                encoded = self._encoder(text)
                if isinstance(encoded, str):
                    await self.socket.send_str(encoded)
                else:
                    await self.socket.send_bytes(encoded)
            except ConnectionError:
                return


class Session:
    """A session of an identified client, which can be resumed after its connection is lost."""

    def __init__(self, connection: Connection) -> None:
        self.id = secrets.token_hex(16)
        self.connection: Connection | None = connection
        self.intents: Intent | None = None
        """``None`` until the client has identified."""
        self.shard = (0, 1)
        self.sequence = 0
        self.heartbeats = 0
        self.resumable = True
        """Whether the client can resume it."""
        self._sent: deque[tuple[int, str]] = deque(maxlen=REPLAYED)

    def send(self, op: int, data: object = None) -> None:
        """Send a frame other than an event; without a connection, it is lost."""
        if self.connection is not None:
            self.connection.send(op, data)

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event with the next sequence number, now or after a RESUME."""
        self.sequence += 1
        text = json.dumps({"op": Op.DISPATCH, "d": data, "s": self.sequence, "t": event})
        self._sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.write(text)

    def can_resume(self, seen: int) -> bool:
        """Whether all events after ``seen`` are still kept."""
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        return oldest - 1 <= seen <= self.sequence

    def resume(self, connection: Connection, seen: int) -> None:
        """Send all events after ``seen`` again, with their old numbers, and then RESUMED."""
        self.connection, connection.session = connection, self
        for number, text in self._sent:
            if number > seen:
                connection.write(text)
        self.dispatch("RESUMED", {"_trace": []})

    def wants(self, intent: Intent, guild_id: int | None) -> bool:
        if self.intents is None or (intent and not self.intents & intent):
            return False
        shard, count = self.shard
        return shard == ((guild_id or 0) >> 22) % count
