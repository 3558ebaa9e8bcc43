"""How the encrypted columns get a new key: all of them, in one transaction with the event that tells so."""

from __future__ import annotations

from sqlalchemy import Table, select, update

from domain.evidence import Entry
from domain.trouble import Refused
from ledger.chain import Chain, Writing
from ledger.schema import metadata


def rotate_keys(chain: Chain, *, entry: Entry, forget: bool) -> int:
    """Encrypt every encrypted column with a new first key; returns how many values.

    The new key is on file before it is used, the old ones go (`forget`) only after all is stored: killed at any
    instant, every value still opens. Keys from the environment are not changed: put the new one first yourself.
    """
    if chain.keyring.path is None and forget:
        raise Refused("these keys are not in a file", do="take the old keys out of TERMIJN_KEYS yourself, afterwards")
    with chain.write(entry) as writing:
        if chain.keyring.path is not None:
            chain.keyring.mint()  # under the lock of the chain: two rotations at once never lose each other's key
        counts = {table.name: _renew(writing, chain, table) for table in metadata.sorted_tables}
        writing.record["renewed"] = [[name, number] for name, number in counts.items() if number]
        writing.record["forgot_old_keys"] = forget
    if forget:
        chain.keyring.forget_old()
    return sum(counts.values())


def _renew(writing: Writing, chain: Chain, table: Table) -> int:
    number, key = 0, list(table.primary_key.columns)
    for column in (c for c in table.columns if c.info.get("encrypted")):
        rows = writing.connection.execute(select(*key, column).where(column.is_not(None))).all()
        for *values, token in rows:
            same = [one == value for one, value in zip(key, values, strict=True)]
            fresh = chain.keyring.renew(token, of=f"{table.name}.{column.name}")
            writing.connection.execute(update(table).where(*same).values({column: fresh}))
            number += 1
    return number
