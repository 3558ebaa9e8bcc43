"""To which of our requests an incoming message refers: by its thread, by the numbers it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from domain.intake import Ask
from domain.moves import State, is_open
from domain.threads import FOLLOWS, Known, References, addresses_of
from ledger.schema import cases, mail
from ledger.seals import check_seals
from ledger.secrets import Keyring

_MESSAGES = select(*(c for c in mail.columns if c.name != "raw"))


def channel_of(number: str) -> str:
    """How a case says that it was opened for this message."""
    return f"mail {number}"


def what_it_refers_to(
    connection: Connection, keyring: Keyring, marks: Sequence[str], numbers: Sequence[str]
) -> References:
    """What we hold of the thread with these marks of Message-IDs, and of these numbers of cases."""
    held = check_seals(
        keyring, mail, connection.execute(_MESSAGES.where(mail.c.mark.in_(marks)).order_by(mail.c.number.desc()))
    )
    asked = frozenset(Ask(a) for row in held for a in row.asks.split(",") if a)
    opened = [row for one in held for row in _opened_for(connection, one.number)]
    joined = _with_number(connection, [row.case for row in held if row.case])
    thread = {r.number: _known(keyring, r, asked) for r in check_seals(keyring, cases, [*opened, *joined])}
    named = check_seals(keyring, cases, _with_number(connection, numbers))
    drafts = [_root(row) for row in held if row.state == "draft"]
    return References(
        thread=tuple(sorted(thread.values(), key=lambda k: k.case, reverse=True)),
        named=tuple(_known(keyring, row) for row in named),
        unknown=tuple(n for n in numbers if n not in {row.number for row in named}),
        follows=drafts[-1] if drafts else "",
    )


def _root(row: Row[Any]) -> str:
    """The first message of a thread of drafts."""
    return str(row.reason.removeprefix(FOLLOWS)) if row.reason.startswith(FOLLOWS) else str(row.number)


def _opened_for(connection: Connection, number: str) -> Sequence[Row[Any]]:
    said = f'"channel":{json.dumps(channel_of(number))}'
    return connection.execute(select(cases).where(cases.c.file.contains(said, autoescape=True))).all()


def _with_number(connection: Connection, numbers: Sequence[str]) -> Sequence[Row[Any]]:
    return connection.execute(select(cases).where(cases.c.number.in_(numbers))).all()


def _known(keyring: Keyring, row: Row[Any], asked: frozenset[Ask] = frozenset()) -> Known:
    kind = json.loads(row.file)["kind"]
    subject: dict[str, Any] = {}
    if row.subject is not None:
        subject = json.loads(keyring.decrypt(row.subject, of=f"cases.subject:{row.number}"))
    return Known(row.number, is_open(State(row.state)), asked | {Ask(kind)}, addresses_of(subject))
