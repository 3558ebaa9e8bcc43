"""What every source must say of rows that refer to several tables, or are one record spread over several tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from connectors.port import Announced, Connector, Destroyed
from domain.drift import Drift, DriftKind, compare
from domain.keys import Key
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.rules import DueTest
from domain.standing import Standing, stand
from domain.system import System
from tests.contract.worlds import World

LONG_AGO, LATELY = date(2001, 1, 1), date(2020, 1, 1)


def _table(*references: LiveReference, **columns: Kind) -> LiveTable:
    return LiveTable(
        {"id": LiveColumn(Kind.INTEGER), **{c: LiveColumn(k) for c, k in columns.items()}}, ("id",), references
    )


class Records:
    """A system in a world, with one activity of 20 years, and what a test asks of it."""

    def __init__(
        self, world: World, system: System, schema: LiveSchema, tests: Mapping[str, DueTest], receipt: Any
    ) -> None:
        self.world, self.system, self.tests, self._receipt = world, system, tests, receipt
        world.build(system, schema)

    def due(self, root: str) -> list[Key]:
        return [k for page in self.world.open().find_due(self.tests[root]) for k in page]

    def standing(self, root: str, key: int) -> Standing:
        test = self.tests[root]
        return stand(test, self.world.open().facts(test, (key,)) or ()).standing

    def destroy(self, root: str, *keys: Key) -> Destroyed:
        connector: Connector = self.world.open()
        announced: Announced = self._receipt(connector, self.tests[root], keys)
        return connector.destroy(self.tests[root], list(keys), allowed=lambda k: k, announced=announced)

    def ids(self, table: str) -> list[int]:
        return sorted(row["id"] for row in self.world.rows(table))

    def drifts(self) -> Sequence[Drift]:
        return [d for d in compare(self.system, self.world.open().look()) if d.blocks]


@pytest.fixture
def made(
    world: World, declare: Callable[..., System], promise: Any, test_of: Any, receipt: Any
) -> Callable[..., Records]:
    """Records by the datasets and tables that a test gives."""

    def make(datasets: Mapping[str, Mapping[str, Any]], tables: Mapping[str, LiveTable]) -> Records:
        schema = LiveSchema(tables)
        system = declare({n: {"key": ["id"], **d} for n, d in datasets.items()}, schema)
        activities = {"care": promise("care", maximum="20 years"), "staff": promise("staff", maximum="25 years")}
        tests = {d.name: test_of(system, activities, root=d.name) for d in system.roots()}
        return Records(world, system, schema, tests, receipt)

    return make


# One table of notes about anything: `entity_table` says about what, `entity_id` about which.

_NOTES = {
    "patient": _table(seen_on=Kind.DATE),
    "worker": _table(left_on=Kind.DATE),
    "note": _table(entity_table=Kind.TEXT, entity_id=Kind.INTEGER, written_on=Kind.DATE),
}


def _note_of(owner: str, **changes: Any) -> dict[str, Any]:
    return {
        "table": "note", "only": {"entity_table": owner}, "triggers": ["written_on"],
        "part_of": {"dataset": owner, "by": {"entity_id": "id"}}, **changes,
    }  # fmt: skip


@pytest.fixture
def notes(made: Callable[..., Records]) -> Records:
    """Patients and workers, both with notes in one table. Worker 1 and patient 1 are different people."""
    records = made(
        {
            "patient": {"activity": "care", "triggers": ["seen_on"]},
            "worker": {"activity": "staff", "triggers": ["left_on"]},
            "patient_note": _note_of("patient"),
            "worker_note": _note_of("worker"),
        },
        _NOTES,
    )
    for number in (1, 2):
        records.world.load("patient", {"id": number, "seen_on": LONG_AGO})
        records.world.load("worker", {"id": number, "left_on": LONG_AGO})
    return records


def _note(number: int, about: Any, whom: int, on: date | None = LONG_AGO) -> dict[str, Any]:
    return {"id": number, "entity_table": about, "entity_id": whom, "written_on": on}


def test_a_note_belongs_to_whom_its_kind_and_number_name_together(notes: Records) -> None:
    notes.world.load("note", _note(10, "patient", 1), _note(11, "worker", 1), _note(12, "patient", 2))
    gone = notes.destroy("patient", (1,))
    assert {d: list(k) for d, k in gone.rows.items()} == {"patient": [(1,)], "patient_note": [(10,)]}
    assert (notes.ids("note"), notes.ids("patient"), notes.ids("worker")) == ([11, 12], [2], [1, 2])


def test_a_note_about_a_worker_keeps_no_patient_of_the_same_number(notes: Records) -> None:
    notes.world.load(
        "note", _note(10, "worker", 1, LATELY), _note(11, "patient", 2, LATELY), _note(12, "worker", 2, None)
    )
    assert notes.due("patient") == [(1,)]
    assert [notes.standing("worker", n) for n in (1, 2)] == [Standing.KEPT, Standing.MISSING]


def test_notes_that_fall_in_no_dataset_are_counted_and_stop_the_system(notes: Records) -> None:
    notes.world.load("note", _note(10, "patient", 1))
    assert notes.drifts() == []
    notes.world.load("note", _note(11, "visitor", 1), _note(12, None, 1), _note(13, "Patient", 1))
    [drift] = notes.drifts()
    assert (drift.kind, drift.where) == (DriftKind.ROWS_UNCLASSIFIED, "clinic.note")
    assert drift.what.startswith("3 rows ")
    assert "visitor" not in f"{drift.what} {drift.do}", "a value of the source is nobody's to repeat"


def test_rows_that_the_register_ignores_with_a_reason_stop_nothing(made: Callable[..., Records]) -> None:
    records = made(
        {
            "patient": {"activity": "care", "triggers": ["seen_on"]},
            "patient_note": _note_of("patient", ignored_rows="notes about machines are no personal data"),
        },
        {t: _NOTES[t] for t in ("patient", "note")},
    )
    records.world.load("note", _note(10, "machine", 1))
    assert records.drifts() == []


def test_a_table_that_one_dataset_takes_whole_has_no_rows_outside(made: Callable[..., Records]) -> None:
    records = made(
        {
            "patient": {"activity": "care", "triggers": ["seen_on"]},
            "note": {"activity": "care", "triggers": ["written_on"]},
        },
        {t: _NOTES[t] for t in ("patient", "note")},
    )
    records.world.load("note", _note(10, "machine", 1))
    assert records.drifts() == []


# One person in several tables with one key: what they share in `person`, what only a patient or worker has in its own.

_TO_PERSON = LiveReference(("id",), "person", ("id",))
_PERSON = {"dataset": "person", "by": {"id": "id"}}


@pytest.fixture
def people(made: Callable[..., Records]) -> Records:
    """People, of whom each may be a patient, a worker, or both; a visit hangs under the patient."""
    return made(
        {
            "person": {"activity": "care"},
            "patient": {"part_of": _PERSON, "triggers": ["seen_on"]},
            "worker": {"part_of": _PERSON, "activity": "staff", "triggers": ["left_on"]},
            "visit": {"part_of": {"dataset": "patient", "by": {"patient_id": "id"}}, "triggers": ["seen_on"]},
        },
        {
            "person": _table(name=Kind.TEXT),
            "patient": _table(_TO_PERSON, seen_on=Kind.DATE),
            "worker": _table(_TO_PERSON, left_on=Kind.DATE),
            "visit": _table(
                LiveReference(("patient_id",), "patient", ("id",)), patient_id=Kind.INTEGER, seen_on=Kind.DATE
            ),
        },
    )


def _person(records: Records, number: int, *, seen: date | None = None, left: date | None = None) -> None:
    records.world.load("person", {"id": number, "name": "x"})
    if seen is not None:
        records.world.load("patient", {"id": number, "seen_on": seen})
        records.world.load("visit", {"id": 10 * number, "patient_id": number, "seen_on": seen})
    if left is not None:
        records.world.load("worker", {"id": number, "left_on": left})


def test_a_person_who_is_a_patient_goes_whole_from_every_table(people: Records) -> None:
    _person(people, 1, seen=LONG_AGO)
    _person(people, 2, seen=LATELY)
    assert people.due("person") == [(1,)]
    gone = people.destroy("person", (1,))
    assert {d: list(k) for d, k in gone.rows.items()} == {"person": [(1,)], "patient": [(1,)], "visit": [(10,)]}
    assert (people.ids("person"), people.ids("patient"), people.ids("visit")) == ([2], [2], [20])


def test_a_patient_who_is_also_a_worker_stays_until_both_terms_are_over(people: Records) -> None:
    _person(people, 1, seen=LONG_AGO, left=date(2003, 1, 1))  # 20 years are over, 25 are not
    _person(people, 2, seen=LONG_AGO, left=LONG_AGO)
    assert people.due("person") == [(2,)]
    people.destroy("person", (2,))
    assert (people.ids("person"), people.ids("patient"), people.ids("worker")) == ([1], [1], [1])


def test_a_person_who_is_nothing_yet_has_no_term_that_started(people: Records) -> None:
    _person(people, 1)
    assert people.standing("person", 1) is Standing.MISSING
    assert people.due("person") == []


def test_the_keys_that_the_tables_share_are_declared_and_agree_with_the_source(people: Records) -> None:
    assert people.drifts() == []
