"""Two sorted streams of keys are compared in one pass, and a source with an order of its own is never told wrongly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.comparison import Mark, OutOfOrder, match, merge
from domain.keys import Key

_keys = st.sets(st.integers(0, 30) | st.integers(-(2**63), 2**63)).map(lambda ns: [(n,) for n in sorted(ns)])
_texts = st.sets(st.tuples(st.text(max_size=3), st.integers(0, 3))).map(sorted)


def marked(found: Iterator[tuple[Mark, Key]]) -> dict[Mark, list[Key]]:
    by_mark: dict[Mark, list[Key]] = {mark: [] for mark in Mark}
    for mark, key in found:
        by_mark[mark].append(key)
    return by_mark


@given(_keys | _texts, _keys | _texts)
def test_every_key_is_told_once_with_its_mark(now: list[Key], then: list[Key]) -> None:
    if now and then and len(now[0]) != len(then[0]):
        then = now[::2]
    wanted = {
        Mark.NO_LONGER: sorted(set(now) - set(then)),
        Mark.STILL: sorted(set(now) & set(then)),
        Mark.NEWLY: sorted(set(then) - set(now)),
    }
    assert marked(merge(now, then)) == wanted
    assert {mark: sorted(keys) for mark, keys in marked(match(now, then)).items()} == wanted


def test_a_merge_keeps_no_key() -> None:
    many, read = 100_000, []

    def keys(step: int) -> Iterator[Key]:
        for n in range(0, many, step):
            read.append(n)
            yield (n,)

    found = merge(keys(1), keys(2))
    for _ in range(10):
        next(found)
    assert len(read) < 30, "it asks for the next key only when it needs it"


@pytest.mark.parametrize("keys", [[(2,), (1,)], [(1,), (1,)], [(1,), ("a",)], [("a",), (None,)]])
def test_a_source_that_sorts_otherwise_is_noticed(keys: list[Key]) -> None:
    with pytest.raises(OutOfOrder):
        list(merge(keys, []))
    with pytest.raises(OutOfOrder):
        list(merge([], keys))
