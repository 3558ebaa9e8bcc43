"""What the office asks of every system that holds personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import LiveSchema
from domain.rules import DueTest, Part
from domain.standing import Tally, WatchFacts
from domain.system import System

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

    def look(self) -> LiveSchema:
        """The live schema, to hold against the register."""

    def tally(self, test: DueTest) -> Tally:
        """How all dossiers of the rule stand. Does not change anything."""

    def find_due(self, test: DueTest) -> Iterator[Sequence[Key]]:
        """The root keys that are due, in pages, ordered by key. Streams; bounded memory."""

    def facts(self, test: DueTest, key: Key) -> tuple[WatchFacts, ...] | None:
        """What each watch sees of one dossier; None where the root record does not exist."""

    def read_key(self, dataset: str, text: str) -> Key:
        """The key that `domain.keys.key_text` wrote, with the source's own types."""

    def roots_of(self, part: Part, root: str, keys: Keys) -> Keys:
        """The root keys of the dossiers that hold these rows of `part`."""

    def dossiers(self, parts: Sequence[Part], keys: Sequence[Key]) -> dict[str, Keys]:
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

    def still_there(self, dataset: str, keys: Keys) -> Keys:
        """Which of these keys the source still holds, read anew."""

    def search(self, dataset: str, wanted: Sequence[Identifier]) -> Iterator[Row]:
        """Rows of a dataset of which any identifying column may equal a wanted identifier (soft-deleted included).

        May return too much (the domain decides what matches), never too little.
        """

    def rows(self, part: Part, keys: Sequence[Key]) -> Iterator[Row]:
        """All rows of `part` in the dossiers of these root keys, ordered by key. Streams."""

    def close(self) -> None:
        """Give back the connection. May be called twice."""
