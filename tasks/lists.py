"""The verbs of the processor role: draw lists up, lay them ready, send them, record what a practice instructs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from connectors.port import Connector
from domain.activity import AtExpiry
from domain.erasure import wording_for
from domain.evidence import Entry
from domain.guards import refusals
from domain.instruction import Instruction
from domain.keys import Keys
from domain.list_papers import ListHead, PaperLine, ProposedList
from domain.lists import OPEN, DestructionList, Line, ListState, check_number
from domain.lookouts import Sight
from domain.rules import DueTest
from domain.trouble import NotFound, Refusal, Refused, SourceUnreadable, Unreadable
from ledger.approvals import What
from tasks.careful import careful, tell
from tasks.clock import scheduled_day, today
from tasks.destroy import BY
from tasks.facts import look_out, read_facts
from tasks.freezes import read_freeze
from tasks.laid_ready import lay_ready
from tasks.list_lines import read_lines
from tasks.night import tests_of
from tasks.office import Office, open_office
from tasks.schema import check_schema_for_purge


@dataclass(frozen=True, slots=True)
class Drawn:
    """What drawing up came to: the numbers of the new lists, and every rule or system that could not be served."""

    as_of: date
    numbers: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


@careful
def draw_up_lists(as_of: date | None, systems: Sequence[str]) -> Drawn:
    """Put on a list per rule and practice all that is due, free, and not on an open list. Destroys nothing.

    First every open list lapses whose rule is worded otherwise now: its practice was asked something else.
    """
    day = as_of or scheduled_day()
    numbers: list[str] = []
    refused: list[Refusal] = []
    unreadable: list[Unreadable] = []
    with open_office() as office:
        for system in list(systems) or sorted(office.register.systems):
            office.system(system)
            tests = [t for t in tests_of(office.register, system, day) if t.rule.action is AtExpiry.PROPOSE]
            tests = [t for t in tests if t.rule.change is None]  # columns are in the plan; a list names whole dossiers
            _lapse_reworded(office, system, tests)
            if not tests:
                continue
            try:
                with office.connected(system) as connector:
                    sights = look_out(connector, tests, check_schema_for_purge(connector), today())
                    for made in _draw_up(office, connector, tests, sights):
                        if isinstance(made, Refusal):
                            refused.append(made)
                        else:
                            numbers.append(made)
            except SourceUnreadable as trouble:
                unreadable.append(Unreadable(system, trouble.what, trouble.do))
                tell(f"{system}: unreadable, no list is drawn up")
    tell(f"{len(numbers)} destruction lists drawn up")
    return Drawn(day, tuple(numbers), tuple(refused), tuple(unreadable))


def _draw_up(
    office: Office, connector: Connector, tests: Sequence[DueTest], sights: Mapping[str, Sight]
) -> Iterator[str | Refusal]:
    as_of = tests[0].as_of
    # A list is a question, so no ceiling and no approval of a plan bounds it; what comes of it is bounded by both.
    facts = replace(read_facts(office, connector.system.id, as_of, today(), None, sights), plan_approved=True)
    freeze = read_freeze(office, connector, [t.rule for t in tests], as_of)
    for test in tests:
        rule = test.rule
        trouble = tuple(refusals(rule, connector.tally(test), 0, facts))
        if trouble:
            yield from trouble
            continue
        taken = office.ledger.lists.on_open_lists(rule.name)
        due = [key for page in connector.find_due(test) for key in page]
        free = Keys(k for k in freeze.allowed(rule.dataset.name, due) if k not in taken)
        for practice, lines in read_lines(connector, test, free, office.register.activities).items():
            if not practice:
                yield Refusal(
                    rule.name,
                    "no practice",
                    f"{len(lines)} due records name no practice, so nobody can be asked",
                    "name the column that tells practices apart (tenant) in the register, or fill it in the source",
                )
                continue
            yield _keep(office, test, practice, lines)


def _keep(office: Office, test: DueTest, practice: str, lines: Sequence[Line]) -> str:
    rule = test.rule
    drawn = office.ledger.lists.draw_up(
        system=rule.system,
        rule=rule.name,
        controller=practice,
        rule_digest=rule.digest,
        as_of=test.as_of,
        lines=lines,
        entry=Entry(kind="list.drawn-up", by=BY, facts={"rule": rule.name, "records": len(lines)}),
    )
    return drawn.number


def _lapse_reworded(office: Office, system: str, tests: Sequence[DueTest]) -> None:
    wording = {t.rule.name: {t.rule.digest} for t in tests}
    for test in tests:  # what a practice is asked for one person is carried out by that person's case
        wording[test.rule.name] |= {wording_for(test.rule, c).digest for c in office.ledger.erasures.cases()}
    for one in office.ledger.lists.list_lists():
        if one.system == system and one.state in OPEN and one.rule_digest not in wording.get(one.rule, ()):
            entry = Entry(kind="list.lapsed", by=BY, why="the rule is worded otherwise now")
            office.ledger.lists.lapse(one.number, entry=entry)
            tell(f"list {one.number} lapsed: its rule is worded otherwise now")


@careful
def seal_and_lay_ready(drawn: Drawn) -> tuple[str, ...]:
    """Seal every list that is not sealed yet (PDF and CSV, AES-256) and lay it in the output folder, for sending."""
    from reports import destruction_list_csv, destruction_list_pdf, make_passphrase, seal

    sealed = []
    with open_office() as office:
        for one in office.ledger.lists.list_lists():
            if one.state is not ListState.DRAWN_UP or one.file_sha256 is not None:
                continue
            paper = proposed_list(office, one)
            files = {f"{one.number}.pdf": destruction_list_pdf(paper), f"{one.number}.csv": destruction_list_csv(paper)}
            passphrase, _ = make_passphrase()
            package = seal(files, passphrase=passphrase)
            lay_ready(office.settings.out / "lists" / f"{one.number}.zip", package)
            mark = hashlib.sha256(package).hexdigest()
            entry = Entry(kind="list.sealed", by=BY, facts={"sha256": mark})
            office.ledger.lists.lay_ready(one.number, sha256=mark, passphrase=passphrase, entry=entry)
            sealed.append(one.number)
    tell(f"{len(sealed)} lists sealed and laid ready; {len(drawn.numbers)} are new")
    return tuple(sealed)


def end_drawing(drawn: Drawn) -> Drawn:
    """Raise where a rule or a system could not be served, after all others were."""
    if drawn.unreadable:
        told = "; ".join(f"{u.system}: {u.reason}" for u in drawn.unreadable)
        raise SourceUnreadable(told, do=drawn.unreadable[0].do)
    if drawn.refused:
        told = "; ".join(f"{r.rule} ({r.guard}): {r.reason}" for r in drawn.refused)
        raise Refused(f"no list for {told}. The other lists are drawn up", do=drawn.refused[0].do)
    return drawn


def proposed_list(office: Office, one: DestructionList) -> ProposedList:
    """The paper of a list: its head, and its lines with client numbers. For the sealed file only."""
    lines = tuple(
        PaperLine(client_number=line.client_number, last_on=line.last_on, due_since=line.due_since)
        for line in office.ledger.lists.lines_of(one.number)
    )
    return ProposedList(head=list_head(office, one), lines=lines)


def list_head(office: Office, one: DestructionList) -> ListHead:
    """What both papers of a list say at their head, by the register of now. Raises NotFound, Refused."""
    name = one.rule.partition(".")[2]
    system = office.system(one.system)
    dataset = system.datasets.get(name)
    activity = office.register.activities.get(str(dataset.activity)) if dataset else None
    term = activity.term_on(one.as_of) if activity else None
    if dataset is None or activity is None or term is None:
        raise NotFound(f"the register has no rule {one.rule} any more", where=one.number, do="lapse this list")
    return ListHead(
        number=one.number,
        controller=one.controller,
        office=office.register.organisation,
        system=system.title,
        title=dataset.title or dataset.name,
        activity=activity.title,
        rule=one.rule,
        rule_digest=one.rule_digest,
        term=term,
        as_of=one.as_of,
        dossiers=dataset.identifies.client_number is not None,
        backup_kept=system.backup_kept,
    )


def send_list(number: str, *, on: date, by: str, code: str) -> tuple[str, str]:
    """An officer sent the list: (the file that went, its passphrase for another channel). Raises Refused."""
    with open_office() as office:
        if on > today():
            raise Refused("a list is not sent in the future", where=number, do="give the day on which it went")
        entry = Entry(kind="list.sent", by=by)
        phrase = office.ledger.lists.send(check_number(number), on=on, code=code, entry=entry)
        return str(office.settings.out / "lists" / f"{number}.zip"), phrase


def record_instruction(number: str, said: Instruction, *, by: str, code: str) -> DestructionList:
    """An officer records what the practice wrote; a second officer approves it before anything goes. Raises Refused."""
    with open_office() as office:
        if said.received_on > today():
            raise Refused("an answer does not come in the future", where=number, do="give the day it came in")
        entry = Entry(kind="list.instructed", by=by)
        return office.ledger.lists.instruct(check_number(number), said, code=code, entry=entry)


def approve_instruction(number: str, *, by: str, code: str) -> DestructionList:
    """The second officer allows what the newest instruction lets go. Raises Refused."""
    with open_office() as office:
        one = office.ledger.lists.read_list(check_number(number))
        if one.state is not ListState.INSTRUCTED or one.instruction is None or one.later is not None:
            raise Refused("there is no instruction to approve", where=number, do="record the practice's answer first")
        entry = Entry(kind="list.approved", by=by, facts={"number": number})
        office.ledger.approvals.approve(What.LIST, [one.instruction], code=code, entry=entry)
        return one


def lapse_list(number: str, *, why: str, by: str) -> None:
    """An officer takes a list back: nothing of it goes, and what is due comes on a later list. Raises Refused."""
    with open_office() as office:
        office.ledger.lists.lapse(check_number(number), entry=Entry(kind="list.lapsed", by=by, why=why))
