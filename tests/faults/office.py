"""The office that these tests kill, night after night, and what must hold of it afterwards, by plain SQL.

Dossiers with contacts and results under them, and calls that only refer to a dossier. What is due, what lives and
what is held is decided here; nothing below asks the program under test what it did. The leaves are hashed anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from domain.evidence import Entry
from ledger.open import Ledger, open_ledger
from tests.faults.machine import Order
from tests.stories.small_house import ACTIVITY, HOUSE, TODAY, SmallHouse

DUE, LIVING, CALLS = 120, 180, 60
#: Due, and held by a dispute.
HELD = 7
BATCH = 30
#: No foreign key guards a call's dossier: so dossiers go the careful way, and calls with their lines straight.
#: The register says of a trigger `keeps`, which only the tests of lying sources make.
SYSTEM = """
title = "Praktijk"
connector = "sql"
url = "env:FAULTS_URL"
[dataset.dossier]
side_effects = { keeps = "houdt soms de rij vast" }
activity = "visits"
key = ["id"]
ceiling = { records = 1000, share = 0.9 }
columns.id = { class = "technical" }
columns.name = { class = "export", label = "Naam" }
[dataset.contact]
part_of = { dataset = "dossier", by = { dossier_id = "id" } }
key = ["id"]
triggers = ["held_on"]
columns.id = { class = "technical" }
columns.dossier_id = { class = "technical" }
columns.held_on = { class = "export", label = "Op" }
[dataset.result]
side_effects = { keeps = "houdt soms de rij vast" }
part_of = { dataset = "contact", by = { contact_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.contact_id = { class = "technical" }
columns.text = { class = "export", label = "Uitslag" }
[dataset.call]
activity = "visits"
key = ["id"]
triggers = ["called_on"]
references = [{ dataset = "dossier", by = { dossier_id = "id" }, when_gone = "clear" }]
ceiling = { records = 1000, share = 0.9 }
columns.id = { class = "technical" }
columns.dossier_id = { class = "technical" }
columns.called_on = { class = "export", label = "Op" }
[dataset.line]
part_of = { dataset = "call", by = { call_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.call_id = { class = "technical" }
"""
TABLES = """
CREATE TABLE dossier (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE contact
 (id INTEGER PRIMARY KEY, dossier_id INTEGER NOT NULL REFERENCES dossier(id), held_on DATE NOT NULL);
CREATE TABLE result (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contact(id), text TEXT NOT NULL);
CREATE TABLE call (id INTEGER PRIMARY KEY, dossier_id INTEGER, called_on DATE NOT NULL);
CREATE TABLE line (id INTEGER PRIMARY KEY, call_id INTEGER NOT NULL REFERENCES call(id));
CREATE INDEX contact_dossier ON contact(dossier_id);
CREATE INDEX result_contact ON result(contact_id);
CREATE INDEX call_dossier ON call(dossier_id);
CREATE INDEX line_call ON line(call_id);
"""
DATASETS = ("dossier", "contact", "result", "call", "line")


def rows_of(number: int) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of one dossier; the due ones are spread over the years, as real ones are."""
    held_on = TODAY - timedelta(days=400 + 3 * number) if number <= DUE else TODAY - timedelta(days=number % 90)
    contacts = [(10 * number + n, number, held_on - timedelta(days=n)) for n in (1, 2)]
    return {
        "dossier": [(number, f"Naam{number}")],
        "contact": contacts,
        "result": [(100 * c + 1, c, f"geheim{c}") for c, _, _ in contacts],
    }


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """The whole source as it begins. Every third call is due; most refer to a dossier that is."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in DATASETS}
    for number in range(1, DUE + LIVING + 1):
        for name, some in rows_of(number).items():
            rows[name] += some
    for number in range(1, CALLS + 1):
        called_on = TODAY - timedelta(days=500 + number if number % 3 == 0 else number)
        rows["call"].append((number, 2 * number, called_on))
        rows["line"] += [(10 * number + n, number) for n in (1, 2)]
    return rows


ROWS = all_rows()
EVERY = {name: {row[0] for row in rows} for name, rows in ROWS.items()}
GOES = {name: {row[0] for n in range(1, DUE + 1) if n != HELD for row in rows_of(n)[name]} for name in DATASETS[:3]}
GOES["call"] = {n for n in EVERY["call"] if n % 3 == 0}
GOES["line"] = {line for line, call in ROWS["line"] if call in GOES["call"]}


class Machine:
    """The process in which nights run; see tests/faults/machine.py."""

    def __init__(self) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.machine"],
            cwd=HOUSE,
            env=env | {"PYTHONPATH": str(HOUSE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, question: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def start(self, order: Order) -> int:
        """Begin a night; its process id."""
        return int(self._ask({"start": order})["pid"])

    def rehearse(self, order: Order) -> int:
        """A whole night in the machine itself, so that those it forks need not compile what it compiled."""
        return int(self._ask({"rehearse": order})["code"])

    def wait(self, pid: int) -> tuple[int, float]:
        """How it ended (a negative number is the signal that killed it), and after how many seconds."""
        answer = self._ask({"wait": pid})
        return answer["code"], answer["seconds"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


@dataclass(frozen=True)
class Seen:
    """The source and the evidence at one moment, read by plain SQL."""

    living: dict[str, set[int]]
    leaves: dict[str, Counter[int]]
    strange: int
    closed: int
    open: int
    keys_left: int
    cleared: set[int]


class FaultyOffice(SmallHouse):
    """A register, a source and a ledger, each in SQLite or PostgreSQL, that can be put back as they began."""

    def __init__(self, folder: Path, machine: Machine, *, source: str, ledger: str) -> None:
        self.folder, self.machine, self.register = folder, machine, folder / "register"
        self.db, self.ledger_db, self.out = folder / "practice.db", folder / "ledger.db", folder / "out"
        self.source_url = f"sqlite:///{self.db}" if source == "sqlite" else source
        self.ledger_url = f"sqlite:///{self.ledger_db}" if ledger == "sqlite" else ledger
        self.keys = folder / "ledger.db.keys"
        self._known: dict[tuple[str, str, str], dict[bytes, int]] = {}
        self.secrets = {"FAULTS_URL": self.source_url, "TERMIJN_KEYS": str(self.keys)}
        for place, text in (("activities/visits.toml", ACTIVITY), ("systems/practice.toml", SYSTEM)):
            file = self.register / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        self._log = folder / "nights.log"

    # --- how it is set up and put back

    def set_up(self) -> None:
        with self.source() as db:
            for statement in TABLES.strip().split(";\n"):
                db.execute(statement.rstrip(";"))
            for name, rows in ROWS.items():
                places = ", ".join(("?" if self.in_file else "%s",) * len(rows[0]))
                given = [tuple(str(v) if isinstance(v, date) else v for v in row) for row in rows]
                db.cursor().executemany(f"INSERT INTO {name} VALUES ({places})", given)
            if not self.in_file:
                db.execute("CREATE SCHEMA kept")
                for name in DATASETS:
                    db.execute(f"CREATE TABLE kept.{name} AS SELECT * FROM {name}")
        self.countersign()
        with self.opened_ledger() as ledger:
            review = TODAY + timedelta(days=30)
            ledger.holds.add(
                owner="fg",
                reason="geschil",
                review_on=review,
                system="practice",
                dataset="dossier",
                key=str(HELD),
                entry=Entry(kind="hold.added", by="fg"),
            )
        if self.in_file:
            shutil.copy(self.db, self.folder / "practice.kept")
        if self.ledger_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.ledger_db)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(self.ledger_db, self.folder / "ledger.kept")
        else:
            self._copy_database(self._ledger_name, f"{self._ledger_name}_kept")
        assert self.machine.rehearse(self.order()) == 0, self.log
        self.put_back()

    def put_back(self) -> None:
        """As it was before the first night."""
        shutil.rmtree(self.out, ignore_errors=True)
        self._log.unlink(missing_ok=True)
        if self.in_file:
            _put_back(self.db, self.folder / "practice.kept")
        else:
            self.end_sessions(self.source_url)
            with self.source() as db:
                for name in DATASETS:
                    db.execute(f"INSERT INTO {name} SELECT * FROM kept.{name} ON CONFLICT (id) DO NOTHING")
                db.execute("UPDATE call SET dossier_id = k.dossier_id FROM kept.call k WHERE k.id = call.id")
        if self.ledger_url.startswith("sqlite"):
            _put_back(self.ledger_db, self.folder / "ledger.kept")
        else:
            self._copy_database(f"{self._ledger_name}_kept", self._ledger_name)

    @property
    def in_file(self) -> bool:
        return self.source_url.startswith("sqlite")

    @property
    def _ledger_name(self) -> str:
        return urlsplit(self.ledger_url).path.strip("/")

    def _copy_database(self, old: str, new: str) -> None:
        with _at_server(self.ledger_url) as server:
            server.execute(f"DROP DATABASE IF EXISTS {new} WITH (FORCE)")
            server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [old])
            server.execute(f"CREATE DATABASE {new} TEMPLATE {old}")

    @staticmethod
    def end_sessions(url: str) -> int:
        """Cut every connection to this PostgreSQL database, and wait until they are gone; how many there were."""
        name = urlsplit(url).path.strip("/")
        with _at_server(url) as server:
            ended = server.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
            ).fetchall()
        return len(ended)

    @contextmanager
    def source(self) -> Iterator[Any]:
        with _opened(self.source_url) as db:
            yield db

    def ledger(self) -> Ledger:
        from ledger.secrets import Keyring

        keyring = Keyring.at(self.keys, create=True)
        return open_ledger(self.ledger_url, clock=lambda: datetime.now(UTC), keyring=keyring)

    @contextmanager
    def opened_ledger(self) -> Iterator[Ledger]:
        ledger = self.ledger()
        try:
            yield ledger
        finally:
            ledger.close()

    # --- nights

    def order(self, **more: Any) -> Order:
        env = {
            "TERMIJN_REGISTER_DIR": str(self.register),
            "TERMIJN_LEDGER": self.ledger_url,
            "TERMIJN_OUT": str(self.out),
            "TERMIJN_BATCH": str(BATCH),
            **self.secrets,
        }
        return Order(env=env, log=str(self._log), **more)

    def night(self, **more: Any) -> int:
        """An armed night in a process of its own, to its end: the exit code."""
        return self.machine.wait(self.machine.start(self.order(**more)))[0]

    def night_killed_after(self, seconds: float) -> int:
        pid = self.machine.start(self.order())
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        return self.machine.wait(pid)[0]

    def boundaries(self) -> list[str]:
        """Every step boundary that a whole night passes, in order: a dry count."""
        self.put_back()
        file = self.folder / "steps.json"
        assert self.night(steps=str(file)) == 0, self.log
        steps: list[str] = json.loads(file.read_text("utf-8"))
        return steps

    def duration(self) -> float:
        """How long a whole night takes here and now, in seconds."""
        self.put_back()
        code, seconds = self.machine.wait(self.machine.start(self.order()))
        assert code == 0, self.log
        return seconds

    def later(self) -> None:
        """Longer after the kill than a lease lasts."""
        with _opened(self.ledger_url) as db:
            db.execute("DELETE FROM leases")

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")[-4000:] if self._log.exists() else ""

    # --- what is there, read without the program

    def look(self) -> Seen:
        """First the source, then the ledger: what is gone by then must be accounted for."""
        with self.source() as db:
            living = {name: {row[0] for row in db.execute(f"SELECT id FROM {name}").fetchall()} for name in DATASETS}
            cleared = {row[0] for row in db.execute("SELECT id FROM call WHERE dossier_id IS NULL").fetchall()}
        with _opened(self.ledger_url) as db:
            blobs = db.execute(
                "SELECT l.dataset, l.blob, b.key_id, b.system FROM leaves l JOIN batches b ON b.id = l.batch"
            ).fetchall()
            closed = db.execute("SELECT count(*) FROM batches WHERE closed_at IS NOT NULL").fetchone()[0]
            still_open = db.execute("SELECT count(*) FROM batches WHERE closed_at IS NULL").fetchone()[0]
            keys_left = db.execute("SELECT count(*) FROM batch_keys").fetchone()[0]
        leaves: dict[str, Counter[int]] = {name: Counter() for name in DATASETS}
        strange = 0
        for dataset, blob, key_id, system in blobs:
            whose = self._hashes(dataset, key_id, system)
            for at in range(0, len(blob), 32):
                key = whose.get(bytes(blob[at : at + 32]))
                strange += key is None
                if key is not None:
                    leaves[dataset][key] += 1
        return Seen(living, leaves, strange, closed, still_open, keys_left, cleared)

    def _hashes(self, dataset: str, key_id: str, system: str) -> dict[bytes, int]:
        """The leaf that each record of a dataset would leave: keyed BLAKE2b, written out here once more."""
        if (dataset, key_id, system) in self._known:
            return self._known[dataset, key_id, system]
        [secret] = [bytes.fromhex(k["key"]) for k in json.loads(self.keys.read_text())["evidence"] if k["id"] == key_id]
        hashes = {
            hashlib.blake2b(f"{system}|{dataset}|{key}".encode(), key=secret, digest_size=32).digest(): key
            for key in EVERY[dataset]
        }
        self._known[dataset, key_id, system] = hashes
        return hashes

    def reports(self) -> list[dict[str, Any]]:
        """The rules of all nights, as the reports of the nights tell them."""
        files = [f for f in sorted(self.out.glob("*.json")) if not f.name.endswith("-certificate.json")]
        return [rule for file in files for rule in json.loads(file.read_bytes())["rules"]]

    # --- what must hold

    def nothing_is_lost_yet(self) -> str:
        """Between the kill and the recovery: what is gone has its evidence, or the ledger still has it announced.

        Returns the phase the kill struck in, for the statistics.
        """
        seen = self.look()
        with self.opened_ledger() as ledger:
            announced: dict[str, set[int]] = {name: set() for name in DATASETS}
            for batch in ledger.batches.open_batches():
                for name, keys in batch.dossiers.items():
                    announced[name] |= {key[0] for key in keys}
            assert ledger.verify().ok
        gone = 0
        for name in DATASETS:
            missing = EVERY[name] - seen.living[name]
            gone += len(missing)
            assert missing <= GOES[name], f"{name}: records are gone that had to stay"
            lost = missing - set(seen.leaves[name]) - announced[name]
            assert not lost, f"{name}: {len(lost)} records are gone, without evidence and not announced\n{self.log}"
        self.evidence_is_of_the_gone(seen)
        if seen.open:
            return "with a batch open"
        return "between batches" if gone else "before the first batch"

    def all_is_well(self) -> Seen:
        """After the recovery: all that should go is gone and proven once; all that lives has no evidence."""
        seen = self.look()
        for name in DATASETS:
            assert seen.living[name] == EVERY[name] - GOES[name], f"{name}: wrong records live"
            assert set(seen.leaves[name]) == GOES[name], f"{name}: evidence and destruction differ"
        self.evidence_is_of_the_gone(seen)
        assert seen.open == 0, "a batch was left open"
        assert seen.keys_left == 0, "keys of a closed batch were left"
        assert seen.cleared == {row[0] for row in ROWS["call"] if row[1] in GOES["dossier"]} - GOES["call"]
        with self.opened_ledger() as ledger:
            verified = ledger.verify()
            assert verified.ok, verified.problems
            assert verified.records == sum(len(keys) for keys in GOES.values())
        self._reports_claim_no_more_than_is_gone()
        return seen

    def evidence_is_of_the_gone(self, seen: Seen) -> None:
        assert seen.strange == 0, "a leaf belongs to no record that ever was"
        for name in DATASETS:
            twice = [n for n in seen.leaves[name].values() if n > 1]
            assert not twice, f"{name}: {len(twice)} records are proven more than once"
            assert not seen.living[name] & set(seen.leaves[name]), f"{name}: evidence of a living record"
        assert HELD in seen.living["dossier"], "a held dossier was destroyed"

    def _reports_claim_no_more_than_is_gone(self) -> None:
        """All certificates of all nights together: no record is claimed twice, none that lives."""
        claimed, recovered = Counter[str](), 0
        for file in self.out.glob("*-certificate.json"):
            told = json.loads(file.read_bytes())
            recovered += sum(proof["records"] for proof in told["recovered"])
            for rule in told["rules"]:
                claimed.update(rule["rows"])
                assert rule["not_confirmed"] == 0
        for name, number in claimed.items():
            assert number <= len(GOES[name]), f"{name}: the reports claim more than is gone"
        assert claimed.total() + recovered <= sum(len(keys) for keys in GOES.values())

    def recovers(self, *, third: bool = True) -> float:
        """The next night finishes the job; the one after changes nothing. How long the next took, in seconds."""
        self.later()
        code, seconds = self.machine.wait(self.machine.start(self.order()))
        assert code == 0, self.log
        seen = self.all_is_well()
        if third:
            assert self.night() == 0, self.log
            assert self.all_is_well() == seen, "a third night changed something"
        return seconds


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    """A plain connection, committed at the end."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)
        try:
            file.execute("PRAGMA foreign_keys=ON")
            with file:
                yield file
        finally:
            file.close()
        return
    with psycopg.connect(url) as connection:
        yield connection


@contextmanager
def _at_server(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as server:
        yield server


def _put_back(file: Path, kept: Path) -> None:
    for trace in ("-wal", "-shm", "-journal"):
        file.with_name(file.name + trace).unlink(missing_ok=True)
    shutil.copy(kept, file)


@contextmanager
def own_database(server: str, *, durable: bool = False) -> Iterator[str]:
    """The address of a new database on this server, dropped afterwards with its copies.

    Its commits do not wait for the disk unless it is `durable`: where the server lives, none of them can be lost.
    """
    name = f"termijn_faults_{uuid.uuid4().hex[:10]}"
    with _at_server(server) as at:
        at.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        if not durable:
            at.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with _at_server(server) as at:
            for one in (name, f"{name}_kept"):
                at.execute(f"DROP DATABASE IF EXISTS {one} WITH (FORCE)")
