"""How rows that refer to each other go where the database looks at each row by itself: what refers goes first.

InnoDB checks a reference row by row, within one DELETE too: a parent must not go before its own child, and a row that
refers to itself cannot go at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from connectors.sql.asking import Asker
from connectors.sql.tables import Tables
from domain.keys import Key, Keys
from domain.live import LiveReference


def referring_first(asker: Asker, tables: Tables, dataset: str, keys: Keys) -> Iterator[Keys]:
    """These rows in runs that may go one after another. What is left in circles lets go and comes last."""
    table = tables.rows(dataset).dataset.table
    own = [r for r in tables.live.tables[table].references if r.table == table]
    if tables.dialect != "mariadb" or not own:
        yield keys
        return
    referred_by = _references_inside(asker, tables, dataset, keys, own)
    waiting = dict.fromkeys(keys)
    while waiting:
        free = [k for k in waiting if not referred_by.get(k, set()) & waiting.keys()]
        if not free:
            let_go(asker, tables, {dataset: Keys(waiting)})
            free = list(waiting)
        yield Keys(free)
        for key in free:
            del waiting[key]


def _references_inside(
    asker: Asker, tables: Tables, dataset: str, keys: Keys, references: list[LiveReference]
) -> dict[Key, set[Key]]:
    """Per row those among these that refer to it."""
    found: dict[Key, set[Key]] = {}
    for reference in references:
        rows, target = tables.rows(dataset), tables.rows(dataset)
        pairs = zip(reference.columns, reference.to_columns, strict=True)
        links = [rows.table.c[own] == target.table.c[their] for own, their in pairs]
        inside = [one.is_one_of(one.dataset.key, keys) for one in (rows, target)]
        width = len(rows.key)
        for pair in asker.all(sa.select(*rows.key, *target.key).where(*links, *inside)):
            found.setdefault(tuple(pair[width:]), set()).add(tuple(pair[:width]))
    return found


def let_go(asker: Asker, tables: Tables, found: Mapping[str, Keys]) -> None:
    """Empty what ties these rows to each other's tables in MariaDB, where the columns may be empty.

    The checks of the database stay on: what it still refuses keeps the whole batch.
    """
    if tables.dialect != "mariadb":
        return
    inside = {tables.rows(name).dataset.table for name in found}
    for name, keys in found.items():
        rows, table = tables.plain(name)
        tying = {c for r in tables.live.tables[rows.dataset.table].references if r.table in inside for c in r.columns}
        loose = [c for c in sorted(tying) if rows.live[c].nullable and c not in rows.dataset.key]
        if loose and len(keys):
            empty = {rows.table.c[c]: sa.null() for c in loose}
            asker.change(sa.update(table).where(rows.is_one_of(rows.dataset.key, keys)).values(empty))
