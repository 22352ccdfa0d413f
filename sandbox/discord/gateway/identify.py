"""Checks and answers the identification of a client, and limits how often it may come."""

from collections import deque

from bot.clock import Clock
from sandbox.discord.gateway.intents import KNOWN, PRIVILEGED, Intent
from sandbox.discord.gateway.sessions import Session
from sandbox.discord.render import entities
from sandbox.discord.state.messages.content import application_flags
from sandbox.discord.state.model import Json
from sandbox.discord.state.world import World

WINDOW = 5.0
IDENTIFIES_A_DAY = 1000
GUILDS_OF_A_SHARD = 2500
DAY = 86_400.0


class IdentifyLimits:
    """How many clients have identified lately."""

    def __init__(self, clock: Clock) -> None:
        self.max_concurrency = 16
        """Clients that may identify within `WINDOW` seconds: of most applications, one.

        Here it is more, so that nobody waits after a restart.
        """
        self._clock = clock
        self._begun: deque[float] = deque()

    @property
    def remaining(self) -> int:
        """How many may identify in what is left of these 24 hours."""
        self._forget()
        return IDENTIFIES_A_DAY - len(self._begun)

    def take(self) -> bool:
        """Count one more; false where too many have identified in the last seconds."""
        now = self._clock.monotonic()
        self._forget()
        if sum(now - one < WINDOW for one in self._begun) >= self.max_concurrency:
            return False
        self._begun.append(now)
        return True

    def _forget(self) -> None:
        while self._begun and self._clock.monotonic() - self._begun[0] >= DAY:
            self._begun.popleft()


def refusal(data: object, world: World) -> int | None:
    """The code to close with where an IDENTIFY, whose token is right, cannot be."""
    if not isinstance(data, dict) or not isinstance(data.get("properties"), dict):
        return 4002
    intents = data.get("intents")
    if not isinstance(intents, int) or isinstance(intents, bool) or intents & ~KNOWN:
        return 4013
    if intents & PRIVILEGED & ~world.privileged_intents:
        return 4014
    shard = shard_of(data)
    if shard is None:
        return 4010
    number, count = shard
    served = sum((one >> 22) % count == number for one in world.guilds)
    return 4011 if served > GUILDS_OF_A_SHARD else None


def shard_of(data: Json) -> tuple[int, int] | None:
    """The shard that a client is, and of how many; ``None`` where there is no such shard."""
    given = data.get("shard") or [0, 1]
    if not isinstance(given, list) or len(given) != 2:
        return None
    number, count = given
    if not isinstance(number, int) or not isinstance(count, int) or not 0 <= number < count:
        return None
    return number, count


def intents_of(data: Json) -> Intent:
    """The intents of an IDENTIFY that was checked."""
    return Intent(data["intents"])


def token_of(data: object) -> str | None:
    """The token of an IDENTIFY or a RESUME; with and without ``Bot`` before it."""
    token = data.get("token") if isinstance(data, dict) else None
    return token.removeprefix("Bot ") if isinstance(token, str) else None


def ready(world: World, session: Session, guild_ids: list[int], *, url: str) -> Json:
    """Return the data of READY; ``url``: where the session can be resumed."""
    return {
        "v": 10,
        "user": entities.own_user(world.bot),
        "guilds": [{"id": str(one), "unavailable": True} for one in guild_ids],
        "session_id": session.id,
        "resume_gateway_url": url,
        "shard": list(session.shard),
        "application": {
            "id": str(world.application_id),
            "flags": application_flags(world.privileged_intents),
        },
        "session_type": "normal",
        "private_channels": [],
        "presences": [],
        "relationships": [],
        "_trace": [],
    }
