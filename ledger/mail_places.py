"""What makes a message the same message: a copy that came again, or the very one in a mailbox that was renumbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Any

from sqlalchemy import Connection, Row, select, update

from domain.evidence import leaf
from ledger.chain import Writing
from ledger.schema import mail
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies: the mailbox, its UIDVALIDITY, its UID."""

    mailbox: str
    validity: int
    uid: int


def content_of(raw: bytes | None, place: Place, of_size: str) -> bytes:
    """What makes two deliveries the same message: Message-ID line and body, not the postmarks of the way."""
    if raw is None:
        return f"{place.mailbox}:{of_size or f'{place.validity}:{place.uid}'}".encode()
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept = (b"message-id:", b"from:", b"subject:", b"date:")
    return b"\n".join(line for line in head.split(b"\n") if line.lower().startswith(kept)) + b"\n\n" + body


def copies_of(connection: Connection, keyring: Keyring, marks: Sequence[str]) -> list[Row[Any]]:
    """The kept messages of this content, oldest first. Raises LedgerBroken."""
    same = select(*(c for c in mail.columns if c.name != "raw")).where(mail.c.content.in_(marks))
    return check_seals(keyring, mail, connection.execute(same.order_by(mail.c.year, mail.c.serial)))


def is_moved(writing: Writing, keyring: Keyring, row: Row[Any], place: Place) -> bool:
    """Whether this kept message is the one at this place, numbered anew by its server; if so, its place is kept."""
    if row.mailbox != place.mailbox or row.validity == str(place.validity):
        return False
    values = {**row._asdict(), "validity": str(place.validity), "uid": str(place.uid)}
    values["seal"] = seal_of(keyring, mail, values)
    writing.connection.execute(update(mail).where(mail.c.number == row.number).values(values))
    writing.subject, writing.kind = row.number, "mail.renumbered"
    return True


def marks_of(keyring: Keyring, said: bytes) -> list[str]:
    """The keyed marks of these bytes, newest evidence key first."""
    return [leaf(keyring.evidence_key(k), "mail", "mark", said.hex()).hex() for k in keyring.evidence_ids]


def mark_mail(writing: Writing, keyring: Keyring) -> None:
    """Mark every message whose words are still kept anew with the newest evidence key: an older one may then go.

    One out of which copies were taken is from then on known as it is kept, reduced; one whose words were forgotten is
    known as long as the key of its mark exists.
    """
    connection = writing.connection
    for number in connection.scalars(select(mail.c.number).where(mail.c.raw.is_not(None))).all():
        [row] = check_seals(keyring, mail, connection.execute(select(mail).where(mail.c.number == number)))
        raw = keyring.decrypt(row.raw, of=f"mail.raw:{number}")
        content = content_of(raw, Place(row.mailbox, int(row.validity), int(row.uid)), "")
        said = " ".join(str(BytesHeaderParser().parsebytes(raw).get("message-id", "")).split()).encode() or content
        values = {**row._asdict(), "mark": marks_of(keyring, said)[0], "content": marks_of(keyring, content)[0]}
        values["seal"] = seal_of(keyring, mail, values)
        values.pop("raw")
        connection.execute(update(mail).where(mail.c.number == number).values(values))
