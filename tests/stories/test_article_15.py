"""The letter to a patient of the sample company holds all of article 15(1) a to h and 15(2), in two languages."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from datetime import date
from pathlib import Path

import pytest

from reports.dutch import day
from tests.stories.company_house import CompanyHouse

#: What article 15 asks | what a Dutch letter says of it | and an English one.
ASKED = [
    ("practice by its name", ("in opdracht van: Praktijk De Linde",), ("on behalf of: Praktijk De Linde",)),
    ("searched", ("Niets van u voor deze praktijk",), ("Nothing of yours for this practice",)),
    ("1 a purpose", ("Waarvoor", "Een behandelplan uitvoeren"), ("Purpose", "Een behandelplan uitvoeren")),
    ("1 b categories", ("Welke soorten gegevens", "bijzondere gegevens: huisarts met adresgegevens",
      "onderzoeksresultaten"),
     ("Categories of data", "special categories: “huisarts met adresgegevens", "onderzoeksresultaten")),
    ("1 c recipients", ("Wie de gegevens krijgt", "van u weten wij: Fysiotherapie De Brug", "huisarts van de patiënt"),
     ("Who receives it", "of you we know: Fysiotherapie De Brug", "huisarts van de patiënt")),
    ("1 c processors", ("hostingpartij van Careweb", "de naam staat nog niet in ons register"),
     ("hostingpartij van Careweb", "its name is not in our register yet")),
    ("1 d term", ("Hoe lang", "Minstens 20 jaar", "BW 7:454"), ("How long", "At least 20 years", "BW 7:454")),
    ("1 d the day itself", ("Bewaard tot en met", "{until}"), ("Kept until", "{until}")),
    ("1 d backups", ("reservekopieën", "30 dagen"), ("backup copies", "30 dagen")),
    ("1 e rectification", ("artikel 16 AVG",), ("article 16 GDPR",)),
    ("1 e erasure", ("artikel 17 AVG", "artikel 7:455"), ("article 17 GDPR", "article 7:455")),
    ("1 e restriction", ("artikel 18 AVG",), ("article 18 GDPR",)),
    ("1 e objection", ("artikel 21 AVG",), ("article 21 GDPR",)),
    ("1 f complaint", ("Autoriteit Persoonsgegevens", "artikel 77 AVG", "zes weken"),
     ("Autoriteit Persoonsgegevens", "article 77 GDPR", "six weeks")),
    ("1 g source", ("Hoe wij eraan komen", "verwijzers of medebehandelaars"),
     ("Where it comes from", "verwijzers of medebehandelaars")),
    ("1 h automated decisions", ("Beslist een computer over u?", "niet automatisch over u beslist"),
     ("Automated decisions", "No automated decisions are made")),
    ("2 transfers", ("land buiten Europa?", "(Verenigde Staten), voor: bewaart een kopie",
      "modelcontract"),
     ("country outside Europe?", "(United States), for: “bewaart een kopie",
      "modelcontract")),
    ("4 what of others is withheld", ("Contacten: Medebehandelaar", "AVG 15(4): de rechten van een ander"),
     ("Contacten: Medebehandelaar", "GDPR 15(4): the rights of others")),
    ("a file for each", ("bundle.json", "dossier.pdf", "woordenboek.csv"), ("bundle.json", "dossier.pdf")),
    ("3 a copy", ("een kopie van uw gegevens",), ("A copy of your data",)),
    ("20 portability too", ("artikel 20 AVG",), ("article 20 GDPR",)),
]  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_letter_tells_all_that_article_15_asks_and_nothing_of_our_kitchen(tmp_path: Path, language: str) -> None:
    with CompanyHouse(tmp_path) as house:
        abroad = 'name = "Cloud Inc.", why = "bewaart een kopie", country = "US", safeguard = "modelcontract"'
        house.edit("activities/medical-dossier.toml", "processors = [\n", f"processors = [\n  {{ {abroad} }},\n")
        with sqlite3.connect(tmp_path / "company" / "careweb.db") as db:
            words = (
                "INSERT INTO sharing_consent (id, patient_id, shared_with, scope, granted_on) VALUES (?, ?, ?, ?, ?)"
            )
            db.execute(words, (900_001, 1, "Fysiotherapie De Brug", "alles", "2026-01-02"))
        number = house.open_case(language=language)
        ended = house.termijn("export", number)
        assert ended.returncode == 0, ended.stderr
        files = house.open_package(number, "1")
        letter_of_ours = house.open_package(number)["letter.pdf"]
    told = read(files["letter.pdf"], tmp_path)
    [patient] = [
        d for d in json.loads(files["data.json"])["systems"]["careweb"]["datasets"] if d["dataset"] == "patient"
    ]
    until = date.fromisoformat(patient["records"][0]["kept_until"])
    missing = [
        (asked, words)
        for asked, dutch, english in ASKED
        for words in (dutch if language == "nl" else english)
        if words.replace("{until}", day(until, language)) not in told
    ]
    assert missing == []
    ours = read(letter_of_ours, tmp_path)
    said = ("apart antwoord", "separate answer")[language == "en"]
    assert said in ours, "12Care itself holds an account of her, and Careweb is told apart"
    assert said not in told, "a practice's letter tells nothing of another controller"
    for words in ("12Care vult", "verwerkersovereenkomst in", "practice_id", "None", "{", "sharing_consent"):
        assert words not in told, words


def read(pdf: bytes, folder: Path) -> str:
    file = folder / "letter.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(told.split())
