"""The opt-in register: who said yes or no to what, when, how, to which words; append-only, the person encrypted.

A withdrawal brings along the places where something rested on it; each is settled once it was stopped there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from domain.consents import Act, Capacity, Statement, check_statement
from domain.evidence import Entry
from domain.identity import Identifier
from domain.trouble import LedgerBroken, NotFound
from ledger.chain import Chain, Writing
from ledger.consent_stops import open_stops
from ledger.marks import Marker, open_marker
from ledger.schema import cases, consents
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Line:
    """A statement with the marks of whose it is; none any more where the person was forgotten."""

    statement: Statement
    marks: frozenset[str] = field(repr=False)
    follows: str | None = None
    known: bool = True


class OptIns:
    """The opt-in register of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def record(
        self,
        said: Statement,
        *,
        person: Mapping[str, Any],
        identifiers: Iterable[Identifier],
        today: date,
        entry: Entry,
        follows: str | None = None,
        proof: str = "",
        places: Iterable[str] = (),
    ) -> Statement:
        """Write one statement down under the next number; `places` are where something rests on it. Raises Refused.

        `person` is kept encrypted; of the addresses among `identifiers` a mark is kept. `follows`: an earlier
        statement of the same person, where no address says so.
        """
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            marks = open_marker(connection, keyring).of(identifiers)
            known = _lines(connection, keyring) if said.act is Act.CHANGED else []
            check_statement(said, _of(known, said.purpose, frozenset(marks), follows), today)
            _check_names(connection, said.case, follows)
            serial = (connection.scalar(select(func.max(consents.c.serial))) or 0) + 1
            one = replace(said, number=f"C{serial:06d}", by=entry.by)
            row = _row(one, marks, follows) | {"serial": serial, "at": writing.at}
            row["seal"] = seal_of(keyring, consents, row)
            row["person"] = keyring.encrypt(json.dumps(dict(person)).encode(), of=f"consents.person:{one.number}")
            if proof:
                row["proof"] = keyring.encrypt(proof.encode(), of=f"consents.proof:{one.number}")
            connection.execute(insert(consents).values(row))
            open_stops(writing, keyring, one.number, places)
            _tell(writing, one)
        return one

    def read(self, number: str) -> Statement:
        """One statement. Raises NotFound."""
        with self._chain.read() as connection:
            return _find(connection, self._chain.keyring, number).statement

    def lines(self, purpose: str | None = None) -> tuple[Line, ...]:
        """Every line of the register, oldest first; of one purpose where given. Raises LedgerBroken."""
        with self._chain.read() as connection:
            found = _lines(connection, self._chain.keyring)
        return tuple(line for line in found if purpose in (None, line.statement.purpose))

    def of_person(self, identifiers: Iterable[Identifier], *, follows: str | None = None) -> tuple[Statement, ...]:
        """All that the bearer of these addresses stated, and all that goes with one statement where it is named."""
        keyring = self._chain.keyring
        with self._chain.read() as connection:
            marks = frozenset(open_marker(connection, keyring).of(identifiers))
            return tuple(_of(_lines(connection, keyring), None, marks, follows))

    def marker(self) -> Marker:
        """What makes the mark of an address in this ledger."""
        with self._chain.read() as connection:
            return open_marker(connection, self._chain.keyring)

    def note_sieved(self, *, entry: Entry) -> None:
        """Keep that a list went through the sieve, with its counts."""
        with self._chain.write(entry) as writing:
            writing.subject = "mailing"

    def person_of(self, number: str) -> dict[str, Any]:
        """Who stated it: personal data. Raises NotFound, also where the person was forgotten."""
        with self._chain.read() as connection:
            token = connection.scalar(select(consents.c.person).where(consents.c.number == number))
        if token is None:
            raise NotFound("its person was forgotten", where=number, do="look: termijn consent show")
        found: dict[str, Any] = json.loads(self._chain.keyring.decrypt(token, of=f"consents.person:{number}"))
        return found

    def persons(self) -> dict[str, tuple[dict[str, Any], str]]:
        """Number → who stated it, with its proof, of every statement whose person is known: personal data."""
        query = select(consents.c.number, consents.c.person, consents.c.proof).where(consents.c.person.is_not(None))
        with self._chain.read() as connection:
            rows, opened = connection.execute(query).all(), self._chain.keyring.decrypt
        return {
            r.number: (
                json.loads(opened(r.person, of=f"consents.person:{r.number}")),
                "" if r.proof is None else opened(r.proof, of=f"consents.proof:{r.number}").decode(),
            )
            for r in rows
        }

    def proof_of(self, number: str) -> str:
        """By what it can be shown; empty where nothing was written. Personal data may stand in it."""
        with self._chain.read() as connection:
            token = connection.scalar(select(consents.c.proof).where(consents.c.number == number))
        return "" if token is None else self._chain.keyring.decrypt(token, of=f"consents.proof:{number}").decode()


def chains_of(lines: Iterable[Line]) -> Iterator[tuple[Line, tuple[Statement, ...]]]:
    """Each line that still knows its person, with all that was stated by the same person for the same purpose."""
    every = tuple(lines)
    sharing: dict[tuple[str, str], list[Line]] = {}
    for line in every:
        for mark in line.marks:
            sharing.setdefault((line.statement.purpose, mark), []).append(line)
        if line.follows:
            sharing.setdefault((line.statement.purpose, line.follows), []).append(line)
        sharing.setdefault((line.statement.purpose, line.statement.number), []).append(line)
    for line in every:
        if line.known:
            ways = (*line.marks, line.statement.number, *([line.follows] if line.follows else []))
            tied = {o.statement.number: o.statement for way in ways for o in sharing[line.statement.purpose, way]}
            yield line, tuple(tied[number] for number in sorted(tied))


def _of(lines: Iterable[Line], purpose: str | None, marks: frozenset[str], follows: str | None) -> list[Statement]:
    """The statements that share an address, or are tied to `follows` by what they follow."""
    every = [line for line in lines if purpose in (None, line.statement.purpose)]
    tied = {follows} if follows else set()
    grown = True
    while grown:
        linked = {
            number
            for line in every
            if line.follows and {line.statement.number, line.follows} & tied
            for number in (line.statement.number, line.follows)
        }
        grown = not linked <= tied
        tied |= linked
    return [line.statement for line in every if line.marks & marks or line.statement.number in tied]


def _lines(connection: Connection, keyring: Keyring) -> list[Line]:
    """Every line, and none taken out: a withdrawal that is gone would make us write to who said no."""
    rows = check_seals(keyring, consents, connection.execute(select(consents).order_by(consents.c.serial)))
    if [r.serial for r in rows] != list(range(1, len(rows) + 1)):
        raise LedgerBroken(
            "a statement is missing from the opt-in register",
            where="consents",
            do="send nothing; run: termijn ledger verify",
        )
    return [_line(row) for row in rows]


def _find(connection: Connection, keyring: Keyring, number: str) -> Line:
    rows = check_seals(keyring, consents, connection.execute(select(consents).where(consents.c.number == number)))
    if not rows:
        raise NotFound("no statement with this number", where="consent", do="look it up with: termijn consent show")
    return _line(rows[0])


def _line(row: Row[Any]) -> Line:
    said = Statement(
        number=row.number,
        purpose=row.purpose,
        act=Act(row.act),
        on=row.on,
        channel=row.channel,
        capacity=Capacity(row.capacity),
        version=row.version,
        digest=row.digest,
        recipients=tuple(json.loads(row.recipients)),
        expires_on=row.expires_on,
        case=row.case or "",
        by=row.by,
    )
    return Line(said, frozenset(json.loads(row.marks)), row.follows, row.person is not None)


def _row(one: Statement, marks: Iterable[str], follows: str | None) -> dict[str, Any]:
    return {
        "number": one.number, "purpose": one.purpose, "act": one.act.value, "on": one.on, "channel": one.channel,
        "capacity": one.capacity.value, "version": one.version, "digest": one.digest,
        "recipients": json.dumps(one.recipients), "expires_on": one.expires_on, "case": one.case or None,
        "follows": follows, "by": one.by, "marks": json.dumps(list(marks)),
    }  # fmt: skip


def _check_names(connection: Connection, case: str, follows: str | None) -> None:
    if case and connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
        raise NotFound("no such case", where="consent", do="look it up with: termijn case list")
    earlier = select(consents.c.number).where(consents.c.number == follows)
    if follows and connection.scalar(earlier) is None:
        raise NotFound("no statement with this number", where="consent", do="look it up with: termijn consent show")


def _tell(writing: Writing, one: Statement) -> None:
    writing.subject = one.number
    writing.record |= {
        "consent": one.number,
        "purpose": one.purpose,
        "act": one.act.value,
        "on": one.on.isoformat(),
        "text": one.digest,
    }


def forget_statement(writing: Writing, keyring: Keyring, number: str) -> None:
    """Drop who stated it, and by what it is shown; that it was stated stays."""
    connection = writing.connection
    found = connection.execute(select(consents).where(consents.c.number == number))
    for row in check_seals(keyring, consents, found):
        values = row._asdict() | {"marks": "[]", "person": None, "proof": None}
        values["seal"] = seal_of(keyring, consents, values)
        connection.execute(update(consents).where(consents.c.number == number).values(values))
