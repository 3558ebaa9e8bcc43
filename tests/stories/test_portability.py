"""A person takes their data along: what they gave goes, what was made of them stays and is told, and access is open."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.stories.small_house import TODAY, SmallHouse

NUMBER = f"{TODAY.year}-0001"


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Visits by contract; the visitor gave who they are, the desk wrote down the rest. A note names somebody else."""
    house = SmallHouse(tmp_path)
    house.edit("activities/visits.toml", '["AVG 6.1.f"]', '["AVG 6.1.b: overeenkomst met de bezoeker"]')
    house.edit("systems/desk.toml", 'title = "Bezoekers"', 'title = "Bezoekers"\norigin = "provided"')
    house.edit("systems/desk.toml", 'label = "Vertrokken op"', 'label = "Vertrokken op", origin = "observed"')
    house.edit("systems/desk.toml", 'label = "Telefoon"', 'label = "Telefoon", origin = "derived"')
    house.edit("systems/desk.toml", 'title = "Aantekeningen"', 'title = "Aantekeningen"\norigin = "derived"')
    house.sql("INSERT INTO note (visitor_id, text) VALUES (2, 'Zijn zus belt met 06-87654321, zegt hij zelf.')")
    subject = tmp_path / "who.toml"
    subject.write_text(
        'name = "Naam2"\nsurname = "Naam2"\nborn_on = "1980-01-31"\nemail = "bezoeker2@example.org"\n'
        'phone = "0612345602"\naddress = ["Laan 1", "1234 AB Stad"]\n',
        "utf-8",
    )
    assert house.termijn("case", "new", "--kind", "portability", "--subject", str(subject)).returncode == 0
    house.termijn("case", "move", NUMBER, "identity", "--method", "call-back")
    house.termijn("case", "move", NUMBER, "in-progress")
    return house


def letter(files: dict[str, bytes], folder: Path) -> str:
    (folder / "letter.pdf").write_bytes(files["letter.pdf"])
    told = subprocess.run(["pdftotext", str(folder / "letter.pdf"), "-"], capture_output=True, check=True)
    return " ".join(told.stdout.decode().split())


def test_what_they_gave_goes_along_and_the_rest_stays_and_is_told(house: SmallHouse, tmp_path: Path) -> None:
    ended = house.termijn("export", NUMBER)
    assert ended.returncode == 0, ended.stderr  # the note stays, so nobody need look for others in it
    files = house.open_package(NUMBER)
    data = json.loads(files["data.json"])
    jsonschema.Draft202012Validator(json.loads(files["schema.json"])).validate(data)
    [dataset] = data["systems"]["desk"]["datasets"]
    [record] = dataset["records"]
    assert record["values"].keys() == {"surname", "born_on", "email", "left_on"}
    assert {c["column"]: c["origin"] for c in dataset["columns"]} == {
        "surname": "provided", "born_on": "provided", "email": "provided", "left_on": "observed",
    }  # fmt: skip
    assert data["request"] == "portability"
    heads = next(csv.reader(io.StringIO(files["csv/desk.visitor.csv"].decode("utf-8-sig")), delimiter=";"))
    assert heads[:4] == ["Achternaam", "Geboren op", "E-mail", "Vertrokken op"]
    assert "dossier.pdf" not in files
    for name, body in files.items():
        assert not any(mark in body for mark in (b"0612345602", b"geheim2", b"06-87654321")), name

    told = letter(files, tmp_path)
    for words in (
        "U kunt 1 gegeven meenemen",
        "dit gaf u zelf aan ons; dit ontstond toen u onze dienst gebruikte".capitalize(),
        "AVG 6.1.b: overeenkomst met de bezoeker",
        "Bezoekers: Telefoon",
        "Aantekeningen",
        "dit gaf u niet zelf",
        "artikel 15 AVG",
        "rechtstreeks aan die ander sturen",
        "Autoriteit Persoonsgegevens",
    ):
        assert words in told, words


def test_nothing_is_guessed_where_the_register_does_not_say_how_data_came_to_be(house: SmallHouse) -> None:
    house.edit("systems/desk.toml", 'title = "Bezoekers"\norigin = "provided"', 'title = "Bezoekers"')
    ended = house.termijn("export", NUMBER)
    assert ended.returncode == 4, ended.stderr
    assert "desk.visitor.surname" in ended.stderr
    assert "origin" in ended.stderr
    assert "package.sealed" not in {e.kind for e in house.ledger().events.events(case=NUMBER)}


def test_where_nothing_rests_on_consent_or_contract_the_letter_says_so(house: SmallHouse, tmp_path: Path) -> None:
    house.edit("activities/visits.toml", "AVG 6.1.b: overeenkomst met de bezoeker", "AVG 6.1.f: ons belang")
    assert house.termijn("export", NUMBER).returncode == 0
    files = house.open_package(NUMBER)
    told = letter(files, tmp_path)
    assert "Wij vonden niets dat u volgens artikel 20" in told
    assert "AVG 20 lid 1 onder a" in told
    assert "Gegevens van u gevonden" in told  # there is data; it just cannot be taken along
    assert b"bezoeker2@example.org" not in files["data.json"]
