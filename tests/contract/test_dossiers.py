"""What every source must say of the rows that hang in a dossier, and how it finds a person in them."""

from __future__ import annotations

from datetime import date

import pytest

from domain.identity import Identifier, normalise
from domain.keys import Keys, key_text
from domain.trouble import NotFound


def _filled(clinic):
    for number in (1, 2):
        clinic.patient(number)
        clinic.contact(10 * number, number)
        clinic.contact(10 * number + 1, number)
        clinic.result(10 * number, 1)
        clinic.result(10 * number, 2)
    return clinic.open()


def test_a_dossier_is_all_that_hangs_under_its_root(clinic):
    found = _filled(clinic).dossiers(clinic.test.rule.parts, [(2,)])
    assert {d: sorted(keys) for d, keys in found.items()} == {
        "patient": [(2,)], "contact": [(20,), (21,)], "result": [(20, 1), (20, 2)],
    }  # fmt: skip


def test_no_roots_have_no_dossiers(clinic):
    found = _filled(clinic).dossiers(clinic.test.rule.parts, [])
    assert all(len(keys) == 0 for keys in found.values())


def test_a_thousand_dossiers_are_asked_for_at_once(clinic):
    clinic.world.load("contact")
    for number in range(1, 6):
        clinic.patient(number)
        clinic.contact(number, number)
    keys = [(n,) for n in range(1, 2_001)]
    found = clinic.open().dossiers(clinic.test.rule.parts, keys)
    assert (len(found["patient"]), len(found["contact"])) == (5, 5)


def test_a_row_knows_its_root(clinic):
    connector = _filled(clinic)
    assert connector.roots_of(clinic.parts["result"], "patient", Keys([(20, 2), (404, 1)])) == Keys([(2,)])
    assert connector.roots_of(clinic.parts["patient"], "patient", Keys([(1,), (404,)])) == Keys([(1,)])


def test_an_orphan_has_no_root(loose_clinic):
    loose_clinic.contact(91, 404)
    assert len(loose_clinic.open().roots_of(loose_clinic.parts["contact"], "patient", Keys([(91,)]))) == 0


def test_rows_come_whole_and_in_order_of_their_key(clinic):
    rows = list(_filled(clinic).rows(clinic.parts["result"], [(1,), (2,)]))
    assert [(r["contact_id"], r["nr"]) for r in rows] == [(10, 1), (10, 2), (20, 1), (20, 2)]
    assert set(rows[0]) == {"contact_id", "nr", "made_at"}
    assert [r["id"] for r in _filled_rows(clinic, "patient")] == [2]


def _filled_rows(clinic, dataset):
    return list(clinic.open().rows(clinic.parts[dataset], [(2,)]))


def test_what_is_still_there_is_what_the_source_holds_now(clinic):
    connector = _filled(clinic)
    clinic.world.change("patient", {"id": 2}, kind="supplier")
    assert connector.still_there("patient", Keys([(1,), (2,), (404,)])) == Keys([(1,), (2,)])
    assert connector.still_there("result", Keys([(10, 2), (10, 3)])) == Keys([(10, 2)])
    assert len(connector.still_there("patient", Keys())) == 0


def test_a_written_key_is_read_back_as_the_source_has_it(clinic):
    connector = _filled(clinic)
    assert connector.read_key("patient", "2") == (2,)
    assert connector.read_key("result", "20|1") == (20, 1)


@pytest.mark.parametrize("text", ["x", "", "1|2|3", "1\\", "99999999999999999999"])
def test_what_is_no_key_is_answered_with_what_a_key_looks_like(clinic, text):
    with pytest.raises(NotFound, match=r"contact_id \| nr") as found:
        _filled(clinic).read_key("result", text)
    assert text not in str(found.value) or len(text) < 2


@pytest.mark.parametrize("key", ["plain", "with|bar", "back\\slash", "line\nbreak", "tab\tstop", "\\n", "é"])
def test_text_keys_survive_being_written_and_read(world, declare, promise, test_of, tagged_table, key):
    system = declare({"tag": {"key": ["code"], "activity": "tag", "triggers": ["at"]}}, tagged_table)
    world.build(system, tagged_table)
    world.load("tag", {"code": key, "at": date(2000, 1, 1)}, {"code": "other", "at": date(2000, 1, 1)})
    connector = world.open()
    assert connector.read_key("tag", key_text((key,))) == (key,)
    assert connector.still_there("tag", Keys([(key,)])) == Keys([(key,)])
    [page] = connector.find_due(test_of(system, {"tag": promise("tag", maximum="20 years")}, root="tag"))
    assert list(page) == sorted([(key,), ("other",)])


_PERSON = {
    "surname": "van den Börg-O'Brien", "born_on": date(1980, 1, 31), "email": " Jan.Jansen@Example.ORG",
    "phone": "(06) 12 34-5678", "bsn": "1234.56.782", "client": "AB 12", "iban": "NL91 ABNA 0417 1643 00",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("email", "jan.jansen@example.org"),
        ("phone", "+31612345678"),
        ("bsn", "123456782"),
        ("client_number", "ab 12"),
        ("iban", "NL91ABNA0417164300"),
        ("name_born", ("Van den Börg-O’Brien", date(1980, 1, 31))),
        ("name", "Borg"),
        ("name", "O’Brien"),
    ],
)
def test_a_person_is_found_however_the_source_writes_them(clinic, kind, raw):
    clinic.patient(1, **_PERSON)
    clinic.patient(2, surname="somebody", born_on=date(1991, 5, 5), email="other@example.org", phone="0201234567")
    clinic.patient(3)
    found = clinic.open().search("patient", [Identifier(kind, normalise(kind, raw))])
    assert [row["id"] for row in found] == [1]


def test_a_bsn_that_lost_its_leading_zeros_is_found(clinic):
    clinic.patient(1, bsn="12345672")
    assert [row["id"] for row in clinic.open().search("patient", [Identifier("bsn", "012345672")])] == [1]


def test_nobody_is_found_by_nothing(clinic):
    clinic.patient(1, **_PERSON)
    assert list(clinic.open().search("patient", [])) == []
    assert list(clinic.open().search("contact", [Identifier("bsn", "123456782")])) == []


def test_the_live_schema_shows_what_the_source_declares(clinic):
    tables = clinic.open().look().tables
    assert set(tables) == {"patient", "contact", "result", "referral"}
    assert tables["result"].key == ("contact_id", "nr")
    assert tables["contact"].columns["contact_on"].kind.value == "date"
    assert [(r.columns, r.table, r.on_delete) for r in tables["contact"].references] == [
        (("patient_id",), "patient", "NO ACTION")
    ]


def test_a_connector_may_be_closed_twice(clinic):
    connector = clinic.open()
    connector.close()
    connector.close()


def test_a_record_that_is_not_of_the_dataset_has_no_dossier(clinic):
    clinic.patient(3, kind="supplier")
    clinic.contact(30, 3)
    connector = clinic.open()
    assert all(len(keys) == 0 for keys in connector.dossiers(clinic.test.rule.parts, [(3,)]).values())
    assert list(connector.rows(clinic.parts["contact"], [(3,)])) == []
    assert len(connector.roots_of(clinic.parts["contact"], "patient", Keys([(30,)]))) == 0
