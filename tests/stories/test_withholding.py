"""A note that names somebody else: nothing is sealed before a person decides, and what is withheld is in no byte."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import unicodedata
import zlib
from pathlib import Path

import pikepdf
import pytest

from tests.stories.small_house import LATELY, SYSTEM, SmallHouse

SISTER, NUMBER = "zus.karin@elders.nl", "06-87654321"
NOTE = f"Haar zus belt vanavond met {NUMBER} of mailt vanaf {SISTER}, zegt zij zelf."


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    house = SmallHouse(tmp_path)
    house.visit(40, LATELY)
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (4001, 40, ?)", NOTE)
    return house


def opened_case(house: SmallHouse) -> str:
    """An access case of visitor 40, identity checked, in progress."""
    [(surname, born, email, phone)] = house.sql("SELECT surname, born_on, email, phone FROM visitor WHERE id = 40")
    subject = house.folder / "who.toml"
    lines = {"name": f"Mevrouw {surname}", "surname": surname, "born_on": str(born), "email": email, "phone": phone}
    subject.write_text("\n".join(f'{k} = "{v}"' for k, v in lines.items()), "utf-8")
    said = house.termijn("case", "new", "--kind", "access", "--subject", str(subject))
    assert said.returncode == 0, said.stderr
    number = said.stdout.split()[1]
    house.termijn("case", "move", number, "identity", "--method", "call-back")
    house.termijn("case", "move", number, "in-progress")
    return number


def every_byte(files: dict[str, bytes]) -> bytes:
    """All that a package holds, with every stream of every PDF opened."""
    found = list(files.values())
    for name, body in files.items():
        if name.endswith(".pdf"):
            with pikepdf.open(io.BytesIO(body)) as pdf:
                for obj in pdf.objects:
                    if isinstance(obj, pikepdf.Stream):
                        found.append(obj.read_bytes())
            found += [_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", body, re.DOTALL)]
    return b"\n".join(found)


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def forms(words: str) -> list[bytes]:
    """How words can stand in a file: UTF-8, UTF-16 both ways, composed and not, and in hexadecimal."""
    written = [w for form in ("NFC", "NFD") for w in [unicodedata.normalize(form, words)]]
    return [
        b
        for w in written
        for e in ("utf-8", "utf-16-be", "utf-16-le")
        for b in (w.encode(e), w.encode(e).hex().encode())
    ]


def test_nothing_is_sealed_before_a_person_decides_and_what_is_withheld_is_in_no_byte(house: SmallHouse) -> None:
    number = opened_case(house)
    refused = house.termijn("export", number)
    assert refused.returncode == 4, refused.stderr
    assert "2 passages may be about somebody else" in refused.stderr
    assert not list((house.folder / "out" / "packages").glob("*")), "whole or nowhere"
    counted = json.loads(house.termijn("review", number, "--json").stdout)
    assert counted["passages"] == {
        "email": {"open": 1, "withheld": 0, "kept": 0}, "phone": {"open": 1, "withheld": 0, "kept": 0},
    }  # fmt: skip
    decisions = house.folder / "decisions"
    decisions.write_text("phone withhold\nemail withhold\n", "utf-8")
    assert house.termijn("review", number, "--decide", str(decisions)).returncode == 0
    sealed = house.termijn("export", number)
    assert sealed.returncode == 0, sealed.stderr
    files = house.open_package(number)
    note = next(v for k, v in files.items() if k.startswith("csv/") and b"weggelaten: telefoonnummer" in v)
    assert b"Haar zus belt vanavond" in note, "the rest of the text is the person's"
    everything = every_byte(files)
    for words in (SISTER, NUMBER, "87654321", "zus.karin"):
        assert not [f for f in forms(words) if f in everything], words
    told = json.loads(files["data.json"])["withheld"]
    assert {(w["what"], w["values"]) for w in told if "van een ander" in w["what"]} == {
        ("telefoonnummer van een ander, in: Tekst", 1), ("e-mailadres van een ander, in: Tekst", 1),
    }  # fmt: skip
    ledger = house.ledger()
    spoken = " ".join(e.body for e in ledger.events.events(case=number))
    assert ledger.verify().ok
    ledger.close()
    assert "87654321" not in spoken
    assert "karin" not in spoken


def test_a_decision_is_void_when_the_text_changed_and_keeping_keeps(house: SmallHouse) -> None:
    number = opened_case(house)
    decisions = house.folder / "decisions"
    decisions.write_text("all keep\n", "utf-8")
    assert house.termijn("review", number, "--decide", str(decisions)).returncode == 0
    house.sql("UPDATE note SET text = ? WHERE id = 4001", NOTE + " Zij komt morgen terug.")
    refused = house.termijn("export", number)
    assert refused.returncode == 4
    assert "2 passages" in refused.stderr
    assert house.termijn("review", number, "--decide", str(decisions)).returncode == 0
    assert house.termijn("export", number).returncode == 0
    assert NUMBER.encode() in b"".join(v for k, v in house.open_package(number).items() if k.startswith("csv/"))
    house.sql("INSERT INTO note (visitor_id, text) VALUES (40, ?)", f"Gebeld met {NUMBER}, zij neemt niet op vandaag.")
    refused = house.termijn("export", number)
    assert refused.returncode == 4, "a text that came later is asked too, though its words were decided on elsewhere"
    assert "1 passages" in refused.stderr


def test_a_name_that_one_system_knows_is_looked_for_in_the_texts_of_every_other(house: SmallHouse) -> None:
    partner = 'class = "third_party", label = "Partner", because = "een ander", category = "user.name"'
    known = SYSTEM.replace("[dataset.note]", f"columns.partner = {{ {partner} }}\n[dataset.note]")
    (house.register / "systems" / "shop.toml").write_text(known.replace("DESK_URL", "SHOP_URL"), "utf-8")
    house.secrets["SHOP_URL"] = f"sqlite:///{house.folder / 'shop.db'}"
    with sqlite3.connect(house.db) as source, sqlite3.connect(house.folder / "shop.db") as shop:
        source.backup(shop)
        shop.execute("DELETE FROM note")
        shop.execute("ALTER TABLE visitor ADD COLUMN partner")
        shop.execute("UPDATE visitor SET partner = 'Oyelaran' WHERE id = 40")
    house.sql("UPDATE note SET text = ? WHERE id = 4001", "Vandaag was Oyelaran mee aan de balie, dat ging goed.")
    number = opened_case(house)
    refused = house.termijn("export", number)
    assert refused.returncode == 4, refused.stderr
    assert "1 passages may be about somebody else" in refused.stderr
    counted = json.loads(house.termijn("review", number, "--json").stdout)
    assert counted["passages"] == {"name": {"open": 1, "withheld": 0, "kept": 0}}
    decisions = house.folder / "decisions"
    decisions.write_text("all withhold\n", "utf-8")
    assert house.termijn("review", number, "--decide", str(decisions)).returncode == 0
    assert house.termijn("export", number).returncode == 0
    everything = every_byte(house.open_package(number))
    assert not [f for f in forms("Oyelaran") if f in everything]


def test_what_only_the_system_needs_is_left_out_and_that_is_told(house: SmallHouse) -> None:
    house.sql("DELETE FROM note WHERE id = 4001")
    number = opened_case(house)
    assert house.termijn("export", number).returncode == 0
    files = house.open_package(number)
    [told] = json.loads(files["data.json"])["withheld"]
    assert (told["dataset"], told["what"]) == ("Balie", "nummers en tijdstippen voor het systeem zelf")
    assert told["values"] == 3, "a visitor has one such column, a note two"
    assert (told["because"], told["article"]) == ("alleen het systeem werkt ermee, zoals een volgnummer", "niet over u")
    for name in ("letter.pdf", "withheld.pdf"):
        read = subprocess.run(["pdftotext", "-", "-"], input=files[name], capture_output=True, check=True)
        words = " ".join(read.stdout.decode().split())
        assert "voor het systeem zelf" in words, name
        assert "niets weggelaten" not in words
