"""One system behind a REST service, as the office asks things of it (`connectors.port.Connector`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from connectors.lookouts import look_over
from connectors.port import Announced, Destroyed, Row
from connectors.receipt import Vouch, check_receipt, nobody
from connectors.rest.destruction import Destruction
from connectors.rest.dossier import Folding, root_of, walk
from connectors.rest.line import Line
from connectors.rest.manners import Manners
from connectors.rest.records import Records
from connectors.rest.reference import linked, pick
from connectors.rest.schema import live_schema
from connectors.rest.search import Sieve
from connectors.rest.ties import find_ties
from connectors.written_keys import read_written_key
from domain.column_rules import Change
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import LiveReference, LiveSchema
from domain.lookouts import Sight, Unindexed
from domain.rules import DueTest, Hop, Part
from domain.standing import Standing, Tally, WatchFacts, stand
from domain.system import Dataset, System
from domain.ties import Pair
from domain.treatment import Alias, remains
from domain.trouble import NotFound, Refused, SourceUnreadable


class RestConnector:
    """A service of the convention in `connectors.rest`. Due tests are decided here, by `domain.standing`.

    `url` and `token` (empty: none) are secrets. Raises Refused at once where the address is not
    encrypted (loopback excepted).
    """

    def __init__(
        self,
        system: System,
        url: str,
        token: str = "",
        *,
        manners: Manners | None = None,
        transport: httpx.BaseTransport | None = None,
        vouch: Vouch = nobody,
    ) -> None:
        self.system, self.answers_together = system, False
        self._vouch = vouch
        self._line = Line(system.id, url=url, token=token, manners=manners or Manners(), transport=transport)
        self._records = Records(system, self._line)
        self._looked: LiveSchema | None = None

    def look(self) -> LiveSchema:
        """What the service tells at `/`; `complete` is False where it tells nothing and a page had to do."""
        self._looked = live_schema(self.system, self._records)
        return self._looked

    def tally(self, test: DueTest) -> Tally:
        """How all dossiers of the rule stand, decided from the pages as they come by."""
        standings: Counter[Standing] = Counter()
        kept_by: Counter[str] = Counter()
        for facts in self._folded(test).values():
            decided = stand(test, facts)
            standings[decided.standing] += 1
            if decided.standing is Standing.KEPT:
                kept_by[decided.by.activity if decided.by is not None else test.rule.activity.id] += 1
        return Tally(standings.total(), dict(standings), dict(kept_by))

    def total(self, dataset: str) -> int:
        """How many records a dataset has now, counted from the pages."""
        return sum(1 for _ in self._records.stream(self._dataset(dataset)))

    def forecast(self, tests: Sequence[DueTest]) -> Sequence[int]:
        """How many dossiers are due by each test; the pages come by once for all of them."""
        if not tests:
            return []
        foldings = [Folding(test, ZoneInfo(self.system.zone)) for test in tests]
        root, paths = tests[0].rule.dataset, {path for folding in foldings for path in folding.paths}
        for seen in walk(self.system, self._records, root, self._records.stream(root), paths):
            for folding in foldings:
                folding.take_in(seen)
        return [
            sum(stand(test, facts).standing is Standing.DUE for facts in folding.dossiers.values())
            for test, folding in zip(tests, foldings, strict=True)
        ]

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The root keys that are due, in pages, in the service's order of key. Memory: facts per root."""
        due = Keys(k for k, facts in self._folded(test).items() if stand(test, facts).standing is Standing.DUE)
        yield from due.batches(self.system.page_size)

    def due_among(self, test: DueTest, keys: Keys) -> Keys:
        """Those of these root keys that are due, each dossier read by itself."""
        seen = ((key, self.facts(test, key)) for key in keys)
        return Keys(k for k, facts in seen if facts is not None and stand(test, facts).standing is Standing.DUE)

    def all_keys(self, dataset: str) -> Iterator[Sequence[Key]]:
        """Every key of a dataset, in pages."""
        known = self._dataset(dataset)
        keys = (pick(row, known.key) for row in self._records.stream(known))
        while page := list(islice(keys, self.system.page_size)):
            yield page

    def ties(self, test: DueTest) -> Sequence[Pair]:
        """Which dossiers need another one to go before them. Memory: the values of the references."""
        return find_ties(self.system, self._records, test)

    def facts(self, test: DueTest, key: Key) -> tuple[WatchFacts, ...] | None:
        """What each watch sees of one dossier; None where the root record does not exist."""
        root = self._records.get(test.rule.dataset, key)
        if root is None:
            return None
        (facts,) = self._folded(test, [root.row]).values()
        return tuple(facts)

    def read_key(self, dataset: str, text: str) -> Key:
        """The key that `key_text` wrote, with the service's own types. Raises NotFound where it cannot be one."""
        known = self._dataset(dataset)
        table = (self._looked or self.look()).tables.get(known.table)
        if table is None or not set(known.key) <= table.columns.keys():
            raise SourceUnreadable(
                "the service does not show this table with its key",
                where=f"{self.system.id}.{known.table}",
                do=f"hold the register against the service: termijn register check {self.system.id}",
            )
        return read_written_key(known, table.columns, text, typed=False)

    def roots_of(self, part: Part, root: str, keys: Keys) -> Keys:
        """The root keys of the dossiers that hold these rows of `part`: up the references it came down."""
        datasets = [self._dataset(root), *(self._dataset(hop.dataset) for hop in part.path)]
        rows = self._by_key(datasets[-1], keys)
        for hop, owner in zip(reversed(part.path), reversed(datasets[:-1]), strict=True):
            up = {linked(pick(row, [own for own, _ in hop.by])) for row in rows}
            rows = self._records.matching(owner, [owned for _, owned in hop.by], {v for v in up if v is not None})
        return Keys(pick(row, datasets[0].key) for row in rows)

    def dossiers(self, parts: Sequence[Part], keys: Collection[Key]) -> dict[str, Keys]:
        """The keys of all rows in the dossiers of these roots, per dataset, the root's own included."""
        if not parts:
            return {}
        root = root_of(self.system, parts[0])
        found: dict[str, list[Key]] = {name: [] for name in [*(p.dataset for p in parts), root.name]}
        wanted = {(): root.name} | {p.path: p.dataset for p in parts}
        for seen in walk(self.system, self._records, root, self._by_key(root, keys), list(wanted)):
            if seen.path in wanted:
                found[seen.dataset.name].append(pick(seen.row, seen.dataset.key))
        return {name: Keys(rows) for name, rows in found.items()}

    def destroy(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """Destroy the dossiers one by one; REST has no transaction, so each is read, judged and asked for anew.

        Root keys stay under 'no longer due', 'frozen', 'changed since announced' or 'still referred to'; of the last
        two some children may already be gone, and then stand in `rows`. Raises Refused where `announced` is not of
        this rule's digest or lacks a root; SourceUnreadable half-way, after which `still_there` of what was
        announced tells what went.
        """
        check_receipt(test.rule, keys, announced, self._vouch)
        destruction = Destruction(
            self.system, self._records, test, look=self.look, allowed=allowed, announced=announced
        )
        return destruction.carry_out(keys)

    def destroy_straight(
        self,
        test: DueTest,
        keys: Keys,
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announce: Callable[[Mapping[str, Keys]], Future[Announced]],
    ) -> None:
        """A service has no transaction: always the long way."""

    def change(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
        alias: Alias,
    ) -> Destroyed:
        """Raises Refused: a service over REST is not asked to change a record yet."""
        del keys, allowed, announced, alias  # nothing is asked, for nothing can be done
        raise Refused(
            f"{self.system.id} is a service over REST, and its records cannot be changed yet; nothing was done",
            where=test.rule.name,
            do="let its supplier do it, or take `activity` and `at_expiry` from these columns",
        )

    def correct(self, dataset: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Raises Refused: a service over REST is not asked to change a record yet."""
        del key, before, after
        raise Refused(
            f"{self.system.id} is a service over REST, and its records cannot be changed yet; nothing was done",
            where=f"{self.system.id}.{dataset}",
            do="let its supplier correct it, or add a statement",
        )

    def still_bears(self, dataset: str, change: Change, keys: Keys) -> Keys:
        """Which of these rows still hold what the change takes away, each asked for by itself."""
        known = self._dataset(dataset)
        return Keys(pick(row, known.key) for row in self._by_key(known, keys) if _bears(change, row))

    def still_there(self, dataset: str, keys: Keys, *, firmly: bool = True) -> Keys:  # noqa: ARG002 - it cannot wait
        """Which of these keys the service still holds, each asked for by itself: at its address, and in the list."""
        return Keys(k for k in keys if self._records.exists(self._dataset(dataset), k))

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows that may be the person's. A service's filter knows no spelling, so every page is looked through."""
        known, sieve = self._dataset(dataset), Sieve.of(wanted)
        for row in self._records.stream(known):
            if sieve.lets_through(row, known):
                yield row

    def scans(self, kinds: Collection[str]) -> Sequence[Unindexed]:  # noqa: ARG002 - whichever they are
        """A service makes its own indexes."""
        return ()

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these root keys, ordered by key."""
        root = root_of(self.system, part)
        for seen in walk(self.system, self._records, root, self._by_key(root, keys), [part.path]):
            if seen.path == part.path:
                yield seen.row

    def related(self, start: str, hop: Hop, keys: Keys) -> Keys:
        """The keys of the rows at the end of one step: the start's rows are read for what they refer to."""
        dataset, theirs = self._dataset(hop.dataset), [their for _, their in hop.by]
        values = {linked(pick(row, theirs)) for row in self._by_key(self._dataset(start), keys)}
        rows = self._records.matching(dataset, [own for own, _ in hop.by], {v for v in values if v is not None})
        return Keys(pick(row, dataset.key) for row in rows)

    def related_each(self, start: str, hops: Sequence[Hop], keys: Keys) -> Sequence[Keys]:
        """One step after another."""
        return [self.related(start, hop, keys) for hop in hops]

    def look_out(self, test: DueTest, today: date) -> Sight:
        """Crowded days, mass changes and dates in the future, counted as the pages come by."""
        seen = look_over(self.system, test, lambda name: self._records.stream(self._dataset(name)), today)
        blind = ("whether an index serves its references",) if len(test.rule.parts) > 1 else ()
        return Sight(tuple(seen.crowds), tuple(seen.changed), tuple(seen.future), blind=blind, late=seen.late)

    def count_taken_along(self, test: DueTest, table: str, by: LiveReference) -> int | None:  # noqa: ARG002 - the port's
        """A service cannot count what it would take along."""
        return None

    def busy(self) -> int | None:
        """A service does not tell how busy it is; `manners` heeds its own 429 and 503."""
        return None

    def close(self) -> None:
        """Hang up. May be called twice."""
        self._line.close()

    def _folded(self, test: DueTest, roots: Sequence[Row] | None = None) -> dict[Key, list[WatchFacts]]:
        root = test.rule.dataset
        folding = Folding(test, ZoneInfo(self.system.zone))
        rows = self._records.stream(root) if roots is None else roots
        for seen in walk(self.system, self._records, root, rows, folding.paths):
            folding.take_in(seen)
        return folding.dossiers

    def _by_key(self, dataset: Dataset, keys: Collection[Key]) -> Iterator[Row]:
        values = {v for v in map(linked, keys) if v is not None}
        return self._records.matching(dataset, dataset.key, values)

    def _dataset(self, name: str) -> Dataset:
        try:
            return self.system.datasets[name]
        except KeyError:
            raise NotFound(
                f"the register has no dataset {name!r}",
                where=self.system.id,
                do=f"choose one of {', '.join(sorted(self.system.datasets))}",
            ) from None


def _bears(change: Change, row: Row) -> bool:
    return any(remains(treatment, row.get(name)) for name, treatment in change.columns)
