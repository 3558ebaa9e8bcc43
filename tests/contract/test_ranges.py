"""What a source that keeps ranges (PostgreSQL), and its twin, must say of a term that starts at the end of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.range import Range

from connectors.in_memory import InMemoryConnector
from domain.drift import compare
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.standing import Standing, stand
from tests.contract.worlds import MemoryWorld, PostgresWorld, World

_AT = datetime.fromisoformat


@pytest.fixture(params=["memory", "postgres"])
def ranging(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The kinds of source that have ranges."""
    made = MemoryWorld() if request.param == "memory" else PostgresWorld(request.getfixturevalue("postgres_url"))
    yield made
    made.close()


#: On 23 November 2026, after 20 years: a range, and how its record stands.
_DAYS = [
    (Range(date(2001, 1, 1), date(2006, 11, 22)), Standing.DUE),
    (Range(date(2001, 1, 1), date(2006, 11, 23)), Standing.KEPT),  # its last day was the 22nd: the later day counts
    (Range(None, date(2006, 11, 22)), Standing.DUE),
    (Range(date(2001, 1, 1), None), Standing.MISSING),
    (Range(None, None), Standing.MISSING),
    (Range(empty=True), Standing.MISSING),
    (None, Standing.MISSING),
    (Range(date(2001, 1, 1), date(9999, 12, 31)), Standing.IMPLAUSIBLE),
    (Range(date(2001, 1, 1), date(2030, 1, 1)), Standing.IMPLAUSIBLE),
    (Range(date(1700, 1, 1), date(1800, 1, 1)), Standing.IMPLAUSIBLE),
]
_MOMENTS = [
    (Range(_AT("2001-01-01 00:00"), _AT("2006-11-22 23:59:59")), Standing.DUE),
    (Range(_AT("2001-01-01 00:00"), _AT("2006-11-22 23:59:59"), "(]"), Standing.DUE),
    (Range(_AT("2001-01-01 00:00"), _AT("2006-11-23 00:00")), Standing.KEPT),
    (Range(_AT("2001-01-01 00:00"), None), Standing.MISSING),
    (Range(empty=True), Standing.MISSING),
    (None, Standing.MISSING),
    (Range(_AT("2001-01-01 00:00"), _AT("2026-11-24 00:00")), Standing.IMPLAUSIBLE),
]
_ZONED = [
    (Range(_AT("2001-01-01T00:00Z"), datetime(2006, 11, 22, 22, 59, 59, tzinfo=UTC)), Standing.DUE),
    (Range(_AT("2001-01-01T00:00Z"), datetime(2006, 11, 22, 23, 0, tzinfo=UTC)), Standing.KEPT),  # the 23rd here
    (Range(_AT("2001-01-01T00:00Z"), None), Standing.MISSING),
]


def _booking(kind: Kind) -> LiveSchema:
    return LiveSchema({"booking": LiveTable({"id": LiveColumn(Kind.INTEGER), "during": LiveColumn(kind)}, ("id",))})


@pytest.mark.parametrize(
    ("kind", "told"), [(Kind.DATE_RANGE, _DAYS), (Kind.MOMENT_RANGE, _MOMENTS), (Kind.ZONED_RANGE, _ZONED)]
)
def test_a_term_starts_at_the_end_of_a_range_and_an_open_range_has_no_end(
    ranging: World, declare: Any, promise: Any, test_of: Any, kind: Kind, told: list[tuple[Any, Standing]]
) -> None:
    schema = _booking(kind)
    system = declare({"booking": {"key": ["id"], "activity": "stay", "triggers": ["during"]}}, schema)
    ranging.build(system, schema)
    ranging.load("booking", *({"id": n, "during": during} for n, (during, _) in enumerate(told)))
    test = test_of(system, {"stay": promise("stay", maximum="20 years")}, root="booking")
    connector = ranging.open()
    assert compare(system, connector.look()) == ()
    stands = [stand(test, connector.facts(test, (n,)) or ()) for n in range(len(told))]
    assert [s.standing for s in stands] == [expected for _, expected in told]
    assert connector.tally(test).standings == Counter(expected for _, expected in told)
    due = [(n,) for n, (_, expected) in enumerate(told) if expected is Standing.DUE]
    assert [k for page in connector.find_due(test) for k in page] == due
    assert stands[0].start == date(2006, 11, 22)


def test_an_end_that_no_calendar_has_is_implausible_and_not_missing(
    postgres_url: str, declare: Any, promise: Any, test_of: Any
) -> None:
    schema = _booking(Kind.MOMENT_RANGE)
    system = declare({"booking": {"key": ["id"], "activity": "stay", "triggers": ["during"]}}, schema)
    world = PostgresWorld(postgres_url)
    world.build(system, schema)
    with psycopg.connect(postgres_url) as database:
        database.execute("INSERT INTO booking VALUES (1, '[2001-01-01,infinity)'), (2, '[-infinity,-infinity]')")
        database.execute("INSERT INTO booking VALUES (3, '[2001-01-01,20010-01-01)')")
    test = test_of(system, {"stay": promise("stay", maximum="20 years")}, root="booking")
    connector = world.open()
    assert connector.tally(test).standings == {Standing.IMPLAUSIBLE: 3}
    assert [stand(test, connector.facts(test, (n,)) or ()).standing for n in (1, 2, 3)] == [Standing.IMPLAUSIBLE] * 3
    world.close()


def test_an_open_range_deep_in_a_dossier_keeps_the_whole_of_it(
    ranging: World, declare: Any, promise: Any, test_of: Any, receipt: Any
) -> None:
    schema = LiveSchema({
        "guest": LiveTable({"id": LiveColumn(Kind.INTEGER)}, ("id",)),
        "booking": LiveTable(
            {"id": LiveColumn(Kind.INTEGER), "guest": LiveColumn(Kind.INTEGER), "during": LiveColumn(Kind.DATE_RANGE)},
            ("id",),
        ),
    })  # fmt: skip
    parts = {"dataset": "guest", "by": {"guest": "id"}}
    datasets = {
        "guest": {"key": ["id"], "activity": "stay"},
        "booking": {"key": ["id"], "triggers": ["during"], "part_of": parts},
    }
    system = declare(datasets, schema)
    ranging.build(system, schema)
    over = Range(date(2001, 1, 1), date(2002, 1, 1))
    for number, during in ((1, over), (2, Range(date(2001, 1, 1), None)), (3, over)):
        ranging.load("guest", {"id": number})
        ranging.load("booking", {"id": 10 * number, "guest": number, "during": over})
        ranging.load("booking", {"id": 10 * number + 1, "guest": number, "during": during})
    test = test_of(system, {"stay": promise("stay", maximum="20 years")}, root="guest")
    connector = ranging.open()
    assert [k for page in connector.find_due(test) for k in page] == [(1,), (3,)]
    announced = receipt(connector, test, [(1,), (3,)])
    ranging.change("booking", {"id": 31}, during=Range(date(2001, 1, 1), None))
    gone = connector.destroy(test, [(1,), (3,)], allowed=lambda k: k, announced=announced)
    assert list(gone.rows["guest"]) == [(1,)]
    assert sorted(r["id"] for r in ranging.rows("booking")) == [20, 21, 30, 31]


def test_the_twin_judges_the_kind_of_a_range_by_its_bounds(declare: Any) -> None:
    for value, kind in ((_DAYS[2][0], Kind.DATE_RANGE), (_MOMENTS[3][0], Kind.MOMENT_RANGE), (Range(1, 5), Kind.OTHER)):
        system = declare({"booking": {"key": ["id"], "activity": "stay", "triggers": ["during"]}}, _booking(kind))
        twin = InMemoryConnector(system, {"booking": [{"id": 1, "during": value}]})
        assert twin.look().tables["booking"].columns["during"].kind is kind


def test_the_day_on_which_many_ranges_end_is_looked_at_as_any_day(
    ranging: World, declare: Any, promise: Any, test_of: Any
) -> None:
    schema = _booking(Kind.ZONED_RANGE)
    system = declare({"booking": {"key": ["id"], "activity": "stay", "triggers": ["during"]}}, schema)
    ranging.build(system, schema)
    late = Range(_AT("2001-01-01T00:00Z"), _AT("2002-01-31T23:30Z"))  # 1 February in Amsterdam
    early = Range(_AT("2001-01-01T00:00Z"), _AT("2002-01-01T12:00Z"))
    ranging.load("booking", *({"id": n, "during": early if n == 9 else late} for n in range(10)))
    test = test_of(system, {"stay": promise("stay", maximum="20 years")}, root="booking")
    [crowd] = ranging.open().look_out(test, test.as_of).crowds
    assert (crowd.day, crowd.most, crowd.total) == (date(2002, 2, 1), 9, 10)
