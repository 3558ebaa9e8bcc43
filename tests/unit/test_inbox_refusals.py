"""What a mail server refuses to hand over is asked for again: it is not taken for a message that is gone."""

from __future__ import annotations

from imaplib import IMAP4
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.mailbox.imap import Inbox

FACTS = b'2 (UID 2 RFC822.SIZE 3 INTERNALDATE "01-Nov-2026 10:00:00 +0100")'


class _Refusing:
    """A server that answers NO to the first message, as one does that is busy with it: dovecot cannot be asked to."""

    def response(self, name: str) -> tuple[str, list[bytes]]:
        return name, [b"\\*"]

    def uid(self, command: str, number: str, what: str) -> tuple[str, list[Any]]:
        del command
        if number == "1":
            return "NO", [b"[UNAVAILABLE] try later"]
        return "OK", [(b"2 (UID 2 BODY[] {3}", b"abc"), b")"] if "BODY" in what else [FACTS]


def test_a_message_that_is_refused_is_not_passed_over() -> None:
    box: Any = SimpleNamespace(
        client=_Refusing(),
        folder=SimpleNamespace(status=lambda *_: {"UIDVALIDITY": 7}),
        uids=lambda _: ["1", "2"],
    )
    with pytest.raises(IMAP4.error):
        list(Inbox(box, "INBOX").after(0, largest=99))
    assert [a.uid for a in Inbox(box, "INBOX").after(1, largest=99)] == [2]
