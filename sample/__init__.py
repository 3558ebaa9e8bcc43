"""The fictive 12Care: nothing in it is real, and this is the shorthand in which its tables and rows are written."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    insert,
)

from domain.keys import Key, key_text
from domain.terms import Counting, Term, cutoff

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

#: The terms around which edge cases are laid: (term, counting). A test holds them against the register.
TERMS: dict[str, tuple[Term, Counting]] = {
    "medical-dossier": (Term(years=20), Counting.DAY),
    "careweb-access-log": (Term(years=5), Counting.DAY),
    "patient-invoices": (Term(years=7), Counting.BOOK_YEAR),
    "careweb-users": (Term(months=6), Counting.DAY),
    "careweb-technical-log": (Term(months=6), Counting.DAY),
    "insurer-contacts": (Term(months=6), Counting.DAY),
    "personnel-file": (Term(years=2), Counting.DAY),
    "payroll": (Term(years=7), Counting.CALENDAR_YEAR),
    "wage-tax-statement": (Term(years=5), Counting.CALENDAR_YEAR),
    "id-copy": (Term(years=5), Counting.CALENDAR_YEAR),
    "absence": (Term(years=2), Counting.DAY),
    "reintegration": (Term(years=2), Counting.DAY),
    "vog": (Term(days=1), Counting.DAY),
    "partners-and-children": (Term(years=1), Counting.DAY),
    "hired-staff": (Term(years=2), Counting.DAY),
    "hired-staff-address": (Term(months=6), Counting.DAY),
    "hired-staff-id-copy": (Term(years=5), Counting.CALENDAR_YEAR),
    "applicants": (Term(weeks=4), Counting.DAY),
    "applicants-with-consent": (Term(years=1), Counting.DAY),
    "prospects": (Term(years=1), Counting.DAY),
    "customer-contacts": (Term(years=2), Counting.DAY),
    "opt-in-register": (Term(years=5), Counting.DAY),
    "suppression-list": (Term(years=5), Counting.DAY),
    "own-invoices": (Term(years=7), Counting.BOOK_YEAR),
    "suppliers": (Term(years=2), Counting.DAY),
    "website-accounts": (Term(months=6), Counting.DAY),
    "website-cookies": (Term(months=6), Counting.DAY),
    "policy-changes": (Term(years=2), Counting.DAY),
}


class Pointer(NamedTuple):
    """Where one record is: system, dataset, and its key as `domain.keys.key_text` writes it."""

    system: str
    dataset: str
    key: str


def point(system: str, dataset: str, *key: Any) -> Pointer:
    """Point at the record with these key values."""
    return Pointer(system, dataset, key_text(Key(key)))


def edge(activity: str, as_of: date) -> tuple[date, date]:
    """The latest start that is due on `as_of`, and the day after it, which is not."""
    term, counting = TERMS[activity]
    latest = cutoff(as_of, term, counting)
    if latest is None:
        raise ValueError(f"no start is early enough for {activity!r} on this day; choose a later as_of")
    return latest, latest + timedelta(days=1)


def ago(as_of: date, *, years: int = 0, months: int = 0, days: int = 0) -> date:
    """The day that lies so long before `as_of`."""
    return as_of - relativedelta(years=years, months=months, days=days)


def at(day: date, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment on that day in the Netherlands."""
    return datetime.combine(day, time(hour, minute, second), AMSTERDAM)


def key(name: str = "id") -> Column[Any]:
    """A number that we give out ourselves, so that the same seed gives the same keys everywhere."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def text(*names: str) -> list[Column[Any]]:
    """Columns of text."""
    return [Column(n, Text) for n in names]


def day(*names: str) -> list[Column[Any]]:
    """Columns that hold a date."""
    return [Column(n, Date) for n in names]


def moment(*names: str, zoned: bool = False) -> list[Column[Any]]:
    """Columns that hold a moment; with a zone only where the database has such a type."""
    return [Column(n, DateTime(timezone=zoned)) for n in names]


def money(*names: str) -> list[Column[Any]]:
    """Columns that hold an amount in euros."""
    return [Column(n, Numeric(10, 2, asdecimal=False)) for n in names]


def flag(*names: str) -> list[Column[Any]]:
    """Columns that say yes or no."""
    return [Column(n, Boolean, nullable=False) for n in names]


def number(*names: str) -> list[Column[Any]]:
    """Columns that hold a whole number; also a reference that the database does not declare."""
    return [Column(n, Integer) for n in names]


def blob(*names: str) -> list[Column[Any]]:
    """Columns that hold a document."""
    return [Column(n, LargeBinary) for n in names]


def to(
    name: str, target: str, *, required: bool = True, part_of_key: bool = False, cascade: bool = False
) -> Column[Any]:
    """A declared reference to `target` ('table.column')."""
    reference = ForeignKey(target, ondelete="CASCADE" if cascade else None)
    if part_of_key:
        return Column(name, Integer, reference, primary_key=True, autoincrement=False)
    return Column(name, Integer, reference, nullable=not required, index=True)


ADDRESS = ("street", "house_number", "postcode", "city")


class Book:
    """Rows by table, numbered as they come in, and written table by table so that every reference finds its target."""

    def __init__(self, tables: MetaData, connection: Connection) -> None:
        self._connection = connection
        self._order = tables.sorted_tables
        self._rows: dict[Table, list[dict[str, Any]]] = {t: [] for t in self._order}
        self._empty = {t: dict.fromkeys(t.c.keys()) for t in self._order}
        self._last = dict.fromkeys(self._order, 0)
        self._waiting = 0

    def add(self, table: Table, **values: Any) -> int:
        """Take in one row and return its number (its place in the table, and its `id` where it has one)."""
        self._last[table] += 1
        row = {**self._empty[table], **values}
        if "id" in row:
            row["id"] = self._last[table]
        self._rows[table].append(row)
        self._waiting += 1
        return self._last[table]

    def pour(self, *, above: int = 0) -> None:
        """Write what was taken in, when it is more than `above` rows; memory stays bounded at any scale."""
        if self._waiting <= above:
            return
        for table in self._order:
            if self._rows[table]:
                self._connection.execute(insert(table), self._rows[table])
                self._rows[table].clear()
        self._waiting = 0
