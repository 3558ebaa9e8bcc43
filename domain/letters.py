"""Which letters there are, which of them a request owes its person, and what each must be able to say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.cases import Case
from domain.deadlines import PauseReason
from domain.moves import ERASES, HANDS_OVER, CaseKind, State
from domain.package import Addressee


class LetterKind(StrEnum):
    """What a letter to the person of a request is."""

    ACKNOWLEDGEMENT = "acknowledgement"
    IDENTITY_QUESTION = "identity-question"
    CLARIFICATION = "clarification"
    EXTENSION = "extension"
    FORWARDING = "forwarding"
    ANSWER = "answer"
    PART_REFUSAL = "part-refusal"
    REFUSAL = "refusal"
    DESTROYED = "destroyed"
    RESTRICTION_LIFTED = "restriction-lifted"
    POLICY_CHANGE = "policy-change"
    CONSENT_RECORDED = "consent-recorded"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    RECIPIENTS = "recipients"


#: Why each letter is written, by which article.
ARTICLE: Mapping[LetterKind, str] = {
    LetterKind.ACKNOWLEDGEMENT: "AVG 12 lid 2, 3",
    LetterKind.IDENTITY_QUESTION: "AVG 12 lid 6",
    LetterKind.CLARIFICATION: "AVG overweging 63",
    LetterKind.EXTENSION: "AVG 12 lid 3",
    LetterKind.FORWARDING: "AVG 28 lid 3 onder e",
    LetterKind.ANSWER: "AVG 12 lid 3",
    LetterKind.PART_REFUSAL: "AVG 12 lid 4",
    LetterKind.REFUSAL: "AVG 12 lid 4",
    LetterKind.DESTROYED: "AVG 12 lid 3, 17; BW 7:455",
    LetterKind.RESTRICTION_LIFTED: "AVG 18 lid 3",
    LetterKind.POLICY_CHANGE: "AVG 12 lid 1, 13, 14",
    LetterKind.CONSENT_RECORDED: "AVG 7 lid 1",
    LetterKind.CONSENT_WITHDRAWN: "AVG 7 lid 3",
    LetterKind.RECIPIENTS: "AVG 19",
}

#: What the case cannot say by itself and somebody must give; a value may be a text or several. `refused` is for each
#: part of the request three texts: the part, why not, and the article.
ASKED: Mapping[LetterKind, frozenset[str]] = {kind: frozenset() for kind in LetterKind} | {
    LetterKind.CLARIFICATION: frozenset({"question"}),
    LetterKind.EXTENSION: frozenset({"reasons"}),
    LetterKind.FORWARDING: frozenset({"practice"}),
    LetterKind.PART_REFUSAL: frozenset({"refused"}),
    LetterKind.REFUSAL: frozenset({"reasons", "article"}),
    LetterKind.RESTRICTION_LIFTED: frozenset({"reasons", "lifted_on"}),
    LetterKind.POLICY_CHANGE: frozenset({"changes", "since"}),
    LetterKind.CONSENT_RECORDED: frozenset({"purpose"}),
    LetterKind.CONSENT_WITHDRAWN: frozenset({"purpose"}),
}

#: What may be given besides; left out, a sentence of our own stands there. `method`: an `IdentityMethod`.
MAY_BE_ASKED: Mapping[LetterKind, frozenset[str]] = {kind: frozenset() for kind in LetterKind} | {
    LetterKind.IDENTITY_QUESTION: frozenset({"how", "method"}),
    LetterKind.ANSWER: frozenset({"done"}),
    LetterKind.PART_REFUSAL: frozenset({"done"}),
}

#: What the ledger says by itself, and nobody gives. `recipients`: of each four texts: its name, `told`, `excused` or
#: nothing, and the days on which it was told and confirmed.
FROM_LEDGER: Mapping[LetterKind, frozenset[str]] = {kind: frozenset() for kind in LetterKind} | {
    LetterKind.RECIPIENTS: frozenset({"recipients"}),
}

#: The letters that ask the person something, and why the clock stands still until the answer.
QUESTIONS: Mapping[LetterKind, PauseReason] = {
    LetterKind.IDENTITY_QUESTION: PauseReason.IDENTITY,
    LetterKind.CLARIFICATION: PauseReason.CLARIFICATION,
}

#: The letters that say something of the person's data: only to who was shown to be that person.
TELLS_OF_DATA = frozenset(
    {
        LetterKind.ANSWER,
        LetterKind.PART_REFUSAL,
        LetterKind.DESTROYED,
        LetterKind.RESTRICTION_LIFTED,
        LetterKind.CONSENT_RECORDED,
        LetterKind.CONSENT_WITHDRAWN,
        LetterKind.RECIPIENTS,
    }
)

#: The letters with which a request may end: `Step.LETTER` is true once one of them went.
ENDS = frozenset(
    {
        LetterKind.ANSWER,
        LetterKind.PART_REFUSAL,
        LetterKind.REFUSAL,
        LetterKind.FORWARDING,
        LetterKind.DESTROYED,
        LetterKind.CONSENT_RECORDED,
        LetterKind.CONSENT_WITHDRAWN,
    }
)

#: What answers a request of each kind when it is granted; the first is proposed.
ANSWERS: Mapping[CaseKind, tuple[LetterKind, ...]] = {
    **dict.fromkeys(HANDS_OVER, (LetterKind.ANSWER, LetterKind.PART_REFUSAL)),
    **dict.fromkeys(ERASES, (LetterKind.DESTROYED,)),
    CaseKind.RECTIFICATION: (LetterKind.ANSWER, LetterKind.PART_REFUSAL),
    CaseKind.RESTRICTION: (LetterKind.ANSWER, LetterKind.PART_REFUSAL),
    CaseKind.OBJECTION: (LetterKind.ANSWER, LetterKind.PART_REFUSAL),
    CaseKind.CONSENT: (LetterKind.CONSENT_WITHDRAWN, LetterKind.CONSENT_RECORDED),
}

#: The letters of which there is one for each statement of consent, whatever round the case is in.
_BY_STATEMENT = frozenset({LetterKind.CONSENT_RECORDED, LetterKind.CONSENT_WITHDRAWN})

_ON_ARRIVAL: Mapping[State, tuple[LetterKind, ...]] = {
    State.RECEIVED: (LetterKind.ACKNOWLEDGEMENT,),
    State.IDENTITY_ASKED: (LetterKind.IDENTITY_QUESTION,),
    State.CLARIFICATION_ASKED: (LetterKind.CLARIFICATION,),
    State.FORWARDED: (LetterKind.FORWARDING,),
    State.REFUSED: (LetterKind.REFUSAL,),
}


def letters_for(kind: CaseKind, state: State) -> tuple[LetterKind, ...]:
    """The letters of which one goes when a request of this kind arrives in this state; none where nothing is owed."""
    return ANSWERS[kind] if state is State.ANSWERED else _ON_ARRIVAL.get(state, ())


def owed(case: Case, gone: Collection[tuple[LetterKind, str]]) -> LetterKind | None:
    """The letter that this case owes its person as it stands, None where it went. `gone`: (kind, occasion)."""
    kinds = letters_for(case.kind, case.state)
    went = {kind for kind, occasion in gone if kind in _BY_STATEMENT or occasion == occasion_of(kind, case)}
    return kinds[0] if kinds and went.isdisjoint(kinds) else None


def occasion_of(kind: LetterKind, case: Case) -> str:
    """What tells this letter from an earlier one of its kind for the same case: which question, or which answer."""
    if kind in QUESTIONS:
        asked = [p for p in case.pauses if p.reason is QUESTIONS[kind]]
        waiting = bool(asked) and asked[-1].answered_on is None
        return str(len(asked) if waiting else len(asked) + 1)
    return str(case.round) if kind in ENDS else "1"


@dataclass(frozen=True, slots=True)
class LetterTold:
    """Everything a letter is filled from. Personal data may stand in `given` and stands in `addressee`.

    `represented`: it goes to somebody who asks for the person, so "your data" would be said of the wrong one.
    """

    kind: LetterKind
    case: str
    right: CaseKind
    language: str
    received_on: date
    as_of: date
    promise: date
    law: date
    extended: date
    addressee: Addressee = field(repr=False)
    ground: str = ""
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    represented: bool = False


def missing(kind: LetterKind, given: Collection[str]) -> tuple[str, ...]:
    """What somebody must still give before this letter can be written."""
    return tuple(sorted(ASKED[kind] - set(given)))


def allowed(kind: LetterKind) -> frozenset[str]:
    """What may be given for this letter; anything else is not of its words."""
    return ASKED[kind] | MAY_BE_ASKED[kind]
