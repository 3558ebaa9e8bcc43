"""Which holder of data was asked for which case, when it answered, and how it was reminded."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from domain.asks import Ask
from domain.evidence import Entry
from domain.practices import ASKED_AS
from domain.trouble import NotFound, Refused
from ledger.chain import Chain
from ledger.rungs import Delivery, climb, settle
from ledger.schema import ask_rungs, asks, cases


class Asks:
    """The questions of the ledger to those who hold data that we cannot search. No personal data."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def ask(self, case: str, holder: str, *, on: date, entry: Entry) -> None:
        """Keep that a holder was asked for this case. Raises NotFound; Refused where it was asked before."""
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="ask", do="look it up with: termijn case list")
            if connection.scalar(select(asks.c.asked_on).where(_is(asks, case, holder))) is not None:
                raise Refused(f"{holder} was asked already", where=f"case {case}", do="wait, or remind it by hand")
            connection.execute(insert(asks).values(case=case, holder=holder, asked_on=on))
            writing.subject = case
            writing.record |= {"holder": holder, "asked": on.isoformat()}

    def answer(self, case: str, holder: str, *, on: date, entry: Entry) -> None:
        """Keep that the holder answered. Raises NotFound where it was not asked; Refused for a day before that."""
        with self._chain.write(entry) as writing:
            asked = writing.connection.scalar(select(asks.c.asked_on).where(_is(asks, case, holder)))
            if asked is None:
                raise NotFound(f"{holder} was not asked", where=f"case {case}", do="see: termijn ask list")
            if on < asked:
                raise Refused("an answer comes after its question", where=f"case {case}", do="correct the day")
            writing.connection.execute(update(asks).where(_is(asks, case, holder)).values(answered_on=on))
            writing.subject = case
            writing.record |= {"holder": holder, "answered": on.isoformat()}

    def list_asks(self, case: str = "") -> tuple[Ask, ...]:
        """Every question, oldest first; only those of one case where given."""
        query = select(asks).order_by(asks.c.asked_on, asks.c.case, asks.c.holder)
        if case:
            query = query.where(asks.c.case == case)
        with self._chain.read() as connection:
            return tuple(Ask(r.case, r.holder, r.asked_on, r.answered_on) for r in connection.execute(query))

    def climb(self, case: str, holder: str, *, rung: str, entry: Entry) -> bool:
        """True the first time this rung is climbed: then, and only then, send."""
        with self._chain.write(entry) as writing:
            if not climb(writing, ask_rungs, {"case": case, "holder": holder}, rung):
                return False
            writing.subject = case
            writing.record |= {"holder": holder, "rung": rung}
        return True

    def settle(self, case: str, holder: str, *, rung: str, state: Delivery, entry: Entry) -> None:
        """Keep whether the rung's message left. Raises NotFound."""
        with self._chain.write(entry) as writing:
            settle(writing, ask_rungs, {"case": case, "holder": holder}, rung, state)
            writing.subject = case
            writing.record |= {"holder": holder, "rung": rung, "delivery": state.value}

    def rungs_of(self, case: str, holder: str) -> frozenset[str]:
        """The rungs climbed for one question."""
        with self._chain.read() as connection:
            found = connection.execute(select(ask_rungs.c.rung).where(_is(ask_rungs, case, holder)))
            return frozenset(rung for (rung,) in found)


def check_confirmed(connection: Connection, case: str) -> None:
    """Raise Refused while a practice to which this case was forwarded has not confirmed that it has it."""
    silent = select(asks.c.holder).where((asks.c.case == case) & asks.c.answered_on.is_(None))
    waits = [h.removeprefix(ASKED_AS) for h in connection.scalars(silent) if h.startswith(ASKED_AS)]
    if waits:
        raise Refused(
            f"practice {', '.join(sorted(waits))} has not confirmed that it has this request",
            where=f"case {case}",
            do=f"ask it; then: termijn case confirmed {case}",
        )


def _is(table: Any, case: str, holder: str) -> Any:
    return (table.c.case == case) & (table.c.holder == holder)
