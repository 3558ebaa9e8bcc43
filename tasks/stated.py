"""What persons stated beside their records: it goes along with the record, into a package and out of the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.port import Connector
from domain.evidence import Entry
from domain.keys import Key
from domain.package import Part, Record
from domain.person import Belonging
from domain.rules import Part as Place
from domain.system import Column
from domain.trouble import NotFound
from ledger.statements import Statement
from tasks.careful import tell
from tasks.destroy import BY
from tasks.office import Office

_COLUMNS = {
    name: Column.model_validate({"label": label, "class": "export", "category": category, "origin": "provided"})
    for name, label, category in (
        ("day", "Toegevoegd op", "system.operations"),
        ("text", "Uw verklaring", "user.content"),
    )
}


def stated_beside(office: Office, parts: Sequence[Part]) -> list[Part]:
    """The statements on the records of these parts of one system, each as a table beside its own (BW 7:454 lid 2).

    Only on what is the person's own: on a row that is another's too, or that only mentions them, somebody else may
    have stated it (AVG 15(4)).
    """
    stated = [s for name in {p.system for p in parts} for s in office.ledger.statements.on(name)]
    beside = []
    for part in (p for p in parts if p.belonging == Belonging.OWN.value):
        on = [s for s in stated if s.dataset == part.dataset]
        records = [_record(s, r) for r in part.records for s in on if s.key == r.key] if on else []
        if records:
            title = f"Aanvullende verklaring bij: {part.title}"
            beside.append(replace(part, title=title, columns=_COLUMNS, records=records, fhir=None))
    return beside


def _record(statement: Statement, record: Record) -> Record:
    """A statement as long as its record: it is kept with it and goes with it."""
    values = {"day": statement.at.date(), "text": statement.text}
    return Record(record.key, values, record.kept_until, record.kept_because)


def forget_stated(office: Office, connector: Connector) -> int:
    """Drop the statements on records that are no longer in the source; how many. Raises SourceUnreadable.

    Asked of the source itself after each armed night, so that it does not matter who deleted the record.
    """
    system = connector.system.id
    without_record = [s for s in office.ledger.statements.on(system) if not _is_there(connector, s)]
    if without_record:
        office.ledger.statements.forget(without_record, entry=Entry("statement.forgotten", BY))
        tell(f"{system}: {len(without_record)} statements went with their records")
    return len(without_record)


def _is_there(connector: Connector, statement: Statement) -> bool:
    if statement.dataset not in connector.system.datasets:
        return True  # the register no longer knows the dataset: nobody can say that the record is gone
    return any(True for key in _key(connector, statement) for _ in connector.rows(Place(statement.dataset, ()), [key]))


def _key(connector: Connector, statement: Statement) -> Iterator[Key]:
    try:
        yield connector.read_key(statement.dataset, statement.key)
    except NotFound:
        return  # no record of this dataset can have such a key any more
