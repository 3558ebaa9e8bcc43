"""The verbs of forwarding: which practices decide over a person's data, the request on its way there, and the chase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.cases import Case, State, deadline_of
from domain.climbing import climb_silence
from domain.evidence import Entry
from domain.morning import HolderLine, MorningList
from domain.package import Outcome
from domain.practices import ASKED_AS, Answers, Practice, PracticeBook
from domain.standing_to_ask import is_represented, may_ask
from domain.trouble import Refused, SourceUnreadable
from tasks.askers import written_to
from tasks.asks import climb_rung
from tasks.careful import careful
from tasks.clock import today
from tasks.controllers import by_tenant, is_for_another
from tasks.correspondence import send_letter
from tasks.destroy import BY
from tasks.laid_ready import lay_ready
from tasks.office import Office, open_office
from tasks.post import send
from tasks.search import search_case

#: The event of somebody who looked which practices hold data of a person.
LOOKED = "case.practices-looked"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What became of one practice's part: the case, the sealed file, its passphrase (told by telephone), troubles."""

    case: str
    practice: str
    state: State
    file: Path | None = None
    passphrase: str = field(default="", repr=False)
    troubles: tuple[str, ...] = ()


def practice_book(office: Office) -> PracticeBook:
    """The practices of the register, and how a silent one is chased."""
    return PracticeBook.model_validate(dict(office.register.practices))


def controllers_of(office: Office, number: str, *, by: str = BY) -> tuple[str, ...]:
    """The practices that hold data of the person of a case, by id; '' first where we hold data of our own too.

    That somebody looked is kept, with how many of them answer for themselves, or have no contract yet.
    Raises SourceUnreadable where a system did not answer, Refused where a candidate awaits a person's decision.
    """
    found: set[str] = set()
    for answer in search_case(office, number).answers:
        if answer.unreadable is not None:
            raise SourceUnreadable(
                f"not searched, so a practice may be missed: {answer.system}: {answer.unreadable}",
                where=f"case {number}",
                do="mend the system, or name the practices with --practice",
            )
        if any(c.is_open for c in answer.candidates):
            raise Refused(
                "records may or may not be this person's", where=f"case {number}", do=f"decide: termijn find {number}"
            )
        if answer.outcome is Outcome.ANSWERED:
            with office.connected(answer.system) as connector:
                for name in connector.system.datasets:
                    keys = list(answer.keys_of(name))
                    if not keys:
                        continue
                    theirs = is_for_another(connector.system, office.register, connector.system.datasets[name])
                    tenants = by_tenant(connector, name, keys) if theirs else {"": keys}
                    found |= {f"{answer.system}-{tenant}" if tenant else "" for tenant in tenants}
    mandated = {p.id for p in practice_book(office).practice if p.answers is Answers.WE}
    decide = len(found - mandated - {""})
    office.ledger.cases.note(number, entry=Entry(LOOKED, by, case=number, facts={"decide": decide}))
    return tuple(sorted(found))


def forward(office: Office, number: str, practices: Sequence[str], *, own: bool, by: str) -> list[Forwarded]:
    """Send a request to each practice that decides, as a case of its own; again after a crash or a trouble of the mail.

    No case is made twice. A practice may get the same request twice, when we stopped between mailing and keeping that:
    better than a person whose request we call handed over while no practice has it. The newest passphrase counts.

    `own`: we hold data of our own too, so this case stays with us and every practice gets one of its own. A practice
    whose contract mandates us to answer gets none: its case stays here, and is answered in its name. Raises Refused.
    """
    case = office.ledger.cases.read_case(number)
    book = practice_book(office)
    wanted = [book.of(one) for one in dict.fromkeys(practices)]
    if not wanted:
        raise Refused("no practice holds data of this person", where=f"case {number}", do="name one with --practice")
    done = []
    for nth, practice in enumerate(wanted):
        part = case if nth == 0 and not own else _sibling(office, case, practice, by=by)
        if part.controller != practice.id:
            if part.controller:
                raise Refused(
                    f"this case is to practice {part.controller}", where=f"case {part.number}", do="open a case for it"
                )
            entry = Entry("case.belongs-to", by, case=part.number, facts={"practice": practice.id})
            part = office.ledger.cases.belongs_to(part.number, practice.id, entry=entry)
        done.append(_forward_one(office, part, practice, by=by))
    return done


def confirmed(office: Office, number: str, *, by: str) -> str:
    """Keep that the practice confirmed it has the request; its id. Raises NotFound, Refused."""
    case = office.ledger.cases.read_case(number)
    if not case.controller:
        raise Refused(
            "this case was forwarded to no practice", where=f"case {number}", do=f"look: termijn case show {number}"
        )
    entry = Entry("forward.confirmed", by, case=number)
    office.ledger.asks.answer(number, ASKED_AS + case.controller, on=today(), entry=entry)
    return case.controller


@careful
def chase_practices(morning: MorningList) -> MorningList:
    """Remind the practices that did not confirm, by `register/practices.toml`: record, then send. Closes nothing."""
    with open_office() as office:
        book, lines = practice_book(office), []
        for ask in office.ledger.asks.list_asks():
            if ask.holder.startswith(ASKED_AS) and ask.answered_on is None and ask.asked_on <= morning.as_of:
                waited = (morning.as_of - ask.asked_on).days
                shown = HolderLine(
                    case=ask.case, holder=ask.holder, advice="", asked_on=ask.asked_on, days_waiting=waited
                )
                already = office.ledger.asks.rungs_of(ask.case, ask.holder)
                chase = climb_silence(book, ask.asked_on, morning.as_of, already)
                if chase is not None:
                    trouble = climb_rung(office, shown, chase)
                    told = {"rung": chase.key, "sent": trouble is None, "trouble": trouble}
                    shown = shown.model_copy(update=told)
                lines.append(shown)
    return morning.model_copy(update={"holders": (*morning.holders, *lines)})


def _forward_one(office: Office, case: Case, practice: Practice, *, by: str) -> Forwarded:
    if practice.answers is Answers.WE or case.state in (State.FORWARDED, State.CLOSED):
        return Forwarded(case.number, practice.id, case.state)
    if office.ledger.secrecy.stops(case.number):
        raise Refused(
            "an officer must look at this request before anything leaves",
            where=f"case {case.number}",
            do=f"let an officer look: termijn secrecy show {case.number}",
        )
    asked = {a.holder for a in office.ledger.asks.list_asks(case.number)}
    file, words = None, ""
    if ASKED_AS + practice.id not in asked:
        # Mailed, then kept as handed over: what a crash cut off is handed over again, never only chased.
        file, words, sealed = _lay_down(office, case, practice)
        trouble = _mail(office, case, practice, sealed)
        if trouble is not None:
            return Forwarded(case.number, practice.id, case.state, file, words, (trouble,))
        entry = Entry("case.handed-to-practice", by, case=case.number, facts={"practice": practice.id})
        office.ledger.asks.ask(case.number, ASKED_AS + practice.id, on=today(), entry=entry)
    troubles = [send_letter(office, case, "forwarding", {"practice": _named_to(office, case, practice)})]
    try:
        entry = Entry("case.forwarded", by, case=case.number, facts={"practice": practice.id})
        case = office.ledger.cases.move(case.number, State.FORWARDED, on=today(), entry=entry)
    except Refused as trouble:
        troubles.append(str(trouble))
    return Forwarded(case.number, practice.id, case.state, file, words, tuple(t for t in troubles if t))


def _named_to(office: Office, case: Case, practice: Practice) -> str | None:
    """The practice's name for the letter: that somebody is a patient there is told only to who may ask."""
    try:
        born_on = office.ledger.askers.born_on(case.number)
    except Refused:
        return None  # a birth date that cannot be read says of nobody that they may ask
    asker = office.ledger.askers.of_case(case.number)
    return practice.title if may_ask(case, asker, born_on=born_on, as_of=today()) else None


def _lay_down(office: Office, case: Case, practice: Practice) -> tuple[Path, str, bytes]:
    """(file, passphrase, the sealed bytes): the request as a PDF that opens with the passphrase only."""
    from reports import encrypted_copy, forward_pdf, make_passphrase

    asker = office.ledger.askers.of_case(case.number)
    told = forward_pdf(
        case,
        practice,
        office.ledger.cases.subject_of(case.number),
        written_to(office, case.number) if is_represented(asker) else {},
        office.register.organisation,
        law=deadline_of(case, today()).law_day,
        as_of=today(),
    )
    words, _ = make_passphrase()
    sealed = encrypted_copy(told, password=words)
    file = office.settings.out / "forwards" / f"{case.number}-{practice.id}.pdf"
    lay_ready(file, sealed)
    return file, words, sealed


def _mail(office: Office, case: Case, practice: Practice, sealed: bytes) -> str | None:
    from reports import forward_mail

    message = forward_mail(case, practice, sealed, office.register.organisation, sender=office.settings.mail_from)
    return send(office, message, f"{case.number}-{practice.id}")


def _sibling(office: Office, case: Case, practice: Practice, *, by: str) -> Case:
    """The case of this practice that was split off before, or a new one: same person, kind, day of receipt."""
    for known in office.ledger.cases.list_cases():
        if (known.origin, known.controller) == (case.number, practice.id):
            return known
    cases = office.ledger.cases
    part = cases.open_case(
        case.kind,
        received_on=case.received_on,
        channel=f"part of {case.number}",
        subject=cases.subject_of(case.number),
        language=case.language,
        handler=case.handler,
        ground=case.ground,
        controller=practice.id,
        origin=case.number,
        entry=Entry("case.split-off", by, case=case.number, facts={"practice": practice.id}),
    )
    office.ledger.askers.copy(case.number, part.number, entry=Entry("case.represented", by, case=part.number))
    if case.identity is not None:
        entry = Entry("case.identity", by, case=part.number, facts={"as in": case.number})
        part = cases.record_identity(part.number, case.identity, entry=entry, why=f"as in case {case.number}")
    return part
