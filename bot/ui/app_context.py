"""What commands and buttons work with; built in ``bot.app``, carried by the client."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import aiohttp

from bot.clock import Clock
from bot.domain.model import Model
from bot.domain.money import Usd
from bot.domain.quota import Limits, Usage
from bot.domain.statistics import Made
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint, FoundPicture, Person, Task
from bot.services.metrics_sink import MetricsSink
from bot.services.moderation import Moderation
from bot.services.ports import Messenger
from bot.services.privacy import Privacy
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.interaction_tokens import InteractionTokens
from bot.ui.delivery.log_channel import LogChannel
from bot.ui.submission.replies import Replies


class Intake(Protocol):
    """Where requests of any entry point go in."""

    async def check(self, submission: Submission) -> None:
        """Say no early, before anything is shown.

        Raises:
            Refusal: it would not be taken now.
        """

    async def accept(self, submission: Submission) -> Task:
        """The task, committed.

        Raises:
            Refusal: nothing was written.
        """


class Allowances(Protocol):
    """Who may have how much."""

    async def limits(self, person: Person, guild_id: int | None) -> Limits:
        """What applies to this person in this place, now."""


class Tasks(Protocol):
    """What is read of the store."""

    async def get(self, task_id: str) -> Task | None:
        """The task, whoever has it."""

    async def of_result(self, message_id: int) -> Task | None:
        """The task whose result this message is."""

    async def check_none_on_its_way(
        self, parent_id: str, person_id: int, entry_point: EntryPoint
    ) -> None:
        """
        Raises:
            AlreadyAgain: this person is making that one again in this way already.
        """

    async def taken_away(self, task_id: str) -> None:
        """Its result was deleted."""

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        """What `/quota` shows."""

    async def listed(
        self, *, person_id: int | None = None, limit: int = 50, before: Task | None = None
    ) -> Sequence[Task]:
        """Newest first."""

    async def cancel(self, task_id: str, person_id: int) -> Task:
        """
        Raises:
            NotFound: no such task of theirs. StaleTask: it was sent already.
        """

    async def send_again(
        self, task_id: str, person_id: int, *, message_id: int | None = None
    ) -> Task:
        """
        Raises:
            NotFound: no such task of theirs. StaleTask: it is not to be sent again now.
        """

    async def pending_notices(self, person_id: int) -> Sequence[Task]:
        """Theirs whose ending could be said nowhere."""

    async def clear_pending_notices(self, person_id: int) -> None:
        """All of that has been said."""


class Statistics(Protocol):
    """What a server's videos come to."""

    async def made(self, guild_id: int, since: datetime) -> Made:
        """A server's tasks since then, summed up."""


class MenuForms(Protocol):
    """What menus found in messages. Both methods raise ``StorageError``."""

    async def keep(self, message_id: int, person_id: int, pictures: Sequence[FoundPicture]) -> None:
        """Write down what was found."""

    async def find(self, message_id: int, person_id: int) -> Sequence[FoundPicture] | None:
        """What was found; ``None``: it is not known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """All of it, by name."""

    intake: Intake
    allowances: Allowances
    moderation: Moderation
    """What moderators see and change; whether somebody is one, who calls it has checked."""
    tasks: Tasks
    messenger: Messenger
    tokens: InteractionTokens
    places: InstallContext
    replies: Replies
    model: Model
    clock: Clock
    http: aiohttp.ClientSession
    """For reading attachments."""
    metrics: MetricsSink
    log_channel: LogChannel
    """What a server's moderators should know."""
    privacy: Privacy
    statistics: Statistics
    menu_forms: MenuForms
    wake: Callable[[], None]
    """There is something for the worker of this process, if it has one."""
    prices: Mapping[str, Usd]
    """What a video of each resolution is taken to cost until the provider has charged once."""
    picture_origins: frozenset[str]
    """Where attachments may be read from, such as ``https://cdn.discordapp.com``."""
    keep_images_days: int
