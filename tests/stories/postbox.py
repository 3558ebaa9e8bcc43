"""A real mail server on loopback that keeps what it takes, and refuses everything while it is closed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Mail
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Postbox(Message):
    """Keeps what it takes; refuses everything while `closed`."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []
        self.closed = False

    @property
    def taken(self) -> list[str]:
        return [str(mail) for mail in self.mails]

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 - aiosmtpd's name
        _, _, envelope, address, _ = given
        if self.closed:
            return "550 the box is closed"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def open_postbox() -> Iterator[tuple[Postbox, int]]:
    """The box and its port."""
    box = Postbox()
    with socket.socket() as free:  # aiosmtpd cannot choose a port by itself
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()
