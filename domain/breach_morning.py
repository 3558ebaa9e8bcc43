"""What the DPO sees of the breaches under way: numbers, hours and duties, never what happened or to whom."""

from __future__ import annotations

from datetime import datetime

from domain.activity import Entry


class OwedNotice(Entry):
    """One notice of one breach: to whom, how it stands, hours left (None: nothing presses), the rung climbed now."""

    breach: str
    state: str
    whom: str
    article: str
    duty: str
    limit: datetime | None
    hours_left: int | None
    rung: str | None = None
    sent: bool = False
    trouble: str | None = None


class BreachWatch(Entry):
    """Every open breach at one moment, most pressing first."""

    at: datetime
    notices: tuple[OwedNotice, ...]

    @property
    def climbed(self) -> tuple[OwedNotice, ...]:
        """The notices of which a rung was climbed now."""
        return tuple(n for n in self.notices if n.rung)

    @property
    def overdue(self) -> tuple[OwedNotice, ...]:
        """The notices whose limit has passed."""
        return tuple(n for n in self.notices if n.hours_left is not None and n.hours_left < 0)
