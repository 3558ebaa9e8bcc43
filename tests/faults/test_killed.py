"""Killed with SIGKILL at any instant, the next night finishes the job: none lost, none proven twice (promise 5)."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.faults.conftest import ALL_POSTGRES, POSTGRES, SQLITE, Opens

pytestmark = pytest.mark.slow
#: 300 instants: so many chunks for each kind of source, so many instants in each.
CHUNKS, IN_CHUNK = 5, 30
#: So many shares of the step boundaries, so that several workers may kill at once.
SHARES = 3


@pytest.mark.parametrize("pair", [SQLITE, POSTGRES, ALL_POSTGRES], ids="-".join)
def test_a_night_that_nobody_kills_destroys_all_that_is_due_and_the_next_changes_nothing(
    office_in: Opens, pair: tuple[str, str]
) -> None:
    office = office_in(pair)
    office.put_back()
    assert office.night() == 0, office.log
    seen = office.all_is_well()
    assert seen.closed >= 4, "several batches, so that there is something between them"
    assert office.night() == 0, office.log
    assert office.all_is_well() == seen


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("pair", [SQLITE, POSTGRES, ALL_POSTGRES], ids="-".join)
def test_killed_at_any_step_boundary_the_next_night_loses_nothing_and_proves_nothing_twice(
    office_in: Opens, pair: tuple[str, str], share: int
) -> None:
    office = office_in(pair)
    steps = office.boundaries()
    every = _where_it_differs(pair, _first_and_last_of_each(steps), steps)[share::SHARES]
    struck = Counter[str]()
    for step in every:
        office.put_back()
        assert office.night(signal_at=step) == -9, f"step {step}, {steps[step]}: {office.log}"
        struck[office.nothing_is_lost_yet()] += 1
        office.recovers(third=step % 10 == 0)
    print(f"{'-'.join(pair)}: killed at {len(every)} of {len(steps)} boundaries, {dict(struck)}")


def _where_it_differs(pair: tuple[str, str], chosen: list[int], steps: list[str]) -> list[int]:
    """With SQLite on both sides every boundary. What PostgreSQL does otherwise is told by the steps that it takes
    part in: as the source those of the source, as the ledger those of the ledger."""
    if pair == SQLITE:
        return chosen
    at_source = [n for n in chosen if any(verb in steps[n] for verb in ("destroy", "still_there"))]
    return at_source if pair == POSTGRES else [n for n in chosen if n not in at_source]


def _first_and_last_of_each(steps: list[str]) -> list[int]:
    """Every boundary of the first batch, and of the rest the boundaries around each verb and each COMMIT.

    The statements of a later batch are those of the first; what differs is what was closed before, and the verbs and
    the COMMITs tell that.
    """
    first_closed = steps.index("after close")
    around = ("before", "after")
    return [n for n, name in enumerate(steps) if n <= first_closed or name.startswith(around) or "COMMIT" in name]


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("pair", [SQLITE, POSTGRES], ids="-".join)
def test_killed_at_a_random_instant_the_next_night_loses_nothing_and_proves_nothing_twice(
    office_in: Opens, pair: tuple[str, str], chunk: int
) -> None:
    """300 instants in all. A third night follows on every tenth: that it changes nothing is told above, too."""
    office, instants = office_in(pair), random.Random(f"{pair}-{chunk}")
    whole = longest = office.duration()
    struck = Counter[str]()
    for number in range(IN_CHUNK):
        office.put_back()
        after = instants.uniform(0, whole)
        code = office.night_killed_after(after)
        assert code in (-9, 0), office.log
        struck["after the end" if code == 0 else office.nothing_is_lost_yet()] += 1
        seconds = office.recovers(third=number % 10 == 0)
        whole = (whole + seconds) / 2 if struck["after the end"] < number / 3 else whole / 2  # others work here, too
        longest = max(longest, whole)
    print(f"{'-'.join(pair)}, chunk {chunk}: a night of at most {longest:.2f} s; killed {dict(struck)}")
    assert struck.total() == IN_CHUNK
    assert struck["after the end"] < IN_CHUNK / 2, "the instants fall inside the night"
