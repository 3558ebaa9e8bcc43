"""The verbs of the privacy mailbox: keep what came, propose what it asks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from connectors.mailbox.imap import Arrived, Inbox
from connectors.mailbox.message import Mail, Unparseable, take_apart
from domain.evidence import Entry
from domain.intake import Aside, Ask, asks_of, case_numbers, looks_like_identity
from domain.threads import looks_forged
from ledger.mail import ASIDE, Incoming
from ledger.mail_places import Place
from tasks.adoption import acknowledge_rest
from tasks.artifacts import announce_event
from tasks.careful import careful, tell
from tasks.clock import AMSTERDAM
from tasks.destroy import BY
from tasks.id_copies import IDENTITY, parted, take_copies
from tasks.mailbox_check import own_inbox
from tasks.office import Office, open_office
from tasks.own_mail import why_kept_aside

_MAILBOX = "privacy"
_FAILED = re.compile(rb"(?im)^action:\s*failed")
_SUBJECT, _MESSAGE_ID = (
    re.compile(rb"(?im)^subject:(.{0,500})$"),
    re.compile(rb"(?im)^message-id:\s*(<[^<>\s]{1,500}>)"),
)


@dataclass(frozen=True, slots=True)
class MailRead:
    """What one reading of the mailbox brought: counts only."""

    kept: int
    states: dict[str, int]
    reasons: dict[str, int]


@careful
def read_new() -> MailRead:
    """Keep every new message in the ledger, then mark it in the mailbox. Raises SourceUnreadable, Refused."""
    with open_office() as office:
        with own_inbox(office) as inbox:
            read = _keep_all(office, inbox)
        take_copies(office, by=BY)
        acknowledge_rest(office)
        return read


@careful
def tell_what_came(read: MailRead) -> MailRead:
    """Say how much came; a letter of ours that could not be delivered is an alarm of its own."""
    failed = read.reasons.get(Aside.DELIVERY_REPORT.value, 0)
    if failed:
        announce_event("termijn.mail.failed", about="delivery reports", facts={"messages": failed})
    said = ", ".join(f"{number} {state}" for state, number in sorted(read.states.items()))
    aside = ", ".join(f"{number} {reason}" for reason, number in sorted(read.reasons.items()))
    tell(f"{read.kept} messages kept" + (f": {said}" if said else "") + (f" ({aside})" if aside else ""))
    return read


def open_draft(office: Office, place: Place, arrived: Arrived) -> Incoming | None:
    """Keep one message as a draft, joined or set aside; None where the ledger holds it. The day is the mailbox's."""
    entry = Entry(kind="mail.kept", by=BY, facts={"bytes": arrived.size})
    thread: tuple[str, ...] = ()
    came: Mail | None = None
    aside: Aside | None = Aside.TOO_LARGE if arrived.raw is None else None
    if arrived.raw is not None:
        try:
            came = take_apart(arrived.raw)
        except Unparseable:
            aside = Aside.UNREADABLE
        else:
            aside = why_kept_aside(office, came)
            thread = (*came.thread, *_carried(_MESSAGE_ID, arrived.raw, aside))
    flags = _flags(came)
    return office.ledger.mail.store(
        place,
        received_on=arrived.arrived_at.astimezone(AMSTERDAM).date(),
        raw=arrived.raw,
        reduced=_reduced(arrived.raw, flags),
        of_size=f"{arrived.size} of {arrived.arrived_at.isoformat()}",
        message_id=came.message_id if came else "",
        thread=thread,
        named=_named(office, [came.subject, *_carried(_SUBJECT, arrived.raw, aside)], thread) if came else (),
        asks=(Ask.OTHER,) if came is None else asks_of(came.subject, came.text),
        aside=aside,
        sender=came.sender if came else "",
        forged=came is not None and looks_forged(came.headers),
        bounced=bool(_carried(_FAILED, arrived.raw, aside)),
        flags=flags,
        entry=entry,
    )


def _keep_all(office: Office, inbox: Inbox) -> MailRead:
    last = office.ledger.mail.last_uid(_MAILBOX, inbox.validity)
    for uid in inbox.unmarked(last):
        inbox.mark(uid)
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for arrived in inbox.after(last, largest=office.settings.mailbox_largest):
        kept = open_draft(office, Place(_MAILBOX, inbox.validity, arrived.uid), arrived)
        inbox.mark(arrived.uid)
        if kept is not None:
            states[kept.state] += 1
            reasons.update([kept.reason.partition(":")[0]] if kept.state == ASIDE else [])
    return MailRead(states.total(), dict(states), dict(reasons))


def _named(office: Office, subjects: list[str], thread: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers in its subject and in the Message-IDs of ours that it answers: both can be guessed."""
    ours = f"@{office.settings.mail_from.rpartition('@')[2]}>".lower()
    return case_numbers(" ".join([*subjects, *(one for one in thread if one.lower().endswith(ours))]))


def _carried(what: re.Pattern[bytes], raw: bytes | None, aside: Aside | None) -> list[str]:
    """What a delivery report says of the letter that it carries back: its subject, its Message-ID."""
    if raw is None or aside is not Aside.DELIVERY_REPORT:
        return []
    return [found.decode("ascii", "replace") for found in what.findall(raw)]


def _reduced(raw: bytes | None, flags: tuple[str, ...]) -> bytes | None:
    """A message as it stays behind when copies of identity documents are taken out; None where it has none."""
    if raw is None or IDENTITY not in flags:
        return None
    try:
        return parted(raw)[1]
    except Unparseable:
        return None


def _flags(mail: Mail | None) -> tuple[str, ...]:
    if mail is None:
        return ()
    found = ["attachments"] if mail.attachments else []
    if any(looks_like_identity(a.media_type, a.name, mail.text) for a in mail.attachments):
        found.append(IDENTITY)
    if looks_forged(mail.headers):
        found.append("sender in doubt")
    return tuple(found)
