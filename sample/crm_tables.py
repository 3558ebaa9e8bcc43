"""The tables behind the sample CRM: how a SQLite file's records are found, changed and destroyed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Row,
    TableClause,
    and_,
    column,
    create_engine,
    func,
    inspect,
    not_,
    select,
    table,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

_ESCAPED = {"n": "\n", "t": "\t"}
_PIECE = re.compile(r"(?:^|\|)((?:\\.|[^|\\])*)")
#: Declared types → the words of the convention; the first that is found in the type counts.
_TYPES = {
    **dict.fromkeys(("INT",), "integer"),
    **dict.fromkeys(("CHAR", "TEXT", "CLOB"), "text"),
    **dict.fromkeys(("BLOB",), "binary"),
    **dict.fromkeys(("BOOL",), "boolean"),
    **dict.fromkeys(("DATETIME", "TIMESTAMP"), "moment"),
    **dict.fromkeys(("DATE",), "date"),
    **dict.fromkeys(("REAL", "FLOA", "DOUB", "NUM", "DEC"), "number"),
}
Record = dict[str, Any]


class Refuses(Exception):
    """The service refuses, with this status and a reason that holds no record value."""

    def __init__(self, status: int, why: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, dict(headers or {})


@dataclass(frozen=True, slots=True)
class CrmReference:
    """A foreign key: own columns, and the table and columns that they refer to."""

    columns: tuple[str, ...]
    table: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CrmTable:
    """One table. Keys and filter values come as text; the column's own type makes SQLite compare them well."""

    name: str
    key: tuple[str, ...]
    fields: Mapping[str, str]
    references: tuple[CrmReference, ...]

    def read_key(self, text: str) -> tuple[str, ...]:
        """The parts of a written key, escapes undone."""
        parts = [re.sub(r"\\(.)", lambda m: _ESCAPED.get(m[1], m[1]), p) for p in _PIECE.findall(text)]
        if len(parts) != len(self.key):
            raise Refuses(404, "no such record")
        return tuple(parts)

    def count(self, connection: Connection, where: Mapping[str, str]) -> int:
        """How many rows equal `where`."""
        return connection.execute(select(func.count()).select_from(self._table).where(self._equal(where))).scalar_one()

    def page(self, connection: Connection, where: Mapping[str, str], *, limit: int, offset: int) -> list[Record]:
        """Rows that equal `where`, ordered by key."""
        asked = select(*self._table.c).where(self._equal(where)).order_by(*(column(c) for c in self.key))
        return [self._record(row) for row in connection.execute(asked.limit(limit).offset(offset))]

    def get(self, connection: Connection, key: Sequence[str]) -> Record | None:
        """One row by its key."""
        row = connection.execute(select(*self._table.c).where(self._is(key))).first()
        return None if row is None else self._record(row)

    def change(self, connection: Connection, key: Sequence[str], fields: Mapping[str, Any]) -> None:
        """Set these fields of one row."""
        if not fields.keys() <= self.fields.keys() - set(self.key):
            raise Refuses(400, "only fields of this table can be changed, and never its key")
        try:
            connection.execute(self._table.update().where(self._is(key)).values(dict(fields)))
        except IntegrityError:
            raise Refuses(409, "the record would no longer be sound") from None

    def delete(self, connection: Connection, key: Sequence[str], row: Record, tables: Iterable[CrmTable]) -> None:
        """Destroy one row; refused while another row refers to it, whatever its ON DELETE says."""
        for other in tables:
            for reference in other.references:
                if reference.table == self.name and other.refers(connection, reference, row, same=other is self):
                    raise Refuses(409, "other records refer to this one")
        connection.execute(self._table.delete().where(self._is(key)))

    def refers(self, connection: Connection, reference: CrmReference, row: Record, *, same: bool) -> bool:
        """Whether a row here (`same`: another than the row itself) refers to `row`."""
        pairs = zip(reference.columns, reference.to_columns, strict=True)
        meant = and_(*(column(own) == row[to] for own, to in pairs))
        if same:
            meant = and_(meant, not_(and_(*(column(c) == row[c] for c in self.key))))
        return connection.execute(select(func.count()).select_from(self._table).where(meant)).scalar_one() > 0

    @property
    def _table(self) -> TableClause:
        """Without types on purpose: a date that SQLite keeps as odd text is passed on as it is."""
        return table(self.name, *(column(c) for c in self.fields))

    def _is(self, key: Sequence[str]) -> ColumnElement[bool]:
        return self._equal(dict(zip(self.key, key, strict=True)))

    def _equal(self, where: Mapping[str, str]) -> ColumnElement[bool]:
        if not where.keys() <= self.fields.keys():
            raise Refuses(400, "a filter names a field that this table has not")
        truth = {"true": 1, "false": 0}
        values = {c: truth.get(v, v) if self.fields[c] == "boolean" else v for c, v in where.items()}
        return and_(True, *(column(c) == v for c, v in values.items()))

    def _record(self, row: Row[Any]) -> Record:
        return {c: self._json(c, value) for c, value in row._mapping.items()}

    def _json(self, name: str, value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        return bool(value) if self.fields[name] == "boolean" and value in (0, 1) else value


def open_file(db: Path) -> Engine:
    """The SQLite file; a statement stands on its own unless a BEGIN says otherwise."""
    return create_engine(
        URL.create("sqlite", database=str(db)), hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )


def begin_writing(connection: Connection) -> None:
    """Begin a transaction that will write; a sample does not wait for the disk."""
    connection.exec_driver_sql("PRAGMA synchronous = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def discover(engine: Engine) -> dict[str, CrmTable]:
    """All tables of the file. Raises ValueError where one has no primary key, so that a record has no address."""
    seen = inspect(engine)
    keys = {name: tuple(seen.get_pk_constraint(name)["constrained_columns"]) for name in seen.get_table_names()}
    if not all(keys.values()):
        raise ValueError(f"no primary key: {', '.join(sorted(n for n, key in keys.items() if not key))}")
    return {
        name: CrmTable(
            name,
            key,
            {str(c["name"]): _word(str(c["type"])) for c in seen.get_columns(name)},
            tuple(
                CrmReference(
                    tuple(str(c) for c in fk["constrained_columns"]),
                    fk["referred_table"],
                    tuple(str(c) for c in fk["referred_columns"] or keys[fk["referred_table"]]),
                )
                for fk in seen.get_foreign_keys(name)
            ),
        )
        for name, key in keys.items()
    }


def _word(declared: str) -> str:
    return next((word for part, word in _TYPES.items() if part in declared.upper()), "other")
