"""The connection, the database or the ledger dies under a night that goes on: red by name, and the next finishes it."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.trouble import LedgerBroken, NotConfirmed, Refused, SourceUnreadable
from tests.faults.conftest import POSTGRES, SQLITE, Opens
from tests.faults.office import FaultyOffice, Machine, own_database
from tests.faults.server import OwnServer, find_programs

pytestmark = pytest.mark.slow
#: How a night may end that broke: never with an unforeseen error.
BY_NAME = {trouble.exit_code for trouble in (Refused, SourceUnreadable, LedgerBroken, NotConfirmed)}
CUTS, CRASHES = 20, 6
#: After a night that did not notice, the next is struck sooner: others work on this machine, and nights differ.
SOONER = 0.6


def _struck_and_recovered(office: FaultyOffice, code: int, struck: Counter[str]) -> bool:
    """Whether the night noticed."""
    assert code in BY_NAME | {0}, office.log
    where = office.nothing_is_lost_yet()
    if code == 0:
        office.all_is_well()
    struck["it did not notice" if code == 0 else f"red with {code}, {where}"] += 1
    office.recovers(third=False)
    return code != 0


@pytest.mark.parametrize("pair", [POSTGRES, ("sqlite", "postgres")], ids="-".join)
def test_a_connection_cut_at_a_random_instant_ends_the_night_by_name_and_the_next_finishes_it(
    office_in: Opens, pair: tuple[str, str]
) -> None:
    office, instants = office_in(pair), random.Random(f"cut {pair}")
    url = office.ledger_url if office.in_file else office.source_url
    whole, struck = office.duration(), Counter[str]()
    for _ in range(CUTS):
        office.put_back()
        night = office.machine.start(office.order())
        time.sleep(instants.uniform(0, whole))
        office.end_sessions(url)
        if not _struck_and_recovered(office, office.machine.wait(night)[0], struck):
            whole *= SOONER
    print(f"{'-'.join(pair)}: {dict(struck)}")
    assert struck["it did not notice"] < CUTS


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    """A server that may be killed; on disk, with fsync, for a crash must not lose what was committed."""
    programs = find_programs()
    if programs is None:
        pytest.skip("left out: the database killed under a night. No initdb in /usr/lib/postgresql and no embedded one")
    folder = Path(tempfile.mkdtemp(prefix="termijn_faults_"))
    folder.chmod(0o755)
    server = OwnServer(folder, programs)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGKILL], ids=["stopped at once", "killed"])
@pytest.mark.parametrize("whose", ["source", "ledger", "both"])
def test_a_database_killed_at_a_random_instant_ends_the_night_by_name_and_the_next_finishes_it(
    own_server: OwnServer, machine: Machine, tmp_path: Path, whose: str, how: signal.Signals
) -> None:
    instants, struck = random.Random(f"crash {whose} {how}"), Counter[str]()
    with own_database(own_server.url, durable=True) as one, own_database(own_server.url, durable=True) as other:
        office = FaultyOffice(
            tmp_path,
            machine,
            source="sqlite" if whose == "ledger" else one,
            ledger="sqlite" if whose == "source" else other,
        )
        office.set_up()
        whole = office.duration()
        for _ in range(CRASHES):
            office.put_back()
            night = machine.start(office.order())
            time.sleep(instants.uniform(0.1 * whole, 0.9 * whole))
            own_server.kill(how)
            code = machine.wait(night)[0]
            own_server.start()
            if not _struck_and_recovered(office, code, struck):
                whole *= SOONER
    print(f"{whose}, {how.name}: {dict(struck)}")
    assert struck["it did not notice"] < CRASHES


@pytest.mark.parametrize("pair", [SQLITE, POSTGRES], ids="-".join)
def test_a_ledger_on_a_full_disk_ends_the_night_by_name_and_the_next_finishes_it(
    office_in: Opens, pair: tuple[str, str]
) -> None:
    """No file may grow beyond a limit: the ledger's log meets it first, at another write each time."""
    office, struck = office_in(pair), Counter[str]()
    for pages in range(1, 60, 4):
        office.put_back()
        _struck_and_recovered(office, office.night(largest_file=4096 * pages), struck)
    print(f"{'-'.join(pair)}: {dict(struck)}")
    assert struck["it did not notice"] < 15


def test_a_source_that_another_holds_longer_than_we_wait_is_left_for_the_next_night(office_in: Opens) -> None:
    """Ten seconds is how long a night waits for a lock of a source (`SqlConnector`)."""
    office = office_in(SQLITE)
    office.put_back()
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with office.source() as db:
            db.execute("BEGIN IMMEDIATE")
            held.set()
            done.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    try:
        code = office.night()
    finally:
        done.set()
        other.join()
    assert code in BY_NAME, office.log
    office.nothing_is_lost_yet()
    office.recovers()
