"""The mailbox opens with a token: given as it is, or asked of an identity server; a wrong one is said clearly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from domain.morning import MorningList
from domain.trouble import SourceUnreadable
from reports import deadline_list_markdown
from tasks.mailbox_check import look_at_mailbox
from tests.stories.imap_house import Dovecot, letter, open_dovecot, settings_of
from tests.stories.small_house import SmallHouse
from tests.stories.test_mailbox import read

TOKEN, USER = "eyGoodForAnHour", "privacy"


def looked_at_mailbox() -> str:
    """What the morning's list says of the mailbox."""
    seen: MorningList = getattr(look_at_mailbox, "fn", look_at_mailbox)(MorningList(as_of=date(2026, 3, 2), cases=()))
    assert not seen.mailbox or seen.mailbox in deadline_list_markdown(seen)
    return seen.mailbox


class Identity(BaseHTTPRequestHandler):
    """Gives a token to the client who knows its secret, and tells dovecot whose a token is."""

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if asked.get("client_secret") == ["clientsecret"] and asked["grant_type"] == ["client_credentials"]:
            self._say(200, {"access_token": TOKEN, "expires_in": 3600})
        else:
            self._say(401, {"error": "invalid_client"})

    def do_GET(self) -> None:
        good = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        self._say(200, {"active": good, "username": USER} if good else {"active": False})

    def _say(self, code: int, told: dict[str, object]) -> None:
        body = json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@pytest.fixture(scope="module")
def identity() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Identity)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def dovecot(identity: str) -> Iterator[Dovecot]:
    with open_dovecot(tokens=f"{identity}/introspect") as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in settings_of(SmallHouse(tmp_path), dovecot, USER).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_token_opens_the_mailbox_and_a_stale_one_says_so(dovecot: Dovecot, house: pytest.MonkeyPatch) -> None:
    house.setenv("TERMIJN_MAILBOX_OAUTH", "true")
    house.setenv("MAILBOX_SECRET", TOKEN)
    dovecot.put(USER, letter("Ik wil inzage."))
    assert read().kept == 1
    assert looked_at_mailbox() == ""
    house.setenv("MAILBOX_SECRET", "eyStale")
    with pytest.raises(SourceUnreadable, match="does not accept the token") as stale:
        read()
    assert "does not accept the token" in looked_at_mailbox(), "the morning says so too"
    assert "eyStale" not in str(stale.value)
    house.delenv("TERMIJN_MAILBOX_OAUTH")
    with pytest.raises(SourceUnreadable, match="does not accept the password"):
        read()


def test_the_client_asks_for_its_own_token(identity: str, house: pytest.MonkeyPatch) -> None:
    house.setenv("TERMIJN_MAILBOX_TOKEN_URL", f"{identity}/token")
    house.setenv("MAILBOX_SECRET", "clientsecret")
    assert read().kept >= 0
    house.setenv("MAILBOX_SECRET", "oldsecret")
    with pytest.raises(SourceUnreadable, match=r"gave no token \(HTTP 401\)") as refused:
        read()
    assert "oldsecret" not in str(refused.value)
    house.setenv("TERMIJN_MAILBOX_TOKEN_URL", "http://identity.example/token")
    with pytest.raises(SourceUnreadable, match="not https"):
        read()
