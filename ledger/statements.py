"""What persons stated beside a record that is not overwritten (BW 7:454 lid 2): it goes along with every export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, tuple_

from domain.evidence import Entry
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.schema import cases, statements
from ledger.seals import check_seals, seal_of


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one case, on one record (`key` as `domain.keys` writes it). Personal data."""

    case: str
    system: str
    dataset: str
    key: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    serial: int = 0


class Statements:
    """The statements of the ledger; key and text are encrypted."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def add(self, case: str, system: str, dataset: str, key: str, text: str, *, entry: Entry) -> None:
        """Add a statement to a record; the same one twice is one. Raises NotFound."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="statement", do="look it up with: termijn case list")
            known = self._read(connection.execute(select(statements).where(statements.c.case == case)))
            if any((s.system, s.dataset, s.key, s.text) == (system, dataset, key, text) for s in known):
                writing.nothing_to_do()
                return
            last = connection.scalar(select(func.max(statements.c.serial)).where(statements.c.case == case)) or 0
            row = {"case": case, "serial": last + 1, "system": system, "dataset": dataset}
            row |= {"by": entry.by, "at": writing.at}
            place = f"{case}:{last + 1}"
            row["key"] = keyring.encrypt(key.encode(), of=f"statements.key:{place}")
            row["text"] = keyring.encrypt(text.encode(), of=f"statements.text:{place}")
            row["seal"] = seal_of(keyring, statements, row)
            connection.execute(insert(statements).values(row))
            writing.subject = case
            writing.record |= {"system": system, "dataset": dataset, "statement": last + 1}

    def on(self, system: str) -> tuple[Statement, ...]:
        """The statements on records of a system, of every case, oldest first."""
        query = select(statements).where(statements.c.system == system).order_by(statements.c.at)
        with self._chain.read() as connection:
            return tuple(self._read(connection.execute(query)))

    def forget(self, gone: Iterable[Statement], *, entry: Entry) -> None:
        """Drop statements whose records are gone; that there were so many stays."""
        with self._chain.write(entry) as writing:
            places = [(s.case, s.serial) for s in gone]
            here = tuple_(statements.c.case, statements.c.serial).in_(places)
            number = writing.connection.execute(delete(statements).where(here)).rowcount
            writing.record |= {"statements": number}

    def _read(self, rows: Iterable[Row[Any]]) -> list[Statement]:
        opened, found = self._chain.keyring.decrypt, list[Statement]()
        for row in check_seals(self._chain.keyring, statements, rows):
            place = f"{row.case}:{row.serial}"
            key = opened(row.key, of=f"statements.key:{place}").decode()
            text = opened(row.text, of=f"statements.text:{place}").decode()
            found.append(Statement(row.case, row.system, row.dataset, key, text, row.at, row.serial))
        return found
