"""The chain: whatever is changed by hand is found, and nothing is written without its event."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from domain.evidence import NOTHING, Entry, Event, Head, check_chain, event_hash
from domain.keys import Keys
from domain.trouble import LedgerBroken
from ledger.schema import events, written
from tests.unit.ledger_desk import Desk


def write_some(desk: Desk, number: int = 6) -> None:
    for n in range(number):
        with desk.ledger.events.write(Entry("told", "fg", facts={"n": n})):
            pass


def test_an_untouched_ledger_verifies(desk: Desk) -> None:
    write_some(desk)
    found = desk.ledger.verify()
    assert found.ok
    assert (found.events, found.first_bad, found.problems) == (6, None, ())


def test_an_empty_ledger_verifies(desk: Desk) -> None:
    assert desk.ledger.verify().ok


@pytest.mark.parametrize(
    ("by_hand", "first_bad"),
    [
        ("UPDATE events SET body = body || ' ' WHERE seq = 4", 4),
        ("UPDATE events SET by = 'dev' WHERE seq = 1", 1),
        ("UPDATE events SET body = 'no json' WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 3", 4),
        ("DELETE FROM events WHERE seq = 1", 2),
        ("DELETE FROM events WHERE seq > 4", 4),
        ("DELETE FROM events", None),
        ("INSERT INTO events SELECT 7, at, kind, by, subject, body, hash, hash FROM events WHERE seq = 6", 7),
        ("UPDATE events SET seq = 99 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3; "
         "UPDATE events SET seq = 3 WHERE seq = 99", 2),
        ("UPDATE head SET seq = 5", 6),
        ("UPDATE head SET hash = 'f'", 6),
        ("UPDATE head SET seal = 'e1:00'", None),
        ("DELETE FROM head", 6),
    ],
)  # fmt: skip
def test_an_event_edited_removed_inserted_moved_or_cut_off_is_found(
    paper: Desk, by_hand: str, first_bad: int | None
) -> None:
    write_some(paper)
    paper.by_hand(*by_hand.split("; "))
    found = paper.ledger.verify()
    assert not found.ok
    assert found.problems
    assert found.first_bad == first_bad


def test_an_event_edited_or_cut_off_is_found_in_every_database(desk: Desk) -> None:
    write_some(desk)
    desk.by_hand("UPDATE events SET by = 'dev' WHERE seq = 3", "DELETE FROM events WHERE seq = 6")
    assert [fault.seq for fault in desk.ledger.verify().problems] == [3, 5]


def test_a_chain_forged_whole_without_the_keys_is_found(paper: Desk) -> None:
    """Somebody with the database and no key rewrites event 4, every hash after it, and the head."""
    write_some(paper)
    previous, statements = NOTHING, list[str]()
    with paper.ledger.events.read() as connection:
        rows = [Event(**r._mapping) for r in connection.execute(select(events).order_by(events.c.seq))]
    for row in rows:
        forged = replace(row, by="dev" if row.seq == 4 else row.by, previous=previous)
        previous = event_hash(forged)
        change = f"by = '{forged.by}', previous = '{forged.previous}', hash = '{previous}'"
        statements.append(f"UPDATE events SET {change} WHERE seq = {row.seq}")
    paper.by_hand(*statements, f"UPDATE head SET hash = '{previous}'")
    assert not paper.ledger.verify().ok
    with pytest.raises(LedgerBroken, match="head"), paper.ledger.events.write(Entry("told", "fg")):
        pass


def test_an_older_copy_put_back_is_found_against_a_head_that_was_kept_elsewhere(paper: Desk) -> None:
    write_some(paper, 2)
    kept = paper.ledger.events.head()
    write_some(paper, 1)
    assert paper.ledger.verify(kept=[kept]).ok
    assert not paper.ledger.verify(kept=[kept, Head(9, "f" * 64)]).ok
    assert not paper.ledger.verify(kept=[Head(kept.seq, "f" * 64)]).ok


def test_the_database_itself_refuses_to_change_an_event(desk: Desk) -> None:
    write_some(desk, 1)
    truncate = ["TRUNCATE events"] if desk.url.startswith("postgresql") else []
    for statement in ("UPDATE events SET by = 'x'", "DELETE FROM events", *truncate):
        with desk.ledger.events.engine.connect() as connection, pytest.raises(DBAPIError, match="stay as they were"):
            connection.execute(text(statement))


def test_a_leaf_changed_by_hand_is_found(desk: Desk) -> None:
    desk.office()
    desk.approve()
    closed = desk.shut(desk.announce({"patient": Keys((n,) for n in range(5))}))
    assert desk.ledger.verify().ok
    desk.by_hand("UPDATE leaves SET blob = :blob", blob=b"\x00" * 160)
    found = desk.ledger.verify()
    assert not found.ok
    assert found.first_bad == closed.event


@pytest.mark.parametrize(
    "by_hand",
    [
        "DELETE FROM leaves",
        "UPDATE batches SET records = 4",
        "UPDATE batches SET closed_at = NULL",
        "UPDATE batches SET root = 'f'",
        "DELETE FROM leaves; DELETE FROM batches",
    ],
)
def test_a_batch_changed_by_hand_is_found(paper: Desk, by_hand: str) -> None:
    paper.office()
    paper.approve()
    paper.shut(paper.announce({"patient": Keys((n,) for n in range(5))}))
    paper.by_hand(*by_hand.split("; "))
    assert not paper.ledger.verify().ok


def test_a_closed_batch_that_still_holds_keys_is_found(paper: Desk) -> None:
    paper.office()
    paper.approve()
    one = paper.announce({"patient": Keys([(1,)])})
    paper.by_hand("CREATE TABLE kept AS SELECT * FROM batch_keys")
    paper.shut(one)
    assert paper.ledger.verify().ok
    paper.by_hand("INSERT INTO batch_keys SELECT * FROM kept")
    assert any("still holds keys" in fault.what for fault in paper.ledger.verify().problems)


def test_a_write_that_fails_leaves_no_event_and_an_event_that_fails_leaves_no_write(desk: Desk) -> None:
    def write(record: Any) -> None:
        with desk.ledger.events.write(Entry("told", "fg")) as writing:
            writing.connection.execute(text("UPDATE switch SET stopped = :yes"), {"yes": True})
            if record is None:
                raise RuntimeError
            writing.record["fact"] = record

    for record, trouble in ((None, RuntimeError), (object(), TypeError)):
        with pytest.raises(trouble):
            write(record)
        assert desk.ledger.events.head() == Head()
        assert not desk.ledger.switch.is_stopped()


def test_writers_at_the_same_time_make_one_chain(desk: Desk) -> None:
    assert desk.ledger.events.head() == Head()
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(write_some, desk, 5) for _ in range(6)]:
            done.result()
    found = desk.ledger.verify()
    assert found.ok
    assert found.events == 30


def test_an_exported_chain_can_be_checked_without_the_ledger(paper: Desk) -> None:
    write_some(paper, 3)
    _, *lines, last = [json.loads(line) for line in paper.ledger.export()]
    told, head = [Event(**line) for line in lines], Head(**last["head"])
    assert not list(check_chain(told, head))
    assert list(check_chain(told[:-1], head))


def test_events_are_found_by_case_and_by_kind(paper: Desk) -> None:
    with paper.ledger.events.write(Entry("case looked at", "fg", case="2026-0001")):
        pass
    write_some(paper, 2)
    assert [e.seq for e in paper.ledger.events.events(case="2026-0001")] == [1]
    assert [e.seq for e in paper.ledger.events.events(kind="told", after=2)] == [3]


def test_the_ledger_tells_no_other_time_than_its_clock_gives(paper: Desk) -> None:
    write_some(paper, 1)
    assert next(paper.ledger.events.events()).at == written(paper.now)
    paper.now = paper.now.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        write_some(paper, 1)
