"""What falls due on days to come: every source counts what the plan of each of those days would find."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.activity import Activity
from domain.rules import compile_rules, due_test
from tests.contract.test_agreement import _TRIGGERS, _absent, _database, _system, built
from tests.contract.test_columns import AS_OF, Personnel, worlds

__all__ = ["built"]  # pytest finds the fixture by its name

_DAYS = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31), date(2031, 11, 24),
         date(2036, 11, 23), date(2040, 1, 1)]  # fmt: skip


def test_no_day_asks_for_no_count(clinic):
    assert list(clinic.open().forecast([])) == []


def test_each_day_counts_what_is_due_by_then(clinic, test_of):
    clinic.patient(1)
    clinic.contact(11, 1, date(2006, 11, 22))  # over on 23 November 2026
    clinic.patient(2)
    clinic.contact(21, 2, date(2006, 12, 30))  # over on 31 December 2026
    clinic.patient(3)
    clinic.contact(31, 3, date(2026, 12, 24))  # in the future today
    clinic.patient(4)
    clinic.contact(41, 4, None)
    days = [date(2026, 11, 22), date(2026, 11, 23), date(2026, 12, 30), date(2026, 12, 31), date(2046, 12, 24),
            date(2046, 12, 25)]  # fmt: skip
    tests = [test_of(clinic.system, clinic.activities, as_of=day) for day in days]
    assert list(clinic.open().forecast(tests)) == [0, 1, 1, 2, 2, 3]


def test_a_term_that_becomes_longer_takes_dossiers_back(clinic, test_of, promise):
    clinic.patient(1)
    clinic.contact(11, 1)
    short = clinic.activities
    blocks = [short["dossier"].term[0], promise("dossier", maximum="40 years").term[0].model_copy(
        update={"since": date(2027, 1, 1)})]  # fmt: skip
    dossier = Activity.model_validate(short["dossier"].model_dump() | {"term": [b.model_dump() for b in blocks]})
    activities = {**short, "dossier": dossier}
    tests = [test_of(clinic.system, activities, as_of=day) for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert list(clinic.open().forecast(tests)) == [1, 0]


def test_an_impossible_day_counts_nothing_and_stops_no_other(clinic, test_of, promise):
    clinic.patient(1)
    never = {**clinic.activities, "results": promise("results", maximum="9000 years")}
    tests = [test_of(clinic.system, never), test_of(clinic.system, clinic.activities)]
    assert list(clinic.open().forecast(tests)) == [0, 1]


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=_database, absent=st.fixed_dictionaries(dict.fromkeys(_TRIGGERS, _absent)))
def test_every_source_counts_ahead_what_the_law_in_plain_python_finds_on_each_day(
    built, declare, promise, test_of, data, absent
):
    activities = {"ten": promise("ten", maximum="10 years"), "five": promise("five", maximum="5 years")}
    tests = [test_of(_system(declare, absent), activities, root="root", as_of=day) for day in _DAYS]
    for world, connector in built:
        world.empty()
        for table, rows in data.items():
            world.load(table, *rows)
        plans = [sum(len(page) for page in connector.find_due(test)) for test in tests]
        assert list(connector.forecast(tests)) == plans, world.name


@worlds
def test_columns_that_are_done_are_counted_no_more(world, declare, promise):
    house = Personnel(world, declare, promise)
    house.hire(1)
    house.hire(2, phone=None, photo=None)
    house.hire(3, left_on=date(2025, 6, 30))
    tests = [
        due_test(rule, house.activities, day)
        for day in (AS_OF, date(2027, 6, 30), date(2027, 7, 1))
        for rule in compile_rules(house.system, house.activities, day)
        if rule.filed_as == "staff#file"
    ]
    assert list(house.connector.forecast(tests)) == [1, 1, 2]
    assert [sum(len(page) for page in house.connector.find_due(test)) for test in tests] == [1, 1, 2]
