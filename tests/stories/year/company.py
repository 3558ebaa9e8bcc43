"""The sample company on the first day of the year: its systems, its register countersigned, its officers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from domain.evidence import Entry
from ledger.approvals import What
from ledger.officers import OfficerRole
from sample.company import found_company
from sample.crm_service import start_crm
from tasks.office import open_office

OFFICERS = (("fg", OfficerRole.DPO), ("privacy", OfficerRole.PRIVACY_OFFICER))


@contextmanager
def opened_company(folder: Path, moment: list[datetime]) -> Iterator[None]:
    """The company in this folder, founded on the first of January where there was none, with its CRM running."""
    known = folder / "company.json"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not known.exists()
    if fresh:
        company = found_company(folder / "company", as_of=moment[0].date())
        known.write_text(
            json.dumps({"token": company.crm_token, "db": str(company.crm_db), "env": str(company.env_file)})
        )
    told = json.loads(known.read_text())
    os.environ |= {
        "TERMIJN_OUT": str(folder / "out"),
        "TERMIJN_LEDGER": f"sqlite:///{folder / 'ledger.db'}",
        "TERMIJN_ENV_FILE": told["env"],
    }
    os.environ.pop("PREFECT_API_URL", None)
    with start_crm(Path(told["db"]), told["token"]) as service:
        os.environ["CRM_URL"] = service.url
        if fresh:
            _countersign(folder, moment)
        yield


def code(officer: str, moment: list[datetime]) -> str:
    """What the officer's telephone shows; half a minute passes, for each code is accepted once."""
    moment[0] += timedelta(seconds=31)
    made = pyotp.parse_uri(
        json.loads(Path(os.environ["TERMIJN_LEDGER"][10:]).with_name("phones.json").read_text())[officer]
    )
    assert isinstance(made, pyotp.TOTP)
    return made.at(moment[0])


def _countersign(folder: Path, moment: list[datetime]) -> None:
    phones: dict[str, str] = {}
    with open_office() as office:
        for name, role in OFFICERS:
            given = code("fg", moment) if phones else ""
            entry = Entry("officer.enrolled", "fg")
            phones[name] = office.ledger.officers.enrol(name, role, code=given, entry=entry)
            (folder / "phones.json").write_text(json.dumps(phones))
        digests = [r.digest for r in office.register.rules_on(moment[0].date())]
        asks, gives = Entry("approval.asked", "privacy"), Entry("approval.given", "fg")
        office.ledger.approvals.request(What.RULE, digests, code=code("privacy", moment), entry=asks)
        office.ledger.approvals.approve(What.RULE, digests, code=code("fg", moment), entry=gives)
