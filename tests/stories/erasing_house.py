"""A house with somebody who asks to be erased: visits, bills, a newsletter and a practice's dossier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from ledger.approvals import What
from ledger.officers import OfficerRole
from tasks import office as offices
from tasks.clock import now, today
from tasks.erase import draw_up_erasure

_ACTIVITY = """
title = "{title}"
purpose = "{title}"
role = "{role}"
{more}
legal_ground = {ground}
subjects = ["bezoeker"]
source = "de bezoeker"
security = ["slot op de deur"]
data = [{{ item = "naam", category = "user.name" }}]
recipients = [{{ name = "de boekhouder van {title}", why = "de jaarrekening" }}]
[[term]]
since = 2020-01-01
{term}
counts_from = "de laatste datum"
article = "{article}"
source = "richtlijn"
certainty = "likely"
last_checked = 2026-11-23
at_expiry = "{expiry}"
"""
ACTIVITIES: Mapping[str, Mapping[str, str]] = {
    "visits": {"title": "Bezoek", "ground": '["AVG 6.1.f: ja"]', "term": 'maximum = "6 months"', "article": "AVG 5"},
    "bills": {"title": "Rekeningen", "ground": '["AVG 6.1.c: ja"]', "term": 'minimum = "7 years"', "article": "AWR 52"},
    "news": {"title": "Nieuwsbrief", "ground": '["AVG 6.1.a: ja"]', "term": 'maximum = "1 year"', "article": "AVG 7"},
    "dossier": {
        "title": "Dossier", "ground": '["AVG 6.1.c: BW 7:454"]', "term": 'minimum = "20 years"', "article": "BW 7:454",
        "role": "processor", "more": 'on_behalf_of = "de praktijk"', "expiry": "propose",
    },
}  # fmt: skip
_WHO = 'identifies = { email = "email", phone = "phone", name_born = ["surname", "born_on"] }'
_PERSON = """
columns.id = { class = "technical" }
columns.surname = { class = "export", label = "Achternaam" }
columns.born_on = { class = "export", label = "Geboren op" }
columns.email = { class = "export", label = "E-mail" }
"""
SYSTEM = f"""
title = "Balie"
connector = "sql"
url = "env:DESK_URL"
backup_kept = "twee weken"
[dataset.visitor]
title = "Bezoekers"
activity = "visits"
key = ["id"]
triggers = ["left_on"]
{_WHO}
ceiling = {{ records = 5, share = 0.5 }}
{_PERSON}
columns.phone = {{ class = "export", label = "Telefoon" }}
columns.left_on = {{ class = "export", label = "Vertrokken op" }}
[dataset.note]
title = "Aantekeningen"
part_of = {{ dataset = "visitor", by = {{ visitor_id = "id" }} }}
key = ["id"]
columns.id = {{ class = "technical" }}
columns.visitor_id = {{ class = "technical" }}
columns.text = {{ class = "export", label = "Tekst" }}
[dataset.bill]
title = "Rekeningen"
activity = "bills"
key = ["id"]
triggers = ["paid_on"]
{_WHO}
ceiling = {{ records = 5, share = 0.5 }}
column_ceilings = {{ visits = {{ records = 5, share = 0.5 }} }}
{_PERSON}
columns.phone = {{ class = "export", label = "Telefoon", activity = "visits" }}
columns.paid_on = {{ class = "export", label = "Betaald op" }}
[dataset.reader]
title = "Lezers van de nieuwsbrief"
activity = "news"
key = ["id"]
triggers = ["last_on"]
{_WHO}
ceiling = {{ records = 5, share = 0.5 }}
{_PERSON}
columns.phone = {{ class = "export", label = "Telefoon" }}
columns.last_on = {{ class = "export", label = "Laatste bericht" }}
[dataset.patient]
title = "Dossiers"
activity = "dossier"
key = ["id"]
tenant = "practice"
triggers = ["changed_on"]
{_WHO.replace(" }", ', client_number = "number" }')}
ceiling = {{ records = 5, share = 0.5 }}
{_PERSON}
columns.phone = {{ class = "export", label = "Telefoon" }}
columns.practice = {{ class = "technical" }}
columns.number = {{ class = "export", label = "Cliëntnummer" }}
columns.changed_on = {{ class = "export", label = "Gewijzigd op" }}
"""
_TABLES = {
    "visitor": "left_on date", "bill": "paid_on date", "reader": "last_on date",
    "patient": "changed_on date, practice integer, number varchar(20)",
}  # fmt: skip
ANNA = {"surname": "De Vries", "born_on": "1980-05-06", "email": "anna@voorbeeld.nl", "phone": "0612345678"}
BOB = {"surname": "De Vries", "born_on": "1981-05-06", "email": "bob@voorbeeld.nl", "phone": "0687654321"}


class ErasingHouse:
    """Register, database and office; two officers whose codes come from a clock that this house turns."""

    def __init__(self, folder: Path, url: str, monkeypatch: Any) -> None:
        self.folder, self.url = folder, url
        for name, told in ACTIVITIES.items():
            given = {"role": "controller", "more": "", "expiry": "destroy", **told}
            self._write(f"activities/{name}.toml", _ACTIVITY.format(**given))
        self._write("systems/desk.toml", SYSTEM)
        for key, value in {
            "TERMIJN_SKIN": "plain",
            "TERMIJN_REGISTER_DIR": str(folder / "register"),
            "TERMIJN_LEDGER": f"sqlite:///{folder / 'ledger.db'}",
            "TERMIJN_OUT": str(folder / "out"),
            "DESK_URL": url,
        }.items():
            monkeypatch.setenv(key, value)
        self.ahead = timedelta()
        monkeypatch.setattr(offices, "now", lambda: now() + self.ahead)
        self.engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        if url.startswith("sqlite"):
            (folder / "desk.db").touch()
        self._tables()
        self.phones: dict[str, pyotp.TOTP] = {}
        for officer, role in (("fg", OfficerRole.DPO), ("privacy", OfficerRole.PRIVACY_OFFICER)):
            self._enrol(officer, role)

    def _write(self, place: str, text: str) -> None:
        file = self.folder / "register" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def _tables(self) -> None:
        person = "id integer PRIMARY KEY, surname varchar(60), born_on date, email varchar(60), phone varchar(20)"
        with self.engine.begin() as db:
            for table, more in _TABLES.items():
                db.execute(sa.text(f"CREATE TABLE {table} ({person}, {more})"))
            db.execute(
                sa.text(
                    "CREATE TABLE note (id integer PRIMARY KEY, visitor_id integer REFERENCES visitor(id),"
                    " text varchar(9))"
                )
            )

    def put(self, table: str, nth: int, who: Mapping[str, str], **more: object) -> None:
        values = {"id": nth, **who, **more}
        names, places = ", ".join(values), ", ".join(f":{n}" for n in values)
        with self.engine.begin() as db:
            db.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)

    def ids(self, table: str) -> list[int]:
        with self.engine.connect() as db:
            return [r[0] for r in db.execute(sa.text(f"SELECT id FROM {table} ORDER BY id"))]

    def ask(self, sql: str) -> Any:
        with self.engine.connect() as db:
            return db.execute(sa.text(sql)).scalar()

    def code(self, officer: str) -> str:
        self.ahead += timedelta(seconds=30)
        return self.phones[officer].at(now() + self.ahead)

    def _enrol(self, name: str, role: OfficerRole) -> None:
        with offices.open_office() as office:
            code = self.code("fg") if self.phones else ""
            found = pyotp.parse_uri(
                office.ledger.officers.enrol(name, role, code=code, entry=Entry("officer.enrolled", "fg"))
            )
            assert isinstance(found, pyotp.TOTP)
            self.phones[name] = found

    def case(self, kind: CaseKind = CaseKind.ERASURE, who: Mapping[str, str] = ANNA) -> str:
        """An open case of somebody whose identity was checked."""
        with offices.open_office() as office:
            case = office.ledger.cases.open_case(
                kind, received_on=today(), channel="mail", entry=Entry("case.received", "privacy"),
                subject={"name": f"Anna {who['surname']}", "address": ["Dorpsstraat 1", "1234 AB Dorp"], **who},
            )  # fmt: skip
            check = IdentityCheck(IdentityMethod.KNOWN_ADDRESS, IdentityResult.VERIFIED, "privacy", today())
            office.ledger.cases.record_identity(case.number, check, entry=Entry("case.identity", "privacy"))
            office.ledger.cases.move(case.number, State.IN_PROGRESS, on=today(), entry=Entry("case.moved", "privacy"))
        return case.number

    def approve(self, number: str, *, ground: str | None = None, by: str = "fg", asks: str = "privacy") -> str:
        """Draw up, ask and approve; returns the digest."""
        from domain.erasure import Ground

        with offices.open_office() as office:
            plan = draw_up_erasure(office, number, Ground(ground) if ground else None, by=asks).plan
            entry = Entry("approval.asked", asks, case=number)
            office.ledger.approvals.request(What.ERASURE, [plan.digest], code=self.code(asks), entry=entry)
            given = Entry("approval.given", by, case=number)
            office.ledger.approvals.approve(What.ERASURE, [plan.digest], code=self.code(by), entry=given)
        return plan.digest


def years_ago(number: int) -> date:
    """A day so many years ago."""
    return today() - timedelta(days=round(number * 365.25))
