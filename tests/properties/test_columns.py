"""What holds of every value and every pair of terms: nothing remains, twice is once, and no minimum is shortened."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.activity import Activity
from domain.column_rules import Change
from domain.rules import compile_rules, due_test
from domain.standing import Standing, WatchFacts, stand
from domain.system import System
from domain.treatment import Fixed, Plain, Treatment, empties, pseudonym, remains, treat

ALIAS = partial(pseudonym, key=b"k" * 32)
AS_OF = date(2026, 11, 23)
_written = st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True)
_postcodes = st.from_regex(r"[0-9]{4,5} ?[A-Za-z]{0,2}", fullmatch=True)
values = st.one_of(
    st.none(), st.text(), st.integers(), st.binary(), st.dates(), st.datetimes(), _written, _postcodes,
    st.dates().map(str), st.datetimes().map(str), st.just("verwijderd"), st.text().map(ALIAS),
)  # fmt: skip
treatments: st.SearchStrategy[Treatment] = st.one_of(
    st.sampled_from(list(Plain)), st.sampled_from([Fixed(fixed="verwijderd"), Fixed(fixed=0)])
)


@given(treatments, values)
def test_after_its_treatment_nothing_of_a_value_remains(treatment: Treatment, value: Any) -> None:
    assert not remains(treatment, treat(treatment, value, ALIAS))


@given(treatments, values)
def test_treating_twice_is_treating_once(treatment: Treatment, value: Any) -> None:
    once = treat(treatment, value, ALIAS)
    assert treat(treatment, once, ALIAS) == once


@given(treatments, values)
def test_what_nothing_remains_of_is_left_as_it_is(treatment: Treatment, value: Any) -> None:
    if not remains(treatment, value):
        assert treat(treatment, value, ALIAS) == value


@given(st.sampled_from([t for t in [*Plain, Fixed(fixed="x")] if empties(t)]), values, values)
def test_what_empties_makes_all_values_alike(treatment: Treatment, one: Any, other: Any) -> None:
    assume(one is not None)
    assume(other is not None)
    assert treat(treatment, one, ALIAS) == treat(treatment, other, ALIAS)


@given(st.one_of(st.dates(), st.datetimes()))
def test_a_generalised_date_is_never_later_and_less_than_a_year_earlier(value: date) -> None:
    for treatment, most in ((Plain.YEAR, 366), (Plain.MONTH, 31)):
        made = treat(treatment, value)
        assert made <= value
        assert value - made < timedelta(days=most)
        assert isinstance(made, datetime) is isinstance(value, datetime)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), treatments)))
def test_a_change_is_read_back_as_it_was_told(columns: list[tuple[str, Treatment]]) -> None:
    change = Change(tuple(columns))
    assert Change.read(change.told()) == change


def _activity(name: str, years: int, kind: str) -> Activity:
    term = {
        "since": date(2000, 1, 1), kind: f"{years} years", "counts_from": "leaving", "article": "an article",
        "source": "a source", "certainty": "certain", "last_checked": AS_OF, "at_expiry": "destroy",
    }  # fmt: skip
    return Activity.model_validate({
        "id": name, "title": f"Activity {name}", "purpose": "a purpose", "role": "controller",
        "legal_ground": ["AVG 6.1.c"], "subjects": ["staff"], "source": "the person", "security": ["locked"],
        "term": [term], "data": [{"item": "name", "category": "user.name"}],
    })  # fmt: skip


def _system(follows: dict[str, str]) -> System:
    columns = {c: {"class": "technical"} for c in ("id", "left_on", "x", "y", "z")}
    told = {c: {**given, **({"activity": follows[c]} if c in follows else {})} for c, given in columns.items()}
    staff = {
        "activity": "row", "key": ["id"], "triggers": ["left_on"], "columns": told,
        "ceiling": {"records": 5, "share": 0.5},
    }  # fmt: skip
    given = {"id": "hr", "title": "HR", "connector": "sql", "url": "env:HR", "dataset": {"staff": staff}}
    return System.model_validate(given)


_years = st.integers(1, 30)


@given(
    st.fixed_dictionaries({n: st.tuples(_years, st.sampled_from(["minimum", "maximum"])) for n in ("row", "p", "q")}),
    st.dictionaries(st.sampled_from(["x", "y", "z"]), st.sampled_from(["row", "p", "q"])),
    st.dates(date(1980, 1, 1), AS_OF),
)
def test_no_column_goes_before_its_own_term_and_no_row_before_the_longest_of_its_columns(
    terms: dict[str, tuple[int, str]], follows: dict[str, str], left: date
) -> None:
    known = {n: _activity(n, years, kind) for n, (years, kind) in terms.items()}
    over = {n: known[n].term[0].kept_until(left) < AS_OF for n in known}
    due = set()
    for rule in compile_rules(_system(follows), known, AS_OF):
        test = due_test(rule, known, AS_OF)
        if stand(test, [WatchFacts(rows=1, latest=left)] * len(test.watches)).standing is Standing.DUE:
            due.add(rule.filed_as)
    assert ("staff" in due) == (over["row"] and all(over[name] for name in follows.values()))
    for name in ("p", "q"):
        assert (f"staff#{name}" in due) == (over[name] and name in follows.values())
