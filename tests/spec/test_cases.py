"""Which way a request may go, whose turn it is, and what must be true before an answer leaves."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.cases import (
    Case,
    IdentityCheck,
    IdentityMethod,
    IdentityResult,
    case_number,
    check_may_answer,
    check_move,
    deadline_of,
    may_answer,
    may_move,
    move,
    owes_an_answer,
)
from domain.deadlines import Pause, PauseReason, deadline_for
from domain.moves import (
    ALLOWED_MOVES,
    BARRED,
    DIRECT_MARKETING,
    GROUNDS,
    HANDS_OVER,
    LEDGER_ENTRY_FOR,
    MEANING,
    OWES_AN_ANSWER,
    OWNER_OF,
    PAUSES,
    CaseKind,
    Owner,
    State,
    is_open,
    moves_of,
)
from domain.states_page import draw_states, states_page
from domain.trouble import Refused

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
RECEIVED = date(2026, 11, 2)
VERIFIED = IdentityCheck(IdentityMethod.SESSION, IdentityResult.VERIFIED, "officer-1", RECEIVED)
FAILED = replace(VERIFIED, result=IdentityResult.NOT_VERIFIED)

#: A way through the real moves to each state, for a request for access.
WAYS: dict[State, tuple[State, ...]] = {
    State.RECEIVED: (),
    State.IDENTITY_ASKED: (State.IDENTITY_ASKED,),
    State.CLARIFICATION_ASKED: (State.CLARIFICATION_ASKED,),
    State.IN_PROGRESS: (State.IN_PROGRESS,),
    State.SEALED: (State.IN_PROGRESS, State.SEALED),
    State.ANSWERED: (State.IN_PROGRESS, State.SEALED, State.ANSWERED),
    State.REFUSED: (State.IDENTITY_ASKED, State.REFUSED),
    State.FORWARDED: (State.FORWARDED,),
    State.WITHDRAWN: (State.WITHDRAWN,),
    State.CLOSED: (State.WITHDRAWN, State.CLOSED),
}


def case_in(state: State, *, kind: CaseKind = CaseKind.ACCESS, identity: IdentityCheck | None = VERIFIED) -> Case:
    """A case that walked the allowed moves to `state`, a day each."""
    case = Case(number="2026-0001", kind=kind, received_on=RECEIVED, channel="e-mail", identity=None)
    for step, to in enumerate(WAYS[state], start=1):
        ready = replace(case, identity=VERIFIED) if to in (State.SEALED, State.ANSWERED) else case
        case = move(ready, to, on=RECEIVED + timedelta(days=step))
    return replace(case, identity=identity)


# --- The tables are whole -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [ALLOWED_MOVES, OWNER_OF, LEDGER_ENTRY_FOR, MEANING])
def test_every_state_stands_in_every_table(table: dict[State, object]) -> None:
    assert set(table) == set(State)


def test_every_move_leads_to_another_state_and_each_is_named_once() -> None:
    for state, moves in ALLOWED_MOVES.items():
        assert state not in moves
        assert len(moves) == len(set(moves))


def test_every_state_can_be_reached_and_every_case_can_be_closed() -> None:
    def reachable(state: State) -> set[State]:
        seen, left = set(), [state]
        while left:
            here = left.pop()
            if here not in seen:
                seen.add(here)
                left += ALLOWED_MOVES[here]
        return seen

    assert reachable(State.RECEIVED) == set(State)
    assert all(State.CLOSED in reachable(state) for state in State)


def test_closed_is_the_only_end_and_nobody_s_turn() -> None:
    assert [s for s in State if not ALLOWED_MOVES[s]] == [State.CLOSED]
    assert [s for s in State if OWNER_OF[s] is Owner.NOBODY] == [State.CLOSED]


def test_the_clock_stands_still_only_while_it_is_the_person_s_turn() -> None:
    assert {s for s in State if OWNER_OF[s] is Owner.PERSON} == set(PAUSES)
    assert set(PAUSES.values()) == set(PauseReason)
    assert set(PAUSES) <= OWES_AN_ANSWER


def test_every_state_has_its_own_entry_in_the_ledger() -> None:
    assert len(set(LEDGER_ENTRY_FOR.values())) == len(State)


def test_a_person_can_withdraw_as_long_as_there_is_no_answer() -> None:
    for state in OWES_AN_ANSWER:
        assert State.WITHDRAWN in ALLOWED_MOVES[state]


# --- Moves --------------------------------------------------------------------------------------------------------


EVERY_PAIR = [(here, to) for here in State for to in State]


@pytest.mark.parametrize(("here", "to"), EVERY_PAIR)
def test_a_move_that_the_table_does_not_name_is_refused(here: State, to: State) -> None:
    case = case_in(here)
    if to not in ALLOWED_MOVES[here]:
        assert not may_move(case, to)
        with pytest.raises(Refused, match=r"2026-0001.*does not go from"):
            check_move(case, to)


@pytest.mark.parametrize(("here", "to"), EVERY_PAIR)
def test_to_ask_and_to_check_are_one_rule(here: State, to: State) -> None:
    for kind in CaseKind:
        if here not in moves_of(kind) or (kind not in HANDS_OVER and here is State.ANSWERED):
            continue  # such a case never has a package, and its way to an answer is another
        for identity in (VERIFIED, FAILED, None):
            case = case_in(here, kind=kind, identity=identity)
            try:
                move(case, to, on=date(2026, 12, 1))
                went = True
            except Refused:
                went = False
            assert went is may_move(case, to)


def test_an_export_is_whole_and_sealed_or_it_is_not_sent() -> None:
    for kind in HANDS_OVER:
        assert not may_move(case_in(State.IN_PROGRESS, kind=kind), State.ANSWERED)
        assert may_move(case_in(State.SEALED, kind=kind), State.ANSWERED)


def test_what_hands_nothing_over_is_answered_by_letter() -> None:
    for kind in set(CaseKind) - HANDS_OVER:
        assert may_move(case_in(State.IN_PROGRESS, kind=kind), State.ANSWERED)
        assert not may_move(case_in(State.IN_PROGRESS, kind=kind), State.SEALED)


def test_erasure_and_destruction_of_a_dossier_are_two_rights() -> None:
    assert CaseKind.ERASURE is not CaseKind.WGBO_DESTRUCTION
    assert len(CaseKind) == 9


@pytest.mark.parametrize("identity", [None, FAILED])
def test_without_a_verified_identity_nothing_is_sealed_or_answered(identity: IdentityCheck | None) -> None:
    assert not may_move(case_in(State.IN_PROGRESS, identity=identity), State.SEALED)
    assert not may_move(case_in(State.SEALED, identity=identity), State.ANSWERED)
    erasure = case_in(State.IN_PROGRESS, kind=CaseKind.ERASURE, identity=identity)
    with pytest.raises(Refused, match="identity is not verified"):
        check_move(erasure, State.ANSWERED)


def test_without_a_verified_identity_a_request_can_still_be_refused_forwarded_and_withdrawn() -> None:
    for to in (State.REFUSED, State.FORWARDED, State.WITHDRAWN):
        assert may_move(case_in(State.IN_PROGRESS, identity=None), to)


def test_who_is_verified_is_not_asked_again_to_gain_time() -> None:
    assert may_move(case_in(State.IN_PROGRESS, identity=FAILED), State.IDENTITY_ASKED)
    assert not may_move(case_in(State.IN_PROGRESS, identity=VERIFIED), State.IDENTITY_ASKED)


# --- The clock follows the state ----------------------------------------------------------------------------------


def test_asking_stops_the_clock_and_the_answer_starts_it() -> None:
    asked = move(case_in(State.RECEIVED, identity=None), State.IDENTITY_ASKED, on=date(2026, 11, 5))
    assert asked.pauses == (Pause(date(2026, 11, 5), None, PauseReason.IDENTITY),)
    assert deadline_of(asked, date(2026, 11, 8)).standing_still
    again = move(asked, State.IN_PROGRESS, on=date(2026, 11, 9))
    assert again.pauses == (Pause(date(2026, 11, 5), date(2026, 11, 9), PauseReason.IDENTITY),)
    assert deadline_of(again, date(2026, 11, 9)) == deadline_for(RECEIVED, pauses=again.pauses)
    assert deadline_of(again, date(2026, 11, 9)).promise_day == date(2026, 12, 4)


def test_from_one_question_to_the_other_the_first_is_answered() -> None:
    asked = move(case_in(State.RECEIVED, identity=None), State.IDENTITY_ASKED, on=date(2026, 11, 5))
    other = move(asked, State.CLARIFICATION_ASKED, on=date(2026, 11, 7))
    assert [(p.reason, p.answered_on) for p in other.pauses] == [
        (PauseReason.IDENTITY, date(2026, 11, 7)),
        (PauseReason.CLARIFICATION, None),
    ]


@pytest.mark.parametrize("state", State)
def test_the_deadline_counts_until_we_answered_refused_forwarded_or_the_person_withdrew(state: State) -> None:
    done = {State.ANSWERED, State.REFUSED, State.FORWARDED, State.WITHDRAWN, State.CLOSED}
    assert owes_an_answer(case_in(state)) is (state not in done)


@pytest.mark.parametrize("state", State)
def test_an_open_case_freezes_destruction_until_it_is_closed(state: State) -> None:
    assert is_open(state) is (state is not State.CLOSED)


def test_closing_writes_down_the_day_from_which_the_file_s_own_term_counts() -> None:
    closed = move(case_in(State.WITHDRAWN), State.CLOSED, on=date(2026, 12, 15))
    assert closed.closed_on == date(2026, 12, 15)
    assert not is_open(closed.state)


# --- Before an answer leaves --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_an_answer_is_made_only_in_progress_or_sealed(state: State) -> None:
    assert may_answer(case_in(state), secrecy_flag=False) is (state in (State.IN_PROGRESS, State.SEALED))


@pytest.mark.parametrize("identity", [None, FAILED])
def test_no_answer_without_a_verified_identity(identity: IdentityCheck | None) -> None:
    with pytest.raises(Refused, match="identity is not verified"):
        check_may_answer(case_in(State.IN_PROGRESS, identity=identity), secrecy_flag=False)


def test_no_answer_past_a_secrecy_flag_nor_when_nobody_looked() -> None:
    case = case_in(State.SEALED)
    with pytest.raises(Refused, match="secrecy flag"):
        check_may_answer(case, secrecy_flag=True)
    with pytest.raises(Refused, match="nobody looked"):
        check_may_answer(case, secrecy_flag=None)


# --- What a case is -----------------------------------------------------------------------------------------------


def test_a_case_holds_no_personal_data() -> None:
    assert {f.name for f in fields(Case)} == {
        "number", "kind", "received_on", "channel", "state", "language", "identity", "pauses", "extended_on", "handler",
        "closed_on", "ground", "round", "controller", "origin",
    }  # fmt: skip
    assert {f.name for f in fields(IdentityCheck)} == {"method", "result", "by", "on"}


@pytest.mark.parametrize("number", ["", "1", "2026-1", "2026/0001", "x2026-0001", "2026-0001 ", "jan@example.org"])
def test_what_is_no_case_number_is_refused_and_not_repeated(number: str) -> None:
    with pytest.raises(Refused, match="not a case number") as refused:
        Case(number=number, kind=CaseKind.ACCESS, received_on=RECEIVED, channel="letter")
    assert "jan@" not in str(refused.value)


def test_case_numbers_count_on_past_9999() -> None:
    assert case_number(2026, 1) == "2026-0001"
    assert case_number(2026, 12345) == "2026-12345"


CONTRADICTIONS: list[tuple[dict[str, object], str]] = [
    ({"language": "fr"}, "no letters"),
    ({"closed_on": date(2026, 12, 1)}, "closed case has the day"),
    ({"state": State.CLOSED}, "closed case has the day"),
    ({"state": State.CLOSED, "closed_on": date(2026, 11, 1)}, "before its receipt"),
    ({"state": State.IDENTITY_ASKED}, "open questions"),
    ({"pauses": (Pause(RECEIVED, None, PauseReason.IDENTITY),)}, "open questions"),
    (
        {"state": State.IDENTITY_ASKED, "pauses": (Pause(RECEIVED, None, PauseReason.CLARIFICATION),)},
        "open questions",
    ),
]


@pytest.mark.parametrize(("changed", "says"), CONTRADICTIONS)
def test_a_case_that_contradicts_itself_does_not_exist(changed: dict[str, object], says: str) -> None:
    given = {"number": "2026-0001", "kind": CaseKind.ACCESS, "received_on": RECEIVED, "channel": "letter"}
    with pytest.raises(Refused, match=says):
        Case(**{**given, **changed})


# --- The page that is drawn from the tables -----------------------------------------------------------------------


def test_the_page_of_states_is_the_one_that_the_tables_draw() -> None:
    assert PAGE.read_text(encoding="utf-8") == states_page(), "it is not; run: python -m tests.meta.write_docs"


@pytest.mark.parametrize("kind", CaseKind)
def test_the_diagram_has_every_move_of_its_kind_and_no_other(kind: CaseKind) -> None:
    names = {state.value.replace("-", "_"): state for state in State}
    arrows = [line.strip().split(" --> ") for line in draw_states(kind).splitlines() if " --> " in line]
    drawn = [(names[a], names[b]) for a, b in arrows if "[*]" not in (a, b)]
    assert sorted(drawn) == sorted((here, to) for here, moves in moves_of(kind).items() for to in moves)


# --- Each kind has its own way ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CaseKind)
def test_a_kind_has_the_common_moves_without_those_it_is_barred_from(kind: CaseKind) -> None:
    moves = moves_of(kind)
    for here in moves:
        for to in State:
            barred = (here, to) in BARRED[kind]
            assert (to in moves[here]) == (to in ALLOWED_MOVES[here] and not barred)
    assert State.CLOSED in moves
    assert State.ANSWERED in moves
    assert (State.SEALED in moves) == (kind in HANDS_OVER)


def test_a_withdrawal_of_consent_is_refused_only_to_whom_we_do_not_know() -> None:
    refusing = [here for here, to in moves_of(CaseKind.CONSENT).items() if State.REFUSED in to]
    assert refusing == [State.IDENTITY_ASKED]


def test_an_objection_to_direct_marketing_is_never_refused_and_another_can_be() -> None:
    objection = case_in(State.IN_PROGRESS, kind=CaseKind.OBJECTION)
    assert may_move(objection, State.REFUSED)
    absolute = replace(objection, ground=DIRECT_MARKETING)
    with pytest.raises(Refused, match="absolute"):
        check_move(absolute, State.REFUSED)
    assert may_move(replace(absolute, identity=None), State.REFUSED), "who it is must be known"


@pytest.mark.parametrize("kind", CaseKind)
def test_a_request_rests_only_on_a_ground_of_its_kind(kind: CaseKind) -> None:
    for ground in ("", *GROUNDS.get(kind, ())):
        assert Case(number="2026-0001", kind=kind, received_on=RECEIVED, channel="mail", ground=ground).ground == ground
    with pytest.raises(Refused, match="does not rest on that ground"):
        Case(number="2026-0001", kind=kind, received_on=RECEIVED, channel="mail", ground="e")
