"""What a person must look at before an answer leaves: records in doubt, passages about others, decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from connectors.port import Row
from domain.evidence import Entry, Fact
from domain.identity import normalise
from domain.names_in_text import fold
from domain.on_request import is_wanted
from domain.package import Outcome
from domain.passages import PassageKind
from domain.system import ColumnClass, Dataset, System
from ledger.marked import Mark
from ledger.passages import Place
from tasks.doubts import Doubt, doubts_of, person_of
from tasks.gather import gather, names_known
from tasks.marks_met import MarkState, states_of
from tasks.office import Office
from tasks.portability import handed_over
from tasks.search import Search, search_case
from tasks.spool import Spool
from tasks.withhold import Cleaner

#: So many characters of the text on each side of a passage are shown with it.
AROUND = 240


@dataclass(frozen=True, slots=True)
class Group:
    """Passages that say the same: one decision serves them all. Personal data, for the DPO's own terminal."""

    kind: PassageKind
    reason: str
    words: str = field(repr=False)
    places: tuple[Place, ...] = field(repr=False)
    decided: bool | None

    def only(self, places: Sequence[Place]) -> Group:
        """The same with these of its places, of which there is one at least."""
        return replace(self, places=tuple(places), words=_words(places[0]))

    @property
    def before(self) -> str:
        """The text before the first of them."""
        place = self.places[0]
        return place.text[max(0, place.passage.start - AROUND) : place.passage.start]

    @property
    def after(self) -> str:
        """The text behind the first of them."""
        place = self.places[0]
        return place.text[place.passage.stop : place.passage.stop + AROUND]


@dataclass(frozen=True, slots=True)
class Shown:
    """One record of the person, by the names of its columns. Personal data, for the DPO's own terminal."""

    place: str = field(repr=False)
    title: str
    values: Mapping[str, str] = field(repr=False)


class Review:
    """One case with all that was found. Holds personal data; no workflow engine looks inside."""

    def __init__(
        self,
        search: Search,
        groups: Sequence[Group],
        doubts: Sequence[Doubt] = (),
        person: Mapping[str, str] | None = None,
        marks: Sequence[tuple[Mark, MarkState]] = (),
    ) -> None:
        """`marks`: what is withheld by hand, and what became of it."""
        self.search, self.groups, self.doubts, self.person = search, tuple(groups), tuple(doubts), person or {}
        self.marks = tuple(marks)

    @property
    def open(self) -> tuple[Group, ...]:
        """The passages on which nobody decided yet."""
        return tuple(g for g in self.groups if g.decided is None)


def read_review(office: Office, case_number: str, *, by: str) -> Review:
    """Search, read every text of the person, and sum up the passages. That somebody looked is an event."""
    search = search_case(office, case_number)
    seen: list[tuple[Place, bool | None]] = []
    goes = handed_over(office, search.case)
    cleaner = Cleaner(office, case_number, sees=lambda place, said: seen.append((place, said)), hands_over=goes)
    read_texts(office, search, cleaner)
    doubts = list(doubts_of(office, search))
    facts: dict[str, Fact] = {"passages": len(seen), "records": len(doubts)}
    office.ledger.cases.note(case_number, entry=Entry("review.opened", by, case=case_number, facts=facts))
    by_hand = office.ledger.marked.of_case(case_number)
    states = states_of(office, by_hand, cleaner)
    marks = [(mark, states[mark.serial]) for mark in by_hand]
    return Review(search, group(seen), doubts, person_of(office, case_number), marks)


def show_records(office: Office, search: Search, show: Callable[[Shown], None]) -> None:
    """Every record of the person, as its source says it: what an officer can mark. Raises SourceUnreadable."""

    def seen(system: System, dataset: Dataset, key: str, row: Row) -> None:
        exported = (name for name, column in dataset.columns.items() if column.cls is ColumnClass.EXPORT)
        told = {name: str(row[name]) for name in exported if row[name] not in (None, "")}
        show(Shown(f"{system.id}.{dataset.name}:{key}", dataset.title or dataset.name, told))

    read_texts(office, search, Cleaner(office, search.case.number, shows=seen))


def read_texts(office: Office, search: Search, cleaner: Cleaner) -> None:
    """Let `cleaner` see every record of the person, as an export would. Raises SourceUnreadable."""
    cleaner.learn(names_known(office, search.answers))
    with Spool() as spool:
        for answer in search.answers:
            if answer.outcome is Outcome.ANSWERED:
                with office.connected(answer.system) as connector:
                    wanted = partial(is_wanted, search.case.kind)
                    gather(connector, office.register, answer, search.as_of, spool, cleaner, wanted=wanted)


def group(seen: Sequence[tuple[Place, bool | None]]) -> tuple[Group, ...]:
    """Passages of one kind with the same words and the same decision as one, in the order in which they come."""
    found: dict[tuple[PassageKind, str, bool | None], list[Place]] = {}
    for place, decided in seen:
        words = place.text[place.passage.start : place.passage.stop]
        found.setdefault((place.passage.kind, _same(place.passage.kind, words), decided), []).append(place)
    return tuple(
        Group(kind, places[0].passage.reason, _words(places[0]), tuple(places), decided)
        for (kind, _, decided), places in found.items()
    )


def decide(office: Office, case_number: str, groups: Sequence[Group], *, withhold: bool, by: str) -> int:
    """Keep one decision for all passages of these groups; how many. One event."""
    places = [place for one in groups for place in one.places]
    entry = Entry("passage.decided", by, case=case_number)
    return office.ledger.passages.decide(case_number, places, withhold=withhold, entry=entry)


def reopen(office: Office, case_number: str, groups: Sequence[Group], *, by: str) -> int:
    """Take the decisions on these passages back; how many there were. One event."""
    places = [place for one in groups for place in one.places]
    return office.ledger.passages.reopen(case_number, places, entry=Entry("passage.reopened", by, case=case_number))


def _words(place: Place) -> str:
    return place.text[place.passage.start : place.passage.stop]


def _same(kind: PassageKind, words: str) -> str:
    known = {PassageKind.BSN: "bsn", PassageKind.PHONE: "phone", PassageKind.EMAIL: "email", PassageKind.IBAN: "iban"}
    return (normalise(known[kind], words) if kind in known else None) or fold(words)
