"""How thousands of keys are asked for at once, without a variable for each of them."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from domain.keys import Key, Keys
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
    columns: Sequence[sa.ColumnElement[Any]], live: Sequence[LiveColumn], keys: Collection[Key], dialect: str
) -> Condition:
    """Whether the columns hold one of these keys: one bound value per column, however many keys there are."""
    if not len(keys):
        return sa.false()
    if isinstance(keys, Keys) and keys.numbers is not None:
        return _in_numbers(columns[0], keys.numbers, dialect)
    keys = list(keys)
    if dialect == "postgresql":
        return _in_arrays(columns, live, keys)
    if dialect == "sqlite":
        return _in_json(columns, keys)
    return _in_list(columns, live, keys)


def _in_numbers(column: sa.ColumnElement[Any], numbers: Sequence[int], dialect: str) -> Condition:
    """Whole numbers go as one bound value each way: a driver would look at each of them."""
    if dialect == "postgresql":
        written = "{" + ",".join(map(str, numbers)) + "}"
        return column == sa.func.any(sa.cast(sa.bindparam(None, written, type_=sa.Text()), _Array("BIGINT")))
    if dialect == "sqlite":
        return column.in_(sa.select(_listed("[" + ",".join(map(str, numbers)) + "]").c.value))
    # The driver writes this as '(1,2,3)': a thousand values each cost more than their deletion.
    return column.bool_op("IN")(sa.bindparam(None, array("q", numbers), type_=sa.types.NullType()))


def in_numbers_as_text(column: str, dialect: str) -> str:
    """The same condition in words, on a column that is quoted already; its one parameter is `keys`."""
    if dialect == "postgresql":
        return f"{column} = ANY (CAST(:keys AS BIGINT[]))"
    listed = "(SELECT value FROM json_each(:keys))" if dialect == "sqlite" else ":keys"
    return f"{column} IN {listed}"


def numbers_as_parameter(numbers: Sequence[int], dialect: str) -> sa.BindParameter[Any]:
    """What `keys` is in that condition."""
    if dialect == "mariadb":
        return sa.bindparam("keys", array("q", numbers), type_=sa.types.NullType())
    opens, closes = "{}" if dialect == "postgresql" else "[]"
    return sa.bindparam("keys", opens + ",".join(map(str, numbers)) + closes, type_=sa.Text())


def by_bytes(column: sa.ColumnElement[Any], live: LiveColumn, dialect: str) -> sa.ColumnElement[Any]:
    """A column that compares and sorts by its bytes: MariaDB's own text takes 'a ' for 'A'."""
    if dialect != "mariadb" or not _is_text(live):
        return column
    in_utf8: sa.ColumnElement[Any] = sa.func.convert(column.op("USING")(sa.literal_column("utf8mb4")))
    return sa.collate(in_utf8, "utf8mb4_nopad_bin")


def _is_text(live: LiveColumn) -> bool:
    return live.kind is Kind.TEXT or live.type_name.upper().startswith(("ENUM", "SET"))


def _in_list(columns: Sequence[sa.ColumnElement[Any]], live: Sequence[LiveColumn], keys: Sequence[Key]) -> Condition:
    """MariaDB has an index serve a list of plain values only; text is then compared once more, by its bytes."""
    found = _one_of(columns, keys)
    exact = [by_bytes(c, one, "mariadb") for c, one in zip(columns, live, strict=True)]
    return found if not any(map(_is_text, live)) else sa.and_(found, _one_of(exact, keys))


def _one_of(columns: Sequence[sa.ColumnElement[Any]], keys: Sequence[Key]) -> Condition:
    return columns[0].in_([k[0] for k in keys]) if len(columns) == 1 else sa.tuple_(*columns).in_(list(keys))


def given_rows(live: Sequence[LiveColumn], rows: Sequence[Key]) -> sa.TableValuedAlias:
    """These rows as a table of PostgreSQL with columns k0, k1, …: one bound array per column. There is one at least."""
    arrays = [_array(column, values) for column, values in zip(live, zip(*rows, strict=True), strict=True)]
    return sa.func.unnest(*arrays).table_valued(*(f"k{n}" for n in range(len(arrays)))).render_derived()


def _in_arrays(columns: Sequence[sa.ColumnElement[Any]], live: Sequence[LiveColumn], keys: Sequence[Key]) -> Condition:
    if len(columns) == 1:
        return columns[0] == sa.func.any(_array(live[0], [value for (value,) in keys]))
    given = given_rows(live, keys)
    return sa.tuple_(*columns).in_(sa.select(*given.c))


def _array(column: LiveColumn, values: Sequence[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(sa.bindparam(None, list(values), type_=sa.types.NullType()), _Array(_element(column)))


def _listed(written: str) -> sa.TableValuedAlias:
    """The values of a JSON text, as a table with a column `value`."""
    return sa.func.json_each(written).table_valued("value")


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
        given = _listed(json.dumps([k[0] for k in written]))
        return own[0].in_(sa.select(given.c.value))
    given = _listed(json.dumps(written))
    parts = [sa.func.json_extract(given.c.value, f"$[{n}]") for n in range(len(own))]
    return sa.tuple_(*own).in_(sa.select(*parts))
