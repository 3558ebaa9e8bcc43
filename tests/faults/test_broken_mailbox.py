"""A mailbox that breaks off, is renumbered or holds what is no message: each message is kept once, and none is lost."""

from __future__ import annotations

import email
import os
import random
import shutil
import socket
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import policy
from pathlib import Path

import pytest

from connectors.mailbox import imap
from connectors.mailbox.message import Unparseable, take_apart
from domain.evidence import Entry
from domain.intake import asks_of, language_of, own_words
from domain.trouble import SourceUnreadable
from ledger.own_data import Messages
from tasks.adoption import adopt
from tasks.office import open_office
from tests.stories.imap_house import Dovecot, letter, open_dovecot, settings_of
from tests.stories.small_house import SmallHouse
from tests.stories.test_mailbox import DATA, read

LETTERS = [letter(f"Ik wil inzage. {n}" + "x" * 5_000, number=n) for n in range(6)]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with open_dovecot() as server:
        yield server


@pytest.fixture
def user(tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    user = f"f{abs(hash(request.node.name))}"
    for name, value in settings_of(SmallHouse(tmp_path), dovecot, user).items():
        monkeypatch.setenv(name, value)
    return user


@contextmanager
def line_that_breaks(port: int, after: int) -> Iterator[int]:
    """A port that passes everything on to the server, and breaks off once the server sent so many bytes."""
    left, gate = [after], socket.create_server(("127.0.0.1", 0))

    def pass_on(source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1024):
                left[0] -= len(data) if counted else 0
                if left[0] < 0:
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = gate.accept()
                far = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pass_on, args=(near, far), kwargs={"counted": False}, daemon=True).start()
                threading.Thread(target=pass_on, args=(far, near), kwargs={"counted": True}, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield gate.getsockname()[1]
    gate.close()


def all_kept_once(dovecot: Dovecot, user: str, letters: list[bytes]) -> None:
    assert dovecot.kept(user) == (len(letters), len(letters))
    with open_office() as office:
        entry = Entry("mail.read", "privacy")
        kept = [office.ledger.mail.raw_of(m.number, entry=entry) for m in office.ledger.mail.list_all()]
        assert office.ledger.verify().ok
    assert [k.replace(b"\r\n", b"\n") for k in kept] == letters


def test_wherever_the_line_breaks_the_next_reading_goes_on(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "PATIENCE", 5)
    dovecot.put(user, *LETTERS)
    broke = 0
    for after in (0, 800, 2_500, 6_000, 9_000, 13_000, 19_000, 30_000):
        with line_that_breaks(dovecot.port, after) as port:
            monkeypatch.setenv("TERMIJN_MAILBOX_PORT", str(port))
            with suppress(SourceUnreadable):
                read()
                broke -= 1
            broke += 1
    assert broke >= 5
    monkeypatch.setenv("TERMIJN_MAILBOX_PORT", str(dovecot.port))
    read()
    all_kept_once(dovecot, user, LETTERS)


def test_a_server_that_is_killed_midway_and_comes_back_has_lost_us_nothing(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.put(user, *LETTERS)
    mark = imap.Inbox.mark

    def killed(self: imap.Inbox, uid: int) -> None:
        if uid == 3:
            dovecot.kill()
        mark(self, uid)

    with monkeypatch.context() as broken:
        broken.setattr(imap.Inbox, "mark", killed)
        with pytest.raises(SourceUnreadable):
            read()
    with pytest.raises(SourceUnreadable, match="cannot be read"):
        read()
    dovecot.start()
    assert read().kept == len(LETTERS) - 3
    all_kept_once(dovecot, user, LETTERS)


def test_a_mailbox_that_is_renumbered_brings_nothing_twice(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, *LETTERS, b"Subject: groot\n\n" + b"x\n" * 400_000)
    assert read().kept == len(LETTERS) + 1
    with open_office() as office:
        before = office.ledger.mail.list_all()
    number_anew(dovecot, user)
    dovecot.put(user, letter("Ik wil inzage.", number=99))
    assert read().kept == 1, "only what is new"
    assert read().kept == 0
    with open_office() as office:
        assert office.ledger.mail.list_all()[:-1] == before
        assert office.ledger.verify().ok


def number_anew(dovecot: Dovecot, user: str) -> None:
    """The server forgets its numbers, as after a move or a restore: another UIDVALIDITY."""
    dovecot.kill()
    for trace in (dovecot.folder / "mail" / user).glob("dovecot*"):
        trace.unlink() if trace.is_file() else shutil.rmtree(trace)
    dovecot.start()


def with_copy(number: int) -> bytes:
    made = email.message_from_bytes(letter("Ik wil inzage, zie mijn paspoort.", number=number), policy=policy.default)
    made.add_attachment(b"\xff\xd8beeld", maintype="image", subtype="jpeg", filename="paspoort.jpg")  # type: ignore[attr-defined]
    return made.as_bytes()


def test_what_was_settled_and_reduced_is_known_again_under_a_new_key_in_a_mailbox_that_is_renumbered(
    dovecot: Dovecot, user: str
) -> None:
    copy = with_copy(1)
    dovecot.put(user, copy, letter("Wat zijn uw openingstijden?", number=2), letter("Nog iets", number=3))
    assert read().kept == 3
    with open_office() as office:
        copied, forgotten, _ = (m.number for m in office.ledger.mail.list_all())
        adopt(office, copied, (), by="privacy")
        assert len(office.ledger.id_copies.list_all()) == 1
        office.ledger.mail.set_aside(forgotten, entry=Entry("mail.set-aside", "privacy", why="beantwoord"))
        Messages(office.ledger.events).forget([(forgotten,)])
        office.ledger.rotate_evidence_key(entry=Entry("evidence key rotated", "fg"))
        before = office.ledger.mail.list_all()
    for _ in range(2):
        number_anew(dovecot, user)
        assert read().kept == 0, "each is known again"
        with open_office() as office:
            office.ledger.rotate_evidence_key(entry=Entry("evidence key rotated", "fg"))
    dovecot.put(user, copy, with_copy(4))
    assert read().states == {"aside": 1, "draft": 1}
    with open_office() as office:
        assert office.ledger.mail.list_all()[:3] == before
        assert [m.reason for m in office.ledger.mail.list_all("aside")][1:] == [f"came before: {copied}"]
        assert office.ledger.verify().ok


def test_what_is_no_message_is_kept_too_and_stops_nothing(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERMIJN_MAILBOX_LARGEST")
    dovecot.put(user, LETTERS[0], letter("Ik wil inzage.\n" + ("0" * 900 + "\n") * 27_000, number=8))
    new = dovecot.folder / "mail" / user / "new"
    for name, raw in (("1.empty.x", b""), ("2.noise.x", random.Random(7).randbytes(40_000)), ("3.bare.x", b"\n\n\n")):
        file = new / name
        file.write_bytes(raw)
        shutil.chown(file, "mail", "mail")
        os.utime(file, (1_780_000_000, 1_780_000_000))
    came = read()
    assert came.kept == 5
    assert read().kept == 0
    assert dovecot.kept(user) == (5, 5)
    with open_office() as office:
        sizes = [len(office.ledger.mail.raw_of(m.number, entry=Entry("mail.read", "p"))) for m in
                 office.ledger.mail.list_all()]  # fmt: skip
    assert sorted(sizes)[0] == 0
    assert max(sizes) > 24_000_000


@pytest.mark.skipif(not DATA.exists(), reason="the shared mail files are not on this machine")
def test_mail_that_was_mangled_on_its_way_is_read_or_said_to_be_unreadable() -> None:
    with tarfile.open(DATA) as tar:
        raws = [tar.extractfile(m).read() for m in tar if m.isfile() and "eml_" in m.name]  # type: ignore[union-attr]
    chance = random.Random(20261125)
    for _ in range(1_500):
        raw = bytearray(chance.choice(raws)[:20_000])
        for _ in range(chance.randint(1, 40) if raw else 0):
            at = chance.randrange(len(raw))
            match chance.randrange(4):
                case 0:
                    raw[at] = chance.randrange(256)
                case 1:
                    del raw[at : at + chance.randrange(40)]
                case 2:
                    raw[at:at] = raw[max(0, at - chance.randrange(200)) : at]
                case _:
                    raw[at:at] = chance.choice((b"=?", b"?=", b"\r\n", b'"', b";", b"\0", b"--", b"%", b"*0*="))
            raw = raw or bytearray(b"x")
        try:
            mail = take_apart(bytes(raw))
        except Unparseable:
            continue
        asks_of(mail.subject, mail.text)
        language_of(own_words(mail.text))


def test_nothing_in_a_message_makes_the_reading_slow() -> None:
    for bomb in ("<!--" * 250_000, "<![" * 300_000, "<a " * 300_000, "&#" * 400_000, "<" * 900_000):
        raw = b"Content-Type: text/html\n\n" + bomb.encode()
        mail = take_apart(raw)
        asks_of(mail.subject, mail.text)
    for bomb in ("op " * 300_000, "verwijder " * 100_000, "niet " * 200_000, "wie heeft " * 90_000, "> " * 400_000):
        asks_of(bomb, bomb)
