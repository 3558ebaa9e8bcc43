"""How a letter of a case leaves: written and kept in the ledger first, then sent once, or posted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from domain.cases import Case, deadline_of
from domain.deadlines import check_may_extend
from domain.evidence import Entry, Fact
from domain.grounds import GROUNDS, grounds_of
from domain.letters import QUESTIONS, LetterKind, allowed, occasion_of
from domain.trouble import NotFound, Refused, TermijnError
from ledger.letters import Letter
from tasks.artifacts import announce_event
from tasks.clock import today
from tasks.destroy import BY
from tasks.erasure_letter import erasure_paper
from tasks.laid_ready import lay_ready, take_away
from tasks.letter_told import (
    BY_WHOM,
    OCCASION,
    Kept,
    check_may_be_told,
    fill,
    from_ledger,
    mail_of,
    paper_of,
    read_letter,
    texts,
    written,
)
from tasks.office import Office
from tasks.post import hand_over


def send_letter(office: Office, case: Case, kind: str, facts: Mapping[str, Fact]) -> str | None:
    """Send one letter of a case, once per occasion; returns what went wrong, if anything, None when it went.

    It is kept in the ledger before it leaves. To the address of the case and no other. What it needs besides the case
    stands in `facts` (see `domain.letters.ASKED`), and reaches no event. Called again it tries again what did not go.
    """
    if kind not in set(LetterKind):
        return f"no letter is called {kind!r}; there are: {', '.join(LetterKind)}"
    try:
        return send_again(office, write_letter(office, case, LetterKind(kind), facts), by=_by(facts))
    except TermijnError as trouble:
        return str(trouble)


def write_letter(office: Office, case: Case, kind: LetterKind, facts: Mapping[str, Fact]) -> Letter:
    """Write a letter and keep it; the one kept before where there is one, written anew where that did not leave.

    Raises Refused, NotFound.
    """
    occasion = str(facts.get(OCCASION) or occasion_of(kind, case))
    known = office.ledger.letters.find(case.number, kind, occasion)
    address = mail_of(office, case.number, kind)
    if known is not None and not _is_new(office, known, facts, address):
        return known
    text, said = written(fill(office, case, kind, facts, on=today())), _outside(kind, facts)
    if known is not None:
        entry = Entry("letter.rewritten", _by(facts), case=case.number, facts=said)
        return office.ledger.letters.rewrite(known, address=address, text=text, entry=entry)
    domain = office.settings.mail_from.rpartition("@")[2]
    return office.ledger.letters.record(
        case.number,
        kind,
        occasion,
        message_id=f"<{case.number}.{kind.value}.{occasion}@{domain}>",
        address=address,
        text=text,
        entry=Entry("letter.recorded", _by(facts), case=case.number, facts=said),
    )


def _outside(kind: LetterKind, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """What an event may say of a letter: the articles on which it refuses, and not a word of its reasons."""
    grounds = grounds_of(kind, {name: texts(facts[name]) for name in ("article", "refused") if name in facts})
    return {GROUNDS: list(grounds)} if grounds else {}


def _is_new(office: Office, known: Letter, facts: Mapping[str, Fact], address: str) -> bool:
    """Whether a kept letter that nobody can have yet says something else now, or goes elsewhere."""
    if not known.state.may_be_rewritten:
        return False
    before, kept = read_letter(office, known)
    given = {name: texts(fact) for name, fact in facts.items() if name in allowed(known.kind)}
    given |= from_ledger(office, office.ledger.cases.read_case(known.case), known.kind)
    return before != address or any(kept.told.given.get(name) != value for name, value in given.items())


def send_again(office: Office, one: Letter, *, by: str = BY) -> str | None:
    """One attempt at a kept letter, counted before it is made; the Message-ID stays that of the first.

    It is held again against what stands now: who may be told, and whether the address is still that of the case.

    A letter that went is only finished: what follows from it is done, where a crash came between. Raises Refused.
    """
    if one.state.is_gone:
        _follow_up(office, one, by=by)
        return None
    _check_still(office, one, on=today())
    address, kept = read_letter(office, one)
    if address != mail_of(office, one.case, one.kind):
        raise Refused(
            "the mail address of this case is another than when the letter was written",
            where=f"case {one.case}",
            do=f"write it anew: termijn letter send {one.case} {one.kind.value}",
        )
    by_post = f"print it: termijn letter print {one.case} {one.kind.value}; then say: termijn letter posted"
    if not address:
        return f"case {one.case}: no mail address is known\n  -> {by_post}"
    if office.settings.smtp_host is None:
        return f"case {one.case}: no mail server is named\n  -> set TERMIJN_SMTP_HOST, or {by_post}"
    from reports import encrypted_copy, letter_mail

    message = letter_mail(
        kept.told,
        kept.lines,
        office.register.organisation,
        sender=office.settings.mail_from,
        to=address,
        message_id=one.message_id,
        answers=kept.answers,
    )
    if kept.erased is not None:
        paper = encrypted_copy(paper_of(office, kept), password=kept.passphrase)
        message.add_attachment(paper, maintype="application", subtype="pdf", filename=f"{one.case}.pdf")
    tried = office.ledger.letters.try_to_send(one, entry=_entry("letter.tried", one, by, again=one.attempts > 0))
    trouble = hand_over(office, message)
    if trouble is None:
        _follow_up(office, office.ledger.letters.sent(tried, on=today(), entry=_entry("letter.sent", one, by)), by=by)
        return None
    office.ledger.letters.failed(tried, entry=_entry("letter.failed", one, by))
    announce_event("termijn.mail.failed", about=f"letter.{one.case}", facts={"messages": 1, "letter": one.kind.value})
    return f"case {one.case}: {trouble}\n  -> it is tried again; now: termijn letter send {one.case} {one.kind.value}"


def look_at(office: Office, one: Letter, *, by: str) -> Kept:
    """What a kept letter says, for a person's eyes; that it was read is kept first."""
    office.ledger.cases.note(one.case, entry=_entry("letter.read", one, by))
    return read_letter(office, one)[1]


def lay_letter(office: Office, one: Letter) -> Path:
    """Lay a kept letter ready to print, named after the case and not after the person. Raises Refused."""
    _check_still(office, one, on=today())
    _, kept = read_letter(office, one)
    file = _laid_at(office, one)
    lay_ready(file, paper_of(office, kept))
    return file


def _laid_at(office: Office, one: Letter) -> Path:
    return office.settings.out / "letters" / f"{one.case}-{one.kind.value}-{one.occasion}.pdf"


def post_letter(office: Office, number: str, kind: LetterKind, *, on: date, by: str, occasion: str = "") -> None:
    """An officer put a letter in the post on this day; what was laid ready to print is taken away.

    Raises NotFound; Refused: gone already, or a day to come.
    """
    case = office.ledger.cases.read_case(number)
    one = office.ledger.letters.find(number, kind, occasion or occasion_of(kind, case))
    if one is None:
        raise NotFound(
            "this letter was never written",
            where=f"case {number}",
            do=f"write it: termijn letter print {number} {kind}",
        )
    if on > today() or on < case.received_on:
        raise Refused("a letter was posted between the receipt and today", where=f"case {number}", do="correct --on")
    if kind is LetterKind.EXTENSION:
        check_may_extend(deadline_of(case, on), on)
    if one.state.is_gone:
        _follow_up(office, one, by=by)
    gone = office.ledger.letters.posted(one, on=on, entry=_entry("letter.posted", one, by))
    _follow_up(office, gone, by=by)


def _check_still(office: Office, one: Letter, *, on: date) -> None:
    """Raise Refused where what held when the letter was written holds no longer: a month passed, a flag was raised."""
    case = office.ledger.cases.read_case(one.case)
    check_may_be_told(office, case, one.kind, on=on)
    if one.kind is LetterKind.EXTENSION and not one.state.is_gone:
        check_may_extend(deadline_of(case, on), on)


def _follow_up(office: Office, gone: Letter, *, by: str) -> None:
    """What is true because a letter went: the notice is the extension (AVG 12 lid 3), the question stops the clock.

    A copy that was laid ready to print is taken away: the ledger keeps what the letter said.
    """
    if gone.gone_on is None:
        return
    take_away(_laid_at(office, gone))
    if gone.kind is LetterKind.DESTROYED:
        take_away(erasure_paper(office, gone.case))
    case = office.ledger.cases.read_case(gone.case)
    if gone.kind is LetterKind.EXTENSION and case.extended_on is None:
        why = "the letter extension went, with its reasons"
        office.ledger.cases.extend(gone.case, on=gone.gone_on, entry=Entry("case.extended", by, why, gone.case))
    if gone.kind in QUESTIONS and gone.occasion == occasion_of(gone.kind, case):
        entry = Entry("case.question went", by, f"the letter {gone.kind.value} went", gone.case)
        office.ledger.cases.asked(gone.case, QUESTIONS[gone.kind], on=gone.gone_on, entry=entry)


def _entry(what: str, one: Letter, by: str, *, again: bool = False) -> Entry:
    """An attempt after another says so: whether the person gets it twice is for their mail to see by the Message-ID."""
    facts: dict[str, Fact] = {"after": one.state.value} if again else {}
    return Entry(what, by, case=one.case, facts=facts)


def _by(facts: Mapping[str, Fact]) -> str:
    return str(facts.get(BY_WHOM) or BY)
