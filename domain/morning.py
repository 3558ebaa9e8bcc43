"""What the DPO sees each morning: every open request by what presses most. Case numbers only."""

from __future__ import annotations

from datetime import date

from domain.activity import Entry


class OpenCase(Entry):
    """One open request. `steer_on` is the day to plan on; days left are counted to it and may be negative."""

    case: str
    kind: str
    state: str
    handler: str
    received: date
    promise: date
    law: date
    law_shifted: date
    extended: date | None
    unpaused: date
    paused: bool
    steer_on: date
    days_left: int
    rung: str | None = None


class Escalation(Entry):
    """One rung climbed this morning: which case, which roles were told, and whether the message left."""

    case: str
    rung: str
    roles: tuple[str, ...]
    sent: bool
    trouble: str | None = None


class MorningList(Entry):
    """The list of one morning, most pressing first."""

    as_of: date
    cases: tuple[OpenCase, ...]
    escalations: tuple[Escalation, ...] = ()

    @property
    def overdue(self) -> tuple[OpenCase, ...]:
        """The cases whose steering day has passed."""
        return tuple(c for c in self.cases if c.days_left < 0)
