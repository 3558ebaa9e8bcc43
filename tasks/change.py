"""How columns of rows that survive are changed, batch by batch, and how what a killed run left behind is finished.

The steps are those of a destruction (tasks.batches): announced, carried out and asked again inside, read anew, closed.
What differs: the proof is that nothing of the columns remains, the evidence stands under `dataset#activity`, and no
event or report says that such a row was destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from connectors.port import Announced, Connector
from connectors.stored_days import day_of
from domain.activity import AtExpiry
from domain.column_rules import Change
from domain.evidence import Entry, Fact
from domain.keys import Key, Keys
from domain.night import DONE, BatchProof
from domain.plan import RulePlan
from domain.rules import DueTest, Part, RetentionRule, compile_rules, due_test
from domain.standing import observe
from domain.treatment import Alias, pseudonym
from domain.trouble import LedgerBroken
from domain.why import words
from ledger.leases import Lease
from tasks.batches import BY, LEASE, Mandate, Outcome
from tasks.clock import today
from tasks.freezes import read_freeze
from tasks.office import Office
from tasks.pace import Pace, Stopped
from tasks.progress import Progress

_BY_RULE = Mandate()


def change_batches(
    office: Office,
    connector: Connector,
    plan: RulePlan,
    outcome: Outcome,
    *,
    lease: Lease,
    label: str = "",
    mandate: Mandate = _BY_RULE,
) -> None:
    """Carry out one rule of columns. Stops at the first batch that fails or cannot be confirmed.

    `label`: how the ledger calls the system, where it is a copy. Raises Refused or SourceUnreadable.
    """
    ledger, held = office.ledger, lease

    def check() -> Stopped | None:
        nonlocal held
        if ledger.switch.is_stopped():
            return ("the stop switch is on", "find out why; then `termijn go`, and run again")
        held = ledger.leases.renew_lease(held, seconds=LEASE)
        return None

    pace = Pace(connector.system, busy=connector.busy, check=check)
    said, about = f"{DONE[plan.action.value]} and confirmed", f"Change by {plan.rule.name}"
    with Progress(plan.rule.name, len(plan.to_go), said=said, about=about) as progress:
        for batch in plan.to_go.batches(office.settings.batch):
            outcome.stopped = pace.may_go_on()
            if outcome.stopped is not None:
                break
            _change_batch(office, connector, plan, batch, outcome, lease=held, label=label, mandate=mandate)
            progress.reached(outcome.changed)
            if outcome.not_confirmed:
                break


def _change_batch(
    office: Office,
    connector: Connector,
    plan: RulePlan,
    batch: Sequence[Key],
    outcome: Outcome,
    *,
    lease: Lease,
    label: str,
    mandate: Mandate,
) -> None:
    rule, change = plan.rule, plan.rule.change or Change(())
    there = connector.dossiers(rule.parts, batch).get(rule.dataset.name, Keys())
    if len(there) < len(batch):  # the row itself went tonight, with evidence
        outcome.stayed["went with another dossier"] += len(batch) - len(there)
    if not len(there):
        return
    receipt = office.ledger.batches.announce(
        rule=rule.name,
        system=label or rule.system,
        digest=rule.digest,
        dossiers={rule.filed_as: there},
        as_of=today(),
        what=mandate.what,
        entry=Entry("batch.announced", BY, case=mandate.case, facts=_facts(rule, change)),
    )

    def allowed(keys: Sequence[Key]) -> Sequence[Key]:
        """Asked inside the changing transaction: what is frozen by now stays, and all of it once the lease is lost."""
        office.ledger.leases.check_lease(lease)
        freeze = read_freeze(office, connector, [rule], plan.test.as_of, but_not=mandate.case)
        return freeze.allowed(rule.dataset.name, keys)

    announced = Announced(receipt.batch, rule.digest, receipt.dossiers)
    went = connector.change(plan.test, tuple(there), allowed=allowed, announced=announced, alias=alias_of(office))
    claimed = went.rows.get(rule.filed_as, Keys())
    done = _confirm(connector, rule.dataset.name, change, claimed)
    proof = _close(office, receipt.batch, {rule.filed_as: done}, rule.action)
    outcome.changed += len(done)
    outcome.stayed.update({why: len(keys) for why, keys in went.stayed.items()})
    outcome.not_confirmed += len(claimed) - len(done)
    note_survivors(office, connector, plan.test, tuple(done), outcome.stays)
    if proof.records:
        outcome.batches.append(proof)


def is_of_columns(dossiers: Mapping[str, Keys]) -> bool:
    """Whether a batch was announced for columns of rows that survive."""
    return any("#" in filed_as for filed_as in dossiers)


def finish_changed(office: Office, connector: Connector, batch: str, dossiers: Mapping[str, Keys]) -> BatchProof:
    """Close a batch that a killed run announced: evidence for what no longer remains, nothing for what does."""
    action, change = _announced(office, batch)
    done = {
        filed_as: _confirm(connector, filed_as.partition("#")[0], change, keys) for filed_as, keys in dossiers.items()
    }
    return _close(office, batch, done, action)


def alias_of(office: Office) -> Alias:
    """Makes pseudonyms with the oldest evidence key, so that a value keeps its pseudonym as long as that key lives."""
    keyring = office.ledger.events.keyring
    return partial(pseudonym, key=keyring.evidence_key(keyring.evidence_ids[-1]))


def is_done(connector: Connector, rule: RetentionRule, key: Key) -> bool:
    """Whether nothing of the rule's columns remains in this row; False for a rule under which the row goes."""
    return rule.change is not None and not len(connector.still_bears(rule.dataset.name, rule.change, Keys([key])))


def row_terms(office: Office, rule: RetentionRule, as_of: date) -> tuple[str, ...]:
    """Which terms keep the row that a rule of columns leaves standing: activity and term, in words."""
    test = _row_test(office, rule, as_of)
    watched = dict.fromkeys(w.activity for w in test.watches if w.column is not None) if test is not None else {}
    known = office.register.activities
    return tuple(f"{known[name].title}: {words(known[name].term_on(as_of))}" for name in watched)


def note_survivors(
    office: Office, connector: Connector, test: DueTest, keys: Sequence[Key], stays: dict[str, date]
) -> None:
    """Note in `stays` until when each activity keeps the longest-kept of these rows."""
    row = _row_test(office, test.rule, test.as_of)
    zone = ZoneInfo(connector.system.zone)
    for watch in () if row is None or not keys else row.watches:
        term = office.register.activities[watch.activity].term_on(test.as_of)
        if watch.column is None or term is None:
            continue
        found = connector.rows(Part(watch.dataset, watch.path), keys)
        latest = observe(watch, [day_of(r.get(watch.column), zone) for r in found], test.as_of).latest
        until = None if latest is None else term.kept_until(latest)
        if until is not None and until >= test.as_of:
            stays[watch.activity] = max(until, stays.get(watch.activity, until))


def _facts(rule: RetentionRule, change: Change) -> dict[str, Fact]:
    """What the announcement of a batch says. The columns stand in it: the register may change before it is closed."""
    return {"rule": rule.name, "digest": rule.digest, "action": rule.action.value, "columns": change.told()}


def _announced(office: Office, batch: str) -> tuple[AtExpiry, Change]:
    """What a batch was announced for, as its own event tells it. Raises LedgerBroken where no event does."""
    for event in office.ledger.events.events(case=batch, kind="batch.announced"):
        facts = json.loads(event.body)["facts"]
        return AtExpiry(facts["action"]), Change.read(facts["columns"])
    raise LedgerBroken(
        "no event of the ledger announces this batch", where=batch, do="run: termijn ledger verify, and tell the DPO"
    )


def _confirm(connector: Connector, dataset: str, change: Change, claimed: Keys) -> Keys:
    """Ask the source again. A count is a claim; that nothing remains is a proof (promise 4)."""
    left = frozenset(connector.still_bears(dataset, change, claimed))
    return Keys(k for k in claimed if k not in left)


def _close(office: Office, batch: str, done: Mapping[str, Keys], action: AtExpiry) -> BatchProof:
    records = sum(len(keys) for keys in done.values())
    entry = Entry(kind="batch.closed", by=BY, facts={"batch": batch, "records": records, "action": action.value})
    closed = office.ledger.batches.close(batch, done, entry=entry, said=DONE[action.value])
    return BatchProof(batch=batch, records=records, root=closed.root, event=closed.event, confirmed_at=closed.at)


def _row_test(office: Office, rule: RetentionRule, as_of: date) -> DueTest | None:
    """The rule under which the row itself goes; None where the row stays for good."""
    if rule.change is None:
        return None
    rules = compile_rules(office.register.systems[rule.system], office.register.activities, as_of)
    rows = [r for r in rules if r.change is None and r.dataset.name == rule.dataset.name]
    return due_test(rows[0], office.register.activities, as_of) if rows else None
