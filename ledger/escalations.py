"""Which rung of the ladder was climbed for which case: once, and written down before the message leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from domain.evidence import Entry
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.rungs import Delivery, climb, settle
from ledger.schema import cases, escalations


@dataclass(frozen=True, slots=True)
class Climbed:
    """One rung of one case."""

    case: str
    limit: str
    rung: str
    state: Delivery
    at: datetime
    settled_at: datetime | None


class Escalations:
    """The escalations of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def record(self, case: str, *, limit: str, rung: str, entry: Entry, covered: bool = False) -> bool:
        """True the first time this rung is climbed: then, and only then, send (not one that is `covered`).

        Raises NotFound.
        """
        with self._chain.write(entry) as writing:
            if writing.connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="escalation", do="look it up with: termijn case list")
            if not climb(writing, escalations, {"case": case, "limit": limit}, rung, covered=covered):
                return False
            writing.subject = case
            writing.record |= {"limit": limit, "rung": rung}
        return True

    def mark_sent(self, case: str, *, limit: str, rung: str, entry: Entry) -> None:
        """The message left. Raises NotFound."""
        self._settle(case, limit, rung, Delivery.SENT, entry)

    def mark_failed(self, case: str, *, limit: str, rung: str, entry: Entry) -> None:
        """The message did not leave: an alarm of itself. Raises NotFound."""
        self._settle(case, limit, rung, Delivery.FAILED, entry)

    def unsent(self) -> tuple[Climbed, ...]:
        """Every rung whose message is not known to have left, oldest first."""
        return self._list(escalations.c.state != Delivery.SENT.value)

    def of_case(self, case: str) -> tuple[Climbed, ...]:
        """The rungs climbed for a case, oldest first."""
        return self._list(escalations.c.case == case)

    def _list(self, which: ColumnElement[bool]) -> tuple[Climbed, ...]:
        query = select(escalations).where(which).order_by(escalations.c.at)
        with self._chain.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Climbed(r.case, r.limit, r.rung, Delivery(r.state), r.at, r.settled_at) for r in rows)

    def _settle(self, case: str, limit: str, rung: str, state: Delivery, entry: Entry) -> None:
        with self._chain.write(entry) as writing:
            settle(writing, escalations, {"case": case, "limit": limit}, rung, state)
            writing.subject = case
            writing.record |= {"limit": limit, "rung": rung, "delivery": state.value}
