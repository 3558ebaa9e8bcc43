"""The verbs of a data breach: propose one, watch what is owed, draw up the notices."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from pathlib import Path

from domain.activity import Role
from domain.breach_ladder import BreachLadder, HourClimb, rung_at
from domain.breach_morning import BreachWatch, OwedNotice
from domain.breaches import Breach, Duty, Harm, Norms, Whom, duties, hours_left, is_open
from domain.evidence import Entry, Fact
from ledger.rungs import Delivery
from tasks.artifacts import announce_event, show_on_screen
from tasks.careful import careful, tell
from tasks.clock import now, today
from tasks.destroy import BY
from tasks.laid_ready import lay_ready
from tasks.office import Office, open_office
from tasks.post import addresses, send
from tasks.report import lay_down


def breach_ladder(office: Office) -> BreachLadder:
    """The ladder and the hours of the register."""
    return BreachLadder.model_validate(office.register.breaches)


def breach_norms(office: Office) -> Norms:
    """The hours within which each notice must be out."""
    return breach_ladder(office).norms


def propose_breach(
    office: Office, source: str, *, harm: Harm, why: str, role: Role = Role.CONTROLLER, by: str = BY
) -> str | None:
    """Put a possible breach on the DPO's desk; returns its number, None where `source` was proposed before.

    A wrong export or a wrong destruction is a breach until a person says otherwise; the clock runs from now.
    `source` names the thing in this house (a package, a batch, a letter), never a person.
    """
    entry = Entry(kind="breach.proposed", by=by, why=why, facts={"source": source})
    proposed = office.ledger.breaches.propose(source=source, role=role, harms=(harm,), entry=entry)
    if proposed is None:
        return None
    announce_event("termijn.breach.proposed", about=proposed.number, facts={"source": source})
    tell(f"breach {proposed.number} is proposed: {why}")
    return proposed.number


@careful
def watch_notices(at: datetime | None) -> BreachWatch:
    """Climb the hour ladder where a notice is owed: record first, then send. Sends no notice itself."""
    moment = at or now()
    with open_office() as office:
        ladder = breach_ladder(office)
        seen = [
            _watch(office, ladder, breach, duty, moment)
            for breach in office.ledger.breaches.list_all()
            if is_open(breach)
            for duty in duties(breach, ladder.norms)
        ]
    order = sorted(seen, key=lambda n: (n.hours_left is None, n.hours_left or 0, n.breach))
    return BreachWatch(at=moment, notices=tuple(order))


@careful
def show_breaches(watch: BreachWatch) -> BreachWatch:
    """Put the open breaches on the DPO's screen; a message that did not leave is an alarm of its own."""
    from reports import breaches_markdown

    show_on_screen("termijn-breaches", breaches_markdown(watch), about="Data breaches under way")
    failed = [n for n in watch.climbed if not n.sent]
    if failed:
        announce_event("termijn.mail.failed", about="breaches", facts={"messages": len(failed)})
    tell(f"{len({n.breach for n in watch.notices})} open, {len(watch.overdue)} overdue, {len(watch.climbed)} told")
    return watch


def draw_up_notice(office: Office, number: str, whom: Whom, *, language: str = "nl") -> Path:
    """Lay the draft of a notice (PDF) in the output folder; returns where. A person reads it before it goes."""
    from reports import breach_notice_pdf

    breach = office.ledger.breaches.read(number)
    said = office.ledger.breaches.described(number)
    file = office.settings.out / "breaches" / f"{number}-{whom.value}-{language}.pdf"
    norms, house = breach_norms(office), office.register.organisation
    body = breach_notice_pdf(breach, said, whom, house, norms=norms, language=language)
    lay_down(file, body)
    return file


def lay_register(office: Office, *, by: str) -> tuple[Path, str]:
    """(file, passphrase): the register of all breaches, as a PDF that opens with the passphrase only (AVG 33 lid 5).

    That each was read is recorded. The passphrase is kept nowhere.
    """
    from reports import breach_register_pdf, encrypted_copy, make_passphrase

    every = office.ledger.breaches.list_all()
    for one in every:
        office.ledger.breaches.looked(one.number, entry=Entry(kind="breach.read", by=by))
    said = [(one, office.ledger.breaches.described(one.number)) for one in every]
    told, (words, _) = breach_register_pdf(said, office.register.organisation, as_of=today()), make_passphrase()
    file = office.settings.out / "breaches" / f"register-{today()}.pdf"
    lay_ready(file, encrypted_copy(told, password=words))
    return file, words


def _watch(office: Office, ladder: BreachLadder, breach: Breach, duty: Duty, at: datetime) -> OwedNotice:
    left = hours_left(duty, at)
    shown = OwedNotice(
        breach=breach.number,
        state=breach.state.value,
        whom=duty.whom.value,
        article=duty.article,
        duty=duty.state.value,
        limit=duty.limit,
        hours_left=None if left is None else ceil(left),
    )
    climb = rung_at(ladder, duty, at, office.ledger.breaches.rungs_of(breach.number).keys())
    if climb is None:
        return shown
    trouble = _climb(office, shown, climb)
    return shown.model_copy(update={"rung": climb.key, "sent": trouble is None, "trouble": trouble})


def _climb(office: Office, shown: OwedNotice, climb: HourClimb) -> str | None:
    from reports import breach_alarm

    told: list[Fact] = [role.value for role in climb.told]
    for covered in climb.covers:
        office.ledger.breaches.climb(shown.breach, rung=covered, entry=Entry(kind="breach.covered", by=BY))
    entry = Entry(kind="breach.escalated", by=BY, facts={"told": told})
    if not office.ledger.breaches.climb(shown.breach, rung=climb.key, entry=entry):
        return None  # another run climbed it meanwhile
    to = addresses(office, climb.told)
    trouble = send(
        office,
        breach_alarm(shown, climb, sender=office.settings.mail_from, to=to),
        f"{shown.breach}-{climb.key}",
    )
    state = Delivery.SENT if trouble is None else Delivery.FAILED
    done = Entry(kind="breach.settled", by=BY, facts={"sent": trouble is None})
    office.ledger.breaches.settle(shown.breach, rung=climb.key, state=state, entry=done)
    return trouble
