"""What went and should not have: it lies on the DPO's desk as a possible data breach, and its clock runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.activity import Role
from domain.breaches import Breach, BreachState, Harm
from domain.evidence import Entry
from domain.keys import Keys
from register.loader import load_register
from tasks.batches import close_batch
from tasks.office import open_office
from tests.stories.small_house import TODAY, SmallHouse


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    house = SmallHouse(tmp_path)
    house.countersign()
    for name, value in house.environment().items():
        if name.startswith(("TERMIJN_", "DESK_")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERMIJN_SKIN", "plain")
    return house


def proposed(house: SmallHouse) -> list[Breach]:
    return [b for b in house.ledger().breaches.list_all() if b.state is BreachState.PROPOSED]


def test_a_source_that_others_emptied_proposes_a_breach_once(signed: SmallHouse) -> None:
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    assert proposed(signed) == [], "what went by its term is no breach"
    signed.sql("DELETE FROM note")
    signed.sql("DELETE FROM visitor")
    assert signed.termijn("purge", "desk").returncode == 0
    assert proposed(signed) == [], "a rehearsal writes nothing down"
    for _ in range(2):
        signed.termijn("purge", "desk", "--arm")
    [breach] = proposed(signed)
    assert breach.source == f"desk.visitor, empty on {TODAY}"
    assert (breach.harms, breach.role) == ((Harm.AVAILABILITY,), Role.CONTROLLER)
    assert signed.ledger().verify().ok


def test_a_record_that_went_and_was_never_announced_proposes_a_breach(signed: SmallHouse) -> None:
    [rule] = load_register(signed.register).rules_on(TODAY)
    with open_office() as office:
        receipt = office.ledger.batches.announce(
            rule=rule.name, digest=rule.digest, system="desk", dossiers={"visitor": Keys([(1,)])}, as_of=TODAY,
            entry=Entry("batch.announced", "termijn"),
        )  # fmt: skip
        close_batch(office, receipt.batch, {"visitor": Keys([(1,), (2,)])})
    [breach] = proposed(signed)
    assert breach.source == f"batch {receipt.batch}"
    assert breach.harms == (Harm.AVAILABILITY,)
    [event] = signed.ledger().events.events(kind="breach.proposed")
    assert "1 record" in event.body


def test_an_officer_says_that_a_batch_was_wrong_and_the_hours_run(signed: SmallHouse) -> None:
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    [batch] = signed.ledger().batches.closed_batches()
    done = signed.termijn("breach", "wrong-batch", batch.batch, "--why", "de term stond verkeerd", "--by", "fg")
    assert done.returncode == 0, done.stderr
    [breach] = proposed(signed)
    assert breach.source == f"batch {batch.batch}"
    assert breach.number in done.stdout
    [event] = signed.ledger().events.events(kind="breach.proposed")
    assert event.by == "fg"
    again = signed.termijn("breach", "wrong-batch", batch.batch, "--why", "nog eens")
    assert (again.returncode, "proposed before" in again.stderr) == (4, True)
    unknown = signed.termijn("breach", "wrong-batch", "B0009999", "--why", "x")
    assert (unknown.returncode, "termijn ledger export" in unknown.stderr) == (6, True)
    assert len(proposed(signed)) == 1
