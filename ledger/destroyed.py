"""What the ledger can tell of records that are gone: that they were destroyed, when, and under which root."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.evidence import LEAF, cut, leaf, leaves
from domain.keys import Key, Keys, key_text
from ledger import schema
from ledger.chain import Chain
from ledger.evidence_keys import gone_keys
from ledger.schema import batches


@dataclass(frozen=True, slots=True)
class Closed:
    """The evidence of a batch: how many records per dataset, one Merkle root over all, and its event in the chain.

    `unannounced` counts destroyed records that were never announced: there should be none.
    """

    batch: str
    rule: str
    system: str
    records: int
    root: str
    event: int
    at: datetime
    rows: Mapping[str, int] = field(default_factory=dict)
    unannounced: int = 0


class Destroyed:
    """The evidence of destructions, to be asked."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def closed_batches(self, *, after_event: int = 0) -> tuple[Closed, ...]:
        """The evidence of every batch closed after this event, in order of closing."""
        size = (func.length(schema.leaves.c.blob) / LEAF).label("size")
        per_dataset = select(schema.leaves.c.batch, schema.leaves.c.dataset, size)
        query = select(batches).where(batches.c.event > after_event).order_by(batches.c.event)
        with self._chain.read() as connection:
            rows: dict[str, dict[str, int]] = {}
            for batch, dataset, number in connection.execute(per_dataset):
                rows.setdefault(batch, {})[dataset] = int(number)
            return tuple(
                Closed(r.id, r.rule, r.system, r.records, r.root, r.event, r.closed_at, rows.get(r.id, {}))
                for r in connection.execute(query)
            )

    def was_destroyed(self, system: str, dataset: str, key: Key | str) -> bool | None:
        """Whether the ledger holds evidence that this record was destroyed. `key` may be written already.

        None: it cannot be told any more, for the key of some evidence of this dataset was itself destroyed.
        """
        text = key if isinstance(key, str) else key_text(key)
        with self._chain.read() as connection:
            gone, passed = gone_keys(connection, self._chain.keyring), False
            for key_id, blob in connection.execution_options(yield_per=50).execute(_blobs(system, dataset)):
                if key_id in gone:
                    passed = True
                    continue
                wanted = leaf(self._chain.keyring.evidence_key(key_id), system, dataset, text)
                found = cut(blob)
                at = bisect_left(found, wanted)
                if at < len(found) and found[at] == wanted:
                    return True
        return None if passed else False

    def destroyed_among(self, system: str, dataset: str, keys: Iterable[Key]) -> Keys:
        """Those of `keys` that were destroyed before. Reads all evidence of the dataset once: give many keys.

        Batches of which that `cannot_be_told` any more are passed over: ask for them beside this.
        """
        asked, wanted, found = tuple(keys), dict[str, dict[bytes, Key]](), set[Key]()
        with self._chain.read() as connection:
            gone = gone_keys(connection, self._chain.keyring)
            for key_id, blob in connection.execution_options(yield_per=50).execute(_blobs(system, dataset)):
                if key_id in gone:
                    continue
                if key_id not in wanted:
                    hashes = leaves(self._chain.keyring.evidence_key(key_id), system, dataset, asked)
                    wanted[key_id] = dict(zip(hashes, asked, strict=True))
                found.update(wanted[key_id][one] for one in wanted[key_id].keys() & set(cut(blob)))
        return Keys(k for k in asked if k in found)

    def destroyed_under(self, system: str, dataset: str, keys: Iterable[Key], digest: str) -> Keys:
        """Those of `keys` that were destroyed by what was approved under this digest (of a rule, or of a plan)."""
        asked, found = tuple(keys), set[Key]()
        wanted: dict[str, dict[bytes, Key]] = {}
        with self._chain.read() as connection:
            gone = gone_keys(connection, self._chain.keyring)
            for key_id, blob in connection.execute(_blobs(system, dataset).where(batches.c.digest == digest)):
                if key_id in gone:
                    continue
                if key_id not in wanted:
                    hashes = leaves(self._chain.keyring.evidence_key(key_id), system, dataset, asked)
                    wanted[key_id] = dict(zip(hashes, asked, strict=True))
                found.update(wanted[key_id][one] for one in wanted[key_id].keys() & set(cut(blob)))
        return Keys(k for k in asked if k in found)

    def cannot_be_told(self, system: str) -> tuple[str, ...]:
        """The batches of a system whose evidence key was destroyed: which records went is known to nobody any more."""
        with self._chain.read() as connection:
            gone = gone_keys(connection, self._chain.keyring)
            query = select(batches.c.id).where(batches.c.system == system, batches.c.key_id.in_(gone))
            return tuple(connection.scalars(query.order_by(batches.c.id)))

    def destroyed_totals(self) -> dict[tuple[str, str], int]:
        """How many records the ledger has evidence of, by system and rule."""
        query = select(batches.c.system, batches.c.rule, func.sum(batches.c.records))
        with self._chain.read() as connection:
            closed = connection.execute(
                query.where(batches.c.closed_at.is_not(None)).group_by(batches.c.system, batches.c.rule)
            )
            return {(system, rule): int(number) for system, rule, number in closed}

    def batches_with(self, system: str, dataset: str, texts: Iterable[str]) -> tuple[Closed, ...]:
        """The evidence of every batch in which a record went, its key written in any of these ways; oldest first.

        Batches of which that `cannot_be_told` any more are passed over: ask for them beside this.
        """
        wanted = frozenset(texts)
        if not any(self.was_destroyed(system, dataset, text) for text in wanted):
            return ()
        return tuple(c for c in self.closed_batches() if c.system == system and self._holds(c.batch, dataset, wanted))

    def _holds(self, batch: str, dataset: str, texts: Iterable[str]) -> bool:
        """Whether one batch has the leaf of any of these keys. It costs one read, so ask it after `was_destroyed`."""
        which = (schema.leaves.c.batch == batch) & (schema.leaves.c.dataset == dataset)
        joined = schema.leaves.join(batches, batches.c.id == schema.leaves.c.batch)
        query = select(batches.c.system, batches.c.key_id, schema.leaves.c.blob).select_from(joined).where(which)
        with self._chain.read() as connection:
            gone = gone_keys(connection, self._chain.keyring)
            for system, key_id, blob in connection.execute(query):
                if key_id in gone:
                    continue
                key = self._chain.keyring.evidence_key(key_id)
                if {leaf(key, system, dataset, text) for text in texts} & set(cut(blob)):
                    return True
        return False


def _blobs(system: str, dataset: str) -> Any:
    joined = schema.leaves.join(batches, batches.c.id == schema.leaves.c.batch)
    which = (batches.c.system == system) & (schema.leaves.c.dataset == dataset)
    return select(batches.c.key_id, schema.leaves.c.blob).select_from(joined).where(which)
