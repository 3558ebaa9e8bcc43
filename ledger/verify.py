"""Whether the ledger still is what was written: the chain, every batch's evidence, and every sealed row."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from domain.evidence import LEAF, Event, Fault, Head, check_chain, cut, merkle_root
from ledger import schema
from ledger.chain import Chain, stream_events
from ledger.evidence_keys import SEALED, gone_keys
from ledger.schema import batch_keys, batches, events
from ledger.seals import is_sealed

#: So many faults say enough; the rest is cut.
MOST_FAULTS = 100
#: What an event names in its record must be there as a row.
_ROWS = {
    "hold": "holds",
    "case": "cases",
    "list": "lists",
    "instruction": "instructions",
    "breach": "breaches",
    "erasure": "erasures",
    "correction": "corrections",
    "consent": "consents",
    "suppression": "suppressions",
}


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


class Closing(NamedTuple):
    """How a batch was closed: by which event, with which root, key and leaves per dataset."""

    event: int
    root: str
    key: str
    counts: tuple[tuple[str, int], ...]


def _said(record: Mapping[str, object]) -> str:
    """Under which word a closing event counts its records: a row that survives is not called destroyed."""
    return next((word for word in ("emptied", "made anonymous") if word in record), "destroyed")


@dataclass(slots=True)
class _Told:
    """What the events themselves tell, gathered while the chain is walked: rows that must therefore exist."""

    announced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    closed: dict[str, Closing] = field(default_factory=dict)
    rows: set[tuple[str, str]] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    anchored: list[tuple[int, Head]] = field(default_factory=list)

    def note(self, event: Event) -> None:
        try:
            self._note(event, json.loads(event.body)["record"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # somebody changed it: `check_chain` tells

    def _note(self, event: Event, record: Mapping[str, Any]) -> None:
        if "announced" in record:
            self.announced[event.subject] = tuple(record.get(n, "") for n in ("rule", "system", "digest"))
        if "root" in record:
            counts = tuple((str(name), int(number)) for name, number in record[_said(record)])
            self.closed[event.subject] = Closing(event.seq, record["root"], record["key"], counts)
        if "anchor" in record:
            self.anchored.append((event.seq, Head(*record["anchor"])))
        if "destroyed_key" in record:
            self.gone.add(record["destroyed_key"])
        self.rows.update((table, str(record[name])) for name, table in _ROWS.items() if name in record)


def verify(chain: Chain, *, kept: Sequence[Head] = ()) -> Verification:
    """Check everything, streaming. `kept`: heads that were kept elsewhere and must still be in the chain."""
    with chain.read() as connection:
        row = connection.execute(select(schema.head)).one_or_none()
        head = Head() if row is None else Head(row.seq, row.hash)
        sealed = row is not None and chain.keyring.is_sealed(row.seal, "head", row.seq, row.hash)
        told = _Told()
        every = itertools.chain(
            () if sealed else (Fault(0, "the head of the chain was changed by hand, or belongs to other keys"),),
            _chain_faults(connection, head, kept, told),
            _batch_faults(connection, chain, told),
            _row_faults(connection, chain, told),
        )
        problems = tuple(itertools.islice(every, MOST_FAULTS))
        closed = select(func.count(), func.coalesce(func.sum(batches.c.records), 0)).where(batches.c.root.is_not(None))
        number, records = connection.execute(closed).one()
        length = connection.scalar(select(func.count()).select_from(events)) or 0
    first = min((f.seq for f in problems if f.seq), default=None)
    return Verification(not problems, length, number, int(records), head, first, problems)


def _chain_faults(connection: Connection, head: Head, kept: Sequence[Head], told: _Told) -> Iterator[Fault]:
    def walked() -> Iterator[Event]:
        for event in stream_events(connection, select(events).order_by(events.c.seq)):
            told.note(event)
            yield event

    yield from check_chain(walked(), head)
    for one in kept:
        if not _is_there(connection, one):
            yield Fault(one.seq, f"event {one.seq} is not the one that was kept elsewhere")
    for seq, one in told.anchored:
        if not _is_there(connection, one):
            yield Fault(seq, f"event {seq} laid down event {one.seq} with another hash than it has")


def _is_there(connection: Connection, head: Head) -> bool:
    return head == Head() or connection.scalar(select(events.c.hash).where(events.c.seq == head.seq)) == head.hash


def _batch_faults(connection: Connection, chain: Chain, told: _Told) -> Iterator[Fault]:
    """Every closed batch: its leaves give its root, its events tell the same, its key is known, and no key is left."""
    known = {*chain.keyring.evidence_ids, *told.gone}
    blobs = select(schema.leaves.c.dataset, schema.leaves.c.blob)
    rows = connection.execute(select(batches).where(batches.c.closed_at.is_not(None)).order_by(batches.c.id)).all()
    for row in rows:
        of_batch = sorted(map(tuple, connection.execute(blobs.where(schema.leaves.c.batch == row.id))))
        leaves = [one for _, blob in of_batch for one in cut(blob)]
        if len(leaves) != row.records or merkle_root(leaves).hex() != row.root:
            yield Fault(row.event, f"the leaves of batch {row.id} do not give its Merkle root")
        if connection.scalar(select(func.count()).where(batch_keys.c.batch == row.id)):
            yield Fault(row.event, f"batch {row.id} is closed and still holds keys")
        counts = tuple((name, len(blob) // LEAF) for name, blob in of_batch)
        if told.closed.pop(row.id, None) != Closing(row.event, row.root, row.key_id, counts):
            yield Fault(row.event, f"batch {row.id} is not as event {row.event} tells")
        if told.announced.get(row.id) != (row.rule, row.system, row.digest):
            yield Fault(row.event, f"batch {row.id} is not of the rule or system that was announced")
        if row.key_id not in known:
            yield Fault(row.event, f"evidence key {row.key_id} of batch {row.id} is not among the keys of this ledger")
    for batch, closing in told.closed.items():
        yield Fault(closing.event, f"event {closing.event} closed batch {batch}, and it is not there or not closed")


def _row_faults(connection: Connection, chain: Chain, told: _Told) -> Iterator[Fault]:
    """Rows that open doors: each as the ledger wrote it, and none of those that the events tell of is gone."""
    for table in SEALED:
        for row in connection.execute(select(table)).all():
            told.rows.discard((table.name, str(row[0])))
            if not is_sealed(chain.keyring, table, row):
                yield Fault(0, f"a row of {table.name} was not written by the ledger: {row[0]}")
    names = {table: name for name, table in _ROWS.items()}
    for table_name, lost in sorted(told.rows):
        yield Fault(0, f"the events tell of {names[table_name]} {lost}, and it is not there")
    for name in sorted(told.gone ^ gone_keys(connection, chain.keyring)):
        yield Fault(0, f"events and ledger do not agree on whether evidence key {name} was destroyed")
