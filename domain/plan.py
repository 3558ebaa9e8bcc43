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
from domain.guards import Facts, may_destroy, refusals
from domain.keys import Key, Keys
from domain.rules import DueTest, RetentionRule
from domain.standing import Tally
from domain.trouble import Refusal, Unreadable


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan of one rule came back with."""

    test: DueTest
    tally: Tally
    due: Keys


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

    @property
    def rule(self) -> RetentionRule:
        """The retention rule that this part of the plan carries out."""
        return self.test.rule

    @property
    def action(self) -> AtExpiry:
        """What the term in force says happens at its end."""
        return self.rule.term.at_expiry

    @property
    def to_go(self) -> Keys:
        """The dossiers that an armed run destroys: due, not frozen, nothing refused, and ours to destroy."""
        return Keys() if self.refusals or not may_destroy(self.action) else self.due_and_free

    @property
    def due_and_free(self) -> Keys:
        """What is due and not frozen, whether or not a guard refuses it or another must decide."""
        stays = {k for keys in self.frozen.values() for k in keys}
        return Keys(k for k in self.due if k not in stays) if stays else self.due


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """The whole plan of one night. Two renderings of the same plan are equal, and so are their digests."""

    as_of: date
    register_digest: str
    rules: tuple[RulePlan, ...]
    unreadable: tuple[Unreadable, ...] = ()
    digest: str = ""


def draw_up_plan(
    found: Sequence[Found],
    *,
    freezes: Mapping[str, Freeze],
    facts: Mapping[str, Facts],
    as_of: date,
    register_digest: str,
    unreadable: Sequence[Unreadable] = (),
) -> PurgePlan:
    """Decide. `freezes` and `facts` are per system; a system without them is refused by KeyError, never let through."""
    plans = [_plan_rule(f, freezes[f.test.rule.system], facts[f.test.rule.system]) for f in found]
    plan = PurgePlan(as_of, register_digest, tuple(plans), tuple(unreadable))
    return replace(plan, digest=_digest(plan))


def _plan_rule(found: Found, freeze: Freeze, facts: Facts) -> RulePlan:
    rule = found.test.rule
    frozen: dict[str, list[Key]] = {}
    for key in found.due:
        reason = freeze.why(rule.dataset.name, key)
        if reason is not None:
            frozen.setdefault(reason, []).append(key)
    would_go = len(found.due) - sum(len(keys) for keys in frozen.values())
    refused = tuple(refusals(rule, found.tally, would_go, facts)) if may_destroy(rule.term.at_expiry) else ()
    return RulePlan(found.test, found.tally, found.due, {r: Keys(k) for r, k in frozen.items()}, refused)


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
            }
            for p in plan.rules
        ],
    }
    return hashlib.sha256(json.dumps(wording, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
