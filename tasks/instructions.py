"""What the practices instructed, for the night: what may go by it, and what came of each list afterwards.

A rule that proposes destroys exactly what stands on a list whose newest instruction two officers recorded and
approved, by the rule's present wording (promises 1 and 8).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from connectors.port import Connector
from domain.activity import AtExpiry
from domain.chasing import ListLadder
from domain.evidence import Entry
from domain.instruction import Settlement, WhyStayed, kept_by_reason
from domain.keys import Key, Keys
from domain.plan import RulePlan
from domain.rules import RetentionRule
from ledger.listed import Approved
from tasks.careful import tell
from tasks.clock import today
from tasks.office import Office

if TYPE_CHECKING:
    from tasks.batches import Outcome


def approved_lists(office: Office, rule: RetentionRule) -> tuple[Approved, ...]:
    """The lists by which dossiers of this rule may go now; none for a rule that does not propose."""
    if rule.term.at_expiry is not AtExpiry.PROPOSE:
        return ()
    return office.ledger.lists.approved(rule.name, rule.digest, as_of=today())


def read_instructed(office: Office, rules: Sequence[RetentionRule]) -> dict[str, Keys]:
    """Rule → the keys that its practices let go. Raises LedgerBroken where a list is not what was recorded."""
    proposing = [r for r in rules if r.term.at_expiry is AtExpiry.PROPOSE]
    return {r.name: Keys(k for one in approved_lists(office, r) for k in one.keys) for r in proposing}


def only_instructed(office: Office, rule: RetentionRule, keys: Sequence[Key]) -> Sequence[Key]:
    """Those of `keys` that may go still: asked again inside the deleting transaction."""
    if rule.term.at_expiry is not AtExpiry.PROPOSE:
        return keys
    said = {k for one in approved_lists(office, rule) for k in one.keys}
    return [k for k in keys if k in said]


def instructions_for(office: Office, rule: RetentionRule, batch: Iterable[Key]) -> list[str]:
    """The digests of the instructions by which this batch goes: each must stand approved when it is announced."""
    going = set(batch)
    lists = approved_lists(office, rule)
    return [str(one.list.instruction) for one in lists if not going.isdisjoint(one.keys)]


def kept_by_practices(office: Office, system: str, as_of: date) -> list[tuple[str, str, Keys]]:
    """(list, dataset, keys) of what a practice wants to stay, so that no dossier of another list takes it along."""
    ladder = ListLadder.model_validate(office.register.lists)
    since = ladder.kept_is_asked_again.before(as_of)
    kept = office.ledger.lists.kept_back(system, kept_since=since)
    return [(number, rule.partition(".")[2], keys) for number, rule, keys in kept]


def settle_lists(office: Office, connector: Connector, plans: Sequence[RulePlan], outcomes: Sequence[Outcome]) -> None:
    """Settle every list that this night carried out whole. One that a guard or a failure stopped waits for the next."""
    for plan, outcome in zip(plans, outcomes, strict=True):
        if plan.refusals or plan.instructed is None or outcome.stopped is not None or outcome.not_confirmed:
            continue
        in_plan, going = set(plan.instructed), set(plan.to_go)
        for one in approved_lists(office, plan.rule):
            if in_plan.issuperset(one.keys):
                settle_list(office, connector, plan, one, going=going)


def settle_list(office: Office, connector: Connector, plan: RulePlan, one: Approved, *, going: Collection[Key]) -> None:
    """Keep what came of one list. Not where a record that was `going` stayed at the last moment: it is tried again."""
    root, number = plan.rule.dataset.name, one.list.number
    batches = office.ledger.lists.destroyed_of(number, root)
    gone = {key for keys in batches.values() for key in keys}
    left = [key for key in one.keys if key not in gone]
    if any(key in going for key in left):
        return  # it was to go and stayed at the last moment: the next night looks again
    frozen, due = {key for keys in plan.frozen.values() for key in keys}, set(plan.due)
    there = set(connector.still_there(root, Keys(left)))

    def why(key: Key) -> WhyStayed:
        if key in frozen:
            return WhyStayed.FROZEN
        if key not in there:
            return WhyStayed.GONE
        return WhyStayed.NEEDED if key in due else WhyStayed.NOT_DUE

    stayed = Counter(map(why, left))
    # What the practice kept may have gone all the same, inside the dossier of another list: then it counts as gone.
    living = [line for line in one.lines if line.key not in gone]
    stays = [line for line in living if line.client_number in one.said.kept]
    settled = Settlement(
        asked=one.list.count,
        destroyed=len(gone),
        kept=kept_by_reason(living, one.said),
        stayed={reason: stayed[reason] for reason in WhyStayed if stayed[reason]},
        batches={batch: len(keys) for batch, keys in batches.items()},
        recorded_by=one.recorded_by,
        approved_by=one.approved_by,
    )
    entry = Entry(kind="list.carried-out", by="termijn", facts={"destroyed": settled.destroyed})
    office.ledger.lists.settle(number, settled, keep=stays, on=today(), entry=entry)
    tell(f"list {number}: {settled.destroyed} of {settled.asked} destroyed and confirmed")
