"""Destruction lists in the ledger: two persons, encrypted lines, sealed rows, and nothing put back by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.evidence import Entry
from domain.instruction import AtPractice, Instruction, Settlement, WhyKept
from domain.keys import Keys
from domain.lists import Answer, DestructionList, Line, ListState
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.approvals import What
from ledger.officers import OfficerRole
from ledger.schema import events, instructions, lists
from tests.unit.ledger_desk import AS_OF, RULE, Desk

LINES = tuple(Line((n,), f"C2-0000{n}", date(2006, 1, n), date(2026, 1, n + 1)) for n in range(1, 5))
SENT_ON = date(2026, 11, 23)


def draw(desk: Desk, lines: tuple[Line, ...] = LINES, *, controller: str = "2", rule: str = RULE) -> DestructionList:
    return desk.ledger.lists.draw_up(
        system="careweb", rule="careweb.patient", controller=controller, rule_digest=rule, as_of=AS_OF, lines=lines,
        entry=Entry("list.drawn-up", "termijn"),
    )  # fmt: skip


def send(desk: Desk, number: str, *, by: str = "dev", code: str | None = None) -> str:
    desk.ledger.lists.lay_ready(number, sha256="f" * 64, passphrase="bado-kefi", entry=Entry("list.sealed", "termijn"))
    given = desk.code(by) if code is None else code
    return desk.ledger.lists.send(number, on=SENT_ON, code=given, entry=Entry("list.sent", by))


def said(answer: str = "all", **more: Any) -> Instruction:
    given = {"role": AtPractice.OWNER, "reference": "brief 17", "received_on": SENT_ON, "kept": {}}
    return Instruction(answer=Answer(answer), **(given | more))


def instruct(desk: Desk, number: str, what: Instruction | None = None, *, by: str = "dev") -> DestructionList:
    entry = Entry("list.instructed", by)
    return desk.ledger.lists.instruct(number, what or said(), code=desk.code(by), entry=entry)


def approve(desk: Desk, one: DestructionList, *, by: str = "fg") -> None:
    code, entry = desk.code(by), Entry("list.approved", by)
    desk.ledger.approvals.approve(What.LIST, [str(one.instruction)], code=code, entry=entry)


def going(desk: Desk, rule: str = RULE) -> list[Keys]:
    return [one.keys for one in desk.ledger.lists.approved("careweb.patient", rule, as_of=AS_OF)]


def test_a_list_goes_its_whole_way_and_only_an_approved_instruction_lets_anything_go(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    assert (one.number, one.state, one.count) == ("L2026-0001", ListState.DRAWN_UP, 4)
    assert send(desk, one.number) == "bado-kefi"
    assert going(desk) == []
    told = instruct(desk, one.number, said("part", kept={"C2-00003": WhyKept.CLAIM}))
    assert going(desk) == []
    approve(desk, told)
    assert going(desk) == [Keys([(1,), (2,), (4,)])]
    settled = Settlement(4, 3, {WhyKept.CLAIM: 1}, {}, {"B0000001": 3}, "dev", "fg")
    entry = Entry("list.carried-out", "termijn")
    desk.ledger.lists.settle(one.number, settled, keep=LINES[2:3], on=AS_OF, entry=entry)
    assert going(desk) == []
    assert desk.ledger.lists.settlement_of(one.number) == settled
    assert desk.ledger.lists.lines_of(one.number) == LINES[2:3]
    assert desk.ledger.verify().ok


def test_lists_are_numbered_per_year_and_a_dossier_stands_on_one_open_list(desk: Desk) -> None:
    first = draw(desk, LINES[:2])
    with pytest.raises(Refused, match="open list"):
        draw(desk, LINES[1:3])
    assert draw(desk, LINES[2:], controller="3").number == "L2026-0002"
    desk.ledger.lists.lapse(first.number, entry=Entry("list.lapsed", "fg"))
    assert draw(desk, LINES[:2]).number == "L2026-0003"
    with pytest.raises(Refused):
        draw(desk, ())


def test_what_its_practice_keeps_or_wants_later_is_kept_back_until_it_is_asked_again(desk: Desk) -> None:
    desk.office()
    one, other = draw(desk), draw(desk, (Line((9,), "C3-00009", None, None),), controller="3")
    for made in (one, other):
        send(desk, made.number)

    def kept_back(since: date = AS_OF) -> list[tuple[str, Keys]]:
        return [(number, keys) for number, _, keys in desk.ledger.lists.kept_back("careweb", kept_since=since)]

    assert kept_back() == []
    told = instruct(desk, one.number, said("part", kept={"C2-00003": WhyKept.CLAIM}))
    instruct(desk, other.number, said("later", later=date(2027, 3, 1)))
    assert kept_back() == [(one.number, Keys([(3,)])), (other.number, Keys([(9,)]))], "it stops things: no approval"
    approve(desk, told)
    settled = Settlement(4, 3, {WhyKept.CLAIM: 1}, {}, {}, "dev", "fg")
    entry = Entry("list.carried-out", "termijn")
    desk.ledger.lists.settle(one.number, settled, keep=LINES[2:3], on=AS_OF, entry=entry)
    assert kept_back() == [(one.number, Keys([(3,)])), (other.number, Keys([(9,)]))]
    assert kept_back(date(2026, 11, 24)) == [(other.number, Keys([(9,)]))]


def test_the_officer_who_recorded_an_instruction_does_not_approve_it(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number, by="fg")
    told = instruct(desk, one.number, by="fg")
    with pytest.raises(Refused, match="two persons"):
        approve(desk, told)
    with pytest.raises(Refused, match="does not approve"):
        approve(desk, told, by="dev")
    assert going(desk) == []
    desk.enrol("privacy", OfficerRole.PRIVACY_OFFICER)
    approve(desk, told, by="privacy")
    assert going(desk) == [Keys([(1,), (2,), (3,), (4,)])]


def test_a_wrong_code_records_nothing_but_the_attempt(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    with pytest.raises(Refused, match="right code"):
        desk.ledger.lists.instruct(one.number, said(), code="000000", entry=Entry("list.instructed", "dev"))
    assert desk.ledger.lists.instruction_of(one.number) is None
    assert desk.ledger.lists.read_list(one.number).state is ListState.SENT
    with desk.ledger.events.read() as connection:
        assert connection.scalars(select(events.c.kind).order_by(events.c.seq.desc())).first() == "refused"
    assert desk.ledger.verify().ok


def test_a_list_is_sent_by_an_officer_with_a_code_and_only_once_it_is_sealed(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    with pytest.raises(Refused, match="laid ready"):
        desk.ledger.lists.send(one.number, on=SENT_ON, code=desk.code("dev"), entry=Entry("list.sent", "dev"))
    with pytest.raises(Refused, match="right code"):
        send(desk, one.number, code="000000")
    assert desk.ledger.lists.read_list(one.number).state is ListState.DRAWN_UP


def test_an_answer_before_the_list_was_sent_or_about_strangers_is_refused(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    with pytest.raises(Refused):
        instruct(desk, one.number)
    send(desk, one.number)
    with pytest.raises(Refused, match="after the list was sent"):
        instruct(desk, one.number, said(received_on=date(2026, 11, 22)))
    with pytest.raises(Refused, match="not on this list"):
        instruct(desk, one.number, said("part", kept={"C9-00001": WhyKept.CLAIM}))


def test_later_takes_back_what_was_approved_and_saying_all_again_needs_a_new_approval(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    approve(desk, instruct(desk, one.number))
    assert len(going(desk)) == 1
    instruct(desk, one.number, said("later", later=date(2027, 3, 1)))
    assert going(desk) == []
    again = instruct(desk, one.number)
    assert going(desk) == []
    approve(desk, again)
    assert len(going(desk)) == 1


def test_an_instruction_holds_for_the_wording_that_was_asked_only_and_can_be_revoked(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    told = instruct(desk, one.number)
    approve(desk, told)
    assert going(desk, rule="b" * 64) == []
    desk.ledger.approvals.revoke(What.LIST, str(told.instruction), entry=Entry("approval.revoked", "fg"))
    assert going(desk) == []


def test_a_batch_is_announced_only_while_its_instruction_stands_approved(desk: Desk) -> None:
    desk.office()
    desk.approve(RULE)
    one = draw(desk)
    send(desk, one.number)
    told = instruct(desk, one.number)

    def announce() -> None:
        desk.ledger.batches.announce(
            rule="careweb.patient", digest=RULE, system="careweb", dossiers={"patient": Keys([(1,)])}, as_of=AS_OF,
            instructions=[str(told.instruction)], entry=Entry("batch announced", "nightly-purge"),
        )  # fmt: skip

    with pytest.raises(Refused, match="no approval of this list stands"):
        announce()
    approve(desk, told)
    announce()


def test_the_evidence_of_a_list_is_found_by_hash_when_its_keys_are_gone_from_every_batch(desk: Desk) -> None:
    desk.office()
    desk.approve(RULE)
    desk.shut(desk.announce({"patient": Keys([(1,)])}))  # before the list was drawn up
    desk.tick(seconds=5)
    one = draw(desk)
    desk.tick(seconds=5)
    closed = desk.shut(desk.announce({"patient": Keys([(2,), (4,), (99,)])}))
    found = desk.ledger.lists.destroyed_of(one.number, "patient")
    assert {batch: set(keys) for batch, keys in found.items()} == {closed.batch: {(2,), (4,)}}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE lists SET state = 'sent'",
        "UPDATE lists SET controller = '3'",
        "UPDATE lists SET rule_digest = 'x'",
        "UPDATE lists SET answer = 'all', later = NULL",
        "UPDATE instructions SET answer = 'all'",
        "UPDATE instructions SET recorded_by = 'somebody-else'",
    ],
)
def test_a_row_changed_by_hand_stops_everything_and_shows(desk: Desk, change: str) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    instruct(desk, one.number, said("part", kept={"C2-00003": WhyKept.CLAIM}))
    instruct(desk, one.number, said("later", later=date(2027, 3, 1)))
    desk.by_hand(change)
    assert not desk.ledger.verify().ok
    with pytest.raises(LedgerBroken):
        desk.ledger.lists.instruction_of(one.number)


def test_an_older_instruction_put_back_by_hand_lets_nothing_go(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    approve(desk, instruct(desk, one.number))
    with desk.ledger.events.read() as connection:
        old = connection.execute(select(lists)).one()
    instruct(desk, one.number, said("later", later=date(2027, 3, 1)))
    desk.by_hand(
        "UPDATE lists SET instruction = :instruction, answer = 'all', later = NULL, seal = :seal",
        instruction=old.instruction, seal=old.seal,
    )  # fmt: skip
    with pytest.raises(LedgerBroken, match="newest instruction"):
        going(desk)


def test_a_list_or_instruction_taken_away_by_hand_is_missed(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    instruct(desk, one.number)
    desk.by_hand("DELETE FROM instructions")
    assert any("instruction 1" in p.what for p in desk.ledger.verify().problems)
    desk.by_hand("DELETE FROM lists")
    assert any("list L2026-0001" in p.what for p in desk.ledger.verify().problems)


def test_the_database_itself_keeps_lists_and_instructions(desk: Desk) -> None:
    desk.office()
    one = draw(desk)
    send(desk, one.number)
    instruct(desk, one.number)
    for table in (instructions, lists):
        writer = desk.ledger.events.engine.connect().execution_options(termijn_writes=True)
        with writer as connection, pytest.raises(Exception, match="stay as they were written"):
            connection.execute(table.delete())


def test_no_client_number_stands_in_the_bytes_of_the_ledger_and_new_keys_still_open_it(paper: Desk) -> None:
    paper.office()
    one = draw(paper)
    send(paper, one.number)
    instruct(paper, one.number, said("part", kept={"C2-00003": WhyKept.CLAIM}))
    file = paper.url.removeprefix("sqlite:///")
    with open(file, "rb") as ledger:
        assert b"C2-0000" not in ledger.read()
    paper.ledger.rotate_keys(entry=Entry("keys rotated", "fg"), forget=True)
    assert paper.ledger.lists.lines_of(one.number) == LINES
    told = paper.ledger.lists.instruction_of(one.number)
    assert told is not None
    assert told.kept == {"C2-00003": WhyKept.CLAIM}


def test_a_rung_is_climbed_once_and_a_failed_delivery_is_kept(desk: Desk) -> None:
    one = draw(desk)
    entry, rung = Entry("chase.recorded", "termijn"), "2026-11-23-day-14"
    assert desk.ledger.chases.record(one.number, rung=rung, entry=entry)
    assert not desk.ledger.chases.record(one.number, rung=rung, entry=entry)
    desk.ledger.chases.mark_failed(one.number, rung=rung, entry=entry)
    assert desk.ledger.chases.of_list(one.number) == {rung: "failed"}
    with pytest.raises(NotFound):
        desk.ledger.chases.record("L2026-0009", rung=rung, entry=entry)
    with pytest.raises(NotFound):
        desk.ledger.chases.mark_sent(one.number, rung="2026-11-23-day-28", entry=entry)


def test_a_list_that_is_not_there_is_not_found(desk: Desk) -> None:
    for ask in (desk.ledger.lists.read_list, desk.ledger.lists.lines_of, desk.ledger.lists.settlement_of):
        with pytest.raises(NotFound):
            ask("L2026-0009")
