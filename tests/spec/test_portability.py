"""What a person may take along: article 20 AVG as a table, and our own register held against it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.activity import Activity
from domain.package import Part, Record, Withheld
from domain.portability import Why, decide, ground_of, origin_of, take_along
from domain.system import Column, ColumnClass, System
from register.loader import load_register

CONTRACT, CONSENT, DUTY = "AVG 6.1.b: overeenkomst", "AVG 6.1.a: toestemming", "AVG 6.1.c: bewaarplicht"
INTEREST, EXPLICIT = "AVG 6.1.f: belang", "AVG 9.2.a: uitdrukkelijke toestemming"


def activity(*grounds: str) -> Activity:
    term = {"since": "2020-01-01", "maximum": "1 year", "counts_from": "de dag", "article": "AVG 5", "source": "eigen",
            "certainty": "likely", "last_checked": "2026-11-23", "at_expiry": "destroy"}  # fmt: skip
    return Activity.model_validate(
        {"id": "a", "title": "Klanten", "purpose": "om te leren", "role": "controller", "legal_ground": grounds,
         "subjects": ["klant"], "data": [{"item": "naam", "category": "user.name"}], "source": "uzelf",
         "security": ["slot"], "term": [term]}
    )  # fmt: skip


def system(**columns: dict[str, Any]) -> System:
    told = {n: {"class": "export", "label": n.capitalize(), **c} for n, c in columns.items()}
    dataset = {"title": "Klanten", "activity": "a", "key": ["id"], "ceiling": {"records": 1, "share": 0.1}}
    columns_of = {"id": {"class": "technical"}, **told}
    given = {"id": "s", "title": "Systeem", "connector": "sql", "url": "env:S_URL"}
    return System.model_validate({**given, "dataset": {"klant": {**dataset, "columns": columns_of}}})


#: what the register says of a column | the grounds of its activity | what becomes of it
TABLE: list[tuple[dict[str, Any], tuple[str, ...], Why | None]] = [
    ({"origin": "provided"}, (CONTRACT,), Why.PROVIDED),  # what you typed
    ({"origin": "provided"}, (CONSENT,), Why.PROVIDED),
    ({"origin": "observed"}, (CONSENT,), Why.OBSERVED),  # which pages you looked at
    ({"origin": "provided"}, (EXPLICIT, DUTY), Why.PROVIDED),  # article 9(2)(a) is consent too
    ({"origin": "provided"}, (DUTY, CONTRACT), Why.PROVIDED),  # one of several grounds is enough
    ({"origin": "derived"}, (CONTRACT,), Why.DERIVED),  # a score, a verdict, a plan
    ({"opinion": True}, (CONTRACT,), Why.DERIVED),  # a diagnosis, whatever else is said
    ({"origin": "provided"}, (DUTY,), Why.OTHER_GROUND),  # the copy of an identity card
    ({"origin": "provided"}, (INTEREST,), Why.OTHER_GROUND),
    ({}, (DUTY,), Why.OTHER_GROUND),  # then nobody need say how it came to be
    ({}, (CONTRACT,), None),  # nobody said: not guessed
]


@pytest.mark.parametrize(("told", "grounds", "why"), TABLE)
def test_a_column_goes_along_by_how_it_came_and_on_which_ground(
    told: dict[str, Any], grounds: tuple[str, ...], why: Why | None
) -> None:
    dataset = system(x=told).datasets["klant"]
    assert decide(dataset.columns["x"], dataset, activity(*grounds)) is why


def test_a_row_of_another_that_mentions_you_stays() -> None:
    dataset = system(x={"origin": "provided"}).datasets["klant"]
    assert decide(dataset.columns["x"], dataset, activity(CONTRACT), mentioned=True) is Why.OF_ANOTHER


def test_every_reason_can_be_printed_in_both_languages() -> None:
    for why in Why:
        for language, law in (("nl", "AVG 20"), ("en", "GDPR 20")):
            said, article = why.said(language)
            assert len(said) > 20
            assert article.startswith(law)


def test_the_answer_is_divided_and_everything_that_stays_is_told_with_its_reason() -> None:
    house = system(name={"origin": "provided"}, score={"origin": "derived"}, verdict={"opinion": True})
    columns = {n: c for n, c in house.datasets["klant"].columns.items() if c.cls is ColumnClass.EXPORT}
    rows = [Record(str(n), {"name": f"n{n}", "score": n, "verdict": "goed"}) for n in range(3)]
    part = Part("s", "S", "klant", "Klanten", "a", columns, rows)
    before = [Withheld("s", "Klanten", "Wachtwoord", 3, "beveiligt de toegang", "AVG 32")]

    taken = take_along([part], before, {"s": house}, {"a": activity(CONTRACT)}, "nl")
    assert [dict(r.values) for r in taken.parts[0].records] == [{"name": f"n{n}"} for n in range(3)]
    assert list(taken.parts[0].columns) == ["name"]
    assert taken.parts[0].outline.filled == {"name"}
    assert [(w.what, w.values, w.article) for w in taken.withheld] == [
        ("Score, Verdict", 3, "AVG 20 lid 1"), ("Wachtwoord", 3, "AVG 32"),
    ]  # fmt: skip

    taken = take_along([part], before, {"s": house}, {"a": activity(DUTY)}, "en")
    assert taken.parts == ()
    assert [(w.what, w.values, w.article) for w in taken.withheld] == [("Klanten", 3, "GDPR 20(1)(a)")]


def test_what_the_register_does_not_say_is_named() -> None:
    house = system(name={"origin": "provided"}, note={})
    part = Part("s", "S", "klant", "Klanten", "a", house.datasets["klant"].columns, [Record("1", {"name": "n"})])
    assert take_along([part], [], {"s": house}, {"a": activity(CONTRACT)}, "nl").unsaid == ("s.klant.note",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"class": "secret", "origin": "provided"},
        {"class": "export", "label": "x", "opinion": True, "origin": "provided"},
        {"class": "export", "label": "x", "origin": "typed"},
    ],
)
def test_an_origin_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"origin|derived|provided"):
        Column.model_validate(wrong)


def test_our_register_says_of_all_that_rests_on_consent_or_contract_how_it_came_to_be() -> None:
    register = load_register()
    unsaid = [
        f"{system}.{name}.{column}"
        for activity in register.activities
        if ground_of(register.activities[activity])
        for system, name in register.held_with_parts(activity)
        for dataset in [register.systems[system].datasets[name]]
        for column, told in dataset.columns.items()
        if told.cls is ColumnClass.EXPORT and origin_of(dataset, told) is None
    ]
    assert unsaid == []


def test_no_conclusion_of_our_register_can_be_taken_along() -> None:
    datasets = {n: d for s in load_register().systems.values() for n, d in s.datasets.items()}
    for name, column in (
        ("result", "conclusion"), ("advice", "advice"), ("contact", "note"), ("appraisal", "verdict"),
        ("applicant", "interview_notes"), ("prospect_notes", "note"), ("medication", "dose"),
    ):  # fmt: skip
        found = origin_of(datasets[name], datasets[name].columns[column])
        assert found is not None
        assert found.value == "derived", (name, column)


def test_an_origin_changes_no_digest_that_an_officer_countersigned() -> None:
    from datetime import date

    from domain.rules import compile_rules

    def digest(**more: Any) -> str:
        given = system(x={**more}).model_dump(by_alias=True, exclude_unset=True)
        given["dataset"]["klant"] |= {"triggers": ["x"], **more}
        house = System.model_validate(given)
        return compile_rules(house, {"a": activity(CONTRACT)}, date(2026, 11, 24))[0].digest

    assert digest() == digest(origin="provided")
