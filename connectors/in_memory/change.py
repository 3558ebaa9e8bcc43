"""How the twin changes columns of rows that survive: the same questions as a database is asked, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from connectors.in_memory.rows import Cells, Shelf, key_of, sort_key
from connectors.port import Destroyed
from connectors.receipt import FROZEN, NO_LONGER_DUE, refused_by_source, without
from domain.column_rules import Change
from domain.keys import Key, Keys
from domain.live import LiveSchema
from domain.rules import RetentionRule
from domain.treatment import Alias, remains, treat
from domain.trouble import SourceUnreadable


def bears(change: Change | None, row: Cells) -> bool:
    """Whether a row still holds what the change takes away; without a change every row counts."""
    return change is None or any(remains(treatment, row.get(name)) for name, treatment in change.columns)


def change_rows(
    shelf: Shelf,
    rule: RetentionRule,
    keys: Sequence[Key],
    *,
    due: Collection[Key],
    allowed: Callable[[Sequence[Key]], Sequence[Key]],
    alias: Alias,
    schema: LiveSchema,
    lies: Collection[str] = (),
) -> Destroyed:
    """Change what is due and allowed. `lies`: tables that say a row is changed and keep it."""
    change = rule.change or Change(())
    still_due = [k for k in keys if k in due]
    permitted = frozenset(allowed(still_due)) if still_due else frozenset()
    going = [k for k in still_due if k in permitted]
    stayed = {NO_LONGER_DUE: without(keys, still_due), FROZEN: without(still_due, permitted)}
    rows = shelf.roots(rule.dataset.name, going)
    if len(rows) > len(frozenset(going)):
        raise SourceUnreadable(
            f"several rows of {rule.dataset.table!r} share one key; nothing was changed",
            where=f"{shelf.system.id}.{rule.dataset.name}",
            do="give the dataset a `key` that is unique in the source",
        )
    live = schema.tables.get(rule.dataset.table)
    made = [{n: treat(t, row.get(n), alias) for n, t in change.columns} for row in rows]
    for values in made:
        for name, value in values.items():
            if value is None and live is not None and not live.columns[name].nullable:
                raise refused_by_source(rule)
    if rule.dataset.table not in lies:
        for row, values in zip(rows, made, strict=True):
            row.update(values)
    told = {rule.filed_as: shelf.keys(rule.dataset.name, rows)} if rows else {}
    return Destroyed(told, {why: Keys(stay) for why, stay in stayed.items() if stay})


def still_bearing(shelf: Shelf, dataset: str, change: Change, keys: Keys) -> Keys:
    """Which of these rows still hold what the change takes away."""
    declared, wanted = shelf.dataset(dataset), frozenset(keys)
    mine = [row for row in shelf.data[declared.table] if key_of(declared, row) in wanted and bears(change, row)]
    return Keys(sorted((key_of(declared, row) for row in mine), key=sort_key))
