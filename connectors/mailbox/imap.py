"""How the mailbox is read: IMAP over verified TLS, new messages by UID, nothing ever moved or deleted."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from imaplib import IMAP4
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from imap_tools import MailBox
from imap_tools.errors import ImapToolsError, MailboxLoginError

from domain.trouble import SourceUnreadable

#: What we set on a message that the ledger holds. A keyword, not a folder: nothing leaves the inbox by us.
KEPT = "$TermijnKept"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # as IMAP writes them, whatever our language
_HERE = ZoneInfo("Europe/Amsterdam")
#: Seconds without a word from the server: then the next run goes on.
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as it lies in the mailbox; `raw` is None where it is too large or the server does not give it."""

    uid: int
    arrived_at: datetime
    size: int
    raw: bytes | None = field(repr=False)


class Inbox:
    """An open mailbox folder. `since`: what came before that day is left alone, neither read nor marked."""

    def __init__(self, box: MailBox, folder: str, since: date | None = None) -> None:
        self._box = box
        self._since = since
        flags = b" ".join(f for f in box.client.response("PERMANENTFLAGS")[1] if f)
        self._keeps_marks = b"\\*" in flags or KEPT.encode() in flags
        self.validity = int(box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def after(self, uid: int, *, largest: int) -> Iterator[Arrived]:
        """The messages with a higher UID, oldest first, one in memory at a time."""
        found = sorted(int(u) for u in self._box.uids(f"UID {uid + 1}:*{self._days(-1)}"))
        for number in (u for u in found if u > uid):  # "n:*" always names the last one, also when it is older
            answer = self._box.client.uid("FETCH", str(number), "(RFC822.SIZE INTERNALDATE)")
            if answer[0] != "OK":  # not gone: what is skipped here would never be asked for again
                raise IMAP4.error("the server refused to hand over a message")
            facts = _bytes_of(answer)
            size = re.search(rb"RFC822\.SIZE (\d+)", facts)
            day = re.search(rb'INTERNALDATE "([^"]+)"', facts)
            if size is None or day is None:
                continue  # taken away by somebody since the search
            at = datetime.strptime(day[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z")
            if self._since is not None and at.astimezone(_HERE).date() < self._since:
                continue
            raw = self._read(number) if int(size[1]) <= largest else None
            yield Arrived(number, at, int(size[1]), raw)

    def unmarked(self, last: int) -> list[int]:
        """The messages up to this UID that do not show that the ledger holds them: a run ended before it marked."""
        found = self._box.uids(f"UID 1:{last} UNKEYWORD {KEPT}{self._days(1)}") if last and self._keeps_marks else []
        return sorted(int(u) for u in found if int(u) <= last)

    def mark(self, uid: int) -> None:
        """Show in the mailbox that the ledger holds this message, where the server keeps marks (Exchange does not).

        Only call it after the ledger stored it. The mark is for the eye: what was kept is known from the ledger.
        """
        if self._keeps_marks:
            self._box.client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({KEPT})")

    def _days(self, later: int) -> str:
        """The condition of a search by day. A server counts days in a zone of its own: one day is doubtful."""
        if self._since is None:
            return ""
        day = self._since + timedelta(days=later)
        return f" SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"

    def _read(self, uid: int) -> bytes | None:
        """The message; None where the server has it and does not give it: the others do not wait for it."""
        answer = self._box.client.uid("FETCH", str(uid), "(BODY.PEEK[])")
        for piece in answer[1]:
            if isinstance(piece, tuple):
                return bytes(piece[1])
        return b"" if re.search(rb'BODY\[\] (""|NIL)', _bytes_of(answer)) else None


@contextmanager
def open_inbox(
    host: str,
    port: int,
    user: str,
    secret: str,
    *,
    folder: str = "INBOX",
    oauth: bool = False,
    ca: Path | None = None,
    since: date | None = None,
) -> Iterator[Inbox]:
    """Open the mailbox over TLS; certificate and host name are verified. Raises SourceUnreadable.

    `oauth`: the secret is a token (XOAUTH2), else a password.
    """
    try:
        box = MailBox(host, port, timeout=PATIENCE, ssl_context=ssl.create_default_context(cafile=ca))
        with _logged_in(box, user, secret, oauth=oauth):
            box.folder.set(folder)
            yield Inbox(box, folder, since)
    except (OSError, ImapToolsError, IMAP4.error) as failure:
        raise SourceUnreadable(
            f"the mailbox cannot be read ({type(failure).__name__})",
            where="mailbox",
            do="look at host, port, certificate and folder; every message is still there",
        ) from None


def _logged_in(box: MailBox, user: str, secret: str, *, oauth: bool) -> MailBox:
    try:
        enter = box.xoauth2 if oauth else box.login
        return enter(user, secret, None)
    except IMAP4.abort:
        raise  # the line broke: that says nothing of the secret
    except (MailboxLoginError, IMAP4.error):
        what, do = "password", "look at TERMIJN_MAILBOX_USER and renew the secret"
        if oauth:
            what, do = (
                "token",
                "a token lives about an hour: renew it, or name who gives one in TERMIJN_MAILBOX_TOKEN_URL",
            )
        raise SourceUnreadable(
            f"the mail server does not accept the {what}", where="mailbox", do=f"{do}; every message is still there"
        ) from None


def _bytes_of(answer: tuple[str, list[Any]]) -> bytes:
    return b" ".join(p[0] if isinstance(p, tuple) else p for p in answer[1] if p)
