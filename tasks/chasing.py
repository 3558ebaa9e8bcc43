"""The verbs of the morning for silent practices: chase what waits, file what is done, and show the DPO both."""

from __future__ import annotations

from datetime import date

from domain.chasing import Chase, ListLadder, chase_on, waits_since
from domain.evidence import Entry, Fact
from domain.list_papers import ListsMorning, Statement, WaitingList
from domain.lists import OPEN, DestructionList, ListState
from domain.night import BatchProof
from domain.trouble import LedgerBroken, NotFound
from tasks.artifacts import announce_event, show_on_screen
from tasks.careful import careful, tell
from tasks.clock import scheduled_day
from tasks.destroy import BY
from tasks.lists import list_head
from tasks.office import Office, open_office
from tasks.post import addresses, send
from tasks.report import lay_down


@careful
def chase_waits(as_of: date | None) -> ListsMorning:
    """Climb the ladder of `register/lists.toml` where a practice is silent: record, then send. Moves no list."""
    day = as_of or scheduled_day()
    with open_office() as office:
        ladder = ListLadder.model_validate(office.register.lists)
        waiting = [
            _chase(office, ladder, one, day)
            for one in office.ledger.lists.list_lists()
            if one.state in OPEN and one.as_of <= day
        ]
    tell(f"{len(waiting)} open lists, {sum(1 for one in waiting if one.rung)} chased")
    return ListsMorning(as_of=day, lists=tuple(waiting))


@careful
def file_statements(morning: ListsMorning) -> ListsMorning:
    """File the statement of every list that was carried out and has none in the output folder yet."""
    filed = []
    with open_office() as office:
        for one in office.ledger.lists.list_lists():
            file = office.settings.out / "statements" / f"{one.number}.pdf"
            if one.state is ListState.CARRIED_OUT and not file.exists():
                _file(office, one)
                filed.append(one.number)
    return morning.model_copy(update={"statements": tuple(filed)})


@careful
def show_lists(morning: ListsMorning) -> ListsMorning:
    """Put the open lists on the DPO's screen."""
    from reports import lists_markdown

    show_on_screen("termijn-lists", lists_markdown(morning), about=f"Destruction lists on {morning.as_of}")
    failed = [one for one in morning.lists if one.rung and not one.sent]
    if failed:
        announce_event("termijn.mail.failed", about=f"lists.{morning.as_of}", facts={"messages": len(failed)})
    return morning


def file_statement(number: str) -> Statement:
    """File one list's statement (PDF and JSON), made anew from the ledger: the same each time. Raises NotFound."""
    with open_office() as office:
        return _file(office, office.ledger.lists.read_list(number))


def _file(office: Office, one: DestructionList) -> Statement:
    from reports import statement_json, statement_pdf

    told = tell_statement(office, one)
    folder = office.settings.out / "statements"
    lay_down(folder / f"{one.number}.json", statement_json(told))
    lay_down(folder / f"{one.number}.pdf", statement_pdf(told))
    return told


def tell_statement(office: Office, one: DestructionList) -> Statement:
    """What became of a list, from the ledger alone. Raises NotFound (not carried out), LedgerBroken."""
    settled = office.ledger.lists.settlement_of(one.number)
    said = office.ledger.lists.instruction_of(one.number)
    if said is None or one.sent_on is None or one.settled_on is None:
        raise NotFound(f"list {one.number} was never instructed", do=f"look at it: termijn list show {one.number}")
    if not office.ledger.verify().ok:
        raise LedgerBroken("the ledger does not verify, so nothing can be stated", do="run: termijn ledger verify")
    closed = {c.batch: c for c in office.ledger.batches.closed_batches()}
    proofs = [
        BatchProof(batch=c.batch, records=c.records, root=c.root, event=c.event, confirmed_at=c.at)
        for c in (closed[batch] for batch in sorted(settled.batches))
    ]
    [event] = office.ledger.events.events(case=one.number, kind="list.carried-out")
    return Statement(
        head=list_head(office, one),
        sent_on=one.sent_on,
        answer=said.answer,
        role=said.role,
        reference=said.reference,
        received_on=said.received_on,
        recorded_by=settled.recorded_by,
        approved_by=settled.approved_by,
        settled_on=one.settled_on,
        asked=settled.asked,
        destroyed=settled.destroyed,
        kept=settled.kept,
        stayed=settled.stayed,
        batches=tuple(proofs),
        in_batch=settled.batches,
        chain_event=event.seq,
        chain_hash=event.hash,
    )


def _chase(office: Office, ladder: ListLadder, one: DestructionList, as_of: date) -> WaitingList:
    chase = chase_on(ladder, one, as_of, office.ledger.chases.of_list(one.number).keys())
    shown = WaitingList(
        number=one.number,
        rule=one.rule,
        controller=one.controller,
        state=one.state.value,
        answer="" if one.answer is None else one.answer.value,
        records=one.count,
        since=waits_since(one, ladder),
    )
    if chase is None:
        return shown
    trouble = _climb(office, one, chase)
    return shown.model_copy(update={"rung": chase.key, "sent": trouble is None, "trouble": trouble})


def _climb(office: Office, one: DestructionList, chase: Chase) -> str | None:
    """Record the rung and those it covers, send, and say whether it left. Returns what went wrong, if anything."""
    from reports import chasing_mail

    told: list[Fact] = [role.value for role in chase.told]
    for covered in chase.covers:
        office.ledger.chases.record(one.number, rung=covered, entry=Entry(kind="chase.covered", by=BY))
    entry = Entry(kind="chase.recorded", by=BY, facts={"told": told})
    if not office.ledger.chases.record(one.number, rung=chase.key, entry=entry):
        return None  # another run climbed it meanwhile
    to = addresses(office, chase.told)
    mail = chasing_mail(one, chase, sender=office.settings.mail_from, to=to)
    trouble = send(office, mail, f"{one.number}-{chase.key}")
    done = Entry(kind="chase.settled", by=BY, facts={"sent": trouble is None})
    if trouble is None:
        office.ledger.chases.mark_sent(one.number, rung=chase.key, entry=done)
    else:
        office.ledger.chases.mark_failed(one.number, rung=chase.key, entry=done)
    return trouble
