"""The verbs of the opt-in register: write down who said what, and stop what rested on a consent that was withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.consents import Act, Capacity, Purpose, Standing, Statement, standings
from domain.evidence import Entry
from domain.identity import Identifier
from domain.trouble import NotConfirmed, Refused
from tasks.clock import today
from tasks.held_consents import held_statements
from tasks.office import Office
from tasks.person import FIELDS, identifiers_from
from tasks.withdrawals import answer, case_of, purpose_of, settle


@dataclass(frozen=True, slots=True)
class Who:
    """Whose statement it is: the person of a case, of an earlier statement, or of a subject file."""

    person: Mapping[str, Any] = field(repr=False)
    case: str = ""
    follows: str | None = None

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """What names them, normalised."""
        return identifiers_from(self.person)


@dataclass(frozen=True, slots=True)
class Said:
    """What was written down, and what is left to do: stops that wait, and why; a letter that did not leave."""

    statement: Statement
    waiting: tuple[str, ...] = ()
    letter: str | None = None
    note: str = ""


def who_is(office: Office, *, case: str = "", of: str = "", person: Mapping[str, Any] | None = None) -> Who:
    """Whose consent it is, named in one of three ways. Raises Refused, NotFound."""
    if sum(map(bool, (case, of, person))) != 1:
        raise Refused("whose consent is it?", do="name one of: --case N, --of C000001, --subject FILE")
    if case:
        return Who(office.ledger.cases.subject_of(case), case=case)
    if of:
        return Who(office.ledger.opt_ins.person_of(of), follows=of)
    given = dict(person or {})
    unknown = sorted(set(given) - FIELDS)
    if unknown:
        raise Refused(f"unknown fields: {', '.join(unknown)}", do=f"known are: {', '.join(sorted(FIELDS))}")
    if not identifiers_from(given):
        raise Refused("nothing here names a person", do="give at least one of: name, email, phone")
    return Who({k: v.isoformat() if isinstance(v, date) else v for k, v in given.items()})


def record(
    office: Office,
    purpose: str,
    act: Act,
    who: Who,
    *,
    channel: str,
    by: str,
    on: date | None = None,
    version: str = "",
    language: str = "nl",
    recipients: Sequence[str] = (),
    capacity: Capacity = Capacity.SELF,
    expires_on: date | None = None,
    proof: str = "",
) -> Said:
    """Write down what somebody stated; a withdrawal stops at once what rested on it. Raises Refused, NotFound."""
    asked, day = office.register.consents.get(purpose), on or today()
    case = case_of(office, who.case)
    text = None
    if act is not Act.WITHDRAWN:
        text = asked.text_of(version) if version else asked.text_on(day, case.language if case else language)
    said = Statement(
        number="",
        purpose=purpose,
        act=act,
        on=day,
        channel=channel,
        capacity=capacity,
        version="" if text is None else text.version,
        digest="" if text is None else text.digest,
        recipients=() if text is None else tuple(recipients) or asked.recipients,
        expires_on=expires_on,
        case=who.case,
    )
    one = office.ledger.opt_ins.record(
        said,
        person=who.person,
        identifiers=who.identifiers,
        today=today(),
        follows=who.follows,
        proof=proof,
        places=[s.place for s in asked.stops] if act is Act.WITHDRAWN else (),
        entry=Entry(f"consent.{act.value}", by, case=who.case),
    )
    waiting = settle(office, one.number, by=by)
    letter = answer(office, case, one, by) if case and not waiting else None
    return Said(one, waiting, letter, _objected(office, asked, act, who))


def standing_of(office: Office, who: Who, as_of: date) -> tuple[Mapping[str, Standing], tuple[Statement, ...]]:
    """How each consent of a person stands, and all that they stated."""
    said = office.ledger.opt_ins.of_person(who.identifiers, follows=who.follows)
    return standings(said, as_of), said


def agreed_marks(office: Office, purpose: str, as_of: date) -> frozenset[str]:
    """The marks of the addresses for which consent stands on a day, by our register and by what systems held before.

    Raises SourceUnreadable where such a system cannot be read: somebody may have withdrawn there.
    """
    by_mark = held_statements(office, purpose)
    for line in office.ledger.opt_ins.lines(purpose):
        for mark in line.marks:
            by_mark.setdefault(mark, []).append(line.statement)
    stands = ((mark, standings(said, as_of).get(purpose)) for mark, said in by_mark.items())
    return frozenset(mark for mark, one in stands if one is not None and one.stands)


def words_shown(office: Office, one: Statement) -> str:
    """The words that somebody said yes to, as they were. Raises NotConfirmed where the register says others now."""
    text = purpose_of(office, one).text_of(one.version)
    if text.digest != one.digest:
        raise NotConfirmed(
            f"the text {one.version} is not what it was when it was shown",
            where="consents.toml",
            do="put back the old text from the history of the register; a new text takes a new version",
        )
    return text.text


def _objected(office: Office, asked: Purpose, act: Act, who: Who) -> str:
    """A yes does not undo an objection by itself: the person takes that back in so many words."""
    if act is Act.WITHDRAWN or not asked.marketing:
        return ""
    marks = office.ledger.opt_ins.marker().of(who.identifiers)
    if office.ledger.suppressions.standing().isdisjoint(marks):
        return ""
    return "this person objected before: nothing is sent until they take that back (termijn mailing take-back)"
