"""What is taken out of a person's records because it is another's: proposed or marked, decided by a person, removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from connectors.port import Row
from domain.package import Withheld
from domain.passages import Known, Passage, PassageKind, find_passages, is_running_text, merged, remove
from domain.system import Column, ColumnClass, Dataset, System
from ledger.marked import Mark
from ledger.passages import Place
from tasks.office import Office
from tasks.person import identifiers_from

ARTICLE, RULE = "AVG 15(4): de rechten van een ander", "GDPR 15(4): the rights of others"
_SAY = {
    "nl": {
        "another": "{} van een ander, in: {}",
        "words": "{}, in: {}",
        "value": "{} (dit gegeven)",
        "record": "een heel record",
        "because": "Dit gaat over iemand anders",
        "gone": "[weggelaten]",
        "article": ARTICLE,
    },
    "en": {
        "another": "{} of another person, in: {}",
        "words": "{}, in: {}",
        "value": "{} (this value)",
        "record": "a whole record",
        "because": "is about somebody else",
        "gone": "[left out]",
        "article": RULE,
    },
}
#: Called with every passage that a person must decide on or has decided: (place, decision or None).
Sees = Callable[[Place, bool | None], None]
#: Called with every record before anything is taken out of it.
Shows = Callable[[System, Dataset, str, Row], None]
#: Whether a column is handed over at all; in one that is not, nothing is looked for.
HandsOver = Callable[[System, Dataset, str], bool]
#: (system, dataset, key, column or '' for the whole record): where a person's hand withholds.
Spotted = tuple[str, str, str, str]


class Cleaner:
    """Cleans the records of one case. What nobody decided yet is counted in `undecided`: then nothing is sealed.

    `stale`: the numbers of marks whose text is another now; somebody must look again. `met`: those whose place was
    seen. `said`: what stands in each of the places that the caller wants to know of.
    """

    def __init__(
        self,
        office: Office,
        case: str,
        *,
        language: str = "nl",
        sees: Sees | None = None,
        shows: Shows | None = None,
        wants: Collection[Spotted] = (),
        hands_over: HandsOver = lambda *_: True,
    ) -> None:
        subject = office.ledger.cases.subject_of(case)
        self._own = identifiers_from(subject)
        names = [subject.get("name"), subject.get("surname")]
        self._own_names = [str(n) for name in names for n in (name if isinstance(name, list) else [name]) if n]
        self._given = [str(n) for n in subject.get("others") or ()]
        self._book, self._decided = office.ledger.passages, dict(office.ledger.passages.decisions(case))
        self._marked, self._marks = office.ledger.marked, _by_place(office.ledger.marked.of_case(case))
        self._in_record = _by_record(self._marks)
        self._under: dict[tuple[str, str], dict[tuple[object, ...], Mark]] = {}
        self._say = _SAY[language]
        self._language, self._wants, self._hands_over = language, wants, hands_over
        self._sees, self._shows = sees, shows
        self._known = Known.of(self._own, self._own_names, self._given)
        self._removed = Counter[tuple[str, str, str, str, str, str]]()
        self._undecided, self.stale, self.met, self.said = 0, set[int](), set[int](), dict[Spotted, str]()

    @property
    def undecided(self) -> int:
        """How many passages a person must still decide on; what became of the marks, `states_of` says."""
        return self._undecided

    def learn(self, names: Iterable[str]) -> None:
        """Take in the names of others that the systems know beside this person."""
        self._known = Known.of(self._own, self._own_names, [*self._given, *names])

    def clean(
        self, system: System, dataset: Dataset, key: str, column: str, value: object, *, controller: str = ""
    ) -> object:
        """The value without what is withheld; anything but running text and what was marked as it is."""
        told = dataset.columns[column]
        where = (system.id, controller, dataset.title or dataset.name)
        gone: list[Passage] = []
        for mark in self._marks_on((system.id, dataset.name, key, column), lambda: str(value)):
            if not mark.spot.stop:
                self._leave_out(where, self._say["value"].format(told.label), mark)
                return self._say["gone"] if isinstance(value, str) else None
            gone.append(Passage(mark.spot.start, mark.spot.stop, PassageKind.MARKED, ""))
            self._leave_out(where, self._say["words"].format(self._name(PassageKind.MARKED), told.label), mark)
        looked_at = is_running_text(value) or (told.free_text and isinstance(value, str))
        if looked_at and told.free_text is not False and self._hands_over(system, dataset, column):
            gone += self._decided_on(system, dataset, key, column, str(value), gone, where)
        return remove(str(value), merged(gone), language=self._language) if gone else value

    def leaves_out(self, system: System, dataset: Dataset, key: str, row: Row, controller: str) -> bool:
        """Whether a whole record is withheld by hand, or hangs under one that is: what it holds goes with it.

        Owners are asked about before what hangs under them. It is shown to who wants to see every record.
        """
        if self._shows is not None:
            self._shows(system, dataset, key, row)

        def said() -> str:
            return "\n".join(f"{n}={row[n]!r}" for n, c in dataset.columns.items() if c.cls is ColumnClass.EXPORT)

        held = self._marks_on((system.id, dataset.name, key, ""), said)
        mark = held[0] if held else self._mark_above(system, dataset, row)
        if mark is None:
            return False
        where = (system.id, controller, dataset.title or dataset.name)
        self._leave_out(where, self._say["record"], mark)
        self.met |= self._in_record.get((system.id, dataset.name, key), set())
        for part in system.parts_of(dataset.name):
            if part.part_of is not None:
                values = tuple(row.get(their) for their in part.part_of.by.values())
                self._under.setdefault((system.id, part.name), {})[values] = mark
        return True

    def _mark_above(self, system: System, dataset: Dataset, row: Row) -> Mark | None:
        """The mark on the record that this one hangs under, however far above."""
        under = self._under.get((system.id, dataset.name))
        if under is None or dataset.part_of is None:
            return None
        return under.get(tuple(row.get(own) for own in dataset.part_of.by))

    def told(self, system: System, controller: str) -> Iterator[Withheld]:
        """What was removed from one system, for the person: what, how often, why, by which article."""
        for (name, whose, title, what, because, article), number in sorted(self._removed.items()):
            if (name, whose) == (system.id, controller):
                yield Withheld(name, title, what, number, because, article)

    def controllers(self, system: System) -> set[str]:
        """For whom anything was removed in a system."""
        return {controller for name, controller, *_ in self._removed if name == system.id}

    def _decided_on(
        self,
        system: System,
        dataset: Dataset,
        key: str,
        column: str,
        text: str,
        marked: list[Passage],
        where: tuple[str, str, str],
    ) -> Iterator[Passage]:
        """The passages that a person decided to withhold; those inside a mark need no decision."""
        for passage in find_passages(text, self._known):
            if any(m.start <= passage.start and passage.stop <= m.stop for m in marked):
                continue
            place = Place(system.id, dataset.name, key, column, text, passage)
            decided = self._decision(place)
            if self._sees is not None:
                self._sees(place, decided)
            if decided is None:
                self._undecided += 1
            elif decided:
                what = self._say["another"].format(self._name(passage.kind), dataset.columns[column].label)
                self._removed[*where, what, self._say["because"], self._say["article"]] += 1
                yield passage

    def _marks_on(self, place: Spotted, says: Callable[[], str]) -> Sequence[Mark]:
        """The marks on a place that hold; one whose text changed is stale. What it says is asked where it matters."""
        if place in self._wants:
            self.said[place] = says()
        marks = self._marks.get(place, ())
        held = [mark for mark in marks if self._marked.still_says(mark, says())]
        self.stale |= {mark.serial for mark in marks if mark not in held}
        self.met |= {mark.serial for mark in marks}
        return held

    def _name(self, kind: PassageKind) -> str:
        return kind.value if self._language == "nl" else kind.english

    def _leave_out(self, where: tuple[str, str, str], what: str, mark: Mark) -> None:
        """Count what is withheld by hand; the usual article in the person's language, another as it was written."""
        article = self._say["article"] if mark.article == ARTICLE else mark.article
        self._removed[*where, what, mark.reason, article] += 1

    def _decision(self, place: Place) -> bool | None:
        for mark in self._book.marks(place):
            if mark in self._decided:
                return self._decided[mark]
        return None


def _by_place(marks: Iterable[Mark]) -> dict[Spotted, list[Mark]]:
    found: dict[Spotted, list[Mark]] = {}
    for mark in marks:
        spot = mark.spot
        found.setdefault((spot.system, spot.dataset, spot.key, spot.column), []).append(mark)
    return found


def _by_record(marks: Mapping[Spotted, Sequence[Mark]]) -> dict[tuple[str, str, str], set[int]]:
    found: dict[tuple[str, str, str], set[int]] = {}
    for (system, dataset, key, _), some in marks.items():
        found.setdefault((system, dataset, key), set()).update(mark.serial for mark in some)
    return found


def names_of_others(dataset: Dataset, row: Row) -> Iterator[str]:
    """The names of other people in a row: columns of class third party that hold a name, by their category."""
    for name, column in dataset.columns.items():
        if _names_another(column) and isinstance(row.get(name), str):
            yield str(row[name])


def holds_names_of_others(dataset: Dataset) -> bool:
    """Whether any column of a dataset is said to hold another person's name."""
    return any(_names_another(column) for column in dataset.columns.values())


def _names_another(column: Column) -> bool:
    return column.cls is ColumnClass.THIRD_PARTY and (column.category or "").startswith(("user.name", "user.contact"))
