"""When data is due, in tables that a DPO can read aloud: from this day, this term, kept through, goes from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import BaseModel, ValidationError

from domain.terms import Counting, Term, cutoff, last_day

COUNTINGS = {"day": Counting.DAY, "calendar year": Counting.CALENDAR_YEAR, "book year": Counting.BOOK_YEAR}


def rows(table: str) -> list[list[str]]:
    """The lines of an ASCII table under its heading, as lists of cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines[1:]]


TERMS = """
starts on  | term                | counts from the  | kept through | article and why
2006-11-23 | 20 years            | day              | 2026-11-23   | BW 7:454(3): from the last medical change
2006-02-28 | 20 years            | day              | 2026-02-28   | BW 7:454(3)
2004-02-29 | 20 years            | day              | 2024-02-29   | BW 7:454(3): leap day to leap day
2004-02-29 | 21 years            | day              | 2025-02-28   | Reg. 1182/71 art. 3(2)(c): no 29th, so the last day
2024-02-29 | 1 year              | day              | 2025-02-28   | idem
2021-11-24 | 5 years             | day              | 2026-11-24   | NEN 7513: a line of the access log
2026-05-31 | 6 months            | day              | 2026-11-30   | Vrijst.besl. 35(5): November has no 31st
2025-08-31 | 6 months            | day              | 2026-02-28   | idem, February
2023-08-31 | 6 months            | day              | 2024-02-29   | idem, a leap year
2026-01-30 | 1 month             | day              | 2026-02-28   | idem
2026-10-26 | 4 weeks             | day              | 2026-11-23   | Vrijst.besl. 5(6): applicants, four weeks
2026-02-01 | 4 weeks             | day              | 2026-03-01   | four weeks are 28 days, also in February
2025-11-23 | 1 year              | day              | 2026-11-23   | NVP code: applicants who agreed
2024-11-24 | 2 years             | day              | 2026-11-24   | Vrijst.besl. 7(5): the personnel file
2026-11-13 | 10 days             | day              | 2026-11-23   | ten days
2025-01-31 | 1 year and 1 month  | day              | 2026-02-28   | years and months together
2026-01-31 | 1 month and 1 day   | day              | 2026-03-01   | first the month, then the day
2020-01-01 | 5 years             | calendar year    | 2025-12-31   | URLB 7.5(4): gone from 1 January of year + 6
2020-12-31 | 5 years             | calendar year    | 2025-12-31   | URLB 7.5(4): the last day of the same year
2021-01-01 | 5 years             | calendar year    | 2026-12-31   | URLB 7.5(4): one day later, one year longer
2020-02-29 | 5 years             | calendar year    | 2025-12-31   | URLB 7.9(2): wage-tax statement, left on leap day
2019-06-30 | 7 years             | calendar year    | 2026-12-31   | AWR 52(4): payroll, end of the year concerned
2019-06-30 | 7 years             | book year 06-30  | 2026-06-30   | AWR 52(4): on the last day of the book year
2019-07-01 | 7 years             | book year 06-30  | 2027-06-30   | AWR 52(4): the first day of the next
2019-12-31 | 7 years             | book year 12-31  | 2026-12-31   | AWR 52(4): a book year that is the calendar year
2020-02-28 | 7 years             | book year 02-28  | 2027-02-28   | a book year that ends on 28 February
2020-02-29 | 7 years             | book year 02-28  | 2028-02-28   | leap day lies in the next book year
2020-02-28 | 7 years             | book year 02-29  | 2027-02-28   | the last day of February is the 29th that year
2020-02-29 | 7 years             | book year 02-29  | 2027-02-28   | idem, on the day itself
2019-02-28 | 7 years             | book year 02-29  | 2026-02-28   | the last day of February is the 28th that year
2019-03-01 | 7 years             | book year 02-29  | 2027-02-28   | from the end of February 2020
2017-03-01 | 6 years             | book year 02-29  | 2024-02-28   | from 28 February 2018: the day number stays 28
2019-03-01 | 4 years             | book year 02-29  | 2024-02-29   | from 29 February 2020: leap day to leap day
9999-01-01 | 20 years            | day              | 9999-12-31   | a stand-in for "no end": the calendar ends first
"""


def counting_of(written: str) -> tuple[Counting, tuple[int, int]]:
    name, _, end = written.partition(" year ") if "book" in written else (written, "", "")
    if not end:
        return COUNTINGS[written], (12, 31)
    month, day = end.split("-")
    return COUNTINGS[f"{name} year"], (int(month), int(day))


@pytest.mark.parametrize(("start", "term", "counts", "through", "why"), rows(TERMS))
def test_what_starts_on_this_day_is_kept_through_that_day(
    start: str, term: str, counts: str, through: str, why: str
) -> None:
    counting, year_ends = counting_of(counts)
    kept = last_day(date.fromisoformat(start), Term.parse(term), counting, year_ends)
    assert kept == date.fromisoformat(through), why


@pytest.mark.parametrize(("start", "term", "counts", "through", "why"), rows(TERMS)[:-1])
def test_it_is_not_due_on_its_last_day_and_due_on_the_next(
    start: str, term: str, counts: str, through: str, why: str
) -> None:
    counting, year_ends = counting_of(counts)
    started, kept = date.fromisoformat(start), date.fromisoformat(through)
    on_last_day = cutoff(kept, Term.parse(term), counting, year_ends)
    the_day_after = cutoff(kept + timedelta(days=1), Term.parse(term), counting, year_ends)
    assert on_last_day is None or started > on_last_day, why
    assert the_day_after is not None, why
    assert started <= the_day_after, why


CUTOFFS = """
as of      | term     | counts from the | due up to  | why
2026-11-24 | 20 years | day             | 2006-11-23 | last changed on that day: goes today, not yesterday
2025-03-01 | 1 year   | day             | 2024-02-29 | leap day and 28 February end together, and go together
2025-02-28 | 1 year   | day             | 2024-02-27 | so neither goes on the 28th
2026-12-01 | 6 months | day             | 2026-05-31 | the 30th and the 31st of May go together
2026-11-30 | 6 months | day             | 2026-05-29 | and not a day before
2026-12-31 | 5 years  | calendar year   | 2020-12-31 | who left in 2020 is gone, who left in 2021 is here
2027-01-01 | 5 years  | calendar year   | 2021-12-31 | on New Year's Day a whole year goes
2026-06-30 | 7 years  | book year 06-30 | 2018-06-30 | the last day still belongs to the term
2026-07-01 | 7 years  | book year 06-30 | 2019-06-30 | and the next day does not
2027-02-28 | 7 years  | book year 02-29 | 2019-02-28 | the end of February is the last day
2027-03-01 | 7 years  | book year 02-29 | 2020-02-29 | leap day goes with its book year
"""


@pytest.mark.parametrize(("as_of", "term", "counts", "up_to", "why"), rows(CUTOFFS))
def test_on_this_day_all_is_due_that_started_up_to_then(
    as_of: str, term: str, counts: str, up_to: str, why: str
) -> None:
    counting, year_ends = counting_of(counts)
    assert cutoff(date.fromisoformat(as_of), Term.parse(term), counting, year_ends) == date.fromisoformat(up_to), why


@pytest.mark.parametrize(
    "written",
    ["", "20", "years", "20 year olds", "-1 years", "1.5 years", "20years", "20 YEARS", "0 days", "0 years and 0 days",
     "1 year and 2 years", "one year", "20 years ", "1 year, 2 months", "99999 days"],
)  # fmt: skip
def test_what_is_no_term_is_refused_with_how_to_write_one(written: str) -> None:
    with pytest.raises(ValueError, match="term"):
        Term.parse(written)


def test_the_register_reads_a_term_from_text_and_from_nothing_else() -> None:
    class Line(BaseModel):
        keep: Term

    assert Line.model_validate({"keep": "20 years"}).keep == Term(years=20)
    assert Line(keep=Term(weeks=4)).model_dump(mode="json") == {"keep": "4 weeks"}
    for wrong in (20, {"years": 20}, None):
        with pytest.raises(ValidationError, match="not a term"):
            Line.model_validate({"keep": wrong})
