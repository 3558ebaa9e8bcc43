"""Which letter a request owes its person in which state, in words that a DPO can check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.cases import Case, IdentityCheck, IdentityMethod, IdentityResult, move
from domain.letters import (
    ANSWERS,
    ARTICLE,
    ASKED,
    ENDS,
    MAY_BE_ASKED,
    TELLS_OF_DATA,
    LetterKind,
    allowed,
    letters_for,
    missing,
    occasion_of,
    owed,
)
from domain.moves import PAUSES, CaseKind, State, moves_of
from domain.steps import Step, needed

RECEIVED = date(2026, 11, 2)
VERIFIED = IdentityCheck(IdentityMethod.SESSION, IdentityResult.VERIFIED, "officer-1", RECEIVED)
CASE = Case(number="2026-0001", kind=CaseKind.ACCESS, received_on=RECEIVED, channel="mail")

#: State → the letter that is owed there; the answer is another for each kind of request.
IN_EACH_STATE = {
    "received": "acknowledgement",
    "identity-asked": "identity-question",
    "clarification-asked": "clarification",
    "in-progress": "",
    "sealed": "",
    "refused": "refusal",
    "forwarded": "forwarding",
    "withdrawn": "",
    "closed": "",
}
#: Kind of request → the letter that grants it. Part of it can be refused where there is a part.
THE_ANSWER = {
    "access": "answer part-refusal",
    "portability": "answer part-refusal",
    "access-log": "answer part-refusal",
    "rectification": "answer part-refusal",
    "erasure": "destroyed",
    "wgbo-destruction": "destroyed",
    "restriction": "answer part-refusal",
    "objection": "answer part-refusal",
    "consent": "consent-withdrawn consent-recorded",
}


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize(("state", "letter"), IN_EACH_STATE.items())
def test_in_each_state_this_letter_is_owed(kind: CaseKind, state: str, letter: str) -> None:
    assert [k.value for k in letters_for(kind, State(state))] == letter.split()


@pytest.mark.parametrize("kind", CaseKind)
def test_each_kind_of_request_has_its_answer(kind: CaseKind) -> None:
    assert " ".join(letters_for(kind, State.ANSWERED)) == THE_ANSWER[kind.value]


def test_no_state_that_a_request_can_reach_is_left_out() -> None:
    for kind in CaseKind:
        reached = set(moves_of(kind))
        assert {s.value for s in reached} - {"answered"} <= set(IN_EACH_STATE)
        for state in reached:
            must_say = state in PAUSES or Step.LETTER in needed(kind, state) or state is State.RECEIVED
            assert not must_say or letters_for(kind, state), f"{kind.value} in {state.value} has no letter"


def test_every_letter_has_an_article_and_says_what_it_needs() -> None:
    assert set(ARTICLE) == set(ASKED) == set(MAY_BE_ASKED) == set(LetterKind)
    assert all(not ASKED[k] & MAY_BE_ASKED[k] for k in LetterKind)
    assert missing(LetterKind.REFUSAL, {"reasons"}) == ("article",)
    assert allowed(LetterKind.ACKNOWLEDGEMENT) == frozenset()


def test_a_letter_that_ends_a_request_or_tells_of_the_data_is_named_so() -> None:
    """What ends a request is what its answered, refused or forwarded state owes."""
    ends = {k for kind in CaseKind for s in ("answered", "refused", "forwarded") for k in letters_for(kind, State(s))}
    assert ends == ENDS
    assert {k for kinds in ANSWERS.values() for k in kinds} <= TELLS_OF_DATA
    assert LetterKind.IDENTITY_QUESTION not in TELLS_OF_DATA, "it goes to who is not known yet"
    assert LetterKind.REFUSAL not in TELLS_OF_DATA, "who could not be identified hears that too"


def test_a_second_question_is_another_letter_and_an_answered_one_is_not_owed_again() -> None:
    assert owed(CASE, ()) is LetterKind.ACKNOWLEDGEMENT
    assert owed(CASE, {(LetterKind.ACKNOWLEDGEMENT, "1")}) is None
    kind = LetterKind.IDENTITY_QUESTION
    assert occasion_of(kind, CASE) == "1"
    waits = move(CASE, State.IDENTITY_ASKED, on=RECEIVED)
    assert occasion_of(kind, waits) == "1"
    assert owed(waits, {(kind, "1")}) is None
    back = move(waits, State.IN_PROGRESS, on=date(2026, 11, 5))
    assert occasion_of(kind, back) == "2"
    assert owed(back, {(kind, "1")}) is None
    asked_again = move(back, State.IDENTITY_ASKED, on=date(2026, 11, 6))
    assert owed(asked_again, {(kind, "1")}) is kind


def test_a_request_that_is_taken_up_again_gets_another_answer() -> None:
    case = replace(CASE, kind=CaseKind.OBJECTION, state=State.IN_PROGRESS, identity=VERIFIED)
    answered = move(case, State.ANSWERED, on=RECEIVED)
    assert occasion_of(LetterKind.ANSWER, answered) == "1"
    again = move(move(answered, State.IN_PROGRESS, on=RECEIVED), State.ANSWERED, on=RECEIVED)
    assert occasion_of(LetterKind.ANSWER, again) == "2"
    assert owed(again, {(LetterKind.ANSWER, "1")}) is LetterKind.ANSWER


def test_a_case_about_consent_has_a_letter_for_each_statement() -> None:
    case = replace(CASE, kind=CaseKind.CONSENT, state=State.ANSWERED, identity=VERIFIED)
    assert owed(case, ()) is LetterKind.CONSENT_WITHDRAWN
    assert owed(case, {(LetterKind.CONSENT_RECORDED, "C2026-0004")}) is None
