"""What our own ledger holds of persons, as rows with a day from which their term counts, and how it is forgotten.

A bare request (number, kind, days) stays as long as the evidence does; who asked, which records were theirs, what was
decided about their words and why, and the passphrases of their packages go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select, update

from domain.evidence import Entry
from domain.keys import Key, Keys
from domain.live import Kind
from domain.moves import State, is_open
from domain.spelling import born
from domain.trouble import Refused
from ledger.chain import Chain, Writing
from ledger.schema import (
    askers,
    case_steps,
    cases,
    corrections,
    erasures,
    events,
    identity_checks,
    letters,
    mail,
    marked,
    matches,
    notices,
    packages,
    passages,
    plans,
    secrecy_decisions,
    secrecy_flags,
)
from ledger.secrets import Keyring

BY = "termijn"
_ZONE = ZoneInfo("Europe/Amsterdam")
_FIELDS = ("surname", "bsn", "email", "phone", "client_number", "iban")
_DECIDED = ("mail.kept", "mail.adopted", "mail.joined", "mail.set-aside")
#: What a forgotten plan is said to be; its body is empty.
FORGOTTEN = "forgotten"


class Requests:
    """The requests of persons: a row for each that still holds something of its person."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        days = dict.fromkeys(("received_on", "closed_on"), Kind.DATE)
        return dict.fromkeys(("number", "kind", "state"), Kind.TEXT) | days

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, kind, state, and the days of receipt and of closing (None while it is open)."""
        with self._chain.read() as connection:
            holding = _holding(connection)
            for row in connection.execute(select(cases).order_by(cases.c.year, cases.c.serial)):
                if row.number in holding:
                    told = json.loads(row.file)
                    yield {
                        "number": row.number,
                        "kind": told["kind"],
                        "state": row.state,
                        "received_on": _day(told["received_on"]),
                        "closed_on": _day(told["closed_on"]),
                    }

    def forget(self, keys: Sequence[Key]) -> None:
        """Drop what the ledger holds of the persons of these requests; Refused where one is open."""
        for (number,) in keys:
            with self._chain.write(Entry("case.forgotten", BY)) as writing:
                forget_person(writing, self._chain.keyring, str(number))

    def still_there(self, keys: Keys) -> Keys:
        """Which of these requests still hold something of their person."""
        with self._chain.read() as connection:
            holding = _holding(connection)
        return Keys(key for key in keys if key[0] in holding)


class Requesters:
    """Who asked: the persons of the requests, decrypted; a row for each of several values. They go with the request."""

    def __init__(self, chain: Chain, subjects: Callable[[], Iterable[tuple[str, Mapping[str, Any]]]]) -> None:
        self._chain, self._subjects = chain, subjects

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        texts = dict.fromkeys(("number", "name", *_FIELDS), Kind.TEXT)
        return texts | {"nth": Kind.INTEGER, "born_on": Kind.DATE}

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, nth, and what identifies: personal data."""
        for number, subject in self._subjects():
            several: dict[str, list[object]] = {name: _several(subject.get(name)) for name in ("name", *_FIELDS)}
            several["born_on"] = [born(one) for one in _several(subject.get("born_on"))]
            for nth in range(max(1, *(len(values) for values in several.values()))):
                row = {name: values[min(nth, len(values) - 1)] if values else None for name, values in several.items()}
                yield row | {"number": number, "nth": nth}

    def forget(self, keys: Sequence[Key]) -> None:
        """They went with their request."""

    def still_there(self, keys: Keys) -> Keys:
        """Which of these persons the ledger still knows."""
        with self._chain.read() as connection:
            known = set(connection.scalars(select(cases.c.number).where(cases.c.subject.is_not(None))))
        return Keys(key for key in keys if key[0] in known)


class Messages:
    """The messages of the privacy mailbox that are still kept."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        days = dict.fromkeys(("received_on", "settled_on"), Kind.DATE)
        return dict.fromkeys(("number", "case", "state"), Kind.TEXT) | days

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, case, state, the day of receipt, and the day on which it was adopted, joined or set aside."""
        with self._chain.read() as connection:
            for row in connection.execute(select(mail).where(mail.c.raw.is_not(None)).order_by(mail.c.number)):
                settled = None if row.state == "draft" else _settled_on(connection, row.number)
                yield {
                    "number": row.number,
                    "case": row.case,
                    "state": row.state,
                    "received_on": row.received_on,
                    "settled_on": settled,
                }

    def forget(self, keys: Sequence[Key]) -> None:
        """Drop the words and attachments of these messages; that each came stays. Refused for a draft."""
        with self._chain.write(Entry("mail.forgotten", BY)) as writing:
            for (number,) in keys:
                if writing.connection.scalar(select(mail.c.state).where(mail.c.number == number)) == "draft":
                    raise Refused("nobody looked at this message yet", where=str(number), do="look: termijn mail list")
                writing.connection.execute(update(mail).where(mail.c.number == number).values(raw=None))
            writing.record["messages"] = len(keys)

    def still_there(self, keys: Keys) -> Keys:
        """Which of these messages are still kept."""
        with self._chain.read() as connection:
            kept = set(connection.scalars(select(mail.c.number).where(mail.c.raw.is_not(None))))
        return Keys(key for key in keys if key[0] in kept)


def forget_person(writing: Writing, keyring: Keyring, number: str) -> None:
    """Drop everything of the person of a closed request; the bare case stays. Raises Refused.

    Who represented them is another's and goes by itself (`ledger.own_representatives`), so that a hold keeps it.
    """
    connection = writing.connection
    state = connection.scalar(select(cases.c.state).where(cases.c.number == number))
    if state is None or is_open(State(state)):
        raise Refused("an open case is not forgotten", where=f"case {number}", do="close it first")
    connection.execute(update(cases).where(cases.c.number == number).values(subject=None))
    for table in (matches, passages):
        connection.execute(delete(table).where(table.c.case == number))
    connection.execute(update(packages).where(packages.c.case == number).values(passphrase=None))
    connection.execute(update(letters).where(letters.c.case == number).values(address=None, text=None))
    for table in (case_steps, notices, identity_checks, askers, secrecy_flags, secrecy_decisions):
        connection.execute(update(table).where(table.c.case == number).values(why=None))
    connection.execute(update(secrecy_flags).where(secrecy_flags.c.case == number).values(person=None))
    connection.execute(update(marked).where(marked.c.case == number).values(place=None, reason=None))
    for table in (erasures, corrections):
        for digest in connection.scalars(select(table.c.digest).where(table.c.case == number)).all():
            _empty_plan(connection, keyring, digest)
    writing.subject = number
    writing.record |= {"case": number, "forgotten": True}


def _empty_plan(connection: Connection, keyring: Keyring, digest: str) -> None:
    """The records and values that a plan named are gone; that there was such a plan stays."""
    here = plans.c.digest == digest
    mark = connection.scalar(select(plans.c.body_hash).where(here))
    if mark is not None:
        token = keyring.encrypt(b"", of=f"plans.body:{digest}:{mark}")
        connection.execute(update(plans).where(here).values(body=token, state=FORGOTTEN))


def _holding(connection: Connection) -> frozenset[str]:
    """The numbers of the requests that hold anything of a person still."""
    questions = [
        select(cases.c.number).where(cases.c.subject.is_not(None)),
        select(matches.c.case),
        select(passages.c.case),
        select(packages.c.case).where(packages.c.passphrase.is_not(None)),
        select(case_steps.c.case).where(case_steps.c.why.is_not(None)),
        select(notices.c.case).where(notices.c.why.is_not(None)),
        select(marked.c.case).where(marked.c.place.is_not(None)),
        select(identity_checks.c.case).where(identity_checks.c.why.is_not(None)),
        select(letters.c.case).where(letters.c.text.is_not(None) | letters.c.address.is_not(None)),
        select(secrecy_flags.c.case).where(secrecy_flags.c.person.is_not(None)),
        select(secrecy_decisions.c.case).where(secrecy_decisions.c.why.is_not(None)),
        select(askers.c.case).where(askers.c.why.is_not(None)),
        *(
            select(table.c.case).join(plans, plans.c.digest == table.c.digest).where(plans.c.state != FORGOTTEN)
            for table in (erasures, corrections)
        ),
    ]
    return frozenset(number for question in questions for number in connection.scalars(question))


def _settled_on(connection: Connection, number: str) -> date | None:
    """The day of the last decision on a message; that somebody read it again lengthens no term."""
    decided = (events.c.subject == number) & events.c.kind.in_(_DECIDED)
    at = connection.scalar(select(events.c.at).where(decided).order_by(events.c.seq.desc()).limit(1))
    return None if at is None else datetime.fromisoformat(str(at)).astimezone(_ZONE).date()


def _day(told: object) -> date | None:
    return None if told is None else date.fromisoformat(str(told))


def _several(told: object) -> list[object]:
    if told is None:
        return []
    return list(told) if isinstance(told, list | tuple) else [told]
