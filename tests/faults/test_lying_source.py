"""A source that claims success and keeps the row: the night ends by name as not confirmed or refused (promise 4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.trouble import NotConfirmed, Refused, SourceUnreadable
from tests.faults.conftest import POSTGRES, SQLITE, Opens
from tests.faults.office import EVERY, GOES, FaultyOffice

pytestmark = pytest.mark.slow
BOTH = pytest.mark.parametrize("pair", [SQLITE, POSTGRES], ids="-".join)
BY_NAME = {trouble.exit_code for trouble in (NotConfirmed, Refused, SourceUnreadable)}
KEEPS = {
    "sqlite": "CREATE TRIGGER keeps BEFORE DELETE ON TABLE BEGIN SELECT RAISE(IGNORE); END",
    "postgres": "CREATE TRIGGER keeps BEFORE DELETE ON TABLE FOR EACH ROW EXECUTE FUNCTION keeps()",
}
BRINGS_BACK = {
    "sqlite": "CREATE TRIGGER keeps AFTER DELETE ON TABLE BEGIN INSERT INTO TABLE VALUES (COLUMNS); END",
    "postgres": "CREATE TRIGGER keeps AFTER DELETE ON TABLE FOR EACH ROW EXECUTE FUNCTION brings_back()",
}
FUNCTIONS = """
CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION brings_back() RETURNS trigger LANGUAGE plpgsql AS
 'BEGIN EXECUTE format(''INSERT INTO %I SELECT ($1).*'', TG_TABLE_NAME) USING OLD; RETURN NULL; END'
"""
COLUMNS = {"dossier": "OLD.id, OLD.name", "result": "OLD.id, OLD.contact_id, OLD.text"}


@pytest.fixture
def untrue(office_in: Opens) -> Iterator[list[FaultyOffice]]:
    """Offices whose source a test made untrue, mended afterwards."""
    offices: list[FaultyOffice] = []
    yield offices
    for office in offices:
        with office.source() as db:
            db.execute(
                "DROP TRIGGER keeps"
                if office.in_file
                else "DROP FUNCTION keeps CASCADE; DROP FUNCTION brings_back CASCADE"
            )


def _set_trap(office: FaultyOffice, trap: dict[str, str], table: str) -> None:
    kind = "sqlite" if office.in_file else "postgres"
    with office.source() as db:
        if kind == "postgres":
            db.execute(FUNCTIONS)
        db.execute(trap[kind].replace("TABLE", table).replace("COLUMNS", COLUMNS[table]))


@BOTH
@pytest.mark.parametrize("table", ["dossier", "result"])
def test_a_trigger_that_keeps_the_row_undoes_all_of_its_dossiers_and_the_night_is_red(
    office_in: Opens, untrue: list[FaultyOffice], pair: tuple[str, str], table: str
) -> None:
    office = office_in(pair)
    office.put_back()
    untrue.append(office)
    _set_trap(office, KEEPS, table)
    assert office.night() in BY_NAME, office.log
    seen = office.look()
    assert seen.living["dossier"] == EVERY["dossier"]
    assert seen.living["result"] == EVERY["result"]
    assert not seen.leaves["dossier"]
    assert set(seen.leaves["call"]) == EVERY["call"] - seen.living["call"], "the rest was served"
    office.evidence_is_of_the_gone(seen)


@BOTH
@pytest.mark.parametrize("table", ["dossier", "result"])
def test_a_trigger_that_brings_the_row_back_ends_the_night_red_and_leaves_no_evidence_of_it(
    office_in: Opens, untrue: list[FaultyOffice], pair: tuple[str, str], table: str
) -> None:
    office = office_in(pair)
    office.put_back()
    untrue.append(office)
    _set_trap(office, BRINGS_BACK, table)
    assert office.night() in BY_NAME, office.log
    seen = office.look()
    assert seen.living[table] == EVERY[table]
    for name in GOES:
        assert set(seen.leaves[name]) == EVERY[name] - seen.living[name]
    office.evidence_is_of_the_gone(seen)


@BOTH
def test_a_source_that_only_says_it_deleted_is_not_confirmed(office_in: Opens, pair: tuple[str, str]) -> None:
    office = office_in(pair)
    office.put_back()
    assert office.night(lies=True) == NotConfirmed.exit_code, office.log
    seen = office.look()
    assert seen.living == EVERY
    assert not any(seen.leaves.values())
    assert seen.open == 0
    reports = office.reports()
    assert [rule["destroyed"] for rule in reports] == [0, 0]
    assert all(rule["not_confirmed"] > 0 for rule in reports)
