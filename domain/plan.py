"""What would go tonight, what would stay, and why: decided once, frozen, and hashed.

Execution takes only what is in the plan and still due at the moment of deletion (promise 2).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.activity import AtExpiry
from domain.guards import Facts, count_unsound, may_destroy, refusals, warnings
from domain.keys import Key, Keys
from domain.rules import DueTest, RetentionRule
from domain.standing import Tally
from domain.ties import Pair, Settled, settle
from domain.trouble import Refusal, Unreadable


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan of one rule came back with."""

    test: DueTest
    tally: Tally
    due: Keys
    ties: tuple[Pair, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Freeze:
    """Root keys that may not go, each with the reason: a hold, an open request, a restriction."""

    reasons: Mapping[tuple[str, Key], str] = field(default_factory=dict)
    whole: Mapping[str, str] = field(default_factory=dict)  # dataset → reason: all of it is held

    def why(self, dataset: str, key: Key) -> str | None:
        """The reason why this dossier is frozen, or None."""
        return self.whole.get(dataset) or self.reasons.get((dataset, key))

    def allowed(self, dataset: str, keys: Sequence[Key]) -> Sequence[Key]:
        """Those of `keys` that nothing freezes."""
        return [k for k in keys if self.why(dataset, k) is None]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule of the plan: what is due, what of it is frozen, and every refusal."""

    test: DueTest
    tally: Tally
    due: Keys
    frozen: Mapping[str, Keys]
    refusals: tuple[Refusal, ...] = ()
    settled: Settled = field(default_factory=lambda: Settled(Keys(), Keys()))
    warnings: tuple[str, ...] = ()
    unsound: int = 0  # dates missing or impossible, for the guards of the next night
    instructed: Keys | None = None  # what its controllers said may go; None for a rule that asks nobody
    on_instruction: Keys = field(default_factory=Keys)  # what of that is due, free and waits for nothing; in order

    @property
    def rule(self) -> RetentionRule:
        """The retention rule that this part of the plan carries out."""
        return self.test.rule

    @property
    def action(self) -> AtExpiry:
        """What the term in force says happens at its end."""
        return self.rule.action

    @property
    def to_go(self) -> Keys:
        """The dossiers that an armed run destroys: due, not frozen, nothing refused, ours or instructed; in order."""
        return Keys() if self.refusals else self.may_go

    @property
    def may_go(self) -> Keys:
        """What may be destroyed, guards apart: by us, or on the controllers' instruction."""
        return self.due_and_free if may_destroy(self.action) else self.on_instruction

    @property
    def due_and_free(self) -> Keys:
        """What is due, not frozen and not waiting, whether or not a guard refuses it or another must decide."""
        return self.settled.going

    @property
    def waiting(self) -> Keys:
        """What is due, and stays as long as another dossier that stays refers to it."""
        return self.settled.waiting


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """The whole plan of one night. Two renderings of the same plan are equal, and so are their digests."""

    as_of: date
    register_digest: str
    rules: tuple[RulePlan, ...]
    unreadable: tuple[Unreadable, ...] = ()
    digest: str = ""

    def row_of(self, of_columns: RulePlan) -> RulePlan | None:
        """The rule under which the rows of a rule of columns go themselves; None where they stay for good."""
        same = (p for p in self.rules if p.rule.change is None and p.rule.system == of_columns.rule.system)
        return next((p for p in same if p.rule.dataset.name == of_columns.rule.dataset.name), None)


def draw_up_plan(
    found: Sequence[Found],
    *,
    freezes: Mapping[str, Freeze],
    facts: Mapping[str, Facts],
    as_of: date,
    register_digest: str,
    unreadable: Sequence[Unreadable] = (),
    instructed: Mapping[str, Keys] | None = None,
) -> PurgePlan:
    """Decide. `freezes` and `facts` are per system; a system without them is refused by KeyError, never let through.

    `instructed`: rule → what its controllers said may go, for the rules that propose (art. 28(3)(a)).
    """
    said = instructed or {}
    plans = [
        _plan_rule(f, freezes[f.test.rule.system], facts[f.test.rule.system], said.get(f.test.rule.name)) for f in found
    ]
    plan = PurgePlan(as_of, register_digest, tuple(plans), tuple(unreadable))
    return replace(plan, digest=_digest(plan))


def _plan_rule(found: Found, freeze: Freeze, facts: Facts, instructed: Keys | None) -> RulePlan:
    rule = found.test.rule
    frozen: dict[str, list[Key]] = {}
    for key in found.due if freeze.reasons or freeze.whole else ():
        reason = freeze.why(rule.dataset.name, key)
        if reason is not None:
            frozen.setdefault(reason, []).append(key)
    stays = {key for keys in frozen.values() for key in keys}
    settled = settle(found.due, stays=stays, pairs=found.ties)
    kept = {reason: Keys(keys) for reason, keys in frozen.items()}
    plan = RulePlan(found.test, found.tally, found.due, kept, settled=settled, instructed=instructed)
    if rule.action is AtExpiry.PROPOSE and instructed is not None and rule.change is None:
        said = set(instructed)
        not_said = {key for key in found.due if key not in said}
        plan = replace(plan, on_instruction=settle(found.due, stays=stays | not_said, pairs=found.ties).going)
    if may_destroy(rule.action) or len(plan.may_go):
        plan = replace(plan, refusals=tuple(refusals(rule, found.tally, len(plan.may_go), facts)))
    return replace(plan, warnings=tuple(warnings(rule, facts)), unsound=count_unsound(rule, found.tally, facts))


def _digest(plan: PurgePlan) -> str:
    """SHA-256 over day, register, rules, the keys that are due and those that are frozen."""
    wording = {
        "as_of": plan.as_of.isoformat(),
        "register": plan.register_digest,
        "unreadable": sorted(u.system for u in plan.unreadable),
        "rules": [
            {
                "rule": p.rule.name,
                "digest": p.rule.digest,
                "due": p.due.digest(),
                "frozen": {reason: keys.digest() for reason, keys in p.frozen.items()},
                "waiting": p.waiting.digest(),
                "instructed": None if p.instructed is None else p.instructed.digest(),
            }
            for p in plan.rules
        ],
    }
    return hashlib.sha256(json.dumps(wording, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
