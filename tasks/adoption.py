"""The verbs that make a case of a message, or join it to one, and acknowledge it: each once, whatever breaks off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.mailbox.message import Mail, Unparseable, take_apart
from domain.cases import Case, CaseKind, State, is_open
from domain.evidence import Entry
from domain.intake import Ask, language_of, own_words
from domain.letters import LetterKind
from domain.threads import FOLLOWS
from domain.trouble import NotFound, Refused
from ledger.mail import ADOPTED, DRAFT, Incoming, opens
from ledger.mail_threads import channel_of
from tasks.clock import now
from tasks.correspondence import send_letter
from tasks.destroy import BY
from tasks.id_copies import take_copies
from tasks.office import Office
from tasks.own_mail import why_kept_aside

#: Who adopts may still be at it: only after so long does a reading send what they did not.
_AT_IT = timedelta(minutes=10)


def adopt(office: Office, number: str, kinds: tuple[CaseKind, ...], *, by: str) -> tuple[list[Case], list[str]]:
    """Open a case for each kind, of the day the message came, and acknowledge it; again after a crash: no second one.

    Returns the cases and what went wrong with the acknowledgements. Raises Refused where the message proposes no kind.
    """
    one = office.ledger.mail.read(number)
    if not kinds and (followed := _followed(office, one)) is not None:
        join(office, number, followed.number, by=by, why=one.reason)
        return [followed], []
    wanted = kinds or opens(one)
    if not wanted:
        raise Refused("this message proposes no kind of case", where=number, do="name one with --kind")
    mail = _opened(office, number, by=by)
    opened = [
        office.ledger.cases.open_case(
            kind,
            received_on=one.received_on,
            channel=channel_of(number),
            once=True,
            language=language_of(own_words(mail.text)),
            subject={"email": mail.sender},
            entry=Entry(kind="case.opened", by=by, facts={"mail": number}),
        )
        for kind in wanted
    ]
    _join_what_followed(office, one, opened[0].number, by=by)  # before it counts as adopted: a crash leaves the rest
    answer = why_kept_aside(office, mail) is None  # RFC 3834: a machine is not answered, whoever makes a case of it
    entry = Entry("mail.adopted", by, facts={"answer": answer})
    office.ledger.mail.adopted(number, opened[0].number, entry=entry)
    take_copies(office, by=by)
    return opened, _acknowledge(office, number, mail, opened, by=by) if answer else []


def join(office: Office, number: str, case: str, *, by: str, why: str = "") -> None:
    """The message belongs to this case; a copy of an identity document in it gets its term. Raises NotFound."""
    office.ledger.mail.join(number, case, entry=Entry("mail.joined", by, why=why))
    take_copies(office, by=by)


def _join_what_followed(office: Office, one: Incoming, case: str, *, by: str) -> None:
    """What came after it in its thread belongs to its case, unless it asks more."""
    for later in office.ledger.mail.list_all(DRAFT):
        if later.reason == FOLLOWS + one.number and {*later.asks} <= {*one.asks, Ask.OTHER}:
            office.ledger.mail.join(later.number, case, entry=Entry("mail.joined", by, why=later.reason))


def _followed(office: Office, one: Incoming) -> Case | None:
    """The open case of the message in whose thread this draft came, where it asks no more than that one did."""
    if one.state != DRAFT or not one.reason.startswith(FOLLOWS):
        return None
    first = office.ledger.mail.read(one.reason.removeprefix(FOLLOWS))
    if first.case is None or not {*one.asks} <= {*first.asks, Ask.OTHER}:
        return None
    case = office.ledger.cases.read_case(first.case)
    return case if is_open(case.state) else None


def acknowledge_rest(office: Office) -> None:
    """Acknowledge what was adopted and was not, because a crash came between."""
    waiting = office.ledger.cases.list_cases([State.RECEIVED])
    missing: dict[str, list[Case]] = {}
    for case in waiting:
        if case.channel.startswith(channel_of("M")) and not _is_written(office, case):
            missing.setdefault(case.channel.removeprefix(channel_of("")), []).append(case)
    for number, found in missing.items():
        one = office.ledger.mail.read(number)
        if one.state == ADOPTED and _is_left(office, number):
            try:
                _acknowledge(office, number, _opened(office, number, by=BY), found, by=BY)
            except (NotFound, Refused):
                continue  # its words were forgotten meanwhile: the morning's list says what is owed


def _is_left(office: Office, number: str) -> bool:
    """Whether a message was adopted a while ago by somebody who meant to answer it."""
    [*_, adopted] = office.ledger.events.events(case=number, kind="mail.adopted")
    meant = json.loads(adopted.body)["facts"].get("answer", False)
    return bool(meant) and datetime.fromisoformat(adopted.at) < now() - _AT_IT


def _is_written(office: Office, case: Case) -> bool:
    return any(one.kind is LetterKind.ACKNOWLEDGEMENT for one in office.ledger.letters.of_case(case.number))


def _opened(office: Office, number: str, *, by: str) -> Mail:
    try:
        return take_apart(office.ledger.mail.raw_of(number, entry=Entry(kind="mail.read", by=by)))
    except Unparseable:
        raise Refused(
            "this message cannot be taken apart", where=number, do="open it by hand, then: case new"
        ) from None


def _acknowledge(office: Office, number: str, mail: Mail, opened: Sequence[Case], *, by: str) -> list[str]:
    """Send each its letter; returns what went wrong."""
    facts = {"mail": number, "in-reply-to": mail.message_id, "by": by}
    sent = [send_letter(office, case, LetterKind.ACKNOWLEDGEMENT, facts) for case in opened]
    return [trouble for trouble in sent if trouble]
