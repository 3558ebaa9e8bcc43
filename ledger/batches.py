"""What is being destroyed, and the evidence of what was: announced before the first row goes, closed after the last.

An announced batch holds its keys, encrypted; a closed one holds one keyed hash per record and no key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from domain.evidence import Entry, Fact, in_order, leaves, merkle_root
from domain.keys import Keys
from domain.trouble import NotFound, Refused
from ledger import schema
from ledger.approvals import What, standing_approval
from ledger.chain import Chain
from ledger.destroyed import Closed, Destroyed
from ledger.packing import pack, unpack
from ledger.schema import batch_keys, batches
from ledger.switch import is_stopped


@dataclass(frozen=True, slots=True)
class Receipt:
    """A batch that the ledger has announced and not yet closed. Without one, nothing can be destroyed."""

    batch: str
    rule: str
    dossiers: Mapping[str, Keys]
    system: str = ""
    digest: str = ""
    announced_at: datetime | None = None


class Batches(Destroyed):
    """The destructions of the ledger, under way and done."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        #: What this process announced and did not close yet: decrypting it again costs a third of closing.
        self._announced: dict[str, Mapping[str, Keys]] = {}

    def announce(
        self,
        *,
        rule: str,
        digest: str,
        system: str,
        dossiers: Mapping[str, Keys],
        as_of: date,
        entry: Entry,
        what: What = What.RULE,
        instructions: Sequence[str] = (),
    ) -> Receipt:
        """Keep the keys of what will be destroyed, before it is. Raises Refused, and then nothing may go:

        when destruction is stopped, or no approval of `digest` (of the rule; with `what` of the plan) stands, or none
        of one of the practices' `instructions` (their digests) by which this batch goes.
        """
        with self._chain.write(entry) as writing:
            connection, keyring = writing.connection, self._chain.keyring
            if is_stopped(connection, keyring):
                raise Refused("all destruction is stopped", where=rule, do="find out why; then: termijn go")
            for kind, one in ((What(what), digest), *((What.LIST, i) for i in instructions)):
                if standing_approval(connection, keyring, kind, one, as_of=as_of) is None:
                    raise Refused(
                        f"no approval of this {kind.value} stands ({one[:12]})",
                        where=rule,
                        do=f"let a second person allow it: termijn approve {kind.value}",
                    )
            batch = f"B{(connection.scalar(select(func.count()).select_from(batches)) or 0) + 1:07d}"
            values = {"id": batch, "rule": rule, "system": system, "digest": digest, "announced_at": writing.at}
            connection.execute(insert(batches).values(records=0, **values))
            for dataset, keys in dossiers.items():
                token = keyring.encrypt(pack(keys), of=f"batch_keys.keys:{batch}:{dataset}")
                connection.execute(insert(batch_keys).values(batch=batch, dataset=dataset, keys=token))
            writing.subject = batch
            counts: list[Fact] = [[name, len(keys)] for name, keys in sorted(dossiers.items())]
            writing.record |= {"announced": counts, "rule": rule, "system": system, "digest": digest}
        self._announced[batch] = dict(dossiers)
        return Receipt(batch, rule, dict(dossiers), system, digest, writing.at)

    def close(self, batch: str, gone: Mapping[str, Keys], *, entry: Entry, said: str = "destroyed") -> Closed:
        """Turn what is really gone into evidence, and drop every key. Raises NotFound, Refused (closed already).

        `said` is what the event says of these records: a row that survives is not called destroyed.

        What was announced and is not in `gone` stays in the source: it leaves no evidence.
        """
        with self._chain.write(entry) as writing:
            row = writing.connection.execute(select(batches).where(batches.c.id == batch)).one_or_none()
            if row is None:
                raise NotFound(f"no batch {batch}", do="list them with: termijn ledger verify")
            if row.closed_at is not None:
                raise Refused(f"batch {batch} is closed already", do="nothing: its evidence is in the ledger")
            announced = self._announced.get(batch) or self._keys_of(writing.connection, batch)
            unannounced = sum(_number_beyond(keys, announced.get(name, Keys())) for name, keys in gone.items())
            key_id, every = self._chain.keyring.evidence_ids[0], list[bytes]()
            key, rows = self._chain.keyring.evidence_key(key_id), {}
            for dataset in sorted(gone):
                found = in_order(leaves(key, row.system, dataset, gone[dataset]))
                if found:
                    blob = {"batch": batch, "dataset": dataset, "blob": b"".join(found)}
                    writing.connection.execute(insert(schema.leaves).values(blob))
                    rows[dataset] = len(found)
                    every += found
            root = merkle_root(every).hex()
            writing.connection.execute(delete(batch_keys).where(batch_keys.c.batch == batch))
            done = {"closed_at": writing.at, "event": writing.seq, "records": len(every), "root": root}
            writing.connection.execute(update(batches).where(batches.c.id == batch).values(key_id=key_id, **done))
            writing.subject = batch
            counts: list[Fact] = [[name, number] for name, number in rows.items()]
            writing.record |= {said: counts, "root": root, "key": key_id, "unannounced": unannounced}
        self._announced.pop(batch, None)
        return Closed(batch, row.rule, row.system, len(every), root, writing.seq, writing.at, rows, unannounced)

    def open_batches(self, system: str | None = None) -> tuple[Receipt, ...]:
        """Announced and never closed, oldest first, with their keys: what a killed run left to look after."""
        query = select(batches).where(batches.c.closed_at.is_(None)).order_by(batches.c.id)
        if system is not None:
            query = query.where(batches.c.system == system)
        with self._chain.read() as connection:
            rows = connection.execute(query).all()
            return tuple(
                Receipt(r.id, r.rule, self._keys_of(connection, r.id), r.system, r.digest, r.announced_at) for r in rows
            )

    def is_announced(self, batch: str, digest: str, dossiers: Mapping[str, Keys]) -> bool:
        """Whether the ledger itself announced exactly these dossiers under this digest, open still, and not stopped.

        A connector asks this of every receipt that it is handed: one made by hand destroys nothing.
        """
        with self._chain.read() as connection:
            row = connection.execute(select(batches).where(batches.c.id == batch)).one_or_none()
            if row is None or row.closed_at is not None or row.digest != digest:
                return False
            if is_stopped(connection, self._chain.keyring):
                return False
            announced = self._announced.get(batch) or self._keys_of(connection, batch)
        return {d: k for d, k in dossiers.items() if len(k)} == {d: k for d, k in announced.items() if len(k)}

    def _keys_of(self, connection: Connection, batch: str) -> dict[str, Keys]:
        rows = connection.execute(select(batch_keys).where(batch_keys.c.batch == batch).order_by(batch_keys.c.dataset))
        opened = self._chain.keyring.decrypt
        return {r.dataset: unpack(opened(r.keys, of=f"batch_keys.keys:{batch}:{r.dataset}")) for r in rows}


def _number_beyond(gone: Keys, announced: Keys) -> int:
    """How many of these records were never announced."""
    return 0 if gone.same_records(announced) else len(set(gone).difference(announced))
