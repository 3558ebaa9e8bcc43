"""What becomes of a value when its term is over, in tables that a DPO can read aloud."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.live import Kind, LiveColumn
from domain.treatment import Fixed, Plain, Treatment, as_fact, empties, from_fact, obstacle, pseudonym, remains, treat

ALIAS = partial(pseudonym, key=b"k" * 32)
JAN = ALIAS("Jan")
GONE = Fixed(fixed="verwijderd")

#: treatment, before, after, and why.
TREATED: list[tuple[Treatment, Any, Any, str]] = [
    (Plain.NULL, "Jan", None, "emptied"),
    (Plain.NULL, 0, None, "zero says something too"),
    (Plain.NULL, "", None, "so does a text of nothing: it was filled in"),
    (Plain.NULL, b"\x89PNG", None, "a photo"),
    (GONE, "Jan", "verwijderd", "where a column must hold something"),
    (GONE, "verwijderd", "verwijderd", "done already"),
    (Fixed(fixed=0), Decimal("12.50"), 0, "a number"),
    (Plain.PSEUDONYM, "Jan", JAN, "the same value, the same pseudonym"),
    (Plain.PSEUDONYM, JAN, JAN, "a pseudonym gets no pseudonym of its own"),
    (Plain.YEAR, date(1980, 5, 31), date(1980, 1, 1), "born in 1980"),
    (Plain.YEAR, date(1980, 1, 1), date(1980, 1, 1), "the first of January shows nothing more"),
    (Plain.YEAR, datetime.fromisoformat("1980-05-31 10:20"), datetime.fromisoformat("1980-01-01"), "a moment"),
    (Plain.YEAR, datetime.fromisoformat("1980-01-01 00:01"), datetime.fromisoformat("1980-01-01"), "one minute too"),
    (Plain.YEAR, "1980-05-31", "1980-01-01", "a date that is kept as text"),
    (Plain.YEAR, "1980-05-31T10:20:00Z", "1980-01-01T00:00:00", "a moment that is kept as text"),
    (Plain.YEAR, "31 mei 1980", None, "what cannot be read cannot be generalised: emptied"),
    (Plain.YEAR, "1980-02-31", None, "no such day"),
    (Plain.YEAR, 1980, None, "a number is no date"),
    (Plain.MONTH, date(2024, 2, 29), date(2024, 2, 1), "the month"),
    (Plain.MONTH, "2024-12-31 23:59", "2024-12-01 00:00:00", "the month, as text"),
    (Plain.POSTCODE4, "1234 AB", "1234", "the neighbourhood, not the street"),
    (Plain.POSTCODE4, "1234ab", "1234", "however it was typed"),
    (Plain.POSTCODE4, "1234", "1234", "done already"),
    (Plain.POSTCODE4, "SW1A 1AA", None, "no Dutch postcode: emptied"),
    (Plain.POSTCODE4, "10115", None, "five digits may name a street"),
    (Plain.POSTCODE4, 1234, None, "not text"),
    (Plain.STAYS, "Jan", "Jan", "said aloud that it stays"),
]  # fmt: skip
EVERY: list[Treatment] = [*Plain, GONE, Fixed(fixed=0)]


@pytest.mark.parametrize(("treatment", "before", "after", "why"), TREATED)
def test_a_value_becomes_what_its_treatment_says_and_nothing_remains(
    treatment: Treatment, before: Any, after: Any, why: str
) -> None:
    assert treat(treatment, before, ALIAS) == after, why
    assert not remains(treatment, after), why
    assert remains(treatment, before) == (before != after), why


@pytest.mark.parametrize("treatment", EVERY)
def test_an_empty_value_bears_nothing_and_stays_empty(treatment: Treatment) -> None:
    assert not remains(treatment, None)
    assert treat(treatment, None, ALIAS) is None


def test_a_pseudonym_differs_by_value_and_by_key_and_shows_neither() -> None:
    assert ALIAS("Jan") == ALIAS("Jan") != ALIAS("jan")
    assert pseudonym("Jan", b"l" * 32) != JAN
    assert JAN.startswith("pseudo-")
    assert len(JAN) == 23
    assert "Jan" not in JAN


def test_a_pseudonym_without_a_real_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym("Jan", b"short")
    with pytest.raises(ValueError, match="key"):
        treat(Plain.PSEUDONYM, "Jan")


@pytest.mark.parametrize("treatment", EVERY)
def test_a_treatment_is_read_back_from_what_the_ledger_tells_of_it(treatment: Treatment) -> None:
    assert from_fact(as_fact(treatment)) == treatment


@pytest.mark.parametrize("fact", [[], ["gone"], "null", None, ["fixed"], ["null", 1]])
def test_what_tells_no_treatment_is_not_guessed_at(fact: Any) -> None:
    with pytest.raises(ValueError, match=r"treatment|Fixed|Plain|valid"):
        from_fact(fact)


#: treatment, the live column, and whether it can take it.
LIVE: list[tuple[Treatment, LiveColumn, bool]] = [
    (Plain.NULL, LiveColumn(Kind.TEXT), True),
    (Plain.NULL, LiveColumn(Kind.TEXT, nullable=False), False),
    (GONE, LiveColumn(Kind.TEXT, nullable=False), True),
    (GONE, LiveColumn(Kind.TEXT, type_name="VARCHAR(5)"), False),
    (GONE, LiveColumn(Kind.DATE), False),
    (GONE, LiveColumn(Kind.OTHER, type_name="NULL"), True),
    (GONE, LiveColumn(Kind.OTHER, type_name="UUID"), False),
    (Fixed(fixed=0), LiveColumn(Kind.INTEGER, nullable=False), True),
    (Fixed(fixed=0), LiveColumn(Kind.TEXT), False),
    (Plain.PSEUDONYM, LiveColumn(Kind.TEXT, nullable=False, type_name="VARCHAR(23)"), True),
    (Plain.PSEUDONYM, LiveColumn(Kind.TEXT, type_name="VARCHAR(22)"), False),
    (Plain.PSEUDONYM, LiveColumn(Kind.INTEGER), False),
    (Plain.YEAR, LiveColumn(Kind.DATE, nullable=False), True),
    (Plain.YEAR, LiveColumn(Kind.MOMENT), True),
    (Plain.YEAR, LiveColumn(Kind.ZONED), False),
    (Plain.MONTH, LiveColumn(Kind.TEXT, nullable=False), False),
    (Plain.POSTCODE4, LiveColumn(Kind.TEXT), True),
    (Plain.POSTCODE4, LiveColumn(Kind.TEXT, nullable=False), False),
    (Plain.STAYS, LiveColumn(Kind.OTHER, nullable=False), True),
]  # fmt: skip


@pytest.mark.parametrize(("treatment", "column", "possible"), LIVE)
def test_a_column_that_cannot_take_its_treatment_is_named_before_the_purge(
    treatment: Treatment, column: LiveColumn, possible: bool
) -> None:
    assert (obstacle(treatment, column) is None) is possible


def test_only_what_empties_leaves_nothing_at_all() -> None:
    assert [t for t in EVERY if empties(t)] == [Plain.NULL, GONE, Fixed(fixed=0)]


@pytest.mark.parametrize("written", ["pseudo", {"fixed": "x@y.nl"}, {"fixed": True}, {"fix": "x"}, 1, {"fixed": 1.5}])
def test_the_register_knows_no_other_treatments(written: Any) -> None:
    adapter: TypeAdapter[Treatment] = TypeAdapter(Treatment)
    with pytest.raises(ValidationError):
        adapter.validate_python(written)
