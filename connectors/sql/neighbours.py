"""Tables of another schema that refer into this one: what hangs on our rows is ours to know, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

_POSTGRES = """
    SELECT DISTINCT n.nspname AS place, c.relname AS name FROM pg_constraint f
    JOIN pg_class c ON c.oid = COALESCE(pg_partition_root(f.conrelid), f.conrelid)
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class target ON target.oid = COALESCE(pg_partition_root(f.confrelid), f.confrelid)
    JOIN pg_namespace ours ON ours.oid = target.relnamespace
    WHERE f.contype = 'f' AND ours.nspname = COALESCE(:schema, current_schema()) AND n.oid <> ours.oid ORDER BY 1, 2"""
_MARIADB = """
    SELECT DISTINCT table_schema AS place, table_name AS name FROM information_schema.key_column_usage
    WHERE referenced_table_schema = COALESCE(:schema, DATABASE()) AND table_schema <> referenced_table_schema
    ORDER BY 1, 2"""


def neighbours_of(connection: sa.Connection, schema: str | None) -> Mapping[str, list[str]]:
    """Their names by schema. SQLite has no other schema to refer from."""
    if connection.dialect.name == "sqlite":
        return {}
    question = _POSTGRES if connection.dialect.name == "postgresql" else _MARIADB
    found: dict[str, list[str]] = {}
    for place, name in connection.execute(sa.text(question), {"schema": schema}).tuples():
        found.setdefault(place, []).append(name)
    return found
