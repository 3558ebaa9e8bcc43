"""What must hold before a rule may destroy anything tonight; each guard is on by default and fails closed.

A guard takes plain facts and returns a `Refusal` or None. It compares with `is None` and `>`; no value turns it
off. Zero means zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.activity import AtExpiry
from domain.rules import RetentionRule
from domain.standing import Tally
from domain.trouble import Refusal

#: More days than this since the last armed run is a clock that jumped, or an office that was away.
LONGEST_SILENCE = timedelta(days=35)
#: From this many dossiers on, all of them due at once is an accident and not a term.
ALL_DUE_FROM = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at: the night, the ledger's memory of earlier nights, and who countersigned what."""

    as_of: date
    today: date
    last_armed: date | None
    last_total: Mapping[str, int]
    countersigned: Mapping[str, str]  # rule digest → officer
    plan_approved: bool = False


def refusals(rule: RetentionRule, tally: Tally, would_go: int, facts: Facts) -> Iterator[Refusal]:
    """Every reason why this rule destroys nothing, in the order a DPO would ask."""
    guards = (
        ("countersignature", _not_countersigned(rule, facts)),
        ("approval", _not_approved(rule, facts)),
        ("clock", _clock(facts)),
        ("empty source", _empty_source(rule, tally, facts)),
        ("ceiling", _ceiling(rule, tally, would_go)),
        ("all due at once", _all_due(tally)),
    )
    for guard, trouble in guards:
        if trouble is not None:
            yield Refusal(rule.name, guard, *trouble)


def _not_countersigned(rule: RetentionRule, facts: Facts) -> tuple[str, str] | None:
    if rule.digest in facts.countersigned:
        return None
    return (
        f"nobody countersigned this rule in its present wording ({rule.digest[:12]})",
        f"read it with `termijn why` and `termijn register report`, then: termijn approve rule {rule.name}",
    )


def _not_approved(rule: RetentionRule, facts: Facts) -> tuple[str, str] | None:
    if rule.dataset.approval == "rule" or facts.plan_approved:
        return None
    return (
        "this rule wants each plan approved by a second person, and this plan is not",
        "termijn plan --keep, let a second officer do `termijn approve plan DIGEST`, then purge --plan DIGEST",
    )


def _clock(facts: Facts) -> tuple[str, str] | None:
    if facts.as_of > facts.today:
        return (
            f"{facts.as_of} is in the future; today is {facts.today}",
            "set the clock right, or rehearse: a rehearsal may look ahead, a purge may not",
        )
    if facts.last_armed is None:
        return None
    if facts.as_of < facts.last_armed:
        return (
            f"the clock was set back: the last armed night was {facts.last_armed}, this one is {facts.as_of}",
            "check the machine's clock; then run again",
        )
    if facts.as_of - facts.last_armed > LONGEST_SILENCE and not facts.plan_approved:
        return (
            f"the clock jumped from {facts.last_armed} to {facts.as_of}, more than {LONGEST_SILENCE.days} days",
            "check the machine's clock; if the days are right, let a second person approve tonight's plan",
        )
    return None


def _empty_source(rule: RetentionRule, tally: Tally, facts: Facts) -> tuple[str, str] | None:
    before = facts.last_total.get(rule.name)
    if tally.total > 0 or before is None or before == 0:
        return None
    return (
        f"the source is empty, and held {before} records on the last night",
        "look whether the right database is connected; a table emptied by others is a data breach (art. 33)",
    )


def _ceiling(rule: RetentionRule, tally: Tally, would_go: int) -> tuple[str, str] | None:
    ceiling = rule.dataset.ceiling
    if ceiling is None:
        return ("this rule has no ceiling", "give the dataset a ceiling = { records = …, share = … }")
    if would_go == 0:
        return None
    share = would_go / tally.total if tally.total > 0 else 1.0
    if would_go <= ceiling.records and share <= ceiling.share:
        return None
    return (
        f"{would_go} of {tally.total} records ({share:.1%}) would go; "
        f"the ceiling is {ceiling.records} records and {ceiling.share:.1%}",
        "look at the plan; if it is right, raise the ceiling in the register and have it countersigned anew",
    )


def _all_due(tally: Tally) -> tuple[str, str] | None:
    due = sum(n for s, n in tally.standings.items() if s == "due")
    if due < ALL_DUE_FROM or due < tally.total:
        return None
    return (
        f"all {tally.total} records are due at once",
        "look whether the trigger column was filled by a migration; a real term leaves the recent records",
    )


def may_destroy(action: AtExpiry) -> bool:
    """Whether this version destroys at this action. `propose` awaits the controller's instruction."""
    return action is AtExpiry.DESTROY
