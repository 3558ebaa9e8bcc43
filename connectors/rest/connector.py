"""One system behind a REST service, as the office asks things of it (`connectors.port.Connector`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

import httpx

from connectors.port import Announced, Destroyed, Row
from connectors.rest.destruction import Destruction
from connectors.rest.dossier import Folding, root_of, walk
from connectors.rest.line import Line
from connectors.rest.manners import Manners
from connectors.rest.records import Records
from connectors.rest.reference import linked, pick
from connectors.rest.schema import live_schema
from connectors.rest.search import Sieve
from connectors.written_keys import read_written_key
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import LiveSchema
from domain.rules import DueTest, Part
from domain.standing import Standing, Tally, WatchFacts, stand
from domain.system import Dataset, System
from domain.trouble import NotFound, SourceUnreadable


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
    ) -> None:
        self.system = system
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

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The root keys that are due, in pages, in the service's order of key. Memory: facts per root."""
        due = Keys(k for k, facts in self._folded(test).items() if stand(test, facts).standing is Standing.DUE)
        yield from due.batches(self.system.page_size)

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

    def dossiers(self, parts: Sequence[Part], keys: Sequence[Key]) -> dict[str, Keys]:
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
        destruction = Destruction(
            self.system, self._records, test, look=self.look, allowed=allowed, announced=announced
        )
        return destruction.carry_out(keys)

    def still_there(self, dataset: str, keys: Keys) -> Keys:
        """Which of these keys the service still holds, each asked for by itself: at its address, and in the list."""
        return Keys(k for k in keys if self._records.exists(self._dataset(dataset), k))

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows that may be the person's. A service's filter knows no spelling, so every page is looked through."""
        known, sieve = self._dataset(dataset), Sieve.of(wanted)
        for row in self._records.stream(known):
            if sieve.lets_through(row, known):
                yield row

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these root keys, ordered by key."""
        root = root_of(self.system, part)
        for seen in walk(self.system, self._records, root, self._by_key(root, keys), [part.path]):
            if seen.path == part.path:
                yield seen.row

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

    def _by_key(self, dataset: Dataset, keys: Sequence[Key] | Keys) -> Iterator[Row]:
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
