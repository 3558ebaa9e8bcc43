"""The one door for writes: a change and its chained event are stored together, or neither is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, insert, select, update
from sqlalchemy.exc import DBAPIError

from domain.evidence import Entry, Event, Fact, Head, canonical, event_hash
from domain.trouble import LedgerBroken
from ledger import schema
from ledger.secrets import Keyring

__all__ = ["Chain", "Entry", "Writing"]

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Writing:
    """One write under way. What is put in `record` and `subject` goes into the event; never personal data."""

    connection: Connection
    at: datetime
    entry: Entry
    subject: str = ""
    record: dict[str, Fact] = field(default_factory=dict)
    seq: int = 0
    kind: str = ""
    idle: bool = False

    def nothing_to_do(self) -> None:
        """The state asked for is already there: nothing is stored, and no event."""
        self.idle = True

    def refuse(self, reason: str) -> None:
        """Keep the refusal itself as the event. The caller raises after the write is stored."""
        self.kind, self.record = "refused", {**self.record, "asked": self.entry.kind, "reason": reason}


class Chain:
    """The events of the ledger, and every write and read of it."""

    def __init__(self, engine: Engine, keyring: Keyring, clock: Clock) -> None:
        self.engine, self.keyring, self._clock = engine, keyring, clock
        self._mine = threading.Lock()  # two threads of one process queue here: SQLite would have one of them nap

    def now(self) -> datetime:
        """The moment by the ledger's clock, in UTC."""
        at = self._clock()
        if at.tzinfo is None:
            raise ValueError("the clock of the ledger gives aware moments")
        return at.astimezone(UTC)

    @contextmanager
    def write(self, entry: Entry) -> Iterator[Writing]:
        """Do a change in one transaction with its event. One writer at a time, over all processes and hosts.

        An exception undoes both. `record` (the ledger's own account of the change) and the entry's facts stand
        apart in the event, so that neither can pass for the other.
        """
        with self._mine, self._open(writes=True) as connection:
            last = self._lock_head(connection)
            writing = Writing(connection, self.now(), entry, seq=last.seq + 1, kind=entry.kind)
            yield writing
            if writing.idle:
                connection.rollback()
                return
            self._append(writing, last)
            connection.commit()

    @contextmanager
    def mark(self) -> Iterator[Writing]:
        """A write that is no evidence and leaves no event: renewing a lease every few seconds, nothing else."""
        with self._open(writes=True) as connection:
            yield Writing(connection, self.now(), Entry("mark", "ledger"))
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the ledger, whatever is written meanwhile."""
        with self._open(writes=False) as connection:
            yield connection

    @contextmanager
    def _open(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(termijn_writes=writes) as connection:
                if not writes and self.engine.dialect.name == "postgresql":
                    connection.execution_options(isolation_level="REPEATABLE READ")
                yield connection
        except DBAPIError as trouble:
            raise LedgerBroken(
                f"the ledger's database does not answer ({type(trouble.orig).__name__})",
                do="look whether it runs, whether its disk is full and whether another process holds it; then again",
            ) from None

    def _lock_head(self, connection: Connection) -> Head:
        row = connection.execute(select(schema.head).with_for_update()).one_or_none()
        if row is None or not self.keyring.is_sealed(row.seal, "head", row.seq, row.hash):
            raise LedgerBroken(
                "the head of the ledger was changed by hand, or belongs to other keys",
                do="write nothing more; run: termijn ledger verify, and restore the ledger from a backup",
            )
        return Head(row.seq, row.hash)

    def _append(self, writing: Writing, last: Head) -> None:
        entry = writing.entry
        body = {"why": entry.why, "case": entry.case, "facts": dict(entry.facts), "record": writing.record}
        draft = Event(
            seq=writing.seq,
            at=schema.written(writing.at),
            kind=writing.kind,
            by=entry.by,
            subject=writing.subject or entry.case,
            body=canonical(body),
            previous=last.hash,
        )
        self_hash = event_hash(draft)
        values = {name: getattr(draft, name) for name in Event.__slots__} | {"hash": self_hash}
        writing.connection.execute(insert(schema.events).values(values))
        seal = self.keyring.seal("head", writing.seq, self_hash)
        writing.connection.execute(update(schema.head).values(seq=writing.seq, hash=self_hash, seal=seal))

    def head(self) -> Head:
        """Where the chain ends now. Kept elsewhere (a report, a mail), it shows every later cut."""
        with self.read() as connection:
            row = connection.execute(select(schema.head)).one()
        return Head(row.seq, row.hash)

    def events(self, *, after: int = 0, case: str = "", kind: str = "") -> Iterator[Event]:
        """The events in their order, streamed; only those about a case or of a kind where asked."""
        query = select(schema.events).where(schema.events.c.seq > after).order_by(schema.events.c.seq)
        if case:
            query = query.where(schema.events.c.subject == case)
        if kind:
            query = query.where(schema.events.c.kind == kind)
        with self.read() as connection:
            yield from stream_events(connection, query)


def stream_events(connection: Connection, query: Select[Any]) -> Iterator[Event]:
    """Events a page at a time: memory stays flat however long the chain is."""
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield Event(**row._mapping)
