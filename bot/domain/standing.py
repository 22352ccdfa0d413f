"""How the provider stands to this operator: whether it takes work, and since when not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import Closure

# PROVIDER.md: a balance only shows by a real task.
FIRST_PROBE_AFTER = timedelta(minutes=5)
LONGEST_PROBE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the provider has said about taking work at all; the same for all who work with it."""

    closure: Closure | None = None
    said: Closure | None = None
    """What the operator was told last; ``None`` once work was taken."""
    accepted_at: datetime | None = None
    """When a look found the key good again, no work having been taken since."""
    probe_at: datetime | None = None
    """When a task may find out whether there is balance again."""
    probe_after: timedelta = FIRST_PROBE_AFTER
    quiet_until: datetime | None = None
    """Until when it asked to be left alone."""

    def closed(self, closure: Closure, now: datetime) -> "Standing":
        """It takes nothing, for this reason."""
        if self.closure is closure:
            return self
        return replace(
            self,
            closure=closure,
            said=closure,
            probe_after=FIRST_PROBE_AFTER,
            probe_at=now + FIRST_PROBE_AFTER,
        )

    def is_news(self, closure: Closure, now: datetime) -> bool:
        """Whether the operator has to be told of this closure.

        Not where a look accepted the key a moment ago and no task was taken since: some keys may
        look and not create, and the operator would be told every minute.
        """
        if self.closure is closure:
            return False
        was_good = self.accepted_at is not None and now - self.accepted_at > LONGEST_PROBE_AFTER
        return closure is not self.said or was_good

    def accepted(self, now: datetime) -> "Standing":
        """The key is good again; whether work is taken will show."""
        if self.closure is not Closure.KEY_REFUSED:
            return self
        return replace(self, closure=None, accepted_at=now)

    def opened(self) -> "Standing":
        """It took a task."""
        return replace(self, closure=None, said=None)

    def probe_is_due(self, now: datetime) -> bool:
        """Whether a task may be sent although the balance was empty."""
        is_balance = self.closure is Closure.BALANCE_EMPTY
        return is_balance and (self.probe_at is None or now >= self.probe_at)

    def probed(self, now: datetime) -> "Standing":
        """Somebody sends that task; the next one has to wait for longer."""
        if not self.probe_is_due(now):
            return self
        after = min(self.probe_after * 2, LONGEST_PROBE_AFTER)
        return replace(self, probe_after=after, probe_at=now + after)

    def paused(self, until: datetime) -> "Standing":
        """It asked for quiet; a shorter one does not take back a longer one."""
        return replace(self, quiet_until=max(until, self.quiet_until or until))
