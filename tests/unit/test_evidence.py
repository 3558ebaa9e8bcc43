"""How evidence is hashed: known answers, and what an entry refuses to hold."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from domain.evidence import Entry, Event, Head, check_chain, event_hash, leaf, leaves, merkle_root

KEY = bytes(range(32))


def test_the_root_of_no_leaves_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").digest()


def test_the_root_is_the_one_that_rfc_6962_draws_over_runs_of_sixteen_leaves() -> None:
    def sha(data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    leaves = [bytes([n]) * 32 for n in range(40)]
    a, b, c = (sha(b"\x00" + b"".join(leaves[n : n + 16])) for n in (0, 16, 32))
    assert merkle_root(leaves[:16]) == a
    assert merkle_root(leaves) == sha(b"\x01" + sha(b"\x01" + a + b) + c)


def test_a_node_of_the_tree_cannot_pass_for_a_leaf() -> None:
    a, b = b"a" * 32, b"b" * 32
    node = hashlib.sha256(b"\x00" + a).digest() + hashlib.sha256(b"\x00" + b).digest()
    assert merkle_root([a, b]) != merkle_root([hashlib.sha256(node).digest()])
    assert merkle_root([a, b]) != merkle_root([node])


def test_a_leaf_is_a_keyed_blake2b_of_system_dataset_and_key() -> None:
    expected = hashlib.blake2b(b"careweb|patient|17", key=KEY, digest_size=32).digest()
    assert leaf(KEY, "careweb", "patient", "17") == expected
    assert leaf(bytes(32), "careweb", "patient", "17") != expected


def test_many_leaves_are_the_leaves_of_each() -> None:
    keys = [(1,), ("a|b",), (True,), (7, "x"), (UUID(int=3),)]
    texts = ["1", "a\\|b", "True", "7|x", str(UUID(int=3))]
    assert leaves(KEY, "s", "d", keys) == [leaf(KEY, "s", "d", text) for text in texts]


def test_the_hash_of_an_event_is_what_an_auditor_computes_without_this_program() -> None:
    event = Event(1, "2026-11-23T08:00:00.000000+00:00", "case opened", "fg", "2026-0001", '{"why":"é"}', "0" * 64)
    line = json.dumps(
        [1, event.at, event.kind, event.by, event.subject, event.body, event.previous],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    assert event_hash(event) == hashlib.sha256(line.encode()).hexdigest()


def test_an_empty_chain_verifies_only_against_an_empty_head() -> None:
    assert not list(check_chain([], Head()))
    assert list(check_chain([], Head(3, "f" * 64)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"why": "asked by j.jansen@example.org"},
        {"why": "it is about 111222333"},
        {"facts": {"to": ["x@example.org"]}},
        {"by": "fg@example.org"},
        {"by": "  "},
        {"kind": "Shouting"},
        {"kind": ""},
        {"case": "Jansen"},
        {"facts": {"share": 0.5}},
        {"facts": {"deep": {"a": 1}}},
    ],
)
def test_an_entry_refuses_personal_data_and_what_cannot_be_hashed_alike_everywhere(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"kind": "case opened", "by": "fg"} | wrong
    with pytest.raises(ValueError, match=r"entry|fact") as caught:
        Entry(**given)
    assert "example.org" not in str(caught.value)
    assert "111222333" not in str(caught.value)
