"""How the twin destroys a batch: the same steps as a database takes, all at once or not at all."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.in_memory.rows import Data, Shelf, is_of, key_of, points
from connectors.port import Announced, Destroyed
from connectors.receipt import CHANGED, FROZEN, NO_LONGER_DUE, REFERRED_TO, SHARED, unannounced, without
from domain.keys import Key, Keys
from domain.live import LiveReference, LiveSchema
from domain.rules import Hop, RetentionRule
from domain.trouble import SourceUnreadable

_SILENT = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


@dataclass(slots=True)
class Destruction:
    """One batch under way. `lies`: tables that say a row is gone and keep it."""

    shelf: Shelf
    rule: RetentionRule
    schema: LiveSchema
    lies: Collection[str] = ()
    stayed: dict[str, list[Key]] = field(default_factory=dict)

    def carry_out(
        self,
        keys: Sequence[Key],
        *,
        due: Collection[Key],
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """Destroy what is due, allowed, announced, and needed by nobody."""
        still_due = [k for k in keys if k in due]
        self._stay(NO_LONGER_DUE, without(keys, still_due))
        permitted = frozenset(allowed(still_due)) if still_due else frozenset()
        self._stay(FROZEN, without(still_due, permitted))
        going = self._only_as_announced([k for k in still_due if k in permitted], announced)
        before = copy.deepcopy(self.shelf.data)
        dossiers = self._dossiers(going, announced)
        self._each_key_names_one(dossiers)
        cleared = self._clear(going)
        rows = {d: k for d, k in dossiers.items() if len(k)}
        for dataset, taken in rows.items():
            self._take(dataset, taken)
        if self._dangling(before):
            self.shelf.data.clear()
            self.shelf.data.update(before)
            self._stay(REFERRED_TO, going)
            rows, cleared = {}, {}
        return Destroyed(rows, {why: Keys(stay) for why, stay in self.stayed.items() if stay}, cleared)

    def _stay(self, why: str, keys: Sequence[Key]) -> None:
        self.stayed.setdefault(why, []).extend(keys)

    def _dossiers(self, keys: Sequence[Key], announced: Announced) -> dict[str, Keys]:
        found = self.shelf.dossiers(self.rule.dataset.name, self.rule.parts, keys)
        for part in self.rule.parts:
            if part.stays_for_others:  # what nobody else needs any more, but was not announced, goes another time
                known = frozenset(announced.dossiers.get(part.dataset, ()))
                found[part.dataset] = Keys(k for k in found[part.dataset] if k in known)
        return found

    def _only_as_announced(self, keys: list[Key], announced: Announced) -> list[Key]:
        while keys:
            found = self._dossiers(keys, announced)
            why, roots = CHANGED, self._roots(unannounced(found, announced))
            if not roots:
                why, roots = REFERRED_TO, self._roots(self._needed_outside(found))
            if not roots:
                why, roots = SHARED, self._roots(self._shared(found))
            staying = [k for k in keys if k in roots]
            if not staying:
                return keys
            self._stay(why, staying)
            keys = without(keys, staying)
        return keys

    def _roots(self, rows: Mapping[str, Keys]) -> frozenset[Key]:
        parts = {p.dataset: p for p in self.rule.parts}
        above = [self.shelf.roots_above(parts[d], self.rule.dataset.name, keys) for d, keys in rows.items()]
        return frozenset(k for keys in above for k in keys)

    def _needed_outside(self, found: Mapping[str, Keys]) -> dict[str, Keys]:
        """Rows that would go while a row of another dossier refers to them."""
        referrers = [self.shelf.dataset(name) for name in found]
        needed = {
            p.dataset: self.shelf.referred_from_outside(p.dataset, found, referrers)
            for p in self.rule.parts
            if not p.stays_for_others
        }
        return {name: keys for name, keys in needed.items() if len(keys)}

    def _shared(self, found: Mapping[str, Keys]) -> dict[str, Keys]:
        """Rows that would go while they also belong to a dossier that stays."""
        shared: dict[str, Keys] = {}
        for tie in self.rule.ties:
            hop, name = Hop(tie.referrer.dataset, tie.by), tie.referrer.dataset
            going = frozenset(found[tie.target.dataset])
            target = self.shelf.dataset(tie.target.dataset)
            staying = [t for t in self.shelf.rows(tie.target.dataset) if key_of(target, t) not in going]
            rows = [r for r in self.shelf.roots(name, list(found[name])) if any(points(r, hop, t) for t in staying)]
            if tie.both and rows:
                shared[name] = self.shelf.keys(name, rows)
        return shared

    def _each_key_names_one(self, dossiers: Mapping[str, Keys]) -> None:
        for name, keys in dossiers.items():
            if len(frozenset(keys)) < len(keys):
                table = self.shelf.dataset(name).table
                raise SourceUnreadable(
                    f"several rows of {table!r} share one key, so destroying one would take others; all was undone",
                    where=f"{self.shelf.system.id}.{name}",
                    do="give the dataset a `key` that is unique in the source",
                )

    def _clear(self, keys: Sequence[Key]) -> dict[str, int]:
        cleared: dict[str, int] = {}
        roots = self.shelf.roots(self.rule.dataset.name, keys)
        for clear in self.rule.clears:
            for row in self.shelf.below(roots, clear.path):
                row.update(dict.fromkeys(clear.columns))
                cleared[clear.dataset] = cleared.get(clear.dataset, 0) + 1
        return cleared

    def _take(self, name: str, keys: Keys) -> None:
        dataset, gone = self.shelf.dataset(name), frozenset(keys)
        if dataset.table not in self.lies:
            rows = self.shelf.data[dataset.table]
            rows[:] = [r for r in rows if not is_of(dataset, r) or key_of(dataset, r) not in gone]

    def _dangling(self, before: Data) -> bool:
        """Whether a declared reference that led somewhere before now leads nowhere: a database would refuse."""
        return any(
            reference.on_delete not in _SILENT and self._lost(table, reference, before)
            for table, live in self.schema.tables.items()
            for reference in live.references
        )

    def _lost(self, table: str, reference: LiveReference, before: Data) -> bool:
        def there(data: Data) -> set[Key]:
            return {tuple(r.get(c) for c in reference.to_columns) for r in data.get(reference.table, ())}

        lost = there(before) - there(self.shelf.data)
        return any(tuple(r.get(c) for c in reference.columns) in lost for r in self.shelf.data.get(table, ()))
