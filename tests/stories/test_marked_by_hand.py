"""What an officer withholds by hand is in no byte of the package, is told, and holds for exactly what was marked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.cases import State
from domain.evidence import Entry
from ledger.own_data import Requests
from tests.stories.small_house import LATELY, SmallHouse
from tests.stories.test_withholding import every_byte, forms, opened_case

SECRET, WHOLE, PHONE = "die met het rode hek", "Gesprek over de erfenis van haar oom, zonder haar erbij.", "0612345640"
MARKS = """
[[withhold]]
record = "desk.note:4001"
column = "text"
words = "die met het rode hek"
reason = "zo is de buurman te herkennen"
[[withhold]]
record = "desk.visitor:40"
column = "phone"
reason = "dit is het nummer van haar broer"
[[withhold]]
record = "desk.note:4002"
reason = "dit gesprek gaat over een ander"
article = "UAVG 41(1) onder i"
"""


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    house = SmallHouse(tmp_path)
    house.visit(40, LATELY)
    for column in ("pin", "companion"):
        house.sql(f"ALTER TABLE visitor ADD COLUMN {column}")
    house.sql("UPDATE visitor SET pin = '4812', companion = 'Truus Wiebes' WHERE id = 40")
    house.edit(
        "systems/desk.toml",
        "[dataset.note]",
        'columns.pin = { class = "secret", label = "Pincode" }\n'
        'columns.companion = { class = "third_party", label = "Begeleider", because = "is een ander" }\n[dataset.note]',
    )
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (4001, 40, ?)", f"De buurman, {SECRET}, heeft geklaagd.")
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (4002, 40, ?)", WHOLE)
    return house


def text_of(pdf: bytes, folder: Path) -> str:
    """What a reader sees, on one line."""
    file = folder / "seen.pdf"
    file.write_bytes(pdf)
    seen = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(seen.split())


def test_what_is_marked_is_in_no_byte_and_is_told_and_a_change_is_asked_again(house: SmallHouse) -> None:
    number = opened_case(house)
    marked = house.termijn("review", number, "--mark", "-", given=MARKS)
    assert marked.returncode == 0, marked.stderr
    assert "withheld by hand: 3" in marked.stdout
    sealed = house.termijn("export", number)
    assert sealed.returncode == 0, sealed.stderr
    files = house.open_package(number)
    everything = every_byte(files)
    for words in (SECRET, "rode hek", WHOLE, "erfenis", PHONE, "+31612345640", "Truus Wiebes"):
        assert not [f for f in forms(words) if f in everything], words
    assert b"De buurman, [weggelaten], heeft geklaagd." in files["csv/" + _note(files)]
    told = {(w["what"], w["values"], w["because"], w["article"]) for w in json.loads(files["data.json"])["withheld"]}
    assert {
        ("passage, in: Tekst", 1, "zo is de buurman te herkennen", "AVG 15(4): de rechten van een ander"),
        ("Telefoon (dit gegeven)", 1, "dit is het nummer van haar broer", "AVG 15(4): de rechten van een ander"),
        ("een heel record", 1, "dit gesprek gaat over een ander", "UAVG 41(1) onder i"),
    } <= told
    papers = [text_of(files[n], house.folder) for n in ("withheld.pdf", "letter.pdf")]
    for paper in [*papers, " ".join(files["index.html"].decode().split())]:
        assert "Telefoon (dit gegeven)" in paper
        assert "UAVG 41(1) onder i" in paper
        assert "Pincode" in paper, "columns of the register are told as well"
        assert "Begeleider" in paper
    ledger = house.ledger()
    spoken = " ".join(e.body for e in ledger.events.events(case=number))
    assert ledger.verify().ok
    ledger.close()
    assert "hek" not in spoken
    house.sql("UPDATE note SET text = text || ' Zij ook.' WHERE id = 4001")
    refused = house.termijn("export", number)
    assert refused.returncode == 4, "it holds for exactly the text that was marked"
    assert json.loads(house.termijn("review", number, "--json").stdout)["by_hand"] == {
        "withheld": 2,
        "open": 1,
        "of_no_use": 0,
    }
    again = "[[withhold]]" + MARKS.split("[[withhold]]")[1]
    assert house.termijn("review", number, "--unmark", "1", "--mark", "-", given=again).returncode == 0
    assert house.termijn("export", number).returncode == 0
    assert SECRET.encode() not in every_byte(house.open_package(number))


def _note(files: dict[str, bytes]) -> str:
    [name] = [n for n, body in files.items() if n.startswith("csv/") and b"De buurman" in body]
    return name.removeprefix("csv/")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("desk.note:4001", "desk.note:4009"), "no such record or column goes to this person"),
        (("desk.note:4001", "desk.note:1"), "no such record or column goes to this person"),
        (('"die met', '"zij met'), "these words do not stand there"),
        (("zo is de buurman", "die met het rode hek"), "the reason says what is withheld"),
        (('reason = "zo is de buurman te herkennen"', ""), "a mark has no reason"),
    ],
)
def test_a_mark_that_cannot_stand_is_refused_and_none_of_the_file_is_kept(
    house: SmallHouse, change: tuple[str, str], said: str
) -> None:
    number = opened_case(house)
    refused = house.termijn("review", number, "--mark", "-", given=MARKS.replace(*change))
    assert refused.returncode in (4, 6)
    assert said in refused.stderr
    assert "rode hek" not in refused.stderr
    ledger = house.ledger()
    assert ledger.marked.of_case(number) == ()
    ledger.close()


def reworded(house: SmallHouse) -> None:
    """The column of the marked text has another name, in the source and in the register."""
    house.sql("ALTER TABLE note RENAME COLUMN text TO said")
    house.edit("systems/desk.toml", "columns.text", "columns.said")


def moved(house: SmallHouse) -> None:
    house.sql("UPDATE note SET visitor_id = 1 WHERE id = 4001")


def emptied(house: SmallHouse) -> None:
    house.sql("UPDATE note SET text = NULL WHERE id = 4001")


@pytest.mark.parametrize("change", [reworded, moved, emptied])
def test_a_mark_whose_place_is_met_nowhere_stops_the_seal(
    house: SmallHouse, change: Callable[[SmallHouse], None]
) -> None:
    number = opened_case(house)
    first = MARKS.rsplit("[[withhold]]", 2)[0]
    assert house.termijn("review", number, "--mark", "-", given=first).returncode == 0
    change(house)
    refused = house.termijn("export", number)
    assert refused.returncode == 4, refused.stderr
    assert "mark 1" in refused.stderr
    assert f"termijn review {number} --show" in refused.stderr
    assert not list((house.folder / "out" / "packages").glob("*"))
    counted = json.loads(house.termijn("review", number, "--json").stdout)
    assert counted["by_hand"] == {"withheld": 0, "open": 1, "of_no_use": 0}
    assert "take this one away" in " ".join(house.termijn("review", number, "--show").stdout.split())
    assert house.termijn("review", number, "--unmark", "1").returncode == 0
    assert house.termijn("export", number).returncode == 0


def test_a_mark_whose_record_is_gone_is_told_and_stops_nothing(house: SmallHouse) -> None:
    number = opened_case(house)
    assert house.termijn("review", number, "--mark", "-", given=MARKS).returncode == 0
    house.sql("DELETE FROM note WHERE id = 4001")
    sealed = house.termijn("export", number)
    assert sealed.returncode == 0, sealed.stderr
    assert "mark 1 is of no use any more" in sealed.stderr
    counted = json.loads(house.termijn("review", number, "--json").stdout)
    assert counted["by_hand"] == {"withheld": 2, "open": 0, "of_no_use": 1}
    assert "the source has this record no more" in " ".join(house.termijn("review", number, "--show").stdout.split())
    ledger = house.ledger()
    [told] = [e.body for e in ledger.events.events(case=number) if e.kind == "package.sealed"]
    ledger.close()
    assert '"marks_of_no_use":1' in told.replace(" ", "")


def test_a_mark_inside_a_record_that_is_withheld_whole_goes_with_it(house: SmallHouse) -> None:
    number = opened_case(house)
    both = MARKS + MARKS.split("[[withhold]]")[1].join(["[[withhold]]", ""]).replace("4001", "4002").replace(
        'words = "die met het rode hek"', 'words = "haar oom"'
    )
    assert house.termijn("review", number, "--mark", "-", given=both).returncode == 0
    assert house.termijn("export", number).returncode == 0


def test_marks_go_with_their_request(house: SmallHouse) -> None:
    number = opened_case(house)
    assert house.termijn("review", number, "--mark", "-", given=MARKS).returncode == 0
    ledger, today = house.ledger(), datetime.now(UTC).date()
    for to in (State.WITHDRAWN, State.CLOSED):
        ledger.cases.move(number, to, on=today, entry=Entry("case.moved", "privacy"))
    requests = Requests(ledger.events)
    requests.forget([(number,)])
    assert ledger.marked.of_case(number) == ()
    assert [r["number"] for r in requests.rows()] == [], "and nothing else of the person is held"
    assert ledger.verify().ok
    ledger.close()


def test_what_hangs_under_a_withheld_record_goes_with_it(house: SmallHouse) -> None:
    """A second visit under the person's own name and address that was really somebody else's, with its note."""
    columns = "surname, born_on, email, phone, left_on"
    house.sql(f"INSERT INTO visitor (id, {columns}) SELECT 41, {columns} FROM visitor WHERE id = 40")
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (4101, 41, 'geheim41')")
    number = opened_case(house)
    whole = '[[withhold]]\nrecord = "desk.visitor:41"\nreason = "dit bezoek was van een ander"\n'
    marked = house.termijn("review", number, "--mark", "-", given=whole)
    assert marked.returncode == 0, marked.stderr
    sealed = house.termijn("export", number)
    assert sealed.returncode == 0, sealed.stderr
    files = house.open_package(number)
    assert b"geheim40" in every_byte(files)
    assert b"geheim41" not in every_byte(files)
    told = [(w["what"], w["values"]) for w in json.loads(files["data.json"])["withheld"] if "ander" in w["because"]]
    assert ("een heel record", 1) in told
    assert sum(values for what, values in told if what == "een heel record") == 2, "the visit and its note"
