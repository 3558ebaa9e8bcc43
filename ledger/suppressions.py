"""Who may not be approached any more: no address is kept, only a mark by which it is known again (AVG 21 lid 3).

A removed person stays unapproached: the mark needs no record of theirs. Nothing is taken out of the list but by its
term; who later wants our messages again takes the objection back, and that is an event of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.evidence import Entry
from domain.identity import Identifier
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.marks import open_marker
from ledger.schema import cases, suppressions
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Suppression:
    """One objection to being approached. `known`: not forgotten, its term runs."""

    number: str
    added_on: date
    lifted_on: date | None
    channel: str
    marks: frozenset[str] = field(repr=False)

    @property
    def known(self) -> bool:
        """Whether it still keeps anybody from being approached, or would if it were not taken back."""
        return bool(self.marks)


class Suppressions:
    """The suppression list of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def add(self, identifiers: Iterable[Identifier], *, on: date, channel: str, entry: Entry) -> Suppression:
        """From now on nobody is approached at these addresses; with `entry.case` the case it was asked in.

        Raises Refused where none of them is an address, NotFound where there is no such case.
        """
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection, case = writing.connection, entry.case or None
            if case and connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="objection", do="look it up with: termijn case list")
            marks = open_marker(connection, keyring).of(identifiers)
            if not marks:
                raise Refused(
                    "there is no e-mail address or telephone number at which not to be approached",
                    where="objection",
                    do="add `email` or `phone` of the person",
                )
            serial = len(_rows(connection, keyring)) + 1
            row: dict[str, Any] = {"number": f"S{serial:06d}", "serial": serial, "added_on": on, "at": writing.at}
            row |= {"channel": channel, "case": case, "by": entry.by, "marks": json.dumps(marks), "lifted_on": None}
            row["seal"] = seal_of(keyring, suppressions, row)
            connection.execute(insert(suppressions).values(row))
            writing.subject = case or row["number"]
            writing.record |= {"suppression": row["number"], "addresses": len(marks)}
        return Suppression(row["number"], on, None, channel, frozenset(marks))

    def lift(self, identifiers: Iterable[Identifier], *, on: date, entry: Entry) -> tuple[str, ...]:
        """The person takes every objection back that bears one of these addresses; returns their numbers."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            marks = frozenset(open_marker(writing.connection, keyring).of(identifiers))
            rows = [r for r in _rows(writing.connection, keyring) if r.lifted_on is None and _marks(r) & marks]
            for row in rows:
                _store(writing, keyring, row._asdict() | {"lifted_on": on})
            if not rows:
                writing.nothing_to_do()
            writing.record |= {"lifted": [r.number for r in rows]}
        return tuple(r.number for r in rows)

    def list_all(self) -> tuple[Suppression, ...]:
        """Every objection there ever was, oldest first. Raises LedgerBroken where one is missing."""
        with self._chain.read() as connection:
            return tuple(_suppression(r) for r in _rows(connection, self._chain.keyring))

    def standing(self) -> frozenset[str]:
        """The marks of all who may not be approached."""
        return frozenset().union(*(s.marks for s in self.list_all() if s.lifted_on is None))


def forget_suppression(writing: Writing, keyring: Keyring, number: str) -> None:
    """Its term is over: nobody is known again by it; that there was an objection stays."""
    for row in _rows(writing.connection, keyring):
        if row.number == number:
            _store(writing, keyring, row._asdict() | {"marks": "[]"})


def _store(writing: Writing, keyring: Keyring, values: dict[str, Any]) -> None:
    values["seal"] = seal_of(keyring, suppressions, values)
    same = suppressions.c.number == values["number"]
    writing.connection.execute(update(suppressions).where(same).values(values))


def _rows(connection: Connection, keyring: Keyring) -> list[Row[Any]]:
    """Every row, and none taken out: a gap would mean that we approach who objected."""
    rows = check_seals(keyring, suppressions, connection.execute(select(suppressions).order_by(suppressions.c.serial)))
    if [r.serial for r in rows] != list(range(1, len(rows) + 1)):
        raise LedgerBroken(
            "an objection is missing from the ledger",
            where="suppressions",
            do="send nothing; run: termijn ledger verify",
        )
    return rows


def _marks(row: Row[Any]) -> frozenset[str]:
    return frozenset(json.loads(row.marks))


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(row.number, row.added_on, row.lifted_on, row.channel, _marks(row))
