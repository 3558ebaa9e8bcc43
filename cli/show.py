"""The demonstration: a night, one person's package and the morning of a sample company, told in a short story."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli.screen import say
from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.trouble import Refused

if TYPE_CHECKING:
    from pyotp import TOTP

    from domain.night import Night
    from sample.company import SampleCompany

#: What a demo folder holds; a folder with this mark is ours to make anew.
MARK = ".termijn-demo"


def run_demo(out: Path) -> None:
    """Everything in `out`, made anew. Raises Refused where `out` is not a demo's folder, LedgerBroken at the end."""
    begun = time.monotonic()
    _clear(out)
    _settings_for(out)
    from sample.company import found_company
    from tasks.clock import today

    as_of = today()
    company = found_company(out / "company", as_of=as_of)
    say(f"12Care on {as_of}: a sample company of four systems stands in {out / 'company'}")
    with _crm(company):
        _prepare_office(company, as_of)
        case = _open_cases(company, as_of)
        night = _night(as_of, out)
        packages = _export(case)
        escalated = _morning(as_of)
    _front_page(out, night, packages, escalated)
    _verify()
    say(f"\nLook at it all: {out / 'index.html'}   ({time.monotonic() - begun:.0f} s)")


def _clear(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise Refused(f"{out} holds something that no demo made", do="name an empty folder: termijn demo --out DIR")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).write_text("made by `termijn demo`; it is made anew each time\n", encoding="utf-8")


def _settings_for(out: Path) -> None:
    """This process's settings: all inside `out`, Prefect in-process and quiet."""
    os.environ |= {
        "TERMIJN_OUT": str(out),
        "TERMIJN_LEDGER": f"sqlite:///{(out / 'ledger.db').resolve()}",
        "TERMIJN_ENV_FILE": str(out / "company" / "termijn.env"),
        "TERMIJN_SKIN": "prefect",
        "PREFECT_HOME": str((out / ".prefect").resolve()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
    }
    for elsewhere in ("PREFECT_API_URL", "TERMIJN_REGISTER_DIR", "TERMIJN_KEYS", "TERMIJN_SMTP_HOST"):
        os.environ.pop(elsewhere, None)


@contextmanager
def _crm(company: SampleCompany) -> Iterator[None]:
    from sample.crm_service import start_crm

    with start_crm(company.crm_db, company.crm_token) as service:
        os.environ["CRM_URL"] = service.url
        yield


def _prepare_office(company: SampleCompany, as_of: date) -> None:
    """Two officers countersign every rule, and one record is held: what a DPO did in the weeks before."""
    from ledger.approvals import What
    from ledger.officers import OfficerRole
    from tasks.clock import now
    from tasks.office import open_office

    with open_office() as office:
        officers = office.ledger.officers
        moment, entry = now(), Entry(kind="officer.enrolled", by="fg")
        fg = _authenticator(officers.enrol("fg", OfficerRole.DPO, entry=entry))
        engineer = _authenticator(officers.enrol("engineer", OfficerRole.ENGINEER, code=fg.at(moment), entry=entry))
        digests = [r.digest for r in office.register.rules_on(as_of)]
        ask, give = Entry(kind="approval.asked", by="engineer"), Entry(kind="approval.given", by="fg")
        office.ledger.approvals.request(What.RULE, digests, code=engineer.at(moment), entry=ask)
        later = moment + timedelta(seconds=30)
        office.ledger.approvals.approve(What.RULE, digests, code=fg.at(later), entry=give)
        held = company.characters["held"][0]
        office.ledger.holds.add(
            system=held.system,
            dataset=held.dataset,
            key=held.key,
            owner="fg",
            reason="arbeidsgeschil",
            review_on=as_of + timedelta(days=90),
            entry=Entry(kind="hold.added", by="fg"),
        )
    say(f"  two officers countersigned {len(digests)} rules; one record is held for a dispute")


def _authenticator(address: str) -> TOTP:
    """The officer's telephone: what it shows follows from the address that enrolment gave."""
    import pyotp

    made = pyotp.parse_uri(address)
    if not isinstance(made, pyotp.TOTP):
        raise Refused("enrolment gave no time-based code", do="report this to the makers")
    return made


def _open_cases(company: SampleCompany, as_of: date) -> str:
    """The hero's access request, and older ones that press; returns the hero's case."""
    from tasks.office import open_office

    hero = company.hero
    subject = {
        "name": hero.name,
        "surname": hero.family_name,
        "born_on": hero.born_on.isoformat(),
        "bsn": hero.bsn,
        "email": hero.email,
        "phone": hero.phone,
    }
    with open_office() as office:
        cases = office.ledger.cases
        number = ""
        for days, who in ((12, subject), (20, _stranger(1)), (26, _stranger(2)), (33, _stranger(3))):
            opened = cases.open_case(
                CaseKind.ACCESS,
                received_on=as_of - timedelta(days=days),
                channel="mail",
                subject=who,
                handler="privacy",
                entry=Entry(kind="case.received", by="privacy"),
            )
            number = number or opened.number
        check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", as_of)
        cases.record_identity(number, check, entry=Entry(kind="case.identity", by="privacy", case=number))
        cases.move(number, State.IN_PROGRESS, on=as_of, entry=Entry(kind="case.moved", by="privacy", case=number))
        for pointer in hero.strangers:
            cases.decide(
                number,
                system=pointer.system,
                dataset=pointer.dataset,
                key=pointer.key,
                include=False,
                entry=Entry(kind="match.decided", by="privacy", case=number),
            )
        for pointer in hero.records:
            cases.decide(
                number,
                system=pointer.system,
                dataset=pointer.dataset,
                key=pointer.key,
                include=True,
                entry=Entry(kind="match.decided", by="privacy", case=number),
            )
    say(f"  four people asked for their data; case {number} is ready to be answered")
    return number


def _stranger(nth: int) -> dict[str, str]:
    """Somebody who asks and is known nowhere."""
    return {"name": f"Voorbeeld Nummer{nth}", "email": f"voorbeeld{nth}@example.org"}


def _night(as_of: date, out: Path) -> Night:
    from domain.night import Night
    from flows.nightly_purge import nightly_purge

    logging.getLogger("prefect").setLevel(logging.CRITICAL)
    say("\nThe night (armed):")
    red = ""
    try:
        nightly_purge(as_of=as_of, rehearsal=False)
    except Refused as refused:  # the bad import's rule: the story goes on if the night was filed, else this raises
        red = refused.what
        if not any(out.glob("night-*-armed-*.json")):
            raise
    [filed] = out.glob("night-*-armed-????????.json")
    night = Night.model_validate_json(filed.read_bytes())
    for rule in night.rules:
        if rule.due or rule.refusals:
            frozen = f", {sum(rule.frozen.values())} held or asked for" if rule.frozen else ""
            refused_by = f", refused: {rule.refusals[0].reason}" if rule.refusals else ""
            asked = rule.action == "propose" and not rule.destroyed
            to = "proposed to the practice" if asked else f"{rule.done} {rule.said} and confirmed"
            say(f"  {rule.rule:34} {rule.due:5} due of {rule.total:6}: {to}{frozen}{refused_by}")
    if red:
        say("  the night ends red, as it should: what was refused waits for a person")
    return night


def _review(case: str) -> None:
    """What texts say of others: withheld here, all of it; at an office a person looks at each (`termijn review`)."""
    from tasks.office import open_office
    from tasks.review import decide, read_review

    with open_office() as office:
        found = read_review(office, case, by="fg")
        if found.open:
            withheld = decide(office, case, found.open, withhold=True, by="fg")
            say(f"  {withheld} passages in texts are about somebody else: withheld (termijn review {case})")


def _export(case: str) -> list[str]:
    from flows.export_subject import export_subject

    say(f"\nOne person's package (case {case}):")
    _review(case)
    sealed = export_subject(case)
    for package in sealed:
        whose = f"for tenant {package.controller}" if package.controller else "of 12Care itself"
        say(f"  {package.file}: {package.records} records {whose}, sealed")
    return [p.file for p in sealed]


def _morning(as_of: date) -> int:
    from flows.watch_deadlines import watch_deadlines

    morning = watch_deadlines(as_of=as_of)
    say("\nThe morning:")
    for case in morning.cases:
        rung = f", told: {case.rung}" if case.rung else ""
        say(f"  {case.case} {case.kind}: {case.days_left} days left{rung}")
    return len(morning.escalations)


def _front_page(out: Path, night: Night, packages: list[str], escalated: int) -> None:
    from reports import Link, overview_html

    files = sorted(p.relative_to(out) for p in out.rglob("*") if p.suffix in (".pdf", ".json", ".zip", ".eml"))
    links = [Link(href=f.as_posix(), title=f.name) for f in files if ".prefect" not in f.parts]
    page = overview_html(night, links, packages=len(packages), escalations=escalated)
    (out / "index.html").write_bytes(page)


def _verify() -> None:
    from cli.ledger import verify

    say("\nThe ledger:")
    verify(as_json=False)
