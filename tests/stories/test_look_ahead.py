"""The monthly calendar under Prefect: its page is on the DPO's screen, and nobody's data is in Prefect."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.stories.small_house import TODAY, SmallHouse

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def test_the_months_calendar_is_filed_as_an_artifact_without_a_person(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path)
    house.secrets |= {
        "TERMIJN_SKIN": "prefect", "PREFECT_HOME": str(tmp_path / "prefect"), "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "240",
    }  # fmt: skip
    ended = house.run_python("from flows.look_ahead import look_ahead; look_ahead()")
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert (tmp_path / "out" / f"calendar-{TODAY}.pdf").is_file()
    with sqlite3.connect(tmp_path / "prefect" / "prefect.db") as db:
        [(page,)] = db.execute("SELECT data FROM artifact WHERE key = 'termijn-calendar'").fetchall()
    assert "Bezoek" in page
    marks = re.compile(rb"bezoeker\d+@|Naam\d|geheim\d|0612345")
    guilty = [f.name for f in (tmp_path / "prefect").rglob("*") if f.is_file() and marks.search(f.read_bytes())]
    assert guilty == []
    assert not marks.search((ended.stdout + ended.stderr).encode())
