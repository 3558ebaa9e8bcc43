"""Promise 8: there is one choke point. Every other way in that we know of is tried here, and destroys nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from connectors.open import open_connector
from connectors.port import Announced
from domain.evidence import Entry
from domain.rules import due_test
from domain.trouble import LedgerBroken, Refused
from ledger.approvals import What
from ledger.officers import OfficerRole
from ledger.open import Ledger, open_ledger
from register.loader import load_register
from tests.stories.small_house import TODAY, SmallHouse

EVERYBODY = set(range(1, 13))
LATER = timedelta(minutes=2)
REVIEW = (TODAY + timedelta(days=30)).isoformat()


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Nobody countersigned anything; two officers are enrolled."""
    made = SmallHouse(tmp_path)
    ledger, moment, entry = made.ledger(), datetime.now(UTC), Entry(kind="officer.enrolled", by="fg")
    made.phone = phone(ledger.officers.enrol("fg", OfficerRole.DPO, entry=entry))
    ledger.officers.enrol("engineer", OfficerRole.ENGINEER, code=made.phone.at(moment), entry=entry)
    ledger.close()
    return made


@pytest.fixture
def signed(tmp_path: Path) -> SmallHouse:
    """All rules are countersigned."""
    made = SmallHouse(tmp_path)
    made.countersign()
    return made


def phone(address: str) -> pyotp.TOTP:
    made = pyotp.parse_uri(address)
    assert isinstance(made, pyotp.TOTP)
    return made


def by_hand(house: SmallHouse, *statements: str, **values: object) -> None:
    """As somebody with the database's password does it: the ledger's own triggers are dropped first."""
    with sqlite3.connect(house.folder / "ledger.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement, values)


def digest_of(house: SmallHouse) -> str:
    [rule] = load_register(house.register).rules_on(TODAY)
    return rule.digest


def destroys_nothing(house: SmallHouse, *codes: int, words: tuple[str, ...] = ("desk",)) -> str:
    """An armed purge ends with one of these exit codes, and everybody lives. What it said."""
    ended = house.termijn("purge", *words, "--arm")
    assert ended.returncode in codes, ended.stderr
    assert house.living() == EVERYBODY
    return ended.stderr


def later(house: SmallHouse, after: timedelta = LATER) -> Ledger:
    moment = datetime.now(UTC) + after
    return open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", clock=lambda: moment)


def test_the_door_itself_opens(signed: SmallHouse) -> None:
    assert signed.termijn("purge", "desk", "--arm").returncode == 0
    assert signed.living() == EVERYBODY - {1, 2, 3}


def test_an_approval_written_by_hand(house: SmallHouse) -> None:
    columns = "(id, what, digest, requested_by, approved_by, at, seal)"
    by_hand(
        house,
        f"INSERT INTO approvals {columns} VALUES (1, 'rule', :digest, 'engineer', 'fg', :at, 'e1:00')",
        digest=digest_of(house),
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
    )
    assert "by hand" in destroys_nothing(house, 7)


def test_an_approval_of_another_digest_renamed_by_hand(signed: SmallHouse) -> None:
    signed.edit("activities/visits.toml", '"6 months"', '"5 months"')
    by_hand(signed, "UPDATE approvals SET digest = :digest", digest=digest_of(signed))
    assert "by hand" in destroys_nothing(signed, 7)


def test_an_approval_that_was_revoked_and_then_mended_by_hand(signed: SmallHouse) -> None:
    ledger = signed.ledger()
    ledger.approvals.revoke(What.RULE, digest_of(signed), entry=Entry("approval.revoked", "fg"))
    ledger.close()
    assert "countersignature" in destroys_nothing(signed, 4)
    by_hand(signed, "UPDATE approvals SET revoked_at = NULL")
    assert "by hand" in destroys_nothing(signed, 7)


def test_a_request_written_by_hand_in_the_name_of_another(house: SmallHouse) -> None:
    columns = "(id, what, digest, requested_by, at, answered, seal)"
    by_hand(
        house,
        f"INSERT INTO requests {columns} VALUES (1, 'rule', :digest, 'engineer', :at, 0, 'e1:00')",
        digest=digest_of(house),
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
    )
    ledger = later(house)
    code = house.phone.at(datetime.now(UTC) + LATER)
    with pytest.raises(LedgerBroken, match="by hand"):
        ledger.approvals.approve(What.RULE, [digest_of(house)], code=code, entry=Entry("approval.given", "fg"))
    ledger.close()
    assert "countersignature" in destroys_nothing(house, 4)


def test_an_approval_by_the_requester_under_another_spelling(house: SmallHouse) -> None:
    ledger = later(house)
    at = datetime.now(UTC) + LATER
    digests = [digest_of(house)]
    ledger.approvals.request(What.RULE, digests, code=house.phone.at(at), entry=Entry("approval.asked", "fg"))
    ledger.close()
    for n, spelling in enumerate(("fg", "FG", "f g", " fg", "f\u200bg", "\uff46g"), start=2):
        ledger = later(house, LATER * n)
        given, code = Entry("approval.given", spelling), house.phone.at(datetime.now(UTC) + LATER * n)
        with pytest.raises(Refused, match="yourself"):
            ledger.approvals.approve(What.RULE, digests, code=code, entry=given)
        ledger.close()
    assert "clock" in destroys_nothing(house, 4)  # those events lie ahead, too


def test_a_code_that_was_used_before(house: SmallHouse) -> None:
    ledger = later(house)
    at = datetime.now(UTC) + LATER
    digests, code = [digest_of(house)], house.phone.at(at)
    board = phone(ledger.officers.enrol("board", OfficerRole.DPO, code=code, entry=Entry("officer.enrolled", "fg")))
    ledger.approvals.request(What.RULE, digests, code=board.at(at), entry=Entry("approval.asked", "board"))
    with pytest.raises(Refused, match="used before"):
        ledger.approvals.approve(What.RULE, digests, code=code, entry=Entry("approval.given", "fg"))
    ledger.close()
    assert "countersignature" in destroys_nothing(house, 4)


def test_an_officer_written_by_hand(house: SmallHouse) -> None:
    by_hand(
        house, "UPDATE officers SET secret = (SELECT secret FROM officers WHERE name = 'fg') WHERE name = 'engineer'"
    )
    ledger = later(house)
    at = datetime.now(UTC) + LATER
    with pytest.raises(LedgerBroken):
        ledger.approvals.request(
            What.RULE, [digest_of(house)], code=house.phone.at(at), entry=Entry("approval.asked", "engineer")
        )
    ledger.close()
    by_hand(house, "UPDATE officers SET role = 'dpo' WHERE name = 'engineer'")
    assert "countersignature" in destroys_nothing(house, 4)


def test_an_approval_that_expired(house: SmallHouse) -> None:
    yesterday = TODAY - timedelta(days=1)
    ledger, at = later(house), datetime.now(UTC) + LATER
    digests = [digest_of(house)]
    entry = Entry("officer.enrolled", "fg")
    board = phone(ledger.officers.enrol("board", OfficerRole.DPO, code=house.phone.at(at), entry=entry))
    ledger.approvals.request(What.RULE, digests, code=board.at(at), entry=Entry("approval.asked", "board"))
    code = house.phone.at(at + timedelta(seconds=30))
    given = Entry("approval.given", "fg")
    ledger.approvals.approve(What.RULE, digests, code=code, expires_on=yesterday, entry=given)
    ledger.close()
    assert "countersignature" in destroys_nothing(house, 4)
    by_hand(house, "UPDATE approvals SET expires_on = NULL")
    assert "by hand" in destroys_nothing(house, 7)


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        ("activities/visits.toml", '"6 months"', '"1 months"'),
        ("activities/visits.toml", "2020-01-01", "2019-01-01"),
        ("systems/desk.toml", "records = 5", "records = 500"),
        ("systems/desk.toml", 'triggers = ["left_on"]', 'triggers = ["born_on"]'),
        ("systems/desk.toml", 'triggers = ["left_on"]', 'triggers = [{ column = "left_on", same_day = "zomaar" }]'),
        ("systems/desk.toml", 'key = ["id"]\ntriggers', 'key = ["surname"]\ntriggers'),
    ],
)
def test_a_rule_that_was_changed_in_the_register(signed: SmallHouse, place: str, old: str, new: str) -> None:
    signed.edit(place, old, new)
    destroys_nothing(signed, 4, 5)


def test_a_switch_that_was_turned_by_hand(signed: SmallHouse) -> None:
    assert signed.termijn("stop", "--by", "fg").returncode == 0
    assert "stop" in destroys_nothing(signed, 4)
    by_hand(signed, "UPDATE switch SET stopped = 0")
    assert "by hand" in destroys_nothing(signed, 7)


def test_a_chain_whose_head_was_changed_by_hand(signed: SmallHouse) -> None:
    by_hand(signed, "UPDATE head SET seq = seq - 1")
    destroys_nothing(signed, 7)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM holds",
        f"UPDATE holds SET ended_on = '{TODAY}'",
        f"UPDATE holds SET until = '{TODAY - timedelta(days=1)}'",
        "UPDATE holds SET dataset = 'note'",
    ],
)
def test_a_hold_that_was_lifted_by_hand(signed: SmallHouse, statement: str) -> None:
    held = signed.termijn("hold", "add", "desk", "visitor", "--owner", "fg", "--reason", "geschil", "--review", REVIEW)
    assert held.returncode == 0, held.stderr
    by_hand(signed, statement)
    destroys_nothing(signed, 7)


@pytest.mark.parametrize("left", [0, 1])
def test_a_request_that_was_taken_out_by_hand(signed: SmallHouse, left: int) -> None:
    for number in (2, 3):
        subject = f'name = "Naam{number}"\nsurname = "Naam{number}"\nborn_on = 1980-01-31\n'
        subject += f'email = "bezoeker{number}@example.org"\n'
        assert signed.termijn("case", "new", "--subject", "-", given=subject).returncode == 0
    by_hand(signed, "DELETE FROM cases WHERE serial > :left", left=left)
    assert "missing" in destroys_nothing(signed, 7)


@pytest.mark.parametrize(
    "variables",
    [
        {"TERMIJN_ARM": "1", "TERMIJN_REHEARSAL": "false", "REHEARSAL": "0", "TERMIJN_ARMED": "true"},
        {"PREFECT_FLOW_PARAMETERS": '{"rehearsal": false}', "TERMIJN_APPROVED": "all"},
    ],
)
def test_variables_of_the_environment_arm_nothing(
    signed: SmallHouse, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    signed.secrets |= variables
    assert signed.termijn("purge", "desk").returncode == 0
    assert signed.living() == EVERYBODY


def test_the_story_called_armed_from_python_on_rules_that_nobody_countersigned(house: SmallHouse) -> None:
    script = """
import os
os.environ["TERMIJN_SKIN"] = "plain"
from flows.nightly_purge import nightly_purge
nightly_purge(systems=["desk"], rehearsal=False)
"""
    assert "countersign" in house.run_python(script).stderr
    assert house.living() == EVERYBODY


def test_the_verbs_called_from_python_past_the_guards(house: SmallHouse) -> None:
    """A plan of one's own, without any refusal, handed straight to the verb that carries it out."""
    script = """
import os
os.environ["TERMIJN_SKIN"] = "plain"
from dataclasses import replace
from tasks.clock import now, today
from tasks.night import NightRun, carry_out, rehearse
plan = rehearse(today(), ["desk"])
plan = replace(plan, rules=tuple(replace(p, refusals=()) for p in plan.rules))
assert sum(len(p.to_go) for p in plan.rules) == 3
night = NightRun(as_of=today(), systems=["desk"], rehearsal=False, plan="", started=now())
print(carry_out(night, plan, "desk")[0].stopped)
"""
    ended = house.run_python(script)
    assert "no approval" in ended.stdout, ended.stderr
    assert house.living() == EVERYBODY


def test_a_receipt_made_by_hand(signed: SmallHouse) -> None:
    """Somebody who has the source's password and our code, and makes the ledger's receipt himself."""
    register = load_register(signed.register)
    [rule] = register.rules_on(TODAY)
    test = due_test(rule, register.activities, TODAY)
    ledger = signed.ledger()
    keys = [(1,), (2,), (3,)]
    for vouch in ({}, {"vouch": lambda a: ledger.batches.is_announced(a.batch, a.rule, a.dossiers)}):
        connector = open_connector(register.systems["desk"], secret=lambda _: signed.secrets["DESK_URL"], **vouch)
        forged = Announced("B0000001", rule.digest, connector.dossiers(rule.parts, keys))
        with pytest.raises(Refused, match="does not know this receipt"):
            connector.destroy(test, keys, allowed=lambda k: k, announced=forged)
        connector.close()
    ledger.close()
    assert signed.living() == EVERYBODY


@pytest.mark.parametrize("how", ["closed", "stopped", "more", "another wording"])
def test_a_receipt_that_is_the_ledgers_own_and_no_longer_good(signed: SmallHouse, how: str) -> None:
    register = load_register(signed.register)
    [rule] = register.rules_on(TODAY)
    test = due_test(rule, register.activities, TODAY)
    ledger = signed.ledger()
    vouch = {"vouch": lambda a: ledger.batches.is_announced(a.batch, a.rule, a.dossiers)}
    connector = open_connector(register.systems["desk"], secret=lambda _: signed.secrets["DESK_URL"], **vouch)
    dossiers = connector.dossiers(rule.parts, [(1,)])
    receipt = ledger.batches.announce(
        rule=rule.name,
        digest=rule.digest,
        system="desk",
        dossiers=dossiers,
        as_of=TODAY,
        entry=Entry("batch.announced", "termijn"),
    )
    announced = Announced(receipt.batch, rule.digest, receipt.dossiers)
    match how:
        case "closed":
            ledger.batches.close(receipt.batch, {}, entry=Entry("batch.closed", "termijn"))
        case "stopped":
            ledger.switch.stop(entry=Entry("stopped", "fg"))
        case "more":
            announced = Announced(receipt.batch, rule.digest, connector.dossiers(rule.parts, [(1,), (2,)]))
        case _:
            announced = Announced(receipt.batch, "0" * 64, receipt.dossiers)
    with pytest.raises(Refused):
        connector.destroy(test, [(1,)], allowed=lambda k: k, announced=announced)
    connector.close()
    ledger.close()
    assert signed.living() == EVERYBODY


def keep_plan(house: SmallHouse) -> str:
    told = house.termijn("plan", "desk", "--keep", "--by", "engineer").stdout
    return next(word for word in told.split() if len(word) == 64)


def approve_plan(house: SmallHouse, digest: str) -> None:
    """Two officers more, one asking and one approving."""
    ledger, at = later(house), datetime.now(UTC) + LATER
    entry = Entry("officer.enrolled", "fg")
    board = phone(ledger.officers.enrol("board", OfficerRole.MANAGEMENT, code=house.phone.at(at), entry=entry))
    ledger.approvals.request(What.PLAN, [digest], code=board.at(at), entry=Entry("approval.asked", "board"))
    code = house.phone.at(at + timedelta(seconds=30))
    ledger.approvals.approve(What.PLAN, [digest], code=code, entry=Entry("approval.given", "fg"))
    ledger.close()


def test_the_body_of_an_approved_plan_swapped_in_the_table(signed: SmallHouse) -> None:
    small = keep_plan(signed)
    approve_plan(signed, small)
    signed.edit("systems/desk.toml", 'title = "Bezoekers"', 'title = "Bezoekers van de balie"')
    other = keep_plan(signed)
    assert other != small
    swap = "UPDATE plans SET {} = (SELECT {} FROM plans WHERE digest = :other) WHERE digest = :small"
    by_hand(signed, *(swap.format(c, c) for c in ("body", "body_hash")), small=small, other=other)
    destroys_nothing(signed, 7, words=("--plan", small))


def test_a_plan_body_made_with_the_ledgers_own_keys_under_an_approved_digest(signed: SmallHouse) -> None:
    """Even who has the key file cannot put other records under the digest that two persons saw."""
    small = keep_plan(signed)
    approve_plan(signed, small)
    ledger = signed.ledger()
    keyring, kept = ledger.events.keyring, ledger.plans.read_plan(small)
    body = kept.body.replace(b'"1"', b'"9"')
    assert body != kept.body
    mark = hashlib.sha256(body).hexdigest()
    token = keyring.encrypt(body, of=f"plans.body:{small}:{mark}")
    ledger.close()
    by_hand(signed, "UPDATE plans SET body = :body, body_hash = :mark WHERE digest = :small",
            body=token, mark=mark, small=small)  # fmt: skip
    assert "not what its digest says" in destroys_nothing(signed, 7, words=("--plan", small))
