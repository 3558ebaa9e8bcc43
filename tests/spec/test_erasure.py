"""What becomes of a person's data when they ask to be erased, in tables that a DPO can read aloud."""

from __future__ import annotations

from datetime import date

import pytest

from domain.activity import Activity
from domain.erasure import Fate, Ground, ends_at_once, erasure_test, grounds_of, judge, rests_on_law
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.rules import compile_rules
from domain.standing import WatchFacts
from tests.contract.conftest import system

AS_OF = date(2026, 11, 25)


def rows(table: str) -> list[list[str]]:
    """The lines of an ASCII table under its heading, as lists of cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines[1:]]


def keeping(rests_on: str, minimum: str, maximum: str, role: str = "controller", article: str = "AWR 52") -> Activity:
    """An activity that rests on these letters of article 6(1), with these terms."""
    terms = {name: written for name, written in (("minimum", minimum), ("maximum", maximum)) if written}
    term = {
        "since": date(2020, 1, 1), "counts_from": "the end", "article": article, "source": "policy", **terms,
        "certainty": "certain", "last_checked": AS_OF, "at_expiry": "propose" if role == "processor" else "destroy",
    }  # fmt: skip
    return Activity.model_validate(
        {
            "id": "kept", "title": "An activity", "purpose": "A purpose", "role": role, "subjects": ["somebody"],
            "legal_ground": [f"AVG 6.1.{letter}: grond" for letter in rests_on], "source": "the person",
            "data": [{"item": "name", "category": "user.name"}], "security": ["locked"], "term": [term],
            "on_behalf_of": "de praktijk" if role == "processor" else None,
        }
    )  # fmt: skip


def decide(
    of: Activity, ground: str, ended: str, *, frozen: str | None = None, ours: bool = True
) -> tuple[str, str, str]:
    """What becomes of one record whose term began on `ended` ('' is: not begun)."""
    kinds = {"id": LiveColumn(Kind.INTEGER), "ended_on": LiveColumn(Kind.DATE)}
    schema = LiveSchema({"file": LiveTable(kinds, ("id",))})
    made = system({"file": {"key": ["id"], "activity": "kept", "triggers": ["ended_on"]}}, schema)
    [rule] = compile_rules(made, {"kept": of}, AS_OF)
    test = erasure_test(rule, {"kept": of}, AS_OF, Ground(ground))
    day = date.fromisoformat(ended) if ended else None
    seen = WatchFacts(1, 0 if day else 1, 0, day)
    found = judge(test, [seen] * len(test.watches), {"kept": of}, frozen=frozen, ours=ours)
    return found.fate.value, str(found.until or ""), found.article


FATES = """
rests on | minimum  | maximum  | asks by | ended      | becomes      | until      | article and why
f        |          | 6 months | a       | 2026-10-01 | destroyed    |            | 17(1)(a): no longer needed
f        |          | 6 months | a       |            | still needed |            | 17(1)(a): it has not ended
f        |          | 6 months | c       |            | destroyed    |            | 17(1)(c): it ends the interest
f        |          | 6 months | d       |            | destroyed    |            | 17(1)(d): unlawful
b        |          | 2 years  | a       | 2026-10-01 | destroyed    |            | 17(1)(a): the contract ended
b        |          | 2 years  | a       |            | still needed |            | 17(1)(a): the contract runs
b        |          | 2 years  | c       |            | still needed |            | 21: not of a contract
b        |          | 2 years  | b       |            | still needed |            | 17(1)(b): consent does not carry it
a        |          | 1 year   | b       |            | destroyed    |            | 17(1)(b): the only ground
a        |          | 1 year   | a       |            | destroyed    |            | asking is withdrawing: 7(3)
af       |          | 1 year   | b       |            | still needed |            | 17(1)(b): there is another ground
af       |          | 1 year   | c       |            | destroyed    |            | 17(1)(c)
ab       |          | 1 year   | b       |            | still needed |            | 17(1)(b): so does the contract
bc       |          | 2 years  | a       | 2026-01-01 | destroyed    |            | no minimum, and not on law alone
c        | 7 years  |          | a       | 2024-03-01 | kept by law  | 2031-03-01 | 17(3)(b), AWR 52
c        | 7 years  |          | d       | 2024-03-01 | kept by law  | 2031-03-01 | the law's minimum goes first
c        | 7 years  |          | a       | 2019-11-24 | destroyed    |            | the seven years ended yesterday
c        | 7 years  |          | a       | 2019-11-25 | kept by law  | 2026-11-25 | today is the last day
c        | 7 years  |          | a       |            | kept by law  |            | nobody can say that it is over
bc       | 7 years  |          | a       | 2024-03-01 | kept by law  | 2031-03-01 | 17(3)(b)
f        | 7 years  |          | c       | 2024-03-01 | kept by law  | 2031-03-01 | 17(3)(b): a minimum
c        |          | 5 years  | a       | 2024-03-01 | kept by law  | 2029-03-01 | on law alone: a suppression entry
c        |          | 5 years  | c       | 2024-03-01 | kept by law  | 2029-03-01 | it would undo the objection
c        | 5 years  | 5 years  | a       | 2021-11-24 | destroyed    |            | an ID copy, five years over
ce       |          | 2 years  | a       | 2026-01-01 | kept by law  | 2028-01-01 | 17(3)(b): law and public task
"""


@pytest.mark.parametrize(("rests_on", "minimum", "maximum", "ground", "ended", "fate", "until", "why"), rows(FATES))
def test_what_becomes_of_a_record(
    rests_on: str, minimum: str, maximum: str, ground: str, ended: str, fate: str, until: str, why: str
) -> None:
    said = decide(keeping(rests_on, minimum, maximum), ground, ended)
    assert said[:2] == (fate, until), why


def test_a_patients_dossier_goes_by_7_455_and_its_bills_do_not() -> None:
    dossier = keeping("c", "20 years", "", role="processor", article="BW 7:454 lid 3")
    bill = keeping("bc", "7 years", "", role="processor", article="AWR art. 52")
    assert decide(dossier, "7:455", "2024-03-01")[0] == "destroyed"
    assert decide(dossier, "7:455", "2024-03-01", ours=False)[0] == "the controller decides"
    assert decide(dossier, "a", "2024-03-01") == ("kept by law", "2044-03-01", "BW 7:454 lid 3")
    assert decide(bill, "7:455", "2024-03-01")[:2] == ("kept by law", "2031-03-01")


FREEZES = """
frozen by                     | becomes                 | article
hold H1                       | kept for a claim        | AVG 17 lid 3 onder e
restriction H2                | restricted              | AVG 18
open request 2026-0007        | another request is open | AVG 12 en 15
its practice keeps it, list 3 | the controller decides  | AVG 28 lid 3 onder a
"""


@pytest.mark.parametrize(("frozen", "fate", "article"), rows(FREEZES))
def test_what_freezes_goes_over_any_ground(frozen: str, fate: str, article: str) -> None:
    assert decide(keeping("a", "", "1 year"), "b", "2020-01-01", frozen=frozen) == (fate, "", article)


def test_every_fate_is_reached_or_named_elsewhere() -> None:
    told = {r[5] for r in rows(FATES)} | {r[1] for r in rows(FREEZES)}
    elsewhere = {Fate.ANONYMISED, Fate.STRIPPED, Fate.NEEDED_BY_ANOTHER, Fate.OF_ANOTHER}
    assert {f.value for f in Fate} == told | {f.value for f in elsewhere}


def test_special_grounds_of_article_9_are_no_letters_of_article_6() -> None:
    made = keeping("c", "", "2 years").model_copy(update={"legal_ground": ("AVG 6.1.c: wet", "AVG 9.2.b: arbeid")})
    assert grounds_of(made) == {"c"}
    assert rests_on_law(made)
    assert not ends_at_once(made, Ground.NOT_NEEDED)
