"""Turns at what is scarce: by server, then by person, and who took long goes behind the others.

Fair queueing with virtual time, on two levels. Each server, and within it each person, has an
account of the seconds that its turns took. The next turn goes to the server with the smallest
account, and there to the person with the smallest. Whoever comes in new, or comes back, starts
where the others are now: nobody saves up, and a debt lasts only while others are waiting.
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

# Entered at the start of a turn, so that the next one goes to somebody else; corrected at its end.
_USUAL_SECONDS = 0.2
# Accounts that are kept of those who have nothing here; what is forgotten is a debt of seconds.
_IDLE_SERVERS_MAX = 1000


@dataclass(slots=True)
class _Account:
    seconds: float
    inside: int = 0
    """Turns that wait or run."""
    running: int = 0


@dataclass(slots=True)
class _Server(_Account):
    persons: dict[int, _Account] = field(default_factory=dict)
    level: float = 0.0
    """Where a person who comes in starts."""


@dataclass(slots=True, eq=False)
class _Waiting:
    sender: Sender
    weight: int
    number: int
    called: asyncio.Future[None]


class FairQueue:
    """A capacity that is dealt out. Used from one event loop only."""

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
            capacity: the sum of the weights of all turns that run at once.
            monotonic: seconds, for what a turn took.
            running_of_person, running_of_server: how many run at once; others wait.
            inside_of_person, inside_of_server: how many run or wait; others are refused.
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
        # A person's own over all servers.
        self._inside: Counter[int] = Counter()
        self._running: Counter[int] = Counter()

    @asynccontextmanager
    async def turn(self, sender: Sender, weight: int = 1) -> AsyncIterator[None]:
        """Come in, wait for a turn, and take it: :meth:`inside` and :meth:`taken`."""
        with self.inside(sender):
            async with self.taken(sender, weight):
                yield

    @contextmanager
    def inside(self, sender: Sender) -> Iterator[None]:
        """Be among those who may take turns.

        Raises:
            PicturesWaiting: this person has as many in here as one may have.
            Busy: the server has.
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
        """Wait for a turn, and take it; ``sender`` is inside.

        Args:
            weight: of the capacity; more than all of it counts as all.
        """
        weight = min(weight, self._capacity)
        await self._called(sender, weight)
        started = self._monotonic()
        try:
            yield
        finally:
            self._give_back(sender, weight, self._monotonic() - started)

    def _accounts(self, sender: Sender) -> tuple[_Server, _Account]:
        """Of server and person. Who has nothing in here starts no lower than the others are."""
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
                # It may have been the one that all others waited for.
                self._call()
            else:
                self._give_back(sender, weight, 0.0)
            raise

    def _call(self) -> None:
        """As many as there is room for, in their order.

        Nobody goes before a large one that does not fit yet: it would wait for ever.
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
        """Accounts that say nothing, and all idle ones where they are too many."""
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
    """Pictures that were read for nothing, by person: a few a minute, then others' come first."""

    def __init__(self, *, most: int, seconds: float, monotonic: Callable[[], float]) -> None:
        """``most`` within ``seconds``."""
        self._most = most
        self._seconds = seconds
        self._monotonic = monotonic
        self._when: TTLCache[int, deque[float], float] = TTLCache(
            math.inf, ttl=seconds, timer=monotonic
        )

    def check(self, person: int) -> None:
        """
        Raises:
            PicturesFailed: they have had as many as one may have, with the seconds to wait.
        """
        when = self._when.get(person)
        if when is None or len(when) < self._most:
            return
        wait = when[0] + self._seconds - self._monotonic()
        if wait > 0:
            raise PicturesFailed(len(when), retry_after=wait)

    def count(self, person: int) -> None:
        """One more."""
        when = self._when.get(person) or deque(maxlen=self._most)
        when.append(self._monotonic())
        # Written again, so that it is kept for as long as this one counts.
        self._when[person] = when
