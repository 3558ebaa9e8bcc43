"""Escalations, plans, runs, leases and the stop switch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from domain.cases import CaseKind
from domain.evidence import Entry, Head
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.leases import Lease
from ledger.rungs import Delivery
from tests.unit.ledger_desk import AS_OF, Desk

E = Entry("told", "termijn")


def a_case(desk: Desk) -> str:
    return desk.ledger.cases.open_case(
        CaseKind.ACCESS, received_on=AS_OF, channel="mail", subject={}, entry=Entry("case.received", "dev")
    ).number


def test_a_rung_is_climbed_once_also_by_two_at_the_same_time(desk: Desk) -> None:
    case = a_case(desk)
    with ThreadPoolExecutor(4) as pool:
        climbed = list(
            pool.map(lambda _: desk.ledger.escalations.record(case, limit="law", rung="7", entry=E), range(8))
        )
    assert sorted(climbed) == [False] * 7 + [True]
    assert desk.ledger.escalations.record(case, limit="law", rung="3", entry=E)
    assert desk.ledger.escalations.record(case, limit="promise", rung="7", entry=E)
    assert len(list(desk.ledger.events.events(kind="told"))) == 3


def test_a_message_that_did_not_leave_stays_in_sight(paper: Desk) -> None:
    case, escalations = a_case(paper), paper.ledger.escalations
    for rung in ("14", "7", "3"):
        escalations.record(case, limit="law", rung=rung, entry=E)
        paper.tick(seconds=1)
    escalations.mark_sent(case, limit="law", rung="14", entry=E)
    escalations.mark_failed(case, limit="law", rung="7", entry=E)
    assert [(c.rung, c.state) for c in escalations.unsent()] == [("7", Delivery.FAILED), ("3", Delivery.RECORDED)]
    assert [c.rung for c in escalations.of_case(case)] == ["14", "7", "3"]
    with pytest.raises(NotFound):
        escalations.mark_sent(case, limit="law", rung="1", entry=E)
    with pytest.raises(NotFound):
        escalations.record("2026-0404", limit="law", rung="1", entry=E)


def keep(desk: Desk, body: bytes = b'{"due": ["7"]}') -> None:
    desk.ledger.plans.keep_plan("d" * 64, system="hr", as_of=AS_OF, drawn_by="dev", body=body, entry=E)


def test_a_plan_comes_back_byte_for_byte(desk: Desk) -> None:
    body = bytes(range(256)) * 500
    keep(desk, body)
    found = desk.ledger.plans.read_plan("d" * 64)
    assert (found.body, found.system, found.as_of, found.drawn_by, found.state) == (body, "hr", AS_OF, "dev", "kept")
    desk.ledger.plans.settle("d" * 64, "carried out", entry=E)
    assert [p.state for p in desk.ledger.plans.list_plans()] == ["carried out"]
    assert desk.ledger.plans.list_plans("kept") == ()


def test_a_plan_is_kept_once_and_never_replaced(paper: Desk) -> None:
    keep(paper)
    before = paper.ledger.events.head()
    keep(paper)
    assert paper.ledger.events.head() == before
    with pytest.raises(Refused, match="another plan"):
        keep(paper, b"{}")
    with pytest.raises(NotFound):
        paper.ledger.plans.read_plan("e" * 64)


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE plans SET body = x'00'",
        "UPDATE plans SET body_hash = 'f'",
        "UPDATE plans SET body = (SELECT body FROM plans WHERE digest LIKE 'e%')",
    ],
)
def test_a_plan_changed_by_hand_is_not_carried_out(paper: Desk, by_hand: str) -> None:
    keep(paper)
    paper.ledger.plans.keep_plan("e" * 64, system="hr", as_of=AS_OF, drawn_by="dev", body=b"other", entry=E)
    paper.by_hand(by_hand)
    with pytest.raises(LedgerBroken):
        paper.ledger.plans.read_plan("d" * 64)


def run(desk: Desk, as_of: date, *, armed: bool, total: int) -> None:
    counts = {"hr.staff": {"total": total, "destroyed": 1}}
    desk.ledger.runs.record_run("hr", as_of=as_of, armed=armed, plan="d" * 64, counts=counts, entry=E)


def test_the_ledger_remembers_the_last_armed_night_and_what_there_was(desk: Desk) -> None:
    assert desk.ledger.runs.last_armed_run("hr") is None
    assert desk.ledger.runs.last_total("hr") == {}
    run(desk, AS_OF, armed=True, total=9)
    run(desk, AS_OF - timedelta(days=3), armed=True, total=8)
    run(desk, AS_OF + timedelta(days=400), armed=False, total=7)
    assert desk.ledger.runs.last_armed_run("hr") == AS_OF
    assert desk.ledger.runs.last_armed_run("crm") is None
    assert desk.ledger.runs.last_total("hr") == {"hr.staff": 7}
    assert [r.armed for r in desk.ledger.runs.list_runs()] == [True, True, False]


def take(desk: Desk, owner: str, system: str = "hr") -> Lease:
    return desk.ledger.leases.take_lease(system, owner=owner, seconds=60, entry=E)


def test_one_run_at_a_time_destroys_in_a_system(desk: Desk) -> None:
    lease = take(desk, "one")
    with pytest.raises(Refused, match="another run"):
        take(desk, "two")
    take(desk, "two", "crm")
    take(desk, "one")
    desk.ledger.leases.release_lease(lease, entry=E)
    take(desk, "two")


def test_of_many_that_want_a_system_one_gets_it(desk: Desk) -> None:
    def try_it(owner: int) -> bool:
        try:
            take(desk, str(owner))
        except Refused:
            return False
        return True

    assert desk.ledger.events.head() == Head()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, range(8))) == 1


def test_a_killed_run_loses_its_lease_by_itself_and_cannot_take_it_up_again(paper: Desk) -> None:
    lease = take(paper, "one")
    paper.tick(seconds=59)
    lease = paper.ledger.leases.renew_lease(lease, seconds=60)
    paper.tick(seconds=59)
    with pytest.raises(Refused, match="another run"):
        take(paper, "two")
    paper.tick(seconds=1)
    with pytest.raises(Refused, match="lost"):
        paper.ledger.leases.renew_lease(lease, seconds=60)
    take(paper, "two")
    with pytest.raises(Refused, match="lost"):
        paper.ledger.leases.renew_lease(lease, seconds=60)
    before = paper.ledger.events.head()
    paper.ledger.leases.release_lease(lease, entry=E)
    assert paper.ledger.events.head() == before
    with pytest.raises(Refused, match="another run"):
        take(paper, "three")


def test_the_stop_switch_stays_where_it_was_put(desk: Desk) -> None:
    desk.office()
    assert not desk.ledger.switch.is_stopped()
    for _ in range(2):
        desk.ledger.switch.stop(entry=Entry("stopped", "fg"))
    desk.close()
    assert desk.ledger.switch.is_stopped()
    assert desk.ledger.switch.show().by == "fg"
    desk.ledger.switch.go(code=desk.code("fg"), entry=Entry("allowed again", "fg"))
    assert not desk.ledger.switch.is_stopped()
    assert [e.kind for e in desk.ledger.events.events()][2:] == ["stopped", "allowed again"]


@pytest.mark.parametrize("code", ["", "000000", "the code that stopped nothing"])
def test_destruction_goes_on_only_by_an_officers_code(paper: Desk, code: str) -> None:
    paper.office()
    paper.ledger.switch.stop(entry=Entry("stopped", "anybody"))
    with pytest.raises(Refused, match="code"):
        paper.ledger.switch.go(code=code, entry=Entry("allowed again", "fg"))
    with pytest.raises(Refused, match="no enrolled officer"):
        paper.ledger.switch.go(code=paper.code("fg"), entry=Entry("allowed again", "stranger"))
    assert paper.ledger.switch.is_stopped()


def test_a_code_that_let_destruction_go_on_does_so_once(paper: Desk) -> None:
    paper.office()
    code = paper.code("fg")
    paper.ledger.switch.go(code=code, entry=Entry("allowed again", "fg"))
    paper.ledger.switch.stop(entry=Entry("stopped", "fg"))
    with pytest.raises(Refused, match="used before"):
        paper.ledger.switch.go(code=code, entry=Entry("allowed again", "fg"))


@pytest.mark.parametrize("by_hand", ["stopped = 0", "stopped = 0, by = '', at = NULL", "stopped = 0, seal = NULL"])
def test_a_switch_that_was_turned_by_hand_stops_everything(paper: Desk, by_hand: str) -> None:
    paper.ledger.switch.stop(entry=Entry("stopped", "fg"))
    paper.by_hand(f"UPDATE switch SET {by_hand}")
    with pytest.raises(LedgerBroken, match="by hand"):
        paper.ledger.switch.is_stopped()


def test_a_switch_that_is_gone_stops_everything(paper: Desk) -> None:
    paper.by_hand("DELETE FROM switch")
    with pytest.raises(LedgerBroken, match="switch is gone"):
        paper.ledger.switch.is_stopped()
