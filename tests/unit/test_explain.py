"""What the ledger and the letter say of one record: found by any kind of key, and kept as long as its longest term."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from connectors.in_memory import InMemoryConnector
from domain.keys import Key, Keys, key_text
from domain.register import Register
from domain.same_person import Verdict
from domain.system import System
from domain.why import explain
from register.loader import load_register
from tasks.find import Candidate, SystemAnswer
from tasks.gather import gather
from tasks.spool import Spool
from tests.spec.test_why import AS_OF, SYSTEM, activity, due, promises
from tests.unit.ledger_desk import Desk
from tests.unit.test_evidence_keys import agree, destroy, fill, reopened, rotate

KEYS: list[Key] = [
    (7,), ("7|a\nb",), (UUID(int=7), date(2026, 1, 2)), (Decimal("1.50"),), (b"\x00\xff",), ("é", 3),
    (datetime(2026, 1, 2, 3, 4, tzinfo=UTC),),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=lambda k: type(k[0]).__name__)
def test_a_destroyed_record_is_found_by_its_written_key_whatever_its_type(desk: Desk, key: Key) -> None:
    desk.office()
    desk.approve()
    first = desk.shut(desk.announce({"patient": Keys([(1,)]), "contact": Keys([key])}))
    again = desk.shut(desk.announce({"contact": Keys([key])}))
    found = desk.ledger.batches.batches_with("careweb", "contact", [key_text(key), "no such key"])
    assert [(c.batch, c.event, c.rule) for c in found] == [
        (first.batch, first.event, "careweb.patient"), (again.batch, again.event, "careweb.patient"),
    ]  # fmt: skip
    for system, dataset, text in [
        ("careweb", "patient", key_text(key)), ("hr", "contact", key_text(key)), ("careweb", "contact", "8"),
    ]:  # fmt: skip
        assert desk.ledger.batches.batches_with(system, dataset, [text]) == ()


def test_an_announced_record_that_is_not_closed_yet_has_no_evidence(desk: Desk) -> None:
    desk.office()
    desk.approve()
    desk.announce({"patient": Keys([(1,)])})
    assert desk.ledger.batches.batches_with("careweb", "patient", ["1"]) == ()


def test_evidence_whose_key_was_destroyed_is_passed_over_and_said_to_be_silent(desk: Desk) -> None:
    fill(desk)
    rotate(desk)
    later = desk.shut(desk.announce({"patient": Keys([(3,)])}))
    agree(desk, "e1")
    assert destroy(desk, "e1")
    batches = reopened(desk).ledger.batches
    assert [c.batch for c in batches.batches_with("careweb", "patient", ["3"])] == [later.batch]
    assert batches.batches_with("careweb", "patient", ["1"]) == ()
    assert batches.cannot_be_told("careweb"), "so `why` says that nobody can tell, not that it never was"


def test_the_letter_keeps_a_record_as_long_as_the_trace_says_and_by_the_same_article() -> None:
    import tomllib

    labelled = SYSTEM.replace(
        'columns.left_on = { class = "technical" }', 'columns.left_on = { class = "export", label = "Weg" }'
    )
    system = System(id="practice", **tomllib.loads(labelled))
    activities = promises() | {"invoices": activity("invoices", 'minimum = "7 years"', article="AWR 52")}
    day = date(2020, 2, 29)
    rows = {
        "patient": [{"id": 1, "left_on": day}],
        "invoice": [{"id": 5, "patient_id": 1, "sent_on": day}],
        "claim": [],
    }
    connector = InMemoryConnector(system, rows)
    register = Register(activities, {"practice": system}, load_register().organisation)
    person = Candidate("patient", (1,), Verdict.SAME, ("bsn", "email"), ())
    gathered = gather(connector, register, SystemAnswer("practice", "Praktijk", (person,)), AS_OF, Spool())
    [record] = next(p for p in gathered[""].parts if p.dataset == "patient").records
    test = due(activities)
    facts = connector.facts(test, (1,))
    assert facts is not None
    told = explain(test, facts, activities)
    assert (record.kept_until, record.kept_because) == (told.kept_until, "AWR 52")
    assert record.kept_until == date(2027, 2, 28), "by the invoice inside the dossier, not by the patient's own term"
