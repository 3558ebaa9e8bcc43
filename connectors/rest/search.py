"""Which rows may be about a person: a loose look, that may find too many and never too few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.port import Row
from domain.identity import Identifier, identifiers_of, normalise, ways_to_write
from domain.system import Dataset

_NAMES = ("name", "name_born")


@dataclass(frozen=True, slots=True)
class Sieve:
    """The identifiers that are wanted, and the words of the names among them."""

    exact: frozenset[Identifier]
    words: frozenset[str]

    @classmethod
    def of(cls, wanted: Sequence[Identifier]) -> Sieve:
        """A sieve for these identifiers. A client number is wanted in every system and tenant."""
        bare = [Identifier(i.kind, way) for i in wanted if i.kind == "client_number" for way in ways_to_write(i.value)]
        names = [i.value.partition("+")[0] for i in wanted if i.kind in _NAMES]
        return cls(frozenset([*wanted, *bare]), frozenset(word for name in names for word in name.split()))

    def lets_through(self, row: Row, dataset: Dataset) -> bool:
        """Whether any identifying column may say a wanted identifier: for a name one word is enough."""
        if not self.exact.isdisjoint(identifiers_of(row, dataset.identifies)):
            return True
        columns = dataset.identifies.columns()
        names = (normalise("name", row[columns[kind][0]]) for kind in _NAMES if kind in columns)
        return any(not self.words.isdisjoint(name.split()) for name in names if name)
