"""A fair queue for a scarce capacity: fair among servers, and among the people of each.

This is fair queueing with virtual time, on two levels. Each server, and each person in it, has an
account of the seconds that its turns took. The next turn goes to the server with the smallest
account, and there to the person with the smallest. A newcomer, or somebody who returns, starts at
the current level: nobody saves up turns, and a debt lasts only while others are waiting.
"""

import asyncio
import itertools
import math
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from cachetools import TTLCache

from bot.domain.submission import Sender
from bot.errors import Busy, PicturesFailed, PicturesWaiting

# Charged when a turn starts, so that the next one goes to somebody else; corrected at its end.
_USUAL_SECONDS = 0.2
# The most accounts; above it, idle ones are forgotten, which forgives a debt of seconds.
_IDLE_SERVERS_MAX = 1000


@dataclass(slots=True)
class _Account:
    seconds: float
    inside: int = 0
    """Turns that are waiting or running."""
    running: int = 0


@dataclass(slots=True)
class _Server(_Account):
    persons: dict[int, _Account] = field(default_factory=dict)
    level: float = 0.0
    """The seconds that a newcomer's account starts at."""


@dataclass(slots=True, eq=False)
class _Waiting:
    sender: Sender
    weight: int
    number: int
    called: asyncio.Future[None]


class FairQueue:
    """Deals out a capacity in turns. Use it from one event loop only."""

    def __init__(
        self,
        *,
        capacity: int,
        monotonic: Callable[[], float],
        running_of_person: int | None = None,
        running_of_server: int | None = None,
        inside_of_person: int | None = None,
        inside_of_server: int | None = None,
    ) -> None:
        """
        Args:
            capacity: the largest sum of the weights of running turns.
            monotonic: a clock in seconds, to measure turns.
            running_of_person, running_of_server: the most running turns; others wait.
            inside_of_person, inside_of_server: the most turns, waiting or running; others are
                refused.
        """
        self._free = self._capacity = capacity
        self._monotonic = monotonic
        self._running_of_person = running_of_person
        self._running_of_server = running_of_server
        self._inside_of_person = inside_of_person
        self._inside_of_server = inside_of_server
        self._servers: dict[int, _Server] = {}
        self._level = 0.0
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        # Per person, over all servers.
        self._inside: Counter[int] = Counter()
        self._running: Counter[int] = Counter()

    @asynccontextmanager
    async def turn(self, sender: Sender, weight: int = 1) -> AsyncIterator[None]:
        """Enter the queue, wait for a turn and take it: :meth:`inside` and :meth:`taken`."""
        with self.inside(sender):
            async with self.taken(sender, weight):
                yield

    @contextmanager
    def inside(self, sender: Sender) -> Iterator[None]:
        """Enter the queue, without waiting for a turn yet.

        Raises:
            PicturesWaiting: the person has reached their limit in the queue.
            Busy: the server has reached its limit.
        """
        self._check_room(sender)
        server, person = self._accounts(sender)
        server.inside += 1
        person.inside += 1
        self._inside[sender.person] += 1
        try:
            yield
        finally:
            server.inside -= 1
            person.inside -= 1
            self._inside -= Counter((sender.person,))
            self._forget(sender)

    @asynccontextmanager
    async def taken(self, sender: Sender, weight: int = 1) -> AsyncIterator[None]:
        """Wait for a turn and take it; ``sender`` must be :meth:`inside`.

        Args:
            weight: the share of the capacity; more than all of it counts as all.
        """
        weight = min(weight, self._capacity)
        await self._called(sender, weight)
        started = self._monotonic()
        try:
            yield
        finally:
            self._give_back(sender, weight, self._monotonic() - started)

    def _accounts(self, sender: Sender) -> tuple[_Server, _Account]:
        """The accounts of server and person; an idle one is raised to the current level."""
        server = self._servers.setdefault(sender.server, _Server(self._level))
        if not server.inside:
            server.seconds = max(server.seconds, self._level)
        person = server.persons.setdefault(sender.person, _Account(server.level))
        if not person.inside:
            person.seconds = max(person.seconds, server.level)
        return server, person

    def _check_room(self, sender: Sender) -> None:
        own = self._inside[sender.person]
        if _full(own, self._inside_of_person):
            raise PicturesWaiting(own)
        server = self._servers.get(sender.server)
        if server and _full(server.inside, self._inside_of_server):
            raise Busy

    async def _called(self, sender: Sender, weight: int) -> None:
        called = asyncio.get_running_loop().create_future()
        waiting = _Waiting(sender, weight, next(self._numbers), called)
        self._waiting.append(waiting)
        self._call()
        try:
            await called
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                # It may have been the large one that the others waited for.
                self._call()
            else:
                self._give_back(sender, weight, 0.0)
            raise

    def _call(self) -> None:
        """Start as many turns as there is room for, in their order.

        Nothing overtakes a large turn that does not fit yet, or it would wait forever.
        """
        while allowed := list(self._allowed()):
            following = min(allowed, key=self._rank)
            if following.weight > self._free:
                return
            self._waiting.remove(following)
            self._start(following)
            following.called.set_result(None)

    def _allowed(self) -> Iterator[_Waiting]:
        for waiting in self._waiting:
            sender = waiting.sender
            # Several can be canceled at once, before any of them has left.
            if waiting.called.cancelled():
                continue
            if not (
                _full(self._running[sender.person], self._running_of_person)
                or _full(self._servers[sender.server].running, self._running_of_server)
            ):
                yield waiting

    def _rank(self, waiting: _Waiting) -> tuple[float, float, int]:
        server = self._servers[waiting.sender.server]
        return server.seconds, server.persons[waiting.sender.person].seconds, waiting.number

    def _start(self, waiting: _Waiting) -> None:
        server = self._servers[waiting.sender.server]
        person = server.persons[waiting.sender.person]
        self._level = max(self._level, server.seconds)
        server.level = max(server.level, person.seconds)
        for account in (server, person):
            account.seconds += _USUAL_SECONDS
            account.running += 1
        self._running[waiting.sender.person] += 1
        self._free -= waiting.weight

    def _give_back(self, sender: Sender, weight: int, seconds: float) -> None:
        server = self._servers[sender.server]
        for account in (server, server.persons[sender.person]):
            account.seconds += seconds - _USUAL_SECONDS
            account.running -= 1
        self._running -= Counter((sender.person,))
        self._free += weight
        self._call()

    def _forget(self, sender: Sender) -> None:
        """Forget accounts without a debt, and all idle servers if there are too many."""
        server = self._servers[sender.server]
        person = server.persons[sender.person]
        if not person.inside and person.seconds <= server.level:
            del server.persons[sender.person]
        if not server.inside and server.seconds <= self._level and not server.persons:
            del self._servers[sender.server]
        if len(self._servers) > _IDLE_SERVERS_MAX:
            self._servers = {
                number: server for number, server in self._servers.items() if server.inside
            }


def _full(count: int, most: int | None) -> bool:
    return most is not None and count >= most


class Failures:
    """Limits how many unusable pictures one person may have read in a time."""

    def __init__(self, *, most: int, seconds: float, monotonic: Callable[[], float]) -> None:
        """Allow ``most`` failures within ``seconds`` seconds."""
        self._most = most
        self._seconds = seconds
        self._monotonic = monotonic
        self._when: TTLCache[int, deque[float], float] = TTLCache(
            math.inf, ttl=seconds, timer=monotonic
        )

    def check(self, person: int) -> None:
        """Check a person's recent failures.

        Raises:
            PicturesFailed: they have reached the limit; it has the seconds to wait.
        """
        when = self._when.get(person)
        if when is None or len(when) < self._most:
            return
        wait = when[0] + self._seconds - self._monotonic()
        if wait > 0:
            raise PicturesFailed(len(when), retry_after=wait)

    def count(self, person: int) -> None:
        """Count a failure of a person."""
        when = self._when.get(person) or deque(maxlen=self._most)
        when.append(self._monotonic())
        # Stored again to renew its lifetime in the cache.
        self._when[person] = when
