"""Why a request is refused before anything is spent; ``pictures`` has what is about pictures.

::

    Refusal
    ├── OptionRefused              prompt, resolution, seed …
    ├── SettingsClash              … together with what another moderator has changed
    ├── QuotaRefused               a limit, named by its ``denial``
    ├── BlockRefused               the person, the server or the picture is blocked
    ├── ReportRefused              a report that is not taken, see ReportProblem
    ├── PermissionsMissing         the bot lacks permissions in the channel
    ├── PlaceRefused               a server, channel or direct message that it does not work in
    ├── WordBlocked                the prompt has a word that the server blocks
    │   └── WordBlockedEverywhere  … that the operator blocks
    ├── ContentRefused             the operator's check does not allow picture or prompt
    ├── ContentUnchecked           the operator's check gave no answer
    ├── Closed                     the provider takes no work, see Closure
    ├── Paused                     the operator paused spending
    ├── Busy                       the queue is full, or the bot is stopping
    ├── NoRoom                     pictures of videos in progress take all disk space
    ├── NotFound                   the task does not exist or is not the person's
    ├── VideoGone                  the result is no longer stored
    ├── ModelForbidden             a server does not allow the model
    ├── PriceForbidden             a server does not allow a video that costs so much
    ├── ModelGone                  the model of the video is no longer offered
    ├── NotTheirs                  only the person who asked, or a moderator, may do it
    ├── NotModerator               the command is for moderators
    ├── NotManager                 the command is for members who may manage the server
    ├── CommandRefused             the server does not let them use the command there
    ├── AlreadyAgain               the person's same reroll is already in progress
    └── CommandGone                a command, button or form of an earlier version
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors.base import Refusal

if TYPE_CHECKING:
    from bot.domain.content_check import ContentFinding
    from bot.domain.money import Usd
    from bot.domain.quotas.quota import Denial, Offer
    from bot.domain.report import Blocked


class OptionRefused(Refusal):
    """An option is out of bounds."""

    def __init__(
        self,
        option: str,
        *,
        given: object,
        allowed: Sequence[object],
        model: str | None = None,
        taken_by: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{option}: {given!r} is not within {allowed!r}")
        self.option = option
        self.given = given
        """The length in characters of a text; otherwise the value."""
        self.allowed = allowed
        """The least and the most of a text's length or a number; otherwise all choices."""
        self.model = model
        """The model that it was for, by its label; ``None`` if it does not depend on one."""
        self.taken_by = taken_by
        """The labels of the models that take what was given."""


class SettingsClash(Refusal):
    """Settings are out of bounds together with what another moderator has just changed."""

    def __init__(self, cause: OptionRefused) -> None:
        super().__init__(f"together with another change, {cause}")
        self.cause = cause


class QuotaRefused(Refusal):
    """A limit does not allow the request now; ``denial`` has the limit and when it frees up."""

    def __init__(self, denial: "Denial") -> None:
        super().__init__(denial.reason.value)
        self.denial = denial


class BlockRefused(Refusal):
    """The operator blocked the person or the server, or somebody blocked the picture."""

    def __init__(self, block: "Blocked") -> None:
        super().__init__(f"{block.kind.value} in {block.guild_id}")
        self.block = block


class ReportProblem(StrEnum):
    """Why a report is not taken."""

    OWN = "own"
    """The video is the reporter's own."""
    TWICE = "twice"
    """The person has reported this video before."""
    TOO_MANY = "too_many"
    """The person has made the most reports of a day."""
    GONE = "gone"
    """The video has been deleted already."""
    NOT_A_RESULT = "not_a_result"
    """The message is not a video of this bot."""
    HIDDEN = "hidden"
    """The video is hidden until the decision, and not made again until then."""
    DECIDED = "decided"
    """Somebody else has decided the report already."""


class ReportRefused(Refusal):
    """A report is not taken, or was decided before."""

    def __init__(self, problem: ReportProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class PermissionsMissing(Refusal):
    """The bot lacks permissions in the channel."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = tuple(missing)
        """Discord's own names in lower case, such as ``attach_files``."""


class PlaceProblem(StrEnum):
    """Why the bot does not work in a place."""

    GUILD_NOT_LISTED = "guild_not_listed"
    DIRECT_MESSAGE = "direct_message"
    CHANNEL_NOT_ALLOWED = "channel_not_allowed"
    NOT_INVITED = "not_invited"
    """Only a person installed the bot here, which the operator does not allow."""
    NO_SERVER = "no_server"
    """The command is about a server, and the bot is not in one here."""
    UNKNOWN_CHANNEL = "unknown_channel"
    """discord.py does not know this kind of channel."""


class PlaceRefused(Refusal):
    """The operator or the server's moderators do not allow the bot in this place."""

    def __init__(
        self, problem: PlaceProblem, *, allowed_channel_ids: frozenset[int] = frozenset()
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.allowed_channel_ids = allowed_channel_ids
        """The channels to use instead; for ``CHANNEL_NOT_ALLOWED``."""

    def seen_by(self, channel_ids: frozenset[int]) -> "PlaceRefused":
        """The same for somebody who sees only these channels."""
        visible = self.allowed_channel_ids & channel_ids
        return PlaceRefused(self.problem, allowed_channel_ids=visible)


class WordBlocked(Refusal):
    """The prompt has a word that the server's moderators blocked."""


class WordBlockedEverywhere(WordBlocked):
    """The prompt has a word that the operator blocked."""


class ContentRefused(Refusal):
    """The operator's check does not allow the picture or the prompt."""

    def __init__(self, finding: "ContentFinding") -> None:
        super().__init__(f"{finding.category} {finding.score:.2f}")
        self.finding = finding


class ContentUnchecked(Refusal):
    """The operator's check gave no answer, and nothing is allowed without one."""


class Closure(StrEnum):
    """Why nothing is sent to the provider at the moment."""

    KEY_REFUSED = "key_refused"
    BALANCE_EMPTY = "balance_empty"
    MODEL_REFUSED = "model_refused"
    """The closure concerns one model only."""
    ACCOUNT_REFUSED = "account_refused"
    """The provider refuses the account without saying why."""
    UNCLEAR = "unclear"
    """The provider gives no clear answers, so each request may have been taken."""


class Closed(Refusal):
    """The provider takes nothing from this operator for now."""

    def __init__(self, closure: Closure) -> None:
        super().__init__(closure.value)
        self.closure = closure


class Paused(Refusal):
    """The operator paused spending: `flipbook pause`."""


class Busy(Refusal):
    """The queue is full or the process is stopping; trying again in a moment may work."""


class NoRoom(Refusal):
    """The pictures of videos in progress take all the disk space that the operator allows."""


class NotFound(Refusal):
    """The task does not exist, or is not the person's."""


class VideoGone(Refusal):
    """A button or reaction is on a video that the database no longer has."""


class ModelForbidden(Refusal):
    """A server's moderators do not allow the model."""

    def __init__(self, model: str, *, allowed: Sequence[str]) -> None:
        super().__init__(model)
        self.model = model
        """The model's label."""
        self.allowed = tuple(allowed)
        """The labels of the models that they do allow."""


class PriceForbidden(Refusal):
    """A server's moderators do not allow a video that costs so much."""

    def __init__(self, estimate: "Usd", *, highest: "Usd", fits: "Sequence[Offer]") -> None:
        super().__init__(f"{estimate} is more than {highest}")
        self.estimate = estimate
        self.highest = highest
        self.fits = tuple(fits)
        """Some videos that cost less, the most similar first."""


class ModelGone(Refusal):
    """The model that made a video is no longer offered, so it cannot be made again."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class NotTheirs(Refusal):
    """Only the person who asked for a video, or a moderator, may do this."""


class NotModerator(Refusal):
    """Only moderators may do this: members with Manage Server or the moderator role."""


class NotManager(Refusal):
    """Only members with Manage Server may do this."""


class CommandRefused(Refusal):
    """The server's permissions do not let this person use the command in that channel."""


class AlreadyAgain(Refusal):
    """The same reroll of this result is already in progress for this person."""


class CommandGone(Refusal):
    """Discord shows a command, button or form of an earlier version, which no longer exists."""
