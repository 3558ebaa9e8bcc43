"""When a request must be answered, in tables that a DPO can read aloud.

Every row is a fact: received on this day, the law's month ends then, and so on. Where the library of holidays or
our own arithmetic changes its mind, a row turns red and names the article. `GL 5.3`: EDPB Guidelines 01/2022 v2.1 §5.3;
`art. 3`: of Regulation 1182/71, unless another is named; `AVG 24`: what a controller must be able to show.
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from domain.deadlines import (
    Pause,
    PauseReason,
    breach_limit,
    check_may_extend,
    days_left,
    deadline_for,
    extend,
    may_extend,
    steering_day,
)
from domain.holidays_nl import DECREE_DAYS, DECREES_KNOWN_UNTIL, holiday_name, is_holiday, is_working_day
from domain.ladder import Ladder, Told, Tone, rung_on
from domain.trouble import Refused

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LADDER = Ladder.model_validate(
    tomllib.loads((Path(__file__).parents[2] / "register" / "ladder.toml").read_text(encoding="utf-8"))
)


def rows(table: str) -> list[list[str]]:
    """The lines of an ASCII table under its heading, as lists of cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines[1:]]


def day(written: str) -> date:
    return date.fromisoformat(written)


def pause(asked: str, answered: str | None, reason: str = "identity") -> Pause:
    return Pause(day(asked), day(answered) if answered else None, PauseReason(reason))


# --- The month of the law and the promise of 28 days -----------------------------------------------------------

RECEIVED = """
received   | month ends | moved on to | 28 days    | promise    | article and why
2026-03-05 | 2026-04-05 | 2026-04-07  | 2026-04-02 | 2026-04-02 | EDPB GL 01/2022: 5 April is Easter, so Tuesday
2026-08-31 | 2026-09-30 | 2026-09-30  | 2026-09-28 | 2026-09-28 | Reg. art. 3(2)(c): September has no 31st
2026-01-31 | 2026-02-28 | 2026-03-02  | 2026-02-28 | 2026-02-27 | art. 3(2)(c), 3(4): February's last is a Saturday
2026-11-25 | 2026-12-25 | 2026-12-28  | 2026-12-23 | 2026-12-23 | art. 3(4): Christmas on Friday and Saturday
2026-04-14 | 2026-05-14 | 2026-05-18  | 2026-05-12 | 2026-05-12 | art. 3(4): Ascension, and the decree day after it
2027-02-26 | 2027-03-26 | 2027-03-30  | 2027-03-26 | 2027-03-25 | art. 3(4): Good Friday until Easter Monday
2025-12-02 | 2026-01-02 | 2026-01-05  | 2025-12-30 | 2025-12-30 | Atw art. 3(3): 2 January 2026 by decree
2026-09-01 | 2026-10-01 | 2026-10-01  | 2026-09-29 | 2026-09-29 | AVG 12(3): an ordinary month
2026-11-22 | 2026-12-22 | 2026-12-22  | 2026-12-20 | 2026-12-18 | AVG 12(3): a Sunday counts as day of receipt
2023-01-31 | 2023-02-28 | 2023-02-28  | 2023-02-28 | 2023-02-28 | art. 3(2)(c): month and promise meet in February
2024-01-29 | 2024-02-29 | 2024-02-29  | 2024-02-26 | 2024-02-26 | art. 3(2)(c): in a leap year the same number
2024-01-30 | 2024-02-29 | 2024-02-29  | 2024-02-27 | 2024-02-27 | art. 3(2)(c): no 30th, so the last day
2024-01-31 | 2024-02-29 | 2024-02-29  | 2024-02-28 | 2024-02-28 | art. 3(2)(c): no 31st, so the last day
2024-02-29 | 2024-03-29 | 2024-04-02  | 2024-03-28 | 2024-03-28 | art. 3(4): from leap day to Good Friday
2028-01-31 | 2028-02-29 | 2028-02-29  | 2028-02-28 | 2028-02-28 | art. 3(2)(c): leap year
2028-02-29 | 2028-03-29 | 2028-03-29  | 2028-03-28 | 2028-03-28 | art. 3(2)(c): from leap day, the same number
2026-02-28 | 2026-03-28 | 2026-03-30  | 2026-03-28 | 2026-03-27 | art. 3(2)(c): the same number, not March's last
2026-03-31 | 2026-04-30 | 2026-04-30  | 2026-04-28 | 2026-04-28 | art. 3(2)(c): April has no 31st
2026-05-31 | 2026-06-30 | 2026-06-30  | 2026-06-28 | 2026-06-26 | policy: the 28th day is a Sunday, so Friday
2026-06-30 | 2026-07-30 | 2026-07-30  | 2026-07-28 | 2026-07-28 | art. 3(2)(c): the same number, not the last of July
2026-10-31 | 2026-11-30 | 2026-11-30  | 2026-11-28 | 2026-11-27 | policy: the 28th day is a Saturday, so Friday
2026-12-31 | 2027-01-31 | 2027-02-01  | 2027-01-28 | 2027-01-28 | art. 3(4): over the turn of the year, ends on a Sunday
2026-12-01 | 2027-01-01 | 2027-01-04  | 2026-12-29 | 2026-12-29 | art. 3(4): New Year's Day on a Friday
2026-11-26 | 2026-12-26 | 2026-12-28  | 2026-12-24 | 2026-12-24 | art. 3(4): the second day of Christmas on a Saturday
2026-11-27 | 2026-12-27 | 2026-12-28  | 2026-12-25 | 2026-12-24 | policy: Christmas Day, so the day before
2026-11-28 | 2026-12-28 | 2026-12-28  | 2026-12-26 | 2026-12-24 | policy: second day of Christmas, so before the first
2026-12-04 | 2027-01-04 | 2027-01-04  | 2027-01-01 | 2026-12-31 | policy: New Year's Day, so the old year
2025-12-05 | 2026-01-05 | 2026-01-05  | 2026-01-02 | 2025-12-31 | Atw art. 3(3): decree day behind New Year's Day
2026-03-06 | 2026-04-06 | 2026-04-07  | 2026-04-03 | 2026-04-02 | Atw art. 3(1) and (2): Easter Monday; Good Friday
2026-03-27 | 2026-04-27 | 2026-04-28  | 2026-04-24 | 2026-04-24 | Atw art. 3(1): King's Day
2025-03-26 | 2025-04-26 | 2025-04-28  | 2025-04-23 | 2025-04-23 | Atw art. 3(1): the 27th is a Sunday, so the 26th
2026-04-05 | 2026-05-05 | 2026-05-06  | 2026-05-03 | 2026-05-01 | Atw art. 3(1): 5 May counts, also in 2026
2026-04-07 | 2026-05-07 | 2026-05-07  | 2026-05-05 | 2026-05-04 | Atw art. 3(1): the promise moves back over 5 May
2026-04-25 | 2026-05-25 | 2026-05-26  | 2026-05-23 | 2026-05-22 | Atw art. 3(1): Whit Monday
2026-04-17 | 2026-05-17 | 2026-05-18  | 2026-05-15 | 2026-05-13 | Atw art. 3(3): back over the decree day and Ascension
2027-04-07 | 2027-05-07 | 2027-05-10  | 2027-05-05 | 2027-05-04 | Atw art. 3(3): 7 May 2027 by decree
2027-04-09 | 2027-05-09 | 2027-05-10  | 2027-05-07 | 2027-05-04 | Atw art. 3: decree day, Ascension and 5 May in a row
2028-03-28 | 2028-04-28 | 2028-05-01  | 2028-04-25 | 2028-04-25 | Atw art. 3(3): 28 April 2028 by decree
2028-03-31 | 2028-04-30 | 2028-05-01  | 2028-04-28 | 2028-04-26 | Atw art. 3(3): back over the decree day and King's Day
2028-04-26 | 2028-05-26 | 2028-05-29  | 2028-05-24 | 2028-05-24 | Atw art. 3(3): 26 May 2028 by decree
2025-04-30 | 2025-05-30 | 2025-06-02  | 2025-05-28 | 2025-05-28 | Atw art. 3(3): 30 May 2025 by decree
2024-11-27 | 2024-12-27 | 2024-12-30  | 2024-12-25 | 2024-12-24 | Atw art. 3(3): 27 December 2024 by decree
2023-04-19 | 2023-05-19 | 2023-05-22  | 2023-05-17 | 2023-05-17 | Atw art. 3(3): 19 May 2023 by decree
2023-03-31 | 2023-04-30 | 2023-05-01  | 2023-04-28 | 2023-04-26 | Atw art. 3(3): 28 April 2023 by decree
"""


@pytest.mark.parametrize(
    ("received", "month", "moved", "raw", "promise", "why"), rows(RECEIVED), ids=[r[0] for r in rows(RECEIVED)]
)
def test_a_request_received_on_this_day_has_these_limits(
    received: str, month: str, moved: str, raw: str, promise: str, why: str
) -> None:
    deadline = deadline_for(day(received))
    assert deadline.law_day == day(month), why
    assert deadline.law == day(moved), why
    assert deadline.promise_day == day(raw), why
    assert deadline.promise == day(promise), why


def test_we_steer_on_the_promise_and_never_on_the_date_that_was_moved_on() -> None:
    deadline = deadline_for(day("2026-03-05"))
    assert deadline.law == day("2026-04-07")
    assert steering_day(deadline) == day("2026-04-02")


# --- Holidays ---------------------------------------------------------------------------------------------------

HOLIDAYS = """
day        | name                                | why
2026-01-01 | Nieuwjaarsdag                       | Atw art. 3(1)
2026-04-03 | Goede Vrijdag                       | Atw art. 3(2)
2026-04-06 | Tweede paasdag                      | Atw art. 3(1)
2026-04-27 | Koningsdag                          | Atw art. 3(1)
2026-05-05 | Bevrijdingsdag                      | Atw art. 3(1), every year
2027-05-05 | Bevrijdingsdag                      | Atw art. 3(1), every year
2030-05-05 | Bevrijdingsdag                      | Atw art. 3(1), a lustrum year: the library has it by itself
2026-05-14 | Hemelvaartsdag                      | Atw art. 3(1)
2016-05-05 | Hemelvaartsdag                      | Atw art. 3(1), two feasts on one day: still one holiday
2026-05-25 | Tweede Pinksterdag                  | Atw art. 3(1)
2026-12-25 | Eerste Kerstdag                     | Atw art. 3(1)
2026-12-26 | Tweede Kerstdag                     | Atw art. 3(1)
2026-01-02 | Gelijkgesteld bij koninklijk besluit | Atw art. 3(3)
"""


@pytest.mark.parametrize(("written", "name", "why"), rows(HOLIDAYS))
def test_this_day_is_a_holiday(written: str, name: str, why: str) -> None:
    found = holiday_name(day(written))
    assert found is not None, why
    assert name.casefold() in found.casefold(), why
    assert not is_working_day(day(written)), why


@pytest.mark.parametrize(
    "written", ["2026-01-05", "2026-12-24", "2026-12-31", "2026-04-02", "2027-01-02", "2026-05-04"]
)
def test_an_ordinary_day_is_no_holiday(written: str) -> None:
    assert holiday_name(day(written)) is None
    assert is_holiday(day(written)) is False


def test_a_saturday_is_no_holiday_and_no_working_day() -> None:
    assert not is_holiday(day("2026-11-28"))
    assert not is_working_day(day("2026-11-28"))


def test_every_decree_day_names_its_decree_and_would_otherwise_have_been_a_working_day() -> None:
    for decreed, source in DECREE_DAYS.items():
        assert "Besluit gelijkstelling" in source
        assert decreed.weekday() < 5
        assert not is_working_day(decreed)
    assert max(DECREE_DAYS) <= DECREES_KNOWN_UNTIL


# --- Pauses: only while we wait for the person --------------------------------------------------------------------

PAUSED = """
received   | asked..answered            | days | 28 days    | month ends | article and why
2026-11-02 |                            | 0    | 2026-11-30 | 2026-12-02 | AVG 12(3): no pause
2026-11-02 | 11-05..11-05               | 0    | 2026-11-30 | 2026-12-02 | GL 5.3: answered the same day
2026-11-02 | 11-05..11-06               | 1    | 2026-12-01 | 2026-12-03 | GL 5.3: one night
2026-11-02 | 11-05..11-09               | 4    | 2026-12-04 | 2026-12-06 | GL 5.3: weekends stand still too
2026-11-02 | 11-02..11-12               | 10   | 2026-12-10 | 2026-12-12 | GL 5.3: asked on the day of receipt
2026-11-02 | 11-05..11-09 11-16..11-18  | 6    | 2026-12-06 | 2026-12-08 | GL 5.3: two questions, one after the other
2026-11-02 | 11-05..11-12 11-09..11-16  | 11   | 2026-12-11 | 2026-12-13 | GL 5.3: they overlap: a day counts once
2026-11-02 | 11-05..11-16 11-09..11-12  | 11   | 2026-12-11 | 2026-12-13 | GL 5.3: one lies inside the other
2026-11-02 | 11-05..11-09 11-09..11-12  | 7    | 2026-12-07 | 2026-12-09 | GL 5.3: the second begins as the first ends
2026-11-02 | 11-16..11-18 11-05..11-09  | 6    | 2026-12-06 | 2026-12-08 | GL 5.3: written down in another order
2026-11-02 | 11-05..11-09 11-05..11-09  | 4    | 2026-12-04 | 2026-12-06 | GL 5.3: the same question twice
2026-11-02 | 11-30..12-02               | 2    | 2026-12-02 | 2026-12-04 | GL 5.3: asked on the promise's last day
2026-11-02 | 12-01..12-04               | 3    | 2026-11-30 | 2026-12-05 | GL 5.3: too late for the promise only
2026-11-02 | 12-03..12-10               | 0    | 2026-11-30 | 2026-12-02 | GL 5.3: what ran out stays out
2026-11-02 | 11-05..12-05 12-28..12-30  | 32   | 2027-01-01 | 2027-01-03 | GL 5.3: the first pause moved it
2026-01-31 | 02-02..02-03               | 1    | 2026-03-01 | 2026-03-01 | art. 3(2)(c): added after the month
2028-01-31 | 02-14..02-15               | 1    | 2028-02-29 | 2028-03-01 | art. 3(2)(c): over leap day
"""


@pytest.mark.parametrize(("received", "asked", "days", "raw", "month", "why"), rows(PAUSED))
def test_the_clock_stands_still_while_we_wait_for_the_person(
    received: str, asked: str, days: str, raw: str, month: str, why: str
) -> None:
    year = received[:5]
    pauses = [pause(year + began, year + ended) for began, _, ended in (p.partition("..") for p in asked.split())]
    deadline = deadline_for(day(received), pauses=pauses)
    assert deadline.paused_days == int(days), why
    assert deadline.promise_day == day(raw), why
    assert deadline.law_day == day(month), why
    assert not deadline.standing_still


def test_the_dates_without_the_pause_stay_in_sight() -> None:
    deadline = deadline_for(day("2026-11-02"), pauses=[pause("2026-11-05", "2026-11-09")])
    without = deadline_for(day("2026-11-02"))
    assert deadline.unpaused.promise == without.promise == day("2026-11-30")
    assert deadline.unpaused.law_day == without.law_day == day("2026-12-02")
    assert deadline.promise == day("2026-12-04")


OPEN = """
as of      | 28 days    | still | article and why
2026-11-04 | 2026-11-30 | no    | GL 5.3: the question is not asked yet
2026-11-05 | 2026-11-30 | yes   | GL 5.3: asked today
2026-11-06 | 2026-12-01 | yes   | GL 5.3: one day later, one day further
2026-11-15 | 2026-12-10 | yes   | GL 5.3: and so on
2026-11-20 | 2026-12-15 | no    | GL 5.3: answered today
2026-12-01 | 2026-12-15 | no    | GL 5.3: the clock runs again
"""


@pytest.mark.parametrize(("as_of", "raw", "still", "why"), rows(OPEN))
def test_an_open_question_moves_the_limit_a_day_each_day(as_of: str, raw: str, still: str, why: str) -> None:
    answered_later = [pause("2026-11-05", "2026-11-20")]
    deadline = deadline_for(day("2026-11-02"), pauses=answered_later, as_of=day(as_of))
    assert deadline.promise_day == day(raw), why
    assert deadline.standing_still is (still == "yes"), why
    if still == "yes":  # seen from that day, an answer to come and no answer at all are the same
        assert deadline == deadline_for(day("2026-11-02"), pauses=[pause("2026-11-05", None)], as_of=day(as_of))


def test_an_open_question_needs_to_know_as_of_which_day() -> None:
    with pytest.raises(Refused, match="as_of"):
        deadline_for(day("2026-11-02"), pauses=[pause("2026-11-05", None)])


@pytest.mark.parametrize("reason", ["busy", "holiday", "complexity", ""])
def test_nothing_but_identity_and_clarification_stops_the_clock(reason: str) -> None:
    with pytest.raises(Refused, match="identity"):
        Pause(day("2026-11-05"), None, cast(PauseReason, reason))


def test_a_pause_does_not_begin_before_the_request_nor_end_before_its_question() -> None:
    with pytest.raises(Refused, match="before the receipt"):
        deadline_for(day("2026-11-02"), pauses=[pause("2026-11-01", "2026-11-03")])
    with pytest.raises(Refused, match="before the question"):
        pause("2026-11-05", "2026-11-04")


# --- The extension: once, told inside the first month -------------------------------------------------------------

EXTENDED = """
received   | notice     | three months | moved on to | steer on   | article and why
2026-01-31 | 2026-02-20 | 2026-04-30   | 2026-04-30  | 2026-04-30 | AVG 12(3): from receipt, not from 28 February
2025-11-30 | 2025-12-15 | 2026-02-28   | 2026-03-02  | 2026-02-27 | Reg. art. 3(2)(c), 3(4): a Saturday
2026-11-30 | 2026-12-30 | 2027-02-28   | 2027-03-01  | 2027-02-26 | AVG 12(3): notice on the very last day of the month
2027-11-29 | 2027-11-29 | 2028-02-29   | 2028-02-29  | 2028-02-29 | AVG 12(3): notice on the day of receipt
2026-02-05 | 2026-03-01 | 2026-05-05   | 2026-05-06  | 2026-05-04 | Atw art. 3(1): ends on 5 May
2026-02-15 | 2026-03-15 | 2026-05-15   | 2026-05-18  | 2026-05-13 | Atw art. 3(3): ends on a decree day behind Ascension
2026-09-30 | 2026-10-20 | 2026-12-30   | 2026-12-30  | 2026-12-30 | art. 3(2)(c): not the last of December
"""


@pytest.mark.parametrize(("received", "notice", "raw", "moved", "steer", "why"), rows(EXTENDED))
def test_an_extension_is_three_months_from_receipt(
    received: str, notice: str, raw: str, moved: str, steer: str, why: str
) -> None:
    deadline = deadline_for(day(received), extended_on=day(notice))
    assert deadline.extended_day == day(raw), why
    assert deadline.extended == day(moved), why
    assert steering_day(deadline) == day(steer), why


MAY_EXTEND = """
received   | notice     | may | article and why
2026-11-02 | 2026-11-02 | yes | AVG 12(3): on the day of receipt
2026-11-02 | 2026-12-02 | yes | AVG 12(3): on the last day of the month
2026-11-02 | 2026-12-03 | no  | AVG 12(3): a day late
2026-11-02 | 2026-11-01 | no  | AVG 12(3): before there was a request
2026-03-05 | 2026-04-05 | yes | AVG 12(3): the month ends on Easter Sunday
2026-03-05 | 2026-04-07 | no  | AVG 12(3), art. 3(4): the date moved over Easter is never planned on
2026-01-31 | 2026-02-28 | yes | AVG 12(3): the short month's last day
2026-01-31 | 2026-03-01 | no  | AVG 12(3): February is over
"""


@pytest.mark.parametrize(("received", "notice", "may", "why"), rows(MAY_EXTEND))
def test_the_notice_goes_inside_the_first_month(received: str, notice: str, may: str, why: str) -> None:
    deadline = deadline_for(day(received))
    assert may_extend(deadline, day(notice)) is (may == "yes"), why
    if may == "no":
        with pytest.raises(Refused):
            deadline_for(day(received), extended_on=day(notice))


def test_a_request_is_extended_once() -> None:
    deadline = deadline_for(day("2026-11-02"), extended_on=day("2026-11-10"))
    with pytest.raises(Refused, match="already extended"):
        check_may_extend(deadline, day("2026-11-12"))


def test_an_extension_leaves_the_promise_in_sight() -> None:
    plain = deadline_for(day("2026-11-02"))
    extended = extend(plain, day("2026-11-10"))
    assert extended.promise == plain.promise
    assert steering_day(extended) > steering_day(plain)


def test_a_pause_makes_room_for_a_later_notice_and_moves_the_extended_limit() -> None:
    waited = [pause("2026-11-05", "2026-11-15")]
    deadline = deadline_for(day("2026-11-02"), pauses=waited, extended_on=day("2026-12-10"))
    assert deadline.extended_day == day("2027-02-12")
    assert deadline.unpaused.extended_day == day("2027-02-02")


def test_seen_from_before_its_notice_a_request_is_not_extended() -> None:
    deadline = deadline_for(day("2026-11-02"), extended_on=day("2026-11-20"), as_of=day("2026-11-19"))
    assert deadline.extended_on is None
    assert steering_day(deadline) == deadline.promise


# --- Days left and the ladder ---------------------------------------------------------------------------------------

CLIMBS = """
as of      | left | climbed before     | climbs now         | which covers | article and why
2026-11-15 | 15   |                    |                    |              | AVG 24: nobody is told yet
2026-11-16 | 14   |                    | promise-14         |              | AVG 24: the first rung
2026-11-17 | 13   | 14                 |                    |              | AVG 24: each rung once
2026-11-18 | 12   |                    | promise-14         |              | AVG 24: missed two mornings, still told
2026-11-23 | 7    | 14                 | promise-7          |              | AVG 24: one up
2026-11-23 | 7    |                    | promise-7          | 14           | AVG 24: the highest rung covers the lower
2026-11-27 | 3    | 14 7               | promise-3          |              | AVG 24: one up
2026-11-28 | 2    | 14 7 3             |                    |              | AVG 24: between two rungs
2026-11-29 | 1    | 3                  | promise-1          | 14 7         | AVG 24: what was missed is covered now
2026-11-30 | 0    | 1                  | promise-0          | 14 7 3       | AVG 24: due today
2026-11-30 | 0    | 0                  |                    |              | AVG 24: once
2026-12-01 | -1   | 14 7 3 1 0         | overdue-2026-12-01 |              | AVG 24: overdue
2026-12-01 | -1   | overdue-2026-12-01 |                    |              | AVG 24: once a day
2026-12-02 | -2   | overdue-2026-12-01 | overdue-2026-12-02 | 14 7 3 1 0   | AVG 24: and again tomorrow
2026-12-20 | -20  |                    | overdue-2026-12-20 | 14 7 3 1 0   | AVG 24: found late: one message
"""


@pytest.mark.parametrize(("as_of", "left", "already", "rung", "covers", "why"), rows(CLIMBS))
def test_a_request_received_on_2_november_climbs_the_ladder(
    as_of: str, left: str, already: str, rung: str, covers: str, why: str
) -> None:
    deadline = deadline_for(day("2026-11-02"))
    before = {key if key.startswith("overdue") else f"promise-{key}" for key in already.split()}
    climb = rung_on(LADDER, deadline, day(as_of), before)
    assert days_left(deadline, day(as_of)) == int(left), why
    assert (climb.key if climb else "") == rung, why
    assert list(climb.covers if climb else ()) == [f"promise-{key}" for key in covers.split()], why


def test_the_higher_the_rung_the_more_people_are_told() -> None:
    deadline = deadline_for(day("2026-11-02"))
    first = rung_on(LADDER, deadline, day("2026-11-16"), set())
    last = rung_on(LADDER, deadline, day("2026-12-05"), set())
    assert first is not None
    assert last is not None
    assert (first.told, first.tone) == ((Told.HANDLER,), Tone.REMINDER)
    assert set(last.told) == set(Told)
    assert last.tone is Tone.ALARM


def test_an_extended_request_climbs_a_new_ladder() -> None:
    deadline = deadline_for(day("2026-11-02"), extended_on=day("2026-11-20"))
    climbed = {"promise-14"}
    assert rung_on(LADDER, deadline, day("2026-12-15"), climbed) is None
    climb = rung_on(LADDER, deadline, day("2027-01-19"), climbed)
    assert climb is not None
    assert climb.key == "extended-14"


def test_the_ladder_stands_still_with_the_clock() -> None:
    waiting = [pause("2026-11-17", None)]
    for later in range(1, 60):
        as_of = day("2026-11-17") + timedelta(days=later)
        climb = rung_on(LADDER, deadline_for(day("2026-11-02"), pauses=waiting, as_of=as_of), as_of, {"promise-14"})
        assert climb is None


WRONG_LADDERS = [
    ({"rung": [{"days_left": 3}, {"days_left": 7}, {"days_left": 0}]}, "most first"),
    ({"rung": [{"days_left": 7}, {"days_left": 7}, {"days_left": 0}]}, "each number once"),
    ({"rung": [{"days_left": 7}]}, "on the day itself"),
    ({"rung": [{"days_left": 7, "told": ["dpo"]}, {"days_left": 0, "told": ["handler"]}]}, "told again"),
    ({"rung": []}, "at least 1"),
    ({"rung": [{"days_left": 0, "told": []}]}, "at least 1"),
    ({"rung": [{"days_left": 0, "colour": "red"}]}, "Extra inputs"),
    ({"rung": [{"days_left": -1}, {"days_left": 0}]}, "greater than or equal"),
]


@pytest.mark.parametrize(("changed", "says"), WRONG_LADDERS)
def test_a_ladder_that_cannot_be_climbed_does_not_load(changed: dict[str, list[dict[str, object]]], says: str) -> None:
    given = LADDER.model_dump(mode="json")
    rung = {"told": ["handler"], "tone": "reminder", "asks": "Look."}
    given["rung"] = [{**rung, **r} for r in changed["rung"]]
    with pytest.raises(ValidationError, match=says):
        Ladder.model_validate(given)


def test_the_ladder_of_the_register_has_the_rungs_of_the_design() -> None:
    assert [r.days_left for r in LADDER.rung] == [14, 7, 3, 1, 0]


# --- The breach clock ---------------------------------------------------------------------------------------------

BREACH = """
aware at                  | with the regulator by     | article and why
2026-11-23T14:30:00+01:00 | 2026-11-26T14:30:00+01:00 | AVG 33(1): 72 hours
2026-11-27T17:00:00+01:00 | 2026-11-30T17:00:00+01:00 | art. 3(3): a weekend stops nothing
2026-12-24T23:59:00+01:00 | 2026-12-27T23:59:00+01:00 | art. 3(3): nor does Christmas
2026-10-24T12:00:00+02:00 | 2026-10-27T11:00:00+01:00 | AVG 33(1): the night with an extra hour
2026-03-28T12:00:00+01:00 | 2026-03-31T13:00:00+02:00 | AVG 33(1): the night that lacks an hour
2028-02-27T09:00:00+01:00 | 2028-03-01T09:00:00+01:00 | AVG 33(1): over leap day
"""


@pytest.mark.parametrize(("aware", "limit", "why"), rows(BREACH))
def test_a_breach_is_told_within_72_hours(aware: str, limit: str, why: str) -> None:
    found = breach_limit(datetime.fromisoformat(aware).astimezone(AMSTERDAM))
    assert found == datetime.fromisoformat(limit), why
    assert found.replace(tzinfo=None) == datetime.fromisoformat(limit).replace(tzinfo=None), why


def test_a_moment_without_a_zone_starts_no_breach_clock() -> None:
    with pytest.raises(Refused, match="time zone"):
        breach_limit(datetime.fromisoformat("2026-11-23T14:30"))


def test_the_hours_can_change_with_the_law() -> None:
    aware = datetime(2026, 11, 23, tzinfo=UTC)
    assert breach_limit(aware, hours=96) - aware == timedelta(hours=96)


# --- Every case has its article -------------------------------------------------------------------------------------

TABLES = (RECEIVED, HOLIDAYS, PAUSED, OPEN, EXTENDED, MAY_EXTEND, CLIMBS, BREACH)
#: The vectors that the research on the law gave; all others are ours.
GIVEN = 7


def test_every_case_names_its_article_and_more_than_sixty_are_our_own() -> None:
    cases = [row for table in TABLES for row in rows(table)]
    article = re.compile(r"\bart\. \d|\bAVG \d|\bGL \d|EDPB GL|^policy\b")
    assert [row for row in cases if not article.search(row[-1])] == []
    assert len({tuple(row) for row in cases}) - GIVEN >= 60
