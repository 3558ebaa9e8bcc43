"""The records that may be the person's: what each says beside what the person said, and the decision of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.evidence import Entry
from domain.keys import key_text
from domain.rules import Part as Place
from domain.system import ColumnClass
from tasks.office import Office
from tasks.search import Search


@dataclass(frozen=True, slots=True)
class Doubt:
    """A record on which a person must decide, with its values by their labels. Personal data, for the DPO's screen."""

    system: str
    dataset: str
    key: str = field(repr=False)
    title: str
    matching: tuple[str, ...]
    conflicting: tuple[str, ...]
    odd_bsn: bool
    values: Mapping[str, str] = field(repr=False)

    @property
    def place(self) -> str:
        """As `termijn find` writes it."""
        return f"{self.system}.{self.dataset}:{self.key}"


def doubts_of(office: Office, search: Search) -> Iterator[Doubt]:
    """Every open candidate, with what its record says. Raises SourceUnreadable."""
    for answer in search.answers:
        waiting = {(c.dataset, c.key): c for c in answer.candidates if c.is_open}
        if not waiting:
            continue
        with office.connected(answer.system) as connector:
            for name in sorted({dataset for dataset, _ in waiting}):
                dataset = connector.system.datasets[name]
                shown = {n: c.label or n for n, c in dataset.columns.items() if c.cls is ColumnClass.EXPORT}
                for row in connector.rows(Place(name, ()), [key for of, key in waiting if of == name]):
                    key = tuple(row[c] for c in dataset.key)
                    candidate = waiting[name, key]
                    yield Doubt(
                        answer.system,
                        name,
                        key_text(key),
                        dataset.title or name,
                        candidate.matching,
                        candidate.conflicting,
                        candidate.odd_bsn,
                        {label: str(row[n]) for n, label in shown.items() if row[n] not in (None, "")},
                    )


def person_of(office: Office, case_number: str) -> Mapping[str, str]:
    """What the case says of its person, as lines to lay beside a record. Personal data."""
    subject: Mapping[str, Any] = office.ledger.cases.subject_of(case_number)
    told = {name: _joined(value) for name, value in subject.items() if name not in ("address", "language", "others")}
    return {name.replace("_", " "): value for name, value in told.items() if value}


def settle(office: Office, case_number: str, doubt: Doubt, *, include: bool, by: str) -> None:
    """Keep that this record is, or is not, the person's. One event."""
    entry = Entry("match.decided", by, case=case_number)
    office.ledger.cases.decide(
        case_number, system=doubt.system, dataset=doubt.dataset, key=doubt.key, include=include, entry=entry
    )


def unsettle(office: Office, case_number: str, doubt: Doubt, *, by: str) -> None:
    """Take that decision back: the record is in doubt again. One event."""
    entry = Entry("match.reopened", by, case=case_number)
    office.ledger.cases.reopen(case_number, system=doubt.system, dataset=doubt.dataset, key=doubt.key, entry=entry)


def _joined(value: object) -> str:
    several: Sequence[object] = value if isinstance(value, list) else [value]
    return ", ".join(str(v) for v in several if v)
