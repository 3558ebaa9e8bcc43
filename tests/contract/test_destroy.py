"""What every source must do, and must refuse to do, when a batch of dossiers is destroyed."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.port import Announced, Destroyed
from domain.keys import Keys
from domain.trouble import Refused, SourceUnreadable

_RECENT = date(2020, 1, 1)
_EMPTY = Destroyed({})


def _left(clinic):
    tables = ("patient", "contact", "result")
    return {t: sorted(tuple(row[c] for c in _KEYS[t]) for row in clinic.world.rows(t)) for t in tables}


_KEYS = {"patient": ("id",), "contact": ("id",), "result": ("contact_id", "nr")}


def _filled(clinic, patients=(1, 2)):
    for number in patients:
        clinic.patient(number)
        clinic.contact(10 * number, number)
        clinic.result(10 * number, 1)
        clinic.result(10 * number, 2)
    return clinic.open()


def test_a_dossier_goes_whole_and_nothing_else_goes(clinic):
    connector = _filled(clinic)
    done = clinic.destroy(connector, (1,))
    assert {d: sorted(k) for d, k in done.rows.items()} == {
        "patient": [(1,)], "contact": [(10,)], "result": [(10, 1), (10, 2)],
    }  # fmt: skip
    assert done.stayed == {}
    assert _left(clinic) == {"patient": [(2,)], "contact": [(20,)], "result": [(20, 1), (20, 2)]}
    assert len(connector.still_there("patient", Keys([(1,)]))) == 0


def test_no_keys_destroy_nothing(clinic):
    connector = _filled(clinic)
    assert clinic.destroy(connector) == _EMPTY
    assert len(_left(clinic)["patient"]) == 2


def test_destroying_twice_is_destroying_once(clinic):
    connector = _filled(clinic)
    receipt = clinic.destroy(connector, (1,)) and Announced("b", clinic.test.rule.digest, {"patient": Keys([(1,)])})
    done = connector.destroy(clinic.test, [(1,)], allowed=lambda k: k, announced=receipt)
    assert (done.rows, done.stayed) == ({}, {"no longer due": Keys([(1,)])})


@pytest.mark.parametrize("dossiers", [{}, {"patient": Keys()}, {"patient": Keys([(2,)])}, {"contact": Keys([(1,)])}])
def test_a_record_that_was_never_announced_is_never_destroyed(clinic, dossiers):
    connector = _filled(clinic)
    with pytest.raises(Refused, match="announce"):
        clinic.destroy(connector, (1,), announced=Announced("b", clinic.test.rule.digest, dossiers))
    assert len(_left(clinic)["patient"]) == 2


def test_a_receipt_for_another_wording_of_the_rule_destroys_nothing(clinic):
    connector = _filled(clinic)
    with pytest.raises(Refused, match="wording"):
        clinic.destroy(connector, (1,), announced=Announced("b", "0" * 64, {"patient": Keys([(1,)])}))
    assert len(_left(clinic)["patient"]) == 2


def test_a_record_under_hold_at_the_last_moment_stays(clinic):
    connector = _filled(clinic)
    done = clinic.destroy(connector, (1,), (2,), allowed=lambda keys: [k for k in keys if k != (1,)])
    assert done.stayed == {"frozen": Keys([(1,)])}
    assert _left(clinic)["patient"] == [(1,)]


def test_nothing_is_destroyed_that_was_not_asked_whatever_allowed_says(clinic):
    connector = _filled(clinic)
    clinic.destroy(connector, (1,), allowed=lambda _: [(1,), (2,)])
    assert _left(clinic)["patient"] == [(2,)]


def test_an_error_while_the_holds_are_read_destroys_nothing(clinic):
    def unreadable(_):
        raise OSError("no list of holds")

    connector = _filled(clinic)
    with pytest.raises(OSError, match="no list of holds"):
        clinic.destroy(connector, (1,), allowed=unreadable)
    assert len(_left(clinic)["patient"]) == 2


def test_new_activity_between_plan_and_deletion_keeps_the_dossier(clinic):
    connector = _filled(clinic)
    receipt = Announced("b", clinic.test.rule.digest, connector.dossiers(clinic.test.rule.parts, [(1,), (2,)]))
    clinic.contact(19, 1, _RECENT)
    done = clinic.destroy(connector, (1,), (2,), announced=receipt)
    assert done.stayed == {"no longer due": Keys([(1,)])}
    assert _left(clinic)["patient"] == [(1,)]


def test_a_date_that_moved_between_plan_and_deletion_keeps_the_dossier(clinic):
    connector = _filled(clinic)
    receipt = Announced("b", clinic.test.rule.digest, connector.dossiers(clinic.test.rule.parts, [(1,)]))
    clinic.world.change("contact", {"id": 10}, contact_on=None)
    assert clinic.destroy(connector, (1,), announced=receipt).stayed == {"no longer due": Keys([(1,)])}


@pytest.mark.parametrize("part", ["contact", "result"])
def test_a_row_that_was_not_announced_keeps_its_dossier_and_no_other(clinic, part):
    connector = _filled(clinic)
    receipt = Announced("b", clinic.test.rule.digest, connector.dossiers(clinic.test.rule.parts, [(1,), (2,)]))
    if part == "contact":
        clinic.contact(19, 1)
    else:
        clinic.result(10, 3)
    done = clinic.destroy(connector, (1,), (2,), announced=receipt)
    assert done.stayed == {"changed since announced": Keys([(1,)])}
    assert set(_left(clinic)["patient"]) == {(1,)}
    assert (10, 1) in _left(clinic)["result"]


def test_an_announced_row_that_is_gone_already_stops_nothing(clinic):
    connector = _filled(clinic)
    receipt = Announced("b", clinic.test.rule.digest, connector.dossiers(clinic.test.rule.parts, [(1,)]))
    clinic.world.change("result", {"contact_id": 10, "nr": 2}, contact_id=20, nr=9)
    done = clinic.destroy(connector, (1,), announced=receipt)
    assert sorted(done.rows["result"]) == [(10, 1)]
    assert (20, 9) in _left(clinic)["result"]


def test_a_circle_is_emptied_first(clinic):
    connector = _filled(clinic)
    clinic.world.change("patient", {"id": 1}, main_contact=10)
    done = clinic.destroy(connector, (1,))
    assert done.cleared == {"patient": 1}
    assert _left(clinic)["patient"] == [(2,)]


def test_a_reference_from_a_dossier_that_stays_is_emptied_too(clinic):
    connector = _filled(clinic)
    clinic.world.change("patient", {"id": 2}, main_contact=10)
    clinic.destroy(connector, (1,))
    [patient] = clinic.world.rows("patient")
    assert (patient["id"], patient["main_contact"]) == (2, None)


def test_a_parent_stays_as_long_as_a_child_that_stays_refers_to_it(clinic):
    connector = _filled(clinic, patients=(1, 2, 3))
    clinic.world.change("patient", {"id": 2}, mother=1, registered_on=_RECENT)
    done = clinic.destroy(connector, (1,), (3,))
    assert done.stayed == {"still referred to": Keys([(1,)])}
    assert _left(clinic)["patient"] == [(1,), (2,)]


def test_a_parent_and_child_that_are_both_due_go_together(clinic):
    connector = _filled(clinic)
    clinic.world.change("patient", {"id": 2}, mother=1)
    assert sorted(clinic.destroy(connector, (1,), (2,)).rows["patient"]) == [(1,), (2,)]


def test_what_a_staying_parent_refers_to_stays_as_well(clinic):
    connector = _filled(clinic, patients=(1, 2, 3))
    clinic.world.change("patient", {"id": 2}, mother=1)
    clinic.world.change("patient", {"id": 3}, mother=2)
    done = clinic.destroy(connector, (1,), (2,))
    assert {w: sorted(k) for w, k in done.stayed.items()} == {"still referred to": [(1,), (2,)]}
    assert len(_left(clinic)["patient"]) == 3


def test_a_record_that_another_needs_is_not_destroyed(clinic):
    connector = _filled(clinic)
    receipt = Announced("b", clinic.test.rule.digest, connector.dossiers(clinic.test.rule.parts, [(1,)]))
    clinic.world.load("referral", {"id": 5, "patient_id": 1, "sent_on": date(1990, 1, 1)})
    assert clinic.destroy(connector, (1,), announced=receipt).stayed == {"no longer due": Keys([(1,)])}


def test_a_row_that_the_register_does_not_know_keeps_the_whole_batch(undeclared):
    connector = _filled(undeclared)
    undeclared.world.load("letter", {"id": 1, "patient_id": 1})
    done = undeclared.destroy(connector, (1,), (2,))
    assert done.rows == {}
    assert {w: sorted(k) for w, k in done.stayed.items()} == {"still referred to": [(1,), (2,)]}
    assert len(_left(undeclared)["result"]) == 4


def test_a_source_that_keeps_what_it_says_it_deleted_is_found_out(loose_clinic):
    connector = _filled(loose_clinic)
    connector.look()
    loose_clinic.world.lie("contact")
    liar = loose_clinic.open()
    if loose_clinic.world.name == "memory":
        assert loose_clinic.destroy(liar, (1,)).rows["contact"] == Keys([(10,)])
    else:
        with pytest.raises(SourceUnreadable, match="contact"):
            loose_clinic.destroy(liar, (1,))
        assert len(_left(loose_clinic)["result"]) == 4
    assert connector.still_there("contact", Keys([(10,)])) == Keys([(10,)])


def test_a_key_that_names_several_rows_destroys_none(world, declare, promise, test_of, receipt, doubled_table):
    system = declare({"log": {"key": ["owner"], "activity": "log", "triggers": ["at"]}}, doubled_table)
    world.build(system, doubled_table)
    world.load("log", {"id": 1, "owner": 5, "at": date(2000, 1, 1)}, {"id": 2, "owner": 5, "at": _RECENT})
    test = test_of(system, {"log": promise("log", maximum="20 years")}, root="log")
    connector = world.open()
    with pytest.raises(SourceUnreadable, match="share one key"):
        connector.destroy(test, [(5,)], allowed=lambda k: k, announced=receipt(connector, test, [(5,)]))
    assert len(world.rows("log")) == 2


def test_a_part_that_the_source_cascades_is_named_like_any_other(cascading):
    connector = _filled(cascading)
    done = cascading.destroy(connector, (1,))
    assert sorted(done.rows["result"]) == [(10, 1), (10, 2)]
    assert _left(cascading) == {"patient": [(2,)], "contact": [(20,)], "result": [(20, 1), (20, 2)]}


def test_rows_of_the_same_table_that_are_of_no_dataset_stay(clinic):
    connector = _filled(clinic)
    clinic.patient(3, kind="supplier")
    clinic.contact(30, 3)
    clinic.destroy(connector, (1,), (2,))
    assert _left(clinic) == {"patient": [(3,)], "contact": [(30,)], "result": []}
