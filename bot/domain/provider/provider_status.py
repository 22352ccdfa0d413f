"""The status of the provider: whether it takes work, and if not, why and since when."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import Closure

# The provider has no call to ask for the balance, so only a real task can find out.
FIRST_PROBE_AFTER = timedelta(minutes=5)
LONGEST_PROBE_AFTER = timedelta(hours=1)
UNCLEAR_IN_A_ROW = 3
"""The most create calls in a row without a clear answer; each of them holds its money."""
# Two refusals without a reason may have been about two unwanted requests. Another attempt costs
# nothing if refused, so all others wait no longer than this.
PROBE_ACCOUNT_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """What the provider has said about taking work, shared by all processes."""

    closure: Closure | None = None
    model: str | None = None
    """The model that the closure is about, if it is about one."""
    since: datetime | None = None
    """When the provider stopped taking work."""
    unclear: int = 0
    """How many create calls in a row had no clear answer."""
    suspect: str | None = None
    """The last request that was refused without a known reason, if none was taken since; see
    :meth:`refused`."""
    last_told: Closure | None = None
    """The last closure that the operator was told about; ``None`` once work was taken."""
    accepted_at: datetime | None = None
    """When a check found the key good again, if no work was taken since."""
    probe_at: datetime | None = None
    """When a task may probe whether the provider takes work again."""
    probe_after: timedelta = FIRST_PROBE_AFTER
    quiet_until: datetime | None = None
    """Until when the provider asked for no requests."""

    def closes(self, model: str | None) -> Closure | None:
        """Why no task of this model is taken; ``model=None`` asks about any model."""
        is_other = self.model is not None and model is not None and model != self.model
        return None if is_other else self.closure

    def closed(
        self, closure: Closure, now: datetime, *, model: str | None = None
    ) -> "ProviderStatus":
        """The status after the provider stopped taking work, of one model or of all."""
        if (self.closure, self.model) == (closure, model):
            return self
        is_account = closure is Closure.ACCOUNT_REFUSED
        after = PROBE_ACCOUNT_EVERY if is_account else FIRST_PROBE_AFTER
        return replace(
            self,
            closure=closure,
            model=model,
            since=now,
            unclear=self.unclear if closure is Closure.UNCLEAR else 0,
            last_told=closure,
            probe_after=after,
            probe_at=now + after,
        )

    def refused(self, request: str, now: datetime) -> "ProviderStatus":
        """The status after a refusal without a reason; ``request`` is a digest of its content.

        The refusal may be about this content only. If the provider refuses another request in the
        same way, and took none in between, it is about the account.
        """
        if self.suspect is None or self.suspect == request:
            return replace(self, suspect=request)
        return self.closed(Closure.ACCOUNT_REFUSED, now)

    def is_news(self, closure: Closure, now: datetime) -> bool:
        """Whether the operator has to be told of this closure.

        Not if a check accepted the key a moment ago and no task was taken since: some keys may
        poll but not create, and the operator would be told every minute.
        """
        if self.closure is closure:
            return False
        was_good = self.accepted_at is not None and now - self.accepted_at > LONGEST_PROBE_AFTER
        return closure is not self.last_told or was_good

    def lost(self, now: datetime) -> "ProviderStatus":
        """The status after a create call without a clear answer."""
        counted = replace(self, unclear=self.unclear + 1)
        is_open = self.closure in (None, Closure.MODEL_REFUSED)
        if counted.unclear < UNCLEAR_IN_A_ROW or not is_open:
            return counted
        return counted.closed(Closure.UNCLEAR, now)

    def answered(self) -> "ProviderStatus":
        """The status after a create call with a clear answer, whatever it was."""
        if self.closure is Closure.UNCLEAR:
            return replace(self, closure=None, since=None, last_told=None, unclear=0)
        return replace(self, unclear=0)

    def accepted(self, now: datetime) -> "ProviderStatus":
        """The status after a check found the key good again."""
        if self.closure is not Closure.KEY_REFUSED:
            return self
        return replace(self, closure=None, since=None, accepted_at=now)

    def opened(self, model: str | None = None) -> "ProviderStatus":
        """The status after the provider took a task of this model."""
        if self.closure is not None and self.closes(model) is None:
            return replace(self, suspect=None, unclear=0)
        nothing = replace(self, closure=None, model=None, since=None, last_told=None)
        return replace(nothing, suspect=None, unclear=0)

    def probe_is_due(self, now: datetime) -> bool:
        """Whether a task may be sent as a probe; a refused key is checked in another way."""
        if self.closure in (None, Closure.KEY_REFUSED):
            return False
        return self.probe_at is None or now >= self.probe_at

    def probed(self, now: datetime) -> "ProviderStatus":
        """The status after a probe was sent; the next one has to wait longer."""
        if not self.probe_is_due(now):
            return self
        after = min(self.probe_after * 2, LONGEST_PROBE_AFTER)
        if self.closure is Closure.ACCOUNT_REFUSED:
            after = PROBE_ACCOUNT_EVERY
        return replace(self, probe_after=after, probe_at=now + after)

    def paused(self, until: datetime) -> "ProviderStatus":
        """The status after the provider asked for no requests; a longer pause stays."""
        return replace(self, quiet_until=max(until, self.quiet_until or until))
