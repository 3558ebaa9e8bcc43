"""Which rung was climbed for which silent practice's list: once, and written down before the message leaves."""

from __future__ import annotations

from sqlalchemy import select

from domain.evidence import Entry
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.rungs import Delivery, climb, settle
from ledger.schema import chases, lists


class Chases:
    """The chasing of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def record(self, number: str, *, rung: str, entry: Entry) -> bool:
        """True the first time this rung is climbed: then, and only then, send. Raises NotFound."""
        with self._chain.write(entry) as writing:
            if writing.connection.scalar(select(lists.c.number).where(lists.c.number == number)) is None:
                raise NotFound("no such list", where="chase", do="look it up with: termijn list show")
            if not climb(writing, chases, {"list": number}, rung):
                return False
            writing.subject = number
            writing.record |= {"rung": rung}
        return True

    def mark_sent(self, number: str, *, rung: str, entry: Entry) -> None:
        """The message left. Raises NotFound."""
        self._settle(number, rung, Delivery.SENT, entry)

    def mark_failed(self, number: str, *, rung: str, entry: Entry) -> None:
        """The message did not leave: an alarm of itself. Raises NotFound."""
        self._settle(number, rung, Delivery.FAILED, entry)

    def of_list(self, number: str) -> dict[str, Delivery]:
        """The rungs climbed for a list, oldest first, each with what became of its message."""
        query = select(chases.c.rung, chases.c.state).where(chases.c.list == number).order_by(chases.c.at)
        with self._chain.read() as connection:
            return {rung: Delivery(state) for rung, state in connection.execute(query)}

    def _settle(self, number: str, rung: str, state: Delivery, entry: Entry) -> None:
        with self._chain.write(entry) as writing:
            settle(writing, chases, {"list": number}, rung, state)
            writing.subject = number
            writing.record |= {"rung": rung, "delivery": state.value}
