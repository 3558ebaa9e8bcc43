"""The verbs that show a person what a message says: each reading is kept first."""

from __future__ import annotations

from connectors.mailbox.attached import attachments_of
from connectors.mailbox.message import Unparseable, take_apart
from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from tasks.office import Office


def words_of(office: Office, number: str, *, entry: Entry) -> list[tuple[str, str]]:
    """What a message says, for a person's eyes; that it was read is kept first. Raises NotFound."""
    raw = office.ledger.mail.raw_of(number, entry=entry)
    try:
        mail = take_apart(raw)
    except Unparseable:
        return [("unreadable", f"{len(raw)} bytes, kept as they came")]
    attached = [("attached", f"{a.name} ({a.media_type}, {a.size} bytes)") for a in mail.attachments]
    return [("from", mail.sender), ("subject", mail.subject), ("text", mail.text), *attached]


def attachment_of(office: Office, number: str, nth: int, *, entry: Entry) -> bytes:
    """The bytes of one attachment, the first being 1; that it was read is kept first. Raises NotFound, Refused."""
    raw = office.ledger.mail.raw_of(number, entry=entry)
    try:
        found = attachments_of(raw)
    except Unparseable:
        raise Refused("this message cannot be taken apart", where=number, do="read it in the mailbox") from None
    if nth > len(found):
        raise NotFound(f"this message has {len(found)} attachments", where=number, do="count them: termijn mail show")
    return found[nth - 1].body
