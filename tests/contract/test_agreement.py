"""Whatever rows a source holds, SQLite and PostgreSQL say and do what the law in plain Python does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.port import Announced
from domain.keys import Keys
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable

_TABLES = {
    "root": ("id", {"id": Kind.INTEGER, "kind": Kind.TEXT, "ended": Kind.DATE, "seen": Kind.ZONED}),
    "child": (
        "owner nr",
        {"owner": Kind.INTEGER, "nr": Kind.INTEGER, "day": Kind.DATE, "noted": Kind.TEXT, "fav": Kind.INTEGER},
    ),
    "grandchild": (
        "id",
        {"id": Kind.INTEGER, "owner": Kind.INTEGER, "nr": Kind.INTEGER, "at": Kind.MOMENT, "live": Kind.BOOLEAN},
    ),
    "outside": ("id", {"id": Kind.INTEGER, "root_id": Kind.INTEGER, "day": Kind.DATE}),
}
_SCHEMA = LiveSchema({
    name: LiveTable({c: LiveColumn(k) for c, k in columns.items()}, tuple(key.split()))
    for name, (key, columns) in _TABLES.items()
})  # fmt: skip
_OVER, _AS_OF = date(2016, 11, 22), date(2026, 11, 23)  # ten years and a day apart
_DAYS = [
    None, _OVER, _OVER, _OVER + timedelta(days=1), date(2001, 2, 3), date(2012, 2, 29), date(2021, 11, 22),
    date(2021, 11, 23), _AS_OF, _AS_OF + timedelta(days=1), date(1900, 1, 1), date(1900, 1, 2), date(1899, 12, 31),
    date(1970, 1, 1), date(9999, 1, 1), date(9999, 12, 31),
]  # fmt: skip
_TEXTS = [
    "2016-11-22", "2016-11-22T22:59:59Z", "2016-11-22T23:00:00Z", "2016-11-23 04:30:00+06:00", "2016-02-30", "soon",
    "2010-01-01 12:00:00.5", "0000-00-00", "1970-01-01", "2026-11-24", "", "2012-02-29T00:00", "0001-01-01T00:00Z",
    "9999-12-31T23:59:59-14:00",
]  # fmt: skip
_TIMES = [timedelta(), timedelta(hours=22, minutes=59, seconds=59), timedelta(hours=23), timedelta(hours=23.99)]
_TRIGGERS = ("ended", "seen", "day", "noted", "at")
_numbers = st.sampled_from([3, 1, 4, 2])
#: Old enough three times out of four, or hardly any dossier would be due.
_days = st.sampled_from([*_DAYS, *[date(2001, 2, 3), _OVER] * 3 * len(_DAYS)])
_texts = st.sampled_from([None, *_TEXTS, *["2016-11-22", "2001-02-03T22:59:59Z"] * len(_TEXTS)])


@st.composite
def _moments(draw, zoned=False):
    day = draw(_days)
    if day is None:
        return None
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC if zoned else None)
    return moment + draw(st.sampled_from(_TIMES))


def _rows(key, least, **columns):
    row = st.fixed_dictionaries(columns)
    return st.lists(row, min_size=least, max_size=least + 3, unique_by=lambda r: tuple(r[c] for c in key.split()))


_database = st.fixed_dictionaries({
    "root": _rows(
        "id", 3, id=_numbers, kind=st.sampled_from([*"aaaab", None]), ended=_days, seen=_moments(zoned=True)
    ),
    "child": _rows(
        "owner nr", 3, owner=_numbers, nr=_numbers, day=_days, noted=_texts,
        fav=st.none() | _numbers,
    ),
    "grandchild": _rows(
        "id", 2, id=_numbers, owner=st.none() | _numbers, nr=_numbers, at=_moments(),
        live=st.sampled_from([True, True, True, False, None]),
    ),
    "outside": _rows("id", 0, id=_numbers, root_id=st.none() | _numbers, day=_days),
})  # fmt: skip
_absent = st.sampled_from(["blocks", "ignored", "ignored", "ignored"])


def _system(declare, absent):
    def trigger(column):
        return {"column": column, "absent": absent[column]}

    return declare(
        {
            "root": {
                "key": ["id"], "activity": "ten", "triggers": [trigger("ended"), trigger("seen")],
                "only": {"kind": "a"}, "not_dates": [date(9999, 1, 1), date(9999, 12, 31), date(1970, 1, 1)],
            },
            "child": {
                "key": ["owner", "nr"], "triggers": [trigger("day"), trigger("noted")],
                "part_of": {"dataset": "root", "by": {"owner": "id"}},
                "references": [{"dataset": "root", "by": {"fav": "id"}, "when_gone": "clear"}],
            },
            "grandchild": {
                "key": ["id"], "activity": "five", "triggers": [trigger("at")], "only": {"live": True},
                "part_of": {"dataset": "child", "by": {"owner": "owner", "nr": "nr"}},
            },
            "outside": {
                "key": ["id"], "activity": "five", "triggers": ["day"],
                "references": [{"dataset": "root", "by": {"root_id": "id"}}],
            },
        },
        _SCHEMA,
    )  # fmt: skip


def _stored(world):
    return {t: sorted((tuple(r.items()) for r in world.rows(t)), key=repr) for t in _TABLES}


def _told(done):
    return (
        {d: sorted(k) for d, k in done.rows.items()},
        {w: sorted(k) for w, k in done.stayed.items()},
        dict(done.cleared),
    )


@pytest.fixture
def built(every_world, declare):
    """Every world with the tables made once; the rows change with each example."""
    for world in every_world:
        world.build(_system(declare, dict.fromkeys(_TRIGGERS, "blocks")), _SCHEMA)
    return [(world, world.open()) for world in every_world]


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=_database, absent=st.fixed_dictionaries(dict.fromkeys(_TRIGGERS, _absent)),
       forget=st.booleans(), held=st.booleans())  # fmt: skip
def test_every_source_agrees_with_the_law_in_plain_python(built, declare, promise, test_of, data, absent, forget, held):
    activities = {"ten": promise("ten", maximum="10 years"), "five": promise("five", maximum="5 years")}
    test = test_of(_system(declare, absent), activities, root="root", as_of=_AS_OF)
    said = []
    for world, connector in built:
        world.empty()
        for table, rows in data.items():
            world.load(table, *rows)
        due = [k for page in connector.find_due(test) for k in page]
        tally = connector.tally(test)
        seen = connector.facts(test, (data["root"][0]["id"],))
        dossiers = connector.dossiers(test.rule.parts, due)
        parents = {p.dataset: connector.roots_of(p, "root", dossiers[p.dataset]) for p in test.rule.parts}
        announced = {d: Keys(list(k)[1:] if forget and d != "root" else k) for d, k in dossiers.items()}
        done = connector.destroy(
            test, due, allowed=lambda keys: keys[1:] if held else keys,
            announced=Announced("b", test.rule.digest, announced),
        )  # fmt: skip
        said.append((due, seen, dossiers, parents, tally, _told(done), _stored(world)))
    law, *others = said
    for other in others:
        assert other == law
