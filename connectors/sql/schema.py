"""How a SQL source looks today: its tables, columns, references, database triggers and indexes. Views left out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import CompileError, SAWarning

from connectors.sql.engine import failures_named
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.system import System

_PG_PARTITIONS = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relispartition AND n.nspname = COALESCE(:schema, current_schema())"""
#: tgtype: 8 is DELETE, 16 is UPDATE, 32 is TRUNCATE. A disabled trigger ('D') or one for replicas ('R') is silent.
_PG_TRIGGERS = """
    SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgtype & 24 <> 0 AND t.tgenabled IN ('O', 'A')
    AND n.nspname = COALESCE(:schema, current_schema()) ORDER BY 1, 2"""
_SQLITE_TRIGGERS = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2"
_SQLITE_REFERENCES = """
    SELECT m.name, f.id, f."table", f."from" AS own, f."to", f.on_delete
    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id DESC, f.seq"""
_MARIADB_TRIGGERS = """
    SELECT event_object_table, trigger_name FROM information_schema.triggers
    WHERE event_manipulation IN ('DELETE', 'UPDATE') AND trigger_schema = COALESCE(:schema, DATABASE()) ORDER BY 1, 2"""
_FIRES = re.compile(r"\b(DELETE|UPDATE)\b", re.IGNORECASE)
_BEGIN = re.compile(r"\bBEGIN\b", re.IGNORECASE)
_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], Kind], ...] = (
    (sa.Enum, Kind.OTHER),
    (sa.Uuid, Kind.OTHER),
    (sa.Boolean, Kind.BOOLEAN),
    (sa.Integer, Kind.INTEGER),
    (sa.Numeric, Kind.NUMBER),
    (sa.Float, Kind.NUMBER),
    (sa.Date, Kind.DATE),
    (sa.LargeBinary, Kind.BINARY),
    (postgresql.BYTEA, Kind.BINARY),
    (sa.String, Kind.TEXT),
)


def look_at(engine: sa.Engine, system: System) -> LiveSchema:
    """The live schema of the system's database, or of its `schema` in there."""
    with failures_named(system), warnings.catch_warnings(), engine.connect() as connection:
        warnings.simplefilter("ignore", SAWarning)  # a type it does not know is OTHER to us
        inspector = sa.inspect(connection)
        schema = system.db_schema
        columns = inspector.get_multi_columns(schema=schema)
        keys = inspector.get_multi_pk_constraint(schema=schema)
        references = _references(connection, inspector, schema)
        indexes = _indexes(inspector, schema)
        triggers = _triggers(connection, schema)
        left_out = _partitions(connection, schema)
        tables = {
            name: LiveTable(
                columns={c["name"]: _column(c, engine.dialect) for c in columns[place]},
                key=tuple(keys[place]["constrained_columns"]) if place in keys else (),
                references=tuple(references.get(name, ())),
                triggers=tuple(triggers.get(name, ())),
                indexes=indexes.get(name, ()),
            )
            for place in columns
            for name in [place[1]]
            if name not in left_out
        }
    return LiveSchema(tables)


def kind_of(column_type: sa.types.TypeEngine[Any]) -> Kind:
    """What a column of this type holds; OTHER where a term could not count on it."""
    if isinstance(column_type, postgresql.DOMAIN):
        return kind_of(column_type.data_type)
    if isinstance(column_type, sa.DateTime):
        return Kind.ZONED if column_type.timezone else Kind.MOMENT
    for known, kind in _KINDS:
        if isinstance(column_type, known):
            return kind
    return Kind.OTHER


def _column(found: Any, dialect: sa.Dialect) -> LiveColumn:
    column_type = found["type"]
    try:
        name = str(column_type.compile(dialect=dialect))
    except CompileError:
        name = ""  # a type that SQLAlchemy does not know; its kind is OTHER
    return LiveColumn(kind_of(column_type), bool(found.get("nullable", True)), name)


def _references(
    connection: sa.Connection, inspector: Inspector, schema: str | None
) -> Mapping[str, list[LiveReference]]:
    if connection.dialect.name == "sqlite":
        return _sqlite_references(connection, inspector)
    found: dict[str, list[LiveReference]] = {}
    for (_, table), references in inspector.get_multi_foreign_keys(schema=schema).items():
        for r in references:
            rule = str(r["options"].get("ondelete") or "NO ACTION").upper()
            own, theirs = tuple(r["constrained_columns"]), tuple(r["referred_columns"])
            found.setdefault(str(table), []).append(LiveReference(own, r["referred_table"], theirs, rule))
    return found


def _sqlite_references(connection: sa.Connection, inspector: Inspector) -> Mapping[str, list[LiveReference]]:
    """From SQLite itself: SQLAlchemy does not see ON DELETE on a reference that a column declares."""
    parts: dict[tuple[str, int], list[Any]] = {}
    for row in connection.execute(sa.text(_SQLITE_REFERENCES)):
        parts.setdefault((row.name, row.id), []).append(row)
    found: dict[str, list[LiveReference]] = {}
    for (table, _), columns in parts.items():
        to = columns[0].table
        theirs = tuple(c.to for c in columns)
        if None in theirs:  # no columns named: it refers to the primary key
            theirs = tuple(inspector.get_pk_constraint(to)["constrained_columns"])
        own = tuple(c.own for c in columns)
        found.setdefault(table, []).append(LiveReference(own, to, theirs, columns[0].on_delete.upper()))
    return found


def _indexes(inspector: Inspector, schema: str | None) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The columns of each index, the primary key and unique constraints included; expressions left out."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for (_, table), indexes in inspector.get_multi_indexes(schema=schema).items():
        for index in indexes:
            columns = tuple(c for c in index["column_names"] if c is not None)
            if len(columns) == len(index["column_names"]) and columns:
                found.setdefault(str(table), []).append(columns)
    for (_, table), key in inspector.get_multi_pk_constraint(schema=schema).items():
        if key["constrained_columns"]:
            found.setdefault(str(table), []).append(tuple(key["constrained_columns"]))
    for (_, table), constraints in inspector.get_multi_unique_constraints(schema=schema).items():
        found.setdefault(str(table), []).extend(tuple(c["column_names"]) for c in constraints)
    return {table: tuple(sorted(set(columns))) for table, columns in found.items()}


def _triggers(connection: sa.Connection, schema: str | None) -> Mapping[str, Iterable[str]]:
    """The database triggers that fire on delete or update, by table."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        rows = connection.execute(sa.text(_SQLITE_TRIGGERS)).all()
        named = [(table, name) for table, name, sql in rows if _FIRES.search(_BEGIN.split(sql or "", 1)[0])]
    else:
        question = _PG_TRIGGERS if dialect == "postgresql" else _MARIADB_TRIGGERS
        named = [(table, name) for table, name in connection.execute(sa.text(question), {"schema": schema})]
    found: dict[str, list[str]] = {}
    for table, name in named:
        found.setdefault(table, []).append(name)
    return found


def _partitions(connection: sa.Connection, schema: str | None) -> frozenset[str]:
    """Partitions, whose rows are those of their parent table."""
    if connection.dialect.name != "postgresql":
        return frozenset()
    return frozenset(connection.execute(sa.text(_PG_PARTITIONS), {"schema": schema}).scalars())
