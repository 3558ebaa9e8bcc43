"""Batches: announced before, closed after, and nothing lost in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from domain.evidence import Entry, cut, inclusion_proof, leaf, merkle_root, verify_inclusion
from domain.keys import Key, Keys
from domain.trouble import NotFound, Refused
from ledger.approvals import What
from ledger.packing import pack, unpack
from ledger.schema import batch_keys, leaves
from tests.unit.ledger_desk import RULE, Desk

PATIENTS = Keys((n,) for n in range(1, 8))
CONTACTS = Keys((n, f"c{n}") for n in range(1, 4))


@pytest.fixture
def ready(desk: Desk) -> Desk:
    desk.office()
    desk.approve()
    return desk


@pytest.fixture
def paper_ready(paper: Desk) -> Desk:
    paper.office()
    paper.approve()
    return paper


def stored_leaves(desk: Desk) -> list[bytes]:
    with desk.ledger.events.read() as connection:
        return [
            one for blob in connection.scalars(select(leaves.c.blob).order_by(leaves.c.dataset)) for one in cut(blob)
        ]


def test_a_closed_batch_leaves_a_hash_per_record_and_no_key(ready: Desk) -> None:
    receipt = ready.announce({"patient": PATIENTS, "contact": CONTACTS})
    assert (receipt.batch, receipt.rule, receipt.dossiers["patient"]) == ("B0000001", "careweb.patient", PATIENTS)
    closed = ready.shut(receipt)
    assert (closed.records, dict(closed.rows), closed.unannounced) == (10, {"patient": 7, "contact": 3}, 0)
    key = ready.keyring.evidence_key("e1")
    expected = {leaf(key, "careweb", "patient", str(n)) for n in range(1, 8)}
    assert expected <= set(stored_leaves(ready))
    assert closed.root == merkle_root(stored_leaves(ready)).hex()
    with ready.ledger.events.read() as connection:
        assert connection.scalar(select(func.count()).select_from(batch_keys)) == 0
    assert ready.ledger.batches.open_batches() == ()
    assert [(c.root, dict(c.rows)) for c in ready.ledger.batches.closed_batches()] == [(closed.root, dict(closed.rows))]
    assert ready.ledger.verify().ok


def test_each_record_can_be_shown_to_stand_under_the_root(paper_ready: Desk) -> None:
    closed = paper_ready.shut(paper_ready.announce({"patient": PATIENTS}))
    every, root = stored_leaves(paper_ready), bytes.fromhex(closed.root)
    one = leaf(paper_ready.keyring.evidence_key("e1"), "careweb", "patient", "3")
    at = every.index(one)
    assert verify_inclusion(one, index=at, size=closed.records, proof=inclusion_proof(every, at), root=root)


def test_what_was_announced_and_lives_leaves_no_evidence(ready: Desk) -> None:
    receipt = ready.announce({"patient": PATIENTS})
    closed = ready.shut(receipt, {"patient": Keys([(1,), (2,)])})
    assert closed.records == 2
    destroyed = ready.ledger.batches
    assert destroyed.was_destroyed("careweb", "patient", (2,))
    assert destroyed.was_destroyed("careweb", "patient", "2")
    assert not destroyed.was_destroyed("careweb", "patient", (3,))
    assert not destroyed.was_destroyed("careweb", "contact", (2,))
    assert not destroyed.was_destroyed("hr", "patient", (2,))


def test_a_batch_of_which_nothing_went_closes_with_the_root_of_nothing(paper_ready: Desk) -> None:
    closed = paper_ready.shut(paper_ready.announce({"patient": PATIENTS}), {})
    assert (closed.records, closed.root) == (0, merkle_root([]).hex())
    assert paper_ready.ledger.verify().ok


def test_a_record_destroyed_and_never_announced_still_gets_its_evidence_and_is_told(paper_ready: Desk) -> None:
    receipt = paper_ready.announce({"patient": Keys([(1,)])})
    closed = paper_ready.shut(receipt, {"patient": Keys([(1,), (2,)]), "contact": Keys([(9, "x")])})
    assert (closed.records, closed.unannounced) == (3, 2)
    assert paper_ready.ledger.batches.was_destroyed("careweb", "contact", (9, "x"))


def test_a_record_given_twice_is_counted_once(paper_ready: Desk) -> None:
    closed = paper_ready.shut(paper_ready.announce({"patient": Keys([(1,), (1,)])}))
    assert closed.records == 1


def test_a_batch_is_closed_once(ready: Desk) -> None:
    receipt = ready.announce({"patient": PATIENTS})
    ready.shut(receipt)
    before = ready.ledger.events.head()
    with pytest.raises(Refused, match="closed already"):
        ready.shut(receipt)
    assert ready.ledger.events.head() == before
    with pytest.raises(NotFound):
        ready.ledger.batches.close("B0000009", {}, entry=Entry("batch closed", "night"))


def test_nothing_is_announced_without_an_approval_that_stands(ready: Desk) -> None:
    with pytest.raises(Refused, match="no approval"):
        ready.announce({"patient": PATIENTS}, digest="f" * 64)
    ready.ledger.approvals.revoke(What.RULE, RULE, entry=Entry("approval revoked", "fg"))
    with pytest.raises(Refused, match="no approval"):
        ready.announce({"patient": PATIENTS})
    assert ready.ledger.batches.open_batches() == ()


def test_nothing_is_announced_once_the_stop_switch_is_pulled(ready: Desk) -> None:
    ready.announce({"patient": PATIENTS})
    ready.ledger.switch.stop(entry=Entry("stopped", "fg"))
    with pytest.raises(Refused, match="stopped"):
        ready.announce({"patient": PATIENTS})
    ready.ledger.switch.go(code=ready.code("fg"), entry=Entry("allowed again", "fg"))
    ready.announce({"patient": PATIENTS})


_KEYS: list[Key] = [
    (1,), (2**80,), (-1,), ("1",), ("a|b\\c\n",), (True,), (False, 0), (date(2024, 2, 29),),
    (datetime.fromisoformat("2024-02-29T01:02:03.000004"),), (datetime(2024, 2, 29, tzinfo=UTC),), (UUID(int=7),),
    (Decimal("1.50"),), (b"\x00\xff",), ("é", 3),
]  # fmt: skip


def test_an_open_batch_gives_its_keys_back_with_their_types(ready: Desk) -> None:
    ready.announce({"patient": Keys(_KEYS), "contact": Keys()})
    (found,) = ready.ledger.batches.open_batches("careweb")
    assert found.dossiers == {"patient": Keys(_KEYS), "contact": Keys()}
    assert [[type(v) for v in key] for key in found.dossiers["patient"]] == [[type(v) for v in key] for key in _KEYS]
    assert (found.digest, found.system, found.announced_at) == (RULE, "careweb", ready.now)
    assert ready.ledger.batches.open_batches("hr") == ()


def test_what_was_destroyed_is_found_among_many(paper_ready: Desk) -> None:
    for start in (0, 100):
        paper_ready.shut(paper_ready.announce({"patient": Keys((n,) for n in range(start, start + 50))}))
    asked = [(n,) for n in range(200)]
    found = paper_ready.ledger.batches.destroyed_among("careweb", "patient", asked)
    assert found == Keys((n,) for n in (*range(50), *range(100, 150)))
    assert paper_ready.ledger.batches.destroyed_totals() == {("careweb", "careweb.patient"): 100}


def test_evidence_stays_findable_after_a_new_evidence_key(paper_ready: Desk) -> None:
    paper_ready.shut(paper_ready.announce({"patient": Keys([(1,)])}))
    ring = {"e2": os.urandom(32), "e1": paper_ready.keyring.evidence_key("e1")}
    paper_ready.keyring._evidence = ring
    paper_ready.shut(paper_ready.announce({"patient": Keys([(2,)])}))
    assert paper_ready.ledger.batches.destroyed_among("careweb", "patient", [(1,), (2,), (3,)]) == Keys([(1,), (2,)])
    assert paper_ready.ledger.verify().ok


def test_evidence_takes_at_most_34_bytes_per_record(paper_ready: Desk, tmp_path: Path) -> None:
    def size() -> int:
        with paper_ready.ledger.events.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return (tmp_path / "ledger.db").stat().st_size

    paper_ready.shut(paper_ready.announce({"patient": Keys((n,) for n in range(5000))}))
    before = size()
    for batch in range(1, 11):
        paper_ready.shut(
            paper_ready.announce({"patient": Keys((n,) for n in range(batch * 5000, batch * 5000 + 5000))})
        )
    assert (size() - before) / 50_000 <= 34


_KILLED = """
import os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
from domain.evidence import Entry
from domain.keys import Keys
from ledger import open_ledger
folder = sys.argv[1]
ledger = open_ledger(f"sqlite:///{folder}/ledger.db", clock=lambda: datetime(2026, 11, 23, 9, tzinfo=UTC))
ledger.batches.announce(rule="careweb.patient", digest="a" * 64, system="careweb", as_of=date(2026, 11, 23),
    dossiers={"patient": Keys([(1,), (2,)])}, entry=Entry("batch announced", "night"))
if sys.argv[2] == "while closing":
    with ledger.events.write(Entry("batch closed", "night")) as writing:
        writing.connection.exec_driver_sql("DELETE FROM batch_keys")
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["after announcing", "while closing"])
def test_a_run_killed_between_announce_and_close_is_found_by_the_next(
    paper_ready: Desk, tmp_path: Path, moment: str
) -> None:
    paper_ready.close()
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), moment], check=False, cwd=Path.cwd())
    assert done.returncode == -signal.SIGKILL
    (found,) = paper_ready.ledger.batches.open_batches()
    assert found.dossiers == {"patient": Keys([(1,), (2,)])}
    closed = paper_ready.shut(found, {"patient": Keys([(1,)])})
    assert closed.records == 1
    assert paper_ready.ledger.verify().ok
    assert paper_ready.ledger.batches.destroyed_totals() == {("careweb", "careweb.patient"): 1}


def test_the_events_of_a_batch_name_counts_and_roots_and_no_key(paper_ready: Desk) -> None:
    secret = "Marktova-41"
    closed = paper_ready.shut(paper_ready.announce({"patient": Keys([(secret,)])}))
    told = [event for event in paper_ready.ledger.events.events() if event.subject == closed.batch]
    assert [event.kind for event in told] == ["batch announced", "batch closed"]
    assert closed.root in told[1].body
    assert told[1].seq == closed.event
    assert not any(secret in event.body for event in told)
    assert paper_ready.ledger.batches.closed_batches(after_event=closed.event) == ()


@pytest.mark.parametrize("numbers", [[], [0], [7, -1, 2**63 - 1, -(2**63)]])
def test_keys_of_one_number_are_kept_as_numbers_and_read_as_they_were_kept_before(numbers: list[int]) -> None:
    keys = Keys((n,) for n in numbers)
    assert pack(keys) == json.dumps(numbers, separators=(",", ":")).encode()
    assert unpack(pack(keys)) == keys
    assert unpack(json.dumps([[n] for n in numbers]).encode()) == keys
