"""The processor role on the sample Careweb: a practice says all, part, later or nothing, and only its word destroys."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from domain.evidence import Entry
from domain.keys import Keys
from domain.plan import Found, Freeze, draw_up_plan
from reports import unseal
from tasks.destroy import destroy_dossiers
from tasks.facts import look_out, read_facts
from tasks.instructions import instructions_for, read_instructed
from tasks.night import tests_of as due_tests_of
from tasks.office import open_office
from tests.stories.practice_house import PATIENTS, TODAY, PracticeHouse, later_day

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> PracticeHouse:
    made = PracticeHouse.found(tmp_path_factory.mktemp("practices"))
    made.draw()
    return made


@pytest.fixture
def house(founded: PracticeHouse, tmp_path: Path) -> PracticeHouse:
    return founded.copy_to(tmp_path / "house")


def everybody(house: PracticeHouse) -> dict[int, set[str]]:
    return {practice: house.living(practice) for practice in (1, 2, 3, 4)}


def test_each_practice_gets_a_list_of_its_own_and_drawing_twice_asks_nothing_twice(house: PracticeHouse) -> None:
    plan = house.termijn("plan", "careweb", "--keys").stdout
    due = {line.split("\t")[1] for line in plan.splitlines() if line.startswith("patient\t")}
    lists = [one for one in house.lists() if one["rule"] == PATIENTS]
    for one in lists:
        listed = house.on_list(one["number"])
        assert listed <= house.living(int(one["controller"]))
        due -= {str(house.key_of(client)) for client in listed}
    assert due == set()
    assert len({one["controller"] for one in lists}) == len(lists) >= 3
    again = house.termijn("list", "draw", "careweb")
    assert "nothing new is due" in again.stdout


def test_a_practice_that_says_all_is_served_and_gets_a_statement_that_agrees_with_plain_sql(
    house: PracticeHouse,
) -> None:
    before = everybody(house)
    number, _ = house.send(2)
    asked = house.on_list(number)
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    house.purge()
    after = everybody(house)
    assert before[2] - after[2] == asked
    assert {p: after[p] for p in (1, 3, 4)} == {p: before[p] for p in (1, 3, 4)}
    told = house.statement(number)
    assert told["destroyed"] == len(before[2]) - len(after[2]) == told["asked"]
    assert told["kept"] == told["stayed"] == {}
    assert (told["recorded_by"], told["approved_by"], told["reference"]) == ("desk-two", "fg", "brief 2026-17")
    assert sum(told["in_batch"].values()) == told["destroyed"]
    ledger = house.ledger()
    assert {b["root"] for b in told["batches"]} <= {c.root for c in ledger.batches.closed_batches()}
    assert ledger.lists.lines_of(number) == ()
    assert ledger.verify().ok
    assert house.list_of(2)["state"] == "carried-out"


def test_a_practice_that_says_part_keeps_what_it_names_with_its_reason(house: PracticeHouse) -> None:
    number, _ = house.send(4)
    asked = house.on_list(number)
    stays = min(asked)
    answer = house.folder / "answer.csv"
    answer.write_text(f"{stays};C\n", "utf-8")
    assert house.instruct(number, "part", "--kept", str(answer)).returncode == 0
    assert house.approve(number).returncode == 0
    house.purge()
    assert house.living(4) & asked == {stays}
    told = house.statement(number)
    assert (told["asked"], told["destroyed"], told["kept"]) == (len(asked), len(asked) - 1, {"claim": 1})
    house.draw()
    assert [one for one in house.lists() if one["state"] == "drawn-up" and one["rule"] == PATIENTS] == [
        one for one in house.lists() if one["controller"] in ("1", "2", "3") and one["rule"] == PATIENTS
    ], "what a practice keeps is not asked again the next month"


def test_later_destroys_nothing_and_takes_back_what_was_approved(house: PracticeHouse) -> None:
    before = everybody(house)
    number, _ = house.send(2)
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    assert house.instruct(number, "later", "--later", later_day(90), by="desk-three").returncode == 0
    house.purge()
    assert everybody(house) == before
    assert house.approve(number, by="fg-two").returncode == 4
    assert "0 chased" in house.termijn("list", "chase", "--as-of", later_day(89)).stdout
    assert "1 chased" in house.termijn("list", "chase", "--as-of", later_day(90)).stdout


def test_a_practice_that_never_answers_loses_nothing_however_long_it_is_silent(house: PracticeHouse) -> None:
    before = everybody(house)
    number, _ = house.send(1)
    for days, chased in ((13, 0), (14, 1), (14, 0), (60, 1), (84, 1), (400, 1), (400, 0)):
        ended = house.termijn("list", "chase", "--as-of", later_day(days))
        assert f" {chased} chased" in ended.stdout, (days, ended.stdout, ended.stderr)
    house.purge()
    assert everybody(house) == before
    assert house.list_of(1)["state"] == "sent"
    mails = sorted(p.name for p in (house.folder / "out" / "mail").glob(f"{number}-*.eml"))
    assert [name.split("-day-")[1] for name in mails] == sorted(["14.eml", "56.eml", "84.eml", "392.eml"])


def test_without_a_second_person_nothing_goes(house: PracticeHouse) -> None:
    before = everybody(house)
    number, _ = house.send(2)
    assert house.instruct(number, "all", by="fg-two").returncode == 0
    house.purge()
    assert everybody(house) == before
    ended = house.termijn("list", "approve", number, "--by", "fg-two", "--code", house.code("fg-two"))
    assert ended.returncode == 4
    ended = house.approve(number, by="desk-three")
    assert ended.returncode == 4
    assert "handler does not approve a list" in ended.stderr
    house.purge()
    assert everybody(house) == before


def test_an_instruction_is_void_when_the_rule_is_worded_otherwise_since(house: PracticeHouse) -> None:
    before = everybody(house)
    number, _ = house.send(2)
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    house.edit("systems/careweb.toml", "records = 1000, share = 0.05", "records = 999, share = 0.05")
    house.countersign()
    house.purge()
    assert everybody(house) == before
    house.draw()
    states = {one["number"]: one["state"] for one in house.lists()}
    assert states[number] == "lapsed"
    assert house.list_of(2)["state"] == "drawn-up"
    assert house.on_list(str(house.list_of(2)["number"])) <= before[2]


def test_what_is_held_or_has_new_activity_stays_although_it_was_instructed(house: PracticeHouse) -> None:
    number, _ = house.send(4)
    asked = sorted(house.on_list(number))
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    held, alive = asked[0], asked[1]
    key = str(house.key_of(held))
    added = house.termijn(
        "hold", "add", "careweb", "patient", key, "--owner", "fg", "--reason", "claim", "--review", later_day(30)
    )
    assert added.returncode == 0, added.stderr
    house.sql("INSERT INTO contact (patient_id, contact_on) VALUES (?, ?)", house.key_of(alive), str(TODAY))
    house.purge()
    assert house.living(4) & set(asked) == {held, alive}
    told = house.statement(number)
    assert told["stayed"] == {"frozen": 1, "not-due": 1}
    assert told["destroyed"] == len(asked) - 2


def test_a_dossier_does_not_take_along_an_invoice_that_its_practice_keeps(house: PracticeHouse) -> None:
    number, _ = house.send(2)
    asked = sorted(house.on_list(number))
    whose = house.key_of(asked[0])
    house.sql("INSERT INTO invoice (practice_id, patient_id, invoiced_on) VALUES (2, ?, '2004-05-06')", whose)
    house.draw()
    invoices, _ = house.send(2, by="desk-three", rule="careweb.invoice")
    [invoice] = house.on_list(invoices)
    answer = house.folder / "answer.csv"
    answer.write_text(f"{invoice};C\n", "utf-8")
    kept = house.instruct(invoices, "part", "--kept", str(answer), by="fg-two")
    assert kept.returncode == 0, kept.stderr
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    house.purge()
    assert house.living(2) & set(asked) == {asked[0]}
    assert house.sql("SELECT count(*) FROM invoice WHERE id = ?", int(invoice)) == [(1,)]
    assert house.statement(number)["stayed"] == {"frozen": 1}


def test_an_instructed_list_over_the_ceiling_destroys_nothing_and_waits(house: PracticeHouse) -> None:
    house.edit("systems/careweb.toml", "records = 1000, share = 0.05", "records = 2, share = 0.05")
    house.countersign()
    house.draw()
    before = everybody(house)
    number, _ = house.send(2)
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    assert "careweb.patient (ceiling)" in house.purge().stderr
    assert everybody(house) == before
    assert house.list_of(2)["state"] == "instructed"


def test_a_list_that_comes_back_with_lines_struck_out_is_refused(house: PracticeHouse) -> None:
    number, phrase = house.send(2)
    sealed = (house.folder / "out" / "lists" / f"{number}.zip").read_bytes()
    lines = unseal(sealed, passphrase=phrase)[f"{number}.csv"].decode("utf-8-sig").splitlines()
    back = house.folder / "back.csv"
    back.write_text("\n".join([*lines[:-2], lines[-1] + "B"]), "utf-8")
    ended = house.instruct(number, "part", "--kept", str(back))
    assert ended.returncode == 4
    assert "1 lines of the list are not in the practice's file" in ended.stderr
    assert not any(client in ended.stderr for client in house.on_list(number))
    back.write_text("\n".join([*lines[:-1], lines[-1] + "B"]), "utf-8")
    assert house.instruct(number, "part", "--kept", str(back)).returncode == 0


def test_a_list_names_client_numbers_and_nothing_else_of_a_person(house: PracticeHouse, tmp_path: Path) -> None:
    number, phrase = house.send(2)
    files = unseal((house.folder / "out" / "lists" / f"{number}.zip").read_bytes(), passphrase=phrase)
    assert sorted(files) == [f"{number}.csv", f"{number}.pdf"]
    rows = list(csv.reader(io.StringIO(files[f"{number}.csv"].decode("utf-8-sig")), delimiter=";"))
    assert {row[1] for row in rows[1:]} == house.on_list(number)
    text = files[f"{number}.csv"].decode("utf-8-sig")
    if shutil.which("pdftotext"):
        (tmp_path / "list.pdf").write_bytes(files[f"{number}.pdf"])
        told = ["pdftotext", "-layout", str(tmp_path / "list.pdf"), "-"]
        text += subprocess.run(told, capture_output=True, text=True, check=True).stdout
    people = house.sql("SELECT bsn, email, phone, surname, iban FROM patient WHERE practice_id = 2")
    words = set(re.findall(r"[\w@.+-]+", text))
    assert not words & {str(v) for row in people for v in row if v and len(str(v)) > 3}
    last = dict(
        house.sql(
            "SELECT p.client_number, max(c.contact_on) FROM patient p JOIN contact c ON c.patient_id = p.id GROUP BY 1"
        )
    )
    assert all(row[2] >= last[row[1]] for row in rows[1:]), "the last date is never before the last contact"


def test_no_client_number_is_in_the_ledger_the_messages_or_what_was_printed(house: PracticeHouse) -> None:
    number, _ = house.send(2)
    clients = house.on_list(number)
    said = [house.instruct(number, "all"), house.approve(number), house.purge()]
    said += [house.termijn("list", "chase"), house.termijn("list", "show", number)]
    printed = "".join(ended.stdout + ended.stderr for ended in said).encode()
    assert (house.folder / "out" / "statements" / f"{number}.pdf").is_file()
    files = [p for p in (house.folder / "out").rglob("*") if p.is_file() and p.suffix != ".zip"]
    bodies = {p.name: p.read_bytes() for p in (*files, house.folder / "ledger.db")} | {"printed": printed}
    assert {name for name, body in bodies.items() if any(c.encode() in body for c in clients)} == set()


def test_an_instruction_that_is_taken_back_after_the_plan_was_drawn_up_lets_nothing_go(
    house: PracticeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = house.send(2)
    assert house.instruct(number, "all").returncode == 0
    assert house.approve(number).returncode == 0
    for name, value in house.environment().items():
        monkeypatch.setenv(name, value)
    before = everybody(house)
    with open_office() as office, office.connected("careweb") as connector:
        [test] = [t for t in due_tests_of(office.register, "careweb", TODAY) if t.rule.name == PATIENTS]
        due = Keys(k for page in connector.find_due(test) for k in page)
        sights = look_out(connector, [test], (), TODAY)
        [plan] = draw_up_plan(
            [Found(test, connector.tally(test), due)],
            freezes={"careweb": Freeze()},
            facts={"careweb": read_facts(office, "careweb", TODAY, TODAY, None, sights)},
            as_of=TODAY,
            register_digest="",
            instructed=read_instructed(office, [test.rule]),
        ).rules
        assert len(plan.to_go) == len(house.on_list(number))
        assert len(instructions_for(office, test.rule, tuple(plan.to_go))) == 1
        later = house.instruct(number, "later", "--later", later_day(30), by="desk-three")
        assert later.returncode == 0, later.stderr
        lease = office.ledger.leases.take_lease("careweb", owner="test", seconds=60, entry=Entry("lease.taken", "test"))
        outcome = destroy_dossiers(office, connector, plan, lease=lease)
    assert outcome.destroyed == 0
    assert everybody(house) == before
    assert sum(outcome.stayed.values()) == len(plan.to_go)
