"""A FHIR server is believed only so far: each element classified, every page read, one version of a resource."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connectors.fhir import FhirConnector
from connectors.fhir.element import value_at
from connectors.port import Announced
from domain.activity import Activity
from domain.drift import compare
from domain.identity import Identifier
from domain.keys import Keys
from domain.rules import Part, compile_rules, due_test
from domain.system import System
from domain.trouble import SourceUnreadable
from tasks.find import dossier_places
from tests.contract.fhir_server import FhirService
from tests.golden import contents as given

SEEN = "2001-05-01T10:00:00+00:00"
BSN = "http://fhir.nl/fhir/NamingSystem/bsn"
AS_OF = date(2026, 11, 25)
TECHNICAL: dict[str, Any] = {"class": "technical"}
SHOWN: dict[str, Any] = {"class": "export", "label": "Iets"}


@pytest.fixture
def system() -> System:
    return System.model_validate({
        "id": "ehr", "title": "EPD", "connector": "fhir", "url": "env:X", "page_size": 2,
        "dataset": {
            "Patient": {
                "activity": "medical-dossier", "key": ["id"], "ceiling": {"records": 9, "share": 1.0},
                "identifies": {"bsn": f"identifier|{BSN}", "name_born": ["name.family", "birthDate"]},
                "columns": {"id": TECHNICAL, "name": SHOWN, "birthDate": SHOWN, "identifier": SHOWN,
                            f"identifier|{BSN}": TECHNICAL, "name.family": TECHNICAL},
            },
            "Encounter": {
                "key": ["id"], "part_of": {"dataset": "Patient", "by": {"subject.reference": "id"}},
                "triggers": ["period.end"],
                "columns": {"id": TECHNICAL, "status": SHOWN, "subject": SHOWN, "period": SHOWN,
                            "subject.reference": TECHNICAL, "period.end": TECHNICAL},
            },
        },
    })  # fmt: skip


def patient(own: str) -> dict[str, Any]:
    numbers = [{"system": "urn:other", "value": "x"}, {"system": BSN, "value": f"00000000{own}"}]
    return {"resourceType": "Patient", "id": own, "name": [{"family": "Jansen"}], "birthDate": "1980-01-31",
            "identifier": numbers}  # fmt: skip


def contact(own: str, whose: str) -> dict[str, Any]:
    return {"resourceType": "Encounter", "id": own, "status": "finished", "period": {"end": SEEN},
            "subject": {"reference": f"Patient/{whose}/_history/3"}}  # fmt: skip


@pytest.fixture
def server() -> Iterator[FhirService]:
    resources = [*(patient(p) for p in "123"), *(contact(f"e{n}", "1") for n in range(5)), contact("e9", "2")]
    with FhirService(resources, "geheim") as service:
        yield service


@pytest.fixture
def connector(system: System, server: FhirService) -> Iterator[FhirConnector]:
    opened = FhirConnector(system, server.url, "geheim", vouch=lambda _: True)
    yield opened
    opened.close()


def rows(connector: FhirConnector, dataset: str, *patients: str) -> list[Any]:
    places = dossier_places(connector.system, connector.system.datasets["Patient"])
    place: Part = next(p for p in places if p.dataset == dataset)
    return [row["id"] for row in connector.rows(place, [(p,) for p in patients])]


def test_every_page_is_read_and_a_reference_is_followed_however_it_is_written(connector: FhirConnector) -> None:
    assert connector.total("Patient") == 3
    assert sorted(rows(connector, "Encounter", "1")) == ["e0", "e1", "e2", "e3", "e4"]
    assert rows(connector, "Encounter", "3") == []
    found = [row["id"] for row in connector.search("Patient", [Identifier("bsn", "000000002")])]
    assert found == ["2"]


def test_what_leads_elsewhere_hangs_under_nobody_of_ours(connector: FhirConnector, server: FhirService) -> None:
    """'Group/3' and another server's 'Patient/3' are not our patient 3; our own address is."""
    for own, reference in (
        ("g", "Group/3"), ("x", "https://elders.example/fhir/Patient/3"), ("u", f"{server.url}/Patient/3"),
    ):  # fmt: skip
        server.put({**contact(own, "3"), "subject": {"reference": reference}})
    read = connector._resources.stream(connector.system.datasets["Encounter"])
    assert {row["id"]: row["subject.reference"] for row in read if row["id"] in "gxu"} == {
        "g": "Group/3", "x": "https://elders.example/fhir/Patient/3", "u": "3",
    }  # fmt: skip
    assert set(rows(connector, "Encounter", "3")) <= {"u"}, "which spellings a filter finds is the server's"


def test_an_element_that_nobody_classified_stops_the_reading_and_so_does_a_type(
    connector: FhirConnector, server: FhirService
) -> None:
    assert not [d for d in compare(connector.system, connector.look()) if d.blocks]
    server.put({"resourceType": "Basic", "id": "b"})
    assert [d for d in compare(connector.system, connector.look()) if d.blocks]
    server.put({**patient("3"), "photo": [{"data": "xx"}]})
    with pytest.raises(SourceUnreadable, match="'photo' not in the register"):
        connector.total("Patient")


def test_a_resource_that_changed_after_it_was_judged_stays(connector: FhirConnector, server: FhirService) -> None:
    activities: dict[str, Activity] = given.activities()
    [rule] = compile_rules(connector.system, activities, AS_OF)
    test = due_test(rule, activities, AS_OF)
    assert [key for page in connector.find_due(test) for key in page] == [("1",), ("2",)]
    parts = dossier_places(connector.system, connector.system.datasets["Patient"])
    announced = Announced("b", rule.digest, connector.dossiers(parts, [("1",), ("2",)]))

    def meddle(keys: Any) -> Any:
        if keys == [("1",)]:
            server.put(contact("e4", "1"))
        return keys

    done = connector.destroy(test, [("1",), ("2",)], allowed=meddle, announced=announced)
    assert set(done.rows["Patient"]) == {("2",)}
    assert set(server.held["Patient"]) == {"1", "3"}
    assert server.held["Encounter"].keys() >= {"e4"}
    assert connector.still_there("Patient", Keys([("1",), ("2",)])) == Keys([("1",)])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "final"),
        ("subject.reference", "5"),
        ("period.end", None),
        ("name.family", "Een"),
        ("identifier|urn:b", "2"),
        ("identifier|urn:c", None),
        ("basedOn.reference", None),
    ],
)
def test_a_column_names_an_element_or_a_place_inside_one(column: str, value: object) -> None:
    resource = {
        "status": "final",
        "subject": {"reference": "https://elders/fhir/Patient/5/_history/2"},
        "name": [{"family": "Een"}, {"family": "Twee"}],
        "identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}],
        "basedOn": [{"reference": "#contained"}],
    }
    assert value_at(resource, column) == value
