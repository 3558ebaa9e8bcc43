"""A patient's dossier in Careweb as a FHIR Bundle: whole, valid, closed in itself, and nobody else's."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B import get_fhir_model_class

from connectors.open import open_connector
from domain.fhir import FhirMapping
from domain.fhir_resource import plain_number, resource_of
from domain.package import Part, Record
from domain.trouble import RegisterInvalid
from register.loader import PACKAGED, load_register
from reports.fhir_bundle import medical_parts, write_bundle_json
from reports.package import package_files
from sample.company import SampleCompany, found_company
from tasks.find import Sought, ask_system
from tasks.gather import gather
from tasks.person import identifiers_from
from tasks.spool import Spool
from tests.golden import contents as given
from tests.stories.fhir_rules import by_type, checked

AS_OF = date(2026, 11, 24)
ZONE = ZoneInfo("Europe/Amsterdam")
#: Plain SQL of our own: what hangs under one patient.
COUNTS = {
    "Patient": "SELECT count(*) FROM patient WHERE id = :p",
    "Encounter": "SELECT count(*) FROM contact WHERE patient_id = :p",
    "ServiceRequest": "SELECT count(*) FROM request r JOIN contact c ON c.id = r.contact_id WHERE patient_id = :p",
    "Observation": "SELECT count(*) FROM result x JOIN request r ON r.id = x.request_id"
    " JOIN contact c ON c.id = r.contact_id WHERE patient_id = :p",
    "Communication": "SELECT count(*) FROM advice a JOIN request r ON r.id = a.request_id"
    " JOIN contact c ON c.id = r.contact_id WHERE patient_id = :p",
    "MedicationStatement": "SELECT count(*) FROM medication WHERE patient_id = :p",
    "Consent": "SELECT count(*) FROM sharing_consent WHERE patient_id = :p",
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleCompany:
    return found_company(tmp_path_factory.mktemp("company"), as_of=AS_OF)


@pytest.fixture(scope="module")
def bundles(company: SampleCompany) -> Iterator[dict[str, tuple[bytes, dict[str, bytes]]]]:
    """By controller: the hero's Bundle, and the other files of the same package."""
    register, hero = load_register(), company.hero
    subject = {"name": hero.name, "surname": hero.family_name, "born_on": str(hero.born_on), "bsn": hero.bsn}
    connector = open_connector(register.systems["careweb"], secret=lambda _: company.urls["careweb"])
    with closing(connector), Spool() as spool:
        [answer] = ask_system(connector, [Sought(identifiers_from({**subject, "email": hero.email}), {})])
        made = {}
        for controller, group in gather(connector, register, answer, AS_OF, spool).items():
            contents = replace(given.contents(), parts=group.parts, activities=register.activities, withheld=())
            if medical_parts(contents):
                made[controller] = (bundle_of(contents), package_files(contents, register))
        yield made


def bundle_of(contents: Any) -> bytes:
    out = io.BytesIO()
    write_bundle_json(contents, out)
    return out.getvalue()


def test_the_bundle_holds_what_plain_sql_finds_of_the_patient_and_every_resource_is_valid(
    company: SampleCompany, bundles: dict[str, tuple[bytes, dict[str, bytes]]]
) -> None:
    assert len(bundles) == 2, "two practices are two controllers"
    with sqlite3.connect(company.directory / "careweb.db") as careweb:
        for patient in (p.key for p in company.characters["two_tenants"] if p.dataset == "patient"):
            [(practice,)] = careweb.execute("SELECT practice_id FROM patient WHERE id = ?", (patient,)).fetchall()
            body, files = bundles[str(practice)]
            bundle = checked(body)
            counted = {t: careweb.execute(sql, {"p": patient}).fetchone()[0] for t, sql in COUNTS.items()}
            assert by_type(bundle) == {t: n for t, n in counted.items() if n}
            assert files["bundle.json"] == body
            assert bundle["entry"][0]["resource"]["gender"] == "female"
            assert b"bundle.json" in files["index.html"]
            assert b"bundle.json" in files["manifest.json"]


def test_what_is_withheld_is_in_no_resource_and_what_was_deleted_says_so(
    bundles: dict[str, tuple[bytes, dict[str, bytes]]],
) -> None:
    whole = b"".join(body for body, _ in bundles.values())
    assert b"Kwant" not in whole
    assert b"Verwey" not in whole
    assert b"OUD0" not in whole
    deleted = [
        e["resource"]
        for body, _ in bundles.values()
        for e in checked(body)["entry"]
        if e["resource"].get("meta", {}).get("tag", [{}])[0].get("code") == "soft-deleted"
    ]
    assert [d["resourceType"] for d in deleted] == ["Encounter"]


def test_a_result_leads_to_its_request_its_contact_and_its_patient(
    bundles: dict[str, tuple[bytes, dict[str, bytes]]],
) -> None:
    for body, _ in bundles.values():
        bundle = checked(body)
        at = {e["fullUrl"]: e["resource"] for e in bundle["entry"]}
        for resource in at.values():
            if resource["resourceType"] == "Observation":
                request = at[resource["basedOn"][0]["reference"]]
                contact = at[request["encounter"]["reference"]]
                assert contact["subject"] == request["subject"] == resource["subject"]
                assert at[contact["subject"]["reference"]]["resourceType"] == "Patient"


PARENT = FhirMapping(resource="Patient", elements={"birthDate": "born"})
CHILD = FhirMapping(resource="Encounter", fixed={"status": "finished", "class.code": "AMB"}, refers={"subject": "p"})
GRANDCHILD = FhirMapping(
    resource="Observation", elements={"code.text": "what"}, fixed={"status": "final"}, refers={"subject": "p"}
)


def part(dataset: str, mapping: FhirMapping, *records: Record) -> Part:
    columns = {"born": given.column("Geboren"), "what": given.column("Wat")}
    return Part("s", "S", dataset, dataset, "medical-dossier", columns, list(records), fhir=mapping)


def test_of_two_dossiers_each_row_finds_its_own_and_a_row_of_a_dossier_that_is_not_sent_names_none() -> None:
    parts = (
        part("p", PARENT, Record("1", {"born": date(2000, 2, 29)}), Record("2", {"born": None})),
        part("c", CHILD, *(Record(k, {}, refers=[("p", p)]) for k, p in (("a", "1"), ("b", "2"), ("x", "9")))),
        part("g", GRANDCHILD, *(Record(f"{k}7", {"what": "Hb"}, refers=[("c", k)]) for k in "abx")),
    )
    bundle = checked(bundle_of(replace(given.contents(), parts=parts)))
    first, second, *others = [e["fullUrl"] for e in bundle["entry"]]
    led = [e["resource"].get("subject", {}).get("reference") for e in bundle["entry"][2:]]
    assert led == [first, second, None, first, second, None]
    assert len(others) == 6


@pytest.mark.parametrize(
    ("text", "number"),
    [("8,4", "8.4"), ("81", "81"), ("-0.25", "-0.25"), ("1.234", None), ("< 5", None), ("4+", None), ("", None)],
)
def test_a_result_is_a_number_only_where_it_can_be_read_in_one_way(text: str, number: str | None) -> None:
    assert plain_number(text) == (None if number is None else Decimal(number))


def test_what_fhir_asks_for_and_the_source_does_not_have_is_said_to_be_absent() -> None:
    made = resource_of(GRANDCHILD, {"what": " "}, {"subject": None}, own="1", zone=ZONE)
    assert made["code"]["extension"][0]["valueCode"] == "unknown"
    assert "subject" not in made


def test_a_moment_without_a_zone_gets_that_of_the_system_and_what_is_no_date_stays_out() -> None:
    mapping = FhirMapping(
        resource="Communication", elements={"sent": "on", "received": "got"}, fixed={"status": "completed"}
    )
    made = resource_of(
        mapping, {"on": datetime.fromisoformat("2026-07-01T09:05"), "got": "ergens in mei"}, {}, own="1", zone=ZONE
    )
    assert made["sent"] == "2026-07-01T09:05:00+02:00"
    assert "received" not in made


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"birthDate"                = "born_on"', '"birthDate" = "legacy_id"', "legacy_id, which no export shows"),
        ('resource = "Encounter"', 'resource = "Meeting"', "'Meeting' cannot be made from rows yet"),
        ('"status"        = "finished"\n', "", "has status (FHIR R4)"),
        ('"encounter" = "contact"', '"encounter" = "invoice"', "'invoice', which has no `fhir` of its own"),
        ('"period.start" = "contact_on"', '"period start" = "contact_on"', "contact"),
    ],
)
def test_a_mapping_that_cannot_hold_does_not_load(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (PACKAGED / "systems/careweb.toml").read_text("utf-8")
    assert text.count(old) == 1
    (tmp_path / "systems").mkdir()
    file = tmp_path / "systems/careweb.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(RegisterInvalid, match=r"fhir") as trouble:
        load_register(instead=file)
    assert told in str(trouble.value)


HL7 = "http://hl7.org/fhir/StructureDefinition/"


def told_beside(element: dict[str, Any] | None) -> dict[str, str]:
    """The extensions of a primitive element, each by the last part of its address."""
    told = (element or {}).get("extension", ())
    assert all(e["url"].startswith(HL7) for e in told)
    return {e["url"].removeprefix(HL7): e.get("valueString") or e["valueCode"] for e in told}


def test_the_parts_of_a_name_and_an_address_stand_in_the_extensions_that_nl_core_uses(
    company: SampleCompany, bundles: dict[str, tuple[bytes, dict[str, bytes]]]
) -> None:
    columns = "prefix, surname, given_name, initials, street, house_number"
    with sqlite3.connect(company.directory / "careweb.db") as careweb:
        for body, _ in bundles.values():
            patient = checked(body)["entry"][0]["resource"]
            [number] = [i["value"] for i in patient["identifier"] if "type" in i]
            row = careweb.execute(f"SELECT {columns} FROM patient WHERE client_number = ?", (number,)).fetchone()
            prefix, surname, given_name, initials, street, house_number = row
            [name], [address] = patient["name"], patient["address"]
            parts = {"humanname-own-prefix": prefix, "humanname-own-name": surname}
            assert told_beside(name["_family"]) == {k: v for k, v in parts.items() if v}
            assert name["given"] == [given_name, initials]
            assert [told_beside(one) for one in name["_given"]] == [{}, {"iso21090-EN-qualifier": "IN"}]
            line = {"iso21090-ADXP-streetName": street, "iso21090-ADXP-houseNumber": str(house_number)}
            assert [told_beside(one) for one in address["_line"]] == [line]


MARKED = FhirMapping.model_validate({
    "resource": "Patient",
    "elements": {"name[0].given[0]": "called", "name[0].given[1]": "letters", "name[0].given[2]": "old",
                 "name[0]._given[2].extension[0].valueString": "number"},
    "fixed": {"name[0]._given[1].extension[0].url": f"{HL7}q", "name[0]._given[1].extension[0].valueCode": "IN",
              "name[0]._given[2].extension[0].url": f"{HL7}n", "name[0].use": "official"},
})  # fmt: skip
LETTERS, NUMBER = [{"url": f"{HL7}q", "valueCode": "IN"}], [{"url": f"{HL7}n", "valueString": "7"}]


@pytest.mark.parametrize(
    ("values", "given_names", "beside"),
    [
        ({"called": "Anna", "letters": "A."}, ["Anna", "A."], [None, {"extension": LETTERS}]),
        ({"letters": "A."}, ["A."], [{"extension": LETTERS}]),
        ({"called": "Anna"}, ["Anna"], None),
        ({"called": "Anna", "number": 7}, ["Anna", None], [None, {"extension": NUMBER}]),
        ({}, None, None),
    ],
)
def test_what_is_told_of_one_of_several_stands_beside_that_one(values: Any, given_names: Any, beside: Any) -> None:
    made = resource_of(MARKED, values, {}, own="1", zone=ZONE)
    [name] = made.get("name", [{}])
    assert (name.get("given"), name.get("_given")) == (given_names, beside)
    get_fhir_model_class("Patient").model_validate(made)
