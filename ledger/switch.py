"""The stop switch: whoever pulls it stops all destruction at the next batch, and an officer's code lets it go on.

A stop needs no code, for it only stops. The switch is sealed: turned by hand in the database it is an error, and
nothing is destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.evidence import Entry
from domain.trouble import LedgerBroken, Refused
from ledger.chain import Chain, Writing
from ledger.officers import Officers
from ledger.schema import switch
from ledger.seals import is_sealed, seal_of
from ledger.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Switch:
    """How the switch stands: stopped or not, and who turned it last, and when (never turned: nobody, None)."""

    stopped: bool
    by: str
    at: datetime | None


class StopSwitch:
    """Stops and allows destruction, everywhere at once. `Batches.announce` asks it inside its own write."""

    def __init__(self, chain: Chain, officers: Officers) -> None:
        self._chain, self._officers = chain, officers

    def stop(self, *, entry: Entry) -> None:
        """Stop. A run under way ends before its next batch."""
        with self._chain.write(entry) as writing:
            if is_stopped(writing.connection, self._chain.keyring):
                writing.nothing_to_do()
            self._turn(writing, stopped=True)

    def go(self, *, code: str, entry: Entry) -> None:
        """Officer `entry.by` allows destruction again, with a code. Raises Refused: no officer, wrong or used code."""
        with self._chain.write(entry) as writing:
            proven = self._officers.prove(writing, code)
            if isinstance(proven, Refused):
                writing.refuse(proven.what)
            else:
                self._turn(writing, stopped=False)
        if isinstance(proven, Refused):
            raise proven

    def is_stopped(self) -> bool:
        """Whether destruction is stopped now. Raises LedgerBroken where the switch is gone or was turned by hand."""
        return self.show().stopped

    def show(self) -> Switch:
        """How the switch stands now."""
        with self._chain.read() as connection:
            row = _read(connection, self._chain.keyring)
        return Switch(bool(row.stopped), row.by, row.at)

    def _turn(self, writing: Writing, *, stopped: bool) -> None:
        keyring = self._chain.keyring
        values: dict[str, Any] = {"id": 1, "stopped": stopped, "by": writing.entry.by, "at": writing.at}
        writing.connection.execute(update(switch).values(**values, seal=seal_of(keyring, switch, values)))
        writing.subject, writing.record["stopped"] = "switch", stopped


def is_stopped(connection: Connection, keyring: Keyring) -> bool:
    """Whether destruction is stopped; LedgerBroken where there is no switch that the ledger itself wrote."""
    return bool(_read(connection, keyring).stopped)


def install(connection: Connection, keyring: Keyring) -> None:
    """The switch of a new ledger, and the seal on that of an old one. For `ledger.open` alone, under its lock."""
    row = connection.execute(select(switch)).one_or_none()
    if row is None:
        values: dict[str, Any] = {"id": 1, "stopped": False, "by": "", "at": None}
        connection.execute(insert(switch).values(**values, seal=seal_of(keyring, switch, values)))
    elif row.seal is None:
        connection.execute(update(switch).values(seal=seal_of(keyring, switch, row._asdict())))


def _read(connection: Connection, keyring: Keyring) -> Row[Any]:
    row = connection.execute(select(switch)).one_or_none()
    if row is None:
        raise LedgerBroken("the stop switch is gone", do="restore the ledger from a backup; destroy nothing")
    if row.seal is None or not is_sealed(keyring, switch, row):
        raise LedgerBroken(
            "the stop switch was turned by hand in the database",
            do="destroy nothing; run: termijn ledger verify, and tell the DPO",
        )
    return row
