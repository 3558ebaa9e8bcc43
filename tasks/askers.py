"""Who asks in a case, and to whom it is written: the person, or the representative who proved that they may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.cases import Case, check_may_answer
from domain.package import Addressee
from domain.representatives import Asker, Capacity, Part, band_of, missing_proofs, of_kind, rules_of
from domain.standing_to_ask import check_asker, is_represented, represent_with
from domain.trouble import NotFound, Refused
from tasks.office import Office

_FIELDS = {"name", "address", "email", "phone"}


def check_representative(asker: Asker, person: Mapping[str, Any]) -> None:
    """Raise Refused, naming fields and never values, where a file cannot say who the representative is."""
    if asker.capacity is Capacity.SELF and person:
        raise Refused("who asks for themselves has no representative", do="leave --person out")
    unknown = sorted(set(person) - _FIELDS)
    if unknown:
        raise Refused(
            f"the file of the representative has unknown fields: {', '.join(unknown)}",
            do=f"known are: {', '.join(sorted(_FIELDS))}",
        )
    if person and not person.get("name"):
        raise Refused("the file of the representative has no name", do="add: name = …")


def written_to(office: Office, case: str) -> dict[str, Any]:
    """Name, address and e-mail of whom a case is written to: of the representative where there is one. Personal data.

    Raises NotFound where the person was forgotten; Refused where a representative's name is not known yet.
    """
    subject, asker = office.ledger.cases.subject_of(case), office.ledger.askers.of_case(case)
    if asker is None or not is_represented(asker):
        return subject
    return named_representative(case, asker, office.ledger.askers.person_of(case))


def named_representative(case: str, asker: Asker, person: dict[str, Any]) -> dict[str, Any]:
    """The representative as written down. Raises Refused where that has no name."""
    if not person.get("name"):
        raise Refused(
            "it is not known who the representative is",
            where=f"case {case}",
            do=f"write name and address in a file: {represent_with(case, asker.capacity.value)}",
        )
    return person


def asker_said(
    office: Office,
    case: str,
    *,
    capacity: Capacity | None,
    about: tuple[Part, ...] | None,
    deceased: bool | None,
    incapable: bool | None,
) -> Asker:
    """Who asks, as it is said now: what is not said (None) stays as the case has it.

    Raises NotFound where there is no such case, or no capacity is said and nobody was written down before.
    """
    kind, last = office.ledger.cases.read_case(case).kind, office.ledger.askers.of_case(case)
    if last is None:
        if capacity is None:
            raise NotFound(
                "nobody was written down yet who asks for the person",
                where=f"case {case}",
                do=f"say as what they ask (termijn case who-may-ask): {represent_with(case)}",
            )
        last = Asker(capacity=capacity, about=of_kind(kind))
    return Asker(
        capacity=capacity or last.capacity,
        about=about or last.about,
        deceased=last.deceased if deceased is None else deceased,
        incapable=last.incapable if incapable is None else incapable,
    )


def reached_at(office: Office, case: str, *, strictly: bool) -> dict[str, Any]:
    """As `written_to`; where it is not known yet who the representative is, the contact of the case, if not `strictly`.

    Strictly: for a letter that tells of the person's data. The other letters go to whoever wrote to us.
    """
    known = strictly or bool(office.ledger.askers.person_of(case).get("name"))
    return written_to(office, case) if known else office.ledger.cases.subject_of(case)


def addressee_of(office: Office, case: str) -> Addressee:
    """The name and address on a letter of this case."""
    person = written_to(office, case)
    return Addressee(str(person["name"]), tuple(person.get("address") or ()))


def check_may_go_on(office: Office, case: Case, as_of: date) -> None:
    """Raise Refused unless an answer may be made: state, identity, whoever asks, and no secrecy flag that stops it."""
    check_may_answer(case, secrecy_flag=office.ledger.secrecy.stops(case.number))
    born_on = office.ledger.askers.born_on(case.number)
    check_asker(case, office.ledger.askers.of_case(case.number), born_on=born_on, as_of=as_of)


def who_asks(office: Office, number: str, as_of: date) -> dict[str, Any]:
    """What `termijn case asks` shows: capacity, part, verdicts, missing proofs, what bars it. No name and no date."""
    case = office.ledger.cases.read_case(number)
    asker = office.ledger.askers.of_case(number) or Asker(capacity=Capacity.SELF, about=of_kind(case.kind))
    born_on = office.ledger.askers.born_on(number)
    band = band_of(born_on, as_of, asker)
    rules = rules_of(case.kind, band, asker)
    return {
        "case": number,
        "person": band.value,
        "asked as": asker.capacity.value,
        "about": [p.value for p in asker.about],
        "the law says": [f"{r.part}: {r.verdict} ({r.article})" for r in rules],
        "proofs seen": [p.value for p in asker.proofs],
        "proofs missing": list(missing_proofs(rules, asker.proofs)),
        "the child": asker.child.value,
        "officer decided": {None: "not yet", True: "may", False: "may not"}[asker.weighed],
        "barred because": _barred(case, asker, born_on, as_of),
    }


def _barred(case: Case, asker: Asker, born_on: date | None, as_of: date) -> str:
    try:
        check_asker(case, asker, born_on=born_on, as_of=as_of)
    except Refused as trouble:
        return trouble.what
    return ""
