"""Consent as the office keeps it: which words, since when; a no is as easy as a yes, and stops what rested on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from cli.main import app
from connectors.mailbox.imap import Arrived
from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.consents import Act
from domain.evidence import Entry
from domain.letters import LetterKind
from domain.secrecy import SecrecyKind
from domain.steps import Step
from domain.trouble import NotConfirmed, Refused
from ledger.mail_places import Place
from tasks import consents
from tasks.adoption import adopt
from tasks.clock import today
from tasks.consents import record, standing_of, who_is, words_shown
from tasks.intake import open_draft
from tasks.office import open_office
from tasks.withdrawals import Settled, report_waiting, settle_all, settle_every_withdrawal
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse, years_ago
from tests.stories.post_office import Letters, letters

__all__ = ["letters"]
CONSENTS = """
[purpose.news]
title = "Nieuwsbrief"
activity = "news"
marketing = true
recipients = ["de drukker"]
[[purpose.news.stops]]
system = "desk"
dataset = "reader"
day = ["last_on"]
[[purpose.news.text]]
version = "1"
since = 2020-01-01
text = "Ja, stuur mij de nieuwsbrief."
[[purpose.news.text]]
version = "2"
since = 2026-01-01
text = "Ja, stuur mij de nieuwsbrief; stoppen kan altijd."

[purpose.pool]
title = "Langer bewaren"
activity = "news"
[[purpose.pool.stops]]
system = "desk"
dataset = "kept"
sets = { kept = false }
[[purpose.pool.text]]
version = "1"
since = 2020-01-01
text = "Ja, bewaar mijn brief een jaar."
"""
KEPT = """
[dataset.{name}]
title = "{title}"
table = "kept"
activity = "{activity}"
key = ["id"]
only = {{ kept = {kept} }}
triggers = ["ended_on"]
identifies = {{ email = "email", phone = "phone", name_born = ["surname", "born_on"] }}
ceiling = {{ records = 5, share = 0.5 }}
columns.id = {{ class = "technical" }}
columns.surname = {{ class = "export", label = "Achternaam" }}
columns.born_on = {{ class = "export", label = "Geboren op" }}
columns.email = {{ class = "export", label = "E-mail" }}
columns.phone = {{ class = "export", label = "Telefoon" }}
columns.kept = {{ class = "export", label = "Bewaren" }}
columns.ended_on = {{ class = "export", label = "Geëindigd op" }}
"""


@pytest.fixture
def office_with_readers(erasing_house: ErasingHouse) -> ErasingHouse:
    """Anna and a namesake read the newsletter and may be kept for a year."""
    house = erasing_house
    system = house.folder / "register" / "systems" / "desk.toml"
    more = KEPT.format(name="kept", title="Bewaard", activity="news", kept="true")
    more += KEPT.format(name="letter", title="Brieven", activity="visits", kept="false")
    system.write_text(system.read_text("utf-8") + more, "utf-8")
    house._write("consents.toml", CONSENTS)
    with house.engine.begin() as db:
        db.execute(
            sa.text(
                "CREATE TABLE kept (id integer PRIMARY KEY, surname varchar(60), born_on date, email varchar(60),"
                " phone varchar(20), kept boolean, ended_on date)"
            )
        )
    for nth, who in ((1, ANNA), (2, BOB)):
        house.put("reader", nth, who, last_on=None)
        house.put("kept", nth, who, kept=True, ended_on=years_ago(0.7))
    return house


def stated(purpose: str, act: Act, *, who: dict[str, str] | None = None, case: str = "", **more: Any) -> Any:
    with open_office() as office:
        named = who_is(office, case=case, person=who)
        return record(office, purpose, act, named, channel="website", by="privacy", **more)


def test_the_words_that_were_shown_can_be_shown_as_they_were(office_with_readers: ErasingHouse) -> None:
    old = stated("news", Act.GIVEN, who=ANNA, on=date(2024, 3, 1)).statement
    new = stated("news", Act.GIVEN, who=BOB).statement
    with open_office() as office:
        assert words_shown(office, old) == "Ja, stuur mij de nieuwsbrief."
        assert words_shown(office, new) == "Ja, stuur mij de nieuwsbrief; stoppen kan altijd."
        assert new.recipients == ("de drukker",)
    office_with_readers._write(
        "consents.toml", CONSENTS.replace("Ja, stuur mij de nieuwsbrief.", "Ja, alles mag, wat u maar wilt.")
    )
    with open_office() as office, pytest.raises(NotConfirmed, match="not what it was"):
        words_shown(office, old)


def test_a_withdrawal_starts_the_term_of_what_rested_on_it_and_touches_no_namesake(
    office_with_readers: ErasingHouse,
) -> None:
    house = office_with_readers
    stated("news", Act.GIVEN, who=ANNA, on=years_ago(1))
    assert stated("news", Act.WITHDRAWN, who=ANNA).waiting == ()
    assert str(house.ask("SELECT last_on FROM reader WHERE id = 1")) == today().isoformat()
    assert house.ask("SELECT last_on FROM reader WHERE id = 2") is None
    with open_office() as office:
        standing, said = standing_of(office, who_is(office, person=ANNA), today())
        assert not standing["news"].stands
        assert [s.act for s in said] == [Act.GIVEN, Act.WITHDRAWN]
        assert standing_of(office, who_is(office, person=BOB), today()) == ({}, ())
        assert settle_all(office, by="privacy").waiting == ()
        assert office.ledger.verify().ok
    stated("news", Act.WITHDRAWN, who=ANNA, on=today())
    assert str(house.ask("SELECT last_on FROM reader WHERE id = 1")) == today().isoformat(), "said twice is said once"


def test_who_may_no_longer_be_kept_falls_under_the_rule_without_consent(office_with_readers: ErasingHouse) -> None:
    house = office_with_readers
    assert stated("pool", Act.WITHDRAWN, who=ANNA).waiting == ()
    assert [bool(house.ask(f"SELECT kept FROM kept WHERE id = {n}")) for n in (1, 2)] == [False, True]
    with open_office() as office, office.connected("desk") as desk:
        assert [len(p) for p in desk.all_keys("letter")] == [1]
    with open_office() as office:
        assert office.ledger.consent_stops.waiting() == ()


def test_a_case_about_consent_ends_when_it_stands_in_the_register_and_nothing_rests_on_it(
    office_with_readers: ErasingHouse,
) -> None:
    number = office_with_readers.case(CaseKind.CONSENT)
    said = stated("news", Act.WITHDRAWN, case=number)
    assert said.waiting == ()
    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        assert Step.CONSENT in office.ledger.steps.of(case, today())
        assert office.ledger.opt_ins.read(said.statement.number).case == number


def test_what_cannot_be_written_waits_and_an_officer_says_how_it_stopped(
    office_with_readers: ErasingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office_with_readers
    number = house.case(CaseKind.CONSENT)
    with monkeypatch.context() as broken:
        broken.setenv("DESK_URL", f"sqlite:///{house.folder / 'nowhere' / 'desk.db'}")
        said = stated("news", Act.WITHDRAWN, case=number)
        assert len(said.waiting) == 1
        with open_office() as office:
            assert [s.place for s in office.ledger.consent_stops.waiting()] == ["desk.reader"]
            assert Step.CONSENT not in office.ledger.steps.of(office.ledger.cases.read_case(number), today())
    with open_office() as office:
        assert settle_all(office, by="termijn").waiting == ()
        assert Step.CONSENT in office.ledger.steps.of(office.ledger.cases.read_case(number), today())
    assert house.ask("SELECT last_on FROM reader WHERE id = 1") is not None


def test_a_withdrawal_that_waited_takes_nothing_from_who_agreed_again(office_with_readers: ErasingHouse) -> None:
    house = office_with_readers
    for old, new in (("kept", "away"), ("away", "kept")):
        with house.engine.begin() as db:
            db.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))
        if new == "away":
            assert len(stated("pool", Act.WITHDRAWN, who=ANNA, on=years_ago(0.1)).waiting) == 1
    stated("pool", Act.GIVEN, who=ANNA)
    with open_office() as office:
        [waits] = settle_all(office, by="termijn").waiting
    assert "given again" in waits
    assert house.ask("SELECT kept FROM kept WHERE id = 1")


def test_one_of_whom_nobody_is_sure_is_not_written_before_a_person_decides(office_with_readers: ErasingHouse) -> None:
    said = stated("news", Act.WITHDRAWN, who={"email": ANNA["email"]})
    assert "1 records may be this person's" in said.waiting[0]
    assert office_with_readers.ask("SELECT last_on FROM reader WHERE id = 1") is None
    runner = CliRunner()
    done = runner.invoke(
        app, ["consent", "stopped", said.statement.number, "desk.reader", "--by", "privacy", "--why", "met de hand"]
    )
    assert done.exit_code == 0, done.output
    with open_office() as office:
        assert office.ledger.consent_stops.waiting() == ()


def test_withdrawing_takes_no_more_words_than_giving(office_with_readers: ErasingHouse) -> None:
    house, runner = office_with_readers, CliRunner()
    file = house.folder / "who.toml"
    file.write_text("".join(f'{k} = "{v}"\n' for k, v in ANNA.items()), "utf-8")
    same = ["news", "--channel", "letter", "--by", "privacy", "--subject", str(file)]
    for verb, standing in (("record", "yes"), ("withdraw", "NO")):
        done = runner.invoke(app, ["consent", verb, *same])
        assert done.exit_code == 0, done.output
        shown = runner.invoke(app, ["consent", "show", "--by", "privacy", "--subject", str(file)])
        assert standing in shown.output
        assert ANNA["email"] not in shown.output
    words = runner.invoke(app, ["consent", "words", "C000001"])
    assert words.output.strip() == "Ja, stuur mij de nieuwsbrief; stoppen kan altijd."


def test_no_byte_of_the_ledger_names_who_agreed(office_with_readers: ErasingHouse) -> None:
    stated("news", Act.GIVEN, who=ANNA, proof="getekend door anna, 10.0.0.7")
    with open_office() as office:
        assert office.ledger.opt_ins.proof_of("C000001") == "getekend door anna, 10.0.0.7"
        assert office.ledger.opt_ins.person_of("C000001")["email"] == ANNA["email"]
    raw = b"".join(f.read_bytes() for f in office_with_readers.folder.glob("ledger.db*"))
    assert ANNA["email"].encode() not in raw
    assert b"10.0.0.7" not in raw


def test_a_statement_that_is_gone_or_changed_by_hand_is_noticed(office_with_readers: ErasingHouse) -> None:
    for n in (3, 2, 1):
        stated("news", Act.GIVEN, who=ANNA, on=today() - timedelta(n))
    with open_office() as office, office.ledger.events.engine.connect() as db:
        db.execution_options(termijn_writes=True)
        with pytest.raises(sa.exc.IntegrityError, match="stay as they were"):
            db.exec_driver_sql("DELETE FROM consents WHERE number = 'C000002'")
        db.rollback()
    with open_office() as office, pytest.raises(Refused, match="whose consent"):
        who_is(office)


def test_a_withdrawal_by_mail_ends_answered_and_closed(
    office_with_readers: ErasingHouse,
    letters: Letters,
) -> None:
    """From the message to the last state, with the letter, by the steps of its kind and no other."""
    raw = (
        f"From: anna <{ANNA['email']}>\r\nTo: privacy@example.org\r\nMessage-ID: <1@voorbeeld.nl>\r\n"
        "Subject: nieuwsbrief\r\n\r\nHierbij trek ik mijn toestemming voor de nieuwsbrief in.\r\n"
    )
    with open_office() as office:
        place, moment = Place("privacy", 1, 1), datetime(2026, 11, 20, 9, tzinfo=UTC)
        came = open_draft(office, place, Arrived(1, moment, len(raw), raw.encode()))
        assert came is not None
        [case], _ = adopt(office, came.number, (), by="privacy")
        assert case.kind is CaseKind.CONSENT
        number, entry = case.number, Entry("case.moved", "privacy", case=case.number)
        check = IdentityCheck(IdentityMethod.KNOWN_ADDRESS, IdentityResult.VERIFIED, "privacy", today())
        office.ledger.cases.record_identity(number, check, entry=Entry("case.identity", "privacy", case=number))
        office.ledger.cases.describe(number, dict(ANNA), entry=Entry("case.described", "privacy", case=number))
        office.ledger.cases.move(number, State.IN_PROGRESS, on=today(), entry=entry)
        for to in (State.ANSWERED, State.REFUSED):
            with pytest.raises(Refused, match=r"consent-recorded|never refused"):
                office.ledger.cases.move(number, to, on=today(), entry=entry)
    done = CliRunner().invoke(
        app, ["consent", "withdraw", "news", "--case", number, "--channel", f"mail {came.number}", "--by", "privacy"]
    )
    assert done.exit_code == 0, done.output
    letter = letters.taken[-1]
    assert letter["To"] == ANNA["email"]
    assert "Nieuwsbrief" in str(letter.get_payload(decode=True), "utf-8")
    assert ANNA["surname"] not in str(letter["Subject"])
    with open_office() as office:
        for to in (State.ANSWERED, State.CLOSED):
            office.ledger.cases.move(number, to, on=today(), entry=entry)
        assert office.ledger.verify().ok


def test_what_a_killed_command_left_undone_is_done_in_the_morning(
    office_with_readers: ErasingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office_with_readers.case(CaseKind.CONSENT)
    with monkeypatch.context() as broken:
        broken.setattr(consents, "settle", _dies)
        with pytest.raises(KeyboardInterrupt):
            stated("news", Act.WITHDRAWN, case=number)
    assert office_with_readers.ask("SELECT last_on FROM reader WHERE id = 1") is None
    given = office_with_readers.case(CaseKind.CONSENT, BOB)
    with monkeypatch.context() as broken:
        broken.setattr(consents, "answer", _dies)
        with pytest.raises(KeyboardInterrupt):
            stated("pool", Act.GIVEN, case=given)
    with open_office() as office:
        assert settle_all(office, by="termijn").waiting == ()
        for one in (number, given):
            assert Step.CONSENT in office.ledger.steps.of(office.ledger.cases.read_case(one), today())
    assert office_with_readers.ask("SELECT last_on FROM reader WHERE id = 1") is not None


def test_a_case_about_two_consents_waits_for_both(office_with_readers: ErasingHouse) -> None:
    house = office_with_readers
    number = house.case(CaseKind.CONSENT)
    with house.engine.begin() as db:
        db.execute(sa.text("ALTER TABLE kept RENAME TO weg"))
    assert stated("pool", Act.WITHDRAWN, case=number).waiting != ()
    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        assert Step.CONSENT not in office.ledger.steps.of(case, today())
    with house.engine.begin() as db:
        db.execute(sa.text("ALTER TABLE weg RENAME TO kept"))
    assert stated("news", Act.WITHDRAWN, case=number).waiting == ()
    with open_office() as office:
        assert Step.CONSENT not in office.ledger.steps.of(case, today()), "the other still waits"
        assert settle_all(office, by="termijn").waiting == ()
        assert Step.CONSENT in office.ledger.steps.of(case, today())


def plain(verb: Any) -> Any:
    """The verb without Prefect around it."""
    return getattr(verb, "fn", verb)


def away(house: ErasingHouse, *, back: bool = False) -> None:
    """The table of what is kept longer is gone for a while, so that a withdrawal waits."""
    with house.engine.begin() as db:
        db.execute(sa.text("ALTER TABLE weg RENAME TO kept" if back else "ALTER TABLE kept RENAME TO weg"))


def test_a_withdrawal_that_waited_in_a_case_of_objection_gets_its_letter_too(
    office_with_readers: ErasingHouse, letters: Letters
) -> None:
    number = office_with_readers.case(CaseKind.OBJECTION)
    away(office_with_readers)
    said = stated("pool", Act.WITHDRAWN, case=number)
    assert len(said.waiting) == 1
    assert letters.taken == []
    away(office_with_readers, back=True)
    with open_office() as office:
        assert settle_all(office, by="termijn") == Settled()
        [kept] = office.ledger.letters.of_case(number)
        assert (kept.kind, kept.occasion, kept.state.is_gone) == (
            LetterKind.CONSENT_WITHDRAWN, said.statement.number, True,
        )  # fmt: skip
        assert settle_all(office, by="termijn") == Settled()
    assert [mail["To"] for mail in letters.taken] == [ANNA["email"]], "once"


def test_a_letter_that_may_not_go_reaches_the_report_of_the_morning_and_the_rest_is_told(
    office_with_readers: ErasingHouse, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office_with_readers
    away(house)
    objection, consent = house.case(CaseKind.OBJECTION), house.case(CaseKind.CONSENT, BOB)
    first, second = (stated("pool", Act.WITHDRAWN, case=one).statement.number for one in (objection, consent))
    away(house, back=True)
    with open_office() as office:
        entry = Entry("secrecy.flagged", "privacy", case=objection)
        office.ledger.secrecy.flag(objection, SecrecyKind.SAFE_ADDRESS, why="verhuisd", entry=entry)
    with pytest.raises(NotConfirmed, match="1 letter about a consent did not go"):
        plain(report_waiting)(plain(settle_every_withdrawal)())
    with open_office() as office:
        found = settle_all(office, by="termijn")
        assert found.waiting == ()
        [line] = found.letters
        assert line.startswith(first)
        assert "secrecy" in line
        assert office.ledger.letters.of_case(objection) == ()
        assert office.ledger.letters.find(consent, LetterKind.CONSENT_WITHDRAWN, second) is not None
    assert "secrecy" in CliRunner().invoke(app, ["consent", "settle", "--by", "privacy"]).output
    assert [mail["To"] for mail in letters.taken] == [BOB["email"]]


def _dies(*_given: object, **_named: object) -> None:
    raise KeyboardInterrupt
