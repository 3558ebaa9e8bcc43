"""Who may ask what for whom: by age and state of the person, by who asks, and by medical dossier or other data.

For a medical dossier the WGBO decides (BW 7:447, 7:457, 7:458a, 7:465), for all other data the AVG with UAVG 5. Where
the two differ, each part of a request is judged by its own law. What is not in the table may not be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from domain.moves import CaseKind


class Capacity(StrEnum):
    """As what somebody asks."""

    SELF = "self"
    PARENT = "parent"  # with parental authority
    PARENT_WITHOUT_AUTHORITY = "parent-without-authority"
    GUARDIAN = "guardian"  # voogd
    CURATOR = "curator"
    MENTOR = "mentor"
    ADMINISTRATOR = "administrator"  # bewindvoerder: money matters
    ATTORNEY = "attorney"  # written authority: a lawyer, a friend, an office
    PARTNER = "partner"
    RELATIVE = "relative"  # parent, child, brother or sister of an adult
    SURVIVOR = "survivor"  # of somebody who died


class Band(StrEnum):
    """What the law looks at in the person about whom is asked."""

    UNDER_12 = "under 12"
    FROM_12 = "12 to 15"
    FROM_16 = "16 and older"
    INCAPABLE = "16 and older, cannot decide"  # wilsonbekwaam is who can value their own interests (BW 7:465 lid 2)
    DECEASED = "deceased"


class Part(StrEnum):
    """About which data is asked."""

    DOSSIER = "dossier"
    OTHER = "other"


class Proof(StrEnum):
    """What is looked at; written down that it was seen, never kept."""

    AUTHORITY = "authority-register"  # uittreksel gezagsregister
    GUARDIANSHIP = "guardianship-decision"
    COURT = "court-decision"  # curatele- of mentorschapsbeschikking
    WRITTEN = "written-authority"  # a mandate that the person signed, for this request
    INCAPABLE = "cannot-decide"  # the practitioner's judgment, in writing
    RELATION = "relation"
    NOBODY_BEFORE = "nobody-before"  # nobody earlier in the order of BW 7:465 lid 3 acts
    DEATH = "death"
    CONSENT_ALIVE = "consent-when-alive"
    INCIDENT = "incident-notice"  # Wkkgz 10 lid 3
    DIED_UNDER_16 = "died-under-16"
    NOT_REFUSED = "no-refusal-when-alive"  # the dossier was looked through for one, of a patient of 12 or older


class Verdict(StrEnum):
    """What the law says."""

    YES = "yes"
    WITH_CHILD = "with the child's consent"
    TOGETHER = "together with the child"
    WEIGHED = "an officer weighs it"
    NO = "no"


class ChildSays(StrEnum):
    """What a child of 12 to 15 said of the request."""

    UNHEARD = "unheard"
    AGREES = "agrees"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: all of `needs` are proven, and one of `one_of` where there are any."""

    band: Band
    capacity: Capacity
    part: Part
    kinds: frozenset[CaseKind]
    verdict: Verdict
    article: str
    needs: tuple[Proof, ...] = ()
    one_of: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, as written down. `weighed`: what an officer decided where the law leaves it to a person."""

    capacity: Capacity
    about: tuple[Part, ...]
    deceased: bool = False
    incapable: bool = False
    proofs: tuple[Proof, ...] = ()
    child: ChildSays = ChildSays.UNHEARD
    weighed: bool | None = None


EVERY = frozenset(CaseKind)
GONE = frozenset({CaseKind.ERASURE, CaseKind.WGBO_DESTRUCTION})
SEEN = frozenset({CaseKind.ACCESS})
#: Kinds that are about the medical dossier and nothing else (BW 7:455; Wabvpz 15e).
ABOUT_DOSSIER = frozenset({CaseKind.WGBO_DESTRUCTION, CaseKind.ACCESS_LOG})

_B, _C, _P, _V = Band, Capacity, Part, Verdict
_CHILD_OTHER = "UAVG 5: rechten onder de 16 jaar oefent de wettelijk vertegenwoordiger uit"
_ORDER = "BW 7:465 lid 3"


def _for_child(band: Band) -> tuple[Rule, ...]:
    """Parents and guardians on other data, alike under 12 and from 12 to 15."""
    return (
        Rule(band, _C.PARENT, _P.OTHER, EVERY, _V.YES, _CHILD_OTHER, (Proof.AUTHORITY,)),
        Rule(band, _C.GUARDIAN, _P.OTHER, EVERY, _V.YES, _CHILD_OTHER, (Proof.GUARDIANSHIP,)),
        Rule(
            band, _C.ATTORNEY, _P.OTHER, EVERY, _V.YES, f"{_CHILD_OTHER}; BW 3:60",
            (Proof.WRITTEN,), (Proof.AUTHORITY, Proof.GUARDIANSHIP),
        ),
        Rule(band, _C.SELF, _P.OTHER, EVERY, _V.NO, _CHILD_OTHER),
        Rule(
            band, _C.PARENT_WITHOUT_AUTHORITY, _P.OTHER, EVERY, _V.NO,
            "UAVG 5; BW 1:377c geeft informatie over belangrijke feiten, geen afschrift",
        ),
        Rule(
            band, _C.PARENT_WITHOUT_AUTHORITY, _P.DOSSIER, EVERY, _V.NO,
            "BW 7:457; BW 1:377c geeft informatie over belangrijke feiten, geen afschrift",
        ),
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    # -- under 12 --------------------------------------------------------------------------------------------------
    Rule(_B.UNDER_12, _C.PARENT, _P.DOSSIER, EVERY, _V.YES, "BW 7:465 lid 1", (Proof.AUTHORITY,)),
    Rule(_B.UNDER_12, _C.GUARDIAN, _P.DOSSIER, EVERY, _V.YES, "BW 7:465 lid 1", (Proof.GUARDIANSHIP,)),
    Rule(
        _B.UNDER_12, _C.ATTORNEY, _P.DOSSIER, EVERY, _V.YES, "BW 7:465 lid 1; BW 3:60",
        (Proof.WRITTEN,), (Proof.AUTHORITY, Proof.GUARDIANSHIP),
    ),
    Rule(_B.UNDER_12, _C.SELF, _P.DOSSIER, EVERY, _V.NO, "BW 7:465 lid 1"),
    *_for_child(_B.UNDER_12),
    # -- 12 to 15: the child itself for the dossier, the representative for all other data ---------------------------
    Rule(_B.FROM_12, _C.SELF, _P.DOSSIER, GONE, _V.WEIGHED, "BW 7:455; BW 7:447: de hulpverlener beoordeelt"),
    Rule(_B.FROM_12, _C.SELF, _P.DOSSIER, EVERY, _V.YES, "BW 7:456; BW 7:465 lid 1"),
    Rule(_B.FROM_12, _C.PARENT, _P.DOSSIER, GONE, _V.TOGETHER, "BW 7:450 lid 2; BW 7:455", (Proof.AUTHORITY,)),
    Rule(_B.FROM_12, _C.GUARDIAN, _P.DOSSIER, GONE, _V.TOGETHER, "BW 7:450 lid 2; BW 7:455", (Proof.GUARDIANSHIP,)),
    Rule(_B.FROM_12, _C.PARENT, _P.DOSSIER, EVERY, _V.WITH_CHILD, "BW 7:457 lid 3", (Proof.AUTHORITY,)),
    Rule(_B.FROM_12, _C.GUARDIAN, _P.DOSSIER, EVERY, _V.WITH_CHILD, "BW 7:457 lid 3", (Proof.GUARDIANSHIP,)),
    Rule(_B.FROM_12, _C.ATTORNEY, _P.DOSSIER, EVERY, _V.WITH_CHILD, "BW 7:457; BW 3:60", (Proof.WRITTEN,)),
    *_for_child(_B.FROM_12),
    # -- 16 and older, able to decide --------------------------------------------------------------------------------
    Rule(_B.FROM_16, _C.SELF, _P.DOSSIER, EVERY, _V.YES, "BW 7:447; BW 7:456"),
    Rule(_B.FROM_16, _C.SELF, _P.OTHER, EVERY, _V.YES, "AVG 12 lid 2"),
    Rule(_B.FROM_16, _C.ATTORNEY, _P.DOSSIER, EVERY, _V.YES, "BW 7:457 lid 1; BW 3:60", (Proof.WRITTEN,)),
    Rule(_B.FROM_16, _C.ATTORNEY, _P.OTHER, EVERY, _V.YES, "AVG 12 lid 2; BW 3:60", (Proof.WRITTEN,)),
    Rule(_B.FROM_16, _C.CURATOR, _P.OTHER, EVERY, _V.YES, "UAVG 5: onder curatele", (Proof.COURT,)),
    Rule(_B.FROM_16, _C.MENTOR, _P.OTHER, EVERY, _V.YES, "UAVG 5: mentorschap", (Proof.COURT,)),
    Rule(_B.FROM_16, _C.CURATOR, _P.DOSSIER, EVERY, _V.NO, "BW 7:465 lid 2: wie zelf kan beslissen, vraagt zelf"),
    Rule(_B.FROM_16, _C.MENTOR, _P.DOSSIER, EVERY, _V.NO, "BW 7:465 lid 2: wie zelf kan beslissen, vraagt zelf"),
    Rule(_B.FROM_16, _C.ADMINISTRATOR, _P.OTHER, EVERY, _V.WEIGHED, "UAVG 5; bewind gaat over geld", (Proof.COURT,)),
    Rule(_B.FROM_16, _C.PARENT, _P.DOSSIER, EVERY, _V.NO, "BW 7:447; BW 7:457: vanaf 16 jaar alleen zelf"),
    Rule(_B.FROM_16, _C.PARENT, _P.OTHER, EVERY, _V.NO, "UAVG 5: vanaf 16 jaar alleen zelf"),
    Rule(_B.FROM_16, _C.PARTNER, _P.DOSSIER, EVERY, _V.NO, "BW 7:457 lid 1: alleen met schriftelijke machtiging"),
    Rule(_B.FROM_16, _C.RELATIVE, _P.DOSSIER, EVERY, _V.NO, "BW 7:457 lid 1: alleen met schriftelijke machtiging"),
    # -- an adult who cannot decide: the order of BW 7:465 lid 3 -------------------------------------------------------
    Rule(_B.INCAPABLE, _C.CURATOR, _P.DOSSIER, EVERY, _V.YES, _ORDER, (Proof.COURT, Proof.INCAPABLE)),
    Rule(_B.INCAPABLE, _C.MENTOR, _P.DOSSIER, EVERY, _V.YES, _ORDER, (Proof.COURT, Proof.INCAPABLE)),
    Rule(
        _B.INCAPABLE, _C.ATTORNEY, _P.DOSSIER, EVERY, _V.YES, _ORDER,
        (Proof.WRITTEN, Proof.INCAPABLE, Proof.NOBODY_BEFORE),
    ),
    Rule(
        _B.INCAPABLE, _C.PARTNER, _P.DOSSIER, EVERY, _V.YES, _ORDER,
        (Proof.RELATION, Proof.INCAPABLE, Proof.NOBODY_BEFORE),
    ),
    Rule(
        _B.INCAPABLE, _C.RELATIVE, _P.DOSSIER, EVERY, _V.YES, _ORDER,
        (Proof.RELATION, Proof.INCAPABLE, Proof.NOBODY_BEFORE),
    ),
    Rule(_B.INCAPABLE, _C.PARENT, _P.DOSSIER, EVERY, _V.YES, "BW 7:465 lid 2", (Proof.AUTHORITY, Proof.INCAPABLE)),
    Rule(
        _B.INCAPABLE, _C.GUARDIAN, _P.DOSSIER, EVERY, _V.YES, "BW 7:465 lid 2", (Proof.GUARDIANSHIP, Proof.INCAPABLE),
    ),
    Rule(_B.INCAPABLE, _C.SELF, _P.DOSSIER, EVERY, _V.WEIGHED, "BW 7:465 lid 2: per beslissing beoordeeld"),
    Rule(_B.INCAPABLE, _C.CURATOR, _P.OTHER, EVERY, _V.YES, "UAVG 5: onder curatele", (Proof.COURT,)),
    Rule(_B.INCAPABLE, _C.MENTOR, _P.OTHER, EVERY, _V.YES, "UAVG 5: mentorschap", (Proof.COURT,)),
    Rule(_B.INCAPABLE, _C.ADMINISTRATOR, _P.OTHER, EVERY, _V.WEIGHED, "UAVG 5; bewind gaat over geld", (Proof.COURT,)),
    Rule(
        _B.INCAPABLE, _C.ATTORNEY, _P.OTHER, EVERY, _V.WEIGHED, "BW 3:60; BW 3:72: gegeven toen het nog kon",
        (Proof.WRITTEN,),
    ),
    Rule(_B.INCAPABLE, _C.SELF, _P.OTHER, EVERY, _V.WEIGHED, "AVG 12 lid 2; UAVG 5"),
    Rule(_B.INCAPABLE, _C.PARTNER, _P.OTHER, EVERY, _V.NO, "UAVG 5: vraag de rechter om mentorschap"),
    Rule(_B.INCAPABLE, _C.RELATIVE, _P.OTHER, EVERY, _V.NO, "UAVG 5: vraag de rechter om mentorschap"),
    # -- deceased: inspection and copy of the dossier, and nothing else ------------------------------------------------
    Rule(
        _B.DECEASED, _C.SURVIVOR, _P.DOSSIER, SEEN, _V.YES, "BW 7:458a lid 1 onder a en b, lid 4",
        (Proof.DEATH, Proof.NOT_REFUSED), (Proof.CONSENT_ALIVE, Proof.INCIDENT),
    ),
    Rule(
        _B.DECEASED, _C.PARENT, _P.DOSSIER, SEEN, _V.YES, "BW 7:458a lid 2, 4",
        (Proof.DEATH, Proof.NOT_REFUSED, Proof.DIED_UNDER_16, Proof.AUTHORITY),
    ),
    Rule(
        _B.DECEASED, _C.GUARDIAN, _P.DOSSIER, SEEN, _V.YES, "BW 7:458a lid 2, 4",
        (Proof.DEATH, Proof.NOT_REFUSED, Proof.DIED_UNDER_16, Proof.GUARDIANSHIP),
    ),
    Rule(_B.DECEASED, _C.ATTORNEY, _P.DOSSIER, EVERY, _V.NO, "BW 3:72: een volmacht eindigt met het overlijden"),
    *(
        Rule(_B.DECEASED, one, _P.DOSSIER, EVERY, _V.NO, "BW 7:458a: alleen inzage en afschrift")
        for one in (_C.SURVIVOR, _C.PARENT, _C.GUARDIAN)
    ),
    *(
        Rule(_B.DECEASED, one, _P.OTHER, EVERY, _V.NO, "AVG overweging 27: de AVG geldt niet voor overledenen")
        for one in (_C.SURVIVOR, _C.PARENT, _C.GUARDIAN, _C.ATTORNEY)
    ),
)  # fmt: skip

#: BW 7:458a lid 1 onder c: where neither consent nor incident is proven, a weighty interest is for an officer to weigh.
WEIGHTY = Rule(
    _B.DECEASED, _C.SURVIVOR, _P.DOSSIER, SEEN, _V.WEIGHED, "BW 7:458a lid 1 onder c, lid 4: zwaarwegend belang",
    (Proof.DEATH, Proof.NOT_REFUSED),
)  # fmt: skip


def age_on(born_on: date, as_of: date) -> int:
    """Whole years on this day; who is born on 29 February has a birthday on 1 March in a common year."""
    years = as_of.year - born_on.year
    return years - ((as_of.month, as_of.day) < (born_on.month, born_on.day))


def band_of(born_on: date | None, as_of: date, asker: Asker) -> Band:
    """What the law looks at on this day. Without a birth date a person counts as 16 or older."""
    if asker.deceased:
        return Band.DECEASED
    age = 18 if born_on is None else age_on(born_on, as_of)
    if age < 12:
        return Band.UNDER_12
    if age < 16:
        return Band.FROM_12
    return Band.INCAPABLE if asker.incapable else Band.FROM_16


def rule_for(band: Band, capacity: Capacity, part: Part, kind: CaseKind) -> Rule:
    """The first row that fits; a row that says no where the table has none."""
    for rule in RULES:
        if (rule.band, rule.capacity, rule.part) == (band, capacity, part) and kind in rule.kinds:
            return rule
    article = "BW 7:457 lid 1" if part is Part.DOSSIER else "AVG 12 lid 2; UAVG 5"
    return Rule(band, capacity, part, EVERY, Verdict.NO, f"{article}: deze persoon mag dit niet vragen")


def rules_of(kind: CaseKind, band: Band, asker: Asker) -> tuple[Rule, ...]:
    """The row of each part of the request, for this asker as far as the proofs go."""
    found = []
    for part in asker.about:
        rule = rule_for(band, asker.capacity, part, kind)
        if band is Band.FROM_12 and asker.incapable:  # BW 7:465 lid 2: as for a child under 12
            young = rule_for(Band.UNDER_12, asker.capacity, part, kind)
            rule = replace(young, article="BW 7:465 lid 2; UAVG 5", needs=(*young.needs, Proof.INCAPABLE))
        fallback = rule.verdict is Verdict.YES and rule.band is Band.DECEASED and rule.capacity is Capacity.SURVIVOR
        found.append(WEIGHTY if fallback and not set(rule.one_of) & set(asker.proofs) else rule)
    return tuple(found)


def missing_proofs(rules: Iterable[Rule], proofs: Sequence[Proof]) -> tuple[str, ...]:
    """What is still to be seen, in words that name the proofs."""
    missing: list[str] = []
    for rule in rules:
        missing += [p.value for p in rule.needs if p not in proofs]
        if rule.one_of and not set(rule.one_of) & set(proofs):
            missing.append(" or ".join(p.value for p in rule.one_of))
    return tuple(dict.fromkeys(missing))


def of_kind(kind: CaseKind) -> tuple[Part, ...]:
    """About which data a request is where nobody said so."""
    return (Part.DOSSIER,) if kind in ABOUT_DOSSIER else (Part.DOSSIER, Part.OTHER)
