"""Which rows may be about a person: a sieve in SQL that lets too much through and never too little.

What the domain folds away when it compares (capitals, spaces, dots, diacritics) must not hide a row here. So cells
are compared by their plain spelling, and a cell that is written oddly always comes along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.sql.plain_cells import is_one_of, spelled, written
from connectors.sql.tables import Rows, Tables
from domain.identity import Identifier, ways_to_write
from domain.live import Kind

Condition = sa.ColumnElement[bool]
_ISO = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}\Z")
NUMBERS = (Kind.INTEGER, Kind.NUMBER)


def search_statement(tables: Tables, dataset: str, wanted: Sequence[Identifier]) -> sa.Select[Any] | None:
    """The rows that may bear one of these identifiers; None where the dataset has none of their kinds.

    Of a row only what says whose it is: its key, its tenant and its identifiers. In no order: asked for one, a server
    that streams its answer would rather walk the whole index of the key than sort a few rows.
    """
    rows = tables.once(dataset)
    known = rows.dataset.identifies.columns()
    by_kind: dict[str, list[str]] = {}
    for identifier in wanted:
        if identifier.kind in known and identifier.value:
            by_kind.setdefault(identifier.kind, []).append(identifier.value)
    if not by_kind:
        return None
    found = [sieve(rows, kind, values) for kind, values in by_kind.items()]
    tenant = () if rows.dataset.tenant is None else (rows.dataset.tenant,)
    needed = dict.fromkeys([*rows.dataset.key, *tenant, *(c for columns in known.values() for c in columns)])
    return sa.select(*rows.columns(needed)).where(sa.or_(*found), *rows.only)


def sieve(rows: Rows, kind: str, values: Sequence[str]) -> Condition:
    """Whether a row may bear one of these identifiers of one kind."""
    *_, column = rows.dataset.identifies.columns()[kind]
    if kind == "name_born":
        return sa.or_(*_born(rows, values, column))
    held = rows.live[column].kind
    ways = set(values) if kind != "client_number" else {way for value in values for way in ways_to_write(value)}
    if held in NUMBERS and kind in ("bsn", "client_number"):
        return rows.table.c[column].in_(sorted({int(v) for v in ways if v.isdecimal() and len(v) < 19}))
    spellings = {way for value in ways for way in written(kind, value)}
    if kind == "client_number" and rows.dialect == "sqlite":
        spellings |= {f"{way}.0" for way in spellings}  # a number in a column that holds anything
    made = rows.spelled.get(column)
    if made is None:
        made = rows.spelled[column] = spelled(kind, rows.table.c[column], held, rows.dialect)
    return is_one_of(kind, made, spellings, rows.dialect)


def _born(rows: Rows, values: Sequence[str], column: str) -> list[Condition]:
    """By the date of birth; the domain judges the name."""
    read = [_ISO.search(value) for value in values]
    cell, kind = rows.table.c[column], rows.live[column].kind
    days = sorted({date.fromisoformat(found[0]) for found in read if found is not None})
    as_text = rows.dialect == "sqlite" or kind is Kind.TEXT
    if None in read or not (as_text or kind in (Kind.DATE, Kind.MOMENT, Kind.ZONED)):
        return [sa.true()]
    if as_text:
        # However a date is written, its year is in there.
        return [sa.cast(cell, sa.Text()).contains(year) for year in sorted({f"{day:%Y}" for day in days})]
    if kind is Kind.DATE:
        return [cell.in_(days)]
    zoned = kind is Kind.ZONED
    near = [(day - timedelta(days=1), day + timedelta(days=2)) for day in days]  # whichever zone it was written in
    return [sa.and_(cell >= _midnight(first, zoned=zoned), cell < _midnight(last, zoned=zoned)) for first, last in near]


def _midnight(day: date, *, zoned: bool) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(datetime.combine(day, time.min).isoformat()), sa.DateTime(timezone=zoned))
