"""Which kinds of request there are, through which states each kind goes, and which moves it has.

The tables are the law of the register of requests; `docs/states.md` is drawn from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.deadlines import PauseReason


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
    ACCESS_LOG = "access-log"  # wie keek in mijn dossier, Wabvpz 15e


#: The kinds that hand a person's data over: they leave only as a sealed package (promise 7).
HANDS_OVER = frozenset({CaseKind.ACCESS, CaseKind.PORTABILITY, CaseKind.ACCESS_LOG})


#: The kinds that are answered only when what may go is gone, and that was verified.
ERASES = frozenset({CaseKind.ERASURE, CaseKind.WGBO_DESTRUCTION})

#: On what a request can rest, where that decides its way: the letters of AVG 18(1), and the two objections of AVG 21.
DIRECT_MARKETING, OWN_SITUATION = "direct-marketing", "own-situation"
GROUNDS: Mapping[CaseKind, tuple[str, ...]] = {
    CaseKind.RESTRICTION: ("a", "b", "c", "d"),
    CaseKind.OBJECTION: (DIRECT_MARKETING, OWN_SITUATION),
}


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


#: Every move there is. What a kind of request does not have of these stands in `BARRED`; `moves_of` takes it off.
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


_NO_PACKAGE = "it has no package to seal; what it needs is told by: termijn case steps"
_ONLY_A_PACKAGE = "it is answered with a sealed package, and there is none; make it: termijn export"
_NEVER_REFUSED = "a withdrawal of consent is never refused (AVG 7 lid 3); record it: termijn consent"
_FROM_ASKED = (State.RECEIVED, State.CLARIFICATION_ASKED, State.IN_PROGRESS)

#: The moves that a kind of request does not have, and why.
BARRED: Mapping[CaseKind, Mapping[tuple[State, State], str]] = {
    kind: {(State.IN_PROGRESS, State.ANSWERED): _ONLY_A_PACKAGE}
    if kind in HANDS_OVER
    else {(State.IN_PROGRESS, State.SEALED): _NO_PACKAGE}
    | ({(here, State.REFUSED): _NEVER_REFUSED for here in _FROM_ASKED} if kind is CaseKind.CONSENT else {})
    for kind in CaseKind
}


def is_open(state: State) -> bool:
    """Whether a case in this state freezes destruction for its person (promise 10): every state but the last.

    Answered and refused still count: the person can complain, or go to court within six weeks (UAVG 35(2)).
    """
    return state is not State.CLOSED


def moves_of(kind: CaseKind) -> dict[State, tuple[State, ...]]:
    """The moves of one kind of request: the states that it reaches, each with where it goes from there."""
    moves = {s: tuple(to for to in ALLOWED_MOVES[s] if (s, to) not in BARRED[kind]) for s in State}
    reached, ahead = {State.RECEIVED}, [State.RECEIVED]
    while ahead:
        fresh = set(moves[ahead.pop()]) - reached
        reached |= fresh
        ahead += fresh
    return {s: moves[s] for s in State if s in reached}
