"""Whatever a register says of references, and whatever rows there are, every source plans and does what the twin does.

Hypothesis draws the register (which references there are, what becomes of them, whether the database declares them),
the rows, the batch size and what is held; a whole night is then played on the twin, SQLite, PostgreSQL and MariaDB.
"""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.live import Kind, LiveReference, LiveSchema, LiveTable
from tests.contract import conftest as office
from tests.contract.test_ties import Case

_OLD, _NEW = date(2000, 5, 1), date(2024, 5, 1)
_IDS = [1, 2, 3, 4, 5]
_WHEN = ["keeps", "clear", None]
_fresh = itertools.count()

#: What becomes of each reference; None: the register and the database have no such reference.
_graphs = st.fixed_dictionaries({
    "root.boss → root": st.sampled_from(_WHEN),
    "part.other → root": st.sampled_from([*_WHEN, "shared"]),
    "part.twin → part": st.sampled_from(_WHEN),
    "root.chief → part": st.sampled_from(_WHEN),
    "home": st.sampled_from(["stays", "blocks", None]),
    "declared": st.booleans(),
})  # fmt: skip
_one = st.sampled_from(_IDS)
_some = st.none() | _one
_ended = st.sampled_from([_OLD, _OLD, _OLD, _NEW])
_rows = st.fixed_dictionaries({
    "home": st.sets(_one, min_size=1),
    "root": st.dictionaries(_one, st.tuples(_ended, _some, _some, _some), min_size=2),
    "part": st.dictionaries(_one, st.tuples(_one, _some, _some), max_size=6),
})  # fmt: skip


def _declared(graph):
    """The register's datasets and the schema for one drawn graph, under table names of its own."""
    n = next(_fresh)
    root, part, home = f"root{n}", f"part{n}", f"home{n}"
    refers = {
        root: [("boss", root, graph["root.boss → root"]), ("chief", part, graph["root.chief → part"])],
        part: [("other", root, graph["part.other → root"]), ("twin", part, graph["part.twin → part"])],
    }
    if graph["home"] is not None:
        refers[root].append(("home", home, "keeps"))
    columns = {
        root: {"id": Kind.INTEGER, "ended": Kind.DATE, **dict.fromkeys(("boss", "chief", "home"), Kind.INTEGER)},
        part: {"id": Kind.INTEGER, "owner": Kind.INTEGER, "other": Kind.INTEGER, "twin": Kind.INTEGER},
        home: {"id": Kind.INTEGER},
    }
    links = {t: [LiveReference((c,), to, ("id",)) for c, to, when in found if when] for t, found in refers.items()}
    links[part].append(LiveReference(("owner",), root, ("id",)))
    schema = LiveSchema({
        t: LiveTable({c: office.LiveColumn(k) for c, k in found.items()}, ("id",),
                     tuple(links.get(t, ())) if graph["declared"] else ())
        for t, found in columns.items()
    })  # fmt: skip

    def references(table):
        return [{"dataset": to, "by": {c: "id"}, "when_gone": when} for c, to, when in refers[table] if when]

    datasets = {
        root: {"key": ["id"], "activity": "dossier", "triggers": ["ended"], "references": references(root)},
        part: {"key": ["id"], "part_of": {"dataset": root, "by": {"owner": "id"}}, "references": references(part)},
    }
    if graph["home"] is not None:
        link = {"dataset": root, "by": {"id": "home"}, "when_shared": graph["home"]}
        datasets[home] = {"key": ["id"], "part_of": link}
    else:
        del columns[home]
        schema = LiveSchema({t: live for t, live in schema.tables.items() if t != home})
    return datasets, schema, (root, part, home)


def _load(world, names, schema, rows):
    """Rows whose references lead somewhere or nowhere; set after all are there, so that circles can be."""
    root, part, home = names
    has_home = home in schema.tables
    for number in rows["home"] if has_home else ():
        world.load(home, {"id": number})
    for number, (ended, *_) in rows["root"].items():
        world.load(root, {"id": number, "ended": ended})
    parts = {n: values for n, values in rows["part"].items() if values[0] in rows["root"]}
    for number, (owner, *_) in parts.items():
        world.load(part, {"id": number, "owner": owner})
    for number, (_, boss, chief, at) in rows["root"].items():
        led = {"boss": boss if boss in rows["root"] else None, "chief": chief if chief in parts else None}
        world.change(root, {"id": number}, **led, home=at if has_home and at in rows["home"] else None)
    for number, (_, other, twin) in parts.items():
        led = {"other": other if other in rows["root"] else None, "twin": twin if twin in parts else None}
        world.change(part, {"id": number}, **led)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=_graphs, rows=_rows, size=st.sampled_from([1, 2, 500]), held=st.sets(_one, max_size=2))
def test_every_source_plays_the_same_night(every_world, graph, rows, size, held):
    datasets, schema, names = _declared(graph)
    nights = []
    for world in every_world:
        case = Case(world, datasets, schema, root=names[0])
        _load(world, names, schema, rows)
        gone, stayed, waiting = case.night(size=size, stays={(n,) for n in held})
        left = {t: sorted(tuple(r.items()) for r in world.rows(t)) for t in schema.tables}
        nights.append((gone, stayed, waiting, left))
    law, *others = nights
    for other in others:
        assert other == law
    gone, _, _, left = law
    assert not {k for (k,) in gone.get(names[0], ())} & held
    for table, live in schema.tables.items():
        for reference in live.references:
            there = {dict(row)["id"] for row in left[reference.table]}
            pointing = {dict(row)[reference.columns[0]] for row in left[table]} - {None}
            assert pointing <= there, "a row was left pointing at nothing"
