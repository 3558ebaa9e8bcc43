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
