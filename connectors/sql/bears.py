"""What `domain.treatment.remains` says of one value, asked of a whole table at once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from connectors.sql.days import Condition
from connectors.sql.tables import Rows
from domain.column_rules import Change
from domain.live import Kind
from domain.treatment import PSEUDONYM, PSEUDONYM_LENGTH, Fixed, Plain, Treatment
from domain.trouble import SourceUnreadable

_FOUR_DIGITS = "[0-9][0-9][0-9][0-9]"
_TIMES = ("", " 00:00:00", "T00:00:00")
#: What is left of a date that says no more than its year or month: the shapes of SQLite, the expression of the others.
_SHAPES = {
    Plain.YEAR: (tuple(f"{_FOUR_DIGITS}-01-01{t}" for t in _TIMES), "^[0-9]{4}-01-01([ T]00:00:00)?$"),
    Plain.MONTH: (
        tuple(f"{_FOUR_DIGITS}-{m}-01{t}" for m in ("0[1-9]", "1[0-2]") for t in _TIMES),
        "^[0-9]{4}-(0[1-9]|1[0-2])-01([ T]00:00:00)?$",
    ),
    Plain.POSTCODE4: ((_FOUR_DIGITS,), "^[0-9]{4}$"),
}


def bears(rows: Rows, change: Change) -> Condition:
    """Whether a row still holds a value that the change takes away; never NULL."""
    return sa.or_(sa.false(), *(_remains(rows, name, treatment) for name, treatment in change.columns))


def _remains(rows: Rows, name: str, treatment: Treatment) -> Condition:
    if name not in rows.live:
        raise SourceUnreadable(
            f"column {rows.dataset.table}.{name} is gone",
            where=rows.dataset.name,
            do="run `termijn register check`, and mend the register or the source",
        )
    if treatment is Plain.STAYS:
        return sa.false()
    column = rows.table.c[name]
    filled = column.is_not(None)
    if treatment is Plain.NULL:
        return filled
    return sa.and_(filled, sa.func.coalesce(_differs(rows, column, rows.live[name].kind, treatment), sa.true()))


def _differs(rows: Rows, column: sa.ColumnElement[Any], kind: Kind, treatment: Treatment) -> Condition:
    """Whether a value that is filled in is not what the treatment makes of it."""
    if isinstance(treatment, Fixed):
        return column != sa.literal(treatment.fixed)
    if treatment is Plain.PSEUDONYM:
        length = sa.func.length(column) if rows.dialect == "sqlite" else sa.func.char_length(column)
        start = sa.func.substr(column, 1, len(PSEUDONYM))
        return sa.or_(start != sa.literal(PSEUDONYM), length != sa.literal(PSEUDONYM_LENGTH))
    shapes, expression = _SHAPES[Plain(treatment)]
    if rows.dialect == "sqlite":
        return sa.not_(sa.or_(*(column.op("GLOB", is_comparison=True)(sa.literal(shape)) for shape in shapes)))
    if kind is Kind.TEXT:
        return sa.not_(column.regexp_match(expression))
    if rows.dialect == "postgresql":
        moment = sa.cast(column, sa.DateTime())
        return moment != sa.func.date_trunc(sa.literal_column(f"'{treatment.value}'"), moment)
    first = "%m-%d %H:%i:%s" if treatment is Plain.YEAR else "%d %H:%i:%s"
    done = "01-01 00:00:00" if treatment is Plain.YEAR else "01 00:00:00"
    return sa.func.date_format(column, sa.literal(first)) != sa.literal(done)
