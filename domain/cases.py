"""What a request of a person is, which states it goes through, and which moves are allowed.

A case holds no personal data: a number, a kind, dates, and that identity was checked and how. Who the person is
stands encrypted in the ledger. The tables below are the law of the register of requests; `docs/states.md` is drawn
from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from domain.deadlines import Deadline, Pause, PauseReason, deadline_for
from domain.trouble import Refused

_NUMBER = re.compile(r"\d{4}-\d{4,}\Z")
LANGUAGES = ("nl", "en")


class CaseKind(StrEnum):
    """What the person asks. Erasure under the AVG and destruction under the WGBO are two rights, kept apart."""

    ACCESS = "access"  # inzage, AVG 15; WGBO 7:456
    PORTABILITY = "portability"  # overdracht, AVG 20
    RECTIFICATION = "rectification"  # correctie, AVG 16
    ERASURE = "erasure"  # wissing, AVG 17
    WGBO_DESTRUCTION = "wgbo-destruction"  # vernietiging, BW 7:455
    RESTRICTION = "restriction"  # beperking, AVG 18
    OBJECTION = "objection"  # bezwaar, AVG 21
    CONSENT = "consent"  # intrekken of wijzigen van toestemming, AVG 7(3)


#: The kinds that hand a person's data over: they leave only as a sealed package (promise 7).
HANDS_OVER = frozenset({CaseKind.ACCESS, CaseKind.PORTABILITY})


class State(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IDENTITY_ASKED = "identity-asked"
    CLARIFICATION_ASKED = "clarification-asked"
    IN_PROGRESS = "in-progress"
    SEALED = "sealed"
    ANSWERED = "answered"
    REFUSED = "refused"
    FORWARDED = "forwarded"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Owner(StrEnum):
    """Whose turn it is."""

    HANDLER = "handler"
    PERSON = "person"
    APPROVER = "approver"
    CONTROLLER = "controller"
    NOBODY = "nobody"


ALLOWED_MOVES: Mapping[State, tuple[State, ...]] = {
    State.RECEIVED: (
        State.IDENTITY_ASKED, State.CLARIFICATION_ASKED, State.IN_PROGRESS,
        State.FORWARDED, State.REFUSED, State.WITHDRAWN,
    ),
    State.IDENTITY_ASKED: (State.CLARIFICATION_ASKED, State.IN_PROGRESS, State.REFUSED, State.WITHDRAWN),
    State.CLARIFICATION_ASKED: (State.IDENTITY_ASKED, State.IN_PROGRESS, State.REFUSED, State.WITHDRAWN),
    State.IN_PROGRESS: (
        State.IDENTITY_ASKED, State.CLARIFICATION_ASKED, State.SEALED, State.ANSWERED,
        State.FORWARDED, State.REFUSED, State.WITHDRAWN,
    ),
    State.SEALED: (State.ANSWERED, State.IN_PROGRESS, State.WITHDRAWN),
    State.ANSWERED: (State.IN_PROGRESS, State.CLOSED),
    State.REFUSED: (State.IN_PROGRESS, State.CLOSED),
    State.FORWARDED: (State.IN_PROGRESS, State.CLOSED),
    State.WITHDRAWN: (State.CLOSED,),
    State.CLOSED: (),
}  # fmt: skip

OWNER_OF: Mapping[State, Owner] = {
    State.RECEIVED: Owner.HANDLER,
    State.IDENTITY_ASKED: Owner.PERSON,
    State.CLARIFICATION_ASKED: Owner.PERSON,
    State.IN_PROGRESS: Owner.HANDLER,
    State.SEALED: Owner.APPROVER,
    State.ANSWERED: Owner.HANDLER,
    State.REFUSED: Owner.HANDLER,
    State.FORWARDED: Owner.CONTROLLER,
    State.WITHDRAWN: Owner.HANDLER,
    State.CLOSED: Owner.NOBODY,
}

#: The states in which the clock stands still, and the only two reasons there are.
PAUSES: Mapping[State, PauseReason] = {
    State.IDENTITY_ASKED: PauseReason.IDENTITY,
    State.CLARIFICATION_ASKED: PauseReason.CLARIFICATION,
}

#: What the ledger writes when a case arrives in a state.
LEDGER_ENTRY_FOR: Mapping[State, str] = {state: f"case.{state.value}" for state in State}

#: States in which we still owe the person an answer; the deadline counts in these.
OWES_AN_ANSWER = frozenset(
    {State.RECEIVED, State.IDENTITY_ASKED, State.CLARIFICATION_ASKED, State.IN_PROGRESS, State.SEALED}
)

#: What each state means, for the page that is drawn from these tables.
MEANING: Mapping[State, str] = {
    State.RECEIVED: "It reached an official channel; the clock runs from this day, whether or not it was read.",
    State.IDENTITY_ASKED: "We asked the person to show who they are (never more than the case needs).",
    State.CLARIFICATION_ASKED: "We asked which data or which period the person means.",
    State.IN_PROGRESS: "We search, decide and write.",
    State.SEALED: "The package is whole and sealed; a second person releases it.",
    State.ANSWERED: "The answer went to the person.",
    State.REFUSED: "The refusal went to the person, with its reasons, the AP, the court and the DPO's address.",
    State.FORWARDED: "12Care is processor: the request went to the practice that decides.",
    State.WITHDRAWN: "The person took the request back.",
    State.CLOSED: "Nothing is left to do; the term of the file itself counts from this day.",
}


class IdentityMethod(StrEnum):
    """How identity was checked, lightest step first; a masked copy is the last resort (LAW.md §2.3)."""

    SESSION = "logged-in session"
    KNOWN_ADDRESS = "mail to known address and known data"
    CALL_BACK = "call-back"
    ID_SHOWN = "ID shown"
    MASKED_COPY = "masked copy"


class IdentityResult(StrEnum):
    """What the check said."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """That identity was checked: how, with which result, by whom (an officer's account), when. Never the document."""

    method: IdentityMethod
    result: IdentityResult
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request of one person to one controller. Raises `Refused` where its parts contradict each other."""

    number: str
    kind: CaseKind
    received_on: date
    channel: str
    state: State = State.RECEIVED
    language: str = "nl"
    identity: IdentityCheck | None = None
    pauses: tuple[Pause, ...] = ()
    extended_on: date | None = None
    handler: str | None = None
    closed_on: date | None = None

    def __post_init__(self) -> None:
        wrong = None
        if not _NUMBER.match(self.number):
            raise Refused("this is not a case number", where="case", do="write it as 2026-0001: year, dash, number")
        if self.language not in LANGUAGES:
            wrong = f"there are no letters in the language asked for; there are: {', '.join(LANGUAGES)}"
        elif (self.closed_on is not None) != (self.state is State.CLOSED):
            wrong = "a closed case has the day on which it was closed, and no other case has one"
        elif self.closed_on is not None and self.closed_on < self.received_on:
            wrong = f"closed on {self.closed_on}, before its receipt on {self.received_on}"
        elif [p.reason for p in self.pauses if p.answered_on is None] != _open_reasons(self.state):
            wrong = f"in state {self.state.value!r} the open questions do not fit: the clock would stand still or run"
        if wrong is not None:
            raise Refused(wrong, where=f"case {self.number}", do="correct the case; nothing was changed")

    @property
    def identity_is_verified(self) -> bool:
        """Whether a check said that the person is who they say they are."""
        return self.identity is not None and self.identity.result is IdentityResult.VERIFIED


def case_number(year: int, nth: int) -> str:
    """The number of the nth case of a year: `2026-0001`."""
    return f"{year:04d}-{nth:04d}"


def is_open(state: State) -> bool:
    """Whether a case in this state freezes destruction for its person (promise 10): every state but the last.

    Answered and refused still count: the person can complain, or go to court within six weeks (UAVG 35(2)).
    """
    return state is not State.CLOSED


def owes_an_answer(case: Case) -> bool:
    """Whether the deadline of this case still counts."""
    return case.state in OWES_AN_ANSWER


def deadline_of(case: Case, as_of: date) -> Deadline:
    """The deadline of a case as it stands on `as_of`."""
    return deadline_for(case.received_on, pauses=case.pauses, extended_on=case.extended_on, as_of=as_of)


def check_move(case: Case, to: State) -> None:
    """Raise `Refused` unless the case may go to state `to`: by the table, and by what its kind needs."""
    where = f"case {case.number}"
    if to not in ALLOWED_MOVES[case.state]:
        allowed = ", ".join(s.value for s in ALLOWED_MOVES[case.state]) or "nothing: it is closed, open a new case"
        raise Refused(
            f"a case does not go from {case.state.value} to {to.value}", where=where, do=f"allowed: {allowed}"
        )
    if to is State.IDENTITY_ASKED and case.identity_is_verified:
        raise Refused(
            "identity is verified already; asking again does not stop the clock",
            where=where,
            do="go on with the case, or ask for a clarification",
        )
    if to is State.SEALED and case.kind not in HANDS_OVER:
        raise Refused(f"a case of kind {case.kind.value} has no package to seal", where=where, do="move it to answered")
    if to is State.ANSWERED and case.kind in HANDS_OVER and case.state is not State.SEALED:
        raise Refused(
            f"a case of kind {case.kind.value} is answered with a sealed package, and there is none",
            where=where,
            do="make the package and have it sealed (termijn export)",
        )
    if to in (State.SEALED, State.ANSWERED):
        _check_identity(case)


def may_move(case: Case, to: State) -> bool:
    """Whether `check_move` has nothing against it."""
    try:
        check_move(case, to)
    except Refused:
        return False
    return True


def move(case: Case, to: State, *, on: date) -> Case:
    """The case after its move to `to` on day `on`: questions open and close with the state. Raises `Refused`."""
    check_move(case, to)
    answered = tuple(replace(p, answered_on=on) if p.answered_on is None else p for p in case.pauses)
    asked = (Pause(on, None, PAUSES[to]),) if to in PAUSES else ()
    return replace(case, state=to, pauses=answered + asked, closed_on=on if to is State.CLOSED else None)


def check_may_answer(case: Case, *, secrecy_flag: bool | None) -> None:
    """Raise `Refused` unless this case's answer may be made and may leave: by its state, identity and secrecy.

    `secrecy_flag`: whether a source marks the person's data as secret for somebody (estranged parents); None where
    nobody looked, which is a refusal too.
    """
    where = f"case {case.number}"
    if case.state not in (State.IN_PROGRESS, State.SEALED):
        raise Refused(
            f"a case in state {case.state.value} is not ready to be answered",
            where=where,
            do="move it to in-progress first",
        )
    _check_identity(case)
    if secrecy_flag is None:
        raise Refused("nobody looked for a secrecy flag", where=where, do="search every system and look for the flag")
    if secrecy_flag:
        raise Refused(
            "a source carries a secrecy flag for this person",
            where=where,
            do="let the DPO decide what may be told to whom; nothing leaves until then",
        )


def may_answer(case: Case, *, secrecy_flag: bool | None) -> bool:
    """Whether `check_may_answer` has nothing against it."""
    try:
        check_may_answer(case, secrecy_flag=secrecy_flag)
    except Refused:
        return False
    return True


def draw_states() -> str:
    """The states and moves as a Mermaid diagram; a dashed state is one in which the clock stands still."""
    lines = ["stateDiagram-v2", "    [*] --> received"]
    lines += [f'    state "{s.value}" as {_node(s)}' for s in State if _node(s) != s.value]
    for state, moves in ALLOWED_MOVES.items():
        lines += [f"    {_node(state)} --> {_node(to)}" for to in moves]
    lines += ["    closed --> [*]", "    classDef still stroke-dasharray: 5 5"]
    lines += [f"    class {_node(state)} still" for state in PAUSES]
    return "\n".join(lines)


def list_states() -> str:
    """The states as a Markdown table: meaning, whose turn, the clock, whether destruction is frozen, ledger entry."""
    lines = ["| State | Means | Whose turn | Clock | Freezes destruction | Ledger entry |", "|---|---|---|---|---|---|"]
    for s in State:
        clock = "stands still" if s in PAUSES else "runs" if s in OWES_AN_ANSWER else "stopped"
        frozen = "yes" if is_open(s) else "no"
        lines.append(f"| {s} | {MEANING[s]} | {OWNER_OF[s]} | {clock} | {frozen} | `{LEDGER_ENTRY_FOR[s]}` |")
    return "\n".join(lines)


def _node(state: State) -> str:
    return state.value.replace("-", "_")


def _open_reasons(state: State) -> list[PauseReason]:
    return [PAUSES[state]] if state in PAUSES else []


def _check_identity(case: Case) -> None:
    if not case.identity_is_verified:
        raise Refused(
            "identity is not verified",
            where=f"case {case.number}",
            do="check identity first, with the lightest step that is enough, and record method and result",
        )
