"""How the head of the chain is laid down outside: in a mail, or with a timestamp service."""

from __future__ import annotations

import base64

from domain.evidence import Entry, Head
from domain.trouble import Refused, TermijnError
from ledger.anchors import Way, record_anchor
from tasks.clock import now
from tasks.office import Office, open_office
from tasks.post import send
from tasks.timestamp import ask_timestamp


def anchor_by_mail(address: str, *, by: str) -> Head:
    """Send the head, and nothing else, to an address outside. Raises TermijnError where the mail server refuses it.

    The message stays in the outbox; the event does not hold the address.
    """
    from reports import anchor_mail

    with open_office() as office:
        head = _head(office)
        message = anchor_mail(head, at=now(), sender=office.settings.mail_from, to=address)
        trouble = send(office, message, f"head-{head.seq}")
        entry = Entry(kind="head.anchored", by=by, facts={"sent": trouble is None})
        record_anchor(office.ledger.events, head, Way.MAIL, entry=entry)
    if trouble is not None:
        raise TermijnError(trouble, where=f"mail/head-{head.seq}.eml", do="send this message yourself, or try again")
    return head


def anchor_by_timestamp(url: str, *, by: str) -> Head:
    """Have a service sign that the head existed by now; its answer goes into the chain. Raises SourceUnreadable."""
    with open_office() as office:
        head = _head(office)
        token = base64.b64encode(ask_timestamp(url, bytes.fromhex(head.hash))).decode()
        entry = Entry(kind="head.anchored", by=by)
        record_anchor(office.ledger.events, head, Way.TIMESTAMP, token=token, entry=entry)
    return head


def _head(office: Office) -> Head:
    head = office.ledger.events.head()
    if head.seq == 0:
        raise Refused("nothing happened yet in this ledger", do="nothing: there is nothing to anchor")
    return head
