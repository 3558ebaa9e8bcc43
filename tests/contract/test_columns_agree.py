"""Whatever values the columns hold, SQLite, PostgreSQL and MariaDB see and make of them what plain Python does."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.port import Announced
from domain.keys import Keys
from domain.rules import compile_rules, due_test
from tests.contract.test_columns import _COLUMNS, _LEFT, _SCHEMA, _TREATMENTS, ALIAS, AS_OF

_texts = st.sampled_from([
    None, "", " ", "Jan", "verwijderd", "Verwijderd", "verwijderd ", ALIAS("Jan"), ALIAS("Jan").upper(), "pseudo-",
    "pseudo-" + "é" * 16, "1234", "1234 AB", "1234AB", " 1234 ab ", "0123 AB", "12345", "123", "1234\n", "abcd",
    "2019-03-01", "2019-03-02", "2019-01-01", "2019-13-01", "2019-03-01 00:00:00", "2019-03-01T00:00:00",
    "2019-03-01 00:00", "2019-03-01T00:00:00Z", "0000-01-01", "2019-02-30", "2019-03-04 05:06:07", "é2019-03-01",
    "2019-03-01é", "x" * 300,
])  # fmt: skip
_days = st.sampled_from([
    None, date(1980, 1, 1), date(1980, 1, 2), date(1980, 2, 1), date(1, 1, 1), date(9999, 12, 31), date(2000, 2, 29),
])  # fmt: skip
_moments = st.sampled_from([
    None, datetime.fromisoformat("1980-02-01"), datetime.fromisoformat("1980-01-01 00:00:01"),
    datetime.fromisoformat("1980-02-01 23:59:59.999999"), datetime.fromisoformat("1980-01-01 00:00:00.000001"),
])  # fmt: skip
_row = st.fixed_dictionaries(dict.fromkeys(("name", "note", "wrote_on", "postcode"), _texts) | {
    "born_on": _days, "seen_at": _moments,
})  # fmt: skip


@pytest.fixture
def built(every_world, declare, promise):
    """Every world with the table made once, and its rule."""
    columns = {c: {"class": "technical"} for c in _COLUMNS}
    for name, treatment in _TREATMENTS.items():
        columns[name] |= {"activity": "figures", "at_expiry": treatment}
    system = declare(
        {"staff": {"key": ["id"], "activity": "payroll", "triggers": ["left_on"], "columns": columns}}, _SCHEMA
    )
    activities = {
        "payroll": promise("payroll", maximum="7 years"),
        "figures": promise("figures", maximum="2 years", at_expiry="anonymise"),
    }
    for world in every_world:
        world.build(system, _SCHEMA)
    [_, rule] = compile_rules(system, activities, AS_OF)
    return due_test(rule, activities, AS_OF), [(world, world.open()) for world in every_world]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_row, min_size=3, max_size=12))
def test_every_source_agrees_with_plain_python(built, rows):
    test, worlds = built
    said = []
    for world, connector in worlds:
        world.empty()
        world.load("staff", *({"id": n, "left_on": _LEFT, "kind": "staff", **row} for n, row in enumerate(rows)))
        due = [k for page in connector.find_due(test) for k in page]
        receipt = Announced("b", test.rule.digest, {"staff#figures": Keys(due)})
        done = connector.change(test, due, allowed=lambda k: k, announced=receipt, alias=ALIAS)
        assert [k for page in connector.find_due(test) for k in page] == []
        found = sorted((r["id"], *(_plain(r[c]) for c in _TREATMENTS)) for r in world.rows("staff"))
        said.append((due, sorted(done.rows.get("staff#figures", ())), found, connector.tally(test).total))
    law, *others = said
    for other in others:
        assert other == law


def _plain(value):
    return "" if value is None else repr(value)
