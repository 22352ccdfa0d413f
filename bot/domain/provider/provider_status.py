"""How the provider stands to this operator: whether it takes work, and since when not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import Closure

# Only a real task shows whether the balance is used up: the provider has no call that asks.
FIRST_PROBE_AFTER = timedelta(minutes=5)
LONGEST_PROBE_AFTER = timedelta(hours=1)
UNCLEAR_IN_A_ROW = 3
"""So many create calls without a clear answer, each of which holds its money, and no more."""
# What was refused without a reason may have been two requests that nobody wants: a refusal costs
# nothing, so the others wait no longer than this.
PROBE_ACCOUNT_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """What the provider has said about taking work at all; the same for all who work with it."""

    closure: Closure | None = None
    model: str | None = None
    """The one that the closure is about, where it is about a model."""
    since: datetime | None = None
    """When it closed."""
    unclear: int = 0
    """How many create calls in a row had no clear answer."""
    suspect: str | None = None
    """What was refused last without a known reason, nothing having been taken since; see
    :meth:`refused`."""
    last_told: Closure | None = None
    """What the operator was told last; ``None`` once work was taken."""
    accepted_at: datetime | None = None
    """When a look found the key good again, no work having been taken since."""
    probe_at: datetime | None = None
    """When a task may find out whether there is balance again."""
    probe_after: timedelta = FIRST_PROBE_AFTER
    quiet_until: datetime | None = None
    """Until when it asked to be left alone."""

    def closes(self, model: str | None) -> Closure | None:
        """Why nothing is taken for this model; ``None``: for any, whichever it is."""
        is_other = self.model is not None and model is not None and model != self.model
        return None if is_other else self.closure

    def closed(
        self, closure: Closure, now: datetime, *, model: str | None = None
    ) -> "ProviderStatus":
        """It takes nothing, for this reason; ``model``: of this one only."""
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
        """It did not say why it refused this request (a digest of what is in it).

        It may not have wanted what is in there, which is nobody else's business. Where it refuses
        another one just so, with nothing taken in between, it is the account.
        """
        if self.suspect is None or self.suspect == request:
            return replace(self, suspect=request)
        return self.closed(Closure.ACCOUNT_REFUSED, now)

    def is_news(self, closure: Closure, now: datetime) -> bool:
        """Whether the operator has to be told of this closure.

        Not where a look accepted the key a moment ago and no task was taken since: some keys may
        look and not create, and the operator would be told every minute.
        """
        if self.closure is closure:
            return False
        was_good = self.accepted_at is not None and now - self.accepted_at > LONGEST_PROBE_AFTER
        return closure is not self.last_told or was_good

    def lost(self, now: datetime) -> "ProviderStatus":
        """A create call had no clear answer: nobody knows whether it was taken."""
        counted = replace(self, unclear=self.unclear + 1)
        is_open = self.closure in (None, Closure.MODEL_REFUSED)
        if counted.unclear < UNCLEAR_IN_A_ROW or not is_open:
            return counted
        return counted.closed(Closure.UNCLEAR, now)

    def answered(self) -> "ProviderStatus":
        """A create call had a clear answer, whatever it was."""
        if self.closure is Closure.UNCLEAR:
            return replace(self, closure=None, since=None, last_told=None, unclear=0)
        return replace(self, unclear=0)

    def accepted(self, now: datetime) -> "ProviderStatus":
        """The key is good again; whether work is taken will show."""
        if self.closure is not Closure.KEY_REFUSED:
            return self
        return replace(self, closure=None, since=None, accepted_at=now)

    def opened(self, model: str | None = None) -> "ProviderStatus":
        """It took a task of this model."""
        if self.closure is not None and self.closes(model) is None:
            return replace(self, suspect=None, unclear=0)
        nothing = replace(self, closure=None, model=None, since=None, last_told=None)
        return replace(nothing, suspect=None, unclear=0)

    def probe_is_due(self, now: datetime) -> bool:
        """Whether a task may be sent although it took nothing; a key is asked for otherwise."""
        if self.closure in (None, Closure.KEY_REFUSED):
            return False
        return self.probe_at is None or now >= self.probe_at

    def probed(self, now: datetime) -> "ProviderStatus":
        """Somebody sends that task; the next one has to wait for longer."""
        if not self.probe_is_due(now):
            return self
        after = min(self.probe_after * 2, LONGEST_PROBE_AFTER)
        if self.closure is Closure.ACCOUNT_REFUSED:
            after = PROBE_ACCOUNT_EVERY
        return replace(self, probe_after=after, probe_at=now + after)

    def paused(self, until: datetime) -> "ProviderStatus":
        """It asked for quiet; a shorter one does not take back a longer one."""
        return replace(self, quiet_until=max(until, self.quiet_until or until))
