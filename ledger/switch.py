"""The stop switch: whoever pulls it stops all destruction at the next batch."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from domain.evidence import Entry
from domain.trouble import LedgerBroken
from ledger.chain import Chain
from ledger.schema import switch


class StopSwitch:
    """Stops and allows destruction, everywhere at once. `Batches.announce` asks it inside its own write."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def stop(self, *, entry: Entry) -> None:
        """Stop. A run under way ends before its next batch."""
        self._turn(entry, stopped=True)

    def go(self, *, entry: Entry) -> None:
        """Allow destruction again."""
        self._turn(entry, stopped=False)

    def is_stopped(self) -> bool:
        """Whether destruction is stopped now."""
        with self._chain.read() as connection:
            return is_stopped(connection)

    def _turn(self, entry: Entry, *, stopped: bool) -> None:
        with self._chain.write(entry) as writing:
            if is_stopped(writing.connection) is stopped:
                writing.nothing_to_do()
            writing.connection.execute(update(switch).values(stopped=stopped, by=entry.by, at=writing.at))
            writing.record["stopped"] = stopped


def is_stopped(connection: Connection) -> bool:
    """Whether destruction is stopped; LedgerBroken where there is no switch to look at."""
    stopped = connection.scalar(select(switch.c.stopped))
    if stopped is None:
        raise LedgerBroken("the stop switch is gone", do="restore the ledger from a backup; destroy nothing")
    return bool(stopped)
