"""The promises of DESIGN §2 and the bad input of every day, told through the real command on a small house."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.small_house import LATELY, LONG_AGO, TODAY, SmallHouse

EVERYBODY = set(range(1, 13))
SUBJECT = 'name = "Naam2"\nsurname = "Naam2"\nborn_on = 1980-01-31\nemail = "bezoeker2@example.org"\n'


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


@pytest.fixture
def signed(house: SmallHouse) -> SmallHouse:
    house.countersign()
    return house


def test_the_plan_lists_what_is_due_and_nothing_else(house: SmallHouse) -> None:
    assert house.termijn("plan", "desk", "--keys").stdout == "visitor\t1\nvisitor\t2\nvisitor\t3\n"


def test_a_rehearsal_is_the_default_and_destroys_nothing(signed: SmallHouse) -> None:
    ended = signed.termijn("purge", "desk")
    assert ended.returncode == 0, ended.stderr
    assert signed.living() == EVERYBODY


def test_a_rule_that_nobody_countersigned_destroys_nothing(house: SmallHouse) -> None:
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4
    assert "countersignature" in ended.stderr
    assert "->" in ended.stderr
    assert house.living() == EVERYBODY


def test_an_armed_night_destroys_what_is_due_with_all_that_belongs_to_it_and_proves_it(signed: SmallHouse) -> None:
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, ended.stderr
    assert signed.living() == EVERYBODY - {1, 2, 3}
    assert signed.sql("SELECT count(*) FROM note WHERE visitor_id <= 3") == [(0,)]
    ledger = signed.ledger()
    assert all(ledger.batches.was_destroyed("desk", "visitor", (n,)) for n in (1, 2, 3))
    assert not ledger.batches.was_destroyed("desk", "visitor", (4,))
    assert signed.termijn("ledger", "verify").returncode == 0
    [certificate] = (signed.folder / "out").glob("*-certificate.json")
    assert json.loads(certificate.read_bytes())["rules"][0]["destroyed"] == 3


def test_a_second_armed_night_changes_nothing(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    before = signed.living()
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    assert signed.living() == before


def test_a_rule_that_changed_since_it_was_countersigned_destroys_nothing(signed: SmallHouse) -> None:
    signed.edit("activities/visits.toml", '"6 months"', '"5 months"')
    assert signed.termijn("purge", "desk", "--arm").returncode == 4
    assert signed.living() == EVERYBODY


def test_over_the_ceiling_nothing_goes_and_not_the_first_few(house: SmallHouse) -> None:
    house.edit("systems/desk.toml", "records = 5", "records = 2")
    house.countersign()
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4
    assert "ceiling" in ended.stderr
    assert house.living() == EVERYBODY


def test_a_record_under_a_hold_is_never_destroyed_and_is_released_by_the_end_of_the_hold(signed: SmallHouse) -> None:
    review = (TODAY + timedelta(days=30)).isoformat()
    added = signed.termijn(
        "hold", "add", "desk", "visitor", "2", "--owner", "fg", "--reason", "geschil", "--review", review
    )
    assert added.returncode == 0, added.stderr
    assert "visitor\t2" not in signed.termijn("plan", "desk", "--keys").stdout
    assert "hold H0001" in signed.termijn("why", "desk", "visitor", "2").stdout
    signed.termijn("purge", "desk", "--arm")
    assert signed.living() == EVERYBODY - {1, 3}
    signed.termijn("hold", "end", "H0001", "--by", "fg")
    signed.termijn("purge", "desk", "--arm")
    assert signed.living() == EVERYBODY - {1, 2, 3}


def test_an_open_request_freezes_its_person_and_nobody_else(signed: SmallHouse) -> None:
    assert signed.termijn("case", "new", "--subject", "-", given=SUBJECT).returncode == 0
    signed.termijn("purge", "desk", "--arm")
    assert signed.living() == EVERYBODY - {1, 3}


def test_the_access_package_holds_the_person_whole_and_no_other(signed: SmallHouse) -> None:
    signed.termijn("case", "new", "--subject", "-", given=SUBJECT)
    refused = signed.termijn("export", "2026-0001" if TODAY.year == 2026 else f"{TODAY.year}-0001")
    assert refused.returncode == 4
    number = json.loads(signed.termijn("case", "list", "--json").stdout)[0]["case"]
    signed.termijn("case", "move", number, "identity", "--method", "call-back")
    signed.termijn("case", "move", number, "in-progress")
    ended = signed.termijn("export", number)
    assert ended.returncode == 0, ended.stderr
    files = signed.open_package(number)
    assert b"bezoeker2@example.org" in files["data.json"]
    assert b"geheim2" in files["data.json"]
    assert not any(b"bezoeker3@" in body or b"geheim3" in body for body in files.values())
    assert b"Naam2" not in (signed.folder / "ledger.db").read_bytes()


def test_an_unreadable_system_blocks_the_seal(signed: SmallHouse) -> None:
    signed.termijn("case", "new", "--subject", "-", given=SUBJECT)
    number = json.loads(signed.termijn("case", "list", "--json").stdout)[0]["case"]
    signed.termijn("case", "move", number, "identity", "--method", "call-back")
    signed.termijn("case", "move", number, "in-progress")
    signed.sql("ALTER TABLE visitor ADD COLUMN nickname TEXT")
    assert signed.termijn("export", number).returncode == 5
    assert not (signed.folder / "out" / "packages").exists()


@pytest.mark.parametrize("left_on", [None, "9999-01-01", "1900-01-01", "not a date", str(TODAY + timedelta(days=9))])
def test_a_trigger_that_is_missing_or_cannot_be_never_makes_a_record_due(
    signed: SmallHouse, left_on: str | None
) -> None:
    signed.visit(99, left_on)
    signed.termijn("purge", "desk", "--arm")
    assert 99 in signed.living()


@pytest.mark.parametrize(("words", "guard"), [("set back", -1), ("future", 1)])
def test_a_clock_that_is_wrong_is_refused(signed: SmallHouse, words: str, guard: int) -> None:
    signed.termijn("purge", "desk", "--arm")
    signed.visit(50, LONG_AGO)
    day = (TODAY + timedelta(days=guard)).isoformat()
    ended = signed.termijn("purge", "desk", "--arm", "--as-of", day)
    assert ended.returncode == 4
    assert "clock" in ended.stderr
    assert 50 in signed.living(), words


def test_a_source_that_was_emptied_is_refused(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    signed.sql("DELETE FROM note")
    signed.sql("DELETE FROM visitor")
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4
    assert "empty source" in ended.stderr


def test_a_source_that_keeps_what_it_says_it_deleted_ends_red(signed: SmallHouse) -> None:
    signed.sql("CREATE TRIGGER keep BEFORE DELETE ON visitor BEGIN SELECT RAISE(IGNORE); END")
    signed.edit(
        "systems/desk.toml", 'title = "Bezoekers"', 'title = "Bezoekers"\nside_effects = { keep = "houdt alles vast" }'
    )
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode != 0
    assert signed.living() == EVERYBODY
    assert not signed.ledger().batches.was_destroyed("desk", "visitor", (1,))


@pytest.mark.parametrize("instant", ["before the commit", "after the commit"])
def test_killed_at_an_instant_the_next_run_loses_nothing_and_counts_nothing_twice(
    signed: SmallHouse, instant: str
) -> None:
    killer = """
import os, signal, sys
import connectors.sql.connector as sql
real = sql.SqlConnector.destroy_straight
def destroy(self, *given, announce, **named):
    def announce_and_die(rows):
        announced = announce(rows)
        announced.result()
        if sys.argv[1] == "before the commit":
            os.kill(os.getpid(), signal.SIGKILL)
        return announced
    real(self, *given, announce=announce_and_die, **named)
    os.kill(os.getpid(), signal.SIGKILL)
sql.SqlConnector.destroy_straight = destroy
os.environ["TERMIJN_SKIN"] = "plain"
from flows.nightly_purge import nightly_purge
nightly_purge(systems=["desk"], rehearsal=False)
"""
    ended = signed.run_python(killer, instant)
    assert ended.returncode == -9, ended.stderr
    assert len(signed.ledger().batches.open_batches()) == 1
    early = signed.termijn("purge", "desk", "--arm")
    assert early.returncode == 4, "the killed run's lease still stands, so its batch is left alone"
    assert len(signed.ledger().batches.open_batches()) == 1
    with sqlite3.connect(signed.folder / "ledger.db") as ledger_file:
        ledger_file.execute("DELETE FROM leases")  # two minutes later
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    ledger = signed.ledger()
    assert signed.living() == EVERYBODY - {1, 2, 3}
    assert all(ledger.batches.was_destroyed("desk", "visitor", (n,)) for n in (1, 2, 3))
    assert sum(b.records for b in ledger.batches.closed_batches()) == 6  # three visitors, three notes
    assert ledger.batches.open_batches() == ()
    assert ledger.verify().ok


def test_evidence_holds_no_record(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    for file in [signed.folder / "ledger.db", *(signed.folder / "out").glob("*.json")]:
        body = file.read_bytes()
        assert not any(mark in body for mark in (b"bezoeker1@", b"Naam1", b"geheim1", b"0612345601")), file.name


def test_a_plan_that_nobody_approved_destroys_nothing(signed: SmallHouse) -> None:
    kept = signed.termijn("plan", "desk", "--keep", "--by", "engineer").stdout
    digest = next(
        word for line in kept.splitlines() if line.startswith("kept") for word in line.split() if len(word) == 64
    )
    ended = signed.termijn("purge", "--arm", "--plan", digest)
    assert ended.returncode == 4
    assert "approval" in ended.stderr
    assert signed.living() == EVERYBODY
    assert signed.termijn("purge", "--arm", "--plan", "0" * 64).returncode == 6


BAD = [
    ("an unknown key in a register file", 3, "visits.toml"),
    ("a term without its source", 3, "source"),
    ("a system that is not there", 5, "->"),
    ("a table that is gone", 5, "note"),
    ("a column that nobody classified", 5, "nickname"),
    ("a trigger column of a type that is no date", 5, "left_on"),
]


@pytest.mark.parametrize(("what", "code", "says"), BAD, ids=[b[0] for b in BAD])
def test_bad_input_is_a_clear_error_and_destroys_nothing(signed: SmallHouse, what: str, code: int, says: str) -> None:
    match what:
        case "an unknown key in a register file":
            signed.edit("activities/visits.toml", "purpose =", 'purpos = "typo"\npurpose =')
        case "a term without its source":
            signed.edit("activities/visits.toml", 'source = "richtlijn"\n', "")
        case "a system that is not there":
            shutil.move(signed.db, signed.folder / "elsewhere.db")
        case "a table that is gone":
            signed.sql("DROP TABLE note")
        case "a column that nobody classified":
            signed.sql("ALTER TABLE visitor ADD COLUMN nickname TEXT")
        case _:
            signed.sql("ALTER TABLE visitor RENAME COLUMN left_on TO old")
            signed.sql("ALTER TABLE visitor ADD COLUMN left_on INTEGER")
            signed.sql("ALTER TABLE visitor DROP COLUMN old")
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode == code, ended.stderr
    assert says in ended.stderr
    assert "->" in ended.stderr
    assert "bezoeker" not in (ended.stdout + ended.stderr).replace("Bezoekers", "")
    if what == "a system that is not there":
        shutil.move(signed.folder / "elsewhere.db", signed.db)
    with sqlite3.connect(signed.db) as db:
        assert db.execute("SELECT count(*) FROM visitor").fetchone() == (12,)


def test_a_late_change_is_told_apart_from_the_recent_ones(house: SmallHouse) -> None:
    told = json.loads(house.termijn("why", "desk", "visitor", "5", "--json").stdout)
    assert told[0]["standing"] == "kept"
    assert told[0]["start"] == str(LATELY)
