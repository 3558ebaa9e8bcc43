"""The verbs of an export: gather what was found, render, and seal; whole or not at all (promise 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from domain.cases import Case, State
from domain.evidence import Entry, Head
from domain.on_request import as_asked, is_wanted
from domain.package import ELSEWHERE, NOT_HERE, Outcome, PackageContents, Searched, fit_on_paper
from domain.practices import PracticeBook
from domain.trouble import Refused
from tasks.askers import addressee_of
from tasks.careful import careful, tell
from tasks.clock import stopwatch, today
from tasks.destroy import BY
from tasks.destroyed_before import destroyed_of, named_by_case
from tasks.expiry import remove_over
from tasks.find import SystemAnswer
from tasks.gather import gather, names_known
from tasks.heaps import Gathered, technical_of
from tasks.marks_met import MarkState, states_of
from tasks.office import Office, open_office
from tasks.person import decisions_of
from tasks.portability import handed_over, narrowed
from tasks.progress import BETWEEN_LINES
from tasks.sealing import Sealed, laid_in_store, make_copy, make_draft
from tasks.search import Search, wanted_of
from tasks.spool import Spool
from tasks.stated import stated_beside
from tasks.store import Store
from tasks.withhold import Cleaner

#: Events of a case that tell what became of its packages, and not what they hold.
_ABOUT_PACKAGES = ("package.", "passphrase.", "case.sealed", "refused")


@careful
def seal_packages(search: Search, by: str = BY, *, pdf_copy: bool = False) -> list[Sealed]:
    """Gather, render and seal: one package for 12Care and one for each tenant, never merged; all of them or none.

    `by`: the id of the officer or flow that asked for it, who will not be the one to release what is special.
    `pdf_copy`: beside each package the letter and the data in one encrypted PDF, released and opened like a package.
    """
    case = search.case
    with open_office() as office, Spool(told=_reading(case.number)) as spool, ExitStack() as drafts:
        gathered = {_asked_of(office, case): Gathered()}  # who is known nowhere gets that as an answer
        cleaner = Cleaner(office, case.number, language=case.language, hands_over=handed_over(office, case))
        cleaner.learn(names_known(office, search.answers))
        for answer in search.answers:
            for controller, part in _gather_from(office, search, answer, spool, cleaner).items():
                if case.controller and case.controller != f"{answer.system}-{controller}":
                    continue  # a case to one practice says nothing of what another holds
                whole = gathered.setdefault(controller, Gathered())
                whole.parts += part.parts
                whole.withheld += part.withheld
                whole.destroyed += part.destroyed
        useless = _check_decided(office, case.number, cleaner)
        handed = narrowed(office, case, gathered)
        for group in handed.values():
            group.withheld += technical_of(office.register.systems, group.parts, case.language)
        packages = [
            make(office, _contents(office, search, handed[c], _searched(search, gathered, c)), c, drafts)
            for c in sorted(handed)
            for make in ((make_draft, make_copy) if pdf_copy else (make_draft,))
        ]
        made = [(one.sealed, one.made) for one in packages]
        with laid_in_store(Store.of(office.settings), packages):
            office.ledger.packages.seal(
                case.number,
                [m for _, m in made],
                expires_on=office.register.packages_stay.stays.after(search.as_of),
                entry=Entry(
                    "package.sealed", by, case=case.number, facts={"marks_of_no_use": useless} if useless else {}
                ),
            )
        if case.state is State.IN_PROGRESS:
            facts = {"packages": len(made), "records": sum(s.records for s, _ in made)}
            office.ledger.cases.move(
                case.number,
                State.SEALED,
                on=today(),
                entry=Entry(kind="case.sealed", by=by, case=case.number, facts=facts),
            )
        remove_over(office, Store.of(office.settings), search.as_of, case=case.number)
    return [sealed for sealed, _ in made]


def _check_decided(office: Office, case: str, cleaner: Cleaner) -> int:
    """Nothing is sealed while a passage or mark awaits a person (AVG 15(4)); how many marks are of no use any more."""
    if cleaner.undecided:
        raise Refused(
            f"{cleaner.undecided} passages may be about somebody else",
            where=f"case {case}",
            do=f"decide on each: termijn review {case}",
        )
    marks = office.ledger.marked.of_case(case)
    states = states_of(office, marks, cleaner)
    waiting = [str(number) for number, state in states.items() if state.waits]
    if waiting:
        raise Refused(
            f"what was marked by hand is another now, or is met nowhere: mark {', '.join(waiting)}",
            where=f"case {case}",
            do=f"look again: termijn review {case} --show",
        )
    useless = [str(number) for number, state in states.items() if state is MarkState.OF_NO_USE]
    if useless:
        tell(f"{case}: mark {', '.join(useless)} is of no use any more: the source has its record no more")
    return len(useless)


def _gather_from(
    office: Office, search: Search, answer: SystemAnswer, spool: Spool, cleaner: Cleaner
) -> Mapping[str, Gathered]:
    """What a system gives for each controller, and what of it was destroyed before."""
    number, gathered = search.case.number, dict[str, Gathered]()
    with office.connected(answer.system) as connector:
        if answer.outcome is Outcome.ANSWERED:
            kind, language, register = search.case.kind, search.case.language, office.register
            wanted = partial(is_wanted, kind)
            gathered |= gather(
                connector, register, answer, search.as_of, spool, cleaner, language=language, wanted=wanted
            )
            for one in gathered.values():
                one.parts, one.withheld = as_asked(kind, connector.system, one.parts, one.withheld, language)
        activities, decisions = office.register.activities, decisions_of(office, number)
        ours = gathered.setdefault("", Gathered())
        ours.named |= set(named_by_case(connector, activities, wanted_of(office, number), decisions))
        for group in gathered.values():
            group.parts += stated_beside(office, group.parts)
            group.destroyed += destroyed_of(office, connector, group.named)
    return gathered


def _reading(case: str) -> Callable[[int], None]:
    """Tells every few seconds how many records were read."""
    since, last = stopwatch(), [0.0]

    def told(records: int) -> None:
        if since() - last[0] >= BETWEEN_LINES:
            last[0] = since()
            tell(f"{case}: {records} records read")

    return told


def _contents(office: Office, search: Search, gathered: Gathered, searched: Sequence[Searched]) -> PackageContents:
    case = search.case
    head = _position(office, case.number)
    concerned = {name for p in gathered.parts for name in p.activities}
    return PackageContents(
        case=case.number,
        kind=case.kind.value,
        received_on=case.received_on,
        as_of=search.as_of,
        language=case.language,
        addressee=addressee_of(office, case.number),
        organisation=office.register.organisation.model_dump(mode="json"),
        activities={k: v for k, v in office.register.activities.items() if k in concerned},
        parts=fit_on_paper(gathered.parts),
        withheld=gathered.withheld,
        destroyed_before=gathered.destroyed,
        searched=searched,
        register_digest=office.register.digest,
        chain_event=head.seq,
        chain_hash=head.hash,
    )


def _position(office: Office, case: str) -> Head:
    """The last event of the ledger that says something of what the answer holds: identity, decisions, the case itself.

    Not the head of the chain: that moves with every package, and a package made again of the same would differ.
    """
    position = Head()
    for event in office.ledger.events.events(case=case):
        if not event.kind.startswith(_ABOUT_PACKAGES):
            position = Head(event.seq, event.hash)
    return position


def _searched(search: Search, gathered: Mapping[str, Gathered], controller: str) -> list[Searched]:
    """Every system as the letter of one controller's package tells it, by what it gave before anything was left out.

    What lies with another controller is told in that package. The letter of a practice says the same of every system
    that holds nothing of that practice, so that it tells nothing of another controller.
    """
    rows = Counter[str]()
    for part in gathered[controller].parts:
        rows[part.system] += len(part.records)
    others = {part.system for whose, group in gathered.items() if whose != controller for part in group.parts}
    found = []
    for answer in search.answers:
        outcome, reason = answer.outcome, answer.unreadable or ""
        if not rows[answer.system] and outcome is not Outcome.NOT_SEARCHED:
            outcome = Outcome.NOTHING_FOUND
            reason = NOT_HERE if controller else ELSEWHERE if answer.system in others else ""
        found.append(Searched(answer.system, answer.title, outcome, rows[answer.system], reason))
    return found


def _asked_of(office: Office, case: Case) -> str:
    """The controller that a case is to, as its system numbers it: '' for 12Care itself."""
    book = PracticeBook.model_validate(dict(office.register.practices))
    return book.of(case.controller).controller if case.controller else ""
