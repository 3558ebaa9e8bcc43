"""How the evidence leaves the ledger as one file, for whoever wants to verify it without us.

One JSON value per line: what this is, every event, the leaves of every closed batch, the head. No key, no person.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from domain.evidence import Event, canonical
from ledger import schema
from ledger.chain import Chain, stream_events
from ledger.schema import batches

#: The first line. Who changes what a line holds raises the version, here and in auditor/verify_ledger.py.
START = {"export": "termijn ledger", "version": 1}


def export_ledger(chain: Chain) -> Iterator[str]:
    """The evidence of one moment, a line at a time: memory holds one batch, however long the ledger is."""
    with chain.read() as connection:
        head = connection.execute(select(schema.head)).one()
        yield canonical(START)
        query = select(schema.events).where(schema.events.c.seq <= head.seq).order_by(schema.events.c.seq)
        for event in stream_events(connection, query):
            yield canonical({name: getattr(event, name) for name in Event.__slots__})
        yield from _batches(connection)
        yield canonical({"head": {"seq": head.seq, "hash": head.hash}})


def _batches(connection: Connection) -> Iterator[str]:
    closed = select(batches.c.id).where(batches.c.closed_at.is_not(None)).order_by(batches.c.event)
    for batch in connection.scalars(closed).all():
        of_batch = select(schema.leaves.c.dataset, schema.leaves.c.blob).where(schema.leaves.c.batch == batch)
        yield canonical({"batch": batch, "leaves": {name: blob.hex() for name, blob in connection.execute(of_batch)}})
