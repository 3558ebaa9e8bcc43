"""Holds: they hold, they release by themselves, and an unreadable one is never an empty list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.cases import CaseKind
from domain.evidence import Entry
from domain.identity import Identifier
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.holds import Ground, Hold, Scope
from ledger.schema import holds
from ledger.seals import seal_of
from tests.unit.ledger_desk import AS_OF, Desk

RECORD = {"system": "careweb", "dataset": "patient", "key": "7|a"}


def hold(desk: Desk, *, until: date | None = None, **target: Any) -> Hold:
    return desk.ledger.holds.add(
        owner="fg", reason="claim of a person", review_on=date(2027, 5, 1), until=until,
        entry=Entry("hold added", "fg"), **(target or RECORD),
    )  # fmt: skip


def active(desk: Desk, as_of: date = AS_OF) -> list[str]:
    return [h.id for h in desk.ledger.holds.list_active(as_of)]


def test_a_hold_comes_back_as_it_was_added(desk: Desk) -> None:
    case = desk.ledger.cases.open_case(
        CaseKind.ERASURE, received_on=AS_OF, channel="mail", subject={}, entry=Entry("case.received", "fg")
    )
    who = (Identifier("bsn", "111222333"), Identifier("email", "x@example.org"))
    added = [
        hold(desk),
        hold(desk, case=case.number),
        hold(desk, identifiers=who),
        hold(desk, system="hr", dataset="payroll"),
    ]
    assert desk.ledger.holds.list_active(AS_OF) == tuple(added)
    assert [h.scope for h in added] == [Scope.RECORD, Scope.PERSON, Scope.PERSON, Scope.DATASET]
    assert added[2].identifiers == who
    assert "111222333" not in repr(added)
    assert desk.ledger.verify().ok


def test_a_hold_releases_by_itself_after_its_last_day(paper: Desk) -> None:
    hold(paper, until=AS_OF)
    assert active(paper) == ["H0001"]
    assert active(paper, AS_OF + timedelta(days=1)) == []


def test_a_hold_without_a_last_day_stays_past_its_review(paper: Desk) -> None:
    hold(paper)
    assert active(paper, date(2099, 1, 1)) == ["H0001"]


def test_an_ended_hold_holds_nothing_from_that_day_on(desk: Desk) -> None:
    hold(desk)
    entry = Entry("hold ended", "fg", why="settled")
    desk.ledger.holds.end("H0001", on=AS_OF, entry=entry)
    assert active(desk) == []
    assert active(desk, AS_OF - timedelta(days=1)) == ["H0001"]
    with pytest.raises(Refused, match="was ended"):
        desk.ledger.holds.end("H0001", on=AS_OF, entry=entry)
    with pytest.raises(NotFound):
        desk.ledger.holds.end("H0002", on=AS_OF, entry=entry)


@pytest.mark.parametrize(
    "target",
    [
        {"system": "careweb"},
        {"dataset": "patient", "key": "1"},
        {"system": "careweb", "dataset": "patient", "case": "2026-0001"},
        {"key": "1"},
        {"case": "", "identifiers": []},
    ],
)
def test_a_hold_is_on_exactly_one_thing(paper: Desk, target: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="one thing"):
        hold(paper, **target)
    assert active(paper) == []


def test_a_hold_on_a_case_that_does_not_exist_holds_nothing_and_says_so(paper: Desk) -> None:
    with pytest.raises(NotFound):
        hold(paper, case="2026-0404")


@pytest.mark.parametrize(
    "by_hand",
    [
        "DELETE FROM holds WHERE id = 'H0001'",
        "UPDATE holds SET ended_on = '2026-01-01'",
        "UPDATE holds SET until = '2026-01-01' WHERE id = 'H0002'",
        "UPDATE holds SET dataset = 'contact'",
        "UPDATE holds SET target = x'00'",
        "UPDATE holds SET target = (SELECT target FROM holds WHERE id = 'H0002')",
        "DROP TABLE holds",
    ],
)
def test_holds_that_cannot_be_trusted_are_an_error_and_never_an_empty_list(paper: Desk, by_hand: str) -> None:
    hold(paper)
    hold(paper)
    paper.by_hand(by_hand)
    with pytest.raises(LedgerBroken):
        paper.ledger.holds.list_active(AS_OF)


def test_the_last_hold_removed_by_hand_is_an_error_and_is_found_by_verifying(paper: Desk) -> None:
    hold(paper)
    paper.by_hand("DELETE FROM holds")
    with pytest.raises(LedgerBroken, match="missing"):
        paper.ledger.holds.list_active(AS_OF)
    found = paper.ledger.verify()
    assert [fault.what for fault in found.problems] == ["the events tell of hold H0001, and it is not there"]


def test_a_table_of_holds_that_is_gone_is_an_error_in_every_database(desk: Desk) -> None:
    desk.by_hand("DROP TABLE holds")
    with pytest.raises(LedgerBroken, match="does not answer"):
        desk.ledger.holds.list_active(AS_OF)


WHO = {"identifiers": (Identifier("bsn", "111222333"),)}


def test_a_restriction_is_a_hold_with_the_ground_of_article_18(desk: Desk) -> None:
    added = hold(desk, **WHO, ground=Ground.CLAIM)
    assert (added.kind, hold(desk).kind) == ("restriction", "hold")
    assert desk.ledger.holds.list_active(AS_OF)[0] == added
    assert desk.ledger.verify().ok


def test_a_restriction_is_of_a_person_and_does_not_end_by_itself(paper: Desk) -> None:
    with pytest.raises(Refused, match="of a person"):
        hold(paper, **RECORD, ground=Ground.ACCURACY)
    with pytest.raises(Refused, match="after that person was told"):
        hold(paper, **WHO, ground=Ground.ACCURACY, until=AS_OF)
    assert active(paper) == []


@pytest.mark.parametrize("told_on", [None, AS_OF + timedelta(days=1)])
def test_a_restriction_ends_only_after_its_person_was_told(paper: Desk, told_on: date | None) -> None:
    hold(paper, **WHO, ground=Ground.OBJECTION)
    with pytest.raises(Refused, match="told"):
        paper.ledger.holds.end("H0001", on=AS_OF, told_on=told_on, entry=Entry("hold ended", "fg"))
    assert active(paper) == ["H0001"]
    paper.ledger.holds.end("H0001", on=AS_OF, told_on=AS_OF, entry=Entry("hold ended", "fg"))
    assert active(paper) == []
    assert paper.ledger.holds.list_all()[0].told_on == AS_OF
    assert paper.ledger.verify().ok


def test_a_review_that_passed_is_overdue_and_releases_nothing(paper: Desk) -> None:
    added = hold(paper)
    assert not added.is_overdue(added.review_on)
    assert added.is_overdue(added.review_on + timedelta(days=1))
    assert active(paper, date(2099, 1, 1)) == ["H0001"]


@pytest.mark.parametrize("by_hand", ["ground = NULL", "ground = 'a'", "told_on = '2026-01-01'"])
def test_a_restriction_that_was_changed_by_hand_is_an_error(paper: Desk, by_hand: str) -> None:
    hold(paper, **WHO, ground=Ground.CLAIM)
    paper.by_hand(f"UPDATE holds SET {by_hand}")
    with pytest.raises(LedgerBroken):
        paper.ledger.holds.list_active(AS_OF)


def test_a_hold_that_was_sealed_before_there_were_restrictions_is_sealed_still(paper: Desk) -> None:
    names = ("id", "scope", "system", "dataset", "leaf", "case", "owner", "review_on", "until", "at", "ended_on")
    row = dict.fromkeys(names, "x") | {"ground": None, "told_on": None}
    assert seal_of(paper.keyring, holds, row) == paper.keyring.seal("holds", *["x"] * len(names))
