"""A data breach at the office: opened at the desk, watched by the hour, told by real mail, drafted, closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pikepdf
import pytest

from domain.breach_morning import BreachWatch
from domain.breaches import Harm
from tasks.breaches import propose_breach, watch_notices
from tasks.clock import AMSTERDAM, now
from tasks.office import open_office
from tests.golden.test_reports import words_of
from tests.stories.postbox import Postbox, open_postbox
from tests.stories.small_house import SmallHouse


def look(at: datetime | None = None) -> BreachWatch:
    """The verb of the hourly flow, without Prefect."""
    seen: BreachWatch = getattr(watch_notices, "fn", watch_notices)(at)
    return seen


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    house.secrets |= {"TERMIJN_SMTP_HOST": "127.0.0.1", "TERMIJN_SMTP_PORT": str(postbox[1])}
    here = {
        "TERMIJN_SKIN": "plain",
        "TERMIJN_REGISTER_DIR": str(house.register),
        "TERMIJN_LEDGER": f"sqlite:///{tmp_path / 'ledger.db'}",
        "TERMIJN_OUT": str(tmp_path / "out"),
        **house.secrets,
    }
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    return house


def test_from_the_desk_to_a_closed_file(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    box, _ = postbox
    aware = now().astimezone(AMSTERDAM) - timedelta(hours=50)
    opened = house.termijn(
        "breach", "new", "--aware", aware.isoformat(timespec="minutes"), "--harm", "confidentiality", "--no-ask"
    )
    assert opened.returncode == 0, opened.stderr
    assert "B2" in opened.stdout
    number = opened.stdout.split()[1]
    seen = look()
    assert [n.rung for n in seen.climbed] == ["authority-24", "persons-24"]
    assert all(n.sent for n in seen.climbed)
    assert len(box.taken) == 2
    assert look().climbed == (), "each rung once"
    judged = house.termijn("breach", "judge", number, "high", "--persons", "10-40", "--special")
    assert judged.returncode == 0, judged.stderr
    refused = house.termijn("breach", "draft", number, "persons")
    assert refused.returncode == 4
    assert "facts, effects, remedy" in refused.stderr
    told = "Een map lag in de trein.\nIemand kan hem gelezen hebben.\nWij hebben de map terug.\n\n\n\n"
    assert house.termijn("breach", "describe", number, given=told).returncode == 0
    for whom in ("authority", "persons"):
        assert house.termijn("breach", "draft", number, whom).returncode == 0
        assert house.termijn("breach", "told", number, whom).returncode == 0
    assert (house.folder / "out" / "breaches" / f"{number}-persons-nl.pdf").stat().st_size > 1000
    assert house.termijn("breach", "close", number).returncode == 0
    assert look().notices == ()
    assert not any("trein" in mail for mail in box.taken)
    laid = house.termijn("breach", "register", "--by", "fg")
    assert laid.returncode == 0, laid.stderr
    file, words = laid.stdout.split("\npassphrase: ")
    assert Path(file).stat().st_mode & 0o777 == 0o600
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file)
    with pikepdf.open(file, password=words.strip()) as opened:
        opened.save(house.folder / "plain.pdf")
    register = " ".join(words_of((house.folder / "plain.pdf").read_bytes(), house.folder).split())
    assert number in register
    assert "Een map lag in de trein." in register
    with open_office() as office:
        assert [e.by for e in office.ledger.events.events(case=number, kind="breach.read")] == ["fg"]


def test_a_message_that_does_not_leave_is_an_alarm_of_its_own(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    box, _ = postbox
    box.closed = True
    with open_office() as office:
        number = propose_breach(office, "package 2026-0004.zip", harm=Harm.CONFIDENTIALITY, why="sent to another")
        assert propose_breach(office, "package 2026-0004.zip", harm=Harm.CONFIDENTIALITY, why="again") is None
    at = datetime.now(AMSTERDAM) + timedelta(hours=73)
    seen = look(at)
    assert {n.breach for n in seen.notices} == {number}
    assert [(n.rung, n.sent) for n in seen.climbed] == [("authority-over-0", False), ("persons-over-0", False)]
    assert all(n.trouble for n in seen.climbed)
    assert len(seen.overdue) == 2
