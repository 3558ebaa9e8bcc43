"""Correcting one person's data: decided per wish, allowed by two, written back, read again; opinions stay."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from domain.cases import CaseKind, State
from domain.evidence import Entry
from domain.package import Part, Record
from domain.person import Belonging
from domain.rectification import Outcome, Wish
from domain.steps import Step
from domain.trouble import NotConfirmed, Refused
from ledger.approvals import What
from ledger.corrections import CorrectionState
from ledger.schema import packages
from reports.sealing import unseal
from tasks.clock import today
from tasks.notify import list_recipients
from tasks.office import Office, open_office
from tasks.rectify import draw_up_rectification, read_wishes, write_back
from tasks.stated import forget_stated, stated_beside
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse, years_ago

NEW = "0698765432"


@pytest.fixture
def annas(erasing_house: ErasingHouse) -> ErasingHouse:
    """Anna and a namesake have a visit and a bill; a note of hers holds a conclusion."""
    register = erasing_house.folder / "register" / "systems" / "desk.toml"
    words = register.read_text("utf-8")
    register.write_text(words.replace('label = "Tekst" }', 'label = "Tekst", opinion = true }'), "utf-8")
    for nth, who in ((1, ANNA), (2, BOB)):
        erasing_house.put("visitor", nth, who, left_on=years_ago(0.2))
        erasing_house.put("bill", nth, who, paid_on=years_ago(1))
        with erasing_house.engine.begin() as db:
            db.exec_driver_sql(f"INSERT INTO note VALUES ({nth}1, {nth}, 'lastig')")
    erasing_house.put("patient", 1, ANNA, changed_on=years_ago(1), practice=7, number="4711")
    return erasing_house


def wish(dataset: str, key: str, column: str = "phone", value: str | None = NEW, statement: str = "") -> Wish:
    return Wish("desk", dataset, key, column, value, statement)


def agreed(house: ErasingHouse, office: Office, number: str, *wishes: Wish) -> str:
    """Drawn up, asked for by one officer and allowed by another."""
    plan = draw_up_rectification(office, number, wishes, by="privacy")
    entry = Entry("approval.asked", "privacy", case=number)
    office.ledger.approvals.request(What.CORRECTION, [plan.digest], code=house.code("privacy"), entry=entry)
    given = Entry("approval.given", "fg", case=number)
    office.ledger.approvals.approve(What.CORRECTION, [plan.digest], code=house.code("fg"), entry=given)
    return plan.digest


def test_a_wrong_number_is_written_back_and_read_again_and_the_namesake_is_untouched(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("visitor", "1"), wish("bill", "1"))
        assert annas.ask("SELECT phone FROM visitor WHERE id = 1") == ANNA["phone"], "a plan writes nothing"
        done = write_back(office, number, by="privacy")
        assert done.counts == {"written": 2}
        assert annas.ask("SELECT phone FROM visitor WHERE id = 1") == NEW
        assert annas.ask("SELECT phone FROM bill WHERE id = 1") == NEW
        assert annas.ask("SELECT phone FROM visitor WHERE id = 2") == BOB["phone"]
        assert office.ledger.corrections.of_case(number).state is CorrectionState.WRITTEN
        assert write_back(office, number, by="privacy").counts == {}, "carried out twice is once"
        assert office.ledger.verify().ok


def test_what_becomes_of_each_wish(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        plan = draw_up_rectification(
            office,
            number,
            [
                wish("visitor", "1"),
                wish("visitor", "1", "email", ANNA["email"]),
                wish("visitor", "1", "left_on", "2026-01-01"),
                wish("note", "11", "text", "aardig", "Ik was niet lastig."),
                wish("patient", "1"),
            ],
            by="privacy",
        )
    assert [(one.wish.dataset, one.wish.column, one.outcome) for one in plan.lines] == [
        ("visitor", "phone", Outcome.WRITTEN),
        ("visitor", "email", Outcome.SAME),
        ("visitor", "left_on", Outcome.REFUSED),  # it starts a term: who could move it could keep or destroy
        ("note", "text", Outcome.STATED),
        ("patient", "phone", Outcome.PRACTICE),
    ]


def test_a_conclusion_is_not_overwritten_and_the_statement_is_kept_beside_it(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        with pytest.raises(Refused, match="not overwritten"):
            draw_up_rectification(office, number, [wish("note", "11", "text", "aardig")], by="privacy")
        agreed(annas, office, number, wish("note", "11", "text", "aardig", "Ik was niet lastig."))
        assert write_back(office, number, by="privacy").counts == {"statement": 1}
        assert annas.ask("SELECT text FROM note WHERE id = 11") == "lastig"
        [one] = office.ledger.statements.on("desk")
        assert (one.dataset, one.key, one.text) == ("note", "11", "Ik was niet lastig.")
    raw = b"".join(f.read_bytes() for f in annas.folder.glob("ledger.db*"))
    assert b"niet lastig" not in raw
    assert NEW.encode() not in raw


def test_a_statement_goes_along_with_its_record_into_a_package_and_out_of_the_house(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with annas.engine.begin() as db:
        db.exec_driver_sql("INSERT INTO note VALUES (12, 1, 'traag')")
    wishes = [wish("note", k, "text", "x", f"Ik was niet {word}.") for k, word in (("11", "lastig"), ("12", "traag"))]
    with open_office() as office:
        agreed(annas, office, number, *wishes)
        assert write_back(office, number, by="privacy").counts == {"statement": 2}
    access = annas.case(CaseKind.ACCESS)
    subprocess.run([sys.executable, "-m", "cli.main", "export", access], check=True)
    with open_office() as office:
        [made] = [p for p in office.ledger.packages.list_packages(access) if not p.controller]
        with office.ledger.events.read() as connection:
            row = connection.execute(sa.select(packages).where(packages.c.file == made.file)).one()
        files = unseal((annas.folder / "out/packages" / made.file).read_bytes(), passphrase=_phrase(office, row))
        assert "Ik was niet lastig." in files["data.json"].decode()
        assert "Aanvullende verklaring bij: Aantekeningen" in files["index.html"].decode()
        with annas.engine.begin() as db:
            db.exec_driver_sql("DELETE FROM note WHERE id = 11")
        with office.connected("desk") as connector:
            assert (forget_stated(office, connector), forget_stated(office, connector)) == (1, 0)
        [left] = office.ledger.statements.on("desk")
        assert left.text == "Ik was niet traag."
        assert office.ledger.verify().ok


def test_a_statement_of_another_on_a_row_that_is_theirs_too_stays_out(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("note", "11", "text", "x", "Ik was niet lastig."))
        write_back(office, number, by="privacy")
        row = Record("11", {"text": "lastig"}, None, "")
        part = Part("desk", "Balie", "note", "Aantekeningen", "visits", {}, [row])
        [own] = stated_beside(office, [part])
        assert [r.values["text"] for r in own.records] == ["Ik was niet lastig."]
        assert {c.origin for c in own.columns.values()} == {"provided"}
        others = [replace(part, belonging=one.value) for one in (Belonging.SHARED, Belonging.MENTIONED)]
        assert stated_beside(office, others) == []


def _phrase(office: Office, row: sa.Row[Any]) -> str:
    return office.ledger.packages._phrase(row)


def test_nobody_corrects_the_data_of_another(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        for theirs in (wish("visitor", "2"), wish("note", "21", "text", "x", "y"), wish("visitor", "99")):
            with pytest.raises(Refused, match="not this person's"):
                draw_up_rectification(office, number, [theirs], by="privacy")
        with pytest.raises(Refused, match="corrects nothing"):
            draw_up_rectification(office, annas.case(), [wish("visitor", "1")], by="privacy")


def test_nothing_is_written_without_a_second_officer_or_by_an_older_plan(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        draw_up_rectification(office, number, [wish("visitor", "1")], by="privacy")
        with pytest.raises(Refused, match="nobody else allowed"):
            write_back(office, number, by="privacy")
        agreed(annas, office, number, wish("visitor", "1"))
        draw_up_rectification(office, number, [wish("visitor", "1", value="0600000000")], by="privacy")
        with pytest.raises(Refused, match="nobody else allowed"):
            write_back(office, number, by="privacy")
        assert annas.ask("SELECT phone FROM visitor WHERE id = 1") == ANNA["phone"]


def test_a_record_that_changed_meanwhile_is_not_written_and_the_case_stays_open(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("visitor", "1"), wish("bill", "1"))
        with annas.engine.begin() as db:
            db.exec_driver_sql("UPDATE visitor SET phone = '0611111111' WHERE id = 1")
        with pytest.raises(NotConfirmed, match=r"changed since the plan.*desk\.visitor\.phone"):
            write_back(office, number, by="privacy")
        assert annas.ask("SELECT phone FROM visitor WHERE id = 1") == "0611111111"
        assert annas.ask("SELECT phone FROM bill WHERE id = 1") == NEW, "the rest is written"
        case = office.ledger.cases.read_case(number)
        assert Step.CORRECTED not in office.ledger.steps.of(case, today())
        agreed(annas, office, number, wish("visitor", "1"), wish("bill", "1"))
        assert write_back(office, number, by="privacy").counts == {"written": 1, "right already": 1}
        assert Step.CORRECTED in office.ledger.steps.of(case, today())


def test_a_run_that_died_after_the_write_finds_it_done(annas: ErasingHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("visitor", "1"))
        with monkeypatch.context() as broken:
            broken.setattr(type(office.ledger.corrections), "written", _dies)
            with pytest.raises(KeyboardInterrupt):
                write_back(office, number, by="privacy")
        assert annas.ask("SELECT phone FROM visitor WHERE id = 1") == NEW
        with pytest.raises(Refused, match="begun and not finished"):
            draw_up_rectification(office, number, [wish("visitor", "1")], by="privacy")
        assert write_back(office, number, by="privacy").counts == {"written": 1}
        assert office.ledger.corrections.of_case(number).state is CorrectionState.WRITTEN


def test_it_is_answered_when_every_step_is_true(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("visitor", "1"))
        write_back(office, number, by="privacy")
        for one in list_recipients(office, number, by="privacy"):
            entry = Entry("recipient.told", "privacy", case=number)
            office.ledger.notices.told(number, one.recipient.id, on=today(), entry=entry)
        moved = Entry("case.moved", "privacy", case=number)
        with pytest.raises(Refused, match="letter-sent"):
            office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=moved)
        with pytest.raises(Refused, match="cannot be said"):
            office.ledger.steps.done(number, Step.CORRECTED, entry=Entry("case.step", "privacy", case=number))
        office.ledger.steps.done(number, Step.LETTER, entry=Entry("case.step", "privacy", case=number))
        assert office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=moved).state is State.ANSWERED


def test_a_file_that_is_wrong_is_named_without_its_values(tmp_path: Path) -> None:
    file = tmp_path / "wishes.toml"
    file.write_text('[[correction]]\nsystem = "desk"\ndataset = "visitor"\nkey = "1"\nkolom = "geheim"\n', "utf-8")
    with pytest.raises(Refused, match=r"not understood: correction\.0\.kolom") as wrong:
        read_wishes(file)
    assert "geheim" not in str(wrong.value)
    file.write_text("[[correction]\n", "utf-8")
    with pytest.raises(Refused, match="not a TOML file"):
        read_wishes(file)


def _dies(*_given: object, **_named: object) -> None:
    raise KeyboardInterrupt


def test_a_plan_that_is_refused_is_not_kept(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        digest = agreed(annas, office, number, wish("visitor", "1"))
        office.ledger.corrections.begin(digest, entry=Entry("correction.begun", "privacy", case=number))
        with pytest.raises(Refused, match="begun and not finished"):
            draw_up_rectification(office, number, [wish("visitor", "1", value="0600000000")], by="privacy")
        assert [plan.digest for plan in office.ledger.plans.list_plans()] == [digest]
        write_back(office, number, by="privacy")
        assert [plan.state for plan in office.ledger.plans.list_plans()] == ["carried out"]


def test_a_crash_before_the_plan_was_settled_is_made_good(annas: ErasingHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("visitor", "1"))
        with monkeypatch.context() as crash:
            crash.setattr(type(office.ledger.plans), "settle", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                write_back(office, number, by="privacy")
        assert [plan.state for plan in office.ledger.plans.list_plans()] == ["kept"]
        write_back(office, number, by="privacy")
        assert [plan.state for plan in office.ledger.plans.list_plans()] == ["carried out"]


def test_a_request_taken_up_again_is_listed_told_and_written_about_anew(annas: ErasingHouse) -> None:
    number = annas.case(CaseKind.RECTIFICATION)
    with open_office() as office:
        agreed(annas, office, number, wish("visitor", "1"))
        write_back(office, number, by="privacy")
        case, notices = office.ledger.cases.read_case(number), office.ledger.notices
        told = [one.recipient.id for one in list_recipients(office, number, by="privacy")]
        assert told, "somebody received what was corrected"
        for party in told:
            notices.told(number, party, on=today(), entry=Entry("recipient.told", "privacy", case=number))
            notices.confirmed(number, party, on=today(), entry=Entry("recipient.confirmed", "privacy", case=number))
        office.ledger.steps.done(number, Step.LETTER, entry=Entry("case.step", "privacy", case=number))
        moved = Entry("case.moved", "privacy", case=number)
        for to in (State.IN_PROGRESS, State.ANSWERED, State.IN_PROGRESS):
            if office.ledger.cases.read_case(number).state is not to:
                case = office.ledger.cases.move(number, to, on=today(), entry=moved)
        done = office.ledger.steps.of(case, today())
        assert Step.CORRECTED in done
        assert not {Step.LETTER, Step.LISTED} & done
        with pytest.raises(Refused):
            office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=moved)
        again = list_recipients(office, number, by="privacy")
        assert [one.recipient.id for one in again] == told
        assert all((one.told_on, one.confirmed_on, one.excused_on) == (None,) * 3 for one in again)
        done = office.ledger.steps.of(case, today())
        assert Step.LISTED in done
        assert Step.TOLD not in done
        assert office.ledger.verify().ok
