"""Which rows may be about a person: a sieve in SQL that lets too much through and never too little.

What the domain folds away when it compares (capitals, spaces, dots, diacritics) must not hide a row here. So cells
are compared by their plain letters or digits, and a cell with any letter outside ASCII always comes along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.sql.reading import DIGITS, LETTERS, digits, letters
from connectors.sql.tables import Rows, Tables
from domain.identity import Identifier
from domain.live import Kind

Condition = sa.ColumnElement[bool]
_ISO = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}\Z")
_NUMBERS = (Kind.INTEGER, Kind.NUMBER)


def search_statement(tables: Tables, dataset: str, wanted: Sequence[Identifier]) -> sa.Select[Any] | None:
    """The rows that may bear one of these identifiers, by key; None where the dataset has none of their kinds."""
    rows = tables.rows(dataset)
    known = rows.dataset.identifies.columns()
    found: list[Condition] = []
    for identifier in wanted:
        if identifier.kind in known and identifier.value:
            found.append(_sieve(rows, identifier, known[identifier.kind]))
    if not found:
        return None
    return sa.select(*rows.table.c).where(sa.or_(*found), *rows.only).order_by(*rows.ordered_key())


def _sieve(rows: Rows, identifier: Identifier, columns: Sequence[str]) -> Condition:
    if identifier.kind == "name_born":
        return _born(rows, identifier.value, columns[1])
    sieves: dict[str, Callable[[Rows, str, str], Condition]] = {
        "bsn": _bsn,
        "phone": _phone,
        "client_number": _client_number,
        "email": _contains_letters,
        "iban": _contains_letters,
        "name": _name,
    }
    return sieves[identifier.kind](rows, identifier.value, columns[0])


def _bsn(rows: Rows, value: str, column: str) -> Condition:
    if rows.live[column].kind in _NUMBERS and value.isdecimal():
        return rows.table.c[column] == int(value)
    found = _digits(rows, column)
    bare = sa.func.ltrim(found, "0") if rows.dialect == "sqlite" else _replaced(rows, found, "^0+")
    return sa.or_(bare == value.lstrip("0"), _foreign_letters(rows, column))


def _phone(rows: Rows, value: str, column: str) -> Condition:
    """By its last seven digits, wherever they stand: a country code, a (0) or an extension may be around them."""
    return sa.or_(_holds(_digits(rows, column), digits(value)[-7:]), _foreign_letters(rows, column))


def _client_number(rows: Rows, value: str, column: str) -> Condition:
    """The number itself, and what follows `tenant/` where the domain put that before it."""
    written = {value, value.partition("/")[2]} - {""}
    if rows.live[column].kind in _NUMBERS:
        return rows.table.c[column].in_([int(v) for v in sorted(written) if v.isdecimal() and len(v) < 19])
    same = _letters(rows, column).in_(sorted({letters(v) for v in written}))
    return sa.or_(same, _foreign_letters(rows, column))


def _contains_letters(rows: Rows, value: str, column: str) -> Condition:
    return sa.or_(_holds(_letters(rows, column), letters(value)), _foreign_letters(rows, column))


def _name(rows: Rows, value: str, column: str) -> Condition:
    longest = max((letters(word) for word in value.split()), key=len, default="")
    return sa.or_(_holds(_letters(rows, column), longest), _foreign_letters(rows, column))


def _born(rows: Rows, value: str, column: str) -> Condition:
    """By the date of birth; the domain judges the name."""
    written = _ISO.search(value)
    if written is None:
        return sa.true()
    day, cell, kind = date.fromisoformat(written[0]), rows.table.c[column], rows.live[column].kind
    if rows.dialect == "sqlite" or kind is Kind.TEXT:
        # However a date is written, its year is in there.
        return sa.cast(cell, sa.Text()).contains(written[1])
    if kind is Kind.DATE:
        return cell == day
    if kind in (Kind.MOMENT, Kind.ZONED):
        zoned = kind is Kind.ZONED
        first, last = day - timedelta(days=1), day + timedelta(days=2)  # whichever zone it was written in
        return sa.and_(cell >= _midnight(first, zoned=zoned), cell < _midnight(last, zoned=zoned))
    return sa.true()


def _midnight(day: date, *, zoned: bool) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(datetime.combine(day, time.min).isoformat()), sa.DateTime(timezone=zoned))


def _holds(cell: sa.ColumnElement[Any], part: str) -> Condition:
    return cell.contains(part, autoescape=True) if part else sa.true()


def _text(rows: Rows, column: str) -> sa.ColumnElement[Any]:
    return sa.cast(rows.table.c[column], sa.Text() if rows.dialect in ("sqlite", "postgresql") else sa.CHAR())


def _digits(rows: Rows, column: str) -> sa.ColumnElement[Any]:
    if rows.dialect == "sqlite":
        return sa.type_coerce(getattr(sa.func, DIGITS)(rows.table.c[column]), sa.Text())
    return _replaced(rows, _text(rows, column), "[^0-9]")


def _letters(rows: Rows, column: str) -> sa.ColumnElement[Any]:
    if rows.dialect == "sqlite":
        return sa.type_coerce(getattr(sa.func, LETTERS)(rows.table.c[column]), sa.Text())
    return _replaced(rows, sa.func.lower(_text(rows, column)), "[^a-z0-9]")


def _replaced(rows: Rows, text: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[Any]:
    everywhere = ("g",) if rows.dialect == "postgresql" else ()
    return sa.type_coerce(sa.func.regexp_replace(text, pattern, "", *everywhere), sa.Text())


def _foreign_letters(rows: Rows, column: str) -> Condition:
    """Whether a cell holds anything outside ASCII, which only the domain can fold."""
    text = _text(rows, column)
    if rows.dialect == "sqlite":
        return sa.func.length(sa.cast(text, sa.LargeBinary())) != sa.func.length(text)
    if rows.dialect == "postgresql":
        return sa.func.octet_length(sa.func.convert_to(text, "UTF8")) != sa.func.char_length(text)
    return text.regexp_match("[^ -~]")
