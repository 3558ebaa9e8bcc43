"""What a data breach is, whom it must be told to and by when, and when its file may be closed (AVG 33 and 34).

What happened, what came of it and what was done stands encrypted in the ledger; here is only what the law asks about.
A proposal is not a breach yet, but the clock already runs from it: the safe side of "aware".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.activity import Role
from domain.deadlines import breach_limit
from domain.trouble import Refused


class Harm(StrEnum):
    """What was lost: a breach is not only a leak (AVG 4(12)). A wrong destruction is one of availability."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


class Risk(StrEnum):
    """How likely the breach is to harm people (AVG 33(1), 34(1)). Not judged yet counts as a risk."""

    NOT_JUDGED = "not judged"
    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"


class Whom(StrEnum):
    """Who may have to be told."""

    AUTHORITY = "authority"  # the AP, AVG 33(1)
    CONTROLLER = "controller"  # the practice for which 12Care is processor, AVG 33(2)
    PERSONS = "persons"  # those whose data it is, AVG 34(1)


class Phase(StrEnum):
    """A notice may come in parts (AVG 33(4)); the last one is complete."""

    FIRST = "first"
    MORE = "more"
    COMPLETE = "complete"


class Exemption(StrEnum):
    """Why persons need not be told although the risk is high: AVG 34(3)."""

    UNINTELLIGIBLE = "a"  # nobody can read what leaked (encrypted)
    RISK_TAKEN_AWAY = "b"  # measures afterwards took the high risk away
    DISPROPORTIONATE = "c"  # out of proportion: a public notice instead


class BreachState(StrEnum):
    """Where the file of a breach stands."""

    PROPOSED = "proposed"
    OPEN = "open"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class DutyState(StrEnum):
    """Whether a notice is owed."""

    OWED = "owed"
    BEGUN = "begun"  # a first part went; the rest is owed
    UNDECIDED = "undecided"
    TOLD = "told"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True)
class Told:
    """One notice that went out: to whom, when (aware), and which part of it."""

    whom: Whom
    at: datetime
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach, without anything personal. Raises `Refused` where its parts contradict each other.

    `aware_at`: when somebody at 12Care was reasonably certain, with its zone. `persons`: at least and at most how
    many people. `late_because`: whether the reasons for a late notice are on file (AVG 33(1), second sentence).
    `filled`: which of facts, effects and remedy are on file (AVG 33(5)).
    """

    number: str
    role: Role
    aware_at: datetime
    state: BreachState = BreachState.OPEN
    harms: tuple[Harm, ...] = ()
    risk: Risk = Risk.NOT_JUDGED
    persons: tuple[int, int] | None = None
    special: bool = False
    told: tuple[Told, ...] = ()
    exemption: Exemption | None = None
    late_because: bool = False
    filled: tuple[str, ...] = ()
    source: str = ""
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        wrong = None
        if self.aware_at.tzinfo is None:
            wrong = "the moment of awareness has no time zone"
        elif self.persons is not None and not 0 <= self.persons[0] <= self.persons[1]:
            wrong = "the number of people is given as at least and at most"
        elif self.exemption is not None and self.role is not Role.CONTROLLER:
            wrong = "only a controller weighs whether persons must be told; as processor tell the controller"
        elif (self.closed_at is not None) != (self.state in (BreachState.CLOSED, BreachState.DISMISSED)):
            wrong = "a file that is closed or dismissed has the moment of that, and no other file has one"
        elif any(t.at < self.aware_at for t in self.told):
            wrong = "a notice cannot have gone before anybody was aware of the breach"
        if wrong is not None:
            raise Refused(wrong, where=f"breach {self.number}", do="correct it; nothing was changed")


#: What the register of breaches must hold of each one (AVG 33(5)).
DOCUMENTED = ("facts", "effects", "remedy")


@dataclass(frozen=True, slots=True)
class Duty:
    """One notice: to whom, by which article, until when (None: without undue delay), and how it stands."""

    whom: Whom
    article: str
    limit: datetime | None
    state: DutyState
    told_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether it went, or is still owed, after its limit."""
        if self.limit is None or self.state in (DutyState.NOT_NEEDED, DutyState.UNDECIDED):
            return False
        return (self.told_at or now) > self.limit

    @property
    def presses(self) -> bool:
        """Whether somebody must still act: a first part stops the clock of 72 hours, not the duty."""
        return self.state in (DutyState.OWED, DutyState.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Norms:
    """Hours within which a notice must be out: the law's for the authority, our own for controller and persons."""

    authority: int
    controller: int
    persons: int


def duties(breach: Breach, norms: Norms) -> tuple[Duty, ...]:
    """Whom this breach must be told to, and how each notice stands. Not judged yet counts as a risk."""
    if breach.state is BreachState.DISMISSED:
        return ()
    if breach.role is Role.PROCESSOR:
        return (_duty(breach, Whom.CONTROLLER, "AVG 33(2)", norms.controller, DutyState.OWED),)
    authority = DutyState.NOT_NEEDED if breach.risk is Risk.UNLIKELY else DutyState.OWED
    persons = {
        Risk.NOT_JUDGED: DutyState.UNDECIDED,
        Risk.UNLIKELY: DutyState.NOT_NEEDED,
        Risk.RISK: DutyState.NOT_NEEDED,
        Risk.HIGH: DutyState.OWED if breach.exemption is None else DutyState.NOT_NEEDED,
    }[breach.risk]
    return (
        _duty(breach, Whom.AUTHORITY, "AVG 33(1)", norms.authority, authority),
        _duty(breach, Whom.PERSONS, "AVG 34(1)", norms.persons, persons),
    )


def check_may_tell(breach: Breach, whom: Whom) -> None:
    """Raise `Refused` where this notice is not ours to give, or the file is no breach."""
    if breach.state is not BreachState.OPEN:
        raise Refused(
            f"a breach that is {breach.state.value} is told to nobody", where=f"breach {breach.number}",
            do="confirm the proposal first: termijn breach confirm" if breach.state is BreachState.PROPOSED else
            "open a new file: termijn breach new",
        )  # fmt: skip
    if (whom is Whom.CONTROLLER) != (breach.role is Role.PROCESSOR):
        raise Refused(
            f"as {breach.role.value} 12Care does not tell the {whom.value}",
            where=f"breach {breach.number}",
            do="tell the controller (AVG 33(2)); it tells the authority and the persons"
            if breach.role is Role.PROCESSOR
            else "tell the authority, and the persons where the risk is high",
        )


def check_may_close(breach: Breach, norms: Norms) -> None:
    """Raise `Refused` unless the file is whole: judged, documented, told, a late notice explained (33(1), 33(5))."""
    where = f"breach {breach.number}"
    missing = [name for name in DOCUMENTED if name not in breach.filled]
    if breach.state is not BreachState.OPEN:
        raise Refused(f"it is {breach.state.value}", where=where, do="only an open breach is closed")
    if breach.role is Role.CONTROLLER and breach.risk is Risk.NOT_JUDGED:
        raise Refused("nobody judged the risk", where=where, do="judge it: termijn breach judge")
    if missing:
        raise Refused(
            f"the register must hold its {', '.join(missing)} (AVG 33(5))", where=where, do="termijn breach describe"
        )
    for duty in duties(breach, norms):
        if duty.state not in (DutyState.TOLD, DutyState.NOT_NEEDED):
            raise Refused(
                f"the notice to the {duty.whom.value} is {duty.state.value} ({duty.article})",
                where=where,
                do="send it, or its last part, and record that: termijn breach told",
            )
        late = duty.told_at is not None and duty.is_late(duty.told_at)
        if duty.whom is Whom.AUTHORITY and late and not breach.late_because:
            raise Refused(
                "the authority was told after 72 hours, and the reasons are not on file (AVG 33(1))",
                where=where,
                do="add them: termijn breach describe",
            )


def is_open(breach: Breach) -> bool:
    """Whether the file still needs somebody."""
    return breach.state in (BreachState.PROPOSED, BreachState.OPEN)


def breach_number(year: int, nth: int) -> str:
    """The number of the nth file of a year: `B2026-0001`."""
    return f"B{year:04d}-{nth:04d}"


def _duty(breach: Breach, whom: Whom, article: str, hours: int, state: DutyState) -> Duty:
    limit = breach_limit(breach.aware_at, hours=hours)
    notices: Sequence[Told] = sorted((t for t in breach.told if t.whom is whom), key=lambda t: t.at)
    if notices:  # what went out went out, whatever was judged afterwards
        done = any(t.phase is Phase.COMPLETE for t in notices)
        return Duty(whom, article, limit, DutyState.TOLD if done else DutyState.BEGUN, notices[0].at)
    return Duty(whom, article, None if state is DutyState.NOT_NEEDED else limit, state)


def hours_left(duty: Duty, now: datetime) -> float | None:
    """Hours until the limit, negative when it passed; None where nothing presses."""
    if duty.limit is None or not duty.presses:
        return None
    return (duty.limit - now) / timedelta(hours=1)
