"""What an officer withholds by hand: words of a text, a whole value or a whole record, each with a reason and article.

The place and the reason are encrypted; beside them stands a keyed hash over the place and all that it said, so that a
mark holds for exactly that text and is asked again as soon as it is another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from domain.evidence import Entry, leaf
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.schema import cases, marked
from ledger.seals import check_seals, seal_of


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mark stands: a record, a value of it (`column`), or a run of characters in that. Personal data."""

    system: str
    dataset: str
    key: str = field(repr=False)
    column: str = ""
    start: int = 0
    stop: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of one case. `mark`: the keyed hash of the spot and of what stood there."""

    serial: int
    spot: Spot = field(repr=False)
    mark: str
    reason: str = field(repr=False)
    article: str


class Marked:
    """The marks of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def add(self, case: str, spot: Spot, said: str, *, reason: str, article: str, entry: Entry) -> int:
        """Withhold this from this case; its number. `said`: all that stands there now. Raises NotFound."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="mark", do="look it up with: termijn case list")
            last = connection.scalar(select(func.max(marked.c.serial)).where(marked.c.case == case)) or 0
            row: dict[str, Any] = {"case": case, "serial": last + 1, "system": spot.system, "dataset": spot.dataset}
            row |= {"mark": self._leaf(keyring.evidence_ids[0], spot, said), "article": article}
            row |= {"by": entry.by, "at": writing.at}
            where = json.dumps([spot.key, spot.column, spot.start, spot.stop])
            row["place"] = keyring.encrypt(where.encode(), of=_of("place", case, last + 1))
            row["reason"] = keyring.encrypt(reason.encode(), of=_of("reason", case, last + 1))
            row["seal"] = seal_of(keyring, marked, row)
            connection.execute(insert(marked).values(row))
            writing.subject = case
            writing.record |= {"mark": last + 1, "system": spot.system, "dataset": spot.dataset, "article": article}
        return last + 1

    def drop(self, case: str, serial: int, *, entry: Entry) -> None:
        """Withhold this no longer. Raises NotFound."""
        with self._chain.write(entry) as writing:
            same = (marked.c.case == case) & (marked.c.serial == serial)
            if writing.connection.execute(delete(marked).where(same)).rowcount == 0:
                raise NotFound(f"case {case} has no mark {serial}", do=f"see them: termijn review {case} --show")
            writing.subject = case
            writing.record["mark"] = serial

    def of_case(self, case: str) -> tuple[Mark, ...]:
        """What is withheld by hand, in order. Raises LedgerBroken where a mark was changed by hand."""
        query = select(marked).where(marked.c.case == case).order_by(marked.c.serial)
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, marked, connection.execute(query))
        return tuple(self._read(row) for row in rows if row.place is not None)

    def still_says(self, mark: Mark, said: str) -> bool:
        """Whether there stands what stood there when the mark was made."""
        return any(self._leaf(name, mark.spot, said) == mark.mark for name in self._chain.keyring.evidence_ids)

    def _read(self, row: Row[Any]) -> Mark:
        keyring = self._chain.keyring
        place = json.loads(keyring.decrypt(row.place, of=_of("place", row.case, row.serial)))
        reason = keyring.decrypt(row.reason, of=_of("reason", row.case, row.serial)).decode()
        return Mark(row.serial, Spot(row.system, row.dataset, *place), row.mark, reason, row.article)

    def _leaf(self, evidence_key: str, spot: Spot, said: str) -> str:
        where = f"{spot.key}\n{spot.column}\n{spot.start}-{spot.stop}\n{said}"
        return leaf(self._chain.keyring.evidence_key(evidence_key), spot.system, f"{spot.dataset}#marked", where).hex()


def _of(column: str, case: str, serial: int) -> str:
    return f"marked.{column}:{case}:{serial}"
