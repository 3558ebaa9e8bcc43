"""Evidence keys: a new one comes without losing anything, an old one goes for ever and by two persons only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.cases import CaseKind
from domain.evidence import Entry
from domain.intake import Ask
from domain.keys import Keys
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger import open_ledger
from ledger.approvals import What
from ledger.evidence_keys import SEALED
from ledger.mail_places import Place
from ledger.returned import find_returned
from ledger.schema import head
from ledger.secrets import VARIABLE, Keyring
from tests.unit.ledger_desk import AS_OF, RULE, Desk

VERIFIER = Path(__file__).parents[2] / "ledger/auditor/verify_ledger.py"


def fill(desk: Desk) -> str:
    """Evidence, a hold, a decided record, approvals: everything that an evidence key marks or seals."""
    ledger = desk.office()
    desk.approve()
    desk.shut(desk.announce({"patient": Keys([(1,), (2,)])}))
    case = ledger.cases.open_case(
        CaseKind.ACCESS, received_on=AS_OF, channel="mail", subject={"name": "X"}, entry=Entry("case.received", "dev")
    )
    decide(desk, case.number, include=True)
    held = {"owner": "fg", "reason": "dispute", "review_on": date(2027, 1, 1)}
    ledger.holds.add(**held, system="hr", dataset="staff", key="7", entry=Entry("hold added", "fg"))
    return case.number


def decide(desk: Desk, case: str, *, include: bool) -> None:
    entry = Entry("match decided", "dev", case=case)
    desk.ledger.cases.decide(case, system="crm", dataset="prospects", key="9", include=include, entry=entry)


def comes(desk: Desk, uid: int, raw: bytes, message_id: str, thread: tuple[str, ...] = (), **more: bytes) -> str:
    kept = desk.ledger.mail.store(
        Place("privacy", 1, uid), received_on=AS_OF, raw=raw, **more, message_id=message_id, thread=thread, named=(),
        asks=(Ask.OTHER,), aside=None, entry=Entry("mail.kept", "termijn"),
    )  # fmt: skip
    assert kept is not None
    return f"{kept.state} {kept.reason}".strip()


def test_a_message_is_known_again_under_a_new_key_when_the_old_one_is_gone(desk: Desk) -> None:
    fill(desk)
    raw = b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nhallo"
    assert comes(desk, 1, raw, "<1@example.org>") == "draft"
    for old in ("e1", "e2"):
        rotate(desk)
        agree(desk, old)
        assert destroy(desk, old)
    assert comes(desk, 2, raw, "<1@example.org>") == "aside came before: M2026-0001"
    assert comes(desk, 3, b"\r\nen?", "", ("<1@example.org>",)) == "draft follows M2026-0001"
    assert desk.ledger.verify().ok


def test_a_message_out_of_which_a_copy_was_taken_is_known_again_when_the_key_of_its_first_mark_is_gone(
    desk: Desk,
) -> None:
    case = fill(desk)
    raw, rest = (b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\n\r\n" + left for left in (b"paspoort", b"[x]"))
    assert comes(desk, 1, raw, "<1@example.org>", reduced=rest) == "draft"
    entry = Entry("identity.copy-kept", "privacy")
    desk.ledger.id_copies.take(case, "M2026-0001", [("image/png", b"beeld")], rest, entry=entry)
    for old in ("e1", "e2"):
        rotate(desk)
        agree(desk, old)
        assert destroy(desk, old)
    assert comes(desk, 2, raw, "<1@example.org>", reduced=rest) == "aside came before: M2026-0001"
    other = b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\n\r\niets anders"
    assert comes(desk, 3, other, "<1@example.org>") == "draft", "the same Message-ID is not the same message"
    assert desk.ledger.verify().ok


def rotate(desk: Desk) -> str:
    return desk.ledger.rotate_evidence_key(entry=Entry("evidence key rotated", "fg"))


def agree(desk: Desk, name: str) -> None:
    desk.approve(desk.keyring.fingerprint(name), What.KEY)


def destroy(desk: Desk, name: str, *, by: str = "dev", code: str | None = None) -> bool:
    given = desk.code(by) if code is None else code
    entry = Entry("evidence key destroyed", by)
    return desk.ledger.destroy_evidence_key(name, code=given, as_of=AS_OF, entry=entry)


def reopened(desk: Desk) -> Desk:
    desk.close()
    desk.keyring = Keyring.at(Path(desk.keyring.path or ""), create=False)
    return desk


def keys_of_seals(desk: Desk) -> set[str]:
    with desk.ledger.events.read() as connection:
        seals = [s for t in (head, *SEALED) for s in connection.scalars(select(t.c.seal))]
    return {seal.partition(":")[0] for seal in seals}


def test_a_new_evidence_key_takes_over_every_seal_and_all_new_leaves(desk: Desk) -> None:
    fill(desk)
    assert keys_of_seals(desk) == {"e1"}
    assert rotate(desk) == "e2"
    assert keys_of_seals(desk) == {"e2"}
    desk.shut(desk.announce({"patient": Keys([(3,)])}))
    ledger = reopened(desk).ledger
    assert ledger.verify().ok
    assert ledger.batches.destroyed_among("careweb", "patient", [(1,), (2,), (3,), (4,)]) == Keys([(1,), (2,), (3,)])
    assert ledger.batches.was_destroyed("careweb", "patient", (4,)) is False
    assert {h.key for h in ledger.holds.list_active(AS_OF)} == {"7"}


def test_a_record_decided_again_after_a_new_key_is_still_one_decision(paper: Desk) -> None:
    case = fill(paper)
    rotate(paper)
    decide(paper, case, include=False)
    assert [d.include for d in paper.ledger.cases.decisions_of(case)] == [False]


def test_a_row_put_in_by_hand_gets_no_seal_from_a_rotation(paper: Desk) -> None:
    fill(paper)
    paper.by_hand(
        "INSERT INTO approvals SELECT 99, what, 'forged', requested_by, approved_by, at, expires_on, revoked_at, seal "
        "FROM approvals"
    )
    before = paper.ledger.events.head()
    with pytest.raises(LedgerBroken, match="not written by the ledger"):
        rotate(paper)
    assert paper.ledger.events.head() == before
    assert keys_of_seals(paper) == {"e1"}
    assert not paper.ledger.verify().ok


def test_an_old_key_is_destroyed_by_two_officers_and_its_records_can_be_told_by_nobody(
    desk: Desk, tmp_path: Path
) -> None:
    fill(desk)
    old = desk.keyring.evidence_key("e1").hex()
    rotate(desk)
    desk.shut(desk.announce({"patient": Keys([(3,)])}))
    agree(desk, "e1")
    assert destroy(desk, "e1") is True
    ledger = reopened(desk).ledger
    assert ledger.verify().ok
    assert desk.keyring.evidence_ids == ("e2",)
    assert old.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    destroyed = ledger.batches
    assert destroyed.was_destroyed("careweb", "patient", (1,)) is None
    assert destroyed.was_destroyed("careweb", "patient", (4,)) is None
    assert destroyed.was_destroyed("careweb", "patient", (3,)) is True
    assert destroyed.was_destroyed("hr", "staff", (4,)) is False
    assert destroyed.destroyed_among("careweb", "patient", [(1,), (3,)]) == Keys([(3,)])
    pages = [[(1,), (3,), (4,)]]
    assert find_returned(ledger.events, destroyed, system="careweb", dataset="patient", pages=pages) == Keys([(3,)])
    assert destroyed.cannot_be_told("careweb") == ("B0000001",)
    assert destroyed.cannot_be_told("hr") == ()
    assert destroyed.destroyed_totals() == {("careweb", "careweb.patient"): 3}
    file = tmp_path / "export.jsonl"
    file.write_text("".join(f"{line}\n" for line in ledger.export()), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", "-S", VERIFIER, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "destroyed evidence key e1" in done.stdout


def test_an_id_of_a_key_is_never_given_again(paper: Desk) -> None:
    fill(paper)
    rotate(paper)
    agree(paper, "e1")
    destroy(paper, "e1")
    assert rotate(paper) == "e3"
    agree(paper, "e2")
    destroy(paper, "e2")
    assert rotate(paper) == "e4"
    assert reopened(paper).ledger.verify().ok


def test_the_newest_key_and_a_key_under_seals_are_not_destroyed(paper: Desk) -> None:
    fill(paper)
    agree(paper, "e1")
    with pytest.raises(Refused, match="newest"):
        destroy(paper, "e1")
    paper.keyring.mint_evidence("e2")  # as a rotation leaves it that was killed before it was stored
    with paper.ledger.events.write(Entry("told", "fg")):
        pass
    with pytest.raises(Refused, match="still under this key: approvals, cases, holds, requests, switch"):
        destroy(paper, "e1")
    with pytest.raises(NotFound):
        destroy(paper, "e9")
    assert paper.ledger.verify().ok


def test_no_key_is_destroyed_by_one_person_or_without_a_code(paper: Desk) -> None:
    fill(paper)
    rotate(paper)
    mark, approvals = paper.keyring.fingerprint("e1"), paper.ledger.approvals
    with pytest.raises(Refused, match="no two officers"):
        destroy(paper, "e1")
    approvals.request(What.KEY, [mark], code=paper.code("fg"), entry=Entry("approval asked", "fg"))
    with pytest.raises(Refused, match="two persons"):
        approvals.approve(What.KEY, [mark], code=paper.code("fg"), entry=Entry("approval given", "fg"))
    with pytest.raises(Refused, match="does not approve"):
        approvals.approve(What.KEY, [mark], code=paper.code("dev"), entry=Entry("approval given", "dev"))
    agree(paper, "e1")
    with pytest.raises(Refused, match="not the right code"):
        destroy(paper, "e1", code="000000")
    assert paper.keyring.evidence_ids == ("e2", "e1")
    told = [e.kind for e in paper.ledger.events.events() if e.subject == "e1"]
    assert told == ["refused", "refused"]


@pytest.mark.parametrize(
    "by_hand",
    ["DELETE FROM key_checks WHERE id = 'gone:e1'", "UPDATE key_checks SET id = 'gone:e2' WHERE id = 'gone:e1'"],
)
def test_a_destroyed_key_that_is_denied_or_another_that_is_said_to_be_one_is_found(paper: Desk, by_hand: str) -> None:
    fill(paper)
    rotate(paper)
    agree(paper, "e1")
    destroy(paper, "e1")
    paper.by_hand(by_hand)
    try:
        assert not paper.ledger.verify().ok
    except LedgerBroken as found:
        assert "was not put" in str(found)  # noqa: PT017 - either way it is found


def test_a_key_that_is_merely_missing_is_not_taken_for_destroyed(paper: Desk) -> None:
    fill(paper)
    rotate(paper)
    paper.keyring.drop_evidence("e1")
    ledger = reopened(paper).ledger
    with pytest.raises(LedgerBroken, match="not among the keys"):
        ledger.batches.was_destroyed("careweb", "patient", (1,))
    with pytest.raises(LedgerBroken, match="not among the keys"):
        find_returned(ledger.events, ledger.batches, system="careweb", dataset="patient", pages=[[(1,)]])
    assert any("e1" in fault.what for fault in ledger.verify().problems)


def test_keys_from_the_environment_turn_and_go_when_their_keeper_changes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = {"encryption": Keyring.fresh()._encryption, "evidence": [{"id": "e1", "key": os.urandom(32).hex()}]}
    desk = Desk(f"sqlite:///{tmp_path}/ledger.db", Keyring.parse(json.dumps(ring)))
    fill(desk)
    with pytest.raises(Refused, match="not in a file"):
        rotate(desk)
    desk.close()
    ring["evidence"] = [{"id": "e2", "key": os.urandom(32).hex()}, *ring["evidence"]]
    desk.keyring = Keyring.parse(json.dumps(ring))
    assert rotate(desk) == "e2"
    agree(desk, "e1")
    assert destroy(desk, "e1") is False
    desk.close()
    monkeypatch.setenv(VARIABLE, json.dumps(ring))
    ledger = open_ledger(desk.url, clock=lambda: desk.now)
    assert ledger.events.keyring.evidence_ids == ("e2",)
    assert ledger.verify().ok
    ledger.close()


_KILLED = """
import os, signal, sys
from datetime import UTC, date, datetime
from domain.evidence import Entry
from ledger import open_ledger
from ledger.chain import Chain
from ledger.secrets import Keyring
url, what, where, code, at = sys.argv[1:]
ledger = open_ledger(url, clock=lambda: datetime.fromisoformat(at))
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if where == "before the file":
    Keyring.save = die
elif where == "after the file":
    kept = Keyring.save
    Keyring.save = lambda *a, **k: (kept(*a, **k), die())
else:
    Chain._append = die
if what == "rotate":
    ledger.rotate_evidence_key(entry=Entry("evidence key rotated", "fg"))
else:
    ledger.destroy_evidence_key("e1", code=code, as_of=date(2026, 11, 23), entry=Entry("evidence key destroyed", "dev"))
"""


@pytest.mark.parametrize("where", ["before the file", "after the file", "before it is stored"])
@pytest.mark.parametrize("what", ["rotate", "destroy"])
def test_killed_while_a_key_comes_or_goes_nothing_is_lost(paper: Desk, what: str, where: str) -> None:
    fill(paper)
    if what == "destroy":
        rotate(paper)
        agree(paper, "e1")
    code = paper.code("dev")
    paper.close()
    words = [sys.executable, "-c", _KILLED, paper.url, what, where, code, paper.now.isoformat()]
    done = subprocess.run(words, check=False, cwd=Path.cwd(), capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    ledger = reopened(paper).ledger
    assert ledger.verify().ok
    if what == "rotate":
        assert ledger.batches.was_destroyed("careweb", "patient", (1,)) is True
        assert rotate(paper) in ("e2", "e3")
        agree(paper, "e1")
    if "e1" in paper.keyring.evidence_ids:
        assert ledger.batches.was_destroyed("careweb", "patient", (1,)) is True
        destroy(paper, "e1")
    assert ledger.batches.was_destroyed("careweb", "patient", (1,)) is None
    paper.approve(RULE[:-1] + "b")
    assert reopened(paper).ledger.verify().ok


def test_two_who_turn_keys_at_once_lose_neither_key(paper: Desk) -> None:
    fill(paper)
    paper.close()
    rings = [Keyring.at(Path(paper.keyring.path or ""), create=False) for _ in range(2)]
    one, two = (open_ledger(paper.url, clock=lambda: paper.now, keyring=ring) for ring in rings)
    one.rotate_evidence_key(entry=Entry("evidence key rotated", "fg"))
    with pytest.raises(LedgerBroken, match="belongs to other keys"):
        two.rotate_evidence_key(entry=Entry("evidence key rotated", "dev"))
    one.rotate_keys(entry=Entry("keys rotated", "fg"))
    for ledger in (one, two):
        ledger.close()
    assert reopened(paper).ledger.verify().ok
    assert paper.ledger.batches.was_destroyed("careweb", "patient", (1,)) is True


def test_keys_that_come_and_go_at_the_same_time_are_all_on_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    Keyring.fresh(file).save(new=True)
    Keyring.at(file, create=False).mint_evidence("e0")
    rings = [Keyring.at(file, create=False) for _ in range(12)]

    def change(number: int) -> None:
        if number == 5:
            rings[number].drop_evidence("e1")
        else:
            rings[number].mint_evidence(f"e{number + 10}")

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(change, range(12)))
    found = set(Keyring.at(file, create=False).evidence_ids)
    assert found == {"e0", *(f"e{n + 10}" for n in range(12) if n != 5)}
