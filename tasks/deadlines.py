"""The verbs of the morning: who waits, how long still, and who must be told today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from domain.cases import Case, deadline_of, owes_an_answer
from domain.deadlines import days_left, steering_day
from domain.evidence import Entry
from domain.ladder import Climb, Ladder, Told, rung_on
from domain.morning import Escalation, MorningList, OpenCase
from tasks.artifacts import announce_event, show_on_screen
from tasks.careful import careful, tell
from tasks.clock import scheduled_day
from tasks.destroy import BY
from tasks.office import Office, open_office
from tasks.report import lay_down

#: Every rung belongs to the limit we steer on; the law's own limit is never later than what it shows.
LIMIT = "steering"


@careful
def list_open_cases(as_of: date | None) -> MorningList:
    """Every request that we owe an answer, most pressing first."""
    return morning_list(as_of or scheduled_day())


def morning_list(as_of: date) -> MorningList:
    """The list of one morning; changes and sends nothing."""
    with open_office() as office:
        cases = [c for c in office.ledger.cases.list_cases() if owes_an_answer(c) and c.received_on <= as_of]
        listed = [_tell_case(c, as_of) for c in cases]
    return MorningList(as_of=as_of, cases=tuple(sorted(listed, key=lambda c: (c.days_left, c.case))))


@careful
def escalate(morning: MorningList) -> MorningList:
    """Climb the ladder where it is due: record first, then send, then say whether it left. Each rung once."""
    climbed: list[Escalation] = []
    rungs: dict[str, str] = {}
    with open_office() as office:
        ladder = Ladder.model_validate(office.register.ladder)
        for shown in morning.cases:
            already = {c.rung for c in office.ledger.escalations.of_case(shown.case)}
            case = office.ledger.cases.read_case(shown.case)
            climb = rung_on(ladder, deadline_of(case, morning.as_of), morning.as_of, already)
            if climb is not None:
                rungs[shown.case] = climb.key
                climbed.append(_climb(office, shown, climb))
    cases = tuple(c.model_copy(update={"rung": rungs.get(c.case)}) for c in morning.cases)
    return morning.model_copy(update={"cases": cases, "escalations": tuple(climbed)})


@careful
def file_morning(morning: MorningList) -> Path:
    """Write the morning's list (PDF and JSON) and put it on the DPO's screen."""
    from reports import deadline_list_json, deadline_list_markdown, deadline_list_pdf

    with open_office() as office:
        folder = office.settings.out
    name = f"deadlines-{morning.as_of}"
    lay_down(folder / f"{name}.pdf", deadline_list_pdf(morning))
    lay_down(folder / f"{name}.json", deadline_list_json(morning))
    show_on_screen("termijn-morning", deadline_list_markdown(morning), about=f"Open requests on {morning.as_of}")
    failed = [e for e in morning.escalations if not e.sent]
    if failed:
        announce_event("termijn.mail.failed", about=f"morning.{morning.as_of}", facts={"messages": len(failed)})
    tell(f"{len(morning.cases)} open, {len(morning.overdue)} overdue, {len(morning.escalations)} escalated")
    return folder / f"{name}.pdf"


def _tell_case(case: Case, as_of: date) -> OpenCase:
    limits = deadline_of(case, as_of)
    return OpenCase(
        case=case.number,
        kind=case.kind.value,
        state=case.state.value,
        handler=case.handler or "",
        received=case.received_on,
        promise=limits.promise,
        law=limits.law_day,
        law_shifted=limits.law,
        extended=limits.extended_day if limits.extended_on is not None else None,
        unpaused=limits.unpaused.promise,
        paused=limits.standing_still,
        steer_on=steering_day(limits),
        days_left=days_left(limits, as_of),
    )


def _climb(office: Office, shown: OpenCase, climb: Climb) -> Escalation:
    roles = tuple(r.value for r in climb.told)
    entry = Entry(kind="escalation.recorded", by=BY, case=shown.case, facts={"rung": climb.key, "told": list(roles)})
    for covered in climb.covers:
        by_another = Entry(kind="escalation.covered", by=BY, case=shown.case, facts={"rung": covered, "by": climb.key})
        office.ledger.escalations.record(shown.case, limit=LIMIT, rung=covered, entry=by_another)
    office.ledger.escalations.record(shown.case, limit=LIMIT, rung=climb.key, entry=entry)
    trouble = _send(office, _letter(office, shown, climb), shown.case, climb.key)
    done = Entry(kind="escalation.settled", by=BY, case=shown.case, facts={"rung": climb.key, "sent": trouble is None})
    if trouble is None:
        office.ledger.escalations.mark_sent(shown.case, limit=LIMIT, rung=climb.key, entry=done)
    else:
        office.ledger.escalations.mark_failed(shown.case, limit=LIMIT, rung=climb.key, entry=done)
    return Escalation(case=shown.case, rung=climb.key, roles=roles, sent=trouble is None, trouble=trouble)


def _letter(office: Office, shown: OpenCase, climb: Climb) -> EmailMessage:
    from reports import escalation_mail

    return escalation_mail(
        shown, rung=climb.key, asks=climb.asks, sender=office.settings.mail_from, to=_addresses(office, climb.told)
    )


def _addresses(office: Office, told: Sequence[Told]) -> list[str]:
    settings = office.settings
    known = {
        Told.HANDLER: settings.mail_handler,
        Told.DPO: settings.mail_dpo,
        Told.MANAGEMENT: settings.mail_management,
    }
    return [known[role] for role in told]


def _send(office: Office, message: EmailMessage, case: str, rung: str) -> str | None:
    """Lay the message in the outbox, and send it where a mail server is named. Returns what went wrong, if anything."""
    import smtplib

    settings = office.settings
    lay_down(settings.out / "mail" / f"{case}-{rung}.eml", message.as_bytes())
    if settings.smtp_host is None:
        return None
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=30) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as failure:
        return f"the mail server did not take it ({type(failure).__name__})"
    return None
