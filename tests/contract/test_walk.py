"""The walk over references: each kind of source finds the same rows, and no chain of shared rows ends at a stranger."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.keys import Keys
from domain.live import Kind, LiveSchema
from domain.person import Belonging
from tasks.walk import walk_from
from tests.contract import conftest as office

_INT = Kind.INTEGER
SCHEMA = LiveSchema({
    "address": office._table("id", id=_INT, since=Kind.DATE),
    "person": office._table("id", id=_INT, lives_at=_INT, mail=Kind.TEXT, left_on=Kind.DATE),
    "visit": office._table("person nr", person=_INT, nr=_INT, along=_INT, handler=_INT),
    "note": office._table("id", id=_INT, person=_INT, nr=_INT),
    "card": office._table("id", id=_INT, holder=_INT, since=Kind.DATE),
    "parcel": office._table("id", id=_INT, at=_INT, since=Kind.DATE),
})  # fmt: skip
_SHOWN = {"class": "export", "label": "Nr"}
DATASETS = {
    "address": {"key": ["id"], "activity": "dossier", "triggers": ["since"]},
    "person": {
        "key": ["id"], "activity": "dossier", "triggers": ["left_on"], "identifies": {"email": "mail"},
        "references": [{"dataset": "address", "by": {"lives_at": "id"}, "brings": "shared"}],
    },
    "visit": {
        "key": ["person", "nr"], "part_of": {"dataset": "person", "by": {"person": "id"}},
        "columns": {"person": {"class": "technical"}, "nr": _SHOWN, "along": {"class": "technical"},
                    "handler": {"class": "technical"}},
        "references": [
            {"dataset": "person", "by": {"along": "id"}, "when_gone": "shared"},
            {"dataset": "person", "by": {"handler": "id"}, "person": "mentions", "shows": ["nr"]},
        ],
    },
    "note": {"key": ["id"], "part_of": {"dataset": "visit", "by": {"person": "person", "nr": "nr"}}},
    "parcel": {
        "key": ["id"], "activity": "dossier", "triggers": ["since"],
        "references": [{"dataset": "address", "by": {"at": "id"}, "person": "own", "when_gone": "clear"}],
    },
    "card": {
        "key": ["id"], "activity": "dossier", "triggers": ["since"],
        "references": [{"dataset": "person", "by": {"holder": "id"}, "person": "own"}],
    },
}  # fmt: skip
SYSTEM = office.system(DATASETS, SCHEMA)
OWN, SHARED, MENTIONED = Belonging


def found(connector, *keys):
    """What is whose: dataset and belonging → the keys, as plain sets."""
    walked = walk_from(connector, {"person": Keys((k,) for k in keys)})
    return {place: set(rows) for place, rows in walked.rows.items() if len(rows)}


def test_own_shared_and_mentioned_rows_are_told_apart(world):
    world.build(SYSTEM, SCHEMA)
    world.load("address", {"id": 1}, {"id": 2})
    people = [(1, 1), (2, 1), (3, 2), (4, None)]
    world.load("person", *({"id": p, "lives_at": a, "mail": None, "left_on": date(2020, 1, 1)} for p, a in people))
    visits = [(1, 1, None, 4), (1, 2, 2, None), (3, 1, 1, 4), (4, 1, None, None)]
    world.load("visit", *({"person": p, "nr": n, "along": a, "handler": h} for p, n, a, h in visits))
    world.load(
        "note", {"id": 1, "person": 1, "nr": 1}, {"id": 2, "person": 3, "nr": 1}, {"id": 3, "person": 4, "nr": 1}
    )
    world.load("card", {"id": 7, "holder": 1}, {"id": 8, "holder": 2}, {"id": 9, "holder": None})
    world.load("parcel", {"id": 1, "at": 1}, {"id": 2, "at": 2})  # at an address of two it may be the other's
    connector = world.open()
    assert found(connector, 1) == {
        ("person", OWN): {(1,)}, ("visit", OWN): {(1, 1)}, ("note", OWN): {(1,)}, ("card", OWN): {(7,)},
        ("visit", SHARED): {(1, 2), (3, 1)}, ("note", SHARED): {(2,)}, ("address", SHARED): {(1,)},
    }  # fmt: skip
    assert found(connector, 3) == {
        ("person", OWN): {(3,)}, ("address", OWN): {(2,)}, ("parcel", OWN): {(2,)},
        ("visit", SHARED): {(3, 1)}, ("note", OWN): {(2,)},
    }  # fmt: skip
    assert found(connector, 4) == {
        ("person", OWN): {(4,)}, ("visit", OWN): {(4, 1)}, ("note", OWN): {(3,)},
        ("visit", MENTIONED): {(1, 1), (3, 1)},
    }  # fmt: skip
    walked = walk_from(connector, {"person": Keys([(4,)])})
    assert walked.shown["visit", MENTIONED] == {"nr"}


_ids = st.integers(1, 4)
_database = st.fixed_dictionaries({
    "address": st.just([{"id": n} for n in range(1, 5)]),
    "person": st.lists(st.none() | _ids, min_size=4, max_size=4).map(
        lambda at: [{"id": n, "lives_at": a, "mail": None, "left_on": None} for n, a in enumerate(at, 1)]
    ),
    "visit": st.lists(
        st.fixed_dictionaries({"person": _ids, "nr": _ids, "along": st.none() | _ids, "handler": st.none() | _ids}),
        max_size=6, unique_by=lambda v: (v["person"], v["nr"]),
    ),
    "note": st.lists(
        st.fixed_dictionaries({"id": _ids, "person": _ids, "nr": st.none() | _ids}), max_size=4,
        unique_by=lambda n: n["id"],
    ),
    "card": st.lists(
        st.fixed_dictionaries({"id": _ids, "holder": st.none() | _ids}), max_size=4, unique_by=lambda c: c["id"]
    ),
})  # fmt: skip


def test_every_source_finds_what_plain_python_finds_and_never_a_stranger(every_world):
    connectors = []
    for world in every_world:
        world.build(SYSTEM, SCHEMA)
        connectors.append(world.open())

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_database, _ids)
    def agree(data, who):
        for world in every_world:
            world.empty()
            for table, rows in data.items():
                world.load(table, *rows)
        first, *others = [found(connector, who) for connector in connectors]
        assert all(other == first for other in others)
        assert first["person", OWN] == {(who,)}, "no reference leads to another person's record"
        for visit in data["visit"]:
            key, mine = (visit["person"], visit["nr"]), visit["person"] == who
            both = visit["along"] is not None and who in (visit["person"], visit["along"])
            wanted = {
                OWN: mine and visit["along"] in (None, who),
                SHARED: both and {visit["person"], visit["along"]} != {who},
                MENTIONED: visit["handler"] == who and not mine and visit["along"] != who,
            }
            assert {b: key in first.get(("visit", b), ()) for b in Belonging} == wanted

    agree()


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ({"dataset": "person", "by": {"handler": "id"}, "person": "mentions"}, "shows"),
        ({"dataset": "person", "by": {"handler": "id"}, "person": "mentions", "shows": ["along"]}, "does not export"),
        ({"dataset": "person", "by": {"handler": "id"}, "brings": "shared"}, "says itself whose it is"),
        ({"dataset": "person", "by": {"handler": "id"}, "shows": ["nr"]}, "neither"),
        ({"dataset": "visit", "by": {"handler": "nr"}, "person": "own"}, "somebody else's"),
    ],
)
def test_a_register_that_could_tell_of_others_does_not_load(reference, why):
    visit = {**DATASETS["visit"], "references": [reference]}
    with pytest.raises(ValueError, match=why):
        office.system({**DATASETS, "visit": visit}, SCHEMA)


def test_what_a_reference_says_of_persons_asks_for_no_new_countersign():
    said = DATASETS["person"]["references"]
    unsaid = [{k: v for k, v in r.items() if k != "brings"} for r in said]
    activities = {"dossier": office.activity("dossier", maximum="20 years")}
    digests = {
        office.rule_test(
            office.system({**DATASETS, "person": {**DATASETS["person"], "references": references}}, SCHEMA),
            activities, root="person",
        ).rule.digest
        for references in (said, unsaid)
    }  # fmt: skip
    assert len(digests) == 1
