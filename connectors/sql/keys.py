"""How thousands of keys are asked for at once, without a variable for each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from domain.keys import Key
from domain.live import Kind, LiveColumn

Condition = sa.ColumnElement[bool]
_LENGTH = re.compile(r"\([^)]*\)")


class _Array(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def __init__(self, of: str) -> None:
        self.of = of

    def get_col_spec(self, **_: Any) -> str:
        return f"{self.of}[]"


def in_keys(
    columns: Sequence[sa.ColumnElement[Any]], live: Sequence[LiveColumn], keys: Sequence[Key], dialect: str
) -> Condition:
    """Whether the columns hold one of these keys: one bound value per column, however many keys there are."""
    if not keys:
        return sa.false()
    if dialect == "postgresql":
        return _in_arrays(columns, live, keys)
    if dialect == "sqlite":
        return _in_json(columns, keys)
    return columns[0].in_([k[0] for k in keys]) if len(columns) == 1 else sa.tuple_(*columns).in_(list(keys))


def _in_arrays(columns: Sequence[sa.ColumnElement[Any]], live: Sequence[LiveColumn], keys: Sequence[Key]) -> Condition:
    arrays = [
        sa.cast(sa.bindparam(None, list(values), type_=sa.types.NullType()), _Array(_element(column)))
        for column, values in zip(live, zip(*keys, strict=True), strict=True)
    ]
    if len(columns) == 1:
        return columns[0] == sa.func.any(arrays[0])
    names = [f"k{n}" for n in range(len(columns))]
    given = sa.func.unnest(*arrays).table_valued(*names).render_derived()
    return sa.tuple_(*columns).in_(sa.select(*(given.c[n] for n in names)))


def _element(column: LiveColumn) -> str:
    """The type to compare in, without its length: a cast to varchar(3) would cut a longer key down to another one."""
    if column.kind is Kind.INTEGER:
        return "BIGINT"
    if column.kind is Kind.NUMBER:
        return "NUMERIC"
    name = _LENGTH.sub("", column.type_name)
    return {"CHAR": "BPCHAR", "VARCHAR": "TEXT", "": "TEXT"}.get(name, name)


def _in_json(columns: Sequence[sa.ColumnElement[Any]], keys: Sequence[Key]) -> Condition:
    """SQLite allows few variables and has no arrays; one JSON text holds any number of keys."""
    as_bytes = [any(isinstance(v, bytes) for v in values) for values in zip(*keys, strict=True)]
    own = [sa.func.hex(c) if b else c for c, b in zip(columns, as_bytes, strict=True)]
    written = [[v.hex().upper() if isinstance(v, bytes) else v for v in key] for key in keys]
    if len(own) == 1:
        given = sa.func.json_each(json.dumps([k[0] for k in written])).table_valued("value")
        return own[0].in_(sa.select(given.c.value))
    given = sa.func.json_each(json.dumps(written)).table_valued("value")
    parts = [sa.func.json_extract(given.c.value, f"$[{n}]") for n in range(len(own))]
    return sa.tuple_(*own).in_(sa.select(*parts))
