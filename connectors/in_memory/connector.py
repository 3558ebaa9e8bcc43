"""The in-memory twin as the office asks it: the port in plain Python, `domain.standing` asked of each dossier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from connectors.in_memory.change import bears, change_rows, still_bearing
from connectors.in_memory.destruction import Destruction
from connectors.in_memory.rows import Cells, Data, Shelf, derived_schema, key_of, sort_key
from connectors.lookouts import look_over
from connectors.port import Announced, Destroyed, Row
from connectors.receipt import Vouch, check_receipt, nobody
from connectors.stored_days import day_of
from connectors.written_keys import read_written_key
from domain.column_rules import Change
from domain.identity import Identifier, identifiers_of, ways_to_write
from domain.keys import Key, Keys, key_text
from domain.live import LiveReference, LiveSchema
from domain.lookouts import Sight, Unindexed
from domain.rules import DueTest, Hop, Part, Watch
from domain.standing import Standing, Tally, WatchFacts, observe, stand
from domain.system import System
from domain.ties import Pair
from domain.treatment import Alias
from domain.trouble import NotFound, SourceUnreadable

PAGE = 10_000


class InMemoryConnector:
    """A system whose rows are in `data`: table → rows, changed in place by `destroy`.

    `schema` is what `look` shows; without it the kinds are judged by the values. References that it declares are
    held to, as a database would. `lies` names tables that say a row is gone and keep it.
    """

    def __init__(
        self,
        system: System,
        data: Data,
        *,
        schema: LiveSchema | None = None,
        lies: Collection[str] = (),
        vouch: Vouch = nobody,
    ) -> None:
        self.system, self.answers_together = system, False
        self._vouch = vouch
        self._shelf = Shelf(system, data)
        self._schema, self._lies = schema, frozenset(lies)
        self._zone = ZoneInfo(system.zone)

    def look(self) -> LiveSchema:
        """The schema given, less tables that are gone."""
        if self._schema is None:
            return self._shelf.with_unclaimed(derived_schema(self._shelf.data))
        shown = {n: t for n, t in self._schema.tables.items() if n in self._shelf.data}
        return self._shelf.with_unclaimed(LiveSchema(shown))

    def tally(self, test: DueTest) -> Tally:
        """How all dossiers of the rule stand: `stand`, asked of each."""
        self._can_start(test)
        standings: dict[Standing, int] = {}
        kept_by: dict[str, int] = {}
        roots = [row for row in self._shelf.rows(test.rule.dataset.name) if bears(test.rule.change, row)]
        for root in roots:
            found = stand(test, self._see(test, root))
            standings[found.standing] = standings.get(found.standing, 0) + 1
            if found.standing is Standing.KEPT:
                activity = found.by.activity if found.by is not None else test.rule.activity.id
                kept_by[activity] = kept_by.get(activity, 0) + 1
        return Tally(len(roots), standings, kept_by)

    def total(self, dataset: str) -> int:
        """How many records a dataset has now."""
        return len(self._shelf.rows(dataset))

    def forecast(self, tests: Sequence[DueTest]) -> Sequence[int]:
        """How many dossiers are due by each test: the test itself, asked of each."""
        return [len(self._due(t, self._shelf.rows(t.rule.dataset.name))) for t in tests]

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The due root keys in pages, ordered by key."""
        self._can_start(test)
        yield from Keys(self._due(test, self._shelf.rows(test.rule.dataset.name))).batches(PAGE)

    def due_among(self, test: DueTest, keys: Keys) -> Keys:
        """Those of these root keys that are due."""
        wanted = frozenset(keys)
        return Keys(k for page in self.find_due(test) for k in page if k in wanted)

    def all_keys(self, dataset: str) -> Iterator[Sequence[Key]]:
        """Every key of a dataset, in pages."""
        yield from self._shelf.keys(dataset, self._shelf.rows(dataset)).batches(PAGE)

    def ties(self, test: DueTest) -> Sequence[Pair]:
        """Which dossiers need another one to go before or along with them."""
        found: list[Pair] = []
        for tie in test.rule.ties:
            for theirs, own in self._shelf.pairs(test.rule.dataset.name, tie):
                found += [(theirs, own), (own, theirs)] if tie.both else [(theirs, own)]
        return found

    def facts(self, test: DueTest, key: Key) -> tuple[WatchFacts, ...] | None:
        """What each watch sees of one dossier; None where the root record does not exist."""
        roots = self._shelf.roots(test.rule.dataset.name, [key])
        return self._see(test, roots[0]) if roots else None

    def read_key(self, dataset: str, text: str) -> Key:
        """The key that was written as `text`. Raises `NotFound` that says what a key looks like."""
        declared = self._shelf.dataset(dataset)
        for row in self._shelf.rows(dataset):
            if key_text(key_of(declared, row)) == text:
                return key_of(declared, row)
        columns = self.look().tables[declared.table].columns
        if not set(declared.key) <= columns.keys():
            raise NotFound(
                f"{dataset!r} has no such record; it is empty",
                where=self.system.id,
                do="check the dataset's name, and the key with `termijn plan --keys`",
            )
        return read_written_key(declared, columns, text, typed=True)

    def roots_of(self, part: Part, root: str, keys: Keys) -> Keys:
        """The root keys of the dossiers that hold these rows of `part`."""
        return self._shelf.roots_above(part, root, keys)

    def dossiers(self, parts: Sequence[Part], keys: Collection[Key]) -> dict[str, Keys]:
        """The keys of all rows in the dossiers of these roots, per dataset."""
        return self._shelf.dossiers(self._root_of(parts[-1]), parts, keys) if parts else {}

    def destroy(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """Destroy the dossiers of `keys` all at once or not at all; see `connectors.port.Connector`."""
        check_receipt(test.rule, keys, announced, self._vouch)
        batch = list(dict.fromkeys(keys))
        due = frozenset(self._due(test, self._shelf.roots(test.rule.dataset.name, batch)))
        schema = LiveSchema() if self._schema is None else self._schema
        destruction = Destruction(self._shelf, test.rule, schema, self._lies)
        return destruction.carry_out(batch, due=due, allowed=allowed, announced=announced)

    def destroy_straight(
        self,
        test: DueTest,
        keys: Keys,
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announce: Callable[[Mapping[str, Keys]], Future[Announced]],
    ) -> None:
        """The twin knows the long way only."""

    def change(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
        alias: Alias,
    ) -> Destroyed:
        """Change columns of these rows all at once or not at all; see `connectors.port.Connector`."""
        check_receipt(test.rule, keys, announced, self._vouch, changes=True)
        batch = list(dict.fromkeys(keys))
        due = frozenset(self._due(test, self._shelf.roots(test.rule.dataset.name, batch)))
        schema = LiveSchema() if self._schema is None else self._schema
        return change_rows(
            self._shelf, test.rule, batch, due=due, allowed=allowed, alias=alias, schema=schema, lies=self._lies
        )

    def correct(self, dataset: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Write these values into one row if it still holds `before`; see `connectors.port.Connector`."""
        for row in self._shelf.roots(dataset, [key]):
            if all(row.get(name) == value for name, value in before.items()):
                row.update(after)
                return True
        return False

    def still_bears(self, dataset: str, change: Change, keys: Keys) -> Keys:
        """Which of these rows still hold what the change takes away."""
        return still_bearing(self._shelf, dataset, change, keys)

    def still_there(self, dataset: str, keys: Keys, *, firmly: bool = True) -> Keys:  # noqa: ARG002 - it never waits
        """Which of these keys are still held, whatever else changed about them."""
        declared, wanted = self._shelf.dataset(dataset), frozenset(keys)
        here = {key_of(declared, row) for row in self._shelf.data[declared.table]} & wanted
        return Keys(sorted(here, key=sort_key))

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows that bear one of these identifiers, or a date of birth of one."""
        declared, ours = self._shelf.dataset(dataset), frozenset(wanted)
        for row in self._shelf.rows(dataset):
            mine = identifiers_of(row, declared.identifies, tenant=declared.tenant)
            if any(_may_be(one, other) for one in ours for other in mine):
                yield dict(row)

    def scans(self, kinds: Collection[str]) -> Sequence[Unindexed]:  # noqa: ARG002 - whichever they are
        """Memory is walked whole: it has and needs no index."""
        return ()

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these roots, ordered by key."""
        yield from [dict(row) for row in self._inside(part, keys)]

    def related(self, start: str, hop: Hop, keys: Keys) -> Keys:
        """The keys of the rows at the end of one step."""
        return self._shelf.keys(hop.dataset, self._shelf.below(self._shelf.roots(start, keys), [hop]))

    def related_each(self, start: str, hops: Sequence[Hop], keys: Keys) -> Sequence[Keys]:
        """One step after another."""
        return [self.related(start, hop, keys) for hop in hops]

    def look_out(self, test: DueTest, today: date) -> Sight:
        """Crowded days, mass changes and dates in the future. Memory is walked whole: it has and needs no index."""
        self._can_start(test)
        seen = look_over(self.system, test, self._shelf.rows, today)
        return Sight(tuple(seen.crowds), tuple(seen.changed), tuple(seen.future), late=seen.late)

    def count_taken_along(self, test: DueTest, table: str, by: LiveReference) -> int | None:
        """How many rows of `table` refer by this reference to rows of dossiers that are due."""
        due = [key for page in self.find_due(test) for key in page]
        inside = [p for p in test.rule.parts if self.system.datasets[p.dataset].table == by.table]
        targets = {tuple(r.get(c) for c in by.to_columns) for p in inside for r in self._inside(p, due)}
        return sum(tuple(row.get(c) for c in by.columns) in targets for row in self._shelf.data.get(table, ()))

    def busy(self) -> int | None:
        """Nobody else can be at work in here."""
        return None

    def close(self) -> None:
        """Nothing to give back."""

    def _see(self, test: DueTest, root: Cells) -> tuple[WatchFacts, ...]:
        return tuple(self._watch(watch, test, root) for watch in test.watches)

    def _watch(self, watch: Watch, test: DueTest, root: Cells) -> WatchFacts:
        rows = self._shelf.below([root], watch.path)
        if watch.column is None:
            return WatchFacts(len(rows))
        return observe(watch, [day_of(row.get(watch.column), self._zone) for row in rows], test.as_of)

    def _can_start(self, test: DueTest) -> None:
        for watch in test.watches:
            table = self._shelf.dataset(watch.dataset).table
            if self._schema is None or watch.column is None:
                continue
            live = self._schema.tables[table].columns.get(watch.column)
            if live is None or not live.kind.can_start_a_term:
                found = "is gone" if live is None else f"holds {live.kind.value}, which starts no term"
                raise SourceUnreadable(
                    f"column {table}.{watch.column} {found}",
                    where=self.system.id,
                    do="name a column with dates in `triggers`, or mend the source",
                )

    def _due(self, test: DueTest, roots: Sequence[Cells]) -> list[Key]:
        dataset, roots = test.rule.dataset, [r for r in roots if bears(test.rule.change, r)]
        return [key_of(dataset, r) for r in roots if stand(test, self._see(test, r)).standing is Standing.DUE]

    def _inside(self, part: Part, keys: Sequence[Key]) -> list[Cells]:
        return self._shelf.inside(self._root_of(part), part, keys)

    def _root_of(self, part: Part) -> str:
        owner = self.system.datasets[part.path[0].dataset].part_of if part.path else None
        return part.dataset if owner is None else owner.dataset


def _may_be(wanted: Identifier, found: Identifier) -> bool:
    """Whether two identifiers of one kind are equal, or close enough for the domain to have the last word."""
    if wanted.kind != found.kind:
        return False
    if wanted.kind == "name_born":
        return wanted.value.rpartition("+")[2] == found.value.rpartition("+")[2]
    if wanted.kind == "name":
        return bool(set(wanted.value.split()) & set(found.value.split()))
    if wanted.kind == "client_number":
        return bool(ways_to_write(wanted.value) & ways_to_write(found.value))
    return found.value == wanted.value
