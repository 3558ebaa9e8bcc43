"""What freezes is asked for at once: however many persons wait, a batch costs a bounded number of statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from connectors.sql import SqlConnector
from domain.cases import CaseKind
from domain.evidence import Entry
from domain.identity import Identifier
from domain.keys import Key
from domain.rules import RetentionRule
from ledger.holds import Ground
from register.loader import load_register
from tasks.freezes import read_freeze
from tasks.office import Office
from tasks.settings import Settings
from tests.stories.small_house import LONG_AGO, TODAY, SmallHouse

CASES, BATCH = 200, 500


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Six hundred visitors more, each with a note."""
    made = SmallHouse(tmp_path)
    with sqlite3.connect(made.db) as db:
        numbers = range(101, 701)
        rows = [(n, f"Naam{n}", "1980-01-31", f"b{n}@example.org", f"06200{n:05}", str(LONG_AGO)) for n in numbers]
        db.executemany("INSERT INTO visitor VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.executemany("INSERT INTO note (visitor_id, text) VALUES (?, ?)", [(n, "-") for n in numbers])
    return made


@contextmanager
def office_of(house: SmallHouse) -> Iterator[tuple[Office, SqlConnector, list[RetentionRule]]]:
    register = load_register(house.register)
    ledger = house.ledger()
    connector = SqlConnector(register.systems["desk"], house.secrets["DESK_URL"])
    try:
        yield Office(Settings(), register, ledger), connector, list(register.rules_on(TODAY))
    finally:
        connector.close()
        ledger.close()


@contextmanager
def statements(database: Path) -> Iterator[list[str]]:
    """What the source is asked, in order."""
    asked: list[str] = []

    def note(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url.database == str(database):
            asked.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


def open_cases(office: Office, *, beside: int = 0) -> None:
    """Requests of visitors 601 to 601 + beside, and of so many people who are in no system."""
    for n in range(CASES):
        number = 601 + n if n < beside else 100_000 + n
        subject = {"name": f"Naam{number}", "email": f"b{number}@example.org", "phone": f"06200{number:05}"}
        subject |= {"surname": f"Naam{number}", "born_on": "1980-01-31" if n < beside else "1951-02-03"}
        office.ledger.cases.open_case(
            CaseKind.ACCESS, received_on=TODAY, channel="mail", subject=subject, entry=Entry("case.received", "fg")
        )


def test_two_hundred_open_requests_cost_a_batch_few_statements_and_find_the_same(house: SmallHouse) -> None:
    batch: list[Key] = [(n,) for n in range(201, 201 + BATCH)]
    with office_of(house) as (office, connector, rules):
        open_cases(office, beside=3)
        connector.look()
        with statements(house.db) as asked:
            frozen = read_freeze(office, connector, rules, TODAY, within=batch)
        assert len(asked) <= 3, asked
        with statements(house.db) as asked:
            everywhere = read_freeze(office, connector, rules, TODAY)
        assert len(asked) <= 8, asked
    assert sorted(key for _, key in frozen.reasons) == [(601,), (602,), (603,)]
    assert frozen.reasons == everywhere.reasons


def test_two_hundred_held_notes_cost_a_batch_that_they_are_not_in_few_statements(house: SmallHouse) -> None:
    review = TODAY + timedelta(days=30)
    entry = Entry("hold.added", "fg")
    with office_of(house) as (office, connector, rules):
        for note in range(1, CASES + 1):
            office.ledger.holds.add(
                owner="fg",
                reason="geschil",
                review_on=review,
                system="desk",
                dataset="note",
                key=str(note),
                entry=entry,
            )
        connector.look()
        with statements(house.db) as asked:
            free = read_freeze(office, connector, rules, TODAY, within=[(n,) for n in range(401, 501)])
        assert len(asked) <= 3, asked
        held = read_freeze(office, connector, rules, TODAY, within=[(5,), (401,)])
    assert free.allowed("visitor", [(401,), (500,)]) == [(401,), (500,)]
    assert held.allowed("visitor", [(5,), (401,)]) == [(401,)]


def test_a_restriction_freezes_its_person_and_is_named_as_one(house: SmallHouse) -> None:
    with office_of(house) as (office, connector, rules):
        office.ledger.holds.add(
            owner="fg",
            reason="juistheid betwist",
            review_on=TODAY,
            identifiers=(Identifier("email", "b300@example.org"), Identifier("phone", "+31620000300")),
            ground=Ground.ACCURACY,
            entry=Entry("hold.added", "fg"),
        )
        for within in (None, [(300,), (301,)]):
            assert read_freeze(office, connector, rules, TODAY, within=within).reasons == {
                ("visitor", (300,)): "restriction H0001"
            }


@pytest.mark.parametrize(
    "written",
    ["0620000300", "+31 (0)6 2000 0300", "0031620000300", "06-20000300 (werk)", "06 20 00 03 00 / 020-1234567",
     "620000300", "06 2000 0300 ext. 12", "0６２００００３００"],
)  # fmt: skip
def test_however_a_phone_number_is_written_its_person_is_frozen(house: SmallHouse, written: str) -> None:
    house.sql("UPDATE visitor SET phone = ? WHERE id = 300", written)
    with office_of(house) as (office, connector, rules):
        who = (Identifier("phone", "+31620000300"),)
        review = TODAY + timedelta(days=30)
        office.ledger.holds.add(
            owner="fg", reason="claim", review_on=review, identifiers=who, entry=Entry("hold.added", "fg")
        )
        frozen = read_freeze(office, connector, rules, TODAY, within=[(300,), (301,)])
    assert list(frozen.reasons) == [("visitor", (300,))]
