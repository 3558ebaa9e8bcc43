"""How a row whose change would open a door is marked, so that a change by hand shows.

The seal covers every column but the encrypted ones (those are bound to their row themselves). A column that a later
migration added counts where it holds something, so that what was sealed before it stays sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Table

from domain.trouble import LedgerBroken
from ledger.schema import written
from ledger.secrets import Keyring

_UNSEALED = ("seal", "answered")


def seal_of(keyring: Keyring, table: Table, values: Mapping[str, Any]) -> str:
    """The seal of a row with these values. KeyError where a column is missing: nothing goes unsealed."""
    return keyring.seal(*_parts(table, values))


def is_sealed(keyring: Keyring, table: Table, row: Row[Any]) -> bool:
    """Whether the ledger itself wrote this row as it stands."""
    return row.seal is not None and keyring.is_sealed(row.seal, *_parts(table, row._asdict()))


def check_seals(keyring: Keyring, table: Table, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """The rows, each of them as the ledger wrote it; LedgerBroken where one is not."""
    checked = list(rows)
    for row in checked:
        if not is_sealed(keyring, table, row):
            raise LedgerBroken(
                f"a row of {table.name} was not written by the ledger, or was changed by hand",
                where=f"{table.name} {row[0]}",
                do="destroy and send nothing; run: termijn ledger verify, and tell the DPO",
            )
    return checked


def _parts(table: Table, values: Mapping[str, Any]) -> list[str | None]:
    sealed = [c for c in table.columns if c.name not in _UNSEALED and not c.info.get("encrypted")]
    first = [_written(values[c.name]) for c in sealed if not c.info.get("later")]
    later = [(c.name, _written(values[c.name])) for c in sealed if c.info.get("later")]
    return [table.name, *first, *(f"{name}={value}" for name, value in later if value is not None)]


def _written(value: object) -> str | None:
    match value:
        case None:
            return None
        case datetime():
            return written(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)
