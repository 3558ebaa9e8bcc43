"""The verbs for messages that nobody took up: they are listed each morning and climb the ladder like a request."""

from __future__ import annotations

from datetime import date, timedelta

from domain.deadlines import Deadline, days_left, deadline_for, steering_day
from domain.evidence import Entry, Fact
from domain.ladder import Climb, Ladder, rung_on
from domain.morning import MorningList, OpenDraft
from ledger.mail import ASIDE, DRAFT, Incoming
from ledger.rungs import CUT_OFF, Delivery
from tasks.careful import careful
from tasks.destroy import BY
from tasks.office import Office, open_office
from tasks.post import addresses, send

_WEEK = timedelta(days=7)


def list_drafts(office: Office, as_of: date) -> tuple[OpenDraft, ...]:
    """Every message that nobody took up, oldest first; its clock runs since it came."""
    drafts = [m for m in office.ledger.mail.list_all(DRAFT) if m.received_on <= as_of]
    return tuple(_tell_draft(m, as_of) for m in sorted(drafts, key=lambda m: (m.received_on, m.number)))


def days_left_of(one: Incoming, as_of: date) -> int:
    """How many days are left to the day on which a message must be answered."""
    return days_left(_deadline(one.received_on, as_of), as_of)


def count_set_aside(office: Office, as_of: date) -> int:
    """How many messages of the last week a rule set aside: somebody should glance at them."""
    aside = office.ledger.mail.list_all(ASIDE)
    return sum(as_of - _WEEK < m.received_on <= as_of for m in aside if m.reason != "by a person")


@careful
def escalate_drafts(morning: MorningList) -> MorningList:
    """Climb the ladder for each draft where it is due: record, then send, then say whether it left. Each rung once.

    Of a rung that a process died at nobody knows whether its message left: it is not sent twice, and is an alarm.
    Those that climb the same rung this morning go in one message.
    """
    climbs: dict[str, tuple[Climb, list[OpenDraft]]] = {}
    told: dict[str, OpenDraft] = {}
    with open_office() as office:
        ladder = Ladder.model_validate(office.register.ladder)
        for draft in morning.drafts:
            already = office.ledger.mail_rungs.of_mail(draft.mail)
            for rung in (r for r, state in already.items() if state is Delivery.RECORDED):
                told[draft.mail] = _cut_off(office, draft, rung)
            climb = rung_on(ladder, _deadline(draft.received, morning.as_of), morning.as_of, already.keys())
            if climb is not None and _record(office, draft, climb):
                climbs.setdefault(climb.key, (climb, []))[1].append(draft)
        for climb, drafts in climbs.values():
            told |= {one.mail: one for one in _send(office, climb, drafts, morning.as_of)}
    return morning.model_copy(update={"drafts": tuple(told.get(d.mail, d) for d in morning.drafts)})


def _record(office: Office, draft: OpenDraft, climb: Climb) -> bool:
    """True the first time: another run may have climbed it meanwhile."""
    book, told = office.ledger.mail_rungs, list[Fact](role.value for role in climb.told)
    for covered in climb.covers:
        book.record(draft.mail, rung=covered, entry=Entry("draft.covered", BY, facts={"by": climb.key}), covered=True)
    return book.record(draft.mail, rung=climb.key, entry=Entry("draft.escalated", BY, facts={"told": told}))


def _send(office: Office, climb: Climb, drafts: list[OpenDraft], as_of: date) -> list[OpenDraft]:
    from reports import drafts_mail

    sender, to = office.settings.mail_from, addresses(office, climb.told)
    letter = drafts_mail(drafts, rung=climb.key, as_of=as_of, asks=climb.asks, sender=sender, to=to)
    trouble = send(office, letter, f"{drafts[0].mail}-{climb.key}")
    state = Delivery.SENT if trouble is None else Delivery.FAILED
    for one in drafts:
        done = Entry("draft.settled", BY, facts={"sent": trouble is None})
        office.ledger.mail_rungs.settle(one.mail, rung=climb.key, state=state, entry=done)
    changed = {"rung": climb.key, "sent": trouble is None, "trouble": trouble}
    return [one.model_copy(update=changed) for one in drafts]


def _cut_off(office: Office, draft: OpenDraft, rung: str) -> OpenDraft:
    """A reminder that was written down and never settled: it counts as not told, and that is said once."""
    entry = Entry("draft.cut-off", BY, facts={"rung": rung})
    office.ledger.mail_rungs.settle(draft.mail, rung=rung, state=Delivery.FAILED, entry=entry)
    return draft.model_copy(update={"rung": rung, "sent": False, "trouble": CUT_OFF})


def _tell_draft(one: Incoming, as_of: date) -> OpenDraft:
    limits = _deadline(one.received_on, as_of)
    return OpenDraft(
        mail=one.number,
        asks=tuple(a.value for a in one.asks),
        notes="; ".join(filter(None, (one.reason, *one.flags))),
        received=one.received_on,
        steer_on=steering_day(limits),
        law=limits.law_day,
        days_left=days_left(limits, as_of),
    )


def _deadline(received: date, as_of: date) -> Deadline:
    return deadline_for(received, as_of=as_of)
