"""The main job on patients of a FHIR server: found, exported as FHIR, and destroyed; counts come from the files."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.fhir_server import FhirService
from tests.real.office import RealOffice, data_or_skip, rows_by_dataset
from tests.stories.fhir_rules import by_type, checked

pytestmark = [pytest.mark.real, pytest.mark.slow]
REGISTER = Path(__file__).parent / "synthea" / "register"
NOBODY = ("Organization", "Practitioner")
#: A term of twenty years: on this day is due who was last seen before `SEEN_BEFORE`, leap days not in sight.
AS_OF = "2025-06-02"
SEEN_BEFORE = "2005-06-01"
Resource = dict[str, Any]


@pytest.fixture(scope="module")
def resources() -> list[Resource]:
    found = []
    with tarfile.open(data_or_skip("fhir_synthea/ndjson.tar.xz")) as archive:
        for member in archive:
            file = archive.extractfile(member)
            found += [json.loads(line) for line in file or ()]
    return found


@pytest.fixture
def office(tmp_path: Path, resources: list[Resource]) -> Iterator[tuple[RealOffice, FhirService]]:
    with FhirService(resources, "geheim") as service:
        house = RealOffice(tmp_path, REGISTER, SYNTHEA_URL=service.url, SYNTHEA_TOKEN="geheim")
        yield house, service


def patient_of(resource: Resource) -> str:
    """Whose it is: our own reading of the files."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    owner = resource.get("subject") or resource.get("patient") or {}
    return str(owner.get("reference", "")).removeprefix("Patient/")


def dossiers(resources: list[Resource]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for resource in resources:
        if resource["resourceType"] not in NOBODY:
            found.setdefault(patient_of(resource), Counter())[resource["resourceType"]] += 1
    return found


def test_a_patient_of_a_fhir_server_gets_every_resource_and_nobody_elses(
    office: tuple[RealOffice, FhirService], resources: list[Resource]
) -> None:
    house, service = office
    check = house.termijn("register", "check", "--live")
    assert check.returncode == 0, check.stdout + check.stderr
    counted = dossiers(resources)
    with_diacritics = [r for r in resources if r["resourceType"] == "Patient" and not r["name"][0]["family"].isascii()]
    patient = max(with_diacritics, key=lambda r: len(counted[r["id"]]))
    family = patient["name"][0]["family"]
    number = next(i["value"] for i in patient["identifier"] if i["system"].endswith("smarthealthit.org"))
    asked = {"name": family, "surname": family.upper(), "born_on": patient["birthDate"], "client_number": number}
    files = house.answer("\n".join(f"{name} = {json.dumps(said)}" for name, said in asked.items()))

    expected = counted[patient["id"]]
    assert rows_by_dataset(files) == dict(expected)
    bundle = checked(files["bundle.json"])
    assert by_type(bundle) == expected
    ids = {r["id"] for r in resources if r["resourceType"] not in NOBODY and patient_of(r) == patient["id"]}
    assert {e["resource"]["id"] for e in bundle["entry"]} == ids
    others = {r["id"] for r in resources} - ids
    assert not [o for o in others if o.encode() in files["bundle.json"]], "nobody else's, not even as a reference"
    assert not [r for r in service.requests if "DELETE" in r]


def test_whose_term_is_over_goes_whole_from_a_fhir_server_with_evidence_for_each_resource(
    office: tuple[RealOffice, FhirService], resources: list[Resource]
) -> None:
    house, service = office
    last: dict[str, str] = {}
    for resource in resources:
        if resource["resourceType"] == "Encounter":
            last[patient_of(resource)] = max(last.get(patient_of(resource), ""), resource["period"]["end"][:10])
    counted = dossiers(resources)
    due = {who for who, day in last.items() if day < SEEN_BEFORE}
    assert 1 < len(due) < 15
    planned = house.termijn("plan", "synthea", "--as-of", AS_OF, "--keys").stdout.splitlines()
    assert planned == sorted(f"Patient\t{who}" for who in due)

    house.countersign()
    goes = min(due, key=lambda who: counted[who].total())  # a service is asked for each resource: one is enough
    for held in due - {goes}:
        hold = ("hold", "add", "synthea", "Patient", held, "--owner", "fg", "--reason", "x", "--review", "2027-01-01")
        assert house.termijn(*hold).returncode == 0
    ended = house.termijn("purge", "synthea", "--arm", "--as-of", AS_OF)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    left = dossiers([r for by_id in service.held.values() for r in by_id.values()])
    assert left == {who: counts for who, counts in counted.items() if who != goes}
    assert {len(service.held[name]) for name in NOBODY} == {102}
    ledger = house.ledger()
    assert sum(b.records for b in ledger.batches.closed_batches()) == counted[goes].total()
    assert ledger.verify().ok
    ledger.close()
