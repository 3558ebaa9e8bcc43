"""What holds of every tree and every chain."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import (
    NOTHING,
    Event,
    Head,
    check_chain,
    cut,
    event_hash,
    inclusion_proof,
    merkle_root,
    verify_inclusion,
)

hashes = st.binary(min_size=32, max_size=32)


def chain_of(bodies: list[str]) -> list[Event]:
    events: list[Event] = []
    for seq, body in enumerate(bodies, 1):
        previous = events[-1].hash if events else NOTHING
        draft = Event(seq, "2026-11-23T08:00:00.000000+00:00", "told", "fg", "", body, previous)
        events.append(replace(draft, hash=event_hash(draft)))
    return events


def head_of(events: list[Event]) -> Head:
    return Head(events[-1].seq, events[-1].hash) if events else Head()


@given(st.lists(hashes, max_size=40))
def test_every_leaf_of_a_tree_can_be_shown_to_be_in_it(leaves: list[bytes]) -> None:
    root = merkle_root(leaves)
    for index, one in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        assert verify_inclusion(one, index=index, size=len(leaves), proof=proof, root=root)


@given(st.lists(hashes, min_size=1, max_size=40, unique=True), st.data(), hashes)
def test_no_other_leaf_place_or_path_is_shown_to_be_in_it(
    leaves: list[bytes], data: st.DataObject, other: bytes
) -> None:
    root, size = merkle_root(leaves), len(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(leaves, index)
    if other != leaves[index]:
        assert not verify_inclusion(other, index=index, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaves[index], index=index, size=size, proof=[*proof, other], root=root)
    assert not verify_inclusion(leaves[index], index=size, size=size, proof=proof, root=root)
    if proof:
        assert not verify_inclusion(leaves[index], index=index, size=size, proof=proof[:-1], root=root)


@given(st.lists(hashes, min_size=1, max_size=40, unique=True), st.data())
def test_a_changed_moved_or_missing_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    root, at = merkle_root(leaves), data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], bytes(a ^ 1 for a in leaves[at]), *leaves[at + 1 :]]
    assert merkle_root(changed) != root
    assert merkle_root([*leaves[:at], *leaves[at + 1 :]]) != root
    assert merkle_root([*leaves, leaves[at]]) != root
    if len(leaves) > 1:
        assert merkle_root([*leaves[1:], leaves[0]]) != root


@given(st.lists(hashes, max_size=20))
def test_a_blob_is_cut_back_into_its_leaves(leaves: list[bytes]) -> None:
    assert cut(b"".join(leaves)) == leaves


@given(st.lists(st.text(max_size=5), max_size=12))
def test_a_chain_that_nobody_touched_verifies(bodies: list[str]) -> None:
    events = chain_of(bodies)
    assert not list(check_chain(events, head_of(events)))


@given(st.lists(st.text(max_size=5), min_size=3, max_size=12), st.data())
def test_every_way_to_touch_a_chain_is_found_where_it_was_touched(bodies: list[str], data: st.DataObject) -> None:
    events = chain_of(bodies)
    head, at = head_of(events), data.draw(st.integers(0, len(events) - 1))
    edited = [*events[:at], replace(events[at], body=events[at].body + "x"), *events[at + 1 :]]
    reforged = replace(edited[at], hash=event_hash(edited[at]))
    removed = [*events[:at], *events[at + 1 :]]
    inserted = [*events[: at + 1], events[at], *events[at + 1 :]]
    moved = [*events[:at], *events[at + 1 :], events[at]] if at < len(events) - 1 else [events[-1], *events[:-1]]
    swapped_names = [replace(e, by="dev") if n == at else e for n, e in enumerate(events)]
    for touched in (edited, [*events[:at], reforged, *events[at + 1 :]], removed, inserted, moved, swapped_names, []):
        assert list(check_chain(touched, head))
    assert next(check_chain(edited, head)).seq == at + 1
