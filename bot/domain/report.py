"""Reports of videos, what is decided about them, and what is blocked.

A :class:`Report` does not name its reporter, so nothing that shows one can.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.task import Task

REPORT_CHARS = 1_000
"""The longest text of a report."""
REPORTS_A_DAY = 5
"""The most reports of one person in 24 hours, over all servers."""
KEEP_DECIDED = timedelta(days=90)
"""How long a report is kept after the decision."""
KEEP_OPEN = timedelta(days=365)
"""How long a report is kept that nobody decides."""
EVERYWHERE = 0
"""In place of a server's id: the operator's block, which holds in all servers."""


class ReportReason(StrEnum):
    """What a report is about."""

    PERSON = "person"
    """The video shows the reporter, or somebody they know."""
    SEXUAL = "sexual"
    VIOLENCE = "violence"
    COPYRIGHT = "copyright"
    OTHER = "other"


class Verdict(StrEnum):
    """The decision about a report."""

    REMOVED = "removed"
    DISMISSED = "dismissed"


class BlockKind(StrEnum):
    """The kind of subject that is blocked."""

    PERSON = "person"
    SERVER = "server"
    DIGEST = "digest"
    """A picture, by the SHA-256 of its first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """A report as it is filed."""

    task: Task
    person_id: int
    """The reporter."""
    reason: ReportReason
    words: str
    channel_id: int | None
    message_id: int | None
    """The message that was reported."""
    guild_id: int | None
    """The server whose moderators decide; ``None``: the operator does."""
    hides: bool = False
    """Whether the video is to be hidden until the decision, unless one was dismissed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as those who decide see it."""

    id: int
    task_id: str
    guild_id: int | None
    author_id: int
    """The person who asked for the video."""
    channel_id: int | None
    message_id: int | None
    reason: ReportReason
    words: str
    made_at: datetime
    verdict: Verdict | None = None
    decided_at: datetime | None = None
    hides: bool = False
    """Whether the video is hidden until the decision."""
    card_channel_id: int | None = None
    card_message_id: int | None = None
    """The card in the log channel, if there is one."""

    @property
    def link(self) -> str:
        """The URL of the reported message."""
        guild = self.guild_id or "@me"
        return f"https://discord.com/channels/{guild}/{self.channel_id}/{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A result that is to be removed, or was."""

    task_id: str
    guild_id: int | None
    channel_id: int | None
    message_id: int | None
    digest: str
    """The digest of its first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A block that applies to a request."""

    kind: BlockKind
    guild_id: int
    """The server that it holds in; ``EVERYWHERE`` for the operator's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockEntry:
    """A block as the operator sees it."""

    kind: BlockKind
    subject: str
    guild_id: int
    reason: str | None
    made_at: datetime
