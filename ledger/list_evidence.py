"""In which batches the dossiers of a destruction list have their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from domain.evidence import cut, leaves
from domain.keys import Key, Keys
from ledger import schema
from ledger.evidence_keys import gone_keys
from ledger.schema import batches
from ledger.secrets import Keyring


def batches_with(
    connection: Connection, keyring: Keyring, row: Row[Any], dataset: str, keys: Sequence[Key]
) -> dict[str, Keys]:
    """Batch → those of `keys` that went in it; only batches announced since the list in `row` was drawn up."""
    joined = schema.leaves.join(batches, batches.c.id == schema.leaves.c.batch)
    query = (
        select(batches.c.id, batches.c.key_id, schema.leaves.c.blob)
        .select_from(joined)
        .where(batches.c.system == row.system, schema.leaves.c.dataset == dataset)
        .where(batches.c.announced_at >= row.drawn_at)
        .order_by(batches.c.event)
    )
    hashes: dict[str, dict[bytes, Key]] = {}
    gone = gone_keys(connection, keyring)  # of what these hashed, nobody can tell any more
    found: dict[str, Keys] = {}
    for batch, key_id, blob in connection.execution_options(yield_per=50).execute(query):
        if key_id in gone:
            continue
        if key_id not in hashes:
            made = leaves(keyring.evidence_key(key_id), row.system, dataset, keys)
            hashes[key_id] = dict(zip(made, keys, strict=True))
        went = [hashes[key_id][one] for one in cut(blob) if one in hashes[key_id]]
        if went:
            found[batch] = Keys(went)
    return found
