"""What becomes of each dossier of a person who asks to be erased (AVG 17, BW 7:455), decided before anything goes.

A retention rule says when a dossier must go. Erasure asks the other question: may it go now, because the person wants
it? It may, unless a law still asks for it, another needs it, or somebody else decides about it (17(3)). The answer is
a `DueTest` too, so that the engine asks it again inside the deletion.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from domain.activity import Activity, AtExpiry, Role, TermBlock
from domain.keys import Keys
from domain.rules import DueTest, RetentionRule, Watch
from domain.standing import Standing, WatchFacts, stand
from domain.terms import cutoff

_LETTER = re.compile(r"AVG 6\.1\.([a-f])")
#: Who rests on these alone keeps what the law asks for, whatever the person wants: 17(3)(b).
_BY_LAW = frozenset("ce")


class Ground(StrEnum):
    """Why the person may ask for it: the letters of article 17(1) AVG, and the right of BW 7:455."""

    NOT_NEEDED = "a"  # no longer necessary for the purpose
    CONSENT = "b"  # consent withdrawn, and there is no other ground
    OBJECTION = "c"  # objection, and nothing weighs more
    UNLAWFUL = "d"  # processed unlawfully
    OBLIGATION = "e"  # a law says that it must be erased
    CHILD = "f"  # collected from a child by an online service
    MEDICAL = "7:455"  # the patient asks that the dossier be destroyed


class Fate(StrEnum):
    """What becomes of one dossier, or of the columns of one that survives."""

    DESTROYED = "destroyed"
    ANONYMISED = "made anonymous"
    STRIPPED = "emptied"
    KEPT_BY_LAW = "kept by law"
    KEPT_FOR_CLAIM = "kept for a claim"
    RESTRICTED = "restricted"
    OTHER_REQUEST = "another request is open"
    STILL_NEEDED = "still needed"
    NEEDED_BY_ANOTHER = "needed by a record that stays"
    NOT_OURS = "the controller decides"
    OF_ANOTHER = "part of somebody else's dossier"


#: What goes, one way or another.
GOES = frozenset({Fate.DESTROYED, Fate.ANONYMISED, Fate.STRIPPED})
_BY_ACTION = {AtExpiry.STRIP: Fate.STRIPPED, AtExpiry.ANONYMISE: Fate.ANONYMISED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one dossier: until when it stays, by which article, and which activity keeps it."""

    fate: Fate
    until: date | None = None
    article: str = ""
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """The dossiers of one rule that share one verdict."""

    system: str
    rule: str
    dataset: str
    verdict: Verdict
    keys: Keys = field(repr=False)


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """The whole decision for one case, frozen and hashed: what an approval names."""

    case: str
    ground: Ground
    as_of: date
    register_digest: str
    lines: tuple[Line, ...]
    wordings: Mapping[str, str]  # rule → digest of its wording
    digest: str = ""

    @property
    def going(self) -> tuple[Line, ...]:
        """The lines of what goes."""
        return tuple(line for line in self.lines if line.verdict.fate in GOES)

    @property
    def staying(self) -> tuple[Line, ...]:
        """The lines of what stays, with their reasons."""
        return tuple(line for line in self.lines if line.verdict.fate not in GOES)


def grounds_of(activity: Activity) -> frozenset[str]:
    """The letters of article 6(1) on which an activity rests."""
    return frozenset(m[1] for ground in activity.legal_ground if (m := _LETTER.search(ground)))


def rests_on_law(activity: Activity) -> bool:
    """Whether it rests on a legal obligation or a public task and on nothing else: 17(3)(b)."""
    letters = grounds_of(activity)
    return bool(letters) and letters <= _BY_LAW


def ends_at_once(activity: Activity, ground: Ground) -> bool:
    """Whether what the person says ends the purpose itself, though it has not ended by its own date (17(1)).

    Unlawful and by obligation: always. Consent withdrawn: where nothing but consent carries it. Objection: where it
    rests on a legitimate interest or public task. A child's data of an online service: as consent. For the rest it is
    'no longer necessary' that counts, and that is not so while it is in use.
    """
    letters = grounds_of(activity)
    match ground:
        case Ground.UNLAWFUL | Ground.OBLIGATION | Ground.MEDICAL:
            return True
        case Ground.CONSENT | Ground.CHILD:
            return letters == {"a"}
        case Ground.OBJECTION:
            return bool(letters) and letters <= frozenset("aef")
        case Ground.NOT_NEEDED:
            return letters == {"a"}


def erasure_test(rule: RetentionRule, activities: Mapping[str, Activity], as_of: date, ground: Ground) -> DueTest:
    """The rule turned round: which dossiers may go because their person asks, on `as_of`.

    A watch whose law asks for a minimum keeps until that is over; one that rests on law alone keeps until its whole
    term is over. Any other only says whether the purpose has ended, and says nothing where the ground ends it at once.
    """
    watches, possible = list[Watch](), True
    for watch in rule.watches:
        if watch.column is None:
            watches.append(watch)
            continue
        activity = activities[watch.activity]
        term = activity.term_on(as_of)
        if keeps_by_law(activity, term, ground):
            limit = _law_cutoff(activity, term, as_of)
            possible = possible and limit is not None
            watches.append(replace(watch, cutoff=limit))
        elif not ends_at_once(activity, ground):
            watches.append(replace(watch, cutoff=as_of))
    return DueTest(rule, as_of, tuple(watches), possible, needs_start=False)


def keeps_by_law(activity: Activity, term: TermBlock | None, ground: Ground) -> bool:
    """Whether a law can keep what this activity holds. A patient's dossier goes by 7:455, its bills do not."""
    if term is None:
        return True  # no term in force: nobody may say that it is over
    if ground is Ground.MEDICAL and any("7:454" in g for g in (*activity.legal_ground, term.article)):
        return False
    return term.minimum is not None or rests_on_law(activity)


def judge(
    test: DueTest, facts: Sequence[WatchFacts], activities: Mapping[str, Activity], *, frozen: str | None, ours: bool
) -> Verdict:
    """Decide one dossier. `frozen`: what freezes it, in the ledger's words; `ours`: whether it is ours to decide."""
    rule = test.rule
    if frozen is not None:
        return Verdict(_FROZEN[frozen.split(" ", 1)[0]], article=_ARTICLES[_FROZEN[frozen.split(" ", 1)[0]]])
    said = stand(test, facts)
    if said.standing is Standing.NEEDED:
        return Verdict(Fate.NEEDED_BY_ANOTHER, activity=rule.activity.id)
    if said.standing is not Standing.DUE:
        return _kept(test, said.by, said.start, activities)
    if not ours:
        return Verdict(Fate.NOT_OURS, article="AVG 28 lid 3 onder a", activity=rule.activity.id)
    return Verdict(_BY_ACTION.get(rule.action, Fate.DESTROYED), activity=rule.activity.id)


_FROZEN = {
    "hold": Fate.KEPT_FOR_CLAIM,
    "restriction": Fate.RESTRICTED,
    "open": Fate.OTHER_REQUEST,
    "its": Fate.NOT_OURS,  # its practice keeps it
}
_ARTICLES = {
    Fate.KEPT_FOR_CLAIM: "AVG 17 lid 3 onder e",
    Fate.RESTRICTED: "AVG 18",
    Fate.OTHER_REQUEST: "AVG 12 en 15",
    Fate.NOT_OURS: "AVG 28 lid 3 onder a",
}


def _kept(test: DueTest, by: Watch | None, start: date | None, activities: Mapping[str, Activity]) -> Verdict:
    watch = by or next((w for w in test.watches if w.column is not None), None)
    activity = test.rule.activity if watch is None else activities[watch.activity]
    term = activity.term_on(test.as_of)
    if term is not None and watch is not None and watch.cutoff == test.as_of and not _law(activity, term):
        return Verdict(Fate.STILL_NEEDED, article="AVG 17 lid 1 onder a", activity=activity.id)
    until = None
    if term is not None and start is not None and by is not None:
        until = term.minimum_until(start) if term.minimum is not None else term.kept_until(start)
    return Verdict(Fate.KEPT_BY_LAW, until, "" if term is None else term.article, activity.id)


def _law(activity: Activity, term: TermBlock) -> bool:
    return term.minimum is not None or rests_on_law(activity)


def _law_cutoff(activity: Activity, term: TermBlock | None, as_of: date) -> date | None:
    """The latest start of which the law asks nothing any more on `as_of`; None where there is none."""
    if term is None:
        return None
    if term.minimum is not None:
        return cutoff(as_of, term.minimum, term.counting, term.year_end)
    return term.cutoff(as_of) if rests_on_law(activity) else None


def is_ours(activity: Activity, *, instructed: bool) -> bool:
    """Whether 12Care decides about it itself, or its controller said in writing that it may go."""
    return activity.role is Role.CONTROLLER or instructed


def wording_for(rule: RetentionRule, case: str) -> RetentionRule:
    """The rule as a practice's instruction for one person names it: no night ever carries that out."""
    return replace(rule, digest=hashlib.sha256(f"{rule.digest} for {case}".encode()).hexdigest())


def freeze_plan(plan: ErasurePlan) -> ErasurePlan:
    """The plan with its digest: SHA-256 over case, ground, day, register, wordings, verdicts and keys."""
    wording = {
        "case": plan.case,
        "ground": plan.ground.value,
        "as_of": plan.as_of.isoformat(),
        "register": plan.register_digest,
        "wordings": dict(plan.wordings),
        "lines": sorted(
            [
                line.system,
                line.rule,
                line.verdict.fate.value,
                line.verdict.until.isoformat() if line.verdict.until else "",
                line.verdict.article,
                hashlib.sha256("\n".join(line.keys.texts()).encode()).hexdigest(),
            ]
            for line in plan.lines
        ),
    }
    written = json.dumps(wording, sort_keys=True, separators=(",", ":")).encode()
    return replace(plan, digest=hashlib.sha256(written).hexdigest())


__all__ = [
    "GOES", "ErasurePlan", "Fate", "Ground", "Line", "Verdict", "ends_at_once", "erasure_test", "freeze_plan",
    "grounds_of", "is_ours", "judge", "keeps_by_law", "rests_on_law",
    "wording_for",
]  # fmt: skip
