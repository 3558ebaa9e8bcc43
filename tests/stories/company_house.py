"""The sample company as an office of its own: its systems in SQLite and behind REST, with the packaged register."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from register.loader import PACKAGED
from sample.company import SampleCompany, found_company
from sample.crm_service import start_crm
from tests.stories.small_house import TODAY, SmallHouse


class CompanyHouse(SmallHouse):
    """Every `termijn` call is a real process; `with CompanyHouse(folder) as house` keeps the CRM's service running."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.register, self.codes = folder, folder / "register", {}
        shutil.copytree(PACKAGED, self.register, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        self.company: SampleCompany = found_company(folder / "company", as_of=TODAY)
        self.secrets = {"TERMIJN_ENV_FILE": str(self.company.env_file)}
        self._open = ExitStack()

    def __enter__(self) -> CompanyHouse:
        self.secrets["CRM_URL"] = self._open.enter_context(start_crm(self.company.crm_db, self.company.crm_token)).url
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def open_case(self, *, kind: str = "access", language: str = "nl") -> str:
        """A request of the hero, her identity checked, in progress."""
        hero = asdict(self.company.hero)
        told = {n: hero[n] for n in ("name", "born_on", "bsn", "email", "phone")} | {"surname": hero["family_name"]}
        subject = self.folder / "who.toml"
        subject.write_text("".join(f'{k} = "{v}"\n' for k, v in told.items()), "utf-8")
        ended = self.termijn("case", "new", "--kind", kind, "--subject", str(subject), "--language", language)
        assert ended.returncode == 0, ended.stderr
        number = ended.stdout.split()[1]
        self.termijn("case", "move", number, "identity", "--method", "call-back")
        self.termijn("case", "move", number, "in-progress")
        self.decide(number)
        return number

    def decide(self, number: str) -> None:
        """Nothing that only may be hers is hers, and what texts tell of others is withheld."""
        found = json.loads(self.termijn("find", number, "--json").stdout)
        words = [
            word
            for system in found["systems"]
            for one in system["candidates"]
            if one["to_decide"]
            for word in ("--exclude", f"{system['system']}.{one['dataset']}:{one['key']}")
        ]
        self.termijn("find", number, *words)
        decisions = self.folder / "decisions.txt"
        decisions.write_text("all withhold\n", "utf-8")
        self.termijn("review", number, "--decide", str(decisions))
