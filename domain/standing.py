"""Where one dossier stands against its rule: due, or kept, and by what.

`stand` is the law in plain Python and the oracle of every connector: what SQL says of a million rows at once
must be what `stand` says of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.rules import FIRST_PLAUSIBLE, DueTest, Watch


class Standing(StrEnum):
    """Why a dossier goes or stays, in the order in which it is looked at: the first that fits is its standing."""

    MISSING = "missing"  # a date that starts the term is empty, unreadable, or there is none at all
    IMPLAUSIBLE = "implausible"  # a sentinel, a date in the future, or before 1900
    NEEDED = "needed"  # a record that stays refers to it
    KEPT = "kept"  # its term, or a longer one inside it, is not over
    DUE = "due"


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """What one watch sees of one dossier: rows, empty dates, implausible dates, and the latest plausible date.

    `latest` is a day in Europe/Amsterdam where the stored moment has a zone, as stored where it has none.
    """

    rows: int = 0
    missing: int = 0
    implausible: int = 0
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How a rule's dossiers stand, counted. `kept_by` counts the kept ones by the activity that keeps them."""

    total: int
    standings: Mapping[Standing, int]
    kept_by: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, standing: Standing) -> int:
        return self.standings.get(standing, 0)


@dataclass(frozen=True, slots=True)
class Stand:
    """A dossier's standing, and the watch that decides it (None where it is due or never started)."""

    standing: Standing
    by: Watch | None = None
    start: date | None = None


def plausible(day: date, watch: Watch, as_of: date) -> bool:
    """Whether a date can have started a term: not a sentinel, not before 1900, not after `as_of`."""
    return FIRST_PLAUSIBLE <= day <= as_of and day not in watch.not_dates


def observe(watch: Watch, days: Sequence[date | None], as_of: date) -> WatchFacts:
    """Sum up the dates (None: empty or unreadable) that a watch sees in one dossier."""
    known = [d for d in days if d is not None]
    sound = [d for d in known if plausible(d, watch, as_of)]
    missing = len(days) - len(known)
    return WatchFacts(len(days), missing, len(known) - len(sound), max(sound, default=None))


def stand(test: DueTest, facts: Sequence[WatchFacts]) -> Stand:
    """Decide one dossier from what each watch of `test` saw of it."""
    seen = list(zip(test.watches, facts, strict=True))
    dated = [(w, f) for w, f in seen if w.column is not None]
    latest = max((f.latest for _, f in dated if f.latest), default=None)
    for watch, fact in dated:
        if watch.absent == "blocks" and fact.missing:
            return Stand(Standing.MISSING, watch, latest)
    for watch, fact in dated:
        if fact.implausible:
            return Stand(Standing.IMPLAUSIBLE, watch, latest)
    if latest is None and test.needs_start:
        return Stand(Standing.MISSING)
    for watch, fact in seen:
        if watch.column is None and fact.rows:
            return Stand(Standing.NEEDED, watch, latest)
    for watch, fact in dated:
        if fact.latest is not None and (watch.cutoff is None or fact.latest > watch.cutoff):
            return Stand(Standing.KEPT, watch, fact.latest)
    return Stand(Standing.DUE, None, latest) if test.possible else Stand(Standing.KEPT, None, latest)
