"""A backup brings back what was destroyed: the replay destroys it again, and the drill rehearses that on a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from connectors.sql.restore import scratch_copy
from domain.system import System
from domain.trouble import SourceUnreadable
from tests.stories.small_house import LATELY, SmallHouse

EVERYBODY = set(range(1, 13))


@pytest.fixture
def purged(tmp_path: Path) -> SmallHouse:
    """A house whose first three visitors were destroyed, and a backup of the day before."""
    house = SmallHouse(tmp_path)
    house.countersign()
    shutil.copyfile(house.db, house.folder / "backup.db")
    ended = house.termijn("purge", "desk", "--arm")
    assert ended.returncode == 0, ended.stderr
    assert house.living() == EVERYBODY - {1, 2, 3}
    return house


def restore(house: SmallHouse) -> None:
    shutil.copyfile(house.folder / "backup.db", house.db)


def test_what_a_restore_brought_back_is_shown_and_only_destroyed_when_armed(purged: SmallHouse) -> None:
    restore(purged)
    shown = purged.termijn("replay", "desk")
    assert shown.returncode == 0, shown.stderr
    assert "3 records came back" in shown.stdout
    assert purged.living() == EVERYBODY
    armed = purged.termijn("replay", "desk", "--arm")
    assert armed.returncode == 0, armed.stderr
    assert purged.living() == EVERYBODY - {1, 2, 3}
    ledger = purged.ledger()
    assert ledger.verify().ok
    assert [b.records for b in ledger.batches.closed_batches()] == [6, 6], "each destruction has evidence of its own"
    again = purged.termijn("replay", "desk", "--arm")
    assert again.returncode == 0
    assert "0 records came back" in again.stdout


def test_a_replay_passes_the_ceiling_that_a_night_must_keep(purged: SmallHouse) -> None:
    restore(purged)
    purged.edit("systems/desk.toml", "records = 5", "records = 2")
    purged.countersign_anew()
    refused = purged.termijn("purge", "desk", "--arm")
    assert refused.returncode == 4
    assert "ceiling" in refused.stderr
    assert purged.termijn("replay", "desk", "--arm").returncode == 0
    assert purged.living() == EVERYBODY - {1, 2, 3}


def test_a_record_that_came_back_and_is_held_or_no_longer_due_stays_and_is_named(purged: SmallHouse) -> None:
    restore(purged)
    purged.sql("UPDATE visitor SET left_on = ? WHERE id = 1", str(LATELY))
    purged.termijn("hold", "add", "desk", "visitor", "2", "--owner", "fg", "--reason", "x", "--review", "2030-01-01")
    ended = purged.termijn("replay", "desk", "--arm")
    assert ended.returncode == 4
    assert "desk.visitor (1)" in ended.stderr, "one is not due by today's rule"
    assert purged.living() == EVERYBODY - {3}


def test_a_rule_that_nobody_countersigned_replays_nothing(purged: SmallHouse) -> None:
    restore(purged)
    purged.edit("activities/visits.toml", 'maximum = "6 months"', 'maximum = "7 months"')
    ended = purged.termijn("replay", "desk", "--arm")
    assert ended.returncode == 4
    assert "countersignature" in ended.stderr
    assert purged.living() == EVERYBODY


def test_a_drill_restores_beside_the_living_system_and_destroys_again_there(purged: SmallHouse) -> None:
    before = purged.ledger().batches.destroyed_totals()
    ended = purged.termijn("drill", "desk", "--backup", str(purged.folder / "backup.db"))
    assert ended.returncode == 0, ended.stderr
    assert "3 records came back that were destroyed before; 3 destroyed again and confirmed" in ended.stdout
    assert purged.living() == EVERYBODY - {1, 2, 3}
    ledger = purged.ledger()
    totals = ledger.batches.destroyed_totals()
    assert {k: v for k, v in totals.items() if k[0] == "desk"} == before, "a drill is never counted as a destruction"
    assert ledger.verify().ok
    assert list((purged.folder / "out").glob("drill-*.pdf"))


def test_a_drill_on_something_that_is_no_backup_says_so(purged: SmallHouse) -> None:
    ended = purged.termijn("drill", "desk", "--backup", "nowhere.db")
    assert ended.returncode == 5
    assert "no such backup" in ended.stderr


SYSTEM = System.model_validate(
    {
        "id": "clinic", "title": "Clinic", "connector": "sql", "url": "env:CLINIC",
        "dataset": {"t": {"key": ["id"], "activity": "a", "triggers": ["at"], "ceiling": {"records": 1, "share": 1},
                          "columns": {"id": {"class": "technical"}, "at": {"class": "technical"}}}},
    }
)  # fmt: skip


@pytest.mark.parametrize("form", ["plain", "custom"])
def test_a_dump_of_postgresql_is_put_back_beside_the_living_database(
    postgres_url: str, tmp_path: Path, form: str
) -> None:
    if shutil.which("pg_dump") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("pg_dump is not here")
        pytest.skip("pg_dump is not here (Debian: postgresql-client)")
    with psycopg.connect(postgres_url) as living:
        living.execute("CREATE TABLE t (id int PRIMARY KEY, at date)")
        living.execute("INSERT INTO t SELECT n, '2020-01-01' FROM generate_series(1, 7) n")
    dump = tmp_path / "clinic.dump"
    subprocess.run(["pg_dump", f"--format={form}", "-f", str(dump), postgres_url], check=True)
    with psycopg.connect(postgres_url) as living:
        living.execute("DELETE FROM t WHERE id < 4")
    name = f"termijn_drill_{uuid.uuid4().hex[:12]}"
    with scratch_copy(SYSTEM, postgres_url, dump, name=name) as address:
        with psycopg.connect(address.replace("+psycopg", "")) as copy:
            assert copy.execute("SELECT count(*) FROM t").fetchone() == (7,)
        assert urlsplit(address).path == f"/{name}"
    with psycopg.connect(postgres_url) as living:
        assert living.execute("SELECT count(*) FROM t").fetchone() == (4,)
        assert living.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None


def test_a_dump_that_cannot_be_read_leaves_no_scratch_database(postgres_url: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.sql"
    broken.write_text("SELECT geheim FROM nergens;", "utf-8")
    name = f"termijn_drill_{uuid.uuid4().hex[:12]}"
    refused = pytest.raises(SourceUnreadable, match="could not put the backup back")
    with refused as caught, scratch_copy(SYSTEM, postgres_url, broken, name=name):
        pass
    assert "geheim" not in str(caught.value)
    with psycopg.connect(postgres_url) as living:
        assert living.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None
