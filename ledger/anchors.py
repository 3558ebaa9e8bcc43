"""Which places of the chain were laid down outside: who cuts or rewrites the chain later cannot rewrite those."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select

from domain.evidence import Entry, Head
from domain.trouble import Refused
from ledger import schema
from ledger.chain import Chain


class Way(StrEnum):
    """How a head is laid down outside the ledger."""

    MAIL = "mail"
    TIMESTAMP = "rfc3161"


def record_anchor(chain: Chain, head: Head, way: Way, *, token: str = "", entry: Entry) -> int:
    """Tell in the chain that this head was laid down outside; returns the event. `token`: a timestamp, base64.

    Raises Refused where the chain has no such head: what is anchored must be what is there.
    """
    with chain.write(entry) as writing:
        known = writing.connection.scalar(select(schema.events.c.hash).where(schema.events.c.seq == head.seq))
        if known != head.hash:
            raise Refused(f"event {head.seq} has another hash", where="anchor", do="run: termijn ledger verify")
        writing.record |= {"anchor": [head.seq, head.hash], "way": Way(way).value, "token": token}
        return writing.seq
