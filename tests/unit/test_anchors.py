"""Anchors: a place of the chain laid down outside, by mail or by a timestamp service that really signs."""

from __future__ import annotations

import email
import email.policy
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.evidence import Entry, Head
from domain.trouble import LedgerBroken, NotFound, Refused, SourceUnreadable, TermijnError
from ledger.anchors import Way, record_anchor
from ledger.officers import OfficerRole
from tasks.timestamp import ask_timestamp
from tests.unit.ledger_desk import Desk

VERIFIER = Path(__file__).parents[2] / "ledger/auditor/verify_ledger.py"
_CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/cert.pem
certs = {folder}/cert.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
"""
_CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=tsa -days 2 "
    "-addext extendedKeyUsage=critical,timeStamping"
)


class Service(ThreadingHTTPServer):
    """A timestamp service of `openssl ts`; what it answers can be spoilt."""

    folder: Path
    spoil = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/tsr"

    def answer(self, asked: bytes) -> bytes:
        (self.folder / "asked.tsq").write_bytes(asked)
        query = self.folder / "asked.tsq"
        if self.spoil == "another question":
            query = self.folder / "other.tsq"
            _run(f"openssl ts -query -digest {'00' * 32} -sha256 -out other.tsq", self.folder)
        if self.spoil == "refused":
            query.write_bytes(b"\x30\x00")
        _run(f"openssl ts -reply -queryfile {query} -config tsa.cnf -section here -out given.tsr", self.folder)
        given = (self.folder / "given.tsr").read_bytes()
        return {"nonsense": b"no timestamp", "long": b"\x30" * 300_000, "cut off": given[:-9]}.get(self.spoil, given)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Service)
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.spoil == "down":
            self.send_error(503)
            return
        given = self.server.answer(asked)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(given)))
        self.end_headers()
        self.wfile.write(given)

    def log_message(self, *args: object) -> None:
        pass


def _run(command: str, folder: Path) -> str:
    return subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("tsa")
    _run(_CERTIFICATE, folder)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    server = Service(("127.0.0.1", 0), _Handler)
    server.folder = folder
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def office(paper: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk's ledger as the commands open it: by the clock of this machine. Three officers can sign."""
    paper.now = datetime.now(UTC) - timedelta(hours=1)
    paper.office()
    paper.enrol("board", OfficerRole.MANAGEMENT)
    monkeypatch.setenv("TERMIJN_LEDGER", paper.url)
    monkeypatch.setenv("TERMIJN_OUT", str(tmp_path / "out"))
    return paper


def termijn(*words: str) -> str:
    done = CliRunner().invoke(app, ["ledger", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_mail_keeps_the_head_outside_and_nothing_else(office: Desk, tmp_path: Path) -> None:
    head = office.ledger.events.head()
    assert f"anchored: {head}" in termijn("anchor", "--mail", "auditor@example.org", "--by", "fg")
    file = tmp_path / "out" / "mail" / f"head-{head.seq}.eml"
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == "auditor@example.org"
    assert str(head) in message.get_content()
    *_, event = office.ledger.events.events()
    assert event.kind == "head.anchored"
    assert json.loads(event.body)["record"]["anchor"] == [head.seq, head.hash]
    assert "auditor" not in event.body
    assert office.ledger.verify().ok


def test_a_mail_that_is_not_taken_is_told_and_stays_in_the_outbox(
    office: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERMIJN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TERMIJN_SMTP_PORT", "1")
    head = office.ledger.events.head()
    with pytest.raises(TermijnError, match="mail server"):
        termijn("anchor", "--mail", "auditor@example.org")
    assert (tmp_path / "out" / "mail" / f"head-{head.seq}.eml").is_file()
    *_, event = office.ledger.events.events()
    assert json.loads(event.body)["facts"] == {"sent": False}


def test_a_timestamp_of_the_head_goes_into_the_chain_and_an_auditor_checks_it_with_openssl(
    office: Desk, service: Service, tmp_path: Path
) -> None:
    head = office.ledger.events.head()
    assert f"anchored: {head}" in termijn("anchor", "--tsa", service.url, "--by", "fg")
    assert office.ledger.verify().ok
    termijn("export", str(tmp_path / "export.jsonl"))
    command = [sys.executable, "-I", "-S", str(VERIFIER), "export.jsonl", "--stamps", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 anchors" in done.stdout
    told = next(line for line in done.stdout.splitlines() if line.startswith("check it: "))
    check = told.removeprefix("check it: ").rpartition(" ")[0] + f" {service.folder}/cert.pem"
    assert head.hash in check
    assert "Verification: OK" in _run(check, tmp_path)


@pytest.mark.parametrize("spoil", ["down", "refused", "nonsense", "long", "cut off", "another question"])
def test_what_is_no_timestamp_of_what_was_asked_is_no_anchor(office: Desk, service: Service, spoil: str) -> None:
    service.spoil = spoil
    before = office.ledger.events.head()
    with pytest.raises(SourceUnreadable, match="timestamp"):
        termijn("anchor", "--tsa", service.url)
    assert office.ledger.events.head() == before


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "nonsense", "ftp://127.0.0.1/"])
def test_a_service_that_does_not_answer_says_what_to_do(url: str) -> None:
    with pytest.raises(SourceUnreadable, match="--mail"):
        ask_timestamp(url, bytes(32))


@pytest.mark.parametrize("words", [[], ["--mail", "a@example.org", "--tsa", "http://127.0.0.1:1/"]])
def test_an_anchor_goes_one_way(office: Desk, words: list[str]) -> None:
    with pytest.raises(Refused, match="one way"):
        termijn("anchor", *words)


def test_an_empty_ledger_and_another_chain_are_not_anchored(paper: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERMIJN_LEDGER", paper.url)
    assert paper.ledger.events.head() == Head()
    with pytest.raises(Refused, match="nothing happened"):
        termijn("anchor", "--mail", "a@example.org")
    paper.office()
    with pytest.raises(Refused, match="another hash"):
        record_anchor(paper.ledger.events, Head(1, "f" * 64), Way.MAIL, entry=Entry("head anchored", "fg"))


def test_the_command_verifies_against_heads_that_were_kept(office: Desk) -> None:
    head = office.ledger.events.head()
    assert "the ledger verifies" in termijn("verify", "--head", str(head), "--head", "1:" + _hash_of(office, 1))
    with pytest.raises(LedgerBroken, match="kept elsewhere"):
        termijn("verify", "--head", f"{head.seq}:{'0' * 64}")
    with pytest.raises(LedgerBroken, match="kept elsewhere"):
        termijn("verify", "--head", f"{head.seq + 1}:{head.hash}")
    with pytest.raises(Refused, match="no place in the chain"):
        termijn("verify", "--head", "last week")


def test_the_export_on_the_screen_is_the_export_in_the_file(office: Desk, tmp_path: Path) -> None:
    told = termijn("export", str(tmp_path / "new" / "export.jsonl"))
    assert str(office.ledger.events.head()) in told
    assert (tmp_path / "new" / "export.jsonl").read_text("utf-8") == termijn("export")
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["export.jsonl"]
    assert termijn("verifier") == VERIFIER.read_text("utf-8")


def test_two_officers_destroy_a_key_at_the_command_line(office: Desk) -> None:
    def sign(name: str, *words: str) -> str:
        """An officer's code counts once, so each signs once."""
        return termijn("destroy-key", "e1", *words, "--by", name, "--code", office.secrets[name].now())

    assert "e2 is in use" in termijn("rotate-keys", "--evidence", "--by", "fg")
    sign("dev", "--ask")
    sign("fg", "--approve")
    with pytest.raises(Refused, match="used before"):
        sign("fg")
    assert "e1 is destroyed" in sign("board")
    assert [one["id"] for one in json.loads(Path(office.keyring.path or "").read_text())["evidence"]] == ["e2"]
    with pytest.raises(Refused, match="who asks"):
        termijn("destroy-key", "e1", "--ask", "--approve", "--by", "fg", "--code", "0")
    with pytest.raises(NotFound, match="no such evidence key"):
        termijn("destroy-key", "e1", "--ask", "--by", "fg", "--code", "0")
    with pytest.raises(Refused, match="destroy-key"):
        termijn("rotate-keys", "--evidence", "--forget")


def _hash_of(desk: Desk, seq: int) -> str:
    return next(e.hash for e in desk.ledger.events.events() if e.seq == seq)
