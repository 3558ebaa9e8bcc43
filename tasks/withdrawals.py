"""What follows on a statement: what rested on a withdrawn consent stops, and its case gets its step and letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.cases import Case, CaseKind
from domain.consents import Act, Purpose, Statement, Stop
from domain.evidence import Entry
from domain.letters import LetterKind
from domain.moves import OWES_AN_ANSWER
from domain.steps import Step
from domain.trouble import NotConfirmed, NotFound, TermijnError
from ledger.consent_stops import OpenStop, StopState
from tasks.artifacts import show_on_screen
from tasks.careful import careful
from tasks.clock import today
from tasks.consent_stops import stop_at
from tasks.correspondence import send_letter
from tasks.destroy import BY
from tasks.office import Office, open_office

#: Which letter tells the person what was written down.
LETTERS: Mapping[Act, LetterKind] = {
    Act.GIVEN: LetterKind.CONSENT_RECORDED,
    Act.CHANGED: LetterKind.CONSENT_RECORDED,
    Act.WITHDRAWN: LetterKind.CONSENT_WITHDRAWN,
}


def settle(office: Office, number: str, *, by: str) -> tuple[str, ...]:
    """Stop what rested on a withdrawn consent, where that is not done; returns what still waits, and why.

    What is done already is found done: this may be called as often as one likes. Raises NotFound.
    """
    one, waiting = office.ledger.opt_ins.read(number), list[str]()
    purpose = office.register.consents.purpose.get(one.purpose)
    stops = {s.place: s for s in purpose.stops} if purpose else {}
    for stop in office.ledger.consent_stops.of(number):
        if stop.state is not StopState.OPEN:
            continue
        try:
            records = stop_at(office, one, _known(stops, stop))
        except TermijnError as trouble:
            waiting.append(f"{stop.place}: {trouble.what}; {trouble.do}")
        else:
            entry = Entry("consent.stopped", by, case=one.case)
            office.ledger.consent_stops.settle(number, stop.place, records=records, entry=entry)
    return tuple(waiting)


@dataclass(frozen=True, slots=True)
class Settled:
    """What still waits after a try: stops, and letters that did not go. Numbers, places and why; nobody's name."""

    waiting: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


def settle_all(office: Office, *, by: str) -> Settled:
    """The same for every withdrawal that waits; then each case of which nothing waits gets its step and its letter.

    That is also what a killed command left undone. One that is refused keeps none of the others from it.
    """
    waiting, letters = list[str](), list[str]()
    for number in sorted({s.consent for s in office.ledger.consent_stops.waiting()}):
        waiting += [f"{number} {line}" for line in settle(office, number, by=by)]
    for number in _unanswered(office):
        try:
            trouble = finish(office, number, by=by)
        except TermijnError as refusal:
            trouble = str(refusal)
        if trouble is not None:
            letters.append(f"{number} {' '.join(trouble.split())}")
    return Settled(tuple(waiting), tuple(letters))


@careful
def settle_every_withdrawal() -> Settled:
    """Try again what waits; returns what still does. Places and numbers, nobody's name."""
    with open_office() as office:
        return settle_all(office, by=BY)


@careful
def report_waiting(settled: Settled) -> Settled:
    """Put on the screen where something may still rest on a withdrawn consent, and which letters did not go.

    Raises NotConfirmed while there is one of either.
    """
    waiting, letters = settled.waiting, settled.letters
    page = "\n".join(f"- {line}" for line in waiting) or "Nothing rests on a consent that was withdrawn."
    page += "".join(["\n\nLetters that did not go:\n", *(f"\n- {line}" for line in letters)] if letters else [])
    show_on_screen("withdrawn-consents", page, about="Where something may still rest on a withdrawn consent")
    if waiting:
        raise NotConfirmed(
            f"at {len(waiting)} places something may still rest on a consent that was withdrawn",
            where="consents",
            do="look: termijn consent stops; stop it there, and say so: termijn consent stopped",
        )
    if letters:
        raise NotConfirmed(
            f"{len(letters)} letter{'s' if len(letters) > 1 else ''} about a consent did not go",
            where="consents",
            do="see why: termijn consent settle",
        )
    return settled


def finish(office: Office, number: str, *, by: str) -> str | None:
    """When nothing waits any more: the step of its case, and the letter. Returns what went wrong with the letter."""
    one = office.ledger.opt_ins.read(number)
    case = case_of(office, one.case)
    if case is None or any(s.state is StopState.OPEN for s in office.ledger.consent_stops.of(number)):
        return None
    return answer(office, case, one, by)


def _unanswered(office: Office) -> list[str]:
    """The statements of open cases, of any kind, of which a letter was never kept; and those of a case about consent
    that has not got its step, though nothing of them waits."""
    said = [x.statement for x in office.ledger.opt_ins.lines() if x.statement.case]
    cases = {c.number: c for c in office.ledger.cases.list_cases(OWES_AN_ANSWER)} if said else {}
    lacks = {
        number
        for number in {one.case for one in said} & cases.keys()
        if cases[number].kind is CaseKind.CONSENT and Step.CONSENT not in office.ledger.steps.of(cases[number], today())
    }
    return [one.number for one in said if one.case in lacks or (one.case in cases and not _is_told(office, one))]


def _is_told(office: Office, one: Statement) -> bool:
    """Whether the letter of this statement is kept: then it goes, and is tried again, as every letter does."""
    return office.ledger.letters.find(one.case, LETTERS[one.act], one.number) is not None


def _waits(office: Office, case: str) -> bool:
    """Whether something may still rest on any consent that was withdrawn in this case."""
    mine = {x.statement.number for x in office.ledger.opt_ins.lines() if x.statement.case == case}
    return any(stop.consent in mine for stop in office.ledger.consent_stops.waiting())


def _known(stops: Mapping[str, Stop], stop: OpenStop) -> Stop:
    if stop.place not in stops:
        do = f"look there yourself; then: termijn consent stopped {stop.consent} {stop.place}"
        raise NotFound("the register names this place no longer", do=do)
    return stops[stop.place]


def answer(office: Office, case: Case, one: Statement, by: str) -> str | None:
    """What a case about consent has behind it now, and its letter."""
    if case.kind is CaseKind.CONSENT and not _waits(office, case.number):
        office.ledger.steps.done(case.number, Step.CONSENT, entry=Entry("case.step", by, case=case.number))
    facts = {"purpose": purpose_of(office, one).title, "occasion": one.number, "by": by}
    return send_letter(office, case, LETTERS[one.act], facts)


def case_of(office: Office, number: str) -> Case | None:
    """The case of this number; None for none."""
    return office.ledger.cases.read_case(number) if number else None


def purpose_of(office: Office, one: Statement) -> Purpose:
    """What a statement is about. Raises NotFound."""
    return office.register.consents.get(one.purpose)
