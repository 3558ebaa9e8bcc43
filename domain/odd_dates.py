"""Why a date in a trigger column starts no term: which kind of odd value it is, never the value itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from domain.activity import Entry
from domain.rules import FIRST_PLAUSIBLE, Watch


class OddKind(StrEnum):
    """What can be wrong with a date, in the words of the person who mends it."""

    EMPTY = "empty"
    UNREADABLE = "not readable as a date"
    SENTINEL = "a stand-in for a date"
    TOO_EARLY = "before 1900"
    FUTURE = "in the future"


class OddDates(Entry):
    """How many rows of one dossier have one kind of odd date in one column."""

    kind: OddKind
    rows: int


def kind_of(day: date | None, *, empty: bool, watch: Watch, as_of: date) -> OddKind | None:
    """The kind of one value; None where the date is sound. `empty`: there is no value at all."""
    if empty:
        return OddKind.EMPTY
    if day is None:
        return OddKind.UNREADABLE
    if day in watch.not_dates:
        return OddKind.SENTINEL
    if day < FIRST_PLAUSIBLE:
        return OddKind.TOO_EARLY
    return OddKind.FUTURE if day > as_of else None


def odd_dates(found: Iterable[tuple[date | None, bool]], watch: Watch, as_of: date) -> tuple[OddDates, ...]:
    """The odd ones among (day, empty) pairs, counted per kind, in the order of `OddKind`."""
    kinds = Counter(kind_of(day, empty=empty, watch=watch, as_of=as_of) for day, empty in found)
    return tuple(OddDates(kind=k, rows=kinds[k]) for k in OddKind if kinds[k])
