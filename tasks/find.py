"""Where one person's records are: searched from verified identifiers, matched by the domain, decided by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.port import Connector
from domain.identity import Identifier, Verdict, compare, identifiers_of
from domain.keys import Key, Keys, key_text
from domain.package import Outcome
from domain.rules import Hop
from domain.rules import Part as Place
from domain.system import Dataset, System
from domain.trouble import TermijnError

#: (system, dataset, key text) → True: the DPO says this is the person; False: the DPO says it is not.
Decisions = Mapping[tuple[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the person's: which kinds of identifier match or conflict, and what was decided."""

    dataset: str
    key: Key
    verdict: Verdict
    matching: tuple[str, ...]
    conflicting: tuple[str, ...]
    decided: bool | None = None

    @property
    def is_the_person(self) -> bool:
        """A person's decision goes before two strong identifiers; without either it is not the person."""
        return self.verdict is Verdict.SAME if self.decided is None else self.decided

    @property
    def is_open(self) -> bool:
        """Whether a person still has to decide."""
        return self.verdict is Verdict.ASK and self.decided is None


@dataclass(frozen=True, slots=True)
class SystemAnswer:
    """What one system answered: its candidates per dataset, or why it was not searched."""

    system: str
    title: str
    candidates: tuple[Candidate, ...] = field(default=(), repr=False)
    unreadable: str | None = None

    @property
    def outcome(self) -> Outcome:
        """How this system ends (promise 7)."""
        if self.unreadable is not None:
            return Outcome.NOT_SEARCHED
        return Outcome.ANSWERED if any(c.is_the_person for c in self.candidates) else Outcome.NOTHING_FOUND

    def keys_of(self, dataset: str) -> Keys:
        """The person's keys in a dataset."""
        return Keys(c.key for c in self.candidates if c.dataset == dataset and c.is_the_person)


def search_system(connector: Connector, wanted: Sequence[Identifier], decisions: Decisions) -> tuple[Candidate, ...]:
    """Every candidate of a system, the ones that differ left out. Raises SourceUnreadable."""
    system = connector.system
    found: list[Candidate] = []
    for dataset in system.datasets.values():
        if not dataset.identifies.columns():
            continue
        for row in connector.search(dataset.name, wanted):
            match = compare(wanted, identifiers_of(row, dataset.identifies, tenant=dataset.tenant))
            if match.verdict is Verdict.DIFFERENT:
                continue
            key = tuple(row[c] for c in dataset.key)
            decided = decisions.get((system.id, dataset.name, key_text(key)))
            found.append(Candidate(dataset.name, key, match.verdict, match.matching, match.conflicting, decided))
    return tuple(sorted(found, key=lambda c: (c.dataset, key_text(c.key))))


def ask_system(connector: Connector, wanted: Sequence[Identifier], decisions: Decisions) -> SystemAnswer:
    """Search one system; trouble becomes an answer that blocks the seal, not an exception."""
    system = connector.system
    try:
        candidates = search_system(connector, wanted, decisions)
    except TermijnError as trouble:
        return SystemAnswer(system.id, system.title, unreadable=trouble.what)
    return SystemAnswer(system.id, system.title, candidates)


def dossier_places(system: System, dataset: Dataset) -> list[Place]:
    """Where the rows of a dossier lie, seen from its root `dataset`, the root itself first."""
    places = [Place(dataset.name, ())]
    for place in places:
        for child in system.parts_of(place.dataset):
            if child.part_of is not None:
                places.append(Place(child.name, (*place.path, Hop.down(child, child.part_of))))
    return places
