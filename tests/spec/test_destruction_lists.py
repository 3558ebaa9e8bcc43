"""The law of a destruction list: which moves there are and who makes them, what may be answered, how it is chased."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.chasing import ListLadder, chase_on, waits_since
from domain.instruction import (
    AtPractice,
    Instruction,
    Settlement,
    WhyKept,
    WhyStayed,
    check_kept,
    kept_by_reason,
    may_go,
)
from domain.keys import Keys
from domain.lists import (
    ALLOWED_MOVES,
    MOVED_BY,
    OPEN,
    TURN_OF,
    Answer,
    DestructionList,
    Line,
    ListState,
    check_move,
    list_digest,
)
from domain.trouble import Refused
from register.loader import load_register

SENT_ON = date(2026, 12, 1)
SENT = DestructionList(
    "L2026-0001", "careweb", "careweb.patient", "2", "a" * 64, "b" * 64, SENT_ON, 3, ListState.SENT, sent_on=SENT_ON
)
LADDER = ListLadder.model_validate(load_register().lists)
LINES = tuple(Line((n,), f"C2-{n}", date(2006, 1, n), date(2026, 1, n + 1)) for n in range(1, 4))


def said(answer: str = "all", **more: Any) -> Instruction:
    given = {"role": AtPractice.OWNER, "reference": "brief 17", "received_on": date(2026, 12, 9), "kept": {}}
    return Instruction(answer=Answer(answer), **(given | more))


# -- moves ------------------------------------------------------------------------------------------------------


def test_every_state_says_who_brings_a_list_there_whose_turn_it_is_and_where_it_may_go() -> None:
    for table in (ALLOWED_MOVES, MOVED_BY, TURN_OF):
        assert set(table) == set(ListState)


@pytest.mark.parametrize(("here", "there"), list(itertools.product(ListState, ListState)))
def test_a_list_moves_only_as_the_table_says(here: ListState, there: ListState) -> None:
    one = replace(SENT, state=here)
    if there in ALLOWED_MOVES[here]:
        check_move(one, there)
        return
    with pytest.raises(Refused):
        check_move(one, there)


def test_what_is_destroyed_was_instructed_first() -> None:
    assert [s for s in ListState if ListState.CARRIED_OUT in ALLOWED_MOVES[s]] == [ListState.INSTRUCTED]
    assert [s for s in ListState if ListState.INSTRUCTED in ALLOWED_MOVES[s]] == [ListState.SENT, ListState.INSTRUCTED]


def test_a_done_list_goes_nowhere_and_an_open_one_can_always_lapse() -> None:
    for state in ListState:
        assert (state in OPEN) == (ListState.LAPSED in ALLOWED_MOVES[state]) == bool(ALLOWED_MOVES[state])


# -- instructions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "more"),
    [
        ("part", {}),  # a part of what?
        ("all", {"kept": {"C2-1": WhyKept.CLAIM}}),  # all, and yet something stays
        ("later", {}),  # later, when?
        ("later", {"later": date(2026, 12, 9)}),  # the day it came in is not later
        ("all", {"later": date(2027, 1, 9)}),
        ("later", {"later": date(2027, 1, 9), "kept": {"C2-1": WhyKept.CLAIM}}),
        ("all", {"reference": "jan@praktijk.nl"}),
        ("all", {"reference": ""}),
        ("all", {"reference": "x" * 60}),
    ],
)
def test_an_instruction_that_contradicts_itself_cannot_exist(answer: str, more: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        said(answer, **more)


def test_all_lets_everything_go_part_lets_the_rest_go_and_later_nothing() -> None:
    assert may_go(LINES, said()) == Keys([(1,), (2,), (3,)])
    assert may_go(LINES, said("part", kept={"C2-2": WhyKept.CLAIM})) == Keys([(1,), (3,)])
    assert may_go(LINES, said("later", later=date(2027, 3, 1))) == Keys()


def test_two_dossiers_under_one_client_number_stay_together() -> None:
    twins = (*LINES, Line((9,), "C2-2", None, None))
    kept = said("part", kept={"C2-2": WhyKept.CLAIM})
    assert may_go(twins, kept) == Keys([(1,), (3,)])
    assert kept_by_reason(twins, kept) == {WhyKept.CLAIM: 2}


def test_a_client_number_that_is_not_on_the_list_is_refused_without_being_named() -> None:
    with pytest.raises(Refused) as refused:
        check_kept(LINES, said("part", kept={"C9-777": WhyKept.CLAIM}))
    assert "C9-777" not in str(refused.value)


@pytest.mark.parametrize(
    "other",
    [
        said(reference="brief 18"),
        said(role=AtPractice.PROVIDER),
        said(received_on=date(2026, 12, 10)),
        said("part", kept={"C2-1": WhyKept.CLAIM}),
        said("part", kept={"C2-1": WhyKept.TREATMENT}),
        said("later", later=date(2027, 1, 9)),
    ],
)
def test_what_a_second_officer_approves_changes_with_every_word_of_the_instruction(other: Instruction) -> None:
    assert other.digest(SENT, 1) != said().digest(SENT, 1)


def test_what_a_second_officer_approves_is_bound_to_the_list_the_wording_and_the_moment() -> None:
    first = said().digest(SENT, 1)
    assert first == said().digest(SENT, 1)
    others = [replace(SENT, digest="c" * 64), replace(SENT, rule_digest="c" * 64), replace(SENT, number="L2026-0002")]
    assert first not in {said().digest(one, 1) for one in others} | {said().digest(SENT, 2)}


def test_a_list_digest_is_over_the_wording_and_the_keys() -> None:
    keys = Keys([(1,), (2,)])
    assert list_digest("a", keys) == list_digest("a", Keys([(1,), (2,)]))
    assert len({list_digest("a", keys), list_digest("b", keys), list_digest("a", Keys([(1,)]))}) == 3


def test_a_settlement_adds_up() -> None:
    told: dict[str, Any] = {"batches": {}, "recorded_by": "desk", "approved_by": "fg"}
    Settlement(4, 1, {WhyKept.CLAIM: 1}, {WhyStayed.FROZEN: 2}, **told)
    with pytest.raises(ValueError, match="add up"):
        Settlement(5, 1, {WhyKept.CLAIM: 1}, {WhyStayed.FROZEN: 2}, **told)


# -- chasing ----------------------------------------------------------------------------------------------------

#          days, already climbed,    rung, told,                            covered
CHASED = [
    (0, (), None, None, ()),
    (13, (), None, None, ()),
    (14, (), 14, "handler", ()),
    (27, (14,), None, None, ()),
    (28, (14,), 28, "handler dpo", ()),
    (42, (14, 28), 42, "handler dpo", ()),
    (56, (14, 28, 42), 56, "handler dpo management", ()),
    (83, (14, 28, 42, 56), None, None, ()),
    (84, (14, 28, 42, 56), 84, "handler dpo management", ()),
    (112, (14, 28, 42, 56, 84), 112, "handler dpo management", ()),
    (60, (), 56, "handler dpo management", (14, 28, 42)),  # the office was closed: the highest only
    (90, (14,), 84, "handler dpo management", (28, 42, 56)),
]


@pytest.mark.parametrize(("days", "already", "rung", "told", "covers"), CHASED)
def test_a_silent_practice_is_chased_step_by_step_each_step_once(
    days: int, already: tuple[int, ...], rung: int | None, told: str | None, covers: tuple[int, ...]
) -> None:
    chase = chase_on(LADDER, SENT, SENT_ON + timedelta(days=days), {f"{SENT_ON}-day-{n}" for n in already})
    if rung is None:
        assert chase is None
        return
    assert chase is not None
    assert (chase.key, chase.days_waiting) == (f"{SENT_ON}-day-{rung}", days)
    assert " ".join(chase.told) == told
    assert chase.covers == tuple(f"{SENT_ON}-day-{n}" for n in covers)


@pytest.mark.parametrize(
    ("changed", "since"),
    [
        ({"state": ListState.DRAWN_UP, "sent_on": None}, None),
        ({"state": ListState.INSTRUCTED, "answer": Answer.ALL}, None),
        ({"state": ListState.CARRIED_OUT}, None),
        ({"state": ListState.LAPSED}, None),
        # After 'later' the first rung falls on the day that the practice named.
        (
            {"state": ListState.INSTRUCTED, "answer": Answer.LATER, "later": date(2027, 3, 1)},
            date(2027, 3, 1) - timedelta(days=14),
        ),
    ],
)
def test_only_who_must_answer_is_chased(changed: dict[str, Any], since: date | None) -> None:
    one = replace(SENT, **changed)
    assert waits_since(one, LADDER) == since
    if since is None:
        assert chase_on(LADDER, one, date(2029, 1, 1), set()) is None
    else:
        assert chase_on(LADDER, one, date(2027, 2, 28), set()) is None
        assert chase_on(LADDER, one, date(2027, 3, 1), set()) is not None


def test_a_ladder_that_forgets_who_was_told_or_goes_down_is_no_ladder() -> None:
    sound = LADDER.model_dump(mode="json") | {"kept_is_asked_again": "1 year"}
    for change in (
        {"rung": list(reversed(sound["rung"]))},
        {"again": sound["again"] | {"told": ["dpo"]}},
        {"rung": [sound["rung"][0] | {"days_after": 0}, *sound["rung"][1:]]},
        {"rung": []},
    ):
        with pytest.raises(ValidationError):
            ListLadder.model_validate(sound | change)
