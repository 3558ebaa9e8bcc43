"""The register of requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from domain.cases import Case, CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.packages import Made
from tests.unit.ledger_desk import AS_OF, Desk

WHO = {"name": "Jip Marktova", "born_on": "1980-02-29", "identifiers": [["email", "jip@example.org"]]}


def open_case(desk: Desk, received_on: date = AS_OF, kind: CaseKind = CaseKind.ACCESS) -> Case:
    entry = Entry("case.received", "dev")
    return desk.ledger.cases.open_case(kind, received_on=received_on, channel="mail", subject=WHO, entry=entry)


def move(desk: Desk, number: str, to: State) -> Case:
    return desk.ledger.cases.move(number, to, on=AS_OF, entry=Entry(f"case.{to}", "dev"))


def verify_identity(desk: Desk, number: str) -> Case:
    check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "dev", AS_OF)
    return desk.ledger.cases.record_identity(number, check, entry=Entry("identity checked", "dev"))


def test_a_case_comes_back_as_it_was_opened(desk: Desk) -> None:
    case = open_case(desk)
    assert case.number == "2026-0001"
    assert desk.ledger.cases.read_case("2026-0001") == case
    assert desk.ledger.cases.subject_of("2026-0001") == WHO
    assert [e.kind for e in desk.ledger.events.events(case="2026-0001")] == ["case.received"]


def release_a_package(desk: Desk, number: str) -> None:
    """One that holds nothing special, so that one officer releases it."""
    desk.office()
    made = Made(file=f"{number}.zip", controller="", sha256="0" * 64, special=False, records=1, passphrase="x")
    desk.ledger.packages.seal(number, [made], expires_on=AS_OF, entry=Entry("package.sealed", "termijn"))
    entry = Entry("package.released", "fg")
    desk.ledger.packages.release(made.file, code=desk.code("fg"), as_of=AS_OF, entry=entry)


def test_cases_are_numbered_by_the_year_of_receipt(paper: Desk) -> None:
    days = (AS_OF, date(2025, 12, 31), AS_OF, date(2027, 1, 1))
    assert [open_case(paper, day).number for day in days] == ["2026-0001", "2025-0001", "2026-0002", "2027-0001"]
    assert [c.number for c in paper.ledger.cases.list_cases()] == ["2025-0001", "2026-0001", "2026-0002", "2027-0001"]


def test_a_message_that_two_people_take_up_at_once_becomes_one_case_of_each_kind(desk: Desk) -> None:
    def take_up(nth: int) -> str:
        kind, entry = (CaseKind.ACCESS, CaseKind.ERASURE)[nth % 2], Entry("case.received", "dev")
        given = {"received_on": AS_OF, "channel": "mail M2026-0001", "subject": WHO, "once": True}
        return desk.ledger.cases.open_case(kind, entry=entry, **given).number

    desk.ledger.cases.list_cases()
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(take_up, range(12)))
    assert sorted(numbers) == ["2026-0001"] * 6 + ["2026-0002"] * 6
    assert desk.ledger.cases.open_case(
        CaseKind.ACCESS, received_on=AS_OF, channel="mail M2026-00011", subject=WHO, once=True,
        entry=Entry("case.received", "dev"),
    ).number == "2026-0003"  # fmt: skip


def test_cases_opened_at_the_same_time_get_numbers_without_gaps_or_doubles(desk: Desk) -> None:
    assert desk.ledger.cases.list_cases() == ()
    with ThreadPoolExecutor(6) as pool:
        numbers = [case.number for case in pool.map(lambda _: open_case(desk), range(18))]
    assert sorted(numbers) == [f"2026-{n:04d}" for n in range(1, 19)]
    assert desk.ledger.verify().ok


def test_a_case_moves_as_the_law_allows_and_no_other_way(desk: Desk) -> None:
    number = open_case(desk).number
    asked = move(desk, number, State.IDENTITY_ASKED)
    assert [p.answered_on for p in asked.pauses] == [None]
    with pytest.raises(Refused, match="does not go"):
        move(desk, number, State.SEALED)
    move(desk, number, State.IN_PROGRESS)
    with pytest.raises(Refused, match="identity is not verified"):
        move(desk, number, State.SEALED)
    verify_identity(desk, number)
    move(desk, number, State.SEALED)
    release_a_package(desk, number)
    for to in (State.ANSWERED, State.CLOSED):
        move(desk, number, to)
    found = desk.ledger.cases.read_case(number)
    assert (found.state, found.closed_on, found.identity_is_verified) == (State.CLOSED, AS_OF, True)
    assert found.pauses[0].answered_on == AS_OF
    kinds = [e.kind for e in desk.ledger.events.events(case=number)]
    assert kinds == [
        "case.received", "case.identity-asked", "case.in-progress", "identity checked", "case.sealed",
        "package.sealed", "package.released", "case.answered", "case.closed",
    ]  # fmt: skip


def test_cases_are_listed_by_state(paper: Desk) -> None:
    one, two = open_case(paper).number, open_case(paper).number
    move(paper, one, State.IN_PROGRESS)
    assert [c.number for c in paper.ledger.cases.list_cases([State.RECEIVED])] == [two]
    assert paper.ledger.cases.list_cases([]) == ()


def test_a_case_is_extended_once_and_has_a_handler(paper: Desk) -> None:
    number = open_case(paper).number
    assert paper.ledger.cases.assign(number, "dev", entry=Entry("case assigned", "fg")).handler == "dev"
    entry = Entry("case extended", "dev", why="many systems")
    assert paper.ledger.cases.extend(number, on=AS_OF, entry=entry).extended_on == AS_OF
    with pytest.raises(Refused, match="once"):
        paper.ledger.cases.extend(number, on=AS_OF, entry=entry)


@pytest.mark.parametrize("number", ["2026-0009", "", "Jip Marktova"])
def test_a_case_that_does_not_exist_is_not_found_and_not_repeated_where_it_may_be_a_name(
    paper: Desk, number: str
) -> None:
    with pytest.raises(NotFound, match="no case") as caught:
        paper.ledger.cases.read_case(number)
    assert "case list" in str(caught.value)
    assert "Jip" not in str(caught.value)
    with pytest.raises(NotFound):
        paper.ledger.cases.subject_of(number)


def test_decisions_on_records_are_kept_and_the_last_one_counts(desk: Desk) -> None:
    number = open_case(desk).number
    entry = Entry("match decided", "dev", case=number)
    for key, include in (("7|a", True), ("8", False), ("7|a", False)):
        desk.tick(seconds=1)
        desk.ledger.cases.decide(number, system="crm", dataset="prospects", key=key, include=include, entry=entry)
    found = desk.ledger.cases.decisions_of(number)
    assert [(d.key, d.include, d.by) for d in found] == [("8", False, "dev"), ("7|a", False, "dev")]
    desk.by_hand("UPDATE matches SET include = NOT include")
    with pytest.raises(LedgerBroken, match="not put"):
        desk.ledger.cases.decisions_of(number)


def test_the_persons_of_two_cases_cannot_be_exchanged_by_hand(paper: Desk) -> None:
    one, two = open_case(paper).number, open_case(paper).number
    paper.by_hand(f"UPDATE cases SET subject = (SELECT subject FROM cases WHERE number = '{two}')")
    assert paper.ledger.cases.subject_of(two) == WHO
    with pytest.raises(LedgerBroken, match="not put"):
        paper.ledger.cases.subject_of(one)


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE cases SET state = 'closed'",
        "UPDATE cases SET file = replace(file, 'received', 'in-progress')",
        "DELETE FROM cases",
    ],
)
def test_a_case_changed_by_hand_is_found(paper: Desk, by_hand: str) -> None:
    number = open_case(paper).number
    paper.by_hand(by_hand)
    assert not paper.ledger.verify().ok
    with pytest.raises((LedgerBroken, NotFound)):
        paper.ledger.cases.read_case(number)


def test_a_closed_case_is_forgotten_and_an_open_one_is_not(paper: Desk) -> None:
    number = open_case(paper).number
    entry = Entry("case forgotten", "termijn")
    paper.ledger.cases.decide(number, system="s", dataset="d", key="1", include=True, entry=Entry("decided", "dev"))
    with pytest.raises(Refused, match="open case"):
        paper.ledger.cases.forget(number, entry=entry)
    for to in (State.WITHDRAWN, State.CLOSED):
        move(paper, number, to)
    paper.ledger.cases.forget(number, entry=entry)
    assert paper.ledger.cases.read_case(number).state is State.CLOSED
    assert paper.ledger.cases.decisions_of(number) == ()
    with pytest.raises(NotFound, match="forgotten"):
        paper.ledger.cases.subject_of(number)
    assert paper.ledger.verify().ok


def test_what_is_kept_of_the_person_can_be_corrected(paper: Desk) -> None:
    number = open_case(paper).number
    paper.ledger.cases.describe(number, {"name": "Jip"}, entry=Entry("person corrected", "dev"))
    assert paper.ledger.cases.subject_of(number) == {"name": "Jip"}
