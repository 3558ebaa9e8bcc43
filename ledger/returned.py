"""Which records of a restored system were destroyed before, found by their keyed hash in bounded memory.

Of each leaf eight bytes are kept in one sorted array: ten million destroyed records take eighty megabytes, and a page
of keys is looked up at once. What matches there is then held against the whole leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from domain.evidence import LEAF, leaves
from domain.keys import Key, Keys
from ledger import schema
from ledger.chain import Chain
from ledger.destroyed import Destroyed
from ledger.evidence_keys import gone_keys
from ledger.schema import batches

_Marks = NDArray[np.uint64]


def find_returned(
    chain: Chain, destroyed: Destroyed, *, system: str, dataset: str, pages: Iterable[Sequence[Key]]
) -> Keys:
    """Those of the keys that stream by which the ledger has evidence of; in their order.

    What `Destroyed.cannot_be_told` names is passed over: say that beside this. LedgerBroken: a key is merely missing.
    """
    known = _marks_by_key(chain, system, dataset)
    return Keys(_found(chain, destroyed, known, system, dataset, pages) if known else ())


def _found(
    chain: Chain,
    destroyed: Destroyed,
    known: dict[str, _Marks],
    system: str,
    dataset: str,
    pages: Iterable[Sequence[Key]],
) -> Iterator[Key]:
    for page in pages:
        likely = np.zeros(len(page), dtype=bool)
        for key_id, marks in known.items():
            hashes = leaves(chain.keyring.evidence_key(key_id), system, dataset, page)
            likely |= _is_among(_marks(b"".join(hashes)), marks)
        candidates = [key for key, one in zip(page, likely, strict=True) if one]
        if candidates:
            yield from destroyed.destroyed_among(system, dataset, candidates)


def _marks_by_key(chain: Chain, system: str, dataset: str) -> dict[str, _Marks]:
    """Per evidence key that was not destroyed, the marks of all leaves made with it, sorted."""
    which = (batches.c.system == system) & (schema.leaves.c.dataset == dataset)
    joined = schema.leaves.join(batches, batches.c.id == schema.leaves.c.batch)
    query = select(batches.c.key_id, schema.leaves.c.blob).select_from(joined).where(which)
    found: dict[str, list[_Marks]] = {}
    with chain.read() as connection:
        gone = gone_keys(connection, chain.keyring)
        for key_id, blob in connection.execution_options(yield_per=50).execute(
            query.where(~batches.c.key_id.in_(gone))
        ):
            found.setdefault(key_id, []).append(_marks(blob))
    return {key_id: np.sort(np.concatenate(parts)) for key_id, parts in found.items()}


def _marks(blob: bytes) -> _Marks:
    """The first eight bytes of each leaf, copied out of the blob."""
    return np.frombuffer(blob, dtype=np.uint64)[:: LEAF // 8].copy()


def _is_among(marks: _Marks, known: _Marks) -> NDArray[np.bool_]:
    at = np.minimum(np.searchsorted(known, marks), len(known) - 1)
    among: NDArray[np.bool_] = known[at] == marks
    return among
