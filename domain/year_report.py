"""What one year of requests, destruction and breaches came to, in counts: for the board, and for the regulator.

No case number and no person stands in it. For the regulator a count under five is not told apart, so that nobody can
be recognised in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil
from statistics import median

from domain.activity import Entry
from domain.breaches import Breach, BreachState, Norms, Whom, duties
from domain.cases import Case, CaseKind, State, deadline_of
from domain.deadlines import steering_day
from domain.grounds import UNWRITTEN

#: Under this a count says too much of who it was.
FEW = 5


class Audience(StrEnum):
    """For whom the report is."""

    BOARD = "board"
    REGULATOR = "regulator"


@dataclass(frozen=True, slots=True)
class Way:
    """One case with the days on which it came into its states, the first time each.

    `refused_on`, `partly_refused_on`: the articles of its refusals that went, as `domain.grounds` spells them.
    """

    case: Case
    entered: Mapping[State, date]
    refused_on: frozenset[str] = frozenset()
    partly_refused_on: frozenset[str] = frozenset()

    @property
    def ended_on(self) -> date | None:
        """The day on which the person had our answer, of whatever kind; None while we owe one."""
        days = [self.entered[s] for s in _ENDS if s in self.entered]
        return min(days, default=None)


_ENDS = (State.ANSWERED, State.REFUSED, State.FORWARDED, State.WITHDRAWN)


class KindOfYear(Entry):
    """The requests of one kind: how many came, how they ended, how long it took (days; half took at most this)."""

    kind: str
    received: int
    answered: int = 0
    refused: int = 0
    forwarded: int = 0
    withdrawn: int = 0
    open: int = 0
    in_promise: int = 0
    late: int = 0
    extended: int = 0
    paused: int = 0
    usual_days: int | None = None


class RefusalsOfYear(Entry):
    """How many requests were refused on one ground: wholly, or for a part. A request may rest on several."""

    ground: str
    whole: int = 0
    part: int = 0


class BreachesOfYear(Entry):
    """The data breaches of which somebody became aware in the year."""

    known: int = 0
    dismissed: int = 0
    authority_told: int = 0
    authority_late: int = 0
    persons_told: int = 0
    practices_told: int = 0


class YearReport(Entry):
    """One year. `months`: requests received per month. `destroyed`: records per system."""

    year: int
    as_of: date
    kinds: tuple[KindOfYear, ...]
    months: tuple[int, ...]
    destroyed: dict[str, int]
    erased: int
    breaches: BreachesOfYear
    refusals: tuple[RefusalsOfYear, ...] = ()

    @property
    def received(self) -> int:
        """All requests of the year."""
        return sum(k.received for k in self.kinds)


def sum_up(
    ways: Sequence[Way],
    breaches: Sequence[Breach],
    *,
    year: int,
    as_of: date,
    destroyed: Mapping[str, int],
    erased: int,
    norms: Norms,
) -> YearReport:
    """The report of a year: of the requests received in it, as they stand on `as_of`."""
    of_year = [w for w in ways if w.case.received_on.year == year]
    months = Counter(w.case.received_on.month for w in of_year)
    kinds = tuple(_kind(kind, [w for w in of_year if w.case.kind is kind], as_of) for kind in CaseKind)
    return YearReport(
        year=year,
        as_of=as_of,
        kinds=tuple(k for k in kinds if k.received),
        months=tuple(months[m] for m in range(1, 13)),
        destroyed=dict(sorted(destroyed.items())),
        erased=erased,
        breaches=_breaches([b for b in breaches if b.aware_at.year == year], norms),
        refusals=_refusals(of_year),
    )


def shown(number: int, audience: Audience) -> str:
    """A count as this reader gets it."""
    return "minder dan 5" if audience is Audience.REGULATOR and 0 < number < FEW else str(number)


def _kind(kind: CaseKind, ways: Sequence[Way], as_of: date) -> KindOfYear:
    ended = Counter(_end(w) for w in ways)
    days = [(w.ended_on - w.case.received_on).days for w in ways if w.ended_on is not None]
    late = sum(_is_late(w, as_of) for w in ways)
    return KindOfYear(
        kind=kind.value,
        received=len(ways),
        answered=ended[State.ANSWERED],
        refused=ended[State.REFUSED],
        forwarded=ended[State.FORWARDED],
        withdrawn=ended[State.WITHDRAWN],
        open=ended[None],
        in_promise=sum(w.ended_on is not None for w in ways) - sum(_is_late(w, as_of) for w in ways if w.ended_on),
        late=late,
        extended=sum(w.case.extended_on is not None for w in ways),
        paused=sum(bool(w.case.pauses) for w in ways),
        usual_days=ceil(median(days)) if days else None,
    )


def _refusals(ways: Sequence[Way]) -> tuple[RefusalsOfYear, ...]:
    """The refused requests by ground; one that was refused without a letter of ours has none that we know."""
    whole, part = Counter[str](), Counter[str]()
    for way in ways:
        if _end(way) is State.REFUSED:
            whole.update(way.refused_on or [UNWRITTEN])
        elif _end(way) is State.ANSWERED:
            part.update(way.partly_refused_on)
    return tuple(RefusalsOfYear(ground=g, whole=whole[g], part=part[g]) for g in sorted({*whole, *part}))


def _end(way: Way) -> State | None:
    ended = [(way.entered[s], n, s) for n, s in enumerate(_ENDS) if s in way.entered]
    return min(ended)[2] if ended else None


def _is_late(way: Way, as_of: date) -> bool:
    """Whether the answer came, or is still to come, after the day we steered on."""
    day = way.ended_on or as_of
    return day > steering_day(deadline_of(way.case, day))


def _breaches(breaches: Sequence[Breach], norms: Norms) -> BreachesOfYear:
    real = [b for b in breaches if b.state is not BreachState.DISMISSED]
    told = {whom: [d for b in real for d in duties(b, norms) if d.whom is whom and d.told_at] for whom in Whom}
    late = [d for d in told[Whom.AUTHORITY] if d.told_at is not None and d.is_late(d.told_at)]
    return BreachesOfYear(
        known=len(real),
        dismissed=len(breaches) - len(real),
        authority_told=len(told[Whom.AUTHORITY]),
        authority_late=len(late),
        persons_told=len(told[Whom.PERSONS]),
        practices_told=len(told[Whom.CONTROLLER]),
    )


__all__ = ["Audience", "BreachesOfYear", "KindOfYear", "RefusalsOfYear", "Way", "YearReport", "shown", "sum_up"]
