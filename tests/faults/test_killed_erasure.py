"""Killed at any step of an erasure, the next run finishes it: none lost, none proven twice, never called complete."""

from __future__ import annotations

import os
import shutil
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.erasures import ErasureState
from tasks import erase
from tasks.office import open_office
from tests.faults.machine import Steps
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse, years_ago

pytestmark = pytest.mark.slow
#: So many of the step boundaries are struck, evenly spread, and always the first and the last.
STRUCK = 24
#: One visitor, two notes, one reader, and the columns of one bill.
EVIDENCE = 5


def run(number: str) -> erase.Erased:
    """The story of flows/erase_subject, its verbs without Prefect."""
    carry_out = getattr(erase.carry_out_erasure, "fn", erase.carry_out_erasure)
    verify = getattr(erase.verify_erasure, "fn", erase.verify_erasure)
    return erase.end_erasure(verify(carry_out(number, False)))


class Doomed:
    """An erasing house that can be put back as it was, and a run of it that kills itself."""

    def __init__(self, house: ErasingHouse) -> None:
        self.house = house
        self._fill()
        self.number = house.case()
        house.approve(self.number)
        shutil.copytree(house.folder, house.folder.with_name("kept"))

    def _fill(self) -> None:
        for nth, who in ((1, ANNA), (2, BOB)):
            self.house.put("visitor", nth, who, left_on=years_ago(0.1))
            self.house.put("bill", nth, who, paid_on=years_ago(2))
            self.house.put("reader", nth, who, last_on=years_ago(0.2))
            for note in (1, 2):
                with self.house.engine.begin() as db:
                    db.exec_driver_sql(f"INSERT INTO note VALUES ({nth * 10 + note}, {nth}, 'geheim')")

    def put_back(self) -> None:
        self.house.engine.dispose()
        kept, here = self.house.folder.with_name("kept"), self.house.folder
        for name in ("ledger.db-wal", "ledger.db-shm", "desk.db-wal", "desk.db-shm", "desk.db-journal"):
            (here / name).unlink(missing_ok=True)
        for file in kept.iterdir():
            if file.is_file():
                shutil.copyfile(file, here / file.name)
        if self.house.url.startswith("postgres"):
            with self.house.engine.begin() as db:
                for table in ("note", "visitor", "bill", "reader"):
                    db.exec_driver_sql(f"DELETE FROM {table}")
            self._fill()

    def run_to(self, step: int | None, told: Path) -> int:
        """Run in a process of its own that dies at this boundary; how it ended. `told`: where it lists them."""
        self.house.engine.dispose()
        child = os.fork()
        if child == 0:
            code = 70
            try:
                self.house.engine.dispose(close=False)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                steps = Steps({"signal_at": step} if step is not None else {})
                steps.watch_verbs()
                steps.watch_statements()
                run(self.number)
                told.write_text("\n".join(steps.passed), "utf-8")
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture(params=["sqlite", "postgresql"])
def doomed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doomed]:
    folder = tmp_path / "house"
    folder.mkdir()
    if request.param == "sqlite":
        yield Doomed(ErasingHouse(folder, f"sqlite:///{folder / 'desk.db'}", monkeypatch))
        return
    server, name = request.getfixturevalue("postgres_server"), f"termijn_erase_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    address, _, options = server.partition("?")
    house = ErasingHouse(
        folder, f"{address.rpartition('/')[0]}/{name}" + (f"?{options}" if options else ""), monkeypatch
    )
    yield Doomed(house)
    house.engine.dispose()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_killed_at_any_step_the_next_run_finishes_the_erasure_and_proves_it_once(
    doomed: Doomed, tmp_path: Path
) -> None:
    told = tmp_path / "steps"
    assert doomed.run_to(None, told) == 0
    boundaries = told.read_text("utf-8").splitlines()
    assert len(boundaries) > STRUCK
    every = sorted({round(n * (len(boundaries) - 1) / (STRUCK - 1)) for n in range(STRUCK)})
    for step in every:
        doomed.put_back()
        assert doomed.run_to(step, told) == -signal.SIGKILL, boundaries[step]
        doomed.house.ahead = doomed.house.ahead.__class__(seconds=600)  # the dead run's lease is over
        with open_office() as office:
            state = office.ledger.erasures.of_case(doomed.number).state
        assert state is not ErasureState.COMPLETE, "nobody looked for the person again"
        assert run(doomed.number).complete, boundaries[step]
        assert (doomed.house.ids("visitor"), doomed.house.ids("note")) == ([2], [21, 22]), boundaries[step]
        assert (doomed.house.ids("reader"), doomed.house.ids("bill")) == ([2], [1, 2]), boundaries[step]
        with open_office() as office:
            assert sum(b.records for b in office.ledger.batches.closed_batches()) == EVIDENCE, boundaries[step]
            assert office.ledger.batches.open_batches() == ()
            assert office.ledger.verify().ok
        doomed.house.ahead = doomed.house.ahead.__class__(seconds=120)
