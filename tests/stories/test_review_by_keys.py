"""The review at a real terminal: one key a decision, undone, stopped, taken up again, and gone from the screen."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from tests.stories.small_house import LATELY, SmallHouse
from tests.stories.test_withholding import opened_case


class Terminal:
    """`termijn review` behind a pseudo-terminal: press keys, read what is shown."""

    def __init__(self, house: SmallHouse, *words: str) -> None:
        env = house.environment() | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes the command
            os.chdir(house.folder)
            os.execve(sys.executable, [sys.executable, "-m", "cli.main", *words], env)  # noqa: S606 - our own command
        self.unread = ""

    def until(self, words: str, within: float = 60) -> str:
        """What is shown up to these words; the rest waits for the next."""
        begun = time.monotonic()
        while words not in self.unread:
            assert time.monotonic() - begun < within, f"never shown: {words}; last: {self.unread[-500:]}"
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.unread += os.read(self.fd, 65536).decode("utf-8", "replace")
                except OSError:
                    assert words in self.unread, f"it ended before: {words}; last: {self.unread[-800:]}"
        seen, _, self.unread = self.unread.partition(words)
        return seen + words

    def press(self, key: str) -> None:
        os.write(self.fd, key.encode())

    def ended(self) -> int:
        """Its exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    house = SmallHouse(tmp_path)
    house.visit(40, LATELY)
    house.sql("INSERT INTO visitor VALUES (41, 'Elders', NULL, NULL, '0612345640', ?)", str(LATELY))
    house.sql(
        "INSERT INTO note (id, visitor_id, text) VALUES (4001, 40, 'Haar zus Ria belt vanavond met 06-87654321.')"
    )
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (4002, 40, 'Morgen is zus Ria er weer bij, zegt zij.')")
    house.sql("INSERT INTO note (id, visitor_id, text) VALUES (4101, 41, 'Gebracht door mevrouw Jansen uit Goor.')")
    return house


def test_a_review_by_keys_is_kept_key_by_key_and_taken_up_where_it_stopped(house: SmallHouse) -> None:
    number = opened_case(house)
    first = Terminal(house, "review", number)
    record = first.until("q quit")
    assert "record 1 of 1" in record
    assert "Elders" in record
    assert "who asks" in record
    first.press("t")
    assert "Ria" in first.until("0 of 4 decided")
    first.until("q quit")
    first.press("a")
    first.until("all 2 alike")
    first.press("w")
    first.until("2 of 4 decided (1 this person, 2 withheld)")
    first.press("k")
    first.until("3 of 4 decided (1 this person, 2 withheld, 1 kept)")
    first.press("u")
    first.until("2 of 4 decided (1 this person, 2 withheld)")
    first.press("s")
    assert "Jansen" in first.until("uit Goor"), "the texts of a record that is theirs are looked at too"
    first.press("q")
    told = first.until("2 left; go on with")
    assert first.ended() == 0
    assert "\x1b[?1049l" in told, "it leaves the second screen, and with it what was shown"
    assert "Jansen" not in told.partition("\x1b[?1049l")[2]
    again = Terminal(house, "review", number)
    again.until("0 of 2 decided")
    again.press("w")
    again.until("1 of 2 decided")
    again.press("w")
    again.until("no passage is left to decide")
    assert again.ended() == 0
    ledger = house.ledger()
    kinds = [e.kind for e in ledger.events.events(case=number)]
    assert ledger.verify().ok
    ledger.close()
    assert [k for k in kinds if k.startswith(("match.", "passage."))] == [
        "match.decided", "passage.decided", "passage.decided", "passage.reopened", "passage.decided", "passage.decided",
    ]  # fmt: skip
    assert house.termijn("export", number).returncode == 0


def test_a_file_of_decisions_settles_records_and_passages_in_one_place(house: SmallHouse) -> None:
    number = opened_case(house)
    shown = house.termijn("review", number, "--show").stdout
    assert "record:1" in shown
    assert "name:1" in shown
    decisions = house.folder / "decisions"
    decisions.write_text("record:1 another\nall withhold\n", "utf-8")
    assert house.termijn("review", number, "--decide", str(decisions)).returncode == 0
    assert house.termijn("export", number).returncode == 0
    decisions.write_text("record:1 keep\n", "utf-8")
    refused = house.termijn("review", number, "--decide", str(decisions))
    assert refused.returncode == 4
    assert "theirs nor another" in refused.stderr
    assert "asks for keys" in house.termijn("review", number).stderr


def asked_of_texts(house: SmallHouse) -> Terminal:
    """A sitting whose only record in doubt is theirs: Ria in two texts, a telephone number, Jansen."""
    sitting = Terminal(house, "review", opened_case(house))
    sitting.until("q quit")
    sitting.press("t")
    sitting.until("0 of 4 decided")
    sitting.until("q quit")
    return sitting


def test_undo_after_going_back_takes_only_the_last_decision_back_and_loses_nothing(house: SmallHouse) -> None:
    sitting = asked_of_texts(house)
    sitting.press("s")
    assert "phone" not in sitting.until("a key decides on this one")
    sitting.press("w")
    sitting.until("1 of 4 decided")
    sitting.press("b")
    assert "Ria" in sitting.until("this one of 2 alike")
    sitting.press("u")
    assert "telefoonnummer" in sitting.until("0 of 4 decided"), "the last decision is asked again"
    sitting.press("k")
    sitting.until("1 of 4 decided (1 this person, 1 kept)")
    assert "of 2 alike" in sitting.until("q quit"), "what was skipped before is still to be asked"
    sitting.press("a")
    sitting.until("all 2 alike")
    sitting.press("w")
    sitting.until("3 of 4 decided")
    sitting.press("w")
    sitting.until("no passage is left to decide")
    assert sitting.ended() == 0


def test_undo_of_one_of_two_alike_counts_neither_twice(house: SmallHouse) -> None:
    sitting = asked_of_texts(house)
    sitting.press("w")
    sitting.until("1 of 4 decided")
    sitting.press("s")
    sitting.until("telefoonnummer")
    sitting.press("u")
    sitting.until("0 of 4 decided")
    sitting.until("this one of 2 alike")
    sitting.press("q")
    sitting.until("4 left; go on with")
    assert sitting.ended() == 0


def test_undo_after_a_skipped_record_asks_of_the_record_that_was_decided(house: SmallHouse) -> None:
    for number in (42, 43):
        house.sql("INSERT INTO visitor VALUES (?, ?, NULL, NULL, '0612345640', ?)", number, f"Ver{number}", str(LATELY))
    number = opened_case(house)
    sitting = Terminal(house, "review", number)
    for said, key in (("record 1 of 3", "n"), ("record 2 of 3", "s"), ("record 3 of 3", "u")):
        sitting.until(said)
        sitting.press(key)
    sitting.until("record 1 of 3")
    sitting.press("q")
    sitting.until("left; go on with")
    assert sitting.ended() == 0
    assert '"candidates_open": 3' in house.termijn("review", number, "--json").stdout


STEERING, TAGS = "\x1b]0;gekaapt\x07\x1b[2J", "[bold]vet[/bold] [/red]"


def test_what_a_record_says_neither_steers_the_terminal_nor_is_read_as_markup(house: SmallHouse) -> None:
    odd = f"{STEERING}{TAGS}"
    house.sql("UPDATE visitor SET surname = ? WHERE id = 41", f"Elders{odd}")
    house.sql("UPDATE note SET text = ? WHERE id = 4001", f"{odd} Haar zus Ria belt met 06-87654321. {odd}")
    number = opened_case(house)
    marks = """[[withhold]]
record = "desk.note:4002"
reason = "gaat [bold]niet[/bold] over haar"
"""
    assert house.termijn("review", number, "--mark", "-", given=marks).returncode == 0
    shown = house.termijn("review", number, "--show")
    assert shown.returncode == 0, shown.stderr
    assert "\x1b" not in shown.stdout
    assert "\x07" not in shown.stdout
    assert shown.stdout.count("[bold]vet[/bold]") >= 3
    assert "gaat [bold]niet[/bold] over haar" in shown.stdout
    sitting = Terminal(house, "review", number)
    seen = sitting.until("q quit")
    assert "[bold]vet[/bold] [/red]" in seen
    sitting.press("n")
    seen += sitting.until("a all alike")
    assert "[/red]" in seen.rpartition("Ria")[0]
    sitting.press("q")
    seen += sitting.until("left; go on with")
    assert sitting.ended() == 0
    assert "\x1b]0;" not in seen
    assert "\x07" not in seen


@pytest.mark.parametrize("option", ["--mark", "--decide"])
def test_a_file_that_cannot_be_read_is_wrong_use_and_said_so(house: SmallHouse, option: str) -> None:
    number = opened_case(house)
    odd = house.folder / "latin"
    odd.write_bytes(b"all withhold # \xe9\n")
    for file in (house.folder / "nowhere", house.folder, odd):
        ended = house.termijn("review", number, option, str(file))
        assert ended.returncode == 2, ended.stderr
        assert "Traceback" not in ended.stderr
        assert option in ended.stderr
        assert "cannot be read" in ended.stderr


def test_every_record_of_the_person_is_shown_as_a_mark_by_hand_names_it(house: SmallHouse) -> None:
    number = opened_case(house)
    shown = house.termijn("review", number, "--show").stdout
    assert "desk.visitor:40" in shown
    assert "surname: Naam40" in shown
    assert "text: geheim40" in shown, "also a text in which nothing was proposed"
    assert "desk.visitor:41" not in shown.replace("(desk.visitor:41)", ""), "a record in doubt is not theirs yet"
    [record] = [line.strip() for line in shown.splitlines() if line.startswith("desk.note:") and "400" not in line]
    marks = f"""[[withhold]]
record = "{record}"
column = "text"
reason = "dat gaat over een ander"
"""
    assert house.termijn("review", number, "--mark", "-", given=marks).returncode == 0
