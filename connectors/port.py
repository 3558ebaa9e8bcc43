"""What the office asks of every system that holds personal data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from domain.column_rules import Change
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import LiveReference, LiveSchema
from domain.lookouts import Sight, Unindexed
from domain.rules import DueTest, Hop, Part
from domain.standing import Tally, WatchFacts
from domain.system import System
from domain.ties import Pair
from domain.treatment import Alias

#: One row of a dataset: column → value as the source gives it. Never logged, never put in an error.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Announced:
    """The ledger's receipt for a batch it has announced. Without one, nothing can be destroyed."""

    batch: str
    rule: str
    dossiers: Mapping[str, Keys]


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a source says it destroyed, per dataset, and which roots stayed and why."""

    rows: Mapping[str, Keys]
    stayed: Mapping[str, Keys] = field(default_factory=dict)
    cleared: Mapping[str, int] = field(default_factory=dict)


class Connector(Protocol):
    """One open connection to one system. Every method raises `SourceUnreadable` when the source fails."""

    system: System

    @property
    def answers_together(self) -> bool:
        """Whether other questions can be asked while a batch is being destroyed."""

    def look(self) -> LiveSchema:
        """The live schema, to hold against the register."""

    def tally(self, test: DueTest) -> Tally:
        """How all dossiers of the rule stand. Does not change anything."""

    def total(self, dataset: str) -> int:
        """How many records a dataset has now. Much cheaper than a tally."""

    def forecast(self, tests: Sequence[DueTest]) -> Sequence[int]:
        """How many dossiers are due by each of these tests: one rule on several days. Costs about one scan."""

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The root keys that are due, in pages, ordered by key. Streams; bounded memory."""

    def due_among(self, test: DueTest, keys: Keys) -> Keys:
        """Those of these root keys that are due by the test, in whatever order; the rest of the source is not asked."""

    def all_keys(self, dataset: str) -> Iterator[Sequence[Key]]:
        """Every key of a dataset, in pages. Streams; bounded memory."""

    def ties(self, test: DueTest) -> Sequence[Pair]:
        """Pairs (a, b) of root keys, a being due: a can only go when b goes, before it or along with it."""

    def facts(self, test: DueTest, key: Key) -> tuple[WatchFacts, ...] | None:
        """What each watch sees of one dossier; None where the root record does not exist."""

    def read_key(self, dataset: str, text: str) -> Key:
        """The key that `domain.keys.key_text` wrote, with the source's own types."""

    def roots_of(self, part: Part, root: str, keys: Keys) -> Keys:
        """The root keys of the dossiers that hold these rows of `part`."""

    def dossiers(self, parts: Sequence[Part], keys: Collection[Key]) -> dict[str, Keys]:
        """The keys of all rows in the dossiers of these roots, per dataset, the root's own included."""

    def destroy(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """Destroy the dossiers of `keys` in one transaction, and return what went.

        Inside the transaction: the due test is asked again, `allowed` (holds, open requests, restrictions) is asked
        again, and a dossier with a row that was not announced stays. Root keys that stay come back in `stayed`
        under 'no longer due', 'frozen' or 'changed since announced'.
        """

    def destroy_straight(
        self,
        test: DueTest,
        keys: Keys,
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announce: Callable[[Mapping[str, Keys]], Future[Announced]],
    ) -> tuple[Announced, Destroyed] | None:
        """The same in one go where the source can: delete, `announce` what the deletion returned, then commit.

        Killed before the commit everything is still there, killed after it everything is announced. None: this batch
        needs the long way (`dossiers`, the ledger, `destroy`), and nothing was changed.
        """

    def change(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
        alias: Alias,
    ) -> Destroyed:
        """Change the columns of `test.rule.change` in these rows, in one transaction, and return which rows were.

        The rows survive; they come back in `rows` under the rule's `filed_as`. All that `destroy` asks again is asked
        again, and whether anything remains to be changed. `alias` makes pseudonyms. Raises `Refused` where the
        system cannot change a record.
        """

    def correct(self, dataset: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Write `after` into one record, in one transaction, as long as it still holds `before` in those columns.

        False: the record is gone or was changed meanwhile, and nothing was written. Raises `Refused` where the system
        cannot change a record or does not take the value, `SourceUnreadable`.
        """

    def still_bears(self, dataset: str, change: Change, keys: Keys) -> Keys:
        """Which of these rows still hold a value that the change takes away, read anew; a row that is gone does not."""

    def still_there(self, dataset: str, keys: Keys, *, firmly: bool = True) -> Keys:
        """Which of these keys the source still holds, read anew.

        `firmly`: wait for whoever is deleting one of them now, a killed run's commit may still be on its way. Who
        reads again what it committed itself need not wait.
        """

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows of a dataset of which any identifying column may equal a wanted identifier (soft-deleted included).

        May return too much (the domain decides what matches), never too little.
        """

    def scans(self, kinds: Collection[str]) -> Sequence[Unindexed]:
        """What a search by these kinds of identifiers, or the walk from what it finds, reads whole: no index serves.

        `mend` is empty where the source has no index for it. Nothing of a source that has no indexes to make.
        """

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these root keys, ordered by key. Streams."""

    def related(self, start: str, hop: Hop, keys: Keys) -> Keys:
        """The keys of the rows at the end of one step from these rows of `start`, each once, ordered by key.

        `hop` may follow a reference or go against it; rows with an empty reference lead nowhere.
        """

    def related_each(self, start: str, hops: Sequence[Hop], keys: Keys) -> Sequence[Keys]:
        """`related` for each of several steps from the same rows, in as few questions as the source can."""

    def look_out(self, test: DueTest, today: date) -> Sight:
        """What the guards judge before this rule destroys: crowded days, mass changes, references without an index.

        `blind` names what this source cannot tell. `undeclared` is empty: that is held against the register elsewhere.
        """

    def count_taken_along(self, test: DueTest, table: str, by: LiveReference) -> int | None:
        """How many rows of `table`, registered or not, refer by this reference to rows of dossiers that are due.

        None where the source cannot count them.
        """

    def busy(self) -> int | None:
        """How many sessions of others are at work in the source at this moment; None where it cannot tell."""

    def close(self) -> None:
        """Give back the connection. May be called twice."""
