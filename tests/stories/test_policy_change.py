"""Everybody hears once that our privacy policy changed: two officers chose the words, and a killed run goes on."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.trouble import NotConfirmed, Refused
from ledger.approvals import What
from ledger.mailings import Fate
from tasks import policy
from tasks.office import open_office, open_register
from tasks.policy import end_telling, tell_all
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse
from tests.stories.post_office import Letters, letters

__all__ = ["letters"]
POLICY = """
[[version]]
version = "2"
since = 2026-12-01
subject = "Onze verklaring verandert"
told = "U hoeft geen kopie van uw paspoort meer te sturen. Wat wij met uw gegevens doen, verandert niet. Groet."
told_in_english = "You need not send a copy of your passport any more. What we do with your data does not change."
[[tell]]
system = "desk"
dataset = "visitor"
[[tell]]
system = "desk"
dataset = "reader"
[[leave]]
system = "desk"
dataset = "patient"
because = "de praktijk licht haar patiënten in"
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ErasingHouse:
    """Anna visits and reads; Bob reads; 30 more visit; a patient of a practice."""
    house = ErasingHouse(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)
    house._write("policy.toml", POLICY)
    house.put("visitor", 1, ANNA)
    house.put("reader", 1, {**ANNA, "email": "Anna@Voorbeeld.NL"})
    house.put("reader", 2, BOB)
    house.put("patient", 1, {**BOB, "email": "patient@voorbeeld.nl"})
    for n in range(10, 40):
        house.put("visitor", n, {**BOB, "email": f"bezoeker{n}@voorbeeld.nl"})
    house.put("visitor", 40, {**BOB, "email": "geen adres"})
    return house


def agree(house: ErasingHouse) -> str:
    runner, digest = CliRunner(), open_register().policy_changes.digest("2")
    for officer, flag in (("privacy", "--ask"), ("fg", "--approve")):
        done = runner.invoke(app, ["mailing", "policy", "2", flag, "--by", officer], input=house.code(officer) + "\n")
        assert done.exit_code == 0, done.output
    return digest


def run(*, doubtful: bool = False) -> policy.Told:
    with open_office() as office:
        return end_telling(office, tell_all(office, "2", rehearsal=False, doubtful_again=doubtful))


def test_everybody_is_told_once_and_a_rehearsal_tells_nobody(house: ErasingHouse, letters: Letters) -> None:
    with open_office() as office:
        rehearsed = tell_all(office, "2")
    assert (rehearsed.sent, letters.taken) == (32, [])
    with pytest.raises(Refused, match="two officers"):
        run()
    digest = agree(house)
    told = run()
    assert (told.sent, told.before, told.whole) == (32, 0, True)
    assert letters.to == sorted({ANNA["email"], BOB["email"], *(f"bezoeker{n}@voorbeeld.nl" for n in range(10, 40))})
    one = letters.taken[0]
    assert one["Subject"] == "Onze verklaring verandert"
    assert "paspoort" in str(one.get_payload(decode=True), "utf-8")
    assert (run().sent, len(letters.taken)) == (0, 32), "who was told is not told again"
    house.put("visitor", 50, {**BOB, "email": "nieuw@voorbeeld.nl"})
    assert run().sent == 1
    with open_office() as office:
        assert office.ledger.mailings.counts(digest) == {Fate.SENT: 33}
        assert office.ledger.verify().ok
    raw = b"".join(f.read_bytes() for f in house.folder.glob("ledger.db*"))
    assert b"voorbeeld.nl" not in raw.lower()
    assert not list(house.folder.glob("out/**/*.eml")), "no copy of anybody's address is laid anywhere"


def test_other_words_are_another_message_and_need_another_word_of_two_officers(
    house: ErasingHouse, letters: Letters
) -> None:
    agree(house)
    house._write("policy.toml", POLICY.replace("Groet.", "Tot ziens."))
    with pytest.raises(Refused, match="two officers"):
        run()
    assert letters.taken == []


def test_killed_in_the_middle_nobody_is_told_twice_and_the_one_in_doubt_is_named(
    house: ErasingHouse, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, sends = agree(house), policy.hand_over
    left = iter(range(11))

    def dies(*given: Any) -> str | None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return sends(*given)

    with monkeypatch.context() as broken:
        broken.setattr(policy, "hand_over", dies)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert len(letters.taken) == 11
    with open_office() as office:
        assert office.ledger.mailings.counts(digest) == {Fate.SENT: 11, Fate.RECORDED: 1}
    with pytest.raises(NotConfirmed, match="1 IN DOUBT"):
        run()
    assert len(letters.to) == len(set(letters.to)) == 31
    told = run(doubtful=True)
    assert (told.sent, told.before, told.doubtful) == (1, 31, 0)
    assert len(letters.to) == len(set(letters.to)) == 32


def test_what_a_mail_server_refuses_is_an_alarm_and_is_tried_again(house: ErasingHouse, letters: Letters) -> None:
    digest = agree(house)
    house.put("visitor", 60, {**BOB, "email": "vol@voorbeeld.nl"})
    with pytest.raises(NotConfirmed, match="1 FAILED") as why:
        run()
    assert "vol@" not in str(why.value)
    letters.full = False
    assert run().sent == 1
    with open_office() as office:
        assert office.ledger.mailings.counts(digest) == {Fate.SENT: 33}


def test_dead_addresses_do_not_keep_the_others_from_being_told(
    house: ErasingHouse, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(house)
    dead = {f"bezoeker{n}@voorbeeld.nl" for n in range(10, 39, 3)}  # ten, between others
    really = policy.hand_over
    monkeypatch.setattr(policy, "hand_over", lambda o, m: "refused" if m["To"] in dead else really(o, m))
    with pytest.raises(NotConfirmed, match="10 FAILED"):
        run()
    house.put("visitor", 60, {**BOB, "email": "nieuw@voorbeeld.nl"})
    with pytest.raises(NotConfirmed, match="10 FAILED"):
        run()
    assert "nieuw@voorbeeld.nl" in letters.to


def test_a_mail_server_that_takes_nothing_ends_it_soon(
    house: ErasingHouse, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(house)
    with monkeypatch.context() as silent:
        silent.setenv("TERMIJN_SMTP_PORT", "9")
        with pytest.raises(NotConfirmed, match="refused 10 messages in a row"):
            run()
    assert run().sent == 32
    assert len(letters.to) == 32
    monkeypatch.delenv("TERMIJN_SMTP_HOST")
    with pytest.raises(Refused, match="no mail server"):
        run()


def test_a_system_that_cannot_be_read_is_named_and_the_others_are_told(house: ErasingHouse, letters: Letters) -> None:
    agree(house)
    with sqlite3.connect(house.folder / "desk.db") as db:
        db.execute("ALTER TABLE reader RENAME TO lezer")
    with pytest.raises(NotConfirmed, match=r"not read: desk\.reader"):
        run()
    assert len(letters.to) == 31
    with sqlite3.connect(house.folder / "desk.db") as db:
        db.execute("ALTER TABLE lezer RENAME TO reader")
    assert run().sent == 1


def test_it_goes_no_faster_than_the_settings_say(
    house: ErasingHouse, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, sent_in = list[float](), 0.25
    monkeypatch.setenv("TERMIJN_MAIL_PER_MINUTE", "30")
    monkeypatch.setattr(policy.time, "sleep", waits.append)
    monkeypatch.setattr(policy, "stopwatch", lambda: lambda: sent_in)
    agree(house)
    assert run().sent == len(letters.taken) == 32
    assert waits == [2 - sent_in] * 32, "two seconds for each letter, those of sending among them"


def test_an_approval_that_is_taken_back_stops_the_next_page(house: ErasingHouse) -> None:
    from domain.evidence import Entry

    digest = agree(house)
    with open_office() as office:
        office.ledger.mailings.check_may_go_on(digest, as_of=policy.today())
        office.ledger.approvals.revoke(What.MAILING, digest, entry=Entry("approval.revoked", "fg"))
        with pytest.raises(Refused, match="not any more"):
            office.ledger.mailings.check_may_go_on(digest, as_of=policy.today())


def test_the_command_says_who_would_hear_it(house: ErasingHouse) -> None:
    shown = CliRunner().invoke(app, ["mailing", "policy", "2"])
    assert re.search(r"to: desk\.visitor, desk\.reader", shown.output)
    told = subprocess.run(
        [sys.executable, "-m", "cli.main", "mailing", "tell", "2"], capture_output=True, text=True, check=False
    )
    assert told.stdout == "32 would be told; 0 told before\n", told.stderr + str(house.folder)
