"""Which identifiers a case or hold gives of its person, normalised; read from the ledger's encrypted part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.cases import CaseKind
from domain.identity import Identifier
from domain.subject import KINDS, births_of, identifiers_from
from domain.system import System
from domain.trouble import Refused
from ledger.cases import Decision
from tasks.find import Decisions
from tasks.office import Office

__all__ = [
    "FIELDS", "KINDS", "OpenRequest", "check_subject", "decisions_of", "identifiers_from", "in_its_system",
    "open_requests",
]  # fmt: skip
FIELDS = {*KINDS, "name", "surname", "born_on", "address", "language"}


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that is open: its number, who it is about, and what the DPO decided about candidates."""

    number: str
    kind: CaseKind
    wanted: tuple[Identifier, ...] = field(repr=False)
    decisions: Decisions = field(repr=False)


def open_requests(office: Office) -> Iterator[OpenRequest]:
    """Every open request with its person. A request whose person names nobody freezes nothing by itself."""
    for case, subject, decided in office.ledger.cases.open_persons():
        yield OpenRequest(case.number, case.kind, identifiers_from(subject), _by_place(decided))


def decisions_of(office: Office, case: str) -> Decisions:
    """What the DPO decided about each candidate of a case."""
    return _by_place(office.ledger.cases.decisions_of(case))


def _by_place(decided: Iterable[Decision]) -> Decisions:
    return {(d.system, d.dataset, d.key): d.include for d in decided}


def in_its_system(wanted: Iterable[Identifier], systems: Mapping[str, System]) -> tuple[Identifier, ...]:
    """The identifiers with each client number of the system that gives it, where the case leaves no doubt which.

    A case may say it (`careweb:1/4711`). A bare number is of the only system that numbers clients; where there are
    more, it stays bare, matches in each of them and is strong in none.
    """
    giving = [s.id for s in systems.values() if any(d.identifies.client_number for d in s.datasets.values())]
    if len(giving) != 1:
        return tuple(wanted)
    [only] = giving
    return tuple(
        Identifier(i.kind, f"{only}:{i.value}")
        if i.kind == "client_number" and i.value.partition(":")[0] not in systems
        else i
        for i in wanted
    )


def check_subject(subject: Mapping[str, Any]) -> None:
    """Raise Refused, naming fields and never values, where a subject file cannot say who the person is."""
    unknown = sorted(set(subject) - FIELDS)
    if unknown:
        raise Refused(
            f"the subject file has unknown fields: {', '.join(unknown)}", do=f"known are: {', '.join(sorted(FIELDS))}"
        )
    if not subject.get("name"):
        raise Refused("the subject file has no name", do="give at least name, and two of: " + ", ".join(sorted(KINDS)))
    births_of(subject)
    strong = {i.kind for i in identifiers_from(subject)} - {"name"}
    if not strong:
        raise Refused(
            "nothing in the subject file can find a person",
            do="give at least two of: bsn, email, phone, client_number, surname with born_on",
        )
