"""A mail server for stories: it keeps what is sent, and refuses what it is told to refuse."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Catcher


class Letters(Catcher):
    """Keeps what is sent; refuses addresses that start with `vol`."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Message] = []
        self.full = True

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002, N802
        if self.full and address.startswith("vol"):
            return "552 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.taken.append(message)

    @property
    def to(self) -> list[str]:
        return sorted(str(m["To"]) for m in self.taken)


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    caught = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(caught, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("TERMIJN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TERMIJN_SMTP_PORT", str(port))
    monkeypatch.setenv("TERMIJN_MAIL_PER_MINUTE", "1000000")
    yield caught
    server.stop()
