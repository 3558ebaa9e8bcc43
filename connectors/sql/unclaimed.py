"""How many rows of a shared table fall in none of its datasets: a value of `only` that nobody declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.sql.keys import by_bytes
from domain.live import LiveTable
from domain.system import Dataset, System


def unclaimed_rows(connection: sa.Connection, system: System, tables: Mapping[str, LiveTable]) -> Mapping[str, int]:
    """Counts by table, of tables that every dataset takes a part of; the register says which may lie outside."""
    found: dict[str, int] = {}
    for table, datasets in system.divided_tables().items():
        live = tables.get(table)
        if live is None or not {c for d in datasets for c in d.only} <= live.columns.keys():
            continue  # the table or the column is gone: that is told as such
        name = table if live.schema is None else table.removeprefix(f"{live.schema}.")
        columns = [sa.column(c, sa.types.NullType()) for c in live.columns]
        rows = sa.table(name, *columns, schema=live.schema or system.db_schema)
        told = {c: by_bytes(rows.c[c], live.columns[c], connection.dialect.name) for d in datasets for c in d.only}
        claimed = sa.func.coalesce(sa.or_(*(_is_of(d, told) for d in datasets)), sa.false())
        count: Any = sa.select(sa.func.count()).select_from(rows).where(sa.not_(claimed))
        found[table] = connection.execute(count).scalar_one()
    return found


def _is_of(dataset: Dataset, told: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    return sa.and_(*(told[c].in_([sa.literal(v) for v in _values(wanted)]) for c, wanted in dataset.only.items()))


def _values(wanted: Any) -> Sequence[Any]:
    return wanted if isinstance(wanted, tuple) else (wanted,)
