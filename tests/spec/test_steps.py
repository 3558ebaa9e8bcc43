"""What must be true before each kind of request is answered, refused, forwarded or closed, in words a DPO can check."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import Case, IdentityCheck, IdentityMethod, IdentityResult, may_move, move
from domain.moves import DIRECT_MARKETING, OWN_SITUATION, CaseKind, State, moves_of
from domain.steps import BY_HAND, MEANING, SAID, TOLD_ON, Step, check_steps, needed
from domain.trouble import Refused

RECEIVED = date(2026, 11, 2)
VERIFIED = IdentityCheck(IdentityMethod.SESSION, IdentityResult.VERIFIED, "officer-1", RECEIVED)

#: Kind, ground → the steps before it is answered. Article: see `domain.steps.MEANING`.
BEFORE_THE_ANSWER = [
    ("access", "", "identity-verified packages-released"),
    ("portability", "", "identity-verified packages-released"),
    ("access-log", "", "identity-verified packages-released"),
    ("rectification", "", "identity-verified recipients-listed recipients-told corrected-or-stated letter-sent"),
    ("erasure", "", "identity-verified recipients-listed recipients-told erased-and-verified letter-sent"),
    ("wgbo-destruction", "", "identity-verified erased-and-verified letter-sent"),
    ("restriction", "a", "identity-verified recipients-listed recipients-told restricted letter-sent"),
    ("objection", "", "identity-verified interests-weighed processing-stopped letter-sent"),
    ("objection", OWN_SITUATION, "identity-verified interests-weighed processing-stopped letter-sent"),
    ("objection", DIRECT_MARKETING, "identity-verified processing-stopped letter-sent"),
    ("consent", "", "identity-verified consent-recorded letter-sent"),
]


@pytest.mark.parametrize(("kind", "ground", "steps"), BEFORE_THE_ANSWER)
def test_an_answer_has_these_steps_behind_it(kind: str, ground: str, steps: str) -> None:
    assert [s.value for s in needed(CaseKind(kind), State.ANSWERED, ground)] == steps.split()


def test_the_table_has_every_kind() -> None:
    assert {kind for kind, _, _ in BEFORE_THE_ANSWER} == set(CaseKind)
    assert set(MEANING) == set(Step)
    assert BY_HAND < SAID


@pytest.mark.parametrize("kind", CaseKind)
def test_a_refusal_and_a_forwarding_are_a_letter_to_the_person(kind: CaseKind) -> None:
    assert needed(kind, State.REFUSED) == needed(kind, State.FORWARDED) == (Step.LETTER,)


@pytest.mark.parametrize("kind", CaseKind)
def test_a_case_closes_when_nobody_is_waited_for_and_a_restriction_when_it_was_lifted(kind: CaseKind) -> None:
    expected = ([Step.CONFIRMED] if kind in TOLD_ON else []) + ([Step.LIFTED] if kind is CaseKind.RESTRICTION else [])
    assert list(needed(kind, State.CLOSED)) == expected


def test_what_was_never_answered_owes_nobody_a_confirmation() -> None:
    case = Case(number="2026-0001", kind=CaseKind.ERASURE, received_on=RECEIVED, channel="mail", identity=VERIFIED)
    check_steps(move(case, State.WITHDRAWN, on=RECEIVED), State.CLOSED, frozenset())


@given(st.data())
def test_no_way_to_an_end_skips_a_step(data: st.DataObject) -> None:
    """Walk any way with any steps done: who arrives in an end state has every step of it, whatever the order."""
    kind, ground = data.draw(st.sampled_from([(CaseKind(k), g) for k, g, _ in BEFORE_THE_ANSWER]))
    case = Case(
        number="2026-0001", kind=kind, received_on=RECEIVED, channel="mail", identity=VERIFIED, ground=ground
    )  # fmt: skip
    done = frozenset(data.draw(st.sets(st.sampled_from(Step))) | {Step.IDENTITY})
    for n in range(data.draw(st.integers(1, 8))):
        to = data.draw(st.sampled_from(sorted(State)))
        if not may_move(case, to):
            assert to not in moves_of(kind)[case.state] or to in (State.IDENTITY_ASKED, State.REFUSED)
            continue
        before = case.state
        try:
            check_steps(case, to, done)
        except Refused:
            assert not set(needed(kind, to, ground)) <= done
            continue
        case = move(case, to, on=RECEIVED + timedelta(days=n))
        if to is not State.CLOSED or before is State.ANSWERED:
            assert set(needed(kind, to, ground)) <= done
