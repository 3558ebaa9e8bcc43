"""How one record gets other values in some columns: under its lock, and only while it holds what was decided about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from connectors.sql.asking import Asker
from connectors.sql.tables import Tables
from domain.keys import Key
from domain.trouble import SourceUnreadable


def write_correction(
    asker: Asker, tables: Tables, dataset: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]
) -> bool:
    """Lock the row, compare it with `before`, write `after`. False: gone, or changed meanwhile; nothing was written."""
    rows, table = tables.plain(dataset)
    here = rows.is_one_of(rows.dataset.key, [key])
    names = sorted(before)
    found = asker.all(sa.select(*rows.columns(names)).where(here, *rows.only).with_for_update())
    if len(found) > 1:
        raise SourceUnreadable(
            f"several rows of {rows.dataset.table!r} share one key; nothing was changed",
            where=f"{rows.dataset.name}",
            do="give the dataset a `key` that is unique in the source",
        )
    if not found or tuple(found[0]) != tuple(before[name] for name in names):
        return False
    values = {rows.table.c[name]: value for name, value in after.items()}
    asker.change(sa.update(table).where(here, *rows.only).values(values))
    return True
