"""What one person's package holds, before it becomes paper: parts, what was withheld and where was searched.

This value holds personal data. It lives in memory between the sources and the sealed package, nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from domain.activity import Activity
from domain.system import Column


class Outcome(StrEnum):
    """How a registered system ends in a search (promise 7). The last one blocks the seal."""

    ANSWERED = "answered"
    NOTHING_FOUND = "nothing found"
    NOT_SEARCHED = "not searched"


@dataclass(frozen=True, slots=True)
class Searched:
    """One system: its outcome, how many rows, and why not where it was not searched."""

    system: str
    title: str
    outcome: Outcome
    rows: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as exported: values by column, until when it is kept and why, and whether it was soft-deleted."""

    key: str
    values: Mapping[str, Any] = field(repr=False)
    kept_until: date | None = None
    kept_because: str = ""
    soft_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The person's rows of one dataset, with the columns that are shown in their order."""

    system: str
    system_title: str
    dataset: str
    title: str
    activity: str
    columns: Mapping[str, Column]
    records: Sequence[Record] = field(repr=False)
    controller: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What was left out: which columns or rows, how many values, why, and by which article."""

    system: str
    dataset: str
    what: str
    values: int
    because: str
    article: str


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
    destroyed_before: Sequence[tuple[str, int]] = ()
    register_digest: str = ""
    chain_event: int = 0
    chain_hash: str = ""

    @property
    def records(self) -> int:
        """How many rows of the person the package holds."""
        return sum(len(p.records) for p in self.parts)
