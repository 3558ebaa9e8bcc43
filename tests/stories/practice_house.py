"""The sample company's Careweb with its practices, a register of its own and officers; run by the real command."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp

from domain.evidence import Entry
from ledger.approvals import What
from ledger.officers import OfficerRole
from ledger.open import Ledger, open_ledger
from register.loader import PACKAGED, load_register
from sample.company import found_company
from tests.stories import loaded

HOUSE = Path(__file__).resolve().parents[2]
TODAY = datetime.now(UTC).date()
#: Officers, each for one signature of this minute: a code is accepted once.
DPOS, HANDLERS = ("fg", "fg-two", "fg-signs"), ("desk", "desk-two", "desk-three", "desk-asks")
PATIENTS = "careweb.patient"


@dataclass
class PracticeHouse:
    """A folder with Careweb in SQLite, a copy of the packaged register, and a ledger."""

    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    minutes: int = 60

    @classmethod
    def found(cls, folder: Path) -> PracticeHouse:
        """The sample company of today, its officers enrolled and every rule of Careweb countersigned."""
        house = cls(folder)
        found_company(folder / "company", as_of=TODAY)
        for part in ("activities", "systems"):
            shutil.copytree(PACKAGED / part, folder / "register" / part)
        house.enrol()
        house.countersign()
        return house

    def copy_to(self, folder: Path) -> PracticeHouse:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return PracticeHouse(folder, dict(self.secrets), self.minutes)

    # -- the ledger, some minutes ago -------------------------------------------------------------------------

    def ledger(self, *, back: int = 0) -> Ledger:
        moment = datetime.now(UTC) - timedelta(minutes=back)
        return open_ledger(f"sqlite:///{self.folder / 'ledger.db'}", clock=lambda: moment)

    def enrol(self) -> None:
        """Everybody enrolled, an hour ago and later: the codes of now are unused."""
        for name in (*DPOS, *HANDLERS):
            self.minutes -= 1
            role = OfficerRole.DPO if name in DPOS else OfficerRole.HANDLER
            ledger = self.ledger(back=self.minutes)
            code = self.code("fg", back=self.minutes) if self.secrets else ""
            address = ledger.officers.enrol(name, role, code=code, entry=Entry(kind="officer.enrolled", by="fg"))
            self.secrets[name] = address
            ledger.close()

    def countersign(self) -> None:
        """Every rule of Careweb in its present wording, by two officers."""
        digests = [r.digest for r in load_register(self.folder / "register").rules_on(TODAY) if r.system == "careweb"]
        for name, act in (("desk-asks", "request"), ("fg-signs", "approve")):
            self.minutes -= 1
            ledger = self.ledger(back=self.minutes)
            code, entry = self.code(name, back=self.minutes), Entry(kind=f"approval.{act}", by=name)
            getattr(ledger.approvals, act)(What.RULE, digests, code=code, entry=entry)
            ledger.close()

    def code(self, name: str, *, back: int = 0) -> str:
        made = pyotp.parse_uri(self.secrets[name])
        assert isinstance(made, pyotp.TOTP)
        return made.at(datetime.now(UTC) - timedelta(minutes=back))

    # -- the source ------------------------------------------------------------------------------------------

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "company" / "careweb.db") as db:
            return db.execute(statement, values).fetchall()

    def living(self, practice: int) -> set[str]:
        """The client numbers of a practice, by plain SQL."""
        return {n for (n,) in self.sql("SELECT client_number FROM patient WHERE practice_id = ?", practice)}

    def key_of(self, client: str) -> int:
        return int(self.sql("SELECT id FROM patient WHERE client_number = ?", client)[0][0])

    def edit(self, place: str, old: str, new: str) -> None:
        file = self.folder / "register" / place
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    # -- the command -----------------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        """What a process needs to work in this house."""
        return {
            "TERMIJN_REGISTER_DIR": str(self.folder / "register"),
            "TERMIJN_LEDGER": f"sqlite:///{self.folder / 'ledger.db'}",
            "TERMIJN_OUT": str(self.folder / "out"),
            "CAREWEB_URL": f"sqlite:///{self.folder / 'company' / 'careweb.db'}",
        }

    def termijn(self, *words: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TERMIJN_", "PREFECT_"))}
        clean |= self.environment() | {"PYTHONPATH": str(HOUSE)}
        return loaded.run(("cli.main", *words), cwd=self.folder, env=clean)

    def draw(self) -> None:
        ended = self.termijn("list", "draw", "careweb")
        assert ended.returncode == 0, ended.stderr

    def lists(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.termijn("list", "show", "--json").stdout)
        return found

    def list_of(self, practice: int, rule: str = PATIENTS) -> dict[str, Any]:
        """The newest list of a practice for a rule."""
        return [one for one in self.lists() if (one["controller"], one["rule"]) == (str(practice), rule)][-1]

    def send(self, practice: int, by: str = "desk", rule: str = PATIENTS) -> tuple[str, str]:
        """(number, passphrase) of the practice's newest list, sent by an officer."""
        number = str(self.list_of(practice, rule)["number"])
        ended = self.termijn("list", "send", number, "--by", by, "--code", self.code(by))
        assert ended.returncode == 0, ended.stderr
        [phrase] = re.findall(r"channel: (\S+)", ended.stdout)
        return number, phrase

    def instruct(self, number: str, answer: str, *more: str, by: str = "desk-two") -> subprocess.CompletedProcess[str]:
        said = ("--role", "praktijkhouder", "--reference", "brief 2026-17", "--by", by, "--code", self.code(by))
        return self.termijn("list", "instruct", number, answer, *said, *more)

    def approve(self, number: str, by: str = "fg") -> subprocess.CompletedProcess[str]:
        return self.termijn("list", "approve", number, "--by", by, "--code", self.code(by))

    def purge(self) -> subprocess.CompletedProcess[str]:
        """An armed night. It ends red: the sample's technical log is over its ceiling on purpose."""
        ended = self.termijn("purge", "careweb", "--arm")
        assert ended.returncode == 4, ended.stderr
        assert "technical_log" in ended.stderr
        return ended

    def on_list(self, number: str) -> set[str]:
        """The client numbers on a list, read from the ledger."""
        ledger = self.ledger()
        found = {line.client_number for line in ledger.lists.lines_of(number)}
        ledger.close()
        return found

    def statement(self, number: str) -> dict[str, Any]:
        ended = self.termijn("list", "statement", number)
        assert ended.returncode == 0, ended.stderr
        told: dict[str, Any] = json.loads((self.folder / "out" / "statements" / f"{number}.json").read_text("utf-8"))
        return told


def later_day(days: int) -> str:
    """A day from now, as the command reads it."""
    return str(date.fromordinal(TODAY.toordinal() + days))
