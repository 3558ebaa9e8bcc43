"""Promise 6 told to its end: an auditor verifies a night's certificate without us, and finds what we would hide."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.small_house import SmallHouse


@pytest.fixture
def audited(tmp_path: Path) -> SmallHouse:
    """A house after an armed night; what the auditor gets lies in its folder `audit`."""
    house = SmallHouse(tmp_path)
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert house.termijn("ledger", "export", "audit/export.jsonl").returncode == 0
    (tmp_path / "audit" / "verify_ledger.py").write_text(house.termijn("ledger", "verifier").stdout, encoding="utf-8")
    return house


def certificate(house: SmallHouse) -> dict[str, object]:
    [file] = (house.folder / "out").glob("*-certificate.json")
    found: dict[str, object] = json.loads(file.read_bytes())
    return found


def audit(house: SmallHouse, *heads: str) -> subprocess.CompletedProcess[str]:
    words = [word for head in heads for word in ("--head", head)]
    command = [sys.executable, "-I", "-S", "verify_ledger.py", "export.jsonl", *words]
    return subprocess.run(command, cwd=house.folder / "audit", capture_output=True, text=True, check=False)


def head_of(house: SmallHouse) -> str:
    chain = certificate(house)["chain"]
    assert isinstance(chain, dict)
    return str(chain["head"])


def test_an_auditor_verifies_the_certificate_of_a_night_without_us(audited: SmallHouse) -> None:
    done = audit(audited, head_of(audited))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 batches with 6 records destroyed" in done.stdout


def test_the_certificate_names_approvers_verification_backups_and_why_the_rest_stayed(audited: SmallHouse) -> None:
    rules = certificate(audited)["rules"]
    assert isinstance(rules, list)
    [rule] = rules
    assert (rule["signed"]["asked_by"], rule["signed"]["approved_by"]) == ("engineer", "fg")
    assert rule["signed"]["digest"] == rule["rule_digest"]
    assert rule["verification"] == {"reread": 6, "still_there": 0}
    assert rule["stayed_because"] == {"de termijn loopt nog": 9}
    assert rule["total"] == rule["destroyed"] + sum(rule["stayed_because"].values())


def test_the_export_and_the_verifier_hold_no_record_and_no_key(audited: SmallHouse) -> None:
    keys = json.loads((audited.folder / "ledger.db.keys").read_text("utf-8"))
    secret = [*keys["encryption"], *(one["key"] for one in keys["evidence"])]
    for file in (audited.folder / "audit").iterdir():
        body = file.read_text("utf-8")
        marks = ("bezoeker1@", "Naam1", "geheim1", "0612345601", *secret)
        assert not any(mark in body for mark in marks), file.name


def test_who_holds_every_key_and_rewrites_the_ledger_is_found_by_the_certificate(audited: SmallHouse) -> None:
    """We ourselves, with the database and the key file: the night is taken out, all hashes and seals made anew."""
    kept = head_of(audited)
    ended = audited.run_python(_REWRITE)
    assert ended.returncode == 0, ended.stderr
    assert audited.termijn("ledger", "verify").returncode == 0  # the ledger itself cannot tell
    assert audited.termijn("ledger", "verify", "--head", kept).returncode == 7
    assert audited.termijn("ledger", "export", "audit/export.jsonl").returncode == 0
    assert audit(audited).returncode == 0
    done = audit(audited, kept)
    assert done.returncode == 1
    assert "events were cut off" in done.stdout


_REWRITE = """
from datetime import UTC, datetime
from sqlalchemy import text
from ledger import open_ledger
ledger = open_ledger("sqlite:///ledger.db", clock=lambda: datetime.now(UTC))
with ledger.events.engine.connect().execution_options(termijn_writes=True) as connection:
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))
    first = connection.scalar(text("SELECT min(seq) FROM events WHERE kind = 'batch.announced'"))
    connection.execute(text(f"DELETE FROM events WHERE seq >= {first}"))
    for table in ("leaves", "batches", "runs"):
        connection.execute(text(f"DELETE FROM {table}"))
    seq, last = connection.execute(text("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")).one()
    seal = ledger.events.keyring.seal("head", seq, last)
    connection.execute(text(f"UPDATE head SET seq = {seq}, hash = '{last}', seal = '{seal}'"))
    connection.commit()
"""
