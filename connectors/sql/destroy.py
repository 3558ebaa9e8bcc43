"""How a batch of dossiers is destroyed in one transaction: asked again, compared, emptied, deleted, looked back at.

Nothing here trusts what was true when the plan was drawn up. What changed since stays, and the first sign that the
source does something else than it was told undoes the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.port import Announced, Destroyed
from connectors.receipt import CHANGED, FROZEN, NO_LONGER_DUE, REFERRED_TO, unannounced, without
from connectors.sql.dossier import by_key, collect, keys_from, roots_above
from connectors.sql.due import due_statement, over
from connectors.sql.engine import Asker
from connectors.sql.tables import Rows, Tables
from domain.keys import Key, Keys
from domain.rules import DueTest, Hop, Part
from domain.trouble import SourceUnreadable


class ChangedMeanwhile(Exception):
    """A row came, went or changed between the look and the deletion. Never leaves the connector."""


@dataclass(slots=True)
class Destruction:
    """One batch under way, inside its transaction."""

    asker: Asker
    tables: Tables
    test: DueTest
    stayed: dict[str, list[Key]] = field(default_factory=dict)

    def carry_out(
        self,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """All steps but the commit. Raises `ChangedMeanwhile` or `StillReferredTo`: then nothing may be kept."""
        permitted = self._ask_again(keys, allowed)
        going, found = self._only_as_announced(permitted, announced)
        if not going:
            return Destroyed({}, self._stays())
        links = self._links(found)
        cleared = self._clear(going)
        rows = {part.dataset: self._delete(part, found[part.dataset]) for part in self.test.rule.parts}
        self._look_back(links)
        return Destroyed({d: k for d, k in rows.items() if len(k)}, self._stays(), cleared)

    def _stays(self) -> Mapping[str, Keys]:
        return {why: Keys(keys) for why, keys in self.stayed.items() if keys}

    def _stay(self, why: str, keys: Sequence[Key]) -> None:
        self.stayed.setdefault(why, []).extend(keys)

    def _ask_again(self, keys: Sequence[Key], allowed: Callable[[Sequence[Key]], Sequence[Key]]) -> list[Key]:
        """Lock the roots, and ask the due test and the holds about exactly these."""
        root = self.tables.rows(self.test.rule.dataset.name)
        one_of = root.is_one_of(root.dataset.key, keys)
        lock = sa.select(*root.key).where(one_of, *root.only).order_by(*root.ordered_key()).with_for_update()
        locked = self.asker.all(lock)
        if len(locked) > len({tuple(row) for row in locked}):
            raise self._not_a_key(self.test.rule.dataset.name)
        due = frozenset(
            keys_from(self.asker, due_statement(self.tables, self.test, keys)) if self.test.possible else ()
        )
        still_due = [k for k in keys if k in due]
        self._stay(NO_LONGER_DUE, without(keys, due))
        permitted = frozenset(allowed(still_due)) if still_due else frozenset()
        self._stay(FROZEN, without(still_due, permitted))
        return [k for k in still_due if k in permitted]

    def _only_as_announced(self, keys: list[Key], announced: Announced) -> tuple[list[Key], dict[str, Keys]]:
        """Leave out dossiers with a row that was not announced, or that a row outside them still needs."""
        parts = {part.dataset: part for part in self.test.rule.parts}
        while keys:
            found = self._collect(keys)
            why = CHANGED
            roots = self._roots(parts, unannounced(found, announced))
            if not roots:
                why, roots = REFERRED_TO, self._roots(parts, self._needed_outside(parts, found))
            staying = [k for k in keys if k in roots]
            if not staying:
                return keys, found
            self._stay(why, staying)
            keys = without(keys, staying)
        return [], {}

    def _collect(self, keys: Sequence[Key]) -> dict[str, Keys]:
        return collect(self.asker, self.tables, self.test.rule.parts, self.test.rule.dataset.name, keys)

    def _roots(self, parts: Mapping[str, Part], rows: Mapping[str, Keys]) -> frozenset[Key]:
        root = self.test.rule.dataset.name
        above = [roots_above(self.asker, self.tables, parts[d], root, keys) for d, keys in rows.items()]
        return frozenset(k for keys in above for k in keys)

    def _needed_outside(self, parts: Mapping[str, Part], found: Mapping[str, Keys]) -> dict[str, Keys]:
        """Rows that would go while a row of another dossier refers to them (a survivor keeps what it needs)."""
        needed: dict[str, Keys] = {}
        for name in parts:
            inside = frozenset(found[name])
            for reference in self.tables.system.datasets[name].references:
                if reference.when_gone == "clear" or not len(found.get(reference.dataset, ())):
                    continue
                rows, target = self.tables.rows(name), self.tables.rows(reference.dataset)
                links = [rows.table.c[own] == target.table.c[their] for own, their in reference.by.items()]
                gone = target.is_one_of(target.dataset.key, list(found[reference.dataset]))
                pairs = self.asker.all(sa.select(*rows.key, *target.key).where(gone, *links, *rows.only, *target.only))
                width = len(rows.key)
                outside = dict.fromkeys(tuple(p[width:]) for p in pairs if tuple(p[:width]) not in inside)
                if outside:
                    needed[reference.dataset] = Keys([*needed.get(reference.dataset, ()), *outside])
        return needed

    def _clear(self, keys: Sequence[Key]) -> dict[str, int]:
        """Empty the references into these dossiers that the register says to empty."""
        cleared: dict[str, int] = {}
        for clear in self.test.rule.clears:
            rows, table = self.tables.plain(clear.dataset)
            inside = self.tables.inside(rows, clear.path, self.tables.rows(self.test.rule.dataset.name), keys)
            empty = {rows.table.c[c]: sa.null() for c in clear.columns}
            done = self.asker.change(sa.update(table).where(inside, *rows.only).values(empty))
            if done:
                cleared[clear.dataset] = cleared.get(clear.dataset, 0) + done
        return cleared

    def _delete(self, part: Part, keys: Keys) -> Keys:
        """Delete these rows, the due test on their own dates asked once more by the very statement that deletes."""
        if not len(keys):
            return Keys()
        rows, table = self.tables.plain(part.dataset)
        where = [rows.is_one_of(rows.dataset.key, list(keys)), *rows.only, *self._over(part, rows)]
        gone = keys_from(self.asker, sa.delete(table).where(*where).returning(*rows.key))
        if len(gone) > len(keys) or len(frozenset(gone)) < len(gone):
            raise self._not_a_key(part.dataset)
        if len(gone) < len(keys):
            self._explain_kept(part, Keys(without(list(keys), gone)))
        return gone

    def _over(self, part: Part, rows: Rows) -> list[sa.ColumnElement[bool]]:
        own = [w for w in self.test.watches if w.path == part.path and w.column is not None]
        return [over(self.tables, rows, w, self.test) for w in own]

    def _explain_kept(self, part: Part, kept: Keys) -> None:
        """Rows did not go: either somebody changed them this moment, or the source keeps what it says it deletes."""
        rows = self.tables.rows(part.dataset)
        where = [rows.is_one_of(rows.dataset.key, list(kept)), *rows.only, *self._over(part, rows)]
        if not self.asker.all(sa.select(*rows.key).where(*where)):
            raise ChangedMeanwhile
        raise SourceUnreadable(
            f"the source kept {len(kept)} rows of {rows.dataset.table!r} that it was told to delete; all was undone",
            where=self.test.rule.name,
            do="look for a database trigger or rule on that table that stops a deletion",
        )

    def _not_a_key(self, name: str) -> SourceUnreadable:
        dataset = self.tables.system.datasets[name]
        return SourceUnreadable(
            f"several rows of {dataset.table!r} share one key, so destroying one would take others; all was undone",
            where=f"{self.tables.system.id}.{name}",
            do="give the dataset a `key` that is unique in the source",
        )

    def _links(self, found: Mapping[str, Keys]) -> list[tuple[Hop, list[Key]]]:
        """Every way into these dossiers with the values that lead there, taken down while the rows still exist."""
        rule, links = self.test.rule, dict[tuple[str, Hop], list[Key]]()
        for path in [p.path for p in rule.parts] + [w.path for w in self.test.watches] + [c.path for c in rule.clears]:
            owners = [rule.dataset.name, *(hop.dataset for hop in path)]
            for owner, hop in zip(owners, path, strict=False):
                if (owner, hop) not in links and len(found.get(owner, ())):
                    links[owner, hop] = self._values(owner, hop, found[owner])
        return [(hop, values) for (_, hop), values in links.items() if values]

    def _values(self, owner: str, hop: Hop, keys: Keys) -> list[Key]:
        rows = self.tables.rows(owner)
        known = by_key(rows.dataset, hop, keys)
        if known is not None:
            return known
        one_of = rows.is_one_of(rows.dataset.key, list(keys))
        found: Sequence[Any] = self.asker.all(
            sa.select(*rows.columns(their for _, their in hop.by)).where(one_of).distinct()
        )
        return [tuple(v) for v in found if None not in tuple(v)]

    def _look_back(self, links: Sequence[tuple[Hop, list[Key]]]) -> None:
        """Nothing may point into a destroyed dossier any more: a row that came in late has lost its owner."""
        for hop, values in links:
            rows = self.tables.rows(hop.dataset)
            pointing = rows.is_one_of([own for own, _ in hop.by], values)
            if self.asker.all(sa.select(sa.literal_column("1")).where(pointing, *rows.only).limit(1)):
                raise ChangedMeanwhile
