"""The moves of a case that owe its person a letter: it goes first, and the case moves when it went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from domain.cases import PAUSES, Case, State, check_move, is_open
from domain.evidence import Entry, Fact
from domain.letters import LetterKind, letters_for, owed
from domain.morning import LetterLine, MorningList
from domain.moves import MEANING
from domain.steps import Step, check_steps, needed
from domain.trouble import Refused, TermijnError
from tasks.careful import careful, tell
from tasks.clock import today
from tasks.correspondence import send_again, send_letter
from tasks.office import Office, open_office


def letter_of_move(office: Office, case: Case, to: State, kind: str = "") -> LetterKind | None:
    """The letter that goes when this case moves to `to`; None for none, or where an officer said that it went.

    `kind`: which one, where there are several. Raises Refused for one that does not fit.
    """
    known = letters_for(case.kind, to)
    if kind and kind not in known:
        fitting = ", ".join(known) or "none"
        raise Refused(
            f"no letter {kind!r} goes with a move to {to.value}", where=f"case {case.number}", do=f"fitting: {fitting}"
        )
    said = Step.LETTER in needed(case.kind, to, case.ground) and Step.LETTER in office.ledger.steps.of(case, today())
    return None if not known or said else LetterKind(kind or known[0])


def move_with_letter(
    office: Office,
    number: str,
    to: State,
    *,
    by: str,
    kind: str = "",
    facts: Mapping[str, Fact] | None = None,
    why: str = "",
) -> str | None:
    """Move a case and send the letter that it owes; returns what went wrong with a letter the move does not wait for.

    `why` stands in its event, without a name; left out, what brought the case here.

    Where the clock stops, or the case ends by its letter, nothing moves before the letter went. Raises Refused.
    """
    case = office.ledger.cases.read_case(number)
    check_move(case, to)
    letter = letter_of_move(office, case, to, kind)
    steps = needed(case.kind, to, case.ground)
    waits = letter is not None and (to in PAUSES or Step.LETTER in steps)
    because = why or (f"the letter {letter.value} went" if letter is not None and waits else _because(case, to))
    moved = _moved(number, by, because)  # before anything leaves: what may not stand in an event is refused here
    given = {**(facts or {}), "by": by}
    if letter is not None and waits:
        check_steps(case, to, office.ledger.steps.of(case, today()) | {Step.LETTER})
        trouble = send_letter(office, case, letter, given)
        if trouble is not None:
            raise Refused(
                f"the letter {letter.value} did not go, so the case did not move: {trouble.partition(chr(10))[0]}",
                where=f"case {number}",
                do=_what_now(number, letter, trouble),
            )
    office.ledger.cases.move(number, to, on=today(), entry=moved)
    return None if letter is None or waits else send_letter(office, case, letter, given)


def _moved(number: str, by: str, why: str) -> Entry:
    try:
        return Entry("case.moved", by, why, number)
    except ValueError:
        raise Refused(
            "the reason holds a mail address or a BSN, or nobody says it",
            where=f"case {number}",
            do="say why without what tells who it is, and by whom (--by)",
        ) from None


def _because(case: Case, to: State) -> str:
    """What brings a case to a state where nobody said it."""
    if case.state in PAUSES and to is State.IN_PROGRESS:
        return "the person answered"
    said = MEANING[to].partition(".")[0].partition(";")[0]
    return said[:1].lower() + said[1:]


def told_of_lifting(office: Office, hold: str) -> date | None:
    """The day on which the person of a restriction was told by letter that it ends; None where no such letter went."""
    case = next((h.case for h in office.ledger.holds.list_all() if h.id == hold and h.ground is not None), "")
    one = office.ledger.letters.find(case, LetterKind.RESTRICTION_LIFTED, hold)
    return None if one is None else one.gone_on


@careful
def send_waiting_letters(morning: MorningList) -> MorningList:
    """Try again every letter that did not leave, finish what a crash cut off, and list what is owed and did not go."""
    with open_office() as office:
        for one in office.ledger.letters.unfinished():
            try:
                send_again(office, one)
            except TermijnError as trouble:
                tell(f"case {one.case}, {one.kind.value}: {trouble.what}")
        lines = tuple(_still_owed(office))
    tell(f"{len(lines)} letters to write, send or post" if lines else "every letter went")
    return morning.model_copy(update={"letters": lines})


def _still_owed(office: Office) -> Iterator[LetterLine]:
    """What waits in the ledger, and what a case owes that nobody wrote yet."""
    waiting = office.ledger.letters.waiting()
    for one in waiting:
        yield LetterLine(case=one.case, letter=one.kind.value, stands=one.state.value)
    written = {(one.case, one.kind) for one in waiting}
    gone: dict[str, set[tuple[LetterKind, str]]] = {}
    for number, kind, occasion in office.ledger.letters.gone():
        gone.setdefault(number, set()).add((kind, occasion))
    for case in office.ledger.cases.list_cases([s for s in State if is_open(s)]):
        letter = owed(case, gone.get(case.number, ()))
        ended = Step.LETTER in needed(case.kind, case.state, case.ground)  # said by hand, or it would not be here
        if letter is not None and not ended and (case.number, letter) not in written:
            yield LetterLine(case=case.number, letter=letter.value, stands="not written")


def _what_now(number: str, letter: LetterKind, trouble: str) -> str:
    advice = trouble.partition("-> ")[2]
    return advice or f"send it: termijn letter send {number} {letter.value}; then move the case"
