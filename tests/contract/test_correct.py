"""One record is corrected in one transaction, and only while it holds what was decided about, in every source."""

from __future__ import annotations

from datetime import date

import pytest

from domain.rules import Part
from domain.trouble import Refused
from tests.contract.conftest import Clinic


def noted(clinic: Clinic, key: int) -> object:
    [row] = clinic.open().rows(Part("contact", ()), [(key,)])
    return row["noted"]


def test_a_value_is_written_while_the_record_holds_what_was_decided_about(clinic: Clinic) -> None:
    clinic.patient(1)
    clinic.contact(11, 1, noted="oud")
    clinic.contact(12, 1, noted="oud")
    source = clinic.open()
    if clinic.world.name == "rest":
        with pytest.raises(Refused, match="cannot be changed yet"):
            source.correct("contact", (11,), {"noted": "oud"}, {"noted": "nieuw"})
        return
    assert source.correct("contact", (11,), {"noted": "oud"}, {"noted": "nieuw"})
    assert (noted(clinic, 11), noted(clinic, 12)) == ("nieuw", "oud"), "this record and no other"
    assert not source.correct("contact", (11,), {"noted": "oud"}, {"noted": "later"}), "it changed meanwhile"
    assert noted(clinic, 11) == "nieuw"
    assert not source.correct("contact", (99,), {"noted": "oud"}, {"noted": "nieuw"}), "it is gone"


def test_a_value_is_emptied_and_filled_and_a_day_is_a_day(clinic: Clinic) -> None:
    if clinic.world.name == "rest":
        pytest.skip("a service over REST is not asked to change a record")
    clinic.patient(1)
    clinic.contact(11, 1, date(2002, 3, 1), noted=None)
    source = clinic.open()
    assert source.correct("contact", (11,), {"noted": None}, {"noted": "toch"})
    assert source.correct("contact", (11,), {"noted": "toch"}, {"noted": None})
    assert noted(clinic, 11) is None
    [row] = source.rows(Part("contact", ()), [(11,)])
    assert source.correct("contact", (11,), {"contact_on": row["contact_on"]}, {"contact_on": date(2003, 4, 2)})
    [row] = source.rows(Part("contact", ()), [(11,)])
    assert str(row["contact_on"]) == "2003-04-02"


def test_upper_and_lower_case_are_two_values(clinic: Clinic) -> None:
    if clinic.world.name == "rest":
        pytest.skip("a service over REST is not asked to change a record")
    clinic.patient(1)
    clinic.contact(11, 1, noted="Oud")
    assert not clinic.open().correct("contact", (11,), {"noted": "oud"}, {"noted": "nieuw"})
    assert noted(clinic, 11) == "Oud"
