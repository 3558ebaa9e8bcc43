"""Erasing one person: what may go is gone and proven, what stays is named, and nothing is complete before it is."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from domain.cases import CaseKind, State
from domain.erasure import Fate, Ground
from domain.evidence import Entry
from domain.instruction import AtPractice, Instruction
from domain.letters import LetterKind
from domain.lists import Answer
from domain.trouble import NotConfirmed, NotFound, Refused
from ledger.approvals import What
from ledger.erasures import ErasureState
from ledger.holds import Ground as RestrictionGround
from tasks import erase, erase_again
from tasks.clock import now, today
from tasks.correspondence import lay_letter as lay_kept
from tasks.correspondence import post_letter, send_letter, write_letter
from tasks.erasure_letter import lay_letter
from tasks.erasure_lists import draw_lists
from tasks.letter_told import read_letter
from tasks.night import NightRun
from tasks.notify import lay_notice, list_recipients
from tasks.office import open_office
from tests.stories.erasing_house import ANNA, BOB, SYSTEM, ErasingHouse, years_ago
from tests.stories.postbox import Postbox, open_postbox


def reads(file: Path, words: str) -> bool:
    """Whether the notice opens with these words only, and says what was done for whom."""
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file)
    plain = file.with_suffix(".plain.pdf")
    with pikepdf.open(file, password=words) as opened:  # pdftotext itself takes no password of over 32 characters
        opened.save(plain, encryption=False)
    told = subprocess.run(["pdftotext", str(plain), "-"], capture_output=True, text=True, check=True)
    return "Gegevens gewist" in told.stdout and ANNA["surname"] in told.stdout


def answers(box: Postbox, number: str) -> bool:
    """Whether the answer went to Anna as a paper that opens with the passphrase of the ledger only."""
    [mail] = box.mails
    words, paper = mail.get_payload()
    assert mail["To"] == ANNA["email"]
    assert ANNA["surname"] not in mail["Subject"] + words.get_payload(decode=True).decode()  # type: ignore[union-attr]
    with open_office() as office:
        one = office.ledger.letters.find(number, LetterKind.DESTROYED, "1")
        assert one is not None
        _, kept = read_letter(office, one)
    content = paper.get_payload(decode=True)  # type: ignore[union-attr]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(content))
    with pikepdf.open(io.BytesIO(content), password=kept.passphrase) as opened:
        return len(opened.pages) >= 1


def run(number: str, *, rehearsal: bool = False) -> erase.Erased:
    """The story of flows/erase_subject, its verbs without Prefect."""
    carry_out = getattr(erase.carry_out_erasure, "fn", erase.carry_out_erasure)
    verify = getattr(erase.verify_erasure, "fn", erase.verify_erasure)
    done = carry_out(number, rehearsal)
    return done if rehearsal else erase.end_erasure(verify(done))


@pytest.fixture
def annas(erasing_house: ErasingHouse) -> ErasingHouse:
    """Anna visited lately, has a paid bill and reads the newsletter; a namesake has the same."""
    house = erasing_house
    for number, who in ((1, ANNA), (2, BOB)):
        house.put("visitor", number, who, left_on=years_ago(0.1 * number))
        house.put("bill", number, who, paid_on=years_ago(2))
        house.put("reader", number, who, last_on=years_ago(0.2))
        for nth in (1, 2):
            with house.engine.begin() as db:
                db.exec_driver_sql(f"INSERT INTO note VALUES ({number * 10 + nth}, {number}, 'geheim')")
    return house


def test_what_may_go_is_gone_what_the_law_keeps_stays_and_the_namesake_is_untouched(
    annas: ErasingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = annas.case()
    digest = annas.approve(number)
    assert run(number, rehearsal=True).counts == {"destroyed": 2, "kept by law": 1, "emptied": 1}
    assert annas.ids("visitor") == [1, 2], "a rehearsal destroys nothing"
    done = run(number)
    assert done.complete
    assert (annas.ids("visitor"), annas.ids("note"), annas.ids("reader")) == ([2], [21, 22], [2])
    assert annas.ids("bill") == [1, 2], "seven years by law"
    assert annas.ask("SELECT phone FROM bill WHERE id = 1") is None, "a column with a term of its own goes"
    assert annas.ask("SELECT phone FROM bill WHERE id = 2") == BOB["phone"]
    with open_office() as office:
        batches = office.ledger.batches
        assert batches.was_destroyed("desk", "visitor", (1,))
        assert batches.was_destroyed("desk", "note", (11,))
        assert not batches.was_destroyed("desk", "bill", (1,))
        assert office.ledger.erasures.of_case(number).state is ErasureState.COMPLETE
        assert office.ledger.erasures.of_case(number).digest == digest
        assert office.ledger.verify().ok
        with pytest.raises(Refused, match=r"recipients-listed \(AVG 19\); letter-sent"):
            office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=Entry("case.answered", "privacy"))
        found = list_recipients(office, number, by="privacy")
        assert [n.recipient.title for n in found] == ["de boekhouder van Bezoek", "de boekhouder van Nieuwsbrief"]
        file, words = lay_notice(office, number, found[0].recipient.id)
        assert reads(file, words)
    with open_postbox() as (box, port), monkeypatch.context() as served:
        served.setenv("TERMIJN_SMTP_HOST", "127.0.0.1")
        served.setenv("TERMIJN_SMTP_PORT", str(port))
        with open_office() as office:
            assert send_letter(office, office.ledger.cases.read_case(number), "destroyed", {}) is None
        assert answers(box, number)
    with open_office() as office:
        with pytest.raises(Refused, match=r"not answered yet: recipients-told"):
            office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=Entry("case.answered", "privacy"))
        told, excused = (n.recipient.id for n in found)
        book = office.ledger.notices
        book.told(number, told, on=today(), entry=Entry("recipient.told", "privacy"))
        book.excuse(number, excused, on=today(), why="bestaat niet meer", entry=Entry("recipient.excused", "privacy"))
        answered = office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=Entry("case.answered", "privacy"))
        assert answered.state is State.ANSWERED
        with pytest.raises(Refused, match="recipients-confirmed"):
            office.ledger.cases.move(number, State.CLOSED, on=today(), entry=Entry("case.closed", "privacy"))
        office.ledger.notices.confirmed(number, told, on=today(), entry=Entry("recipient.confirmed", "privacy"))
        office.ledger.cases.move(number, State.CLOSED, on=today(), entry=Entry("case.closed", "privacy"))
        assert office.ledger.verify().ok
    assert run(number).complete, "carried out twice is once"


def test_a_case_is_not_answered_before_the_erasure_is_complete(annas: ErasingHouse) -> None:
    number = annas.case()
    for _ in range(2):
        with open_office() as office, pytest.raises(Refused, match="not carried out and verified"):
            office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=Entry("case.answered", "privacy"))
        annas.approve(number)


def test_nothing_goes_without_a_second_officer_and_the_approval_names_this_plan(annas: ErasingHouse) -> None:
    number = annas.case()
    with open_office() as office:
        erase.draw_up_erasure(office, number, None)
    with pytest.raises(Refused, match="no second officer"):
        run(number)
    with pytest.raises(Refused, match="two persons"):
        annas.approve(number, by="privacy", asks="privacy")
    annas.approve(number)
    annas.put("visitor", 3, ANNA, left_on=years_ago(0.3))
    with open_office() as office:
        changed = erase.draw_up_erasure(office, number, None).plan
        assert changed.digest != annas, "another plan"
    with pytest.raises(Refused, match="no second officer"):
        run(number)
    assert annas.ids("visitor") == [1, 2, 3]


def test_a_record_that_came_after_the_plan_is_named_and_the_case_is_not_complete(annas: ErasingHouse) -> None:
    number = annas.case()
    annas.approve(number)
    annas.put("visitor", 3, ANNA, left_on=years_ago(0.3))
    with pytest.raises(NotConfirmed, match=r"1 records of desk.visitor are found that may go"):
        run(number)
    assert annas.ids("visitor") == [2, 3], "only what was approved"
    with open_office() as office, pytest.raises(Refused):
        office.ledger.cases.move(number, State.ANSWERED, on=today(), entry=Entry("case.answered", "privacy"))
    annas.approve(number)
    assert run(number).complete
    assert annas.ids("visitor") == [2]


@pytest.mark.parametrize(
    ("what", "fate"), [("hold", Fate.KEPT_FOR_CLAIM), ("restriction", Fate.RESTRICTED), ("request", Fate.OTHER_REQUEST)]
)
def test_what_freezes_the_person_keeps_everything_and_is_named(annas: ErasingHouse, what: str, fate: Fate) -> None:
    number = annas.case()
    annas.approve(number)
    other = annas.case(CaseKind.ACCESS) if what == "request" else ""
    if what != "request":
        from tasks.person import identifiers_from

        with open_office() as office:
            office.ledger.holds.add(
                owner="fg", reason="een geschil", review_on=today() + timedelta(30), entry=Entry("hold.added", "fg"),
                identifiers=identifiers_from(ANNA), ground=RestrictionGround.CLAIM if what == "restriction" else None,
            )  # fmt: skip
    with pytest.raises(NotConfirmed, match="frozen"):
        run(number)
    assert annas.ids("visitor") == [1, 2], "asked again inside the deletion"
    with open_office() as office:
        plan = erase.draw_up_erasure(office, number, None).plan
    assert {line.verdict.fate for line in plan.lines} == {fate}
    assert other == "" or other != number


def test_the_practice_decides_about_its_dossier_and_only_747_455_reaches_it(annas: ErasingHouse) -> None:
    annas.put("patient", 1, ANNA, practice=7, number="C1", changed_on=years_ago(3))
    with open_office() as office:
        plan = erase.draw_up_erasure(office, annas.case(), None).plan
        [dossier] = [line for line in plan.lines if line.dataset == "patient"]
        assert (dossier.verdict.fate, dossier.verdict.article) == (Fate.KEPT_BY_LAW, "BW 7:454")
        medical = erase.draw_up_erasure(office, annas.case(CaseKind.WGBO_DESTRUCTION), None).plan
    assert [(line.dataset, line.verdict.fate) for line in medical.lines] == [("patient", Fate.NOT_OURS)]


def test_what_the_practice_instructs_goes_with_its_statement_and_no_night_takes_it(annas: ErasingHouse) -> None:
    annas.put("patient", 1, ANNA, practice=7, number="C1", changed_on=years_ago(3))
    annas.put("patient", 2, BOB, practice=7, number="C2", changed_on=years_ago(3))
    number = annas.case(CaseKind.WGBO_DESTRUCTION)
    with open_office() as office:
        erase.draw_up_erasure(office, number, None)
        [one] = draw_lists(office, number, by="privacy")
        entry = Entry("list.sent", "privacy")
        office.ledger.lists.send(one, on=today(), code=annas.code("privacy"), entry=entry)
        said = Instruction(answer=Answer.ALL, role=AtPractice.OWNER, reference="brief 17", received_on=today(), kept={})
        entry = Entry("list.instructed", "privacy")
        done = office.ledger.lists.instruct(one, said, code=annas.code("privacy"), entry=entry)
        assert [line.verdict.fate for line in erase.draw_up_erasure(office, number, None).plan.lines] == [Fate.NOT_OURS]
        entry = Entry("list.approved", "fg")
        office.ledger.approvals.approve(What.LIST, [str(done.instruction)], code=annas.code("fg"), entry=entry)
    annas.approve(number)
    assert run(number).complete
    assert annas.ids("patient") == [2]
    with open_office() as office:
        settled = office.ledger.lists.settlement_of(one)
        assert (settled.asked, settled.destroyed) == (1, 1)
        assert office.ledger.verify().ok


def test_a_person_known_nowhere_is_complete_with_nothing_to_do(annas: ErasingHouse) -> None:
    number = annas.case(who={**ANNA, "email": "x@voorbeeld.nl", "phone": "0611111111", "born_on": "1970-01-01"})
    with open_office() as office:
        assert erase.draw_up_erasure(office, number, None).plan.lines == ()
    assert run(number).complete


def test_a_system_that_fails_leaves_the_case_open_and_the_next_run_finishes_it(
    annas: ErasingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = annas.case()
    annas.approve(number)
    real = erase.destroy_dossiers
    calls: list[str] = []

    def cut_off(office, connector, plan, **more):  # type: ignore[no-untyped-def]
        calls.append(plan.rule.name)
        if len(calls) == 2:
            raise Refused("the line was cut", do="nothing")
        return real(office, connector, plan, **more)

    monkeypatch.setattr(erase, "destroy_dossiers", cut_off)
    with pytest.raises(NotConfirmed, match="the line was cut"):
        run(number)
    monkeypatch.setattr(erase, "destroy_dossiers", real)
    with open_office() as office:
        assert office.ledger.erasures.of_case(number).state is ErasureState.BEGUN
    assert run(number).complete
    assert (annas.ids("visitor"), annas.ids("reader")) == ([2], [2])


def test_the_letter_says_what_went_what_stays_and_where_to_complain(annas: ErasingHouse) -> None:
    number = annas.case()
    with open_office() as office, pytest.raises(NotFound, match="nothing was decided"):
        lay_letter(office, number)
    annas.approve(number)
    run(number)
    with open_office() as office:
        file = lay_letter(office, number)
    assert [p.stat().st_mode & 0o777 for p in (file.parent, file)] == [0o700, 0o600]
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here (Debian: poppler-utils)")
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    for said in (
        "Bezoekers",
        "vernietigd",
        "Rekeningen",
        "AWR 52",
        "de boekhouder van Bezoek",
        "Autoriteit",
        "zes weken",
    ):
        assert said in text, said
    assert "Concept" not in text
    assert ANNA["email"] not in text


def test_the_letter_of_an_erasure_does_not_lie_about_once_it_is_in_the_post(annas: ErasingHouse) -> None:
    number = annas.case()
    annas.approve(number)
    run(number)
    with open_office() as office:
        file, case = lay_letter(office, number), office.ledger.cases.read_case(number)
        lay_kept(office, write_letter(office, case, LetterKind.DESTROYED, {}))
        assert len(list(file.parent.iterdir())) == 2
        post_letter(office, number, LetterKind.DESTROYED, on=today(), by="privacy")
        assert list(file.parent.iterdir()) == []


def test_a_wrong_kind_of_case_or_ground_is_refused(annas: ErasingHouse) -> None:
    access = annas.case(CaseKind.ACCESS)
    with open_office() as office:
        with pytest.raises(Refused, match="erases nothing"):
            erase.draw_up_erasure(office, access, None)
        with pytest.raises(Refused, match="case of its own"):
            erase.draw_up_erasure(office, annas.case(), Ground.MEDICAL)
        with pytest.raises(Refused, match="no approval of this erasure"):
            office.ledger.batches.announce(
                rule="desk.visitor", digest="0" * 64, system="desk", dossiers={}, as_of=today(),
                what=What.ERASURE, entry=Entry("batch.announced", "termijn"),
            )  # fmt: skip


def test_a_backup_that_is_put_back_brings_nobody_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = ErasingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
    for nth, who in ((1, ANNA), (2, BOB)):
        house.put("visitor", nth, who, left_on=years_ago(0.1))
        house.put("bill", nth, who, paid_on=years_ago(2))
    shutil.copyfile(tmp_path / "desk.db", tmp_path / "backup.db")
    number = house.case()
    house.approve(number)
    assert run(number).complete
    house.engine.dispose()
    shutil.copyfile(tmp_path / "backup.db", tmp_path / "desk.db")
    assert house.ids("visitor") == [1, 2]
    erase_returned = getattr(erase_again.erase_returned, "fn", erase_again.erase_returned)
    night = NightRun(as_of=today(), systems=["desk"], rehearsal=True, plan="", started=now())
    assert erase_returned(night, "desk") == {"desk.visitor": 1, "desk.bill#visits": 1}
    assert house.ids("visitor") == [1, 2], "a rehearsal destroys nothing"
    night.rehearsal = False
    erase_returned(night, "desk")
    assert (house.ids("visitor"), house.ids("bill")) == ([2], [1, 2])
    assert house.ask("SELECT phone FROM bill WHERE id = 1") is None
    with open_office() as office:
        assert office.ledger.verify().ok


class FiguresHouse(ErasingHouse):
    """The same house, where of a bill that must stay the postcode is coarsened."""

    def _write(self, place: str, text: str) -> None:
        if text is SYSTEM:
            told = {"class": "export", "label": "Postcode", "activity": "figures", "at_expiry": "postcode4"}
            column = ", ".join(f'{k} = "{v}"' for k, v in told.items())
            paid = 'columns.paid_on = { class = "export", label = "Betaald op" }\n'
            text = text.replace(paid, f"{paid}columns.postcode = {{ {column} }}\n")
            ceiling = "column_ceilings = { visits = { records = 5, share = 0.5 }"
            text = text.replace(ceiling, f"{ceiling}, figures = {{ records = 5, share = 0.5 }}")
            (self.folder / "register" / "systems").mkdir(parents=True)
            visits = (self.folder / "register" / "activities" / "visits.toml").read_text("utf-8")
            figures = visits.replace('title = "Bezoek"', 'title = "Cijfers"').replace('"destroy"', '"anonymise"')
            super()._write("activities/figures.toml", figures)
        super()._write(place, text)

    def _tables(self) -> None:
        super()._tables()
        with self.engine.begin() as db:
            db.exec_driver_sql("ALTER TABLE bill ADD COLUMN postcode varchar(7)")


def test_of_what_the_law_keeps_a_column_is_made_anonymous_and_the_letter_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = FiguresHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
    for nth, who in ((1, ANNA), (2, BOB)):
        house.put("bill", nth, who, paid_on=years_ago(2), postcode="1234 AB")
    number = house.case()
    house.approve(number)
    assert run(number, rehearsal=True).counts == {"kept by law": 1, "emptied": 1, "made anonymous": 1}
    assert house.ask("SELECT postcode FROM bill WHERE id = 1") == "1234 AB"
    assert run(number).complete
    assert house.ids("bill") == [1, 2]
    assert house.ask("SELECT postcode FROM bill WHERE id = 1") == "1234"
    assert house.ask("SELECT postcode FROM bill WHERE id = 2") == "1234 AB", "another's"
    with open_office() as office:
        assert office.ledger.batches.was_destroyed("desk", "bill#figures", (1,))
        assert not office.ledger.batches.was_destroyed("desk", "bill", (1,))
        assert office.ledger.verify().ok
        file = lay_letter(office, number)
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    assert "zo veranderd dat het niets meer over u zegt" in " ".join(text.split())
