"""How a circle of references that may not be empty goes in MariaDB, which cannot wait with its checks.

There the check is off for the deletion, and afterwards every reference that the database declares, from tables that
the register knows and from those that it does not, is looked at by ourselves: what still points at a destroyed row
undoes the whole batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa

from connectors.sql.asking import Asker
from connectors.sql.failures import StillReferredTo
from connectors.sql.keys import in_keys
from connectors.sql.tables import Tables
from domain.keys import Key, Keys
from domain.live import LiveReference


def cannot_let_go(tables: Tables, knots: Collection[Collection[str]]) -> bool:
    """Whether some circle has only references that may not be empty, in a database that looks at each row at once."""
    return tables.dialect == "mariadb" and any(_is_tight(tables, knot) for knot in knots)


def _is_tight(tables: Tables, knot: Collection[str]) -> bool:
    """Whether some table of the circle cannot empty its references into the others."""
    inside = {tables.system.datasets[name].table for name in knot}
    for name in knot:
        dataset = tables.system.datasets[name]
        live = tables.live.tables[dataset.table]
        tying = {c for r in live.references if r.table in inside for c in r.columns}
        if all(live.columns[c].nullable and c not in dataset.key for c in tying):
            return False  # this one lets go, and the circle is open
    return True


def nobody_points_at(asker: Asker, tables: Tables, found: Mapping[str, Keys]) -> None:
    """Raise `StillReferredTo` where any declared reference leads to one of these rows, which are gone."""
    for name, keys in found.items():
        dataset = tables.system.datasets[name]
        for table, reference in _references_to(tables, dataset.table):
            if not set(reference.to_columns) <= set(dataset.key):
                raise StillReferredTo  # it leads to something else than the key: that cannot be looked at any more
            places = [dataset.key.index(c) for c in reference.to_columns]
            values = Keys(dict.fromkeys(_picked(keys, places)))
            if asker.all(_pointing(tables, table, reference, values)):
                raise StillReferredTo


def _references_to(tables: Tables, target: str) -> Iterator[tuple[str, LiveReference]]:
    for table, live in tables.live.tables.items():
        yield from ((table, r) for r in live.references if r.table == target)


def _picked(keys: Keys, places: Collection[int]) -> Iterator[Key]:
    return (tuple(key[p] for p in places) for key in keys)


def _pointing(tables: Tables, table: str, reference: LiveReference, values: Keys) -> sa.Select[tuple[int]]:
    live = tables.live.tables[table].columns
    schema, _, name = table.rpartition(".")
    rows = sa.table(name, *(sa.column(c, sa.types.NullType()) for c in live), schema=schema or tables.system.db_schema)
    columns = [rows.c[c] for c in reference.columns]
    which = in_keys(columns, [live[c] for c in reference.columns], values, tables.dialect)
    return sa.select(sa.literal_column("1", sa.Integer())).select_from(rows).where(which).limit(1)
