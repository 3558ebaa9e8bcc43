"""Whether the ledger still is what was written: the chain, every batch's evidence, and every sealed row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from domain.evidence import LEAF, Event, Fault, Head, check_chain, cut, merkle_root
from ledger import schema
from ledger.chain import Chain, stream_events
from ledger.schema import approvals, batch_keys, batches, cases, events, holds, requests
from ledger.seals import is_sealed

#: So many faults say enough; the rest is cut.
MOST_FAULTS = 100
_SEALED = (approvals, requests, holds, cases)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found. `first_bad`: the first event that does not verify, None where all do."""

    ok: bool
    events: int
    batches: int
    records: int
    head: Head
    first_bad: int | None
    problems: tuple[Fault, ...]


def verify(chain: Chain, *, anchor: Head | None = None) -> Verification:
    """Check everything, streaming. `anchor`: a head that was kept elsewhere and must still be in the chain."""
    with chain.read() as connection:
        row = connection.execute(select(schema.head)).one_or_none()
        head = Head() if row is None else Head(row.seq, row.hash)
        problems: list[Fault] = []
        if row is None or not chain.keyring.is_sealed(row.seal, "head", row.seq, row.hash):
            problems.append(Fault(0, "the head of the chain was changed by hand, or belongs to other keys"))
        for fault in (*_chain_faults(connection, head, anchor), *_batch_faults(connection), *_row_faults(chain)):
            problems.append(fault)
            if len(problems) >= MOST_FAULTS:
                break
        closed = batches.c.closed_at.is_not(None)
        counted = connection.execute(
            select(func.count(), func.coalesce(func.sum(batches.c.records), 0)).where(closed)
        ).one()
        number = connection.scalar(select(func.count()).select_from(events)) or 0
    bad = [f.seq for f in problems if f.seq]
    first = min(bad) if bad else None
    return Verification(not problems, number, counted[0], int(counted[1]), head, first, tuple(problems))


def _chain_faults(connection: Connection, head: Head, anchor: Head | None) -> Iterator[Fault]:
    query = select(events).order_by(events.c.seq)
    seen = [] if anchor is None or anchor.seq == 0 else [anchor]

    def watched() -> Iterator[Event]:
        for event in stream_events(connection, query):
            if seen and (event.seq, event.hash) == (seen[0].seq, seen[0].hash):
                seen.clear()
            yield event

    yield from check_chain(watched(), head)
    if seen:
        yield Fault(seen[0].seq, f"event {seen[0].seq} is not the one that was kept elsewhere")


def _batch_faults(connection: Connection) -> Iterator[Fault]:
    """Every closed batch: its leaves give its root, its event tells the same, and no key is left."""
    told = connection.execute(
        select(events.c.subject, events.c.seq, events.c.body).where(
            events.c.body.contains('"destroyed":[', autoescape=True)
        )
    )
    for batch, seq, body in told.all():
        record = json.loads(body).get("record", {})
        row = connection.execute(select(batches).where(batches.c.id == batch)).one_or_none()
        if row is None or row.event != seq or row.root != record.get("root"):
            yield Fault(seq, f"batch {batch} is not as event {seq} tells")
    for row in connection.execute(select(batches).where(batches.c.closed_at.is_not(None)).order_by(batches.c.id)).all():
        blobs = connection.execute(
            select(schema.leaves.c.blob).where(schema.leaves.c.batch == row.id).order_by(schema.leaves.c.dataset)
        ).all()
        leaves = [one for (blob,) in blobs for one in cut(blob)]
        whole = all(len(one) == LEAF for one in leaves) and len(leaves) == row.records
        if not whole or merkle_root(leaves).hex() != row.root:
            yield Fault(row.event, f"the leaves of batch {row.id} do not give its Merkle root")
        if connection.scalar(select(func.count()).where(batch_keys.c.batch == row.id)):
            yield Fault(row.event, f"batch {row.id} is closed and still holds keys")
        where = select(events.c.subject).where(events.c.seq == row.event)
        if connection.scalar(where) != row.id:
            yield Fault(row.event or 0, f"batch {row.id} is closed and no event tells so")


def _row_faults(chain: Chain) -> Iterator[Fault]:
    with chain.read() as connection:
        for table in _SEALED:
            for row in connection.execute(select(table)).all():
                if not is_sealed(chain.keyring, table, row):
                    yield Fault(0, f"a row of {table.name} was not written by the ledger: {row[0]}")
