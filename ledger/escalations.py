"""Which rung of the ladder was climbed for which case: once, and written down before the message leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, insert, select, update

from domain.evidence import Entry
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.schema import cases, escalations


class Delivery(StrEnum):
    """What became of the message. One that stays `recorded` was cut off before it left: look at it."""

    RECORDED = "recorded"
    SENT = "sent"
    FAILED = "failed"


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

    def record(self, case: str, *, limit: str, rung: str, entry: Entry) -> bool:
        """True the first time this rung is climbed: then, and only then, send. Raises NotFound."""
        with self._chain.write(entry) as writing:
            if writing.connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="escalation", do="look it up with: termijn case list")
            if writing.connection.execute(select(escalations.c.state).where(_is(case, limit, rung))).first():
                writing.nothing_to_do()
                return False
            values = {"case": case, "limit": limit, "rung": rung, "state": Delivery.RECORDED.value, "at": writing.at}
            writing.connection.execute(insert(escalations).values(values))
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
            values = {"state": state.value, "settled_at": writing.at}
            changed = writing.connection.execute(update(escalations).where(_is(case, limit, rung)).values(values))
            if changed.rowcount == 0:
                raise NotFound("this rung was never recorded", where="escalation", do="record it before it is sent")
            writing.subject = case
            writing.record |= {"limit": limit, "rung": rung, "delivery": state.value}


def _is(case: str, limit: str, rung: str) -> ColumnElement[bool]:
    return (escalations.c.case == case) & (escalations.c.limit == limit) & (escalations.c.rung == rung)
