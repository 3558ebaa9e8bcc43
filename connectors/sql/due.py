"""Which dossiers are due, as one set-based statement; with `keys` the same question about those dossiers only.

The plan and the re-check inside the deleting transaction are this one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.sql.bears import bears
from connectors.sql.days import Condition
from connectors.sql.tables import Rows, Tables, refers
from domain.keys import Key
from domain.rules import DueTest, Hop, Watch

Path = tuple[Hop, ...]


def due_statement(tables: Tables, test: DueTest, keys: Collection[Key] | None = None) -> sa.Select[Any]:
    """The root keys that are due, ordered by key; of `keys` only, where those are given."""
    root = tables.rows(test.rule.dataset.name)
    joined: sa.FromClause = root.table
    where = [*root.only, *(() if keys is None else [root.is_one_of(root.dataset.key, keys)])]
    if test.rule.change is not None:
        where.append(bears(root, test.rule.change))
    own = [w for w in test.watches if not w.path]
    where += [lets_go(tables, root, w, test) for w in own]
    for path, watches in watches_by_path(test).items():
        joined, stays = _nothing_keeps(tables, test, root, joined, path, watches, keys)
        where.append(stays)
    if test.needs_start and not any(
        w.absent == "blocks" for w in own
    ):  # else `over` has seen a sound date on the root itself
        joined, started = _started(tables, test, root, joined, keys)
        where.append(started)
    return sa.select(*root.key).select_from(joined).where(*where).order_by(*root.ordered_key())


def watches_by_path(test: DueTest) -> Mapping[Path, list[Watch]]:
    """The watches that look below the root, by the way they go."""
    found: dict[Path, list[Watch]] = {}
    for watch in test.watches:
        if watch.path:
            found.setdefault(watch.path, []).append(watch)
    return found


def lets_go(tables: Tables, rows: Rows, watch: Watch, test: DueTest) -> Condition:
    """Whether the watch lets this row go, NULL where nobody can say: for a WHERE, which takes that as no.

    Bare, so that an index serves it and the server knows how many rows it leaves. A row that is only needed by being
    there is never let go.
    """
    return sa.false() if watch.column is None else tables.day(rows, watch.column).over(watch, test.as_of)


def over(tables: Tables, rows: Rows, watch: Watch, test: DueTest) -> Condition:
    """The same, never NULL: for a condition that is turned round."""
    return sa.func.coalesce(lets_go(tables, rows, watch, test), sa.false())


def along(
    tables: Tables, path: Path, root: Rows, keys: Collection[Key] | None
) -> tuple[list[Rows], sa.FromClause, list[Condition]]:
    """All rows along a path, with what makes them rows of their datasets, and of these dossiers where given."""
    steps, joined = tables.join(path)
    where = [c for rows in steps for c in rows.only]
    if keys is not None:
        again = tables.rows(root.dataset.name)
        where.append(refers(steps[0], path[0], again, again.is_one_of(again.dataset.key, keys)))
    return steps, joined, where


def linked(root: Rows, path: Path, owned: Sequence[sa.ColumnElement[Any]]) -> Condition:
    """Whether the first row of a path, of which `owned` are the referring columns, hangs under this root."""
    return sa.and_(*(o == root.table.c[their] for o, (_, their) in zip(owned, path[0].by, strict=True)))


def _nothing_keeps(
    tables: Tables,
    test: DueTest,
    root: Rows,
    joined: sa.FromClause,
    path: Path,
    watches: Sequence[Watch],
    keys: Collection[Key] | None,
) -> tuple[sa.FromClause, Condition]:
    """No row at the end of this path keeps the dossier, for whatever reason."""
    sqlite = tables.dialect == "sqlite"
    steps, rows, where = along(tables, path, root, keys if sqlite else None)
    keeps = sa.not_(sa.and_(*(over(tables, steps[-1], w, test) for w in watches)))
    owned = steps[0].columns(own for own, _ in path[0].by)
    if not sqlite:
        there: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(rows).where(linked(root, path, owned), keeps, *where)
        )
        return joined, sa.not_(sa.exists(there.correlate(root.table)))
    # SQLite has no anti-join: without an index it would walk all rows again for each root.
    kept = sa.select(*owned).distinct().select_from(rows).where(keeps, *where).subquery()
    return joined.outerjoin(kept, linked(root, path, list(kept.c))), kept.c[0].is_(None)


def _started(
    tables: Tables, test: DueTest, root: Rows, joined: sa.FromClause, keys: Collection[Key] | None
) -> tuple[sa.FromClause, Condition]:
    """At least one date in the dossier has started its term."""
    found = [
        tables.day(root, w.column).sound(w, test.as_of) for w in test.watches if not w.path and w.column is not None
    ]
    for path, watches in watches_by_path(test).items():
        dated = [(w, w.column) for w in watches if w.column is not None]
        if not dated:
            continue
        steps, rows, where = along(tables, path, root, keys)
        sound = sa.or_(*(tables.day(steps[-1], column).sound(w, test.as_of) for w, column in dated))
        owned = steps[0].columns(own for own, _ in path[0].by)
        begun = sa.select(*owned).distinct().select_from(rows).where(sound, *where).subquery()
        joined = joined.outerjoin(begun, linked(root, path, list(begun.c)))
        found.append(begun.c[0].is_not(None))
    return joined, sa.or_(sa.false(), *found)
