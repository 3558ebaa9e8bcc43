"""Who objects to marketing is never written to again, also after their record is gone; no list goes out unsieved."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.cases import CaseKind
from domain.consents import Act
from domain.evidence import Entry
from domain.mailing_list import shape_of
from domain.steps import Step
from domain.trouble import Refused, SourceUnreadable
from tasks.campaigns import object_to_marketing, sieve_list, take_back_objection
from tasks.clock import today
from tasks.consents import record, who_is
from tasks.office import open_office
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse
from tests.stories.test_consents import CONSENTS, stated

STOPPED = CONSENTS.partition("[[purpose.news.stops]]")
NEWS_ONLY = STOPPED[0] + "[[purpose.news.text]]" + STOPPED[2].partition("[[purpose.news.text]]")[2]
CEES = {"name": "Cees Bakker", "email": "cees@voorbeeld.nl"}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ErasingHouse:
    house = ErasingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
    house._write("consents.toml", NEWS_ONLY.partition("[purpose.pool]")[0])
    return house


def listed(house: ErasingHouse, *addresses: str) -> Path:
    file = house.folder / "list.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, delimiter=";").writerows([["Naam", "E-mail"], *(["Iemand; de lezer", a] for a in addresses)])
    return file


def sieved(house: ErasingHouse, file: Path, name: str) -> tuple[list[str], dict[str, int]]:
    to = house.folder / name
    with open_office() as office:
        told = sieve_list(office, file, "news", to=to, by="sales")
    assert to.stat().st_mode & 0o077 == 0
    return [line.split(";")[-1] for line in to.read_text("utf-8").splitlines()[1:]], told.dropped


def test_a_list_keeps_only_who_agreed_and_did_not_object(house: ErasingHouse) -> None:
    for who in (ANNA, BOB, CEES):
        stated("news", Act.GIVEN, who=who, on=today() - timedelta(9))
    stated("news", Act.WITHDRAWN, who=BOB)
    file = listed(
        house, "Anna@Voorbeeld.nl", BOB["email"], CEES["email"], "vreemd@voorbeeld.nl", "niets", ANNA["email"]
    )
    kept, dropped = sieved(house, file, "first.csv")
    assert kept == ["Anna@Voorbeeld.nl", CEES["email"]]
    assert dropped == {"did not opt in": 2, "no e-mail address": 1, "stood there twice": 1}
    with open_office() as office:
        object_to_marketing(office, who_is(office, person=ANNA), channel="telephone", by="privacy")
    kept, dropped = sieved(house, file, "second.csv")
    assert kept == [CEES["email"]]
    assert dropped["objected"] == 2
    with open_office() as office:
        [first, _] = [e for e in office.ledger.events.events(case="mailing") if e.kind == "mailing.sieved"]
        assert '"kept":2' in first.body
        assert office.ledger.verify().ok
        with pytest.raises(Refused, match="a file of that name"):
            sieve_list(office, file, "news", to=house.folder / "second.csv", by="sales")


def test_an_objection_outlives_the_record_and_no_byte_tells_whose_it_is(house: ErasingHouse) -> None:
    number = house.case(CaseKind.OBJECTION)
    with open_office() as office:
        with pytest.raises(Refused, match="no objection to direct marketing"):
            object_to_marketing(office, who_is(office, case=number), channel="mail", by="privacy")
        office.ledger.cases.rest_on(number, "direct-marketing", entry=Entry("case.ground", "privacy", case=number))
        object_to_marketing(office, who_is(office, case=number), channel="mail M2026-0001", by="privacy")
        assert Step.STOPPED in office.ledger.steps.of(office.ledger.cases.read_case(number), today())
        assert "S000001" in office.ledger.steps.reasons(number, Step.STOPPED)
        office.ledger.rotate_evidence_key(entry=Entry("keys rotated", "fg"))
        office.ledger.rotate_keys(entry=Entry("keys rotated", "fg"), forget=True)
    assert sieved(house, listed(house, ANNA["email"]), "out.csv")[1] == {"objected": 1}
    raw = b"".join(f.read_bytes() for f in house.folder.glob("ledger.db*"))
    assert ANNA["email"].encode() not in raw


def test_only_the_person_takes_an_objection_back(house: ErasingHouse) -> None:
    with open_office() as office:
        object_to_marketing(office, who_is(office, person=ANNA), channel="website", by="privacy")
        anew = record(office, "news", Act.GIVEN, who_is(office, person=ANNA), channel="website", by="privacy")
        assert "objected before" in anew.note
    assert sieved(house, listed(house, ANNA["email"]), "one.csv")[0] == []
    with open_office() as office:
        assert take_back_objection(office, who_is(office, person=ANNA), by="privacy") == ("S000001",)
        assert take_back_objection(office, who_is(office, person=ANNA), by="privacy") == ()
    assert sieved(house, listed(house, ANNA["email"]), "two.csv")[0] == [ANNA["email"]]


@pytest.mark.parametrize("wrong", [{"channel": "mail of x@y.nl"}, {"channel": " "}, {"on": today() + timedelta(1)}])
def test_an_objection_that_cannot_be_right_is_refused_before_anything_is_kept(
    house: ErasingHouse, wrong: dict[str, Any]
) -> None:
    with open_office() as office:
        with pytest.raises(Refused):
            object_to_marketing(office, who_is(office, person=ANNA), by="privacy", **{"channel": "letter", **wrong})
        assert office.ledger.suppressions.list_all() == ()


def test_an_objection_takes_back_the_consent_for_marketing_in_one_go(house: ErasingHouse) -> None:
    stated("news", Act.GIVEN, who=ANNA, on=today() - timedelta(9))
    with open_office() as office:
        object_to_marketing(office, who_is(office, person=ANNA), channel="letter", by="privacy")
        said = office.ledger.opt_ins.of_person(who_is(office, person=ANNA).identifiers)
        assert [one.act for one in said] == [Act.GIVEN, Act.WITHDRAWN]
        with pytest.raises(Refused, match="no e-mail address or telephone"):
            object_to_marketing(office, who_is(office, person={"name": "Jan Jansen"}), channel="letter", by="privacy")


def test_the_command_counts_and_names_nobody(house: ErasingHouse) -> None:
    stated("news", Act.GIVEN, who=ANNA)
    file, runner = listed(house, ANNA["email"], BOB["email"]), CliRunner()
    asked = ["mailing", "sieve", str(file), "--for", "news", "--to", str(house.folder / "go.csv"), "--by", "sales"]
    done = runner.invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert done.output == "1 may be written to\n1 dropped: did not opt in\n"


@pytest.mark.parametrize("first", ["naam;telefoon", "email;e-mail", "Jansen", ""])
def test_a_list_without_one_column_of_addresses_is_refused(first: str) -> None:
    with pytest.raises(Refused, match="in which column"):
        shape_of(first)


def test_who_agreed_or_objected_in_a_system_of_before_counts_and_an_unreadable_one_stops_the_list(
    house: ErasingHouse,
) -> None:
    old = '[[purpose.news.held]]\nsystem = "desk"\ndataset = "bill"\ngiven = "paid_on"\n\n[[purpose.news.text]]'
    text = (house.folder / "register" / "consents.toml").read_text("utf-8")
    objections = '[[objections]]\nsystem = "desk"\ndataset = "visitor"\n\n'
    house._write("consents.toml", objections + text.replace("[[purpose.news.text]]", old, 1))
    for nth, who in enumerate((ANNA, BOB, {**CEES, "surname": "Bakker", "born_on": "1980-01-01"}), 1):
        house.put("bill", nth, {k: v for k, v in who.items() if k != "name"}, paid_on=today() - timedelta(30))
    house.put("visitor", 1, BOB, left_on=today())
    stated("news", Act.WITHDRAWN, who=CEES)
    file = listed(house, ANNA["email"], BOB["email"], CEES["email"])
    kept, dropped = sieved(house, file, "one.csv")
    assert kept == [ANNA["email"]]
    assert dropped == {"did not opt in": 1, "objected": 1}, "withdrawn with us after it was given there; objected there"
    (house.folder / "desk.db").unlink()
    with open_office() as office, pytest.raises(SourceUnreadable):
        sieve_list(office, file, "news", to=house.folder / "two.csv", by="sales")
    assert not list(house.folder.glob("two.csv*"))
