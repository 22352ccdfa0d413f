"""The status of the provider: whether it takes work, and if not, why and since when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
class RefusedModel:
    """A model that the key may not use."""

    probe_at: datetime
    """When a task may probe whether it may now."""
    probe_after: timedelta = FIRST_PROBE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """What a provider has said about taking work, shared by all processes."""

    closure: Closure | None = None
    """Why it takes no work, of no model."""
    refused_models: Mapping[str, RefusedModel] = field(default_factory=dict)
    """The models that the key may not use, by their ids."""
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
        """Why no task of this model is taken; ``model=None`` asks about all work."""
        if self.closure is None and model in self.refused_models:
            return Closure.MODEL_REFUSED
        return self.closure

    def refusing(self, model: str, now: datetime) -> "ProviderStatus":
        """The status after the provider said that the key may not use a model."""
        if model in self.refused_models:
            return self
        refused = RefusedModel(probe_at=now + FIRST_PROBE_AFTER)
        return replace(self, refused_models={**self.refused_models, model: refused})

    def closed(self, closure: Closure, now: datetime) -> "ProviderStatus":
        """The status after the provider stopped taking work."""
        if self.closure is closure:
            return self
        is_account = closure is Closure.ACCOUNT_REFUSED
        after = PROBE_ACCOUNT_EVERY if is_account else FIRST_PROBE_AFTER
        return replace(
            self,
            closure=closure,
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
        if counted.unclear < UNCLEAR_IN_A_ROW or self.closure is not None:
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
        left = {name: one for name, one in self.refused_models.items() if name != model}
        nothing = replace(self, closure=None, since=None, last_told=None, refused_models=left)
        return replace(nothing, suspect=None, unclear=0)

    def probe_is_due(self, now: datetime, model: str | None = None) -> bool:
        """Whether a task of this model may be sent as a probe.

        A refused key is checked in another way.
        """
        refused = self.refused_models.get(model or "")
        if self.closure is None and refused is not None:
            return now >= refused.probe_at
        if self.closure in (None, Closure.KEY_REFUSED):
            return False
        return self.probe_at is None or now >= self.probe_at

    def probed(self, now: datetime, model: str | None = None) -> "ProviderStatus":
        """The status after a probe was sent; the next one has to wait longer."""
        if not self.probe_is_due(now, model):
            return self
        if self.closure is None and model is not None:
            return self._probed_model(model, now)
        after = min(self.probe_after * 2, LONGEST_PROBE_AFTER)
        if self.closure is Closure.ACCOUNT_REFUSED:
            after = PROBE_ACCOUNT_EVERY
        return replace(self, probe_after=after, probe_at=now + after)

    def _probed_model(self, model: str, now: datetime) -> "ProviderStatus":
        after = min(self.refused_models[model].probe_after * 2, LONGEST_PROBE_AFTER)
        refused = RefusedModel(probe_at=now + after, probe_after=after)
        return replace(self, refused_models={**self.refused_models, model: refused})

    def paused(self, until: datetime) -> "ProviderStatus":
        """The status after the provider asked for no requests; a longer pause stays."""
        return replace(self, quiet_until=max(until, self.quiet_until or until))
