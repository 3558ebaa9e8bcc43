"""What every source must say of how dossiers stand, and which are due."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from domain.standing import Standing, WatchFacts, stand
from domain.trouble import SourceUnreadable

_RECENT = date(2020, 1, 1)
#: 20 years before 23 November 2026: the last day on which an event is old enough, and the first that is not.
_LAST_OVER, _FIRST_KEPT = date(2006, 11, 22), date(2006, 11, 23)


def test_a_dossier_whose_last_event_is_over_is_due(clinic):
    clinic.patient(1)
    clinic.contact(11, 1, _LAST_OVER)
    assert clinic.due(clinic.open()) == [(1,)]


def test_an_event_one_day_after_the_cutoff_keeps_the_whole_dossier(clinic):
    clinic.patient(1)
    clinic.contact(11, 1, _LAST_OVER)
    clinic.contact(12, 1, _FIRST_KEPT)
    connector = clinic.open()
    assert clinic.due(connector) == []
    assert connector.tally(clinic.test).kept_by == {"dossier": 1}


def test_a_part_with_a_longer_term_of_its_own_keeps_the_dossier(clinic):
    clinic.patient(1)
    clinic.contact(11, 1)
    clinic.result(11, 1, datetime.fromisoformat("2001-11-23 00:00"))
    assert clinic.open().tally(clinic.test).kept_by == {"results": 1}


def test_the_last_moment_of_the_last_day_is_over(clinic):
    clinic.patient(1)
    clinic.contact(11, 1)
    clinic.result(11, 1, datetime.fromisoformat("2001-11-22 23:59:59"))
    assert clinic.due(clinic.open()) == [(1,)]


def test_every_standing_is_counted_and_only_the_due_are_named(clinic):
    for number in range(1, 8):
        clinic.patient(number)
    clinic.contact(21, 2, None)
    clinic.contact(31, 3, date(9999, 1, 1))
    clinic.contact(41, 4, date(2030, 1, 1))
    clinic.contact(51, 5, date(1899, 12, 31))
    clinic.contact(61, 6, _RECENT)
    clinic.world.load("referral", {"id": 71, "patient_id": 7, "sent_on": date(1990, 1, 1)})
    connector = clinic.open()
    tally = connector.tally(clinic.test)
    assert {s: tally[s] for s in Standing} == {
        Standing.MISSING: 1, Standing.IMPLAUSIBLE: 3, Standing.NEEDED: 1, Standing.KEPT: 1, Standing.DUE: 1,
    }  # fmt: skip
    assert tally.total == 7
    assert clinic.due(connector) == [(1,)]


def test_a_missing_date_on_the_root_is_never_due(clinic):
    clinic.patient(1, registered_on=None)
    clinic.contact(11, 1)
    assert clinic.open().tally(clinic.test)[Standing.MISSING] == 1


def test_rows_that_are_not_of_the_dataset_are_no_dossiers(clinic):
    clinic.patient(1, kind="supplier")
    connector = clinic.open()
    assert connector.tally(clinic.test).total == 0
    assert clinic.due(connector) == []


def test_an_orphan_keeps_nobody_and_stops_nothing(loose_clinic):
    loose_clinic.patient(1)
    loose_clinic.contact(91, 404, _RECENT)
    loose_clinic.contact(92, None, _RECENT)
    assert loose_clinic.due(loose_clinic.open()) == [(1,)]


def test_an_empty_source_has_nothing_due(clinic):
    connector = clinic.open()
    assert connector.tally(clinic.test).total == 0
    assert clinic.due(connector) == []


def test_due_keys_come_in_order_of_their_key(clinic):
    for number in (30, 4, 100):
        clinic.patient(number)
    assert clinic.due(clinic.open()) == [(4,), (30,), (100,)]


def test_the_facts_of_one_dossier_lead_to_its_standing(clinic):
    clinic.patient(1)
    clinic.contact(11, 1, _RECENT)
    clinic.contact(12, 1, None)
    facts = clinic.open().facts(clinic.test, (1,))
    [contact] = [f for w, f in zip(clinic.test.watches, facts, strict=True) if w.column == "contact_on"]
    assert contact == WatchFacts(rows=2, missing=1, implausible=0, latest=_RECENT)
    assert stand(clinic.test, facts).standing is Standing.MISSING


def test_a_record_that_does_not_exist_has_no_facts(clinic):
    assert clinic.open().facts(clinic.test, (404,)) is None


def test_a_rule_whose_term_can_never_be_over_has_nothing_due(clinic, promise, test_of):
    clinic.patient(1)
    activities = {**clinic.activities, "dossier": promise("dossier", maximum="9000 years")}
    connector, never = clinic.open(), test_of(clinic.system, activities)
    assert [k for page in connector.find_due(never) for k in page] == []
    assert connector.tally(never)[Standing.KEPT] == 1


@pytest.mark.parametrize("gone", ["patient", "contact", "referral"])
def test_a_table_that_is_gone_is_named(clinic, gone):
    clinic.world.drop(gone)
    if gone != "patient":
        clinic.patient(1)
    with pytest.raises(SourceUnreadable, match=gone):
        clinic.open().tally(clinic.test)


#: Text in a trigger column, and whether it is due on 23 November 2026 after 20 years; None: it is no date.
_TEXTS = [
    ("2006-11-22", True),
    ("2006-11-23", False),
    ("2006-11-22 23:59:59.999999", True),
    ("2006-11-22T23:59", True),
    ("2006-11-23T00:00:00", False),
    ("2006-11-22T22:59:59Z", True),  # 23:59:59 in Amsterdam
    ("2006-11-22T23:00:00Z", False),  # midnight in Amsterdam
    ("2006-11-22T22:59:59.9999999Z", True),  # a fraction never makes it the next day
    ("2006-11-23 04:30:00+06:00", True),  # 23:30 on the 22nd in Amsterdam
    ("2006-11-22 18:30:00-06:00", False),  # 01:30 on the 23rd in Amsterdam
    ("2006-02-29", None),
    ("2004-02-29", True),
    ("1900-02-29", None),
    ("2006-04-31", None),
    ("0000-00-00", None),
    ("22-11-2006", None),
    ("2006-11-22 ", None),
    ("2006-11-22T24:00:00", None),
    ("2006-11-22 10:00:00+02", None),
    ("2006", None),
    ("", None),
    ("unknown", None),
]


def test_a_date_in_text_counts_only_in_one_shape(world, declare, promise, test_of, text_table):
    system = declare({"log": {"key": ["id"], "activity": "log", "triggers": ["at"]}}, text_table)
    world.build(system, text_table)
    world.load("log", *({"id": n, "at": text} for n, (text, _) in enumerate(_TEXTS)))
    test = test_of(system, {"log": promise("log", maximum="20 years")}, root="log")
    connector = world.open()
    expected = [Standing.MISSING if due is None else Standing.DUE if due else Standing.KEPT for _, due in _TEXTS]
    assert [stand(test, connector.facts(test, (n,))).standing for n in range(len(_TEXTS))] == expected
    due = [(n,) for n, standing in enumerate(expected) if standing is Standing.DUE]
    assert [k for page in connector.find_due(test) for k in page] == due
    assert connector.tally(test).standings == Counter(expected)


def test_a_moment_with_a_zone_falls_on_the_day_it_was_in_amsterdam(world, declare, promise, test_of, zoned_table):
    system = declare({"log": {"key": ["id"], "activity": "log", "triggers": ["at"]}}, zoned_table)
    world.build(system, zoned_table)
    world.load("log", {"id": 1, "at": datetime(2006, 11, 22, 22, 59, 59, tzinfo=UTC)})
    world.load("log", {"id": 2, "at": datetime(2006, 11, 22, 23, 0, 0, tzinfo=UTC)})
    test = test_of(system, {"log": promise("log", maximum="20 years")}, root="log")
    assert [list(page) for page in world.open().find_due(test)] == [[(1,)]]


def test_a_column_that_holds_no_dates_starts_no_term(world, declare, promise, test_of, number_table):
    system = declare({"log": {"key": ["id"], "activity": "log", "triggers": ["at"]}}, number_table)
    world.build(system, number_table)
    world.load("log", {"id": 1, "at": 20061122})
    test = test_of(system, {"log": promise("log", maximum="20 years")}, root="log")
    with pytest.raises(SourceUnreadable, match=r"log\.at"):
        world.open().tally(test)
    with pytest.raises(SourceUnreadable, match=r"log\.at"):
        list(world.open().find_due(test))
