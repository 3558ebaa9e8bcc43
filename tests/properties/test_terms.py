"""Terms and cutoffs against a slow oracle that looks at a calendar day by day and knows no date arithmetic."""

from __future__ import annotations

import calendar
from bisect import bisect_left
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.terms import LAST_DAY, Counting, Term, counted_from, cutoff, last_day

TERMS = st.builds(
    Term,
    years=st.integers(0, 25),
    months=st.integers(0, 14),
    weeks=st.integers(0, 6),
    days=st.integers(0, 40),
).filter(lambda t: t != Term())
COUNTINGS = st.sampled_from(Counting)
YEAR_ENDS = st.sampled_from([(12, 31), (6, 30), (2, 28), (2, 29), (3, 31), (9, 30), (1, 1), (11, 15)])
DAYS = st.dates(date(1970, 1, 1), date(2060, 12, 31))
#: The days on which calendars go wrong: around month ends, year ends and leap days.
AWKWARD = st.builds(
    lambda year, md, off: date(year, *md) + timedelta(days=off),
    st.integers(1990, 2050),
    st.sampled_from([(1, 1), (1, 31), (2, 28), (3, 1), (4, 30), (6, 30), (8, 31), (12, 31)]),
    st.integers(-2, 2),
)
SOME_DAY = DAYS | AWKWARD


def end_by_calendar(start: date, term: Term) -> date:
    """The last day of a term, by turning over the leaves: the same day number or the month's last, then day by day."""
    year, month = start.year, start.month
    for _ in range(term.years * 12 + term.months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
    for _ in range(term.weeks * 7 + term.days):
        day += timedelta(days=1)
    return day


def year_end_by_scan(start: date, month: int, day: int) -> date:
    """The first day from `start` on that ends a book year, found by looking at every day."""
    while not (start.month == month and start.day == min(day, calendar.monthrange(start.year, month)[1])):
        start += timedelta(days=1)
    return start


def last_day_by_scan(start: date, term: Term, counting: Counting, year_ends: tuple[int, int]) -> date:
    if counting is Counting.CALENDAR_YEAR:
        start = year_end_by_scan(start, 12, 31)
    if counting is Counting.BOOK_YEAR:
        start = year_end_by_scan(start, *year_ends)
    return end_by_calendar(start, term)


@given(SOME_DAY, TERMS)
def test_a_term_ends_where_the_calendar_says(start: date, term: Term) -> None:
    assert term.after(start) == end_by_calendar(start, term)


@given(SOME_DAY, TERMS, COUNTINGS, YEAR_ENDS)
def test_the_last_day_is_the_one_found_by_looking_at_every_day(
    start: date, term: Term, counting: Counting, year_ends: tuple[int, int]
) -> None:
    assert last_day(start, term, counting, year_ends) == last_day_by_scan(start, term, counting, year_ends)


@given(SOME_DAY, TERMS, COUNTINGS, YEAR_ENDS)
def test_a_term_never_ends_before_it_starts_and_a_later_start_never_ends_sooner(
    start: date, term: Term, counting: Counting, year_ends: tuple[int, int]
) -> None:
    ends = last_day(start, term, counting, year_ends)
    assert ends > start
    assert ends <= last_day(start + timedelta(days=1), term, counting, year_ends)


@given(SOME_DAY, TERMS, COUNTINGS, YEAR_ENDS)
def test_the_cutoff_is_exact(as_of: date, term: Term, counting: Counting, year_ends: tuple[int, int]) -> None:
    found = cutoff(as_of, term, counting, year_ends)
    assert found is not None
    assert last_day_by_scan(found, term, counting, year_ends) < as_of
    assert last_day_by_scan(found + timedelta(days=1), term, counting, year_ends) >= as_of


@given(SOME_DAY, TERMS, COUNTINGS, YEAR_ENDS, st.integers(-800, 800))
def test_due_means_on_or_before_the_cutoff_and_never_a_day_early(
    as_of: date, term: Term, counting: Counting, year_ends: tuple[int, int], offset: int
) -> None:
    found = cutoff(as_of, term, counting, year_ends)
    assert found is not None
    start = found + timedelta(days=offset)
    due = last_day_by_scan(start, term, counting, year_ends) < as_of
    assert (start <= found) is due


@given(SOME_DAY, TERMS, COUNTINGS, YEAR_ENDS)
def test_a_cutoff_never_goes_back(as_of: date, term: Term, counting: Counting, year_ends: tuple[int, int]) -> None:
    today, tomorrow = (cutoff(as_of + timedelta(days=n), term, counting, year_ends) for n in (0, 1))
    assert today is not None
    assert tomorrow is not None
    assert today <= tomorrow < as_of


@given(SOME_DAY, TERMS, TERMS, COUNTINGS, YEAR_ENDS)
def test_a_longer_term_has_an_earlier_cutoff(
    as_of: date, term: Term, more: Term, counting: Counting, year_ends: tuple[int, int]
) -> None:
    longer = Term(term.years + more.years, term.months + more.months, term.weeks + more.weeks, term.days + more.days)
    short, long = cutoff(as_of, term, counting, year_ends), cutoff(as_of, longer, counting, year_ends)
    assert short is not None
    assert long is not None
    assert long <= short


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("year_ends", [(12, 31), (6, 30), (2, 28), (2, 29)])
@pytest.mark.parametrize("term", ["1 year", "4 weeks"])
def test_the_cutoff_through_four_years_is_the_one_found_by_search(
    term: str, counting: Counting, year_ends: tuple[int, int]
) -> None:
    first, period = date(2022, 1, 1), Term.parse(term)
    starts = [first + timedelta(days=n) for n in range(365 * 8)]
    ends = [last_day(s, period, counting, year_ends) for s in starts]  # held against the scan above
    assert ends == sorted(ends)
    for as_of in (date(2025, 1, 1) + timedelta(days=n) for n in range(0, 366 * 4, 23)):
        assert cutoff(as_of, period, counting, year_ends) == starts[bisect_left(ends, as_of) - 1]


@given(TERMS)
def test_a_term_written_and_read_again_is_the_same_term(term: Term) -> None:
    assert Term.parse(str(term)) == term


@given(SOME_DAY, YEAR_ENDS)
def test_the_end_of_the_book_year_lies_within_a_year_and_ends_itself(start: date, year_ends: tuple[int, int]) -> None:
    ends = counted_from(start, Counting.BOOK_YEAR, year_ends)
    assert timedelta(0) <= ends - start < timedelta(days=366)
    assert counted_from(ends, Counting.BOOK_YEAR, year_ends) == ends


@given(st.integers(1, 9999), COUNTINGS, YEAR_ENDS)
def test_at_the_edges_of_the_calendar_nothing_is_due_and_nothing_breaks(
    years: int, counting: Counting, year_ends: tuple[int, int]
) -> None:
    term = Term(years=years)
    assert last_day(LAST_DAY, term, counting, year_ends) == LAST_DAY
    assert cutoff(date.min, term, counting, year_ends) is None
    latest = cutoff(LAST_DAY, term, counting, year_ends)
    assert latest is None or last_day(latest, term, counting, year_ends) < LAST_DAY
