"""What becomes of each correction a person asks for: written back, added as a statement, for the practice, or not.

Facts are put right (AVG 16). What a care provider thought or concluded is not overwritten: the person's own statement
is added to the file (BW 7:454 lid 2), and goes along with every export.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from domain.activity import Role
from domain.live import Kind
from domain.system import Column, ColumnClass, Dataset
from domain.trouble import Refused


class Outcome(StrEnum):
    """What becomes of one wish."""

    WRITTEN = "written"
    STATED = "statement"
    SAME = "right already"
    PRACTICE = "practice"  # 12Care is processor: the practice decides
    REFUSED = "refused"


#: By which article, for the letter.
ARTICLE: Mapping[Outcome, str] = {
    Outcome.WRITTEN: "AVG 16",
    Outcome.STATED: "AVG 16; BW 7:454 lid 2",
    Outcome.SAME: "AVG 16",
    Outcome.PRACTICE: "AVG 28 lid 3 onder e",
    Outcome.REFUSED: "AVG 12 lid 4",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One value that is wrong in the eyes of the person, or a statement to add (no `column`). Personal data."""

    system: str
    dataset: str
    key: str = field(repr=False)
    column: str = ""
    value: str | None = field(default=None, repr=False)
    statement: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One wish with what becomes of it. `before`, `after`: as the source writes them, in words. Personal data."""

    wish: Wish
    outcome: Outcome
    why: str
    before: str | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """Where, without saying of whom: system, dataset and column."""
        where = f"{self.wish.system}.{self.wish.dataset}"
        return f"{where}.{self.wish.column}" if self.wish.column else where


@dataclass(frozen=True, slots=True)
class Rectification:
    """All wishes of one case, decided. `salt` keeps the digest from telling what short values were."""

    case: str
    as_of: date
    lines: tuple[Line, ...]
    salt: str

    @property
    def digest(self) -> str:
        """What an approval names."""
        return hashlib.sha256(write_rectification(self)).hexdigest()

    def of(self, outcome: Outcome) -> tuple[Line, ...]:
        """The lines with this outcome."""
        return tuple(line for line in self.lines if line.outcome is outcome)


def judge(dataset: Dataset, role: Role, wish: Wish, before: str | None) -> tuple[Outcome, str]:
    """What becomes of a wish, and why. Raises Refused where the register has no such column."""
    if role is Role.PROCESSOR:
        return Outcome.PRACTICE, "the care provider decides over these data; 12Care keeps them for it"
    if not wish.column:
        return Outcome.STATED, "a statement is added to the record"
    column = dataset.columns.get(wish.column)
    if column is None:
        raise Refused(
            "the register knows no such column",
            where=f"{wish.system}.{wish.dataset}",
            do=f"choose one of: {', '.join(sorted(dataset.columns))}",
        )
    return _judged(dataset, wish, column, before)


def _judged(dataset: Dataset, wish: Wish, column: Column, before: str | None) -> tuple[Outcome, str]:
    if column.opinion:
        return Outcome.STATED, "a conclusion of a professional is not overwritten; the statement is added to it"
    if column.cls is not ColumnClass.EXPORT:
        return Outcome.REFUSED, "these data are not of the person who asks, or only technical"
    if wish.column in _tied(dataset):
        return Outcome.REFUSED, "this value ties records together or starts a term; correct it in the system itself"
    if wish.value == before:
        return Outcome.SAME, "the source says so already"
    return Outcome.WRITTEN, "the source is corrected"


def fit(kind: Kind, nullable: bool, text: str | None, *, where: str) -> Any:
    """The value that a column of this kind can hold. Raises Refused, without the value, where the text does not fit."""
    if text is None:
        if not nullable:
            raise Refused("this column may not be empty", where=where, do="give a value")
        return None
    try:
        return _READ[kind](text)
    except (KeyError, ValueError, InvalidOperation):
        raise Refused(
            f"the new value does not fit: the column holds {kind.value}", where=where, do=_HOW.get(kind, "correct it")
        ) from None


def in_words(value: Any) -> str | None:
    """A value of a source as a wish writes it."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def write_rectification(plan: Rectification) -> bytes:
    """A plan as the ledger keeps it, encrypted."""
    lines = [
        {
            "system": one.wish.system,
            "dataset": one.wish.dataset,
            "key": one.wish.key,
            "column": one.wish.column,
            "value": one.wish.value,
            "statement": one.wish.statement,
            "outcome": one.outcome.value,
            "why": one.why,
            "before": one.before,
        }
        for one in plan.lines
    ]
    body = {"case": plan.case, "as_of": plan.as_of.isoformat(), "salt": plan.salt, "lines": lines}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_rectification(body: bytes) -> Rectification:
    """The plan that `write_rectification` wrote."""
    told: dict[str, Any] = json.loads(body)
    lines = tuple(
        Line(
            Wish(one["system"], one["dataset"], one["key"], one["column"], one["value"], one["statement"]),
            Outcome(one["outcome"]),
            one["why"],
            one["before"],
        )
        for one in told["lines"]
    )
    return Rectification(told["case"], date.fromisoformat(told["as_of"]), lines, told["salt"])


def _tied(dataset: Dataset) -> frozenset[str]:
    """The columns that another record, a term, or the register itself goes by."""
    tied = {*dataset.key, *dataset.only, *(t.column for t in dataset.triggers)}
    tied.update(c for c in (dataset.tenant,) if c)
    tied.update(away.column for away in (dataset.soft_delete, dataset.archived) if away is not None)
    tied.update(*(reference.by for reference in dataset.references))
    return frozenset(tied.union(dataset.part_of.by if dataset.part_of else ()))


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text]


_READ: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.NUMBER: Decimal,
    Kind.DATE: date.fromisoformat,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.ZONED: datetime.fromisoformat,
    Kind.BOOLEAN: _truth,
}
_HOW: Mapping[Kind, str] = {
    Kind.INTEGER: "write a whole number",
    Kind.NUMBER: "write a number with a point",
    Kind.DATE: "write a day as 2026-11-25",
    Kind.MOMENT: "write a moment as 2026-11-25T09:30",
    Kind.ZONED: "write a moment with its zone, as 2026-11-25T09:30+01:00",
    Kind.BOOLEAN: "write true or false",
}
