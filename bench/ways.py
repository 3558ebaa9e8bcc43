"""The ways of destroying that are held against each other; each runs in a process of its own and prints JSON.

`python -m bench.ways WAY URL FOLDER`: ways are raw, ours, session-delete and pt-archiver.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.session_delete import session_delete
from bench.volume import AS_OF, CUTOFF, TABLES, driver


def raw(url: str, _folder: Path) -> dict[str, float]:
    """One transaction, three statements: what a database administrator would type."""
    engine = sa.create_engine(driver(url))
    begun = time.perf_counter()
    with engine.begin() as db:
        if engine.dialect.name == "sqlite":
            db.execute(sa.text("PRAGMA secure_delete=ON"))
        for table in TABLES:
            which = f"seen_on <= '{CUTOFF}'"
            if table != "patient":
                which = f"patient_id IN (SELECT id FROM patient WHERE {which})"
            db.execute(sa.text(f"DELETE FROM {table} WHERE {which}"))
    return {"seconds": time.perf_counter() - begun, "longest": time.perf_counter() - begun}


def prepare(url: str, folder: Path) -> dict[str, float]:
    """What two officers did in the weeks before: a ledger, and the rules countersigned."""
    _settings(url, folder)
    _countersign()
    return {}


def _settings(url: str, folder: Path) -> None:
    os.environ |= {
        "TERMIJN_SKIN": "plain",
        "TERMIJN_REGISTER_DIR": str(folder / "register"),
        "TERMIJN_LEDGER": f"sqlite:///{folder / 'ledger.db'}",
        "TERMIJN_OUT": str(folder / "out"),
        "BENCH_URL": url,
    }


def ours(url: str, folder: Path) -> dict[str, float]:
    """The armed night on this system: announced, asked again, deleted, read again, closed with evidence."""
    _settings(url, folder)
    from tasks import night as verbs

    longest = _watch_transactions()
    begun = time.perf_counter()
    night = verbs.open_night(AS_OF, ["volume"], rehearsal=False, plan="")
    scans = [verbs.find_expired(night, "volume")]
    plan = verbs.draw_up(night, scans)
    planned = time.perf_counter()
    [outcome] = verbs.carry_out(night, plan, "volume")
    ended = time.perf_counter()
    if outcome.stopped or outcome.not_confirmed:
        sys.exit(f"it stopped: {outcome.stopped}")
    evidence = _evidence(folder / "ledger.db", outcome)
    return {"seconds": ended - planned, "plan": planned - begun, "longest": max(longest, default=0.0), **evidence}


def _evidence(ledger: Path, outcome: Any) -> dict[str, float]:
    import sqlite3

    with sqlite3.connect(ledger) as db:
        leaves = db.execute("SELECT sum(length(blob)) FROM leaves").fetchone()[0] or 0
        events = db.execute("SELECT sum(length(body) + length(hash) + length(previous) + 60) FROM events").fetchone()[0]
        rows = sum(outcome.rows.values())
    return {"rows": rows, "bytes_per_record": (leaves + events) / max(1, rows)}


def _watch_transactions() -> list[float]:
    """The length in seconds of each writing transaction on the source."""
    took: list[float] = []
    since = threading.local()

    @sa.event.listens_for(sa.Engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("termijn_writes") and "ledger" not in str(connection.engine.url):
            since.at = time.perf_counter()

    @sa.event.listens_for(sa.Engine, "commit")
    def commit(connection: sa.Connection) -> None:
        at = getattr(since, "at", None)
        if at is not None and "ledger" not in str(connection.engine.url):
            took.append(time.perf_counter() - at)
            since.at = None

    return took


def _countersign() -> None:
    import pyotp

    from domain.evidence import Entry
    from ledger.approvals import What
    from ledger.officers import OfficerRole
    from tasks.clock import now
    from tasks.office import open_office

    with open_office() as office:
        moment, entry = now(), Entry(kind="officer.enrolled", by="fg")
        fg = pyotp.parse_uri(office.ledger.officers.enrol("fg", OfficerRole.DPO, entry=entry))
        other = pyotp.parse_uri(
            office.ledger.officers.enrol("engineer", OfficerRole.ENGINEER, code=fg.at(moment), entry=entry)
        )
        digests = [r.digest for r in office.register.rules_on(AS_OF)]
        asked, given = Entry(kind="approval.asked", by="engineer"), Entry(kind="approval.given", by="fg")
        office.ledger.approvals.request(What.RULE, digests, code=other.at(moment), entry=asked)
        later = datetime.now(UTC) + timedelta(seconds=30)
        office.ledger.approvals.approve(What.RULE, digests, code=fg.at(later), entry=given)


def pt_archiver(url: str, _folder: Path) -> dict[str, float]:
    """Percona's tool on MariaDB, table by table, children first, as its manual advises (--bulk-delete --limit 1000)."""
    address = sa.make_url(url)
    begun = time.perf_counter()
    for table in TABLES:
        which = f"seen_on <= '{CUTOFF}'"
        if table != "patient":
            which = f"patient_id IN (SELECT id FROM patient WHERE {which})"
        source = f"h={address.host},P={address.port or 3306},u={address.username},D={address.database},t={table}"
        run = ["pt-archiver", "--source", source, "--where", which, "--purge", "--limit", "1000", "--bulk-delete"]
        run += ["--commit-each", "--no-check-charset", "--no-version-check"]
        subprocess.run(run, check=True, capture_output=True)
    return {"seconds": time.perf_counter() - begun, "longest": 0.0}


WAYS = {"raw": raw, "prepare": prepare, "ours": ours, "session-delete": session_delete, "pt-archiver": pt_archiver}

if __name__ == "__main__":
    way, address, where = sys.argv[1:4]
    told = WAYS[way](address, Path(where))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told |= {"memory_mb": usage.ru_maxrss / 1024, "cpu": usage.ru_utime + usage.ru_stime}
    print(json.dumps(told))
