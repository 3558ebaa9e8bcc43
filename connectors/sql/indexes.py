"""Which columns the indexes of a SQL source lead with: only indexes that serve any row, and any question for equality.

Left out: partial indexes, those that are not valid (a build that failed), and kinds that cannot look up one value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Inspector

#: As PostgreSQL writes it back: the end of a range, by which `connectors.sql.days` compares.
_END_OF_RANGE = re.compile(r'upper\("?([^"()]+)"?\)')
_INVALID = """
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND n.nspname = COALESCE(:schema, current_schema())"""
_LOOKS_UP = frozenset({"btree", "hash"})


def indexes_of(
    connection: sa.Connection, inspector: Inspector, schema: str | None
) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """By table the columns of each index, the primary key and unique constraints included.

    The end of a range stands as `upper(column)`; at any other expression the columns stop.
    """
    invalid: frozenset[str] = frozenset()
    if connection.dialect.name == "postgresql":
        invalid = frozenset(connection.execute(sa.text(_INVALID), {"schema": schema}).scalars())
    found: dict[str, set[tuple[str, ...]]] = {}
    for (_, table), indexes in inspector.get_multi_indexes(schema=schema).items():
        usable = [i for i in indexes if i["name"] not in invalid and _serves_any_row(i)]
        found.setdefault(str(table), set()).update(tuple(_columns(i)) for i in usable)
    for (_, table), key in inspector.get_multi_pk_constraint(schema=schema).items():
        found.setdefault(str(table), set()).add(tuple(key["constrained_columns"]))
    for (_, table), constraints in inspector.get_multi_unique_constraints(schema=schema).items():
        found.setdefault(str(table), set()).update(tuple(c["column_names"]) for c in constraints)
    return {table: tuple(sorted(columns - {()})) for table, columns in found.items()}


def _serves_any_row(index: Any) -> bool:
    options = index.get("dialect_options") or {}
    partial = any(name.endswith("_where") and condition is not None for name, condition in options.items())
    of_text = any(name.endswith("_prefix") for name in options)  # MariaDB's FULLTEXT and SPATIAL
    return not partial and not of_text and options.get("postgresql_using", "btree") in _LOOKS_UP


def _columns(index: Any) -> Iterator[str]:
    names = index["column_names"]
    for name, written in zip(names, index.get("expressions") or names, strict=True):
        of_range = name is None and _END_OF_RANGE.fullmatch(str(written))
        if name is None and not of_range:
            return
        yield f"upper({of_range[1]})" if of_range else str(name)
