"""A letter of a case, by real mail and by post: kept before it leaves, once, to the address of the case only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.cases import Case, CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.identity import Identifier
from domain.letters import LetterKind
from domain.morning import MorningList
from domain.recipients import Recipient
from domain.representatives import Asker, Capacity, Proof, of_kind
from domain.secrecy import SecrecyKind
from domain.trouble import Refused
from ledger.holds import Ground
from ledger.letters import LetterState
from ledger.schema import events
from reports.dutch import day
from tasks import clock
from tasks.clock import today
from tasks.correspondence import lay_letter, send_again, send_letter
from tasks.letter_moves import move_with_letter, send_waiting_letters
from tasks.office import Office, open_office
from tasks.year_report import tell_year, ways_of_cases
from tests.golden.test_reports import words_of
from tests.stories.postbox import Postbox, open_postbox
from tests.stories.small_house import SmallHouse

MARK = "Zonderlinge"
SUBJECT = {"name": f"Mevrouw {MARK}", "surname": MARK, "email": f"{MARK}@example.org", "address": ["Markplein 9"]}


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    house.secrets |= {"TERMIJN_SMTP_HOST": "127.0.0.1", "TERMIJN_SMTP_PORT": str(postbox[1])}
    house.secrets["TERMIJN_MAIL_FROM"] = "privacy@12care.example"
    here = {
        "TERMIJN_SKIN": "plain",
        "TERMIJN_REGISTER_DIR": str(house.register),
        "TERMIJN_LEDGER": f"sqlite:///{tmp_path / 'ledger.db'}",
        "TERMIJN_OUT": str(tmp_path / "out"),
        **house.secrets,
    }
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    return house


def asked(office: Office, kind: CaseKind = CaseKind.ACCESS, *, known: bool = False, **subject: object) -> Case:
    entry = Entry("case.received", "privacy")
    case = office.ledger.cases.open_case(
        kind, received_on=today(), channel="mail", subject=subject or SUBJECT, entry=entry
    )
    if known:
        check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", today())
        case = office.ledger.cases.record_identity(case.number, check, entry=Entry("case.identity", "privacy"))
    return case


def test_an_acknowledgement_goes_once_and_leaves_no_name_behind(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    box, _ = postbox
    with open_office() as office:
        case = asked(office)
        facts = {"mail": "M2026-0001", "in-reply-to": "<1@example.org>"}
        assert send_letter(office, case, "acknowledgement", facts) is None
        assert send_letter(office, case, "acknowledgement", facts) is None, "it went already"
        [mail] = box.mails
        assert mail["To"] == f"{MARK}@example.org"
        assert mail["Subject"] == f"Uw verzoek {case.number}: wij hebben uw verzoek ontvangen"
        assert mail["Message-ID"] == f"<{case.number}.acknowledgement.1@12care.example>"
        assert (mail["In-Reply-To"], mail["Auto-Submitted"]) == ("<1@example.org>", "auto-replied")
        words = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
        assert "inzage in uw gegevens" in words
        assert case.number in words
        assert MARK not in words
        [kept] = office.ledger.letters.of_case(case.number)
        assert (kept.state, kept.attempts, kept.gone_on) == (LetterState.SENT, 1, today())
        with office.ledger.events.read() as connection:
            told = str(connection.execute(select(events)).all())
        assert MARK not in told
        assert "letter.sent" in told
        assert office.ledger.verify().ok
    assert MARK.encode() not in (house.folder / "ledger.db").read_bytes()
    assert not list((house.folder / "out").rglob("*")), "no copy of it lies about"


def test_what_the_server_did_not_take_is_an_alarm_and_goes_later_as_the_same_message(
    house: SmallHouse, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house
    box, _ = postbox
    box.closed, rung = True, []
    monkeypatch.setattr("tasks.correspondence.announce_event", lambda *a, **k: rung.append((a, k)))
    with open_office() as office:
        case = asked(office)
        trouble = send_letter(office, case, "acknowledgement", {})
        assert trouble is not None
        assert "mail server did not take it" in trouble
        assert MARK not in trouble
        assert [a for a, _ in rung] == [("termijn.mail.failed",)]
        [waits] = office.ledger.letters.waiting()
        assert waits.state is LetterState.FAILED
        box.closed = False
        assert send_letter(office, case, "acknowledgement", {}) is None
        assert [m["Message-ID"] for m in box.mails] == [waits.message_id]
        assert office.ledger.letters.waiting() == ()
        assert office.ledger.letters.of_case(case.number)[0].attempts == 2


def test_killed_while_it_is_sent_it_goes_again_under_its_first_name_and_the_ledger_says_so(
    house: SmallHouse, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, _ = postbox
    with open_office() as office:
        case = asked(office)
    killed = house.run_python(
        "import os, sys\n"
        "import tasks.correspondence as c\nfrom tasks.office import open_office\n"
        "to_server = c.hand_over\n"
        "def die(office, message):\n    to_server(office, message)\n    os._exit(9)\n"
        "c.hand_over = die\n"
        "with open_office() as office:\n"
        "    c.send_letter(office, office.ledger.cases.read_case(sys.argv[1]), 'acknowledgement', {})\n",
        case.number,
    )
    assert killed.returncode == 9, killed.stderr
    with open_office() as office:
        [cut] = office.ledger.letters.waiting()
        assert (cut.state, cut.attempts) == (LetterState.TRYING, 1)
        at_once = send_letter(office, case, "acknowledgement", {})
        assert at_once is not None
        assert "being sent at this moment" in at_once
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr("tasks.office.now", lambda: later)
    with open_office() as office:
        assert send_letter(office, case, "acknowledgement", {}) is None
        assert len({m["Message-ID"] for m in box.mails}) == 1
        with office.ledger.events.read() as connection:
            tried = connection.scalars(select(events.c.body).where(events.c.kind == "letter.tried")).all()
        assert ["trying" in body.partition('"record"')[0] for body in tried] == [False, True]


def test_what_says_something_of_the_person_goes_only_to_who_was_checked(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    assert house
    with open_office() as office:
        stranger, known = asked(office), asked(office, known=True)
        for kind in ("answer", "part-refusal", "destroyed", "consent-withdrawn", "restriction-lifted"):
            trouble = send_letter(office, stranger, kind, {"purpose": "x", "reasons": "y", "lifted_on": "2026-12-01"})
            assert trouble is not None
            assert "nobody checked who asks" in trouble
        assert send_letter(office, known, "answer", {}) is None
        assert send_letter(office, stranger, "forwarding", {"practice": "Praktijk De Brug"}) is None
        assert send_letter(office, known, "forwarding", {"practice": "Praktijk De Brug"}) is None
    named = ["De Brug" in m.get_payload(decode=True).decode() for m in postbox[0].mails[1:]]  # type: ignore[union-attr]
    assert named == [False, True], "that somebody is a patient there is not told to a stranger"


def test_a_letter_that_cannot_be_mailed_waits_for_the_post(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    assert house
    with open_office() as office:
        case = asked(office, name=f"Heer {MARK}", address=["Markplein 9", "3511 AA Utrecht"])
        trouble = send_letter(
            office, case, "refusal", {"reasons": ["Wij hebben deze gegevens niet."], "article": "AVG 15"}
        )
        assert trouble is not None
        assert "no mail address is known" in trouble
        [one] = office.ledger.letters.waiting()
        assert one.state is LetterState.BY_POST
        office.ledger.letters.posted(one, on=today(), entry=Entry("letter.posted", "privacy", case=case.number))
        assert send_letter(office, case, "refusal", {}) is None
        assert "letter-sent" in {s.value for s in office.ledger.steps.of(case, today())}
        odd = asked(office, name="X", email="a@b.nl, c@d.nl")
        assert "cannot be used" in str(send_letter(office, odd, "acknowledgement", {}))
    assert postbox[0].mails == []


def test_what_a_letter_needs_is_asked_for_and_an_unknown_kind_named(house: SmallHouse) -> None:
    assert house
    with open_office() as office:
        case = asked(office)
        assert "needs: article, reasons" in str(send_letter(office, case, "refusal", {}))
        assert "there are: acknowledgement" in str(send_letter(office, case, "greeting", {}))
        assert office.ledger.letters.of_case(case.number) == ()
        assert office.ledger.letters.find(case.number, LetterKind.REFUSAL, "1") is None


def test_a_letter_changed_by_hand_shows(house: SmallHouse) -> None:
    with open_office() as office:
        case = asked(office)
        send_letter(office, case, "acknowledgement", {})
    with sqlite3.connect(house.folder / "ledger.db") as db:
        db.execute("UPDATE letters SET gone_on = '2020-01-01'")
        with pytest.raises(sqlite3.IntegrityError, match="stay as they were written"):
            db.execute("DELETE FROM letters")
    with open_office() as office:
        assert not office.ledger.verify().ok


def test_a_question_goes_before_the_clock_stops_and_nothing_moves_where_it_did_not_go(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    box, _ = postbox
    with open_office() as office:
        case = asked(office)
    box.closed = True
    refused = house.termijn("case", "move", case.number, "identity-asked")
    assert refused.returncode == 4
    assert "did not go, so the case did not move" in refused.stderr
    box.closed = False
    assert house.termijn("case", "move", case.number, "identity-asked").returncode == 0
    with open_office() as office:
        [pause] = office.ledger.cases.read_case(case.number).pauses
        assert pause.asked_on == today()
    back = house.termijn("case", "move", case.number, "in-progress")
    assert back.returncode == 0, back.stderr
    assert house.termijn("case", "move", case.number, "identity-asked").returncode == 0
    assert [m["Message-ID"].partition("@")[0] for m in box.mails] == [
        f"<{case.number}.identity-question.1", f"<{case.number}.identity-question.2"]  # fmt: skip


def test_a_refusal_has_its_letter_and_the_step_is_shown_by_it(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    with open_office() as office:
        case = asked(office)
    asked_for = house.termijn("case", "move", case.number, "refused")
    assert asked_for.returncode == 4
    assert "needs: article, reasons" in asked_for.stderr
    facts = house.folder / "facts.toml"
    facts.write_text('reasons = ["U vroeg dit gisteren ook."]\narticle = "AVG 12 lid 5"\n', "utf-8")
    done = house.termijn("case", "move", case.number, "refused", "--facts", str(facts))
    assert done.returncode == 0, done.stderr
    [mail] = postbox[0].mails
    words = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    for said in ("U vroeg dit gisteren ook.", "AVG 12 lid 5", "Autoriteit", "zes weken", "Functionaris"):
        assert said in words
    steps = house.termijn("case", "steps", case.number)
    assert "letter-sent" in steps.stdout
    shown = house.termijn("letter", "show", case.number)
    assert "refusal" in shown.stdout
    assert "nothing is owed" in shown.stdout
    with open_office() as office:
        told = str([e.body for e in office.ledger.events.events(case=case.number)])
        assert "gisteren" not in told, "the reasons stand in the letter and in no event"
        assert office.ledger.verify().ok
        year = tell_year(office, today().year, today())
        assert [(r.ground, r.whole, r.part) for r in year.refusals] == [("AVG 12 lid 5", 1, 0)]
    made = house.termijn("year", str(today().year), "--for", "board")
    assert made.returncode == 0, made.stderr
    assert "AVG 12 lid 5" in words_of(Path(made.stdout.strip()).read_bytes(), house.folder)


def test_a_part_refusal_is_counted_by_the_ground_of_each_part_once_it_went(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    with open_office() as office:
        case = asked(office, CaseKind.RECTIFICATION, known=True)
        given = {"refused": [["het dossier", "dat is een oordeel", "artikel 454 lid 2 boek 7"], ["x", "y", "AVG 16"]]}
        postbox[0].closed = True
        assert send_letter(office, case, LetterKind.PART_REFUSAL, given) is not None
        assert part_refused(office) == set(), "it did not leave"
        postbox[0].closed = False
        given["refused"][0][2] = "BW 7:454 lid 2"
        assert send_letter(office, case, LetterKind.PART_REFUSAL, given) is None
        assert part_refused(office) == {"BW 7:454 lid 2", "AVG 16"}, "as it was written last"


def test_who_asks_to_whom_the_data_went_gets_the_list_by_letter(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    with open_office() as office:
        case = asked(office, CaseKind.RECTIFICATION, known=True)
        number, book = case.number, office.ledger.notices
        unlisted = send_letter(office, case, LetterKind.RECIPIENTS, {})
        assert unlisted is not None
        assert "termijn recipients draw-up" in unlisted
        found = [Recipient(one.lower(), one, "recipient") for one in ("Arbodienst", "Bank", "Curator", "Drukker")]
        book.draw_up(number, found, entry=Entry("recipients.listed", "privacy", case=number))
        for party in ("arbodienst", "bank"):
            book.told(number, party, on=today() - timedelta(3), entry=Entry("recipient.told", "privacy", case=number))
        entry = Entry("recipient.confirmed", "privacy", case=number)
        book.confirmed(number, "bank", on=today(), entry=entry)
        book.excuse(number, "curator", on=today(), why="bestaat niet meer", entry=entry)
        postbox[0].closed = True
        assert send_letter(office, case, LetterKind.RECIPIENTS, {}) is not None
        book.told(number, "drukker", on=today(), entry=Entry("recipient.told", "privacy", case=number))
        postbox[0].closed = False
        assert send_letter(office, case, LetterKind.RECIPIENTS, {}) is None
        assert send_letter(office, case, LetterKind.RECIPIENTS, {}) is None, "once"
    [mail] = postbox[0].mails
    words = " ".join(mail.get_payload(decode=True).decode().split())  # type: ignore[union-attr]
    assert f"Arbodienst: wij vertelden het op {day(today() - timedelta(3))}." in words
    assert f"Bank: wij vertelden het op {day(today() - timedelta(3))}. Het antwoord kwam op {day(today())}." in words
    assert "Curator: vertellen kon niet" in words
    assert f"Drukker: wij vertelden het op {day(today())}." in words, "as it stands when it goes"
    assert "bestaat niet meer" not in words
    assert MARK not in mail["Subject"]
    assert "AVG 19" in house.termijn("letter", "show", number).stdout


def test_only_who_was_checked_hears_to_whom_data_went_and_that_there_is_nobody_is_an_answer(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    with open_office() as office:
        for known in (False, True):
            case = asked(office, CaseKind.RESTRICTION, known=known)
            entry = Entry("recipients.listed", "privacy", case=case.number)
            office.ledger.notices.draw_up(case.number, [], entry=entry)
            assert (send_letter(office, case, LetterKind.RECIPIENTS, {}) is None) is known
        refused = send_letter(office, asked(office, CaseKind.ACCESS, known=True), LetterKind.RECIPIENTS, {})
        assert "no recipient is told" in str(refused)
    [mail] = postbox[0].mails
    assert "Niemand anders kreeg deze gegevens van ons" in mail.get_payload(decode=True).decode()  # type: ignore[union-attr]


def part_refused(office: Office) -> set[str]:
    """The grounds of every part refusal, as the yearly report gets them."""
    return {ground for way in ways_of_cases(office) for ground in way.partly_refused_on}


def test_an_extension_is_its_notice_inside_the_first_month_and_once(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    box, _ = postbox
    late = today() - timedelta(days=40)
    with open_office() as office:
        case = asked(office)
        assert send_letter(office, case, "extension", {"reasons": "Het zijn veel systemen."}) is None
        assert office.ledger.cases.read_case(case.number).extended_on == today()
        assert send_letter(office, case, "extension", {"reasons": "Nog meer."}) is None, "that notice went already"
        again = office.ledger.cases.read_case(case.number)
        assert "already extended" in str(send_letter(office, again, "extension", {"reasons": "x", "occasion": "2"}))
        old = office.ledger.cases.open_case(
            CaseKind.ACCESS, received_on=late, channel="mail", subject=SUBJECT, entry=Entry("case.received", "privacy")
        )
        assert "outside the first month" in str(send_letter(office, old, "extension", {"reasons": "x"}))
        with pytest.raises(Refused, match="outside the first month"):
            office.ledger.cases.extend(old.number, on=today(), entry=Entry("case.extended", "privacy"))
        assert office.ledger.cases.read_case(old.number).extended_on is None
    assert len(box.mails) == 1
    assert house


def test_every_change_of_the_clock_says_who_and_why(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    assert postbox
    with open_office() as office:
        number = asked(office).number
    clarified = house.folder / "q.toml"
    clarified.write_text('question = "Welk jaar?"\n', "utf-8")
    longer = house.folder / "e.toml"
    longer.write_text('reasons = ["Het zijn veel systemen."]\n', "utf-8")
    for words in (
        ("case", "move", number, "clarification-asked", "--facts", str(clarified), "--by", "anna"),
        ("case", "move", number, "in-progress", "--why", "belde: alleen 2025", "--by", "anna"),
        ("letter", "send", number, "extension", "--facts", str(longer), "--by", "bert"),
        ("case", "move", number, "withdrawn", "--by", "bert"),
    ):
        ended = house.termijn(*words)
        assert ended.returncode == 0, ended.stderr
    for wrong in ("schreef vanaf anna@example.org", "BSN 123456782"):
        refused = house.termijn("case", "move", number, "closed", "--why", wrong)
        assert (refused.returncode, wrong in refused.stderr) == (4, False)
    with open_office() as office:
        told = [(e.by, json.loads(e.body)["why"]) for e in office.ledger.events.events(case=number) if e.kind in CLOCK]
    assert told == [
        ("anna", "the letter clarification went"),
        ("anna", "belde: alleen 2025"),
        ("bert", "the letter extension went, with its reasons"),
        ("bert", "the person took the request back"),
    ]


#: What changes the clock of a request.
CLOCK = ("case.moved", "case.extended")


def test_a_notice_that_went_before_a_crash_extends_the_case_in_the_morning(
    house: SmallHouse, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house
    box, _ = postbox
    with open_office() as office:
        case, waits = asked(office), asked(office)
        with monkeypatch.context() as broken:
            broken.setattr("tasks.correspondence._follow_up", lambda *_, **__: None)
            assert send_letter(office, case, "extension", {"reasons": "Het zijn veel systemen."}) is None
        box.closed = True
        assert send_letter(office, waits, "acknowledgement", {}) is not None

    def owed_still() -> list[tuple[str, str, str]]:
        look = getattr(send_waiting_letters, "fn", send_waiting_letters)
        return [(one.case, one.letter, one.stands) for one in look(MorningList(as_of=today(), cases=())).letters]

    other = (case.number, "acknowledgement", "not written")
    assert owed_still() == [(waits.number, "acknowledgement", "failed"), other]
    box.closed = False
    assert owed_still() == [other]
    with open_office() as office:
        assert office.ledger.cases.read_case(case.number).extended_on == today()
        assert office.ledger.letters.waiting() == ()
    assert len(box.mails) == 2


def test_a_letter_is_read_printed_and_posted_at_the_desk(house: SmallHouse) -> None:
    del house.secrets["TERMIJN_SMTP_HOST"]
    with open_office() as office:
        case = asked(office)
    draft = house.termijn("letter", "show", case.number, "acknowledgement")
    assert "Wij kijken eerst" in draft.stdout
    assert "a draft" in draft.stdout
    assert "owed now: acknowledgement" in house.termijn("letter", "show", case.number).stdout
    sent = house.termijn("letter", "send", case.number, "acknowledgement")
    assert sent.returncode == 4
    assert "no mail server is named" in sent.stderr
    printed = house.termijn("letter", "print", case.number, "acknowledgement")
    assert printed.returncode == 0, printed.stderr
    paper = house.folder / "out" / "letters" / f"{case.number}-acknowledgement-1.pdf"
    assert paper.read_bytes()[:5] == b"%PDF-"
    assert [p.stat().st_mode & 0o777 for p in (paper.parent, paper)] == [0o700, 0o600], "for the office alone"
    paper.parent.chmod(0o755)
    paper.with_suffix(".pdf.draft").write_bytes(b"left by a crash")
    assert house.termijn("letter", "print", case.number, "acknowledgement").returncode == 0
    assert [p.stat().st_mode & 0o777 for p in (paper.parent, paper)] == [0o700, 0o600]
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert house.termijn("letter", "posted", case.number, "acknowledgement", "--on", tomorrow).returncode == 4
    assert paper.exists()
    assert house.termijn("letter", "posted", case.number, "acknowledgement", "--by", "balie").returncode == 0
    assert list(paper.parent.iterdir()) == [], "what it said is kept in the ledger"
    assert house.termijn("letter", "print", case.number, "acknowledgement").returncode == 0, "as often as one likes"
    assert house.termijn("letter", "posted", case.number, "acknowledgement").returncode == 4, "once"
    assert list(paper.parent.iterdir()) == []
    assert "nothing is owed" in house.termijn("letter", "show", case.number).stdout
    read = house.termijn("letter", "show", case.number, "acknowledgement")
    assert "(posted)" in read.stdout
    unknown = house.termijn("letter", "print", case.number, "refusal", given="Een reden\nAVG 15\n")
    assert unknown.returncode == 0, unknown.stderr


def test_what_did_not_leave_may_be_written_anew_and_what_left_may_not(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    assert house
    box, _ = postbox
    box.closed = True
    with open_office() as office:
        case = asked(office)
        facts = {"question": "Bedoelt u vorig jaar?"}
        assert send_letter(office, case, "clarification", {"question": "Bedoelt u vroig jaar?"}) is not None
        box.closed = False
        assert send_letter(office, case, "clarification", facts) is None
        assert send_letter(office, case, "clarification", {"question": "Of dit jaar?"}) is None
    [mail] = box.mails
    assert "vorig jaar" in mail.get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_a_request_that_is_taken_up_again_needs_a_letter_again(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    assert house
    moved = Entry("case.moved", "privacy")
    with open_office() as office:
        case, facts = asked(office), {"reasons": "Dat weten wij niet.", "article": "AVG 15"}
        assert move_with_letter(office, case.number, State.REFUSED, by="privacy", facts=facts) is None
        office.ledger.cases.move(case.number, State.IN_PROGRESS, on=today(), entry=moved)
        with pytest.raises(Refused, match="letter-sent"):
            office.ledger.cases.move(case.number, State.REFUSED, on=today(), entry=moved)
        with pytest.raises(Refused, match="needs: article, reasons"):
            move_with_letter(office, case.number, State.REFUSED, by="privacy")
        assert move_with_letter(office, case.number, State.REFUSED, by="privacy", facts=facts) is None
        assert office.ledger.verify().ok
    assert [m["Message-ID"].partition("@")[0][-9:] for m in postbox[0].mails] == ["refusal.1", "refusal.2"]


def test_a_restriction_ends_when_its_letter_went(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    with open_office() as office:
        case = asked(office, CaseKind.RESTRICTION, known=True)
        hold = office.ledger.holds.add(
            owner="privacy", reason="juist?", review_on=today(), case=case.number, ground=Ground.ACCURACY,
            identifiers=[Identifier("email", f"{MARK}@example.org".lower())], entry=Entry("hold.added", "privacy"),
        )  # fmt: skip
    assert "was told" in house.termijn("hold", "end", hold.id).stderr
    facts = house.folder / "facts.toml"
    facts.write_text(f'reasons = ["Uw adres is nu goed."]\nlifted_on = {today()}\n', "utf-8")
    which = ("letter", "send", case.number, "restriction-lifted", "--occasion", hold.id)
    sent = house.termijn(*which, "--facts", str(facts))
    assert sent.returncode == 0, sent.stderr
    assert house.termijn("hold", "end", hold.id).returncode == 0
    [mail] = postbox[0].mails
    assert "Uw adres is nu goed." in mail.get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_the_clock_stands_still_from_the_day_the_question_went(house: SmallHouse, postbox: tuple[Postbox, int]) -> None:
    assert house
    box, _ = postbox
    box.closed, moved = True, Entry("case.moved", "privacy")
    before = today() - timedelta(days=3)
    with open_office() as office:
        case = office.ledger.cases.open_case(
            CaseKind.ACCESS,
            received_on=before,
            channel="mail",
            subject=SUBJECT,
            entry=Entry("case.received", "privacy"),
        )
        case = office.ledger.cases.move(case.number, State.IDENTITY_ASKED, on=before, entry=moved)
        assert send_letter(office, case, "identity-question", {"method": "call-back"}) is not None
        box.closed = False
        assert send_letter(office, case, "identity-question", {}) is None
        assert [p.asked_on for p in office.ledger.cases.read_case(case.number).pauses] == [today()]


def test_a_representative_gets_the_letter_and_a_secret_or_another_address_stops_one_that_waits(
    house: SmallHouse, postbox: tuple[Postbox, int]
) -> None:
    assert house
    box, _ = postbox
    with open_office() as office:
        case = asked(office, CaseKind.RECTIFICATION, known=True)
        box.closed = True
        assert send_letter(office, case, "answer", {}) is not None
        box.closed = False
        [waits] = office.ledger.letters.waiting()
        asker = Asker(capacity=Capacity.ATTORNEY, about=of_kind(case.kind))
        person = {"name": "Mr. Raad", "email": "raad@example.org", "address": ["Hof 1"]}
        office.ledger.askers.represent(case.number, asker, person=person, entry=Entry("asker.written", "privacy"))
        with pytest.raises(Refused, match="not proven yet"):
            send_again(office, waits)
        assert send_letter(office, case, "clarification", {"question": "Welk adres bedoelt u?"}) is None
        assert [m["To"] for m in box.mails] == ["raad@example.org"], "who asks is asked, and not the person"
        office.ledger.askers.proven(case.number, Proof.WRITTEN, entry=Entry("asker.proven", "privacy"))
        with pytest.raises(Refused, match="another than when the letter was written"):
            send_again(office, waits)
        office.ledger.secrecy.flag(
            case.number, SecrecyKind.SAFE_ADDRESS, why="verhuisd", entry=Entry("secrecy.flagged", "privacy")
        )
        assert "secrecy flag" in str(send_letter(office, case, "answer", {}))
        with pytest.raises(Refused, match="secrecy flag"):
            lay_letter(office, waits)
    assert len(box.mails) == 1
