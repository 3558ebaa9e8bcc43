"""Who asks, as the ledger keeps it: what was seen of one, or weighed too early, serves for nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.cases import Case, CaseKind
from domain.evidence import Entry
from domain.identity import Identifier
from domain.representatives import Asker, Band, Capacity, ChildSays, Part, Proof, band_of
from domain.standing_to_ask import check_asker, may_ask
from domain.subject import identifiers_from
from domain.trouble import Refused
from ledger.leaving import check_may_leave
from ledger.own_data import Requesters
from tasks.person import check_subject
from tests.unit.ledger_desk import Desk

TODAY = date(2026, 11, 23)
OURS = Entry("case.represented", "privacy")
PARENT = Asker(capacity=Capacity.PARENT, about=(Part.OTHER,))


def opened(desk: Desk, born_on: object) -> Case:
    subject: dict[str, Any] = {"name": "Anna Naam", "surname": "Naam", "born_on": born_on}
    return desk.ledger.cases.open_case(
        CaseKind.ACCESS, received_on=TODAY, channel="letter", entry=Entry("case.received", "privacy"), subject=subject
    )


@pytest.mark.parametrize(
    ("born_on", "days"),
    [
        ("02-01-2015", [date(2015, 1, 2)]),
        (["1980-01-02", "2-1-2015"], [date(1980, 1, 2), date(2015, 1, 2)]),
        ("onbekend", [None]),
    ],
    ids=["the Dutch way", "a list", "not known"],
)
def test_a_birth_date_reads_alike_for_who_asks_and_for_our_own_data(
    desk: Desk, born_on: object, days: list[date | None]
) -> None:
    case = opened(desk, born_on)
    youngest = max((day for day in days if day), default=None)
    assert desk.ledger.askers.born_on(case.number) == youngest
    if youngest is not None:
        assert band_of(youngest, TODAY, PARENT) is Band.UNDER_12
    rows = Requesters(desk.ledger.events, desk.ledger.cases.subjects).rows()
    assert [row["born_on"] for row in rows] == days


@pytest.mark.parametrize("born_on", ["ergens in 2015", ["1980-01-02", "2015-13-02"], "2-1-15", 2015, 1.5])
def test_a_birth_date_that_cannot_be_read_makes_nobody_an_adult(desk: Desk, born_on: object) -> None:
    case = opened(desk, born_on)
    with pytest.raises(Refused, match="birth date cannot be read") as told:
        desk.ledger.askers.born_on(case.number)
    assert case.number in str(told.value)
    assert "2015" not in str(told.value).replace("2015-01-02", "")
    with desk.ledger.events.read() as connection, pytest.raises(Refused, match="birth date cannot be read"):
        check_may_leave(connection, desk.keyring, case.number, TODAY)
    rows = Requesters(desk.ledger.events, desk.ledger.cases.subjects).rows()
    assert None in [row["born_on"] for row in rows]


def test_each_birth_date_of_a_list_finds_the_person() -> None:
    found = identifiers_from({"surname": "Naam", "born_on": ["02-01-2015", "1980-01-02"]})
    assert found == (Identifier("name_born", "naam+1980-01-02"), Identifier("name_born", "naam+2015-01-02"))


@pytest.mark.parametrize("born_on", ["ergens in 2015", ["2015-01-02", "2015-13-02"], "1900-01-01", 1.5, True])
def test_a_birth_date_that_cannot_be_read_is_refused_without_being_named(born_on: object) -> None:
    with pytest.raises(Refused, match="birth date cannot be read") as told:
        check_subject({"name": "Anna Naam", "email": "anna@example.org", "born_on": born_on})
    assert "2015-13-02" not in str(told.value)
    assert "ergens" not in str(told.value)
    check_subject({"name": "Anna Naam", "email": "anna@example.org", "born_on": ["02-01-2015", date(2015, 1, 2), ""]})


def test_what_was_seen_of_one_parent_is_not_seen_of_another(desk: Desk) -> None:
    case, askers = opened(desk, "2013-06-01"), desk.ledger.askers
    askers.represent(case.number, PARENT, person={"name": "Ouder Een"}, entry=OURS)
    askers.proven(case.number, Proof.AUTHORITY, entry=OURS)
    askers.child_says(case.number, ChildSays.AGREES, entry=OURS)
    for same in ({"name": " ouder  een", "email": "een@example.org"}, None):
        askers.represent(case.number, PARENT, person=same, entry=OURS)
        check_asker(case, askers.of_case(case.number), born_on=date(2013, 6, 1), as_of=TODAY)
    askers.represent(case.number, PARENT, person={"name": "Ouder Twee"}, entry=OURS)
    now = askers.of_case(case.number)
    assert now is not None
    assert (now.proofs, now.child) == ((), ChildSays.UNHEARD)
    with pytest.raises(Refused, match="not proven yet: authority-register"):
        check_asker(case, now, born_on=date(2013, 6, 1), as_of=TODAY)


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ({"name": "J. Naam", "email": "een@example.org"}, {"name": "J. Naam", "email": "twee@example.org"}, False),
        ({"name": "J. Naam", "address": ["Dorp 1"]}, {"name": "J. Naam", "address": ["Stad 2"]}, False),
        (
            {"name": "J. Naam", "address": ["Dorp 1"], "phone": "0612345678"},
            {"name": "j. naam", "address": ["Stad 2"], "phone": "+31 6 12345678"},
            True,
        ),
        ({"name": "J. Naam", "email": "Een@example.org"}, {"name": "J. Naam", "phone": "0612345678"}, True),
        ({}, {"name": "J. Naam"}, False),
    ],
    ids=["a namesake by mail", "a namesake elsewhere", "moved", "told more", "nobody by name before"],
)
def test_a_namesake_begins_anew_and_who_moves_does_not(
    desk: Desk, before: dict[str, object], now: dict[str, object], same: bool
) -> None:
    case, askers = opened(desk, "2013-06-01"), desk.ledger.askers
    askers.represent(case.number, PARENT, person=before, entry=OURS)
    askers.proven(case.number, Proof.AUTHORITY, entry=OURS)
    askers.represent(case.number, PARENT, person=now, entry=OURS)
    kept = askers.of_case(case.number)
    assert kept is not None
    assert kept.proofs == ((Proof.AUTHORITY,) if same else ())


def test_what_was_weighed_before_the_child_spoke_or_a_proof_was_seen_is_weighed_anew(desk: Desk) -> None:
    desk.enrol("fg")
    case, askers = opened(desk, "2013-06-01"), desk.ledger.askers
    askers.represent(case.number, PARENT, person={"name": "Ouder Een"}, entry=OURS)
    askers.proven(case.number, Proof.AUTHORITY, entry=OURS)

    def weighed() -> None:
        entry = Entry("case.weighed", "fg", case=case.number)
        askers.weigh(case.number, may=True, why="het mag", code=desk.code("fg"), entry=entry)

    weighed()
    refuses = askers.child_says(case.number, ChildSays.REFUSES, entry=OURS)
    with pytest.raises(Refused, match="does not want this"):
        check_asker(case, refuses, born_on=date(2013, 6, 1), as_of=TODAY)
    weighed()
    assert may_ask(case, askers.of_case(case.number), born_on=date(2013, 6, 1), as_of=TODAY)
    assert askers.proven(case.number, Proof.WRITTEN, entry=OURS).weighed is None
