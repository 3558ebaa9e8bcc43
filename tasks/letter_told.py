"""What a letter of a case is filled from, and how it is kept: the same words, however often it is sent or printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from domain.cases import Case, deadline_of
from domain.deadlines import check_may_extend, extend, may_extend, steering_day
from domain.erasure_papers import ErasureTold
from domain.evidence import Fact
from domain.letters import TELLS_OF_DATA, LetterKind, LetterTold, allowed
from domain.package import Addressee
from domain.standing_to_ask import check_asker, is_represented
from domain.steps import TOLD_ON, Step
from domain.trouble import Refused
from ledger.letters import Letter
from ledger.notices import Notice
from tasks.askers import reached_at
from tasks.clock import today
from tasks.erasure_letter import tell_erasure
from tasks.office import Office

#: Facts that say how a letter goes and are not filled in: which one of its kind it is, what it answers, who sends it.
OCCASION, ANSWERS, BY_WHOM = "occasion", "in-reply-to", "by"
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>\Z", re.ASCII)


@dataclass(frozen=True)
class Kept:
    """A letter as the ledger keeps it: what it was filled from, its lines, and the message that it answers.

    `erased`: the paper that goes along where something was erased; by mail it opens with the passphrase only.
    """

    told: LetterTold = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    answers: str = field(default="", repr=False)
    erased: ErasureTold | None = field(default=None, repr=False)
    passphrase: str = field(default="", repr=False)


def fill(office: Office, case: Case, kind: LetterKind, facts: Mapping[str, Fact], *, on: date) -> Kept:
    """The letter of this day, from the case, its person and what was given. Raises Refused, NotFound."""
    from reports import letter_lines, make_passphrase

    check_may_be_told(office, case, kind, on=on)
    given = {name: texts(fact) for name, fact in facts.items() if name in allowed(kind)}
    given |= from_ledger(office, case, kind)
    if kind is LetterKind.FORWARDING and not _may_know(office, case):
        given["practice"] = ()  # that somebody is a patient there is not told to who may not know it
    told = _told(case, kind, given, reached_at(office, case.number, strictly=kind in TELLS_OF_DATA), on)
    told = replace(told, represented=is_represented(office.ledger.askers.of_case(case.number)))
    lines = letter_lines(told, office.register.organisation)
    answers = str(facts.get(ANSWERS) or "")
    erased = tell_erasure(office, case.number) if kind is LetterKind.DESTROYED else None
    if erased is not None and not erased.complete:
        raise Refused(
            "the erasure is not complete and verified, so nobody can be told what is gone",
            where=f"case {case.number}",
            do=f"run: termijn erase run {case.number} --arm",
        )
    passphrase = "" if erased is None else make_passphrase()[0]
    return Kept(told, lines, answers if _MESSAGE_ID.match(answers) else "", erased, passphrase)


def from_ledger(office: Office, case: Case, kind: LetterKind) -> dict[str, tuple[str, ...]]:
    """What the ledger says by itself for a letter: see `domain.letters.FROM_LEDGER`. Raises Refused."""
    if kind is not LetterKind.RECIPIENTS:
        return {}
    where = f"case {case.number}"
    if case.kind not in TOLD_ON:
        raise Refused(
            f"of a request of kind {case.kind.value} no recipient is told; the answer to an access request names them",
            where=where,
            do="send that answer",
        )
    if Step.LISTED not in office.ledger.steps.of(case, today()):
        raise Refused(
            "nobody drew up yet who has these data",
            where=where,
            do=f"draw it up: termijn recipients draw-up {case.number}",
        )
    return {"recipients": tuple(text for one in office.ledger.notices.of_case(case.number) for text in _texts_of(one))}


def _texts_of(one: Notice) -> tuple[str, ...]:
    """Its four texts, as `domain.letters.FROM_LEDGER` says."""
    if one.excused_on is not None:
        return one.recipient.title, "excused", "", ""
    days = tuple("" if d is None else d.isoformat() for d in (one.told_on, one.confirmed_on))
    return one.recipient.title, "told" if one.told_on else "", *days


def paper_of(office: Office, kept: Kept) -> bytes:
    """The letter as a PDF."""
    from reports import case_letter_pdf, erasure_letter_pdf

    who = office.register.organisation
    return case_letter_pdf(kept.told, kept.lines, who) if kept.erased is None else erasure_letter_pdf(kept.erased, who)


def written(kept: Kept) -> str:
    """The letter as the ledger keeps it."""
    return _as_kept().dump_json(kept).decode()


def read_letter(office: Office, one: Letter) -> tuple[str, Kept]:
    """(mail address, letter): personal data. Raises NotFound where its term ended."""
    address, text = office.ledger.letters.open_letter(one)
    return address, _as_kept().validate_json(text)


def mail_of(office: Office, case: str, kind: LetterKind) -> str:
    """The mail address of whom a case is written to: the first where several are known, empty for none."""
    known = reached_at(office, case, strictly=kind in TELLS_OF_DATA).get("email")
    first = known[0] if isinstance(known, list | tuple) and known else known
    return str(first) if first else ""


def check_may_be_told(office: Office, case: Case, kind: LetterKind, *, on: date) -> None:
    """Raise Refused for a letter of the data, unless who asks was checked, may ask, and no secret stops it."""
    if kind not in TELLS_OF_DATA:
        return
    where = f"case {case.number}"
    if not case.identity_is_verified:
        raise Refused(
            "this letter says something of the person's data, and nobody checked who asks",
            where=where,
            do=f"check identity first: termijn case move {case.number} identity --method METHOD",
        )
    if office.ledger.secrecy.stops(case.number):
        raise Refused(
            "a secrecy flag stands for this person, and this letter says something of their data",
            where=where,
            do="let an officer decide about the flag first",
        )
    asker = office.ledger.askers.of_case(case.number)
    check_asker(case, asker, born_on=office.ledger.askers.born_on(case.number), as_of=on)


def _may_know(office: Office, case: Case) -> bool:
    return case.identity_is_verified and not office.ledger.secrecy.stops(case.number)


def _told(
    case: Case, kind: LetterKind, given: Mapping[str, tuple[str, ...]], person: Mapping[str, Any], on: date
) -> LetterTold:
    limits = deadline_of(case, on)
    if kind is LetterKind.EXTENSION:
        check_may_extend(limits, on)
    name, address = person.get("name"), person.get("address") or ()
    return LetterTold(
        kind=kind,
        case=case.number,
        right=case.kind,
        language=case.language,
        received_on=case.received_on,
        as_of=on,
        promise=limits.promise,
        law=limits.law_day,
        extended=steering_day(extend(limits, on)) if may_extend(limits, on) else limits.extended_day,
        addressee=Addressee(str(name) if name else "", tuple(str(line) for line in address)),
        ground=case.ground,
        given=given,
    )


def texts(fact: Fact) -> tuple[str, ...]:
    """What was given for one place of a letter, as texts."""
    if fact is None or isinstance(fact, bool):
        return ()
    if isinstance(fact, str | int):
        return (str(fact),)
    return tuple(text for part in fact for text in texts(part))


@cache
def _as_kept() -> TypeAdapter[Kept]:
    return TypeAdapter(Kept)
