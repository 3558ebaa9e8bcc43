"""The straight way to destroy a batch: one DELETE per dataset, which asks the due test of each row that it takes.

It is taken when the database itself watches over the references and nothing about the batch is out of the ordinary.
What the DELETEs return is announced in the ledger before the commit, so that no row is ever gone unannounced. The
least surprise undoes all of it, and the careful way (`connectors.sql.destroy`) finds out which dossiers stay and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.port import Announced, Destroyed
from connectors.receipt import Vouch, check_receipt
from connectors.sql.asking import Asker
from connectors.sql.destroy import ChangedMeanwhile, clear_references
from connectors.sql.dossier import by_key
from connectors.sql.due import due_statement, lets_go
from connectors.sql.tables import Tables
from domain.keys import Key, Keys
from domain.rules import DueTest, Hop, Part

#: A reference that the database refuses to break by itself; the other rules change rows unseen.
_REFUSING = frozenset({"NO ACTION", "RESTRICT"})
#: MariaDB deletes fastest by lists of about a thousand keys (shared/SPEED.md).
_MARIADB_RUN = 1_000


@dataclass(frozen=True, slots=True)
class Straight:
    """One batch, inside its transaction."""

    asker: Asker
    tables: Tables
    test: DueTest
    vouch: Vouch

    def carry_out(
        self,
        keys: Keys,
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announce: Callable[[Mapping[str, Keys]], Future[Announced]],
    ) -> tuple[Announced, Destroyed] | None:
        """Destroy the whole batch, or None where it needs the careful way (nothing was changed then).

        The ledger writes while the roots, the slowest, are being deleted. Raises `ChangedMeanwhile` or
        `StillReferredTo`: then nothing may be kept.
        """
        if len(allowed(list(keys))) < len(keys) or not (self._root_says_all() or self._all_due(keys)):
            return None
        cleared = clear_references(self.asker, self.tables, self.test, keys)
        *below, root = self.test.rule.parts
        rows = self._below(below, keys) | {root.dataset: keys}
        announced = announce({name: found for name, found in rows.items() if len(found)})
        try:
            if not self._delete(root, keys).same_records(keys):
                raise ChangedMeanwhile
        finally:
            receipt = announced.result()
        check_receipt(self.test.rule, list(keys), receipt, self.vouch)
        allowed(())  # every row is locked now: whoever lost its lease meanwhile hears it here, and nothing is kept
        return receipt, Destroyed({name: gone for name, gone in rows.items() if len(gone)}, {}, cleared)

    def _below(self, parts: Sequence[Part], roots: Keys) -> dict[str, Keys]:
        """Delete the rows below the roots, children first; each by the keys of its owner."""
        owners: dict[str, Keys] = {self.test.rule.dataset.name: roots}
        for part in sorted(parts, key=lambda p: len(p.path)):
            if any(p.path[: len(part.path)] == part.path and p is not part for p in parts):  # others hang under it
                rows = self.tables.rows(part.dataset)
                pointing = rows.is_one_of(_own(part), self._values(part, owners))
                owners[part.dataset] = self.asker.keys(sa.select(*rows.key).where(pointing, *rows.only))
        return {part.dataset: self._delete(part, self._values(part, owners)) for part in parts}

    def _values(self, part: Part, owners: Mapping[str, Keys]) -> Keys:
        owner = owner_of(self.test, part)
        values = by_key(self.tables.system.datasets[owner], part.path[-1], owners[owner])
        return Keys() if values is None else values  # `is_straight` has seen to it that it is not None

    def _root_says_all(self) -> bool:
        """Whether the DELETEs themselves ask the whole due test: each row's own dates, one of them on the root."""
        watches = self.test.watches
        started = any(not w.path and w.column is not None and w.absent == "blocks" for w in watches)
        parts = {p.path for p in self.test.rule.parts}
        return started and all(w.column is not None and w.path in parts for w in watches)

    def _all_due(self, keys: Keys) -> bool:
        due = self.asker.keys(due_statement(self.tables, self.test, keys))
        return due.same_records(keys)

    def _delete(self, part: Part, values: Keys) -> Keys:
        """Delete the rows of a part by what they refer to (the roots by their key), where their term is over."""
        rows, table = self.tables.plain(part.dataset)
        own = [w for w in self.test.watches if w.path == part.path and w.column is not None]
        where = [*rows.only, *(lets_go(self.tables, rows, w, self.test) for w in own)]
        columns = _own(part) if part.path else list(rows.dataset.key)
        gone = [
            self.asker.keys(sa.delete(table).where(rows.is_one_of(columns, run), *where).returning(*rows.key))
            for run in self._runs(values)
        ]
        return gone[0] if len(gone) == 1 else Keys(key for keys in gone for key in keys)

    def _runs(self, values: Keys) -> Iterator[Keys]:
        size = _MARIADB_RUN if self.tables.dialect not in ("postgresql", "sqlite") else max(1, len(values))
        for start in range(0, len(values), size):
            yield values.slice(start, start + size)


def _own(part: Part) -> list[str]:
    return [own for own, _ in part.path[-1].by]


def owner_of(test: DueTest, part: Part) -> str:
    """The dataset that the rows of a part hang under."""
    return test.rule.dataset.name if len(part.path) == 1 else part.path[-2].dataset


def is_straight(tables: Tables, test: DueTest) -> bool:
    """Whether every reference of the rule leads to a key, and the database itself refuses to break each of them."""
    rule, datasets = test.rule, tables.system.datasets
    if not test.possible or rule.knots or any(p.stays_for_others for p in rule.parts) or any(t.both for t in rule.ties):
        return False
    for part in rule.parts:
        owner = datasets[owner_of(test, part)] if part.path else None
        if owner is not None and by_key(owner, part.path[-1], Keys()) is None:
            return False
    if tables.dialect not in ("postgresql", "sqlite") and any(
        t.referrer.dataset == t.target.dataset for t in rule.ties
    ):
        return False  # InnoDB looks at a self reference row by row
    ties = [(t.target.dataset, Hop(t.referrer.dataset, t.by)) for t in rule.ties]
    paths = [p.path for p in rule.parts] + [w.path for w in test.watches] + [c.path for c in rule.clears]
    steps = [
        (o, hop)
        for path in paths
        for o, hop in zip([rule.dataset.name, *(h.dataset for h in path)], path, strict=False)
    ]
    return all(_refused(tables, owner, hop) for owner, hop in {*ties, *steps})


def _refused(tables: Tables, owner: str, hop: Hop) -> bool:
    """Whether the database refuses to delete a row of `owner` that a row at the end of this hop refers to.

    Of a partitioned table some partitions may declare the reference and others not.
    """
    referring, referred = tables.system.datasets[hop.dataset], tables.system.datasets[owner]
    live: Any = tables.live.tables.get(referring.table)
    wanted = dict(hop.by)
    return (
        live is not None
        and not live.partitioned
        and any(
            r.table == referred.table
            and r.on_delete in _REFUSING
            and dict(zip(r.columns, r.to_columns, strict=False)) == wanted
            for r in live.references
        )
    )
