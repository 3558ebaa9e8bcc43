"""How the office answers each kind of request: through the same verbs as the command line, with both officers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.activity import Role
from domain.breaches import BreachState, Harm, Phase, Risk, Whom
from domain.cases import Case, CaseKind, State
from domain.erasure import Ground as ErasureGround
from domain.evidence import Entry
from domain.keys import key_text
from domain.rectification import Wish
from domain.release import PackageState
from domain.steps import TOLD_ON, Step, needed
from flows.erase_subject import erase_subject
from flows.export_subject import export_subject
from ledger.approvals import What
from ledger.holds import Ground
from tasks.clock import now
from tasks.erase import draw_up_erasure
from tasks.notify import list_recipients
from tasks.office import Office, open_office
from tasks.rectify import draw_up_rectification, write_back
from tasks.search import search_case
from tests.stories.year.company import code
from tests.stories.year.requests import Request
from tests.stories.year.turned_clock import MOMENT


class Answering:
    """The hands of the office."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self._numbers: dict[int, str] = {}
        self._people: list[dict[str, Any]] = []
        self.requests = requests

    def number_of(self, office: Office, one: Request) -> str | None:
        """The case of a request, if it was received already. Cases are numbered in the order of receipt."""
        if not self._numbers:
            for nth, case in enumerate(office.ledger.cases.list_cases(), start=1):
                self._numbers[nth] = case.number
        return self._numbers.get(one.nth)

    def receive(self, office: Office, one: Request) -> str:
        """Open the case; every seventh person is really known to the company."""
        case = office.ledger.cases.open_case(
            CaseKind(one.kind), received_on=one.received, channel="mail", subject=self._person(one),
            ground=one.ground, handler="privacy", entry=Entry("case.received", "privacy"),
        )  # fmt: skip
        self._numbers[one.nth] = case.number
        return case.number

    def end(self, office: Office, one: Request, case: Case, day: date) -> None:
        """The person gets what was decided, with all its steps."""
        number = case.number
        if one.end == "answered":
            self._do(office, one, case, day)
        if Step.LETTER in needed(case.kind, State(one.end), case.ground):
            office.ledger.steps.done(number, Step.LETTER, entry=Entry("case.step", "privacy", case=number))
        office.ledger.cases.move(number, State(one.end), on=day, entry=Entry("case.moved", "privacy", case=number))

    def settle(self, office: Office, case: Case, day: date) -> None:
        """Before it closes: recipients confirm, and a restriction is lifted after the person was told."""
        number = case.number
        for notice in office.ledger.notices.of_case(number):
            if notice.waits:
                entry = Entry("recipient.confirmed", "privacy", case=number)
                office.ledger.notices.confirmed(number, notice.recipient.id, on=day, entry=entry)
        for hold in office.ledger.holds.list_active(day):
            if hold.case == number and hold.ground is not None:
                office.ledger.holds.end(hold.id, on=day, told_on=day, entry=Entry("hold.ended", "privacy"))

    def breach(self, day: date, aware: datetime, hours: int, moment: list[datetime], watch: Callable[..., Any]) -> None:
        """A breach becomes known, is judged, and the authority is told after so many hours; the clock is watched."""
        told_at = aware + timedelta(hours=hours)
        for hour in range(24):
            at = datetime(day.year, day.month, day.day, hour, tzinfo=aware.tzinfo)
            if not aware <= at <= told_at:
                continue
            moment[0] = max(moment[0], at)
            with open_office() as office:
                book = office.ledger.breaches
                mine = [b for b in book.list_all() if b.aware_at == aware]
                if not mine:
                    opened = book.open(
                        role=Role.CONTROLLER, aware_at=aware, harms=(Harm.CONFIDENTIALITY,), persons=(3, 9),
                        entry=Entry("breach.opened", "privacy"),
                    )  # fmt: skip
                    book.judge(opened.number, Risk.RISK, entry=Entry("breach.judged", "fg"))
                elif at == told_at and mine[0].state is BreachState.OPEN and not mine[0].told:
                    if hours > 72:
                        book.describe(mine[0].number, {"late": "vakantie"}, entry=Entry("breach.described", "fg"))
                    book.tell(
                        mine[0].number, Whom.AUTHORITY, at=at, phase=Phase.COMPLETE, entry=Entry("breach.told", "fg")
                    )
            watch(now())

    def _person(self, one: Request) -> dict[str, Any]:
        if one.nth % 7 == 0:
            return self._known()[one.seed % len(self._known())]
        return {
            "name": f"Vrager{one.nth} Verzonnen{one.nth}", "surname": f"Verzonnen{one.nth}", "born_on": "1971-02-03",
            "email": f"vrager{one.nth}@voorbeeld.example",
        }  # fmt: skip

    def _known(self) -> list[dict[str, Any]]:
        """Staff of the company, as its own HR system had them on the first of January, whatever went since."""
        if not self._people:
            kept = self._company().with_name("people.json")
            if not kept.exists():
                with sqlite3.connect(self._company()) as db:
                    rows = db.execute("SELECT id, surname, born_on, email FROM staff WHERE email <> '' ORDER BY id")
                    names = ("key", "surname", "born_on", "email")
                    kept.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
            self._people = [one | {"name": f"Medewerker {one['surname']}"} for one in json.loads(kept.read_text())]
        return self._people

    @staticmethod
    def _company() -> Path:
        with open_office() as office:
            return Path(str(office.settings.env_file)).with_name("hr.db")

    def _still_there(self, who: dict[str, Any]) -> bool:
        with sqlite3.connect(self._company()) as db:
            asked = "SELECT 1 FROM staff WHERE id = ? AND email = ?"
            return db.execute(asked, (who["key"], who["email"])).fetchone() is not None

    def _do(self, office: Office, one: Request, case: Case, day: date) -> None:
        if one.nth % 7 == 0:
            self._look(office, case)
        match case.kind:
            case CaseKind.ACCESS | CaseKind.PORTABILITY | CaseKind.ACCESS_LOG:
                self._hand_over(office, case, day)
            case CaseKind.ERASURE:
                self._erase(office, case)
            case CaseKind.RECTIFICATION:
                self._correct(office, one, case)
            case CaseKind.RESTRICTION:
                office.ledger.holds.add(
                    owner="fg", reason="betwist", review_on=day + timedelta(days=30), case=case.number,
                    ground=Ground(one.ground), entry=Entry("hold.added", "privacy"),
                )  # fmt: skip
            case CaseKind.OBJECTION:
                weighed = () if one.ground == "direct-marketing" else (Step.WEIGHED,)
                for step in (*weighed, Step.STOPPED):
                    entry = Entry("case.step", "privacy", case=case.number)
                    office.ledger.steps.done(case.number, step, why="besproken", entry=entry)
            case CaseKind.CONSENT:
                entry = Entry("case.step", "privacy", case=case.number)
                office.ledger.steps.done(case.number, Step.CONSENT, entry=entry)
        if case.kind in TOLD_ON:
            for notice in list_recipients(office, case.number, by="privacy"):
                entry = Entry("recipient.told", "privacy", case=case.number)
                office.ledger.notices.told(case.number, notice.recipient.id, on=day, entry=entry)

    @staticmethod
    def _look(office: Office, case: Case) -> None:
        """Whose e-mail address went on its term is known by name and birth date only: a person says that it is them."""
        for answer in search_case(office, case.number).answers:
            for one in (c for c in answer.candidates if c.is_open):
                office.ledger.cases.decide(
                    case.number, system=answer.system, dataset=one.dataset, key=key_text(one.key), include=True,
                    entry=Entry("match.decided", "privacy", case=case.number),
                )  # fmt: skip

    def _hand_over(self, office: Office, case: Case, day: date) -> None:
        if case.state is not State.SEALED:
            export_subject(case.number)
        packages = office.ledger.packages
        for one in packages.list_packages(case.number, sealed_by_last=True):
            if one.state is PackageState.SEALED:
                if one.special:
                    entry = Entry("package.release asked", "privacy", case=case.number)
                    packages.ask_release(one.file, code=code("privacy", MOMENT), as_of=day, entry=entry)
                entry = Entry("package.released", "fg", case=case.number)
                packages.release(one.file, code=code("fg", MOMENT), as_of=day, entry=entry)

    def _erase(self, office: Office, case: Case) -> None:
        self._agree(
            office, case, What.ERASURE, draw_up_erasure(office, case.number, ErasureGround.NOT_NEEDED).plan.digest
        )
        erase_subject(case.number, rehearsal=False)

    def _correct(self, office: Office, one: Request, case: Case) -> None:
        """Of who is known the telephone number; of anybody else there is nothing to correct, and that is the answer."""
        who = self._person(one)
        known = "key" in who and self._still_there(who)
        wishes = [Wish("hr", "staff", str(who["key"]), "phone", f"06{one.seed % 10**8:08}")] if known else []
        plan = draw_up_rectification(office, case.number, wishes, by="privacy")
        self._agree(office, case, What.CORRECTION, plan.digest)
        write_back(office, case.number, by="privacy")

    @staticmethod
    def _agree(office: Office, case: Case, what: What, digest: str) -> None:
        asks, gives = (
            Entry(f"approval.{how}", by, case=case.number) for how, by in (("asked", "privacy"), ("given", "fg"))
        )
        office.ledger.approvals.request(what, [digest], code=code("privacy", MOMENT), entry=asks)
        office.ledger.approvals.approve(what, [digest], code=code("fg", MOMENT), entry=gives)
