"""A request by letter or telephone is asked step by step at a real terminal, or read from a file, checked alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.representatives import Capacity
from tests.stories.small_house import TODAY, SmallHouse
from tests.stories.test_review_by_keys import Terminal

MARK = "Zonderlinge"
FILE = f"""
name = "Kind {MARK}"
surname = "Naam4"
born_on = {TODAY.year - 8}-01-31
email = "bezoeker4@example.org"
[asks]
capacity = "parent"
about = ["dossier", "other"]
name = "Ouder {MARK}"
address = ["Dorpsstraat 1", "1234 AB Dorp"]
"""


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


def test_a_letter_is_asked_step_by_step_and_a_wrong_answer_is_asked_again(house: SmallHouse) -> None:
    desk = Terminal(house, "case", "new")
    steps = [
        ("What is asked", "inzage", "none of these words"), ("What is asked", "access,erasure", ""),
        ("How it came", "letter", ""), ("Received on", "31-12-2999", "in the future"),
        ("Received on", f"{TODAY:%d-%m-%Y}", ""), ("Language", "en", ""),
        ("name", f"Kind {MARK}", ""), ("surname", "Naam4", ""),
        ("born_on", f"31-01-{TODAY.year - 8}", ""), ("bsn", "", ""),
        ("email", "geen", "cannot be read as email"),
        ("email", "bezoeker4@example.org", ""), ("phone", "", ""), ("client_number", "", ""),
        ("address", "Plein 2; 1234 AB Dorp", ""), ("Who asks", "parent", ""), ("About which data", "", ""),
        ("name of who asks", f"Ouder {MARK}", ""), ("address of who asks", "Dorpsstraat 1;1234 AB Dorp", ""),
        ("e-mail of who asks", "", ""), ("phone of who asks", "", ""),
    ]  # fmt: skip
    for question, answer, wrong in steps:
        desk.until(question)
        desk.until(": ")
        desk.press(f"{answer}\n")
        if wrong:
            desk.until(wrong)
    desk.until(f"{TODAY.year}-0002 is open: erasure")
    desk.until("what must be proven")
    assert desk.ended() == 0
    ledger = house.ledger()
    access, erasure = ledger.cases.list_cases()
    assert (access.channel, access.language, access.received_on) == ("letter", "en", TODAY)
    for case in (access, erasure):
        asker = ledger.askers.of_case(case.number)
        assert asker is not None
        assert asker.capacity is Capacity.PARENT
        assert ledger.askers.person_of(case.number)["address"] == ["Dorpsstraat 1", "1234 AB Dorp"]
        assert ledger.cases.subject_of(case.number)["born_on"] == f"{TODAY.year - 8}-01-31"


def test_a_file_says_the_same_and_is_checked_the_same(house: SmallHouse) -> None:
    opened = house.termijn("case", "new", "--channel", "telephone", "--subject", "-", given=FILE)
    assert opened.returncode == 0, opened.stderr
    assert MARK not in opened.stdout
    number = opened.stdout.split()[1]
    ledger = house.ledger()
    assert ledger.askers.person_of(number)["name"] == f"Ouder {MARK}"
    for old, new in (('"parent"', '"buurman"'), ('name = "Ouder', 'naam = "Ouder'), (f"{TODAY.year - 8}", "2999-")):
        wrong = house.termijn("case", "new", "--subject", "-", given=FILE.replace(old, new))
        assert wrong.returncode == 4, wrong.stdout
        assert MARK not in wrong.stderr
    assert len(ledger.cases.list_cases()) == 1, "nothing half-open"
