"""A small office for stories: a reception desk in SQLite, two officers, a ledger; run by the real command."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyotp
from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from domain.evidence import Entry
from ledger.approvals import What
from ledger.officers import OfficerRole
from ledger.open import Ledger, open_ledger
from ledger.schema import packages
from register.loader import load_register
from reports import unseal
from tests.stories import loaded

HOUSE = Path(__file__).resolve().parents[2]
ACTIVITY = """
title = "Bezoek"
purpose = "weten wie er was"
role = "controller"
legal_ground = ["AVG 6.1.f"]
subjects = ["bezoeker"]
source = "de bezoeker"
security = ["slot op de deur"]
data = [{ item = "naam", category = "user.name" }]
[[term]]
since = 2020-01-01
maximum = "6 months"
counts_from = "het bezoek"
article = "AVG 5 lid 1 onder e"
source = "richtlijn"
certainty = "likely"
last_checked = 2026-11-23
at_expiry = "destroy"
"""
SYSTEM = """
title = "Balie"
connector = "sql"
url = "env:DESK_URL"
[dataset.visitor]
title = "Bezoekers"
activity = "visits"
key = ["id"]
triggers = ["left_on"]
identifies = { email = "email", phone = "phone", name_born = ["surname", "born_on"] }
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.surname = { class = "export", label = "Achternaam" }
columns.born_on = { class = "export", label = "Geboren op" }
columns.email = { class = "export", label = "E-mail" }
columns.phone = { class = "export", label = "Telefoon" }
columns.left_on = { class = "export", label = "Vertrokken op" }
[dataset.note]
title = "Aantekeningen"
part_of = { dataset = "visitor", by = { visitor_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.visitor_id = { class = "technical" }
columns.text = { class = "export", label = "Tekst" }
"""
TODAY = datetime.now(UTC).date()
LONG_AGO, LATELY = TODAY - relativedelta(years=2), TODAY - timedelta(days=3)


class SmallHouse:
    """Folder with register, database and ledger; every `termijn` call is a real process without Prefect."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.db, self.register = folder, folder / "desk.db", folder / "register"
        self.secrets = {"DESK_URL": f"sqlite:///{self.db}"}
        self.codes: dict[str, str] = {}
        for place, text in (("activities/visits.toml", ACTIVITY), ("systems/desk.toml", SYSTEM)):
            file = folder / "register" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        with sqlite3.connect(self.db) as db:
            db.execute(
                "CREATE TABLE visitor (id INTEGER PRIMARY KEY, surname, born_on DATE, email, phone, left_on DATE)"
            )
            db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, visitor_id INT REFERENCES visitor(id), text)")
        for number in range(1, 13):
            self.visit(number, LONG_AGO if number <= 3 else LATELY)

    def visit(self, number: int, left_on: date | str | None) -> None:
        row = (number, f"Naam{number}", "1980-01-31", f"bezoeker{number}@example.org", f"06123456{number:02}", left_on)
        self.sql("INSERT INTO visitor VALUES (?, ?, ?, ?, ?, ?)", *row[:5], str(left_on) if left_on else None)
        self.sql("INSERT INTO note (visitor_id, text) VALUES (?, ?)", number, f"geheim{number}")

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.db) as db:
            return db.execute(statement, values).fetchall()

    def living(self) -> set[object]:
        return {row[0] for row in self.sql("SELECT id FROM visitor")}

    def edit(self, place: str, old: str, new: str) -> None:
        file = self.folder / "register" / place
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def termijn(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """The real command, in a process of its own, without Prefect."""
        return loaded.run(("cli.main", *words), cwd=self.folder, env=self.environment(), given=given)

    def run_python(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A script of the test in the same office."""
        return self._run("-c", script, *words)

    def environment(self) -> dict[str, str]:
        """What a process of this office finds in its environment."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
        return clean | {
            "TERMIJN_REGISTER_DIR": str(self.register),
            "TERMIJN_LEDGER": f"sqlite:///{self.folder / 'ledger.db'}",
            "TERMIJN_OUT": str(self.folder / "out"),
            **self.secrets,
            "PYTHONPATH": str(HOUSE),
        }

    def _run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        clean, whole = self.environment(), [sys.executable, *words]
        return subprocess.run(
            whole, cwd=self.folder, env=clean, input=given, capture_output=True, text=True, timeout=240, check=False
        )

    def ledger(self) -> Ledger:
        return open_ledger(f"sqlite:///{self.folder / 'ledger.db'}", clock=lambda: datetime.now(UTC))

    def open_package(self, number: str, controller: str = "") -> dict[str, bytes]:
        """The files of the package that a case's last export made, opened with the office's own keys before release."""
        ledger = self.ledger()
        made = ledger.packages.list_packages(number, sealed_by_last=True)
        [package] = [p for p in made if p.controller == controller]
        with ledger.events.read() as connection:
            row = connection.execute(select(packages).where(packages.c.file == package.file)).one()
        passphrase = ledger.packages._phrase(row)
        ledger.close()
        return unseal((self.folder / "out" / "packages" / package.file).read_bytes(), passphrase=passphrase)

    def countersign(self) -> None:
        """Two officers, a request and an approval of every rule in its present wording."""
        ledger, moment = self.ledger(), datetime.now(UTC)
        entry = Entry(kind="officer.enrolled", by="fg")
        first = pyotp.parse_uri(ledger.officers.enrol("fg", OfficerRole.DPO, entry=entry))
        assert isinstance(first, pyotp.TOTP)
        self.phone = first
        second = pyotp.parse_uri(
            ledger.officers.enrol("engineer", OfficerRole.ENGINEER, code=first.at(moment), entry=entry)
        )
        assert isinstance(second, pyotp.TOTP)
        self.phones = (first, second)
        self._sign(ledger, moment)

    def countersign_anew(self) -> None:
        """The same two sign the rules as they read now, two minutes later: each code is accepted once."""
        moment = datetime.now(UTC) + timedelta(minutes=2)
        self._sign(open_ledger(f"sqlite:///{self.folder / 'ledger.db'}", clock=lambda: moment), moment)

    def _sign(self, ledger: Ledger, moment: datetime) -> None:
        first, second = self.phones
        digests = [r.digest for r in load_register(self.register).rules_on(TODAY)]
        asked, given = Entry(kind="approval.asked", by="engineer"), Entry(kind="approval.given", by="fg")
        ledger.approvals.request(What.RULE, digests, code=second.at(moment), entry=asked)
        ledger.approvals.approve(What.RULE, digests, code=first.at(moment + timedelta(seconds=30)), entry=given)
        ledger.close()
