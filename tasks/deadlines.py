"""The verbs of the morning: who waits, how long still, and who must be told today."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from pathlib import Path

from domain.cases import Case, deadline_of, owes_an_answer
from domain.deadlines import days_left, steering_day
from domain.evidence import Entry
from domain.ladder import Climb, Ladder, rung_on
from domain.morning import Escalation, MorningList, OpenCase
from ledger.rungs import CUT_OFF, Delivery
from tasks.artifacts import announce_event, show_on_screen
from tasks.careful import careful, tell
from tasks.clock import scheduled_day
from tasks.destroy import BY
from tasks.drafts import count_set_aside, list_drafts
from tasks.office import Office, open_office
from tasks.post import addresses, send
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
        drafts, aside = list_drafts(office, as_of), count_set_aside(office, as_of)
    pressing = tuple(sorted(listed, key=lambda c: (c.days_left, c.case)))
    return MorningList(as_of=as_of, cases=pressing, drafts=drafts, set_aside=aside)


@careful
def escalate(morning: MorningList) -> MorningList:
    """Climb the ladder where it is due: record first, then send, then say whether it left. Each rung once.

    Of a rung that a process died at nobody knows whether its message left: it is not sent twice, and is an alarm.
    """
    climbed: list[Escalation] = []
    rungs: dict[str, str] = {}
    with open_office() as office:
        ladder = Ladder.model_validate(office.register.ladder)
        for shown in morning.cases:
            known = office.ledger.escalations.of_case(shown.case)
            already = {c.rung for c in known}
            climbed += [_cut_off(office, c.case, c.rung) for c in known if c.state is Delivery.RECORDED]
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
    failed = len([e for e in morning.escalations if not e.sent])
    failed += len([h for h in morning.holders if h.rung and not h.sent])
    failed += len([d for d in morning.drafts if d.rung and not d.sent])
    if failed:
        announce_event("termijn.mail.failed", about=f"morning.{morning.as_of}", facts={"messages": failed})
    waiting = f", {len(morning.drafts)} messages wait" if morning.drafts else ""
    tell(f"{len(morning.cases)} open, {len(morning.overdue)} overdue, {len(morning.escalations)} escalated{waiting}")
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
        office.ledger.escalations.record(shown.case, limit=LIMIT, rung=covered, entry=by_another, covered=True)
    office.ledger.escalations.record(shown.case, limit=LIMIT, rung=climb.key, entry=entry)
    trouble = send(office, _letter(office, shown, climb), f"{shown.case}-{climb.key}")
    done = Entry(kind="escalation.settled", by=BY, case=shown.case, facts={"rung": climb.key, "sent": trouble is None})
    if trouble is None:
        office.ledger.escalations.mark_sent(shown.case, limit=LIMIT, rung=climb.key, entry=done)
    else:
        office.ledger.escalations.mark_failed(shown.case, limit=LIMIT, rung=climb.key, entry=done)
    return Escalation(case=shown.case, rung=climb.key, roles=roles, sent=trouble is None, trouble=trouble)


def _cut_off(office: Office, case: str, rung: str) -> Escalation:
    """A rung that was recorded and never settled: it counts as not told from now on, and that is said once."""
    entry = Entry(kind="escalation.cut-off", by=BY, case=case, facts={"rung": rung})
    office.ledger.escalations.mark_failed(case, limit=LIMIT, rung=rung, entry=entry)
    return Escalation(case=case, rung=rung, roles=(), sent=False, trouble=CUT_OFF)


def _letter(office: Office, shown: OpenCase, climb: Climb) -> EmailMessage:
    from reports import escalation_mail

    return escalation_mail(
        shown, rung=climb.key, asks=climb.asks, sender=office.settings.mail_from, to=addresses(office, climb.told)
    )
