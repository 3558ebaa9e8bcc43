"""A request that came by letter, telephone or at the desk: checked as one from a file, opened as a case per kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.cases import LANGUAGES, Case, CaseKind
from domain.evidence import Entry
from domain.representatives import Asker, Capacity, of_kind
from domain.trouble import Refused
from tasks.askers import check_representative
from tasks.office import Office
from tasks.person import check_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked, about whom, by whom. `asker`: None where the person asks for themselves."""

    kinds: tuple[CaseKind, ...]
    received_on: date
    channel: str
    language: str = "nl"
    handler: str = "privacy"
    subject: Mapping[str, Any] = field(repr=False)
    asker: Asker | None = None
    person: Mapping[str, Any] = field(default_factory=dict, repr=False)


def open_cases(office: Office, wanted: Wanted, *, as_of: date, by: str) -> list[Case]:
    """A case for each kind, each with who asks. Raises Refused, naming fields, never values, before any is opened."""
    check_subject(wanted.subject)
    if not wanted.kinds:
        raise Refused("no kind of request is named", do=f"choose one of: {', '.join(CaseKind)}")
    if wanted.received_on > as_of:
        raise Refused("a request cannot be received in the future", do="correct the day of receipt")
    if wanted.language not in LANGUAGES:
        raise Refused("there are no letters in that language", do=f"choose one of: {', '.join(LANGUAGES)}")
    if wanted.asker is not None:
        check_representative(wanted.asker, wanted.person)
        if wanted.asker.capacity is not Capacity.SELF and not wanted.person.get("name"):
            raise Refused("who asks for the person has no name", do="give name and address of the representative")
    return [_open(office, wanted, kind, by=by) for kind in dict.fromkeys(wanted.kinds)]


def _open(office: Office, wanted: Wanted, kind: CaseKind, *, by: str) -> Case:
    case = office.ledger.cases.open_case(
        kind,
        received_on=wanted.received_on,
        channel=wanted.channel,
        subject={name: _written(value) for name, value in wanted.subject.items()},
        language=wanted.language,
        handler=wanted.handler,
        entry=Entry(kind="case.received", by=by),
    )
    if wanted.asker is not None:
        asker = wanted.asker if wanted.asker.about else replace(wanted.asker, about=of_kind(kind))
        entry = Entry(kind="case.represented", by=by, case=case.number)
        office.ledger.askers.represent(case.number, asker, person=wanted.person, entry=entry)
    return case


def _written(value: Any) -> Any:
    """A value as JSON holds it: a day of a TOML file, alone or in a list, as text."""
    if isinstance(value, list):
        return [_written(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
