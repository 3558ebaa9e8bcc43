"""The records of one person in heaps, each of which becomes one table of one controller's package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from connectors.port import Row
from domain.keys import Key, key_text
from domain.package import DestroyedBefore, Part, Record, Records, Withheld
from domain.person import Belonging
from domain.portability import origin_of
from domain.register import Register
from domain.system import Column, ColumnClass, Dataset, System
from tasks.destroyed_before import Named
from tasks.find import activity_of
from tasks.owners import owners_in
from tasks.spool import Shelf, Spool
from tasks.withhold import Cleaner

#: How a layman reads what a table of rows is to them, and why a column is left out, by which rule.
_SAY: Mapping[str, Mapping[Belonging | ColumnClass, tuple[str, str]]] = {
    "nl": {
        Belonging.OWN: ("", ""),
        Belonging.SHARED: (" (ook van een ander)", ""),
        Belonging.MENTIONED: (" (hierin wordt u genoemd)", ""),
        ColumnClass.THIRD_PARTY: ("gaat over een ander", "AVG 15(4): de rechten van een ander"),
        ColumnClass.SECRET: ("beveiligt de toegang", "AVG 32: geheim dat de toegang beveiligt"),
        ColumnClass.IGNORED: ("een technisch gegeven", "niet over u"),
        ColumnClass.TECHNICAL: ("alleen het systeem werkt ermee, zoals een volgnummer", "niet over u"),
    },
    "en": {
        Belonging.OWN: ("", ""),
        Belonging.SHARED: (" (another person's too)", ""),
        Belonging.MENTIONED: (" (this mentions you)", ""),
        ColumnClass.THIRD_PARTY: ("is about another person", "GDPR 15(4): the rights of others"),
        ColumnClass.SECRET: ("secures the access", "GDPR 32: a secret that secures the access"),
        ColumnClass.IGNORED: ("technical data", "not about you"),
        ColumnClass.TECHNICAL: ("only the system works with them, such as a serial number", "not about you"),
    },
}
_NUMBER = {"nl": "nr.", "en": "no."}
_TECHNICAL = {"nl": "nummers en tijdstippen voor het systeem zelf", "en": "numbers and moments for the system itself"}
#: Rows that go in one table: (controller, dataset, what they are to the person).
Heap = tuple[str, str, Belonging]


@dataclass(slots=True)
class Gathered:
    """What one system gave for one controller, and what of it was left out."""

    parts: list[Part] = field(default_factory=list)
    named: set[Named] = field(default_factory=set, repr=False)  # records of persons that its rows name
    destroyed: list[DestroyedBefore] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)


class Heaps:
    """The records that go in one table each."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self.records = spool, dict[Heap, Shelf]()
        self.named: dict[str, set[Named]] = {}

    def add(self, heap: Heap, record: Record | None) -> None:
        """One record more; nothing where it is withheld whole."""
        if record is None:
            return
        if heap not in self.records:
            self.records[heap] = self._spool.shelf()
        self.records[heap].add(record)


def by_controller(
    system: System,
    register: Register,
    heaps: Heaps,
    limits: Mapping[tuple[str, Belonging], frozenset[str]],
    language: str,
) -> dict[str, Gathered]:
    gathered, records = {c: Gathered(named=named) for c, named in heaps.named.items()}, heaps.records
    for name, dataset in system.datasets.items():
        for belonging in Belonging:
            limit = limits.get((name, belonging))
            for controller in sorted(c for c, n, b in records if n == name and b is belonging):
                held = records[controller, name, belonging]
                group = gathered.setdefault(controller, Gathered())
                part = _part(system, register, dataset, held, controller, belonging, limit, language)
                group.parts.append(replace(part, title=part.title + _SAY[language][belonging][0]))
                group.withheld += _withheld(system, dataset, len(held), limit, language)
    return gathered


def technical_of(systems: Mapping[str, System], parts: Sequence[Part], language: str) -> Iterator[Withheld]:
    """What of the rows that are sent only their system needs: one line a system, with how many values it has."""
    values, (because, article) = Counter[str](), _SAY[language][ColumnClass.TECHNICAL]
    for part in parts:
        columns = systems[part.system].datasets[part.dataset].columns
        if part.columns.keys() <= columns.keys():  # a statement beside a record is ours, and has none
            values[part.system] += len(part.records) * sum(c.cls is ColumnClass.TECHNICAL for c in columns.values())
    for name, number in sorted((+values).items()):
        yield Withheld(name, systems[name].title, _TECHNICAL[language], number, because, article)


def record_of(
    system: System,
    dataset: Dataset,
    key: Key,
    row: Row,
    until: date | None,
    because: str,
    cleaner: Cleaner | None,
    controller: str,
    limit: frozenset[str] | None = None,
) -> Record | None:
    """A row as it is shown, without what is withheld of it; None where all of it is."""
    written = key_text(key)
    if cleaner is not None and cleaner.leaves_out(system, dataset, written, row, controller):
        return None
    shown = {c: row[c] for c in _exported(dataset, limit)}
    if cleaner is not None:
        cell = partial(cleaner.clean, system, dataset, written, controller=controller)
        shown = {c: cell(c, value) for c, value in shown.items()}
    deleted, archived = (away is not None and away.says_so(row) for away in (dataset.soft_delete, dataset.archived))
    refers = owners_in(system, dataset, row)
    return Record(written, shown, until, because, deleted, refers=refers, archived=archived)


def _exported(dataset: Dataset, limit: frozenset[str] | None = None) -> dict[str, Column]:
    """The columns that are shown, of a shared or mentioning row only those that are not the other person's."""
    columns = {c: h for c, h in dataset.columns.items() if h.cls is ColumnClass.EXPORT}
    return columns if limit is None else {c: h for c, h in columns.items() if c in limit}


def _part(
    system: System,
    register: Register,
    dataset: Dataset,
    records: Records,
    tenant: str,
    belonging: Belonging,
    limit: frozenset[str] | None,
    language: str,
) -> Part:
    shown = _exported(dataset, limit)
    columns = {n: c.model_copy(update={"origin": origin_of(dataset, c)}) for n, c in shown.items()}
    activity = activity_of(system, dataset)
    told = register.activities[activity]
    controller = f"{told.on_behalf_of} ({_NUMBER[language]} {tenant})" if tenant else register.organisation.trading_as
    return Part(
        system.id,
        system.title,
        dataset.name,
        dataset.title or dataset.name,
        activity,
        columns,
        records,
        controller,
        belonging=belonging.value,
        fhir=dataset.fhir,
        zone=system.zone,
    )


def _told(column: Column, language: str) -> str:
    """Why the register leaves a column out: its own words, between quotes where the letter is not in Dutch."""
    return f"“{column.because}”" if column.because and language != "nl" else column.because or ""


def _withheld(
    system: System, dataset: Dataset, rows: int, limit: frozenset[str] | None, language: str
) -> Iterator[Withheld]:
    title, say = dataset.title or dataset.name, _SAY[language]
    another, rights = say[ColumnClass.THIRD_PARTY]
    for name, column in _exported(dataset).items():
        if limit is not None and name not in limit:
            yield Withheld(system.id, title, column.label, rows, another, rights)
    for cls in (ColumnClass.THIRD_PARTY, ColumnClass.SECRET, ColumnClass.IGNORED):
        for column in dataset.columns.values():
            if column.cls is cls:
                what = column.label or say[ColumnClass.IGNORED][0]
                because, article = say[cls]
                yield Withheld(system.id, title, what, rows, _told(column, language) or because, article)
