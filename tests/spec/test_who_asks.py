"""Who may ask what for whom, in words that a DPO can check, each with its article."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import Case, CaseKind
from domain.representatives import RULES, Asker, Band, Capacity, ChildSays, Part, Proof, Verdict, age_on, rule_for
from domain.standing_to_ask import check_asker, may_ask
from domain.trouble import Refused

TODAY = date(2026, 11, 25)
BORN = {"8": date(2018, 6, 1), "13": date(2013, 6, 1), "16": date(2010, 6, 1), "40": date(1986, 6, 1)}
PROOFS = {
    "gezag": Proof.AUTHORITY, "voogdij": Proof.GUARDIANSHIP, "beschikking": Proof.COURT, "machtiging": Proof.WRITTEN,
    "wilsonbekwaam": Proof.INCAPABLE, "relatie": Proof.RELATION, "niemand voor": Proof.NOBODY_BEFORE,
    "overlijden": Proof.DEATH, "toestemming bij leven": Proof.CONSENT_ALIVE, "incident": Proof.INCIDENT,
    "jonger dan 16": Proof.DIED_UNDER_16,
    "geen bezwaar bij leven": Proof.NOT_REFUSED,
}  # fmt: skip
D, OTH, DO = (Part.DOSSIER,), (Part.OTHER,), (Part.DOSSIER, Part.OTHER)

#: Age or state | who asks | about | kind | proofs seen and what was said | may it go on?
ROWS = [
    # Under 12: the parent with authority, or the guardian (BW 7:465 lid 1; UAVG 5).
    ("8", "parent", D, "access", "gezag", True),
    ("8", "parent", D, "access", "", False),
    ("8", "parent", OTH, "access", "gezag", True),
    ("8", "parent", DO, "erasure", "gezag", True),
    ("8", "guardian", D, "access", "voogdij", True),
    ("8", "guardian", D, "access", "gezag", False),
    ("8", "guardian", OTH, "rectification", "voogdij", True),
    ("8", "parent-without-authority", D, "access", "gezag", False),
    ("8", "parent-without-authority", OTH, "access", "gezag", False),
    ("8", "self", D, "access", "", False),
    ("8", "self", OTH, "access", "", False),
    ("8", "attorney", D, "access", "machtiging, gezag", True),
    ("8", "attorney", D, "access", "machtiging", False),
    ("8", "attorney", OTH, "access", "machtiging, voogdij", True),
    ("8", "partner", D, "access", "relatie", False),
    ("8", "relative", OTH, "access", "relatie", False),
    # 12 to 15: the dossier is the child's own (BW 7:456, 7:457); other data go through the representative (UAVG 5).
    ("13", "self", D, "access", "", True),
    ("13", "self", D, "access-log", "", True),
    ("13", "self", OTH, "access", "", False),
    ("13", "self", DO, "access", "", False),
    ("13", "self", D, "wgbo-destruction", "", False),
    ("13", "self", D, "wgbo-destruction", "officer says yes", True),
    ("13", "parent", D, "access", "gezag", False),
    ("13", "parent", D, "access", "gezag, child agrees", True),
    ("13", "parent", D, "access", "child agrees", False),
    ("13", "parent", D, "access", "gezag, child refuses", False),
    ("13", "parent", D, "access", "gezag, child refuses, officer says yes", False),
    ("13", "parent", D, "wgbo-destruction", "gezag", False),
    ("13", "parent", D, "wgbo-destruction", "gezag, child agrees", True),
    ("13", "parent", OTH, "access", "gezag", True),
    ("13", "parent", OTH, "access", "gezag, child refuses", False),
    ("13", "parent", OTH, "access", "gezag, child refuses, officer says yes", True),
    ("13", "parent", DO, "access", "gezag", False),
    ("13", "parent", DO, "access", "gezag, child agrees", True),
    ("13", "parent-without-authority", D, "access", "gezag, child agrees", False),
    ("13", "guardian", D, "rectification", "voogdij, child agrees", True),
    ("13", "attorney", D, "access", "machtiging, child agrees", True),
    ("13, cannot decide", "parent", D, "access", "gezag, wilsonbekwaam", True),
    ("13, cannot decide", "parent", D, "access", "gezag", False),
    # 16 and older: only oneself, or with written authority (BW 7:447, 7:457).
    ("16", "self", DO, "access", "", True),
    ("16", "self", D, "wgbo-destruction", "", True),
    ("16", "parent", D, "access", "gezag", False),
    ("16", "parent", OTH, "access", "gezag", False),
    ("40", "self", DO, "erasure", "", True),
    ("40", "attorney", D, "access", "machtiging", True),
    ("40", "attorney", OTH, "objection", "machtiging", True),
    ("40", "attorney", D, "access", "", False),
    ("40", "partner", D, "access", "relatie", False),
    ("40", "relative", DO, "access", "relatie", False),
    ("40", "curator", OTH, "access", "beschikking", True),
    ("40", "curator", D, "access", "beschikking", False),
    ("40", "administrator", OTH, "access", "beschikking", False),
    ("40", "administrator", OTH, "access", "beschikking, officer says yes", True),
    # An adult who cannot decide: the order of BW 7:465 lid 3; other data only by curator or mentor (UAVG 5).
    ("40, cannot decide", "curator", D, "access", "beschikking, wilsonbekwaam", True),
    ("40, cannot decide", "mentor", D, "wgbo-destruction", "beschikking, wilsonbekwaam", True),
    ("40, cannot decide", "mentor", OTH, "access", "beschikking", True),
    ("40, cannot decide", "attorney", D, "access", "machtiging, wilsonbekwaam", False),
    ("40, cannot decide", "attorney", D, "access", "machtiging, wilsonbekwaam, niemand voor", True),
    ("40, cannot decide", "partner", D, "access", "relatie, wilsonbekwaam, niemand voor", True),
    ("40, cannot decide", "partner", OTH, "access", "relatie, wilsonbekwaam, niemand voor", False),
    ("40, cannot decide", "relative", D, "access", "relatie, wilsonbekwaam, niemand voor", True),
    ("40, cannot decide", "self", D, "access", "", False),
    ("40, cannot decide", "self", DO, "access", "officer says yes", True),
    ("16, cannot decide", "parent", D, "access", "gezag, wilsonbekwaam", True),
    # Deceased: BW 7:458a, the dossier only; the AVG does not apply (recital 27). Somebody looked whether the
    # patient, at twelve or older, had it written down that this may not be (lid 4): that no outweighs every ground.
    ("deceased", "survivor", D, "access", "overlijden, geen bezwaar bij leven, toestemming bij leven", True),
    ("deceased", "survivor", D, "access", "overlijden, toestemming bij leven", False),
    ("deceased", "survivor", D, "access", "overlijden, geen bezwaar bij leven, incident", True),
    ("deceased", "survivor", D, "access", "overlijden, incident", False),
    ("deceased", "survivor", D, "access", "incident", False),
    ("deceased", "survivor", D, "access", "overlijden, geen bezwaar bij leven", False),
    ("deceased", "survivor", D, "access", "overlijden, geen bezwaar bij leven, officer says yes", True),
    ("deceased", "survivor", D, "access", "overlijden, officer says yes", False),
    ("deceased", "survivor", D, "access", "overlijden, geen bezwaar bij leven, officer says no", False),
    ("deceased", "survivor", D, "wgbo-destruction", "overlijden, geen bezwaar bij leven, toestemming bij leven", False),
    ("deceased", "survivor", OTH, "access", "overlijden, geen bezwaar bij leven, toestemming bij leven", False),
    ("deceased", "parent", D, "access", "overlijden, geen bezwaar bij leven, jonger dan 16, gezag", True),
    ("deceased", "parent", D, "access", "overlijden, jonger dan 16, gezag", False),
    ("deceased", "parent", D, "access", "overlijden, geen bezwaar bij leven, gezag", False),
    ("deceased", "attorney", D, "access", "overlijden, machtiging", False),
    ("deceased", "self", D, "access", "", False),
]


def asked(kind: str) -> Case:
    return Case(number="2026-0001", kind=CaseKind(kind), received_on=TODAY, channel="letter")


def asker(state: str, capacity: str, about: tuple[Part, ...], said: str) -> Asker:
    words = [one for one in said.split(", ") if one]
    child = next((ChildSays(w.split()[1]) for w in words if w.startswith("child ")), ChildSays.UNHEARD)
    weighed = next((w.endswith("yes") for w in words if w.startswith("officer ")), None)
    return Asker(
        capacity=Capacity(capacity), about=about, deceased=state == "deceased", incapable="cannot" in state,
        proofs=tuple(PROOFS[w] for w in words if w in PROOFS), child=child, weighed=weighed,
    )  # fmt: skip


@pytest.mark.parametrize(("state", "capacity", "about", "kind", "said", "may"), ROWS)
def test_who_may_ask_what_for_whom(
    state: str, capacity: str, about: tuple[Part, ...], kind: str, said: str, may: bool
) -> None:
    who = asker(state, capacity, about, said)
    assert may_ask(asked(kind), who, born_on=BORN.get(state.partition(",")[0]), as_of=TODAY) is may


def test_the_table_is_long_and_says_each_thing_once() -> None:
    assert len(ROWS) >= 40
    assert len({(r.band, r.capacity, r.part, r.kinds) for r in RULES}) == len(RULES)
    assert all(r.article and (r.verdict is not Verdict.NO or not (r.needs or r.one_of)) for r in RULES)
    assert {b for b, *_ in ((r.band,) for r in RULES)} == set(Band)


def test_nobody_written_down_is_the_person_and_a_child_is_not_taken_for_one() -> None:
    check_asker(asked("access"), None, born_on=None, as_of=TODAY)
    check_asker(asked("access"), None, born_on=BORN["40"], as_of=TODAY)
    with pytest.raises(Refused, match="under 12"):
        check_asker(asked("access"), None, born_on=BORN["8"], as_of=TODAY)
    with pytest.raises(Refused, match="--about dossier"):
        check_asker(asked("access"), None, born_on=BORN["13"], as_of=TODAY)
    check_asker(asked("access-log"), None, born_on=BORN["13"], as_of=TODAY)


def test_on_the_birthday_the_answer_changes() -> None:
    parent = asker("", "parent", D, "gezag")
    assert may_ask(asked("access"), parent, born_on=date(2014, 11, 26), as_of=TODAY)
    assert not may_ask(asked("access"), parent, born_on=date(2014, 11, 25), as_of=TODAY)
    other = asker("", "parent", OTH, "gezag")
    assert may_ask(asked("access"), other, born_on=date(2010, 11, 26), as_of=TODAY)
    assert not may_ask(asked("access"), other, born_on=date(2010, 11, 25), as_of=TODAY)
    assert age_on(date(2012, 2, 29), date(2024, 2, 28)) == 11
    assert age_on(date(2014, 2, 28), date(2026, 2, 28)) == 12


def test_a_refusal_says_article_and_next_step_and_no_name() -> None:
    with pytest.raises(Refused, match=r"written-authority.*BW 7:457[\s\S]*termijn case proven 2026-0001"):
        check_asker(asked("access"), asker("40", "attorney", D, ""), born_on=None, as_of=TODAY)


def test_where_a_refusal_of_the_patient_stands_the_next_step_is_to_refuse() -> None:
    survivor = asker("deceased", "survivor", D, "overlijden, incident")
    with pytest.raises(Refused, match=r"BW 7:458a[\s\S]*a refusal stands there: refuse.*no-refusal-when-alive"):
        check_asker(asked("access"), survivor, born_on=None, as_of=TODAY)


@given(
    st.sampled_from(Band), st.sampled_from(Capacity), st.sampled_from(Part), st.sampled_from(CaseKind)
)  # fmt: skip
def test_what_is_not_in_the_table_may_not_be_asked(band: Band, capacity: Capacity, part: Part, kind: CaseKind) -> None:
    rule = rule_for(band, capacity, part, kind)
    listed = any((r.band, r.capacity, r.part) == (band, capacity, part) and kind in r.kinds for r in RULES)
    assert listed or rule.verdict is Verdict.NO


@given(
    st.sampled_from(sorted(BORN)),
    st.sampled_from([c for c in Capacity if c is not Capacity.SELF]),
    st.sampled_from(CaseKind),
    st.booleans(),
    st.booleans(),
)
def test_nobody_gets_anothers_data_without_a_proof(
    age: str, capacity: Capacity, kind: CaseKind, deceased: bool, incapable: bool
) -> None:
    who = Asker(
        capacity=capacity, about=DO, deceased=deceased, incapable=incapable, child=ChildSays.AGREES, weighed=True
    )
    assert not may_ask(asked(kind.value), who, born_on=BORN[age], as_of=TODAY)
