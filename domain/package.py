"""What one person's package holds, before it becomes paper: parts, what was withheld and where was searched.

This value holds personal data. Between the sources and the sealed package it lives in memory, or encrypted in a spool
whose key no other process has (`tasks/spool.py`), nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from domain.activity import Activity
from domain.fhir import FhirMapping
from domain.system import Column

#: A table of more rows is summarised on paper and complete in CSV and JSON, and the page says so: at 40 rows a page
#: this is a book of 600 pages, which nobody reads, and which takes a minute to draw and a quarter of the package.
PRINTED_ROWS = 25_000
#: So many rows are printed in all: 5,000 pages. Beyond it the longest tables are summarised, until the rest fits.
PRINTED_IN_ALL = 200_000

#: So many recipients of one table are named in the letter; all of them stand in the table itself.
NAMED_RECIPIENTS = 40

#: The page for a browser has fewer: a phone must open it, and nobody scrolls through more.
PAGE_ROWS, PAGE_IN_ALL = 1_000, 5_000

#: Columns whose data two persons release (AVG 9, 10 and 87; UAVG 46 for the BSN), by their Fideslang key.
SPECIAL = (
    "user.health", "user.biometric", "user.genetic", "user.criminal_history",
    "user.government_id.national_identification_number", "user.demographic.race_ethnicity",
    "user.demographic.religious_belief", "user.demographic.political_opinion", "user.demographic.sexual_orientation",
)  # fmt: skip


class Outcome(StrEnum):
    """How a registered system ends in a search (promise 7). The last one blocks the seal."""

    ANSWERED = "answered"
    NOTHING_FOUND = "nothing found"
    NOT_SEARCHED = "not searched"


#: Why nothing of a system is in this package: a practice's holds only what is the practice's; or others decide on it.
NOT_HERE, ELSEWHERE = "nothing for this controller", "with other controllers"


@dataclass(frozen=True, slots=True)
class Searched:
    """One system: its outcome, how many rows, and why not where it was not searched or nothing of it is here."""

    system: str
    title: str
    outcome: Outcome
    rows: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as exported: values by column, until when it is kept and why, and whether it was put away."""

    key: str
    values: Mapping[str, Any] = field(repr=False)
    kept_until: date | None = None
    kept_because: str = ""
    soft_deleted: bool = False
    refers: Sequence[tuple[str, str]] = field(default=(), repr=False)  # (dataset, key) of its owner, for FHIR
    archived: bool = False


class Records(Protocol):
    """The records of a part: counted, and read from the first to the last as often as wanted. Never indexed, never
    listed whole: a person can have a million (a list will do where there are few)."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Record]: ...


@dataclass(slots=True)
class Outline:
    """What can be said of a part without reading its records again; kept up while they come in.

    `types`: of all values, so that a writer knows which rules it needs. `even`: every record has the same columns.
    """

    columns: dict[str, None] = field(default_factory=dict)
    types: set[type] = field(default_factory=set)
    even: bool = True
    filled: set[str] = field(default_factory=set)
    days: set[date | None] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)
    soft_deleted: int = 0
    archived: int = 0

    def add(self, record: Record) -> None:
        """Take one record in."""
        values = record.values
        self.types.update(map(type, values.values()))
        if values.keys() != self.columns.keys():
            self.even = self.even and not self.days  # the first record says which columns there are
            self.columns |= dict.fromkeys(values)
        if not values.keys() <= self.filled:
            self.filled |= {n for n, v in values.items() if n not in self.filled and _says_something(v)}
        self.days.add(record.kept_until)
        if record.kept_because:
            self.reasons[record.kept_because] = None
        self.soft_deleted += record.soft_deleted
        self.archived += record.archived


def outline(records: Records) -> Outline:
    """What a collection of records has in common: what it kept itself where it did, else from one reading."""
    kept = getattr(records, "outline", None)
    return kept if isinstance(kept, Outline) else _outlined(records)


def _outlined(records: Iterable[Record]) -> Outline:
    made = Outline()
    for record in records:
        made.add(record)
    return made


def _says_something(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True)
class Part:
    """The person's rows of one dataset, with the columns that are shown in their order.

    `summarised`: on paper only what the table is and where it is complete (`fit_on_paper`).
    """

    system: str
    system_title: str
    dataset: str
    title: str
    activity: str
    columns: Mapping[str, Column]
    records: Records = field(repr=False)
    controller: str = ""
    summarised: bool = False
    belonging: str = "own"  # or "shared" or "mentioned": what its rows are to the person (`domain.person`)
    fhir: FhirMapping | None = None
    zone: str = "Europe/Amsterdam"

    @property
    def outline(self) -> Outline:
        """What its records have in common."""
        return outline(self.records)

    @property
    def activities(self) -> tuple[str, ...]:
        """The activity of the table, and those that some of its filled columns follow."""
        filled = self.outline.filled
        return tuple(
            dict.fromkeys([self.activity, *(c.activity for n, c in self.columns.items() if c.activity and n in filled)])
        )

    def recipients(self) -> tuple[str, ...]:
        """Who got the person's data, by the columns that name them; of very many the first."""
        named, found = [n for n, c in self.columns.items() if c.recipient], dict[str, None]()
        if named:
            for record in self.records:
                found |= {str(v): None for n in named if _says_something(v := record.values.get(n))}
                if len(found) > NAMED_RECIPIENTS:
                    break
        return tuple(found)[:NAMED_RECIPIENTS]


def fit_on_paper(parts: Sequence[Part], *, each: int = PRINTED_ROWS, in_all: int = PRINTED_IN_ALL) -> tuple[Part, ...]:
    """The parts in their order, those too long for paper marked as summarised: the longest go first."""
    printed = set[int]()
    for n, part in sorted(enumerate(parts), key=lambda p: len(p[1].records)):
        if len(part.records) <= min(each, in_all):
            printed.add(n)
            in_all -= len(part.records)
    return tuple(p if n in printed else replace(p, summarised=True) for n, p in enumerate(parts))


@dataclass(frozen=True, slots=True)
class Withheld:
    """What was left out: which columns or rows, how many values, why, and by which article."""

    system: str
    dataset: str
    what: str
    values: int
    because: str
    article: str

    @property
    def told(self) -> str:
        """What it is with the table that it is of, unless it is that whole table."""
        return self.what if self.what == self.dataset else f"{self.dataset}: {self.what}"


@dataclass(frozen=True, slots=True)
class DestroyedBefore:
    """What was destroyed of the person before they asked: what kind, how many, on which day, by which article.

    No article where the register no longer has the rule.
    """

    what: str
    records: int
    when: date
    article: str = ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom the letter goes. Personal data."""

    name: str = field(repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PackageContents:
    """All that the package tells. `activities` are those that concern this person; `searched` is every system."""

    case: str
    kind: str
    received_on: date
    as_of: date
    language: str
    addressee: Addressee
    organisation: Mapping[str, Any]
    activities: Mapping[str, Activity]
    parts: Sequence[Part]
    withheld: Sequence[Withheld]
    searched: Sequence[Searched]
    destroyed_before: Sequence[DestroyedBefore] = ()
    register_digest: str = ""
    chain_event: int = 0
    chain_hash: str = ""

    @property
    def records(self) -> int:
        """How many rows of the person the package holds."""
        return sum(len(p.records) for p in self.parts)

    @property
    def special(self) -> bool:
        """Whether two persons release it: it holds special categories (AVG 9), data on crimes, a BSN, or a document."""
        activities = (self.activities[p.activity] for p in self.parts if p.activity in self.activities)
        columns = (c for p in self.parts for c in p.columns.values())
        return any(d.special for a in activities for d in a.data) or any(
            c.document or _is_special(c.category) for c in columns
        )


def _is_special(category: str | None) -> bool:
    return category is not None and any(category == s or category.startswith(f"{s}.") for s in SPECIAL)
