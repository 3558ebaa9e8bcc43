"""How a SQL source looks today: its tables, columns, references, database triggers and indexes. Views left out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import CompileError, SAWarning

from connectors.sql.failures import failures_named
from connectors.sql.indexes import indexes_of
from connectors.sql.mariadb_tables import check_no_history
from connectors.sql.neighbours import neighbours_of
from connectors.sql.partitions import Partitions, partitions_of
from connectors.sql.unclaimed import unclaimed_rows
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.system import System

#: tgtype: 8 is DELETE, 16 is UPDATE, 32 is TRUNCATE. A disabled trigger ('D') or one for replicas ('R') is silent.
#: A rule (CREATE RULE) rewrites the statement itself. ev_type: 2 is UPDATE, 4 is DELETE; a view is a rule on SELECT.
#: What a partition does by itself happens to rows of the whole table.
_PG_TRIGGERS = """
    WITH by_itself AS (
      SELECT tgrelid AS place, tgname AS name FROM pg_trigger
      WHERE NOT tgisinternal AND tgtype & 24 <> 0 AND tgenabled IN ('O', 'A')
      UNION SELECT ev_class, rulename FROM pg_rewrite WHERE ev_type IN ('2', '4') AND ev_enabled IN ('O', 'A'))
    SELECT DISTINCT c.relname, name FROM by_itself
    JOIN pg_class c ON c.oid = COALESCE(pg_partition_root(place), place) AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = COALESCE(:schema, current_schema()) ORDER BY 1, 2"""
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
    (sa.BINARY, Kind.BINARY),
    (sa.VARBINARY, Kind.BINARY),
    *((blob, Kind.BINARY) for blob in (mysql.TINYBLOB, mysql.MEDIUMBLOB, mysql.LONGBLOB)),
    (postgresql.BYTEA, Kind.BINARY),
    (postgresql.DATERANGE, Kind.DATE_RANGE),
    (postgresql.TSRANGE, Kind.MOMENT_RANGE),
    (postgresql.TSTZRANGE, Kind.ZONED_RANGE),
    (sa.String, Kind.TEXT),
)


def look_at(engine: sa.Engine, system: System) -> LiveSchema:
    """The live schema of the system's database, or of its `schema` in there.

    A table of another schema that refers into this one is shown too, as `schema.table`.
    """
    with failures_named(system), warnings.catch_warnings(), engine.connect() as connection:
        warnings.simplefilter("ignore", SAWarning)  # a type it does not know is OTHER to us
        if engine.dialect.name == "mariadb":
            check_no_history(connection, system)
        inspector = sa.inspect(connection)
        schema = system.db_schema
        ours = schema or inspector.default_schema_name
        partitions = partitions_of(connection, schema, ours)
        tables = _tables_of(connection, inspector, schema, partitions, ours)
        for place, names in neighbours_of(connection, schema).items():
            theirs = _tables_of(connection, inspector, place, partitions_of(connection, place, ours), ours)
            for name in names:
                references = partitions.of_parents({name: theirs[name].references})[name]
                tables[f"{place}.{name}"] = replace(theirs[name], references=references, schema=place)
        unclaimed = unclaimed_rows(connection, system, tables)
    return LiveSchema({name: replace(table, unclaimed=unclaimed.get(name, 0)) for name, table in tables.items()})


def _tables_of(
    connection: sa.Connection, inspector: Inspector, schema: str | None, partitions: Partitions, ours: str | None
) -> dict[str, LiveTable]:
    """The tables of one schema; `ours` is the one whose names stand alone."""
    columns = inspector.get_multi_columns(schema=schema)
    keys = inspector.get_multi_pk_constraint(schema=schema)
    references = partitions.of_parents(_references(connection, inspector, schema, ours))
    indexes = partitions.served(indexes_of(connection, inspector, schema))
    triggers = _triggers(connection, schema)
    return {
        name: LiveTable(
            columns={c["name"]: _column(c, connection.dialect) for c in columns[place]},
            key=tuple(keys[place]["constrained_columns"]) if place in keys else (),
            references=references.get(name, ()),
            triggers=tuple(triggers.get(name, ())),
            indexes=indexes.get(name, ()),
            partitioned=name in partitions.leaves,
        )
        for place in columns
        for name in [place[1]]
        if name not in partitions.roots
    }


def kind_of(column_type: sa.types.TypeEngine[Any]) -> Kind:
    """What a column of this type holds; OTHER where a term could not count on it."""
    if isinstance(column_type, postgresql.DOMAIN):
        return kind_of(column_type.data_type)
    if isinstance(column_type, sa.DateTime):
        # MariaDB keeps a TIMESTAMP as a moment in UTC.
        return Kind.ZONED if column_type.timezone or isinstance(column_type, mysql.TIMESTAMP) else Kind.MOMENT
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
    # MariaDB's driver gives these as text.
    kind = Kind.TEXT if dialect.name == "mariadb" and name in ("UUID", "INET4", "INET6") else kind_of(column_type)
    return LiveColumn(kind, bool(found.get("nullable", True)), name)


def _references(
    connection: sa.Connection, inspector: Inspector, schema: str | None, ours: str | None
) -> Mapping[str, list[LiveReference]]:
    """By table. What stands in another schema than `ours` is named `schema.table`."""
    if connection.dialect.name == "sqlite":
        return _sqlite_references(connection, inspector)
    found: dict[str, list[LiveReference]] = {}
    for (_, table), references in inspector.get_multi_foreign_keys(schema=schema).items():
        for r in references:
            rule = str(r["options"].get("ondelete") or "NO ACTION").upper()
            own, theirs = tuple(r["constrained_columns"]), tuple(r["referred_columns"])
            place = r["referred_schema"] or inspector.default_schema_name
            to = r["referred_table"] if place == ours else f"{place}.{r['referred_table']}"
            found.setdefault(str(table), []).append(LiveReference(own, to, theirs, rule))
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


def _triggers(connection: sa.Connection, schema: str | None) -> Mapping[str, Iterable[str]]:
    """The database triggers that fire on delete or update, and the rules that rewrite these, by table."""
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
