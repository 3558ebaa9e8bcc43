"""Verifies an export of the Termijn ledger without Termijn: Python 3.9 or newer, standard library only.

    python verify_ledger.py EXPORT [--head SEQ:HASH ...] [--stamps FOLDER]

EXPORT is the file of `termijn ledger export`. --head is a place in the chain that was kept outside the ledger (on a
certificate of destruction, in a mail). --stamps lays the timestamps in the chain (RFC 3161) in FOLDER and tells how to
check their signatures. Exit code 0: everything verifies. 1: it does not, and each fault is named. 2: this is no export,
or wrong use.

What is checked, line by line (the export is one JSON value per line):
  event   its hash is SHA-256 over the JSON list [seq, at, kind, by, subject, body, previous], without spaces, as UTF-8;
          `previous` is the hash of the event before it; `seq` counts from 1 without a gap.
  batch   one destruction. Each destroyed record left one leaf of 32 bytes (a keyed hash: it tells nothing without the
          key). The Merkle tree over runs of 16 leaves, datasets by name (RFC 6962, section 2.1), gives the root that
          the event of its closing tells, with as many leaves per dataset; and an earlier event announced the batch.
  anchor  an event may say which place of the chain was laid down outside: that place must be in the chain.
  head    the last line: where the chain ends.
What an export alone can never show: that its end was cut off and its last line rewritten to match. Only a head that was
kept elsewhere shows that.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

START = {"export": "termijn ledger", "version": 1}
EVENT = ["at", "body", "by", "hash", "kind", "previous", "seq", "subject"]
RUN = 16  # so many leaves are hashed together at the foot of the tree
HASH = 64  # a SHA-256 or a leaf, in hexadecimal


def hash_of(event: dict[str, Any]) -> str:
    """The hash that this event must have."""
    fields = [event[name] for name in ("seq", "at", "kind", "by", "subject", "body", "previous")]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def root_of(leaves: list[bytes]) -> str:
    """The Merkle root of RFC 6962: 00 before a run of 16 leaves, 01 before two nodes; a lone node goes up."""
    runs = [b"".join(leaves[i : i + RUN]) for i in range(0, len(leaves), RUN)]
    level = [hashlib.sha256(b"\x00" + run).digest() for run in runs]
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        above = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in pairs]
        level = above + level[len(level) - len(level) % 2 :]
    return (level[0] if level else hashlib.sha256(b"").digest()).hex()


class Walk:
    """What was read so far."""

    def __init__(self, stamps: str = "") -> None:
        self.stamps = stamps
        self.seq, self.previous = 0, "0" * HASH  # the event before the first
        self.hashes = bytearray()  # of every event, as computed here
        self.announced: set[str] = set()
        self.closed: dict[str, tuple[int, str, list[Any]]] = {}  # batch → event, root, leaves per dataset
        self.batches = self.records = self.anchors = 0
        self.ended = False

    def line(self, line: dict[str, Any]) -> Iterator[str]:
        """The faults of one line."""
        if self.ended:
            yield f"event {self.seq}: something stands behind the head of the chain"
        elif sorted(line) == EVENT:
            yield from self.event(line)
        elif sorted(line) == ["batch", "leaves"]:
            yield from self.batch(line["batch"], line["leaves"])
        elif list(line) == ["head"]:
            yield from self.head(line["head"])
        else:
            raise ValueError

    def event(self, event: dict[str, Any]) -> Iterator[str]:
        seq, computed = event["seq"], hash_of(event)
        if seq != self.seq + 1:
            yield f"event {seq}: it follows event {self.seq}; an event was removed, inserted or moved"
        elif event["previous"] != self.previous:
            yield f"event {seq}: it does not follow from the event before it"
        if computed != event["hash"]:
            yield f"event {seq}: it was changed after it was written"
        self.seq, self.previous = seq, event["hash"]
        self.hashes += computed.encode()
        record = json.loads(event["body"])["record"]
        if "announced" in record:
            self.announced.add(event["subject"])
        if "root" in record:
            if event["subject"] not in self.announced:
                yield f"event {seq}: it closes batch {event['subject']}, which no event announced"
            # A row that survives its change is not called destroyed; its evidence is the same.
            said = next((word for word in ("emptied", "made anonymous") if word in record), "destroyed")
            self.closed[event["subject"]] = (seq, record["root"], record[said])
        if "anchor" in record:
            self.anchors += 1
            yield from self.kept(record["anchor"][0], record["anchor"][1], f"event {seq} says it laid down")
            if self.stamps and record["token"]:
                self.lay_down(record["anchor"][1], record["token"], os.path.join(self.stamps, f"{seq}.tsr"))
        if "destroyed_key" in record:
            print(f"note: event {seq} destroyed evidence key {record['destroyed_key']}; its leaves name no record now")

    def lay_down(self, digest: str, token: str, path: str) -> None:
        with open(path, "wb") as file:
            file.write(base64.b64decode(token))
        print(f"check it: openssl ts -verify -digest {digest} -in {path} -CAfile THE-SERVICE'S-CERTIFICATES.pem")

    def batch(self, name: str, blobs: dict[str, str]) -> Iterator[str]:
        if name not in self.closed:
            yield f"batch {name}: it is here, and no event tells of its closing (or it is here twice)"
            return
        seq, root, counts = self.closed.pop(name)
        if any(len(blob) % HASH or set(blob) - set("0123456789abcdef") for blob in blobs.values()):
            yield f"event {seq}: batch {name}, closed by this event, holds something that is no leaf"
            return
        leaves = [blob[i : i + HASH] for _, blob in sorted(blobs.items()) for i in range(0, len(blob), HASH)]
        if [[dataset, len(blob) // HASH] for dataset, blob in sorted(blobs.items())] != counts:
            yield f"event {seq}: batch {name} has not as many leaves as this event tells"
        if root_of([bytes.fromhex(leaf) for leaf in leaves]) != root:
            yield f"event {seq}: the leaves of batch {name} do not give the root that this event tells"
        self.batches, self.records = self.batches + 1, self.records + len(leaves)

    def head(self, head: dict[str, Any]) -> Iterator[str]:
        self.ended = True
        if head != {"seq": self.seq, "hash": self.previous}:
            yield f"event {self.seq}: the chain ends here, its head says {head['seq']}; events were cut off or changed"

    def kept(self, seq: int, known: str, who: str) -> Iterator[str]:
        """A place that was kept elsewhere is still in the chain."""
        found = self.hashes[(seq - 1) * HASH : seq * HASH].decode() if seq else "0" * HASH
        if not found:
            yield f"event {seq}: {who} this event, and the chain ends at {self.seq}; events were cut off"
        elif found != known:
            yield f"event {seq}: {who} another hash of this event than it has"

    def end(self, heads: list[tuple[int, str]]) -> Iterator[str]:
        """What shows only when all was read."""
        if not self.ended:
            yield f"event {self.seq}: the export stops here without a head; it was cut off"
        for name, (seq, _, _) in self.closed.items():
            yield f"event {seq}: it closed batch {name}, whose leaves are not here"
        for seq, known in heads:
            yield from self.kept(seq, known, "you kept")


def faults_of(path: str, walk: Walk, heads: list[tuple[int, str]]) -> Iterator[str]:
    """Every fault of an export."""
    with open(path, "rb") as file:
        if json.loads(file.readline()) != START:
            raise ValueError("it does not begin as one of version 1 does")
        for number, line in enumerate(file, 2):
            try:
                yield from walk.line(json.loads(line.decode()))
            except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
                yield f"event {walk.seq}: line {number}, after this event, is not what a ledger writes"
    yield from walk.end(heads)


def head_from(text: str) -> tuple[int, str]:
    """A head written as SEQ:HASH."""
    seq, _, known = text.strip().lower().partition(":")
    if len(bytes.fromhex(known)) * 2 != HASH:
        raise ValueError("--head is the number of an event, a colon, and 64 hexadecimal signs")
    return int(seq), known


def main(words: list[str]) -> int:
    """Verify, tell, and return the exit code."""
    use = argparse.ArgumentParser(description="Verify an export of the Termijn ledger.")
    use.add_argument("export", help="the file of `termijn ledger export`")
    use.add_argument("--head", type=head_from, action="append", default=[], help="SEQ:HASH, kept outside the ledger")
    use.add_argument("--stamps", default="", metavar="FOLDER", help="where to lay the timestamps of the chain")
    given = use.parse_args(words)
    walk, faults = Walk(given.stamps), 0
    try:
        for fault in faults_of(given.export, walk, given.head):
            faults += 1
            print(f"FAULT {fault}")
    except (OSError, ValueError) as trouble:
        print(f"this is no export of a ledger that can be read: {trouble}", file=sys.stderr)
        return 2
    print(f"{walk.seq} events, {walk.batches} batches with {walk.records} records destroyed, {walk.anchors} anchors")
    print(f"head {walk.seq}:{walk.previous}")
    print(f"DOES NOT VERIFY: {faults} faults" if faults else "verifies: nothing in it was changed, removed or added")
    if not given.head:
        print("no --head was given: compare the head above with one that was kept outside the ledger")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
