"""How a batch of dossiers is destroyed in one transaction: asked again, compared, emptied, deleted, looked back at.

Nothing here trusts what was true when the plan was drawn up. What changed since stays, and the first sign that the
source does something else than it was told undoes the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.port import Announced, Destroyed
from connectors.receipt import CHANGED, FROZEN, NO_LONGER_DUE, REFERRED_TO, SHARED, unannounced, without
from connectors.sql.asking import Asker
from connectors.sql.circles import cannot_let_go, nobody_points_at
from connectors.sql.dossier import (
    by_key,
    collect,
    keys_from,
    referred_from_outside,
    roots_above,
    shared_with_outside,
)
from connectors.sql.due import due_statement, lets_go
from connectors.sql.tables import Rows, Tables
from connectors.sql.waves import let_go, referring_first
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
        rows = self._delete_all(found)
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
            found = self._collect(keys, announced)
            why = CHANGED
            roots = self._roots(parts, unannounced(found, announced))
            if not roots:
                why, roots = REFERRED_TO, self._roots(parts, self._needed_outside(parts, found))
            if not roots:
                why, roots = SHARED, self._roots(parts, self._shared(found))
            staying = [k for k in keys if k in roots]
            if not staying:
                return keys, found
            self._stay(why, staying)
            keys = without(keys, staying)
        return [], {}

    def _collect(self, keys: Sequence[Key], announced: Announced) -> dict[str, Keys]:
        found = collect(self.asker, self.tables, self.test.rule.parts, self.test.rule.dataset.name, keys)
        for part in self.test.rule.parts:
            if part.stays_for_others:  # what nobody else needs any more, but was not announced, goes another time
                known = frozenset(announced.dossiers.get(part.dataset, ()))
                found[part.dataset] = Keys(k for k in found[part.dataset] if k in known)
        return found

    def _roots(self, parts: Mapping[str, Part], rows: Mapping[str, Keys]) -> frozenset[Key]:
        root = self.test.rule.dataset.name
        above = [roots_above(self.asker, self.tables, parts[d], root, keys) for d, keys in rows.items()]
        return frozenset(k for keys in above for k in keys)

    def _needed_outside(self, parts: Mapping[str, Part], found: Mapping[str, Keys]) -> dict[str, Keys]:
        """Rows that would go while a row of another dossier refers to them (a survivor keeps what it needs)."""
        needed: dict[str, Keys] = {}
        referrers = [self.tables.system.datasets[name] for name in parts]
        for name, part in parts.items():
            if len(found[name]) and not part.stays_for_others:
                outside = referred_from_outside(self.asker, self.tables, name, found, referrers)
                if len(outside):
                    needed[name] = outside
        return needed

    def _shared(self, found: Mapping[str, Keys]) -> dict[str, Keys]:
        """Rows that would go while they also belong to a dossier that stays."""
        shared: dict[str, Keys] = {}
        for tie in self.test.rule.ties:
            name = tie.referrer.dataset
            for reference in self.tables.system.datasets[name].references:
                if tie.both and reference.dataset == tie.target.dataset and reference.when_gone == "shared":
                    others = shared_with_outside(self.asker, self.tables, name, reference, found)
                    if len(others):
                        shared[name] = others
        return shared

    def _clear(self, keys: Sequence[Key]) -> dict[str, int]:
        return clear_references(self.asker, self.tables, self.test, keys)

    def _delete_all(self, found: Mapping[str, Keys]) -> dict[str, Keys]:
        """Delete every part, children first; datasets that refer to each other in a circle in one step."""
        rule = self.test.rule
        itself = {frozenset({t.referrer.dataset}) for t in rule.ties if t.referrer.dataset == t.target.dataset}
        if cannot_let_go(self.tables, {*rule.knots, *itself}):
            with self.asker.checks_off():
                rows = self._delete_parts(found)
            nobody_points_at(self.asker, self.tables, found)
            return rows
        sqlite = self.tables.dialect == "sqlite"
        with self.asker.circles_allowed() if rule.knots and sqlite else nullcontext():
            for names in rule.knots:
                let_go(self.asker, self.tables, {name: found[name] for name in names if name in found})
            return self._delete_parts(found)

    def _delete_parts(self, found: Mapping[str, Keys]) -> dict[str, Keys]:
        knot_of = {name: knot for knot in self.test.rule.knots for name in knot}
        rows: dict[str, Keys] = {}
        for part in self.test.rule.parts:
            if part.dataset in rows:
                continue
            knot = [p for p in self.test.rule.parts if p.dataset in knot_of.get(part.dataset, ())]
            if knot and self.tables.dialect == "postgresql":
                rows |= self._delete_knot(knot, found)
            else:
                rows[part.dataset] = self._delete(part, found[part.dataset])
        return rows

    def _delete_knot(self, knot: Sequence[Part], found: Mapping[str, Keys]) -> dict[str, Keys]:
        """PostgreSQL looks at the references after the whole statement: so all of the circle goes in one."""
        counts = []
        for n, part in enumerate(knot):
            rows, table = self.tables.plain(part.dataset)
            where = [rows.is_one_of(rows.dataset.key, found[part.dataset]), *rows.only, *self._over(part, rows)]
            gone = sa.delete(table).where(*where).returning(sa.literal_column("1").label("one")).cte(f"gone{n}")
            counts.append(sa.select(sa.func.count()).select_from(gone).scalar_subquery())
        [deleted] = self.asker.all(sa.select(*counts))
        for part, number in zip(knot, deleted, strict=True):
            if number > len(found[part.dataset]):
                raise self._not_a_key(part.dataset)
            if number < len(found[part.dataset]):
                raise ChangedMeanwhile
        return {part.dataset: found[part.dataset] for part in knot}

    def _delete(self, part: Part, keys: Keys) -> Keys:
        """Delete these rows, the due test on their own dates asked once more by the very statement that deletes."""
        if not len(keys):
            return Keys()
        rows, table = self.tables.plain(part.dataset)
        taken: list[Keys] = []
        for run in referring_first(self.asker, self.tables, part.dataset, keys):
            where = [rows.is_one_of(rows.dataset.key, run), *rows.only, *self._over(part, rows)]
            taken.append(keys_from(self.asker, sa.delete(table).where(*where).returning(*rows.key)))
        gone = taken[0] if len(taken) == 1 else Keys(k for ks in taken for k in ks)
        if len(gone) > len(keys) or len(frozenset(gone)) < len(gone):
            raise self._not_a_key(part.dataset)
        if len(gone) < len(keys):
            self._explain_kept(part, Keys(without(list(keys), gone)))
        return gone

    def _over(self, part: Part, rows: Rows) -> list[sa.ColumnElement[bool]]:
        own = [w for w in self.test.watches if w.path == part.path and w.column is not None]
        return [lets_go(self.tables, rows, w, self.test) for w in own]

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

    def _links(self, found: Mapping[str, Keys]) -> list[tuple[Hop, Keys]]:
        """Every way into these dossiers with the values that lead there, taken down while the rows still exist."""
        rule, links = self.test.rule, dict[tuple[str, Hop], Keys]()
        for tie in rule.ties:
            owner, hop = tie.target.dataset, Hop(tie.referrer.dataset, tie.by)
            if (owner, hop) not in links and len(found.get(owner, ())) and not tie.target.stays_for_others:
                links[owner, hop] = self._values(owner, hop, found[owner])
        for path in (
            [p.path for p in rule.parts if not p.stays_for_others]
            + [w.path for w in self.test.watches]
            + [c.path for c in rule.clears]
        ):
            owners = [rule.dataset.name, *(hop.dataset for hop in path)]
            for owner, hop in zip(owners, path, strict=False):
                if (owner, hop) not in links and len(found.get(owner, ())):
                    links[owner, hop] = self._values(owner, hop, found[owner])
        return [(hop, values) for (_, hop), values in links.items() if len(values)]

    def _values(self, owner: str, hop: Hop, keys: Keys) -> Keys:
        rows = self.tables.rows(owner)
        known = by_key(rows.dataset, hop, keys)
        if known is not None:
            return known
        one_of = rows.is_one_of(rows.dataset.key, list(keys))
        found: Sequence[Any] = self.asker.all(
            sa.select(*rows.columns(their for _, their in hop.by)).where(one_of).distinct()
        )
        return Keys(tuple(v) for v in found if None not in tuple(v))

    def _look_back(self, links: Sequence[tuple[Hop, Keys]]) -> None:
        """Nothing may point into a destroyed dossier any more: a row that came in late has lost its owner."""
        for hop, values in links:
            rows = self.tables.rows(hop.dataset)
            pointing = rows.is_one_of([own for own, _ in hop.by], values)
            if self.asker.all(sa.select(sa.literal_column("1")).where(pointing, *rows.only).limit(1)):
                raise ChangedMeanwhile


def clear_references(asker: Asker, tables: Tables, test: DueTest, keys: Collection[Key]) -> dict[str, int]:
    """Empty the references into these dossiers that the register says to empty; how many rows of each dataset."""
    cleared: dict[str, int] = {}
    for clear in test.rule.clears:
        rows, table = tables.plain(clear.dataset)
        inside = tables.inside(rows, clear.path, tables.rows(test.rule.dataset.name), keys)
        empty = {rows.table.c[c]: sa.null() for c in clear.columns}
        done = asker.change(sa.update(table).where(inside, *rows.only).values(empty))
        if done:
            cleared[clear.dataset] = cleared.get(clear.dataset, 0) + done
    return cleared
