"""`why` in the words of the law: what was seen in one dossier, and who wins, until when, and what comes next."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.activity import Activity, TermBlock
from domain.odd_dates import OddKind, odd_dates
from domain.rules import DueTest, compile_rules, due_test
from domain.standing import Standing, WatchFacts, stand
from domain.system import System
from domain.why import ENGLISH, State, explain, words

AS_OF = date(2026, 11, 23)
SYSTEM = """
title = "Praktijk"
connector = "memory"
url = "env:PRACTICE_URL"
[dataset.patient]
activity = "dossier"
key = ["id"]
triggers = ["left_on"]
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.left_on = { class = "technical" }
[dataset.invoice]
activity = "invoices"
part_of = { dataset = "patient", by = { patient_id = "id" } }
key = ["id"]
triggers = [{ column = "sent_on", absent = "ignored" }]
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.patient_id = { class = "technical" }
columns.sent_on = { class = "technical" }
[dataset.claim]
activity = "dossier"
key = ["id"]
triggers = ["made_on"]
references = [{ dataset = "patient", by = { patient_id = "id" } }]
ceiling = { records = 5, share = 0.5 }
columns.id = { class = "technical" }
columns.patient_id = { class = "technical" }
columns.made_on = { class = "technical" }
"""


def activity(name: str, terms: str, *, since: str = "2020-01-01", **more: str) -> Activity:
    text = f"""
title = "{name}"
purpose = "zorg"
role = "controller"
legal_ground = ["AVG 6.1.c"]
subjects = ["patiënt"]
source = "de patiënt"
security = ["slot"]
data = [{{ item = "naam", category = "user.name" }}]
[[term]]
since = {since}
{terms}
counts_from = "{more.get("counts_from", "de laatste dag")}"
article = "{more.get("article", "artikel van " + name)}"
source = "wet"
certainty = "certain"
last_checked = 2026-11-23
at_expiry = "{more.get("at_expiry", "destroy")}"
"""
    return Activity(id=name, **tomllib.loads(text))


def promises(dossier: str = 'maximum = "2 years"', invoices: str = 'minimum = "7 years"') -> dict[str, Activity]:
    return {"dossier": activity("dossier", dossier), "invoices": activity("invoices", invoices)}


def due(activities: dict[str, Activity], as_of: date = AS_OF) -> DueTest:
    system = System(id="practice", **tomllib.loads(SYSTEM))
    rule = next(r for r in compile_rules(system, activities, as_of) if r.dataset.name == "patient")
    return due_test(rule, activities, as_of)


def seen(test: DueTest, **facts: WatchFacts) -> list[WatchFacts]:
    """What each watch saw, by dataset; nothing where nothing is given."""
    return [facts.get(w.dataset, WatchFacts()) for w in test.watches]


def on(day: date) -> WatchFacts:
    return WatchFacts(1, 0, 0, day)


D = date.fromisoformat
TABLE = [
    # left on, invoice sent on → standing, who decides, minimum until, maximum until, due on, days late
    ("2026-01-01", None, "kept", "patient", None, "2028-01-01", "2028-01-02", None),
    ("2024-11-22", None, "due", "patient", None, "2026-11-22", "2026-11-23", 0),
    ("2024-11-23", None, "kept", "patient", None, "2026-11-23", "2026-11-24", None),
    ("2020-02-29", None, "due", "patient", None, "2022-02-28", "2022-03-01", 1728),
    # the longest minimum goes over any maximum
    ("2020-02-29", "2020-02-29", "kept", "invoice", "2027-02-28", "2022-02-28", "2027-03-01", None),
    ("2010-01-01", "2019-11-22", "due", "invoice", "2026-11-22", "2012-01-01", "2026-11-23", 0),
    # a maximum of a later date goes over a minimum that is over before it
    ("2026-01-01", "2019-01-01", "kept", "patient", "2026-01-01", "2028-01-01", "2028-01-02", None),
]


@pytest.mark.parametrize(("left", "sent", "standing", "winner", "minimum", "maximum", "due_on", "late"), TABLE)
def test_the_winner_and_the_dates(left, sent, standing, winner, minimum, maximum, due_on, late):
    test = due(promises())
    facts = seen(test, patient=on(D(left)), invoice=on(D(sent)) if sent else WatchFacts())
    told = explain(test, facts, promises())
    assert told.standing == standing
    assert told.winner is not None
    assert told.winner.dataset == winner
    assert told.minimum_until == (D(minimum) if minimum else None)
    assert told.maximum_until == D(maximum)
    assert told.due_on == D(due_on)
    assert told.days_late == late
    assert [c.dataset for c in told.considered] == ["patient", "invoice", "claim"], "every rule is considered"


def test_of_two_that_end_on_one_day_the_minimum_wins_over_the_maximum():
    activities = promises(dossier='maximum = "7 years"')
    test = due(activities)
    told = explain(test, seen(test, patient=on(D("2022-01-01")), invoice=on(D("2022-01-01"))), activities)
    assert told.winner.dataset == "invoice"
    assert "goes over any maximum" in told.because


def test_without_a_maximum_nothing_is_ever_late():
    activities = promises(dossier='minimum = "2 years"')
    test = due(activities)
    told = explain(test, seen(test, patient=on(D("2000-01-01"))), activities)
    assert (told.standing, told.maximum_until, told.days_late) == (State.DUE, None, None)


STANDINGS = [
    (WatchFacts(2, 1, 0, D("2000-01-01")), {}, "missing", "patient.left_on has a date that starts no term"),
    (WatchFacts(), {}, "missing", "no date in the dossier starts a term"),
    (WatchFacts(1, 0, 1, None), {}, "implausible", "nobody may guess it"),
    (on(D("2000-01-01")), {"claim": WatchFacts(3)}, "needed", "3 rows of claim need it"),
    (on(D("2026-11-23")), {}, "kept", "no minimum lasts longer"),
    (on(D("2000-01-01")), {}, "due", "no minimum lasts longer"),
]


@pytest.mark.parametrize(("patient", "others", "standing", "because"), STANDINGS)
def test_each_standing_says_why(patient, others, standing, because):
    test = due(promises())
    told = explain(test, seen(test, patient=patient, **others), promises())
    assert told.standing == standing == stand(test, seen(test, patient=patient, **others)).standing
    assert because in told.because
    assert told.next_step
    if standing in ("missing", "implausible", "needed"):
        assert told.due_on is None, "no date may be promised"


def test_a_record_that_others_need_names_the_dataset_and_how_many():
    test = due(promises())
    told = explain(test, seen(test, patient=on(D("2000-01-01")), claim=WatchFacts(3)), promises())
    assert [(n.dataset, n.rows) for n in told.needed_by] == [("claim", 3)]


def test_a_part_whose_activity_has_no_term_in_force_keeps_everything_and_says_when_one_comes():
    activities = promises() | {"invoices": activity("invoices", 'minimum = "7 years"', since="2027-01-01")}
    test = due(activities)
    told = explain(test, seen(test, patient=on(D("2000-01-01")), invoice=on(D("2000-01-01"))), activities)
    assert (told.standing, told.due_on, told.winner.dataset) == (State.KEPT, None, "invoice")
    assert told.winner.next_term == D("2027-01-01")
    assert "no term in force" in told.because


def test_a_term_that_no_date_can_outlast_keeps_everything():
    activities = promises(invoices='minimum = "9000 years"')
    test = due(activities)
    told = explain(test, seen(test, patient=on(D("2000-01-01"))), activities)
    assert (told.standing, told.due_on, told.winner.dataset) == (State.KEPT, None, "invoice")


def test_the_instruction_of_the_controller_is_the_next_step():
    test = due(promises())
    facts = seen(test, patient=on(D("2000-01-01")))
    assert "nightly purge" in explain(test, facts, promises()).next_step
    told = explain(test, facts, promises(), instruction="destroy, list L0003")
    assert told.instruction == "destroy, list L0003"
    assert "destroy, list L0003" in told.next_step


ODD = [
    (None, True, OddKind.EMPTY),
    (None, False, OddKind.UNREADABLE),
    (D("9999-12-31"), False, OddKind.SENTINEL),
    (D("1900-01-01"), False, OddKind.TOO_EARLY),
    (D("2026-11-24"), False, OddKind.FUTURE),
    (D("2026-11-23"), False, None),
    (D("1900-01-02"), False, None),
]


@pytest.mark.parametrize(("day", "empty", "kind"), ODD)
def test_an_odd_date_is_told_by_its_kind_and_never_by_its_value(day, empty, kind):
    watch = due(promises()).watches[0]
    found = odd_dates([(day, empty)], watch, AS_OF)
    assert [(o.kind, o.rows) for o in found] == ([(kind, 1)] if kind else [])


@given(st.dates(D("1950-01-01"), AS_OF), st.none() | st.dates(D("1950-01-01"), AS_OF))
def test_the_trace_and_the_decision_never_differ(left: date, sent: date | None) -> None:
    test = due(promises())
    facts = seen(test, patient=on(left), invoice=on(sent) if sent else WatchFacts())
    told = explain(test, facts, promises())
    assert told.standing.value == stand(test, facts).standing.value
    assert told.due_on is not None
    assert (told.due_on <= AS_OF) == (told.standing == Standing.DUE)
    assert told.kept_until == told.due_on - timedelta(days=1)
    assert sum(c.decides for c in told.considered) == 1


def test_the_certificate_the_letter_and_the_trace_word_a_term_by_one_function(monkeypatch):
    from domain import why
    from reports.letter import term_said, wording

    term = TermBlock.model_validate(activity("dossier", 'minimum = "7 years"\nmaximum = "10 years"').term[0])
    assert words(term) == "at least 7 years, at most 10 years, from the day of: de laatste dag"
    assert words(term, wording("nl")).startswith("minstens 7 jaar en hoogstens 10 jaar, gerekend vanaf: de laatste dag")
    monkeypatch.setattr(why, "words", lambda _term, how=ENGLISH: f"one voice, {how.minimum}")
    assert term_said(term, "nl") == "One voice, minstens {}"
