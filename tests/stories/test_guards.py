"""What nobody wanted to destroy, told through the real command: each guard refuses its rule and the others go on."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.stories.small_house import LONG_AGO, TODAY, SmallHouse

#: A second rule in the same system, of which one record is due.
PARCEL = """
[dataset.parcel]
title = "Pakketten"
activity = "visits"
key = ["id"]
triggers = ["fetched_on"]
ceiling = { records = 5, share = 1.0 }
columns.id = { class = "technical" }
columns.fetched_on = { class = "export", label = "Opgehaald op" }
"""
EVERYBODY = set(range(1, 13))
#: The same night in a process whose clock is so many days ahead.
AHEAD = """
import os, sys
from datetime import timedelta
import tasks.clock
real = tasks.clock.now
tasks.clock.now = lambda: real() + timedelta(days=int(sys.argv[1]))
os.environ["TERMIJN_SKIN"] = "plain"
from flows.nightly_purge import nightly_purge
nightly_purge(systems=["desk"], rehearsal=False)
"""


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    made = SmallHouse(tmp_path)
    made.edit("systems/desk.toml", "records = 5, share = 0.5", "records = 5000, share = 1.0")
    file = made.register / "systems" / "desk.toml"
    file.write_text(file.read_text("utf-8") + PARCEL, "utf-8")
    made.sql("CREATE TABLE parcel (id INTEGER PRIMARY KEY, fetched_on DATE)")
    made.sql("INSERT INTO parcel VALUES (1, ?), (2, ?)", str(LONG_AGO), str(TODAY))
    return made


def crowd(house: SmallHouse, left_on: date | None, *, start: int = 1000, count: int = 150) -> None:
    """So many visitors more who left on one day; None: each on another recent day."""
    with sqlite3.connect(house.db) as db:
        for n in range(start, start + count):
            day = left_on or TODAY - timedelta(days=n % 90)
            row = (n, f"Naam{n}", "1980-01-31", f"b{n}@example.org", None, str(day))
            db.execute("INSERT INTO visitor VALUES (?, ?, ?, ?, ?, ?)", row)


def parcels(house: SmallHouse) -> int:
    return len(house.sql("SELECT id FROM parcel"))


def test_dates_that_one_migration_wrote_are_refused_and_the_other_rule_goes_on(house: SmallHouse) -> None:
    crowd(house, date(2001, 1, 1))
    house.countersign()
    before = house.living()
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4
    assert "mass update" in ended.stderr
    assert "same_day" in ended.stderr
    assert house.living() == before
    assert parcels(house) == 1
    told = house.termijn("plan", "desk").stdout
    assert "150 of 153 dates of visitor.left_on that are over fall on 2001-01-01" in told


def test_a_reason_why_many_share_a_day_lets_the_rule_go_once_it_is_countersigned(house: SmallHouse) -> None:
    crowd(house, date(2001, 1, 1))
    said = '[{ column = "left_on", same_day = "De beurs van 2001: allen vertrokken op één dag" }]'
    house.edit("systems/desk.toml", '["left_on"]', said)
    house.countersign()
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, ended.stderr
    assert house.living() == EVERYBODY - {1, 2, 3}


def test_a_trigger_column_that_was_emptied_stays_refused_until_it_is_mended(house: SmallHouse) -> None:
    crowd(house, None)
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    house.visit(50, LONG_AGO)
    house.sql("UPDATE visitor SET left_on = NULL WHERE id >= 1000")
    for _ in range(2):  # the second night must not find it usual
        ended = house.termijn("purge", "desk", "--arm")
        assert ended.returncode == 4
        assert "spoiled dates" in ended.stderr
        assert 50 in house.living()
    house.sql("UPDATE visitor SET left_on = ? WHERE id >= 1000", str(TODAY))
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert 50 not in house.living()


def test_a_large_child_table_without_an_index_is_named_before_the_first_delete_and_mended(house: SmallHouse) -> None:
    with sqlite3.connect(house.db) as db:
        db.executemany("INSERT INTO note (visitor_id, text) VALUES (?, '-')", [(12,) for _ in range(10_001)])
    house.countersign()
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4
    assert "CREATE INDEX note_visitor_id_idx ON note (visitor_id)" in ended.stderr
    assert house.living() == EVERYBODY
    house.sql("CREATE INDEX note_visitor_id_idx ON note (visitor_id)")
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, ended.stderr
    assert house.living() == EVERYBODY - {1, 2, 3}


@pytest.mark.parametrize("what", ["cascade", "trigger"])
def test_what_the_database_would_do_on_its_own_refuses_the_rules_of_that_table_only(
    house: SmallHouse, what: str
) -> None:
    house.countersign()
    if what == "cascade":
        house.edit("systems/desk.toml", 'title = "Balie"', 'title = "Balie"\nignored_tables = { fax = "leeg" }')
        house.sql("CREATE TABLE fax (id INTEGER PRIMARY KEY, visitor_id INT REFERENCES visitor(id) ON DELETE CASCADE)")
        house.sql("INSERT INTO fax (visitor_id) VALUES (1), (2), (12)")
    else:
        house.sql("CREATE TABLE copy (id INTEGER)")
        house.edit("systems/desk.toml", 'title = "Balie"', 'title = "Balie"\nignored_tables = { copy = "leeg" }')
        house.sql("CREATE TRIGGER keep AFTER DELETE ON visitor BEGIN INSERT INTO copy VALUES (old.id); END")
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4, ended.stderr
    assert "undeclared" in ended.stderr
    assert house.living() == EVERYBODY
    assert parcels(house) == 1
    told = house.termijn("plan", "desk").stdout
    assert ("it would take along or change 2 rows" in told) == (what == "cascade")
    assert house.termijn("register", "check", "--live").returncode == 4  # and no package is sealed either


def test_a_clock_that_jumped_stays_refused_and_a_ledger_ahead_of_the_clock_is_refused_too(house: SmallHouse) -> None:
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    house.visit(50, LONG_AGO)
    for _ in range(2):  # the first refused night must not become what the second compares with
        assert "clock" in house.run_python(AHEAD, "100").stderr
        assert 50 in house.living()
    for _ in range(2):
        ended = house.termijn("purge", "desk", "--arm")
        assert ended.returncode == 4
        assert "clock" in ended.stderr
        assert 50 in house.living()
    assert "the ledger holds an event of" in house.termijn("plan", "desk").stdout


def test_a_restriction_keeps_the_person_until_they_were_told_and_it_was_ended(house: SmallHouse) -> None:
    house.countersign()
    subject = 'name = "Naam2"\nsurname = "Naam2"\nborn_on = 1980-01-31\nemail = "bezoeker2@example.org"\n'
    opened = house.termijn("case", "new", "--kind", "restriction", "--subject", "-", given=subject)
    assert opened.returncode == 0, opened.stderr
    number = next(word for word in opened.stdout.split() if word.startswith(f"{TODAY.year}-"))
    words = ("--owner", "fg", "--reason", "juistheid betwist", "--review", str(TODAY - timedelta(days=1)))
    added = house.termijn("hold", "add", "--restriction", "a", "--case", number, *words)
    assert added.stdout == "restriction H0001 stands\n", added.stderr
    house.termijn("case", "move", number, "withdrawn")
    house.termijn("case", "move", number, "closed")
    told = house.termijn("plan", "desk").stdout
    assert "1 frozen by restriction H0001" in told
    assert "OVERDUE" in house.termijn("hold", "list").stdout
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert house.living() == EVERYBODY - {1, 3}
    refused = house.termijn("hold", "end", "H0001", "--by", "fg")
    assert refused.returncode == 4
    assert "told" in refused.stderr
    assert house.termijn("hold", "end", "H0001", "--by", "fg", "--told-on", str(TODAY)).returncode == 0
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert house.living() == EVERYBODY - {1, 2, 3}
