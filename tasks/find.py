"""Where one person's records are: searched from verified identifiers, matched by the domain, decided by a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.port import Connector, Row
from domain.identity import Identifier, bsn_is_sound, identifiers_of
from domain.keys import Key, Keys, key_text
from domain.lookouts import Unindexed
from domain.package import Outcome
from domain.rules import Hop
from domain.rules import Part as Place
from domain.same_person import Bearers, Verdict, borne_by_many, compare
from domain.system import Dataset, System
from domain.trouble import TermijnError

#: (system, dataset, key text) → True: the DPO says this is the person; False: the DPO says it is not.
Decisions = Mapping[tuple[str, str, str], bool]
#: So many identifiers go into one search: SQLite reads no statement with a thousand alternatives.
AT_ONCE = 200
_DIFFERENT = Verdict.DIFFERENT


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the person's: which kinds of identifier match or conflict, and what was decided.

    `odd_bsn`: it bears a BSN that fails the eleven-test, which a person should look at twice.
    """

    dataset: str
    key: Key
    verdict: Verdict
    matching: tuple[str, ...]
    conflicting: tuple[str, ...]
    decided: bool | None = None
    odd_bsn: bool = False

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
    """What one system answered: its candidates per dataset, or why it was not searched.

    `shared`: the kinds of identifier of which the person's value is borne by many there, so that it counted for
    nothing. `read_whole`: what the search had to read from end to end, where that was asked for.
    """

    system: str
    title: str
    candidates: tuple[Candidate, ...] = field(default=(), repr=False)
    unreadable: str | None = None
    shared: tuple[str, ...] = ()
    read_whole: tuple[Unindexed, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """How this system ends (promise 7)."""
        if self.unreadable is not None:
            return Outcome.NOT_SEARCHED
        return Outcome.ANSWERED if any(c.is_the_person for c in self.candidates) else Outcome.NOTHING_FOUND

    def keys_of(self, dataset: str) -> Keys:
        """The person's keys in a dataset."""
        return Keys(c.key for c in self.candidates if c.dataset == dataset and c.is_the_person)


@dataclass(frozen=True, slots=True)
class Sought:
    """One person who is looked for: verified identifiers, and what was decided about candidates."""

    wanted: tuple[Identifier, ...] = field(repr=False)
    decisions: Decisions = field(repr=False)


def ask_system(connector: Connector, sought: Sequence[Sought]) -> tuple[SystemAnswer, ...]:
    """Search one system for some persons at once; an answer for each, in their order. Raises SourceUnreadable.

    However many they are, each dataset is read a bounded number of times.
    """
    records: list[list[_Record]] = [[] for _ in sought]
    for n, record in _records(connector, sought):
        records[n].append(record)
    return tuple(_answer(connector.system, one, found) for one, found in zip(sought, records, strict=True))


def not_searched(system: System, sought: Sequence[Sought], trouble: TermijnError) -> tuple[SystemAnswer, ...]:
    """The answers of a system that could not be searched; they block the seal."""
    return tuple(SystemAnswer(system.id, system.title, unreadable=trouble.what) for _ in sought)


#: A record that may be a person's: dataset, key, and what it says of whose it is.
_Record = tuple[str, Key, tuple[Identifier, ...]]


def _records(connector: Connector, sought: Sequence[Sought]) -> Iterator[tuple[int, _Record]]:
    """Every record that is not plainly different from one of these persons, with the person's place."""
    system, bearers = connector.system, Bearers(one.wanted for one in sought)
    alike: dict[tuple[Identifier, ...], tuple[tuple[Identifier, ...], list[int]]] = {}
    for dataset in system.datasets.values():
        for row in _rows(connector, dataset, sought) if dataset.identifies.columns() else ():
            found = identifiers_of(row, dataset.identifies, tenant=dataset.tenant, system=system.id)
            known = alike.get(found)  # a thousand orders say the same of whose they are
            if known is None:
                may_be = [n for n in bearers.who(found) if compare(sought[n].wanted, found).verdict is not _DIFFERENT]
                known = (found, may_be)
                if may_be:
                    alike[found] = known
            for n in known[1]:
                yield n, (dataset.name, tuple(row[c] for c in dataset.key), known[0])


def _rows(connector: Connector, dataset: Dataset, sought: Sequence[Sought]) -> Iterator[Row]:
    """The rows that may be of one of these persons, each once."""
    wanted, seen = sorted({i for one in sought for i in one.wanted}), set[Key]()
    for start in range(0, len(wanted), AT_ONCE):
        for row in connector.search(dataset.name, wanted[start : start + AT_ONCE]):
            if len(wanted) > AT_ONCE:
                key = tuple(row[c] for c in dataset.key)
                if key in seen:
                    continue
                seen.add(key)
            yield row


def _answer(system: System, one: Sought, records: Sequence[_Record]) -> SystemAnswer:
    """The candidates among these records. What many bear counts for nothing, and a record is held against the rest;
    what a person decided stays in sight."""
    shared = borne_by_many(one.wanted, (identifiers for _, _, identifiers in records))
    own = [i for i in one.wanted if i not in shared]
    matches = {identifiers: compare(own, identifiers) for identifiers in {r[2] for r in records}}
    found: list[Candidate] = []
    for name, key, identifiers in records:
        match = matches[identifiers]
        decided = one.decisions.get((system.id, name, key_text(key)))
        if match.verdict is not _DIFFERENT or decided is not None:
            odd = any(i.kind == "bsn" and not bsn_is_sound(i.value) for i in identifiers)
            found.append(Candidate(name, key, match.verdict, match.matching, match.conflicting, decided, odd))
    ordered = tuple(sorted(found, key=lambda c: (c.dataset, key_text(c.key))))
    return SystemAnswer(system.id, system.title, ordered, shared=tuple(sorted({i.kind for i in shared})))


def dossier_places(system: System, dataset: Dataset) -> list[Place]:
    """Where the rows of a dossier lie, seen from its root `dataset`, the root itself first."""
    places = [Place(dataset.name, ())]
    for place in places:
        for child in system.parts_of(place.dataset):
            if child.part_of is not None:
                places.append(Place(child.name, (*place.path, Hop.down(child, child.part_of))))
    return places


def activity_of(system: System, dataset: Dataset) -> str:
    """The activity whose term a dataset follows: its own, or that of the nearest owner."""
    while dataset.activity is None and dataset.part_of is not None:
        dataset = system.datasets[dataset.part_of.dataset]
    return str(dataset.activity)
