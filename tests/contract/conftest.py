"""A clinic in each world, and what the tests of the contract ask of it: rules, tests of what is due, receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.port import Announced, Connector, Destroyed
from domain.activity import Activity
from domain.keys import Key
from domain.live import Kind, LiveColumn, LiveReference, LiveSchema, LiveTable
from domain.rules import DueTest, compile_rules, due_test
from domain.system import System
from tests.contract.worlds import (
    AS_OF,
    LONG_AGO,
    MariadbWorld,
    MemoryWorld,
    PostgresWorld,
    SqliteWorld,
    World,
)

#: What a service without transactions does otherwise by nature; tests/contract/test_rest.py says what it does do.
NOT_OVER_REST = {
    "test_destroying_twice_is_destroying_once": "over REST an announced record that is gone counts as destroyed",
    "test_a_row_that_the_register_does_not_know_keeps_the_whole_batch": "over REST each dossier goes by itself",
    "test_a_source_that_keeps_what_it_says_it_deleted_is_found_out": "no roll-back over REST; the re-read finds it",
}


@pytest.fixture(params=["memory", "sqlite", "postgres", "mariadb", "rest"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Each kind of source in turn."""
    made: World
    if request.param == "memory":
        made = MemoryWorld()
    elif request.param == "sqlite":
        made = SqliteWorld(tmp_path)
    elif request.param == "rest":
        if request.node.originalname in NOT_OVER_REST:
            pytest.skip(NOT_OVER_REST[request.node.originalname])
        from tests.contract.rest_world import RestWorld

        made = RestWorld(SqliteWorld(tmp_path), tmp_path / "source.db")
    elif request.param == "mariadb":
        made = MariadbWorld(request.getfixturevalue("mariadb_url"))
    else:
        made = PostgresWorld(request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture
def every_world(tmp_path: Path, postgres_url: str, mariadb_url: str) -> Iterator[list[World]]:
    """All kinds of source at once; the first is the oracle. A TIMESTAMP holds 1970-2038 only, so MariaDB keeps text."""
    mariadb = MariadbWorld(mariadb_url, zoned="VARCHAR(40)")
    made: list[World] = [MemoryWorld(), SqliteWorld(tmp_path), PostgresWorld(postgres_url), mariadb]
    yield made
    for one in made:
        one.close()


def activity(name: str, *, maximum: str, **changes: Any) -> Activity:
    """An activity with one term, counted from the day."""
    term = {
        "since": date(2020, 1, 1), "maximum": maximum, "counts_from": "the last event", "article": "AVG 5.1.e",
        "source": "policy", "certainty": "certain", "last_checked": AS_OF, "at_expiry": "destroy",
    }  # fmt: skip
    given = {
        "id": name, "title": "An activity", "purpose": "A purpose", "role": "controller",
        "legal_ground": ["AVG 6.1.b"], "subjects": ["patient"], "source": "the person",
        "data": [{"item": "name", "category": "user.name"}], "security": ["locked"], "term": [{**term, **changes}],
    }  # fmt: skip
    return Activity.model_validate(given)


def system(datasets: Mapping[str, Mapping[str, Any]], schema: LiveSchema) -> System:
    """A system whose columns are those of the schema, none of them exported."""
    declared = {}
    for name, given in datasets.items():
        columns = {c: {"class": "technical"} for c in schema.tables[str(given.get("table", name))].columns}
        ceiling = {"ceiling": {"records": 1000, "share": 1}} if "activity" in given else {}
        declared[name] = {"columns": columns, **ceiling, **given}
    return System.model_validate(
        {"id": "clinic", "title": "Clinic", "connector": "memory", "url": "env:CLINIC", "dataset": declared}
    )


def rule_test(of: System, activities: Mapping[str, Activity], *, root: str = "patient", as_of: date = AS_OF) -> DueTest:
    """The due test of one root dataset."""
    [rule] = [r for r in compile_rules(of, activities, as_of) if r.dataset.name == root]
    return due_test(rule, activities, as_of)


def announce(connector: Connector, test: DueTest, keys: Sequence[Key]) -> Announced:
    """The receipt that the ledger would give for these dossiers as they are now."""
    return Announced("batch-1", test.rule.digest, connector.dossiers(test.rule.parts, keys))


@pytest.fixture
def declare() -> Callable[..., System]:
    return system


@pytest.fixture
def promise() -> Callable[..., Activity]:
    return activity


@pytest.fixture
def test_of() -> Callable[..., DueTest]:
    return rule_test


@pytest.fixture
def receipt() -> Callable[..., Announced]:
    return announce


def _table(key: str, *, refers: Mapping[str, tuple[str, str]] | None = None, **columns: Kind) -> LiveTable:
    references = [LiveReference((own,), table, (their,)) for own, (table, their) in (refers or {}).items()]
    return LiveTable({c: LiveColumn(k) for c, k in columns.items()}, tuple(key.split()), tuple(references))


PATIENT = {"id": 1, "practice": 7, "surname": "a", "registered_on": date(2001, 1, 1), "kind": "patient"}
_PATIENT = {
    "id": Kind.INTEGER, "practice": Kind.INTEGER, "surname": Kind.TEXT, "born_on": Kind.DATE,
    "email": Kind.TEXT, "phone": Kind.TEXT,
    "bsn": Kind.TEXT, "client": Kind.TEXT, "iban": Kind.TEXT, "registered_on": Kind.DATE, "kind": Kind.TEXT,
    "main_contact": Kind.INTEGER, "mother": Kind.INTEGER,
}  # fmt: skip


class Clinic:
    """Patients with contacts, results of contacts (composite key), a main contact (a circle), and referrals.

    The term of a dossier is 20 years, that of results 25; a referral that stays keeps its patient.
    """

    def __init__(self, world: World, *, strict: bool, cascade: bool = False, letters: bool = False) -> None:
        self.world = world
        refers = {
            "patient": {"main_contact": ("contact", "id"), "mother": ("patient", "id")},
            "contact": {"patient_id": ("patient", "id")},
            "result": {"contact_id": ("contact", "id")},
            "referral": {"patient_id": ("patient", "id")},
        } if strict else {}  # fmt: skip
        goes = "CASCADE" if cascade else "NO ACTION"
        self.schema = LiveSchema({
            "patient": _table("id", refers=refers.get("patient"), **_PATIENT),
            "contact": _table(
                "id", refers=refers.get("contact"), id=Kind.INTEGER, patient_id=Kind.INTEGER, contact_on=Kind.DATE,
                noted=Kind.TEXT,
            ),
            "result": _table(
                "contact_id nr", refers=refers.get("result"), contact_id=Kind.INTEGER, nr=Kind.INTEGER,
                made_at=Kind.MOMENT,
            ),
            "referral": _table(
                "id", refers=refers.get("referral"), id=Kind.INTEGER, patient_id=Kind.INTEGER, sent_on=Kind.DATE
            ),
        })  # fmt: skip
        tables = {n: replace(t, references=tuple(replace(r, on_delete=goes) for r in t.references))
                  for n, t in self.schema.tables.items()}  # fmt: skip
        letter = _table("id", refers={"patient_id": ("patient", "id")}, id=Kind.INTEGER, patient_id=Kind.INTEGER)
        self.schema = LiveSchema(tables | ({"letter": letter} if letters else {}))
        self.system = system(
            {
                "patient": {
                    "key": ["id"], "activity": "dossier", "triggers": ["registered_on"], "tenant": "practice",
                    "only": {"kind": "patient"},
                    "references": [
                        {"dataset": "contact", "by": {"main_contact": "id"}, "when_gone": "clear"},
                        {"dataset": "patient", "by": {"mother": "id"}},
                    ],
                    "identifies": {
                        "bsn": "bsn", "email": "email", "phone": "phone", "client_number": "client", "iban": "iban",
                        "name_born": ["surname", "born_on"], "name": "surname",
                    },
                },
                "contact": {
                    "key": ["id"], "triggers": ["contact_on"],
                    "part_of": {"dataset": "patient", "by": {"patient_id": "id"}},
                },
                "result": {
                    "key": ["contact_id", "nr"], "activity": "results", "triggers": ["made_at"],
                    "part_of": {"dataset": "contact", "by": {"contact_id": "id"}},
                },
                "referral": {
                    "key": ["id"], "activity": "results", "triggers": ["sent_on"],
                    "references": [{"dataset": "patient", "by": {"patient_id": "id"}}],
                },
            },
            self.schema,
        )  # fmt: skip
        self.activities = {
            "dossier": activity("dossier", maximum="20 years"),
            "results": activity("results", maximum="25 years"),
        }
        self.test = rule_test(self.system, self.activities)
        self.parts = {p.dataset: p for p in self.test.rule.parts}
        world.build(self.system, self.schema)

    def open(self) -> Connector:
        """A connector to this clinic."""
        return self.world.open()

    def patient(self, number: int, **changes: Any) -> None:
        """A patient of long ago."""
        self.world.load("patient", {**PATIENT, "id": number, **changes})

    def contact(self, number: int, patient: int | None, on: Any = date(2002, 3, 1), **changes: Any) -> None:
        """A contact of long ago."""
        self.world.load("contact", {"id": number, "patient_id": patient, "contact_on": on, **changes})

    def result(self, contact: int, nr: int, made_at: Any = LONG_AGO) -> None:
        """A result of long ago."""
        self.world.load("result", {"contact_id": contact, "nr": nr, "made_at": made_at})

    def due(self, connector: Connector) -> list[Key]:
        """All due root keys."""
        return [k for page in connector.find_due(self.test) for k in page]

    def destroy(self, connector: Connector, *keys: Key, **changes: Any) -> Destroyed:
        """Announce and destroy these dossiers."""
        given: dict[str, Any] = {"allowed": lambda k: k, "announced": announce(connector, self.test, keys)}
        return connector.destroy(self.test, list(keys), **{**given, **changes})


@pytest.fixture
def clinic(world: World) -> Clinic:
    """A clinic whose source declares its references."""
    return Clinic(world, strict=True)


@pytest.fixture
def cascading(world: World) -> Clinic:
    """A clinic whose source deletes children by itself."""
    return Clinic(world, strict=True, cascade=True)


@pytest.fixture
def undeclared(world: World) -> Clinic:
    """A clinic with letters to patients, of which the register knows nothing."""
    return Clinic(world, strict=True, letters=True)


@pytest.fixture
def loose_clinic(world: World) -> Clinic:
    """The same clinic in a source that declares none."""
    return Clinic(world, strict=False)


def _log(kind: Kind) -> LiveSchema:
    return LiveSchema({"log": _table("id", id=Kind.INTEGER, at=kind)})


@pytest.fixture
def text_table() -> LiveSchema:
    """A log whose moments are text."""
    return _log(Kind.TEXT)


@pytest.fixture
def zoned_table() -> LiveSchema:
    """A log whose moments have a zone."""
    return _log(Kind.ZONED)


@pytest.fixture
def tagged_table() -> LiveSchema:
    """Records with a text for a key."""
    return LiveSchema({"tag": _table("code", code=Kind.TEXT, at=Kind.DATE)})


@pytest.fixture
def doubled_table() -> LiveSchema:
    """A log with a column that looks like a key and is none."""
    return LiveSchema({"log": _table("id", id=Kind.INTEGER, owner=Kind.INTEGER, at=Kind.DATE)})


@pytest.fixture
def number_table() -> LiveSchema:
    """A log whose moments are numbers."""
    return _log(Kind.INTEGER)
