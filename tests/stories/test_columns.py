"""Columns with a term of their own, told through the real command: emptied or made anonymous while the row stays."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.small_house import ACTIVITY, LONG_AGO, TODAY, SmallHouse

SUBJECT = 'name = "Naam2"\nsurname = "Naam2"\nborn_on = 1980-01-31\nemail = "bezoeker2@example.org"\n'


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Visits stay five years; how to reach a visitor six months, and then only a name and a birth year nobody knows."""
    house = SmallHouse(tmp_path)
    house.edit("activities/visits.toml", '"6 months"', '"5 years"')
    for name, title, ends in (("reach", "Bereikbaarheid", "destroy"), ("figures", "Cijfers", "anonymise")):
        text = ACTIVITY.replace("Bezoek", title).replace("destroy", ends)
        (house.register / "activities" / f"{name}.toml").write_text(text, "utf-8")
    house.edit("systems/desk.toml", ', name_born = ["surname", "born_on"]', "")
    told = {
        "phone": 'activity = "reach"', "email": 'activity = "reach", at_expiry = { fixed = "verwijderd" }',
        "surname": 'activity = "figures", at_expiry = "pseudonym"',
        "born_on": 'activity = "figures", at_expiry = "year"',
    }  # fmt: skip
    for column, more in told.items():
        house.edit(
            "systems/desk.toml",
            f'columns.{column} = {{ class = "export"',
            f'columns.{column} = {{ {more}, class = "export"',
        )
    return house


@pytest.fixture
def signed(house: SmallHouse) -> SmallHouse:
    house.countersign()
    return house


def reach(house: SmallHouse, number: int) -> tuple[object, ...]:
    return house.sql("SELECT phone, email FROM visitor WHERE id = ?", number)[0]


def events(house: SmallHouse, kind: str) -> list[dict[str, dict[str, object]]]:
    return [json.loads(e.body) for e in house.ledger().events.events(kind=kind)]


def test_an_armed_night_empties_and_anonymises_what_is_due_and_every_row_stays(signed: SmallHouse) -> None:
    before = signed.sql("SELECT * FROM visitor WHERE id > 3")
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, ended.stderr
    assert signed.living() == set(range(1, 13))
    assert signed.sql("SELECT count(*) FROM note") == [(12,)]
    assert {reach(signed, n) for n in (1, 2, 3)} == {(None, "verwijderd")}
    figures = signed.sql("SELECT surname, born_on FROM visitor WHERE id <= 3")
    assert {born for _, born in figures} == {"1980-01-01"}
    names = [str(name) for name, _ in figures]
    assert len(set(names)) == 3
    assert all(name.startswith("pseudo-") for name in names)
    assert signed.sql("SELECT * FROM visitor WHERE id > 3") == before


def test_the_evidence_says_what_was_done_and_never_that_a_surviving_row_was_destroyed(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    ledger = signed.ledger()
    assert ledger.verify().ok
    for number in (1, 2, 3):
        assert ledger.batches.was_destroyed("desk", "visitor#reach", (number,))
        assert ledger.batches.was_destroyed("desk", "visitor#figures", (number,))
        assert not ledger.batches.was_destroyed("desk", "visitor", (number,))
    assert not ledger.batches.was_destroyed("desk", "visitor#reach", (4,))
    closed = [event["record"] for event in events(signed, "batch.closed")]
    assert [r.get("emptied") for r in closed if "emptied" in r] == [[["visitor#reach", 3]]]
    assert [r.get("made anonymous") for r in closed if "made anonymous" in r] == [[["visitor#figures", 3]]]
    assert not any("destroyed" in record for record in closed)
    assert signed.termijn("ledger", "export", "export.jsonl").returncode == 0
    (signed.folder / "verify_ledger.py").write_text(signed.termijn("ledger", "verifier").stdout, "utf-8")
    command = [sys.executable, "-I", "-S", "verify_ledger.py", "export.jsonl"]
    checked = subprocess.run(command, cwd=signed.folder, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    [certificate] = (signed.folder / "out").glob("*-certificate.json")
    told = {r["rule"]: r for r in json.loads(certificate.read_bytes())["rules"]}
    assert {n: (r["action"], r["destroyed"], r["changed"]) for n, r in told.items()} == {
        "desk.visitor#reach": ("strip", 0, 3), "desk.visitor#figures": ("anonymise", 0, 3),
    }  # fmt: skip


def test_report_and_certificate_say_which_term_keeps_a_surviving_row_and_until_when(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    [report] = (signed.folder / "out").glob("night-*-armed-????????.json")
    told = {r["rule"]: r for r in json.loads(report.read_bytes())["rules"]}["desk.visitor#reach"]
    last = LONG_AGO.replace(year=LONG_AGO.year + 5)
    assert told["stays_until"]["Bezoek"] == str(last)
    assert "Bezoek: at most 5 years" in told["stays_under"][0]
    assert told["columns"] == {"email": "becomes 'verwijderd'", "phone": "emptied"}


def test_why_tells_of_a_surviving_row_what_is_done_and_until_when_it_stays(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    row, figures, contact = json.loads(signed.termijn("why", "desk", "visitor", "1", "--json").stdout)
    assert (row["rule"], row["standing"]) == ("desk.visitor", "kept")
    assert row["kept_until"] == str(LONG_AGO.replace(year=LONG_AGO.year + 5))
    assert (contact["rule"], contact["columns"][1]) == ("desk.visitor#reach", "phone: emptied")
    assert "nothing of these columns remains" in contact["next_step"]
    assert figures["at_expiry"] == "anonymise"
    shown = signed.termijn("why", "desk", "visitor", "1").stdout
    assert "born_on: only its year stays" in shown


def test_the_plan_says_what_becomes_of_each_column_and_which_term_keeps_the_row(signed: SmallHouse) -> None:
    told = {r["rule"]: r for r in json.loads(signed.termijn("plan", "desk", "--json").stdout)["rules"]}
    contact = told["desk.visitor#reach"]
    assert (contact["action"], contact["due"], contact["would_go"]) == ("strip", 3, 3)
    assert contact["columns"] == {"email": "becomes 'verwijderd'", "phone": "emptied"}
    assert contact["row_stays_under"].startswith("Bezoek: at most 5 years")
    assert "the row stays, under Bezoek" in signed.termijn("plan", "desk").stdout
    keys = signed.termijn("plan", "desk", "--keys").stdout.splitlines()
    assert keys == [f"visitor#{activity}\t{n}" for activity in ("figures", "reach") for n in (1, 2, 3)]


def test_a_second_armed_night_changes_nothing_and_announces_nothing(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    before, batches = signed.sql("SELECT * FROM visitor"), len(events(signed, "batch.announced"))
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    assert signed.sql("SELECT * FROM visitor") == before
    assert len(events(signed, "batch.announced")) == batches == 2


def test_when_nothing_remains_in_any_row_the_night_is_not_red(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    signed.sql("UPDATE visitor SET phone = NULL, email = 'verwijderd', surname = NULL, born_on = NULL")
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, "a source that bears nothing any more is no emptied source: its rows are there"


def test_a_rehearsal_and_a_rule_that_nobody_countersigned_change_nothing(house: SmallHouse) -> None:
    before = house.sql("SELECT * FROM visitor")
    assert house.termijn("purge", "desk").returncode == 0
    assert house.termijn("purge", "desk", "--arm").returncode == 4
    assert house.sql("SELECT * FROM visitor") == before


def test_a_treatment_that_changed_since_it_was_countersigned_changes_nothing(signed: SmallHouse) -> None:
    signed.edit("systems/desk.toml", '"verwijderd"', '"weg"')
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode == 4
    assert "desk.visitor#reach (countersignature)" in ended.stderr
    assert reach(signed, 1) == ("0612345601", "bezoeker1@example.org")
    assert signed.sql("SELECT born_on FROM visitor WHERE id = 1") == [("1980-01-01",)], "the other rule is served"


def test_over_the_ceiling_of_the_columns_nothing_is_changed(house: SmallHouse) -> None:
    house.edit("systems/desk.toml", "ceiling =", "column_ceilings = { reach = { records = 2, share = 1 } }\nceiling =")
    house.countersign()
    ended = house.termijn("purge", "desk", "--arm")
    assert "desk.visitor#reach (ceiling)" in ended.stderr
    assert reach(house, 1)[0] == "0612345601"


def test_a_record_under_a_hold_keeps_its_columns_until_the_hold_ends(signed: SmallHouse) -> None:
    review = (TODAY + timedelta(days=30)).isoformat()
    signed.termijn("hold", "add", "desk", "visitor", "2", "--owner", "fg", "--reason", "geschil", "--review", review)
    assert "visitor#reach\t2" not in signed.termijn("plan", "desk", "--keys").stdout
    before = signed.sql("SELECT * FROM visitor WHERE id = 2")
    signed.termijn("purge", "desk", "--arm")
    assert signed.sql("SELECT * FROM visitor WHERE id = 2") == before
    assert reach(signed, 1)[0] is None
    signed.termijn("hold", "end", "H0001", "--by", "fg")
    signed.termijn("purge", "desk", "--arm")
    assert reach(signed, 2)[0] is None


def test_an_open_request_freezes_the_columns_of_its_person(signed: SmallHouse) -> None:
    assert signed.termijn("case", "new", "--subject", "-", given=SUBJECT).returncode == 0
    before = signed.sql("SELECT * FROM visitor WHERE id = 2")
    signed.termijn("purge", "desk", "--arm")
    assert signed.sql("SELECT * FROM visitor WHERE id = 2") == before
    assert reach(signed, 1)[0] is None


def test_the_row_goes_when_its_own_term_is_over_and_then_it_is_destroyed(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    signed.sql("UPDATE visitor SET left_on = '2001-01-01' WHERE id = 1")
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    assert 1 not in signed.living()
    assert signed.ledger().batches.was_destroyed("desk", "visitor", (1,))


def test_a_longer_minimum_of_a_column_keeps_the_row(house: SmallHouse) -> None:
    house.edit("activities/reach.toml", 'maximum = "6 months"', 'minimum = "30 years"')
    house.countersign()
    house.sql("UPDATE visitor SET left_on = '2001-01-01' WHERE id <= 3")
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert house.living() == set(range(1, 13))
    assert reach(house, 1) == ("0612345601", "bezoeker1@example.org")
    [row, *_] = json.loads(house.termijn("why", "desk", "visitor", "1", "--json").stdout)
    assert (row["standing"], row["kept_until"]) == ("kept", "2031-01-01")


def test_a_column_that_must_hold_a_value_is_named_before_the_purge(signed: SmallHouse) -> None:
    signed.sql("ALTER TABLE visitor RENAME TO old")
    signed.sql(
        "CREATE TABLE visitor (id INTEGER PRIMARY KEY, surname, born_on DATE, email, phone NOT NULL, left_on DATE)"
    )
    signed.sql("INSERT INTO visitor SELECT * FROM old")
    signed.sql("DROP TABLE note")
    signed.sql("CREATE TABLE note (id INTEGER PRIMARY KEY, visitor_id INT REFERENCES visitor(id), text)")
    signed.sql("DROP TABLE old")
    ended = signed.termijn("plan", "desk")
    assert ended.returncode == 5
    assert "visitor.phone" in ended.stderr
    assert "must always hold a value" in ended.stderr


KILLER = """
import os, signal, sys
import connectors.sql.connector as sql
real = sql.SqlConnector.change
def change(self, *given, **named):
    if sys.argv[1] == "after the change":
        real(self, *given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
sql.SqlConnector.change = change
os.environ["TERMIJN_SKIN"] = "plain"
from flows.nightly_purge import nightly_purge
nightly_purge(systems=["desk"], rehearsal=False)
"""


@pytest.mark.parametrize("instant", ["before the change", "after the change"])
@pytest.mark.parametrize("register", ["same register", "another register"])
def test_killed_at_an_instant_the_next_run_has_evidence_for_each_change_and_for_nothing_else(
    signed: SmallHouse, instant: str, register: str
) -> None:
    ended = signed.run_python(KILLER, instant)
    assert ended.returncode == -9, ended.stderr
    [open_batch] = signed.ledger().batches.open_batches()
    [filed_as] = open_batch.dossiers
    changed = "pseudo-" in str(signed.sql("SELECT surname, email FROM visitor WHERE id = 1"))
    assert changed is (instant == "after the change")
    with sqlite3.connect(signed.folder / "ledger.db") as ledger_file:
        ledger_file.execute("DELETE FROM leases")  # two minutes later
    if register == "another register":
        signed.edit("systems/desk.toml", 'activity = "figures", at_expiry = "pseudonym", ', "")
        signed.edit("systems/desk.toml", 'activity = "figures", at_expiry = "year", ', "")
    signed.termijn("purge", "desk", "--arm")
    ledger = signed.ledger()
    assert ledger.batches.open_batches() == ()
    assert ledger.verify().ok
    first = next(b for b in ledger.batches.closed_batches() if b.batch == open_batch.batch)
    assert (filed_as, first.records) == ("visitor#figures", 3 if instant == "after the change" else 0)
    mine = [b for b in ledger.batches.closed_batches() if b.rule == "desk.visitor#figures"]
    assert sum(b.records for b in mine) == (0 if register == "another register" and not first.records else 3)
    told = {b["facts"]["batch"]: b["facts"]["action"] for b in events(signed, "batch.closed")}
    assert told[open_batch.batch] == "anonymise"


def test_a_source_that_keeps_what_it_was_told_to_change_ends_red(signed: SmallHouse) -> None:
    signed.sql("CREATE TRIGGER keep BEFORE UPDATE ON visitor BEGIN SELECT RAISE(IGNORE); END")
    signed.edit(
        "systems/desk.toml", 'title = "Bezoekers"', 'title = "Bezoekers"\nside_effects = { keep = "houdt vast" }'
    )
    ended = signed.termijn("purge", "desk", "--arm")
    assert ended.returncode != 0
    assert not signed.ledger().batches.was_destroyed("desk", "visitor#reach", (1,))


def test_what_a_restore_brought_back_of_columns_is_changed_again_and_counted_apart(signed: SmallHouse) -> None:
    backup = signed.folder / "backup.db"
    shutil.copyfile(signed.db, backup)
    signed.termijn("purge", "desk", "--arm")
    names = signed.sql("SELECT surname FROM visitor")
    nothing = signed.termijn("replay", "desk", "--arm")
    assert nothing.returncode == 0, nothing.stderr
    assert "0 records came back" in nothing.stdout, "a row that survived its change did not come back"
    shutil.copyfile(backup, signed.db)
    drilled = signed.termijn("drill", "desk", "--backup", str(backup))
    assert drilled.returncode == 0, drilled.stderr
    assert reach(signed, 1)[0] == "0612345601", "the drill changes its copy only"
    assert signed.termijn("replay", "desk", "--arm").returncode == 0
    assert {reach(signed, n) for n in (1, 2, 3)} == {(None, "verwijderd")}
    assert signed.sql("SELECT surname FROM visitor") == names, "the same pseudonyms as before"
    assert signed.living() == set(range(1, 13))
    assert signed.ledger().verify().ok


def test_evidence_and_reports_hold_no_value_of_a_column(signed: SmallHouse) -> None:
    signed.termijn("purge", "desk", "--arm")
    [pseudonym] = [str(n) for (n,) in signed.sql("SELECT surname FROM visitor WHERE id = 1")]
    for file in [signed.folder / "ledger.db", *(signed.folder / "out").glob("*.json")]:
        body = file.read_bytes()
        marks = (b"bezoeker1@", b"Naam1", b"0612345601", b"1980-01-31", pseudonym.encode())
        assert not any(mark in body for mark in marks), file.name
