"""What every source must say when the guards look at it before a rule destroys."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from time import sleep

import pytest

from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.lookouts import Crowd, Reference
from tests.contract.conftest import Clinic, activity, rule_test, system
from tests.contract.worlds import AS_OF, World

_DAY, _OTHER, _RECENT = date(2001, 1, 1), date(2001, 2, 2), date(2020, 1, 1)
#: Which worlds know indexes at all.
_INDEXED = ("sqlite", "postgres", "mariadb")


def crowd_of(clinic: Clinic, dataset: str) -> Crowd:
    [found] = [c for c in clinic.open().look_out(clinic.test, AS_OF).crowds if c.dataset == dataset]
    return found


def test_the_day_on_which_most_of_what_is_over_falls_is_counted(clinic: Clinic) -> None:
    for number, day in enumerate([_DAY, _DAY, _DAY, _OTHER, _RECENT, None, date(9999, 12, 31)], start=1):
        clinic.patient(number, registered_on=day)
    assert crowd_of(clinic, "patient") == Crowd("patient", "registered_on", 4, 3, _DAY)


def test_parts_have_a_crowded_day_of_their_own_whatever_the_hour(clinic: Clinic) -> None:
    clinic.patient(1)
    clinic.contact(11, 1, _OTHER)
    for hour in (0, 9, 23):
        clinic.result(11, hour + 1, datetime(2000, 5, 1, hour, 30))  # noqa: DTZ001 - as the source keeps it
    assert crowd_of(clinic, "contact") == Crowd("contact", "contact_on", 1, 1, _OTHER)
    assert crowd_of(clinic, "result") == Crowd("result", "made_at", 3, 3, date(2000, 5, 1))


def test_a_source_in_which_nothing_is_over_has_no_crowd(clinic: Clinic) -> None:
    clinic.patient(1, registered_on=_RECENT)
    assert crowd_of(clinic, "patient") == Crowd("patient", "registered_on", 0, 0)


def test_dates_in_the_future_are_counted_per_column_and_sentinels_are_not(clinic: Clinic) -> None:
    for number, day in enumerate([AS_OF, AS_OF + timedelta(days=1), date(2050, 1, 1), date(9999, 12, 31)], start=1):
        clinic.patient(number, registered_on=day)
    assert clinic.open().look_out(clinic.test, AS_OF).future == (("patient.registered_on", 2),)


def test_dates_between_the_day_that_is_decided_on_and_today_are_late_and_not_future(clinic: Clinic) -> None:
    for number, days in enumerate((0, 1, 2, 3), start=1):
        clinic.patient(number, registered_on=AS_OF + timedelta(days=days))
    sight = clinic.open().look_out(clinic.test, AS_OF + timedelta(days=2))
    assert (sight.late, sight.future) == (2, (("patient.registered_on", 1),))


def test_a_reference_that_no_index_serves_is_named_with_the_statement_that_mends_it(clinic: Clinic) -> None:
    sight = clinic.open().look_out(clinic.test, AS_OF)
    if clinic.world.name not in _INDEXED:
        assert sight.unindexed == ()
        assert (sight.blind != ()) == (clinic.world.name == "rest")
        return
    bare = {u.reference: u for u in sight.unindexed}
    assert Reference("result", ("contact_id",)) not in bare  # the primary key begins with it
    if clinic.world.name == "mariadb":  # InnoDB makes an index for every reference that it is told of
        assert Reference("contact", ("patient_id",)) not in bare
        return
    found = bare[Reference("contact", ("patient_id",))]
    assert not found.large
    assert "contact_patient_id_idx ON contact (patient_id)" in found.mend
    clinic.world.run(found.mend)
    again = clinic.open().look_out(clinic.test, AS_OF)
    assert Reference("contact", ("patient_id",)) not in {u.reference for u in again.unindexed}


def test_a_table_is_large_from_ten_thousand_and_one_rows_on(clinic: Clinic) -> None:
    if clinic.world.name not in ("sqlite", "postgres"):
        pytest.skip("this source knows no index, or the next test would say the same")
    clinic.patient(1)
    many = "WITH RECURSIVE n (i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    fill = "INSERT INTO contact (id, patient_id, contact_on) {} SELECT i, 1, '2002-03-01' FROM n"
    reference = Reference("contact", ("patient_id",))
    for first, last, large in ((1, 10_000, False), (10_001, 10_001, True)):
        clinic.world.run(fill.format(many.format(first, last)))
        bare = {u.reference: u.large for u in clinic.open().look_out(clinic.test, AS_OF).unindexed}
        assert bare[reference] is large


def test_rows_that_an_undeclared_reference_would_take_along_are_counted(undeclared: Clinic) -> None:
    for number in (1, 2):
        undeclared.patient(number)
        undeclared.contact(number * 10, number, _OTHER if number == 1 else _RECENT)
    for letter, patient in enumerate([1, 1, 2], start=1):
        undeclared.world.load("letter", {"id": letter, "patient_id": patient})
    connector = undeclared.open()
    to_patient = LiveReference(("patient_id",), "patient", ("id",), "CASCADE")
    known = None if undeclared.world.name == "rest" else 2
    assert connector.count_taken_along(undeclared.test, "letter", to_patient) == known


def test_who_and_when_last_changed_what_is_over_is_counted_and_nobody_is_named(world: World) -> None:
    kinds = {"id": Kind.INTEGER, "at": Kind.DATE, "updated_by": Kind.TEXT, "updated_at": Kind.MOMENT}
    schema = LiveSchema({"log": LiveTable({c: LiveColumn(k) for c, k in kinds.items()}, ("id",))})
    changed = {"by": "updated_by", "on": "updated_at"}
    declared = {"log": {"key": ["id"], "activity": "logs", "triggers": ["at"], "changed": changed}}
    made = system(declared, schema)
    world.build(made, schema)
    night = "2026-11-20 02:{:02}:00"
    for number, (at, by) in enumerate([(_DAY, "a"), (_OTHER, "a"), (_OTHER, "b"), (_OTHER, None), (_RECENT, "b")]):
        moment = datetime.fromisoformat(night.format(number))
        world.load("log", {"id": number, "at": at, "updated_by": by, "updated_at": moment})
    sight = world.open().look_out(rule_test(made, {"logs": activity("logs", maximum="20 years")}, root="log"), AS_OF)
    assert sight.changed == (Crowd("log", "updated_by", 4, 2), Crowd("log", "updated_at", 4, 4, date(2026, 11, 20)))


def test_a_trigger_of_which_the_register_says_why_days_are_shared_is_not_counted(world: World) -> None:
    schema = LiveSchema({"log": LiveTable({"id": LiveColumn(Kind.INTEGER), "at": LiveColumn(Kind.DATE)}, ("id",))})
    said = [{"column": "at", "same_day": "een jaar eindigt op 31 december"}]
    made = system({"log": {"key": ["id"], "activity": "logs", "triggers": said}}, schema)
    world.build(made, schema)
    world.load("log", {"id": 1, "at": _DAY})
    test = rule_test(made, {"logs": activity("logs", maximum="20 years")}, root="log")
    assert world.open().look_out(test, AS_OF).crowds == ()


def test_how_busy_a_source_is_leaves_ourselves_out(clinic: Clinic) -> None:
    """Other tests work in the same server: it is quiet at some moment, and never would be if we counted ourselves."""
    source = clinic.open()
    if clinic.world.name not in ("postgres", "mariadb"):
        assert source.busy() is None
        return
    for _ in range(600):
        if source.busy() == 0:
            return
        sleep(0.05)
    pytest.fail("the server was never quiet for half a minute: does it count ourselves?")
