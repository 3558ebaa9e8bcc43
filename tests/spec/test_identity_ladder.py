"""How much a person must show to prove who they are: the lightest check that is enough, a masked copy last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import IdentityMethod
from domain.identity_ladder import LADDER, Outcome, Tried, check_rung, next_rung, open_before
from domain.trouble import Refused

SESSION, ADDRESS, CALL, SHOWN, COPY = IdentityMethod
NO, OUT, YES, ASKED = Outcome.NOT_VERIFIED, Outcome.NOT_POSSIBLE, Outcome.VERIFIED, Outcome.ASKED

#: What was done before → what is asked now, the reason given → whether the law's measure allows it.
STEPS = [
    # The light checks ask for nothing new: any of them may come first (AVG 12 lid 6).
    ("", SESSION, "", True),
    ("", ADDRESS, "", True),
    ("", CALL, "", True),
    # A document is looked at only after the light checks, or with a reason.
    ("", SHOWN, "", False),
    ("session no", SHOWN, "", False),
    ("session no, address no, call no", SHOWN, "", True),
    ("session impossible, address no, call impossible", SHOWN, "", True),
    ("", SHOWN, "staat zelf aan de balie", True),
    # A copy comes last (AVG 5 lid 1 onder c; the regulator fined who asked for it at once).
    ("", COPY, "", False),
    ("session no, address no, call no", COPY, "", False),
    ("session no, address no, call no, shown no", COPY, "", True),
    ("session impossible, address impossible, call impossible, shown impossible", COPY, "", True),
    ("session impossible, address impossible, call impossible, shown asked", COPY, "", False),
    ("", COPY, "woont in het buitenland, geen account, geen bekend nummer", True),
    ("", COPY, "   ", False),
    # Who was verified is not asked again.
    ("call yes", COPY, "toch liever", False),
    ("call yes", SESSION, "", False),
]
WORDS = {"no": NO, "impossible": OUT, "yes": YES, "asked": ASKED}
NAMES = {"session": SESSION, "address": ADDRESS, "call": CALL, "shown": SHOWN, "copy": COPY}


def past(told: str) -> list[Tried]:
    return [Tried(NAMES[m], WORDS[o]) for m, o in (one.split() for one in told.split(", ") if one)]


@pytest.mark.parametrize(("before", "method", "why", "allowed"), STEPS)
def test_no_more_is_asked_than_is_needed(before: str, method: IdentityMethod, why: str, allowed: bool) -> None:
    if allowed:
        check_rung(Tried(method, ASKED), past(before), why=why, where="case 2026-0001")
        return
    with pytest.raises(Refused):
        check_rung(Tried(method, ASKED), past(before), why=why, where="case 2026-0001")


def test_that_a_check_is_not_possible_is_said_with_a_reason() -> None:
    with pytest.raises(Refused, match="not possible"):
        check_rung(Tried(SESSION, OUT), [], why="", where="case 2026-0001")
    check_rung(Tried(SESSION, OUT), [], why="geen account", where="case 2026-0001")


def test_the_next_check_is_the_lightest_that_is_left() -> None:
    assert next_rung([]) is SESSION
    assert next_rung(past("session impossible, address no")) is CALL
    assert next_rung(past("session impossible, address no, call no, shown no")) is COPY
    assert next_rung(past("address yes")) is None


def test_each_check_has_its_need_and_its_article() -> None:
    assert set(LADDER) == set(IdentityMethod)
    assert all(rung.needs and "AVG" in rung.article for rung in LADDER.values())
    order = list(LADDER)
    assert all(set(LADDER[m].after) <= set(order[: order.index(m)]) for m in order)


TRIED = st.builds(Tried, st.sampled_from(IdentityMethod), st.sampled_from(Outcome))


@given(st.lists(TRIED, max_size=6), st.sampled_from(IdentityMethod))
def test_without_a_reason_a_copy_is_asked_only_when_nothing_lighter_is_left(
    before: list[Tried], method: IdentityMethod
) -> None:
    verified = any(t.outcome is YES for t in before)
    try:
        check_rung(Tried(method, ASKED), before, why="", where="case 2026-0001")
    except Refused:
        assert verified or open_before(method, before)
    else:
        assert not verified
        behind = {t.method for t in before if t.outcome in (NO, OUT)}
        assert set(LADDER[method].after) <= behind
