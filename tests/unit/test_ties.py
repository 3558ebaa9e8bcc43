"""Which dossiers go, and in which order, where they refer to each other; held against a slow reading of the rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.keys import Key, Keys
from domain.ties import Pair, next_batch, settle

_NUMBER = st.integers(0, 12)
_PAIRS = st.lists(st.tuples(_NUMBER, _NUMBER), max_size=25)


def keys(*numbers: int) -> Keys:
    return Keys((n,) for n in numbers)


def pairs(*found: tuple[int, int]) -> list[Pair]:
    return [((a,), (b,)) for a, b in found]


def test_without_ties_everything_free_goes_in_the_order_of_the_source() -> None:
    settled = settle(keys(3, 1, 2), stays={(1,)}, pairs=[])
    assert (settled.going, settled.waiting) == (keys(3, 2), keys())


def test_a_dossier_that_a_surviving_one_refers_to_waits_and_so_does_all_it_needs() -> None:
    settled = settle(keys(1, 2, 3), stays=(), pairs=pairs((1, 2), (2, 9)))
    assert (set(settled.going), set(settled.waiting)) == ({(3,)}, {(1,), (2,)})


def test_a_frozen_dossier_keeps_what_it_refers_to() -> None:
    settled = settle(keys(1, 2), stays={(2,)}, pairs=pairs((1, 2)))
    assert (settled.going, settled.waiting) == (keys(), keys(1))


def test_in_a_chain_the_last_referrer_goes_first() -> None:
    settled = settle(keys(1, 2, 3), stays=(), pairs=pairs((1, 2), (2, 3)))
    assert settled.going == keys(3, 2, 1)


def test_dossiers_that_refer_to_each_other_go_together_and_are_never_parted() -> None:
    settled = settle(keys(*range(1, 8)), stays=(), pairs=pairs((1, 2), (2, 3), (3, 1), (4, 5), (5, 4)))
    assert sorted(map(len, settled.together)) == [2, 3]
    taken, batches = 0, []
    while taken < 7:
        batches.append(next_batch(settled.going, together=settled.together, size=1, start=taken))
        taken += len(batches[-1])
    assert sorted(map(len, batches)) == [1, 1, 2, 3]


def test_a_chain_of_a_hundred_thousand_needs_no_deep_stack() -> None:
    chain = [(n, n + 1) for n in range(100_000)]
    settled = settle(keys(*range(100_001)), stays=(), pairs=pairs(*chain))
    assert next(iter(settled.going)) == (100_000,)


def may_go(due: set[int], frozen: set[int], found: list[tuple[int, int]]) -> set[int]:
    """The rule read slowly: take out whoever is referred to by one that stays, until nothing changes."""
    going = due - frozen
    while True:
        stuck = {a for a, b in found if a in going and a != b and b not in going}
        if not stuck:
            return going
        going -= stuck


@given(st.sets(_NUMBER), st.sets(_NUMBER), _PAIRS)
def test_what_goes_is_what_the_slow_reading_lets_go_and_referrers_first(
    due: set[int], frozen: set[int], found: list[tuple[int, int]]
) -> None:
    settled = settle(keys(*sorted(due)), stays={(n,) for n in frozen}, pairs=pairs(*found))
    going = [n for (n,) in settled.going]
    assert set(going) == may_go(due, frozen, found)
    assert {n for (n,) in settled.waiting} == due - frozen - set(going)
    assert len(going) == len(set(going))
    place = {n: i for i, n in enumerate(going)}
    group = {key: i for i, one in enumerate(settled.together) for key in one}
    for a, b in found:
        if a in place and b in place and a != b:
            same: Key | int | None = group.get((a,))
            assert place[b] < place[a] or (same is not None and same == group.get((b,)))
