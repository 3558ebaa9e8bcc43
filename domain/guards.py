"""What must hold before a rule may destroy anything tonight; each guard is on by default and fails closed.

A guard takes plain facts and returns a `Refusal` or None. It compares with `is None` and `>`; no value turns it
off. Zero means zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.activity import AtExpiry
from domain.lookouts import LARGE_TABLE, Crowd, Sight
from domain.rules import RetentionRule
from domain.standing import Standing, Tally
from domain.trouble import Refusal

#: More days than this since the last armed run is a clock that jumped, or an office that was away.
LONGEST_SILENCE = timedelta(days=35)
#: From this many dossiers on, all of them due at once is an accident and not a term.
ALL_DUE_FROM = 10
#: Below this many rows on one day a birthday is as likely as an accident: a person can read so many by hand.
CROWD_FROM = 100
#: From this share on, the day says more about who wrote it than about what happened: real events spread out.
CROWD_SHARE = 0.5
#: So many more dates missing or impossible than last night: fewer are a day's work of an office.
SPOILED_FROM = 100
#: And so large a part of all records: one import that went wrong touches a tenth, an office does not.
SPOILED_SHARE = 0.1
#: How much the clocks of machines that write to one ledger may differ before a day can be decided wrongly.
CLOCKS_DIFFER = timedelta(minutes=10)


#: Others emptied the source since the last armed night: a possible data breach.
EMPTY_SOURCE = "empty source"
#: Guards against taking too much by mistake. What a restore brought back went before, each record with its proof.
_FOR_A_FIRST_TIME = frozenset({EMPTY_SOURCE, "spoiled dates", "ceiling", "all due at once", "mass update"})

#: Why a rule is refused, and what mends it.
Trouble = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at: the night, the ledger's memory of earlier nights, and who countersigned what.

    `last_event` is the latest moment among the ledger's recent events, `last_unsound` per rule how many dates were
    missing or impossible on the last night that was not refused for it, `sights` per rule what its source showed.
    """

    as_of: date
    today: date
    last_armed: date | None
    last_total: Mapping[str, int]
    countersigned: Mapping[str, str]  # rule digest → officer
    now: datetime
    plan_approved: bool = False
    last_event: datetime | None = None
    last_unsound: Mapping[str, int] = field(default_factory=dict)
    sights: Mapping[str, Sight] = field(default_factory=dict)
    came_back: bool = False  # only records that were destroyed before are looked at


def refusals(rule: RetentionRule, tally: Tally, would_go: int, facts: Facts) -> Iterator[Refusal]:
    """Every reason why this rule destroys nothing, in the order a DPO would ask."""
    guards: tuple[tuple[str, Trouble | None], ...] = (
        ("countersignature", _not_countersigned(rule, facts)),
        ("approval", _not_approved(rule, facts)),
        ("clock", _clock(facts)),
        (EMPTY_SOURCE, _empty_source(rule, tally, facts)),
        ("spoiled dates", _spoiled(rule, tally, facts)),
        ("ceiling", _ceiling(rule, tally, would_go)),
        ("all due at once", _all_due(tally)),
        *_seen(rule, facts),
    )
    for guard, trouble in guards:
        if trouble is not None and not (facts.came_back and guard in _FOR_A_FIRST_TIME):
            yield Refusal(rule.name, guard, *trouble)


def warnings(rule: RetentionRule, facts: Facts) -> Iterator[str]:
    """What a DPO should know of this rule and what refuses nothing."""
    sight = facts.sights.get(rule.name, Sight())
    for column, rows in sight.future:
        yield f"{rows} dates of {column} lie in the future; those records are never due"
    for one in sight.unindexed:
        if not one.large:
            columns = ", ".join(one.reference.columns)
            yield f"no index serves {one.reference.table} ({columns}); it is small yet: {one.mend}"
    for blind in sight.blind:
        yield f"this source cannot tell {blind}; nobody looked"


def count_unsound(rule: RetentionRule, tally: Tally, facts: Facts) -> int:
    """How many records have no date to count from, or one that cannot be, whatever the day that is decided on."""
    late = facts.sights.get(rule.name, Sight()).late
    return tally[Standing.MISSING] + max(tally[Standing.IMPLAUSIBLE] - late, 0)


def to_remember(tally: Tally, unsound: int, refused: tuple[Refusal, ...]) -> dict[str, int] | None:
    """What the guards of the next night compare this rule with; None where tonight's clock is not to be believed.

    A count that a guard refused is not remembered: else the second night would find it quite usual.
    """
    guards = {r.guard for r in refused}
    if "clock" in guards:
        return None
    counts = {"total": tally.total, "due": tally[Standing.DUE]}
    return counts if "spoiled dates" in guards else counts | {"unsound": unsound}


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
    ahead = facts.last_event is not None and facts.last_event > facts.now + CLOCKS_DIFFER
    if ahead and not facts.plan_approved:
        return (
            f"the ledger holds an event of {facts.last_event:%Y-%m-%d %H:%M} UTC, and here it is "
            f"{facts.now:%Y-%m-%d %H:%M} UTC",
            "set this machine's clock right; if it is, another machine's was wrong: let a second person approve "
            "tonight's plan",
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
    if rule.change is not None:
        return None  # rows that bear nothing any more are its aim; the rule of the row itself watches the source
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


def _spoiled(rule: RetentionRule, tally: Tally, facts: Facts) -> Trouble | None:
    """Someone emptied or spoiled a trigger column since the last night."""
    before = facts.last_unsound.get(rule.name)
    if before is None or facts.plan_approved:
        return None
    unsound = count_unsound(rule, tally, facts)
    more = unsound - before
    if more < SPOILED_FROM or more < SPOILED_SHARE * tally.total:
        return None
    return (
        f"{unsound} of {tally.total} records have no date to count from or one that cannot be, "
        f"{more} more than on the last night",
        "look who emptied or overwrote the trigger column, and restore it; if it is right, let a second person "
        "approve tonight's plan",
    )


def _seen(rule: RetentionRule, facts: Facts) -> Iterator[tuple[str, Trouble | None]]:
    """What was looked at in the source; a rule for which nobody looked destroys nothing."""
    sight = facts.sights.get(rule.name)
    if sight is None:
        yield (
            "look-out",
            ("nobody looked at this rule's source before the plan", "run the night again; tell the makers"),
        )
        return
    for crowd in sight.crowds:
        yield "mass update", _crowded_day(crowd)
    for crowd in sight.changed:
        yield "mass update", None if facts.plan_approved else _changed_together(crowd)
    for one in sight.unindexed:
        if one.large:
            columns = ", ".join(one.reference.columns)
            yield (
                "index",
                (
                    f"no index serves {one.reference.table} ({columns}), which has more than {LARGE_TABLE:,} rows: "
                    "each record destroyed would read that whole table",
                    f"let the database's owner run: {one.mend}",
                ),
            )
    for strange in sight.undeclared:
        rows = "" if strange.rows is None else f"; tonight it would take along or change {strange.rows} rows"
        yield "undeclared", (f"{strange.where}: {strange.what}{rows}", strange.do)


def _is_crowd(crowd: Crowd) -> bool:
    return crowd.most >= CROWD_FROM and crowd.most >= CROWD_SHARE * crowd.total


def _crowded_day(crowd: Crowd) -> Trouble | None:
    if not _is_crowd(crowd):
        return None
    return (
        f"{crowd.most:,} of {crowd.total:,} dates of {crowd.dataset}.{crowd.column} that are over fall on {crowd.day}",
        "look whether a migration or an import wrote that day; if it is right, say why in the register: "
        f"triggers = [{{ column = '{crowd.column}', same_day = 'why' }}], and have it countersigned anew",
    )


def _changed_together(crowd: Crowd) -> Trouble | None:
    if not _is_crowd(crowd):
        return None
    how = "by one user" if crowd.day is None else f"on one day, {crowd.day}"
    return (
        f"{crowd.most:,} of {crowd.total:,} rows of {crowd.dataset} that are over were last changed {how} "
        f"({crowd.column})",
        "find out what was changed in them; if it is right, let a second person approve tonight's plan: "
        "termijn plan --keep, then purge --plan DIGEST",
    )


def may_destroy(action: AtExpiry) -> bool:
    """Whether we carry out this action by ourselves. `propose` awaits the controller's instruction (domain.lists)."""
    return action in (AtExpiry.DESTROY, AtExpiry.STRIP, AtExpiry.ANONYMISE)
