"""The live system is held against the register, and every difference that could cost a person's data blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.drift import Drift, DriftKind, compare
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.system import System

TECHNICAL = {"class": "technical"}
CEILING = {"records": 10, "share": 0.1}


def system(**datasets: dict[str, Any]) -> System:
    staff = {
        "activity": "staff",
        "key": ["id"],
        "triggers": ["left_on"],
        "ceiling": CEILING,
        "columns": {"id": TECHNICAL, "left_on": TECHNICAL},
    }
    note = {
        "part_of": {"dataset": "staff", "by": {"staff_id": "id"}},
        "key": ["id"],
        "columns": {"id": TECHNICAL, "staff_id": TECHNICAL},
    }
    return System.model_validate(
        {
            "id": "hr",
            "title": "HR",
            "connector": "sql",
            "url": "env:HR_URL",
            "ignored_tables": {"country": "holds no persons"},
            "dataset": {"staff": staff, "note": note} | datasets,
        }
    )


def table(*references: LiveReference, key: tuple[str, ...] = ("id",), **columns: Kind) -> LiveTable:
    return LiveTable({name: LiveColumn(kind) for name, kind in columns.items()}, key=key, references=references)


TO_STAFF = LiveReference(("staff_id",), "staff", ("id",))
STAFF = table(id=Kind.INTEGER, left_on=Kind.DATE)
NOTE = table(TO_STAFF, id=Kind.INTEGER, staff_id=Kind.INTEGER)
COUNTRY = table(id=Kind.INTEGER)
AGREES = LiveSchema({"staff": STAFF, "note": NOTE, "country": COUNTRY})


def live(**tables: LiveTable | None) -> LiveSchema:
    """The schema that agrees, with these tables changed, added, or (None) gone."""
    changed = {**AGREES.tables, **tables}
    return replace(AGREES, tables={name: t for name, t in changed.items() if t is not None})


def only(found: tuple[Drift, ...]) -> Drift:
    assert len(found) == 1, found
    return found[0]


def test_a_system_that_looks_as_declared_has_no_drift() -> None:
    assert compare(system(), AGREES) == ()


def test_a_table_nobody_classified_blocks() -> None:
    drift = only(compare(system(), live(fax=table(id=Kind.INTEGER))))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.TABLE_UNCLASSIFIED, "hr.fax", True)
    assert "ignored_tables" in drift.do


def test_a_table_that_is_gone_blocks() -> None:
    drift = only(compare(system(), live(note=None)))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.TABLE_GONE, "hr.note", True)


def test_a_column_nobody_classified_blocks() -> None:
    drift = only(compare(system(), live(staff=table(id=Kind.INTEGER, left_on=Kind.DATE, nickname=Kind.TEXT))))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.COLUMN_UNCLASSIFIED, "hr.staff.nickname", True)


def test_a_column_that_is_gone_blocks() -> None:
    drift = only(compare(system(), live(staff=table(id=Kind.INTEGER))))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.COLUMN_GONE, "hr.staff.left_on", True)


def test_a_key_column_that_is_gone_blocks_and_says_it_is_the_key() -> None:
    drift = only(compare(system(), live(staff=table(key=(), left_on=Kind.DATE))))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.KEY_GONE, "hr.staff.id", True)


def test_a_key_that_is_less_than_the_primary_key_blocks_for_it_would_take_other_records_along() -> None:
    drift = only(compare(system(), live(staff=table(key=("id", "left_on"), id=Kind.INTEGER, left_on=Kind.DATE))))
    assert (drift.kind, drift.blocks) == (DriftKind.KEY_DIFFERS, True)
    assert "['id', 'left_on']" in drift.do


def test_a_key_that_is_more_than_the_primary_key_is_still_one_record() -> None:
    wide = {"part_of": {"dataset": "staff", "by": {"staff_id": "id"}}, "key": ["id", "staff_id"]}
    columns = {"columns": {"id": TECHNICAL, "staff_id": TECHNICAL}}
    assert compare(system(note=wide | columns), AGREES) == ()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_trigger_column_must_be_of_a_kind_that_can_start_a_term(kind: Kind) -> None:
    found = compare(system(), live(staff=table(id=Kind.INTEGER, left_on=kind)))
    if kind.can_start_a_term:
        assert found == ()
    else:
        assert (only(found).kind, only(found).blocks) == (DriftKind.NOT_A_DATE, True)


@pytest.mark.parametrize(
    ("on_delete", "alarm"), [("NO ACTION", False), ("RESTRICT", False), ("CASCADE", True), ("SET NULL", True)]
)
def test_a_foreign_key_that_the_register_is_silent_about_blocks_and_names_what_the_database_would_do(
    on_delete: str, alarm: bool
) -> None:
    second = LiveReference(("id",), "staff", ("id",), on_delete)
    drift = only(compare(system(), live(note=table(TO_STAFF, second, id=Kind.INTEGER, staff_id=Kind.INTEGER))))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.REFERENCE_UNDECLARED, "hr.note", True)
    assert f"ON DELETE {on_delete}" in drift.what
    assert ("on its own" in drift.what) is alarm
    assert 'by = { id = "id" }' in drift.do


def test_a_foreign_key_declared_under_other_columns_is_not_declared() -> None:
    other = LiveReference(("staff_id",), "staff", ("left_on",))
    found = compare(system(), live(note=table(other, id=Kind.INTEGER, staff_id=Kind.INTEGER)))
    assert [(d.kind, d.blocks) for d in found] == [
        (DriftKind.REFERENCE_UNDECLARED, True),
        (DriftKind.ONLY_DECLARED, False),
    ]


def test_a_foreign_key_that_names_no_columns_means_the_primary_key() -> None:
    sqlite = LiveReference(("staff_id",), "staff", ())
    assert compare(system(), live(note=table(sqlite, id=Kind.INTEGER, staff_id=Kind.INTEGER))) == ()


def test_a_foreign_key_to_itself_must_be_declared_too() -> None:
    manager = LiveReference(("id",), "staff", ("id",), "SET NULL")
    assert only(compare(system(), live(staff=replace(STAFF, references=(manager,))))).kind == "reference undeclared"
    declared = system().datasets["staff"].model_dump(by_alias=True) | {
        "references": [{"dataset": "staff", "by": {"id": "id"}, "when_gone": "clear"}]
    }
    assert compare(system(staff=declared), live(staff=replace(STAFF, references=(manager,)))) == ()


def test_an_ignored_table_that_refers_to_registered_data_blocks() -> None:
    drift = only(compare(system(), live(country=table(LiveReference(("id",), "staff", ("id",), "CASCADE")))))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.REFERENCE_UNDECLARED, "hr.country", True)
    assert drift.what.startswith("an ignored table")


def test_a_registered_table_may_refer_to_an_ignored_one() -> None:
    born_in = LiveReference(("left_on",), "country", ("id",), "CASCADE")
    assert compare(system(), live(staff=replace(STAFF, references=(born_in,)))) == ()


def test_a_database_trigger_nobody_declared_blocks() -> None:
    audited = replace(STAFF, triggers=("copy_to_audit",))
    drift = only(compare(system(), live(staff=audited)))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.TRIGGER_UNDECLARED, "hr.staff", True)
    assert "'copy_to_audit'" in drift.what
    declared = system().datasets["staff"].model_dump(by_alias=True)
    declared["side_effects"] = {"copy_to_audit": "copies the row into audit"}
    assert compare(system(staff=declared), live(staff=audited)) == ()


def test_a_reference_that_the_database_does_not_enforce_is_told_and_blocks_nothing() -> None:
    drift = only(compare(system(), live(note=replace(NOTE, references=()))))
    assert (drift.kind, drift.blocks) == (DriftKind.ONLY_DECLARED, False)


def test_an_ignored_table_that_is_gone_is_told_and_blocks_nothing() -> None:
    drift = only(compare(system(), live(country=None)))
    assert (drift.kind, drift.where, drift.blocks) == (DriftKind.ONLY_DECLARED, "hr.country", False)


def test_an_empty_source_has_lost_every_table() -> None:
    found = compare(system(), LiveSchema({}))
    assert {d.where for d in found if d.blocks} == {"hr.staff", "hr.note"}


def shared() -> System:
    """Staff and hired people in one table, told apart by `kind`; each with columns of its own."""
    one = {
        "table": "person",
        "activity": "staff",
        "key": ["id"],
        "triggers": ["left_on"],
        "ceiling": CEILING,
        "only": {"kind": "staff"},
        "columns": {"id": TECHNICAL, "kind": TECHNICAL, "left_on": TECHNICAL},
    }
    other = one | {"only": {"kind": "hired"}, "columns": {**one["columns"], "agency": TECHNICAL}}
    return system(staff=one, hired=other)


PERSON = table(id=Kind.INTEGER, kind=Kind.TEXT, left_on=Kind.DATE, agency=Kind.TEXT)


def sharing(**changes: Any) -> LiveSchema:
    note = table(LiveReference(("staff_id",), "person", ("id",), **changes), id=Kind.INTEGER, staff_id=Kind.INTEGER)
    return LiveSchema({"person": PERSON, "note": note, "country": COUNTRY})


def test_a_column_of_a_shared_table_may_be_classified_in_any_of_its_datasets() -> None:
    assert compare(shared(), sharing()) == ()


def test_rows_of_a_shared_table_that_no_dataset_takes_block_and_are_counted() -> None:
    strange = replace(PERSON, unclaimed=3)
    found = compare(shared(), replace(sharing(), tables={**sharing().tables, "person": strange}))
    assert (only(found).kind, only(found).where, only(found).blocks) == (DriftKind.ROWS_UNCLASSIFIED, "hr.person", True)
    assert "3 rows" in only(found).what
    assert "kind" in only(found).what
    datasets = {n: d.model_dump(by_alias=True) for n, d in shared().datasets.items()}
    datasets["hired"]["ignored_rows"] = "guests are not in this register"
    assert compare(system(**datasets), replace(sharing(), tables={**sharing().tables, "person": strange})) == ()


def test_a_cascade_into_a_shared_table_is_declared_for_each_of_its_datasets() -> None:
    drift = only(compare(shared(), sharing(on_delete="CASCADE")))
    assert drift.kind is DriftKind.REFERENCE_UNDECLARED
    assert "to hired, with by" in drift.do


def test_a_service_that_cannot_list_its_tables_is_judged_by_those_it_shows() -> None:
    shown = LiveSchema({"staff": STAFF, "note": replace(NOTE, references=()), "fax": COUNTRY}, complete=False)
    assert only(compare(system(), shown)).kind is DriftKind.TABLE_UNCLASSIFIED
    without = LiveSchema({"staff": STAFF}, complete=False)
    assert only(compare(system(), without)).kind is DriftKind.TABLE_GONE
