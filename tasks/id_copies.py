"""The verb of copies of identity documents that came by mail: take them out of the message, and give them a term."""

from __future__ import annotations

from connectors.mailbox.attached import Attached, attachments_of, without
from connectors.mailbox.message import Unparseable, take_apart
from domain.evidence import Entry
from domain.intake import looks_like_identity
from domain.trouble import NotFound
from tasks.artifacts import announce_event
from tasks.careful import tell
from tasks.office import Office

#: The flag of a message with an attachment that looks like one.
IDENTITY = "identity document"
#: The flag of such a message of which nothing could be taken out: a person looks, no reading opens it again.
LEFT = "its copy could not be taken out"


def take_copies(office: Office, *, by: str) -> int:
    """Take what looks like a copy of an identity document out of each message of a case; returns how many. Again: none.

    A message that cannot be taken apart stays as it came, under the term of the mailbox; it is flagged, and told once.
    """
    taken = {copy.mail for copy in office.ledger.id_copies.list_all()}
    return sum(
        _take(office, one.number, one.case, by=by)
        for one in office.ledger.mail.list_all()
        if one.case is not None and one.number not in taken and IDENTITY in one.flags and LEFT not in one.flags
    )


def parted(raw: bytes) -> tuple[list[Attached], bytes]:
    """What of a message looks like a copy of an identity document, and the message without it. Raises Unparseable."""
    text = take_apart(raw).text
    found = [a for a in attachments_of(raw) if looks_like_identity(a.media_type, a.name, text)]
    return found, without(raw, {a.nth for a in found})


def _take(office: Office, number: str, case: str, *, by: str) -> int:
    try:
        raw = office.ledger.mail.raw_of(number, entry=Entry(kind="mail.read", by=by))
        found, rest = parted(raw)
    except NotFound:  # its words were forgotten on their term: there is no copy any more
        return 0
    except Unparseable:
        found = []
    if not found:
        office.ledger.mail.flag(number, LEFT, entry=Entry(kind="identity.copy-left", by=by, case=case))
        announce_event("termijn.identity.copy-left", about=f"mail.{number}", facts={"mail": number, "case": case})
        tell(f"{number}: {LEFT}; look: termijn mail show {number}")
        return 0
    copies = [(a.media_type, a.body) for a in found]
    office.ledger.id_copies.take(case, number, copies, rest, entry=Entry("identity.copy-kept", by, case=case))
    return len(found)
