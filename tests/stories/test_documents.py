"""What a source holds as a file goes along as a file: byte for byte, under a safe name, shown where it can be."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from domain.cases import CaseKind
from domain.documents import Document, documents_of, kind_of, with_documents
from domain.fhir import FhirMapping
from domain.package import Part, Record
from domain.system import Column
from reports.fhir_bundle import write_bundle_json
from reports.package import package_files
from reports.pictures import drawable
from tests.golden import contents as given
from tests.golden.pictures import LETTER, ODD, SCRIPT, TEXT, documents, part, picture
from tests.stories.small_house import SYSTEM, SmallHouse
from tests.stories.test_access_log import answered, printed

SCANS = """
[dataset.scan]
title = "Scans"
part_of = { dataset = "visitor", by = { visitor_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.visitor_id = { class = "technical" }
columns.file = { class = "export", label = "Scan", document = true }
"""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return package_files(replace(given.contents(), parts=(part(),)), given.register())


def test_every_document_is_a_file_of_its_own_byte_for_byte_and_its_name_says_nothing(files: dict[str, bytes]) -> None:
    found = {name: body for name, body in files.items() if name.startswith("documenten/")}
    assert list(found.values()) == documents()
    endings = [name.rpartition(".")[2] for name in found]
    assert endings == ["pdf", "jpg", "jpg", "png", "png", "txt", "txt", "bin", "jpg"]
    assert all(re.fullmatch(r"documenten/scan-1-\d{4}\.[a-z]{3}", name) for name in found)
    listed = {f["name"] for f in json.loads(files["manifest.json"])["files"]}
    assert found.keys() <= listed
    [dataset] = json.loads(files["data.json"])["systems"]["careweb"]["datasets"]
    assert [r["values"]["scan"] for r in dataset["records"]] == list(found)


def test_the_page_links_to_each_and_shows_what_is_a_picture_but_runs_nothing(files: dict[str, bytes]) -> None:
    page = files["index.html"].decode()
    assert set(re.findall(r'href="(documenten/[^"]+)"', page)) == {n for n in files if n.startswith("documenten/")}
    shown = re.findall(r'<img alt="([^"]+)" src="data:(image/[a-z]+);base64,([^"]+)"', page)
    assert [kind for _, kind, _ in shown] == ["image/jpeg", "image/jpeg", "image/png", "image/png"]
    assert base64.b64decode(shown[0][2]) == documents()[1]
    assert all(alt.startswith("Afbeelding bij Scans en foto") for alt, _, _ in shown)
    assert "<script" not in page
    assert "alert(" not in page
    assert "Van dit bestand kennen wij de soort niet" in page


def test_the_dossier_draws_the_pictures_each_with_words_for_who_cannot_see_it(files: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(files["dossier.pdf"])) as dossier:
        images = [i for page in dossier.pages for i in page.get_images().values()]
        assert {str(i.ColorSpace) for i in images} == {"/DeviceRGB"}
        assert len(images) == 4
        figures = [o for o in dossier.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
        assert len(figures) == 4
        assert all("Afbeelding bij" in str(f.Alt) for f in figures)
    told = " ".join(printed(files["dossier.pdf"]).split())
    assert "Deze afbeelding kunnen wij hier niet laten zien" in told
    assert "documenten/scan-1-0001.pdf (PDF" in told


def test_a_picture_that_would_fill_memory_or_lies_about_itself_is_not_opened() -> None:
    huge = picture("PNG", size=(16, 16)).replace(
        b"\x00\x00\x00\x10\x00\x00\x00\x10", b"\x00\x00\xff\xff\x00\x00\xff\xff"
    )
    assert drawable(Document("x.png", "image/png", huge)) is None
    assert drawable(Document("x.jpg", "image/jpeg", b"\xff\xd8\xff" + ODD)) is None
    large = drawable(Document("x.png", "image/png", picture("PNG", size=(3000, 2000))))
    assert large is not None
    assert max(large.size) == 1400


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (LETTER, "application/pdf"), (TEXT, "text/plain"), (SCRIPT, "text/plain"), (ODD, "application/octet-stream"),
        (b"", "application/octet-stream"), ("é".encode("latin-1"), "application/octet-stream"),
        (b"GIF89a\x01\x00", "application/octet-stream"),
    ],
)  # fmt: skip
def test_a_document_is_what_its_bytes_say_and_not_what_it_claims(body: bytes, media_type: str) -> None:
    assert kind_of(body)[0] == media_type


def test_an_attachment_of_fhir_becomes_a_file_that_its_resource_names() -> None:
    content = [{"attachment": {"contentType": "text/html", "data": base64.b64encode(TEXT).decode(), "title": "Brief"}}]
    columns = {"status": given.column("Stand"), "content": Column.model_validate(
        {"class": "export", "label": "Document", "document": True})}  # fmt: skip
    record = Record("d1", {"status": "current", "content": content})
    held = Part("ehr", "EPD", "DocumentReference", "Documenten", "medical-dossier", columns, [record])
    held = replace(held, fhir=FhirMapping(resource="DocumentReference", whole=True))
    made = with_documents(replace(given.contents(), parts=(held,)))
    [(number, column, document)] = documents_of(made.parts[0])
    assert (number, column, document.body) == (1, "content", TEXT)
    out = io.BytesIO()
    write_bundle_json(made, out)
    [entry] = json.loads(out.getvalue())["entry"]
    told = entry["resource"]["content"][0]["attachment"]
    assert told == {"contentType": "text/html", "url": "documenten/DocumentReference-1-0001.txt", "title": "Brief"}


def test_documents_come_along_from_a_database_and_two_persons_release_them(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path)
    house.edit("systems/desk.toml", SYSTEM, SYSTEM + SCANS)
    house.sql("CREATE TABLE scan (id INTEGER PRIMARY KEY, visitor_id INT REFERENCES visitor(id), file BLOB)")
    for visitor, body in ((2, picture("JPEG")), (2, None), (2, TEXT), (3, LETTER)):
        house.sql("INSERT INTO scan (visitor_id, file) VALUES (?, ?)", visitor, body)
    files = answered(house, CaseKind.ACCESS)
    found = {name: body for name, body in files.items() if name.startswith("documenten/")}
    assert sorted(found.values()) == sorted([picture("JPEG"), TEXT])
    ledger = house.ledger()
    [package] = ledger.packages.list_packages()
    ledger.close()
    assert package.special
