"""Which identifiers a case or hold gives of its person, normalised; read from the ledger's encrypted part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.cases import is_open
from domain.identity import Identifier, normalise
from domain.trouble import Refused
from tasks.find import Decisions
from tasks.office import Office

#: The fields of a subject file, and the kind of identifier that each gives.
KINDS = {"bsn": "bsn", "email": "email", "phone": "phone", "client_number": "client_number", "iban": "iban"}
FIELDS = {*KINDS, "name", "surname", "born_on", "address", "language"}


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that is open: its number, who it is about, and what the DPO decided about candidates."""

    number: str
    wanted: tuple[Identifier, ...] = field(repr=False)
    decisions: Decisions = field(repr=False)


def open_requests(office: Office) -> Iterator[OpenRequest]:
    """Every open request with its person. A request whose person names nobody freezes nothing by itself."""
    for case in office.ledger.cases.list_cases():
        if is_open(case.state):
            subject = office.ledger.cases.subject_of(case.number)
            yield OpenRequest(case.number, identifiers_from(subject), decisions_of(office, case.number))


def decisions_of(office: Office, case: str) -> Decisions:
    """What the DPO decided about each candidate of a case."""
    return {(d.system, d.dataset, d.key): d.include for d in office.ledger.cases.decisions_of(case)}


def identifiers_from(subject: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """All identifiers of a subject: each field may hold one value or a list; surname + born_on make name_born."""
    found: set[Identifier] = set()
    for name, kind in KINDS.items():
        for raw in _several(subject.get(name)):
            value = normalise(kind, raw)
            if value is not None:
                found.add(Identifier(kind, value))
    for surname in _several(subject.get("surname")):
        born = normalise("name_born", (surname, subject.get("born_on")))
        if born is not None:
            found.add(Identifier("name_born", born))
    for name in _several(subject.get("name")):
        value = normalise("name", name)
        if value is not None:
            found.add(Identifier("name", value))
    return tuple(sorted(found))


def check_subject(subject: Mapping[str, Any]) -> None:
    """Raise Refused, naming fields and never values, where a subject file cannot say who the person is."""
    unknown = sorted(set(subject) - FIELDS)
    if unknown:
        raise Refused(
            f"the subject file has unknown fields: {', '.join(unknown)}", do=f"known are: {', '.join(sorted(FIELDS))}"
        )
    if not subject.get("name"):
        raise Refused("the subject file has no name", do="give at least name, and two of: " + ", ".join(sorted(KINDS)))
    strong = {i.kind for i in identifiers_from(subject)} - {"name"}
    if not strong:
        raise Refused(
            "nothing in the subject file can find a person",
            do="give at least two of: bsn, email, phone, client_number, surname with born_on",
        )


def _several(raw: Any) -> list[Any]:
    if raw is None:
        return []
    return list(raw) if isinstance(raw, list | tuple) else [raw]
