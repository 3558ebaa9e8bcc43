"""How the evidence of the ledger is hashed, chained and checked, without the ledger.

An event's hash is SHA-256 over the canonical JSON of all its fields, the hash of the event before it included. A
destroyed record leaves one leaf: a keyed BLAKE2b hash, so that nobody without the key can try out a BSN (promise 6).
The leaves of a batch stand under one Merkle root, built as RFC 6962 §2.1 says over runs of sixteen leaves.
"""

from __future__ import annotations

import hashlib
import json
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stdnum.nl import bsn

from domain.keys import Key, Keys, key_text

#: What may stand in the facts of an entry.
Fact = str | int | bool | Sequence["Fact"] | None
#: The length in bytes of one leaf.
LEAF = 32
#: So many leaves are hashed together at the foot of the tree: a tree with a foot each costs as much as the deletion.
RUN = 16
#: What stands before the first event.
NOTHING = "0" * 64

_HEAD = re.compile(r"(\d+):([0-9a-f]{64})\Z", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9 .-]{1,60}\Z")
_CASE = re.compile(r"(\d{4}-\d{4,})?\Z")
_ADDRESS = re.compile(r"\S@\S")
_NUMBER = re.compile(r"\b\d{8,9}\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a write must say of itself: what happened, by whom, why, for which case. Never personal data.

    `kind` is a few lower-case words ('batch closed'); `by` is the id of an officer or of a flow ('fg'), never a
    name. Raises ValueError where something looks like an e-mail address or a BSN.
    """

    kind: str
    by: str
    why: str = ""
    case: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _KIND.match(self.kind):
            raise ValueError("the kind of an entry is a few lower-case words, such as 'case opened'")
        if not self.by.strip() or len(self.by) > 60:
            raise ValueError("an entry says by whom: the id of an officer or of a flow")
        if not _CASE.match(self.case):
            raise ValueError("the case of an entry is a case number, such as '2026-0001'")
        if any(_ADDRESS.search(t) for t in (self.by, self.why, *_texts(list(self.facts.values())))):
            raise ValueError("an entry of the ledger holds no e-mail address; name the case instead")
        if any(bsn.is_valid(n.zfill(9)) for n in _NUMBER.findall(self.why)):
            raise ValueError("an entry of the ledger holds no BSN; name the case instead")


def _texts(fact: Fact) -> Iterator[str]:
    match fact:
        case str():
            yield fact
        case list() | tuple():
            for part in fact:
                yield from _texts(part)
        case None | bool() | int():
            pass
        case _:
            raise ValueError(
                f"a fact of type {type(fact).__name__} cannot be chained; use text, a whole number or a list"
            )


def canonical(value: object) -> str:
    """JSON that is the same for the same value everywhere: sorted names, no spaces, no floats, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One link of the chain. `at` is UTC as ISO 8601 text, `body` canonical JSON: as they are hashed."""

    seq: int
    at: str
    kind: str
    by: str
    subject: str
    body: str
    previous: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: keep it elsewhere, and nobody can cut the chain unseen."""

    seq: int = 0
    hash: str = NOTHING

    @classmethod
    def parse(cls, text: str) -> Head:
        """A head as a certificate or a mail writes it: SEQ:HASH. ValueError where it is none."""
        found = _HEAD.match(text.strip().lower())
        if found is None:
            raise ValueError("a head is the number of an event, a colon and 64 hexadecimal signs")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the evidence that does not verify. `seq` is the event, 0 where it is not in one event."""

    seq: int
    what: str


def event_hash(event: Event) -> str:
    """SHA-256, in hex, over every field but the hash itself; the body goes in as the text that is stored."""
    fields = [event.seq, event.at, event.kind, event.by, event.subject, event.body, event.previous]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def check_chain(events: Iterable[Event], head: Head) -> Iterator[Fault]:
    """Every event that was edited, inserted, moved or removed, and a chain that was cut short. Streams."""
    seq, previous = 0, NOTHING
    for event in events:
        if event.seq != seq + 1:
            yield Fault(event.seq, f"event {event.seq} follows {seq}: an event was removed, inserted or moved")
        elif event.previous != previous:
            yield Fault(event.seq, f"event {event.seq} does not follow from the event before it")
        if event_hash(event) != event.hash:
            yield Fault(event.seq, f"event {event.seq} was changed after it was written")
        seq, previous = event.seq, event.hash
    if (seq, previous) != (head.seq, head.hash):
        yield Fault(seq, f"the chain ends at event {seq}; its head says {head.seq}: events were cut off or replaced")


def leaf(key: bytes, system: str, dataset: str, text: str) -> bytes:
    """What stays of one destroyed record: 32 bytes. `text` is the record's key as `domain.keys` writes it."""
    return hashlib.blake2b(f"{system}|{dataset}|{text}".encode(), key=key, digest_size=LEAF).digest()


def leaves(key: bytes, system: str, dataset: str, keys: Iterable[Key]) -> list[bytes]:
    """The leaves of many records, in the order of `keys`; equal to `leaf` of each, three times as fast."""
    start = hashlib.blake2b(f"{system}|{dataset}|".encode(), key=key, digest_size=LEAF).copy
    numbers = keys.numbers if isinstance(keys, Keys) else None
    # Most keys are one whole number: writing it here saves half the time of a big night.
    texts = (key_text(one).encode() for one in keys) if numbers is None else map(b"%d".__mod__, numbers)
    found = list[bytes]()
    for text in texts:
        state = start()
        state.update(text)
        found.append(state.digest())
    return found


def in_order(found: Iterable[bytes]) -> list[bytes]:
    """Leaves as a blob keeps them: sorted, each once. Sorted, they say nothing of the order of the records."""
    ordered = sorted(found)
    return sorted(set(ordered)) if any(map(operator.eq, ordered, ordered[1:])) else ordered


def cut(blob: bytes) -> list[bytes]:
    """The leaves that stand one after another in a blob."""
    return [blob[i : i + LEAF] for i in range(0, len(blob), LEAF)]


def _run_hashes(of: Sequence[bytes]) -> list[bytes]:
    """The lowest level of the tree: one hash over each run of `RUN` leaves."""
    sha256, whole = hashlib.sha256, b"".join(of)
    return [sha256(b"\x00" + whole[i : i + RUN * LEAF]).digest() for i in range(0, len(whole), RUN * LEAF)]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    """A node without a neighbour goes up as it is: the same tree as RFC 6962 draws."""
    sha256 = hashlib.sha256
    above = [sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
    return above if len(level) % 2 == 0 else [*above, level[-1]]


def merkle_root(of: Sequence[bytes]) -> bytes:
    """The root over these leaves of `LEAF` bytes in their order; of no leaves: the hash of nothing."""
    level = _run_hashes(of)
    while len(level) > 1:
        level = _level_above(level)
    return level[0] if level else hashlib.sha256(b"").digest()


def inclusion_proof(of: Sequence[bytes], index: int) -> list[bytes]:
    """With what the leaf at `index` reaches the root: what stands before and after it in its run, then the neighbours
    from below. IndexError outside the list."""
    if not 0 <= index < len(of):
        raise IndexError("there is no such leaf")
    first = index - index % RUN
    path = [b"".join(of[first:index]), b"".join(of[index + 1 : first + RUN])]
    level, at = _run_hashes(of), index // RUN
    while len(level) > 1:
        if at ^ 1 < len(level):
            path.append(level[at ^ 1])
        level, at = _level_above(level), at // 2
    return path


def verify_inclusion(one: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether this leaf stands at `index` of the `size` leaves under `root`."""
    if not 0 <= index < size or len(proof) < 2:
        return False
    before, after, *rest = proof
    in_run = min(RUN, size - (index - index % RUN))
    if len(before) != LEAF * (index % RUN) or len(before) + len(one) + len(after) != LEAF * in_run:
        return False
    at, place, runs = hashlib.sha256(b"\x00" + before + one + after).digest(), index // RUN, -(-size // RUN)
    while runs > 1:
        if place ^ 1 < runs:
            if not rest:
                return False
            other = rest.pop(0)
            at = _node(other, at) if place % 2 else _node(at, other)
        place, runs = place // 2, (runs + 1) // 2
    return not rest and at == root
