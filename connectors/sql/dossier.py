"""Which rows hang in which dossiers: from roots down to their rows, and from rows back up to their roots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.sql.engine import Asker
from connectors.sql.tables import Rows, Tables
from domain.keys import Key, Keys
from domain.rules import Hop, Part
from domain.system import Dataset, System


def root_of(system: System, part: Part) -> str:
    """The dataset whose dossiers this part is in."""
    if not part.path:
        return part.dataset
    first = system.datasets[part.path[0].dataset]
    return part.dataset if first.part_of is None else first.part_of.dataset


def rows_inside(tables: Tables, part: Part, root: str, keys: Sequence[Key]) -> tuple[Rows, sa.Select[Any]]:
    """All rows of `part` in the dossiers of these roots, columns to be added, ordered by key."""
    rows = tables.rows(part.dataset)
    inside = tables.inside(rows, part.path, tables.rows(root), keys)
    return rows, sa.select(*rows.key).where(inside, *rows.only).order_by(*rows.ordered_key())


def collect(asker: Asker, tables: Tables, parts: Sequence[Part], root: str, keys: Sequence[Key]) -> dict[str, Keys]:
    """The keys of all rows in the dossiers of these roots, per dataset, the root's own included."""
    found: dict[str, Keys] = {}
    for part in sorted(parts, key=lambda p: len(p.path)):
        found[part.dataset] = keys_from(asker, _keys_of(tables, part, root, keys, found))
    return {part.dataset: found[part.dataset] for part in parts}


def _keys_of(tables: Tables, part: Part, root: str, keys: Sequence[Key], found: Mapping[str, Keys]) -> sa.Select[Any]:
    """The question for the keys of `part`: by the keys of its owners where they are known and lead there."""
    if part.path:
        hop = part.path[-1]
        owner = root if len(part.path) == 1 else part.path[-2].dataset
        values = by_key(tables.system.datasets[owner], hop, found[owner]) if owner in found else None
        if values is not None:
            rows = tables.rows(part.dataset)
            pointing = rows.is_one_of([own for own, _ in hop.by], values)
            return sa.select(*rows.key).where(pointing, *rows.only).order_by(*rows.ordered_key())
    return rows_inside(tables, part, root, keys)[1]


def by_key(owner: Dataset, hop: Hop, keys: Keys) -> list[Key] | None:
    """What a hop's columns hold to point at these rows of `owner`; None where they point at more than its key."""
    if not all(their in owner.key for _, their in hop.by):
        return None
    places = [owner.key.index(their) for _, their in hop.by]
    return list(dict.fromkeys(tuple(key[p] for p in places) for key in keys))


def roots_above(asker: Asker, tables: Tables, part: Part, root: str, keys: Keys) -> Keys:
    """The roots whose dossiers hold these rows of `part`."""
    rows = tables.rows(part.dataset)
    which = sa.and_(rows.is_one_of(rows.dataset.key, list(keys)), *rows.only)
    for step in range(len(part.path) - 1, -1, -1):
        hop = part.path[step]
        owner = tables.rows(root if step == 0 else part.path[step - 1].dataset)
        theirs = owner.columns(their for _, their in hop.by)
        own = sa.select(*rows.columns(own for own, _ in hop.by)).where(which)
        which = sa.and_((theirs[0] if len(theirs) == 1 else sa.tuple_(*theirs)).in_(own), *owner.only)
        rows = owner
    return keys_from(asker, sa.select(*rows.key).where(which).order_by(*rows.ordered_key()))


def keys_from(asker: Asker, statement: sa.Executable) -> Keys:
    """The answer to a question for keys."""
    return Keys(tuple(row) for row in asker.all(statement))
