"""Whether the ledger still is what was written: the chain, every batch's evidence, and every sealed row."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from domain.evidence import Event, Fault, Head, check_chain, cut, merkle_root
from ledger import schema
from ledger.chain import Chain, stream_events
from ledger.schema import approvals, batch_keys, batches, cases, events, holds, requests
from ledger.seals import is_sealed

#: So many faults say enough; the rest is cut.
MOST_FAULTS = 100


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


@dataclass(slots=True)
class _Told:
    """What the events themselves tell, gathered while the chain is walked: rows that must therefore exist."""

    roots: dict[str, tuple[int, str]] = field(default_factory=dict)
    rows: set[tuple[str, str]] = field(default_factory=set)

    def note(self, event: Event) -> None:
        try:
            record = dict(json.loads(event.body)["record"])
        except (ValueError, KeyError, TypeError):
            return  # somebody changed it: `check_chain` tells
        if "root" in record:
            self.roots[event.subject] = (event.seq, record["root"])
        self.rows.update((name, str(record[name])) for name in ("hold", "case") if name in record)


def verify(chain: Chain, *, anchor: Head | None = None) -> Verification:
    """Check everything, streaming. `anchor`: a head that was kept elsewhere and must still be in the chain."""
    with chain.read() as connection:
        row = connection.execute(select(schema.head)).one_or_none()
        head = Head() if row is None else Head(row.seq, row.hash)
        sealed = row is not None and chain.keyring.is_sealed(row.seal, "head", row.seq, row.hash)
        told = _Told()
        every = itertools.chain(
            () if sealed else (Fault(0, "the head of the chain was changed by hand, or belongs to other keys"),),
            _chain_faults(connection, head, anchor, told),
            _batch_faults(connection, told),
            _row_faults(connection, chain, told),
        )
        problems = tuple(itertools.islice(every, MOST_FAULTS))
        closed = select(func.count(), func.coalesce(func.sum(batches.c.records), 0)).where(batches.c.root.is_not(None))
        number, records = connection.execute(closed).one()
        length = connection.scalar(select(func.count()).select_from(events)) or 0
    first = min((f.seq for f in problems if f.seq), default=None)
    return Verification(not problems, length, number, int(records), head, first, problems)


def _chain_faults(connection: Connection, head: Head, anchor: Head | None, told: _Told) -> Iterator[Fault]:
    found = anchor is None or anchor.seq == 0

    def walked() -> Iterator[Event]:
        nonlocal found
        for event in stream_events(connection, select(events).order_by(events.c.seq)):
            found = found or (anchor is not None and (event.seq, event.hash) == (anchor.seq, anchor.hash))
            told.note(event)
            yield event

    yield from check_chain(walked(), head)
    if not found and anchor is not None:
        yield Fault(anchor.seq, f"event {anchor.seq} is not the one that was kept elsewhere")


def _batch_faults(connection: Connection, told: _Told) -> Iterator[Fault]:
    """Every closed batch: its leaves give its root, its event tells the same, and no key is left."""
    blobs = select(schema.leaves.c.blob).order_by(schema.leaves.c.dataset)
    rows = connection.execute(select(batches).where(batches.c.closed_at.is_not(None)).order_by(batches.c.id)).all()
    for row in rows:
        of_batch = connection.scalars(blobs.where(schema.leaves.c.batch == row.id)).all()
        leaves = [one for blob in of_batch for one in cut(blob)]
        if len(leaves) != row.records or merkle_root(leaves).hex() != row.root:
            yield Fault(row.event, f"the leaves of batch {row.id} do not give its Merkle root")
        if connection.scalar(select(func.count()).where(batch_keys.c.batch == row.id)):
            yield Fault(row.event, f"batch {row.id} is closed and still holds keys")
        if told.roots.pop(row.id, None) != (row.event, row.root):
            yield Fault(row.event, f"batch {row.id} is not as event {row.event} tells")
    for batch, (seq, _) in told.roots.items():
        yield Fault(seq, f"event {seq} closed batch {batch}, and it is not there or not closed")


def _row_faults(connection: Connection, chain: Chain, told: _Told) -> Iterator[Fault]:
    """Rows that open doors: each as the ledger wrote it, and none of those that the events tell of is gone."""
    for table in (approvals, requests, holds, cases):
        for row in connection.execute(select(table)).all():
            told.rows.discard((table.name.removesuffix("s"), str(row[0])))
            if not is_sealed(chain.keyring, table, row):
                yield Fault(0, f"a row of {table.name} was not written by the ledger: {row[0]}")
    for name, lost in sorted(told.rows):
        yield Fault(0, f"the events tell of {name} {lost}, and it is not there")
