"""Killed at any step of reading the mailbox or of adopting, the next run loses no message and makes no case twice."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.mailbox.imap import Inbox
from domain.evidence import Entry
from ledger.cases import Cases
from ledger.mail import DRAFT, MailBook
from ledger.mail_threads import channel_of
from tasks import adoption, intake
from tasks.office import open_office
from tests.faults import machine
from tests.stories.imap_house import Dovecot, letter, open_dovecot, settings_of
from tests.stories.small_house import SmallHouse

pytestmark = pytest.mark.slow
#: What a reading or an adoption does that another machine can see.
VERBS = ((MailBook, "store"), (Inbox, "mark"), (Cases, "open_case"), (MailBook, "adopted"), (MailBook, "join"))
LETTERS = (
    letter("Ik wil inzage. Verwijder daarna mijn account.", number=1),
    letter("Nog een keer: ik wil inzage.", number=2, In_Reply_To="<1@example.org>"),
    letter("Ik ben er niet", number=3, Auto_Submitted="auto-replied"),
    letter("Ik wil inzage. Verwijder daarna mijn account.", number=1),
)
#: Of the four letters: a draft of two cases, its follow-up, an automatic reply, a copy.
KEPT = {"adopted": 1, "joined": 1, "aside": 2}


def read() -> None:
    getattr(intake.read_new, "fn", intake.read_new)()


def adopt_all() -> None:
    """What the DPO does after a reading: adopt what is proposed, the first of a thread first."""
    with open_office() as office:
        for one in office.ledger.mail.list_all(DRAFT):
            if office.ledger.mail.read(one.number).state == DRAFT:
                adoption.adopt(office, one.number, (), by="privacy")


class Doomed:
    """An office with four letters in its mailbox; each time as it began, in a mailbox of its own."""

    def __init__(self, folder: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.dovecot, self._monkeypatch = folder, dovecot, monkeypatch
        self.small = SmallHouse(folder)
        self.begin("begin")
        with open_office() as office:
            office.ledger.events.head()
        self._kept = folder.with_name("kept")
        self._kept.mkdir()
        for file in self._traces(folder):
            shutil.copyfile(file, self._kept / file.name)

    def begin(self, user: str) -> None:
        self.user = user
        for name, value in settings_of(self.small, self.dovecot, user).items():
            self._monkeypatch.setenv(name, value)
        self.dovecot.put(user, *LETTERS)

    def put_back(self, user: str) -> None:
        for file in self._traces(self.folder):
            file.unlink()
        for file in self._kept.iterdir():
            shutil.copyfile(file, self.folder / file.name)
        self.begin(user)

    def run_to(self, step: int | None, told: Path) -> int:
        """Read and adopt in a process of its own that dies at this boundary; how it ended."""
        child = os.fork()
        if child == 0:
            code = 70
            try:
                machine.VERBS = VERBS  # type: ignore[assignment] - in this child only
                steps = machine.Steps({"signal_at": step} if step is not None else {})
                steps.watch_verbs()
                steps.watch_statements()
                read()
                adopt_all()
                told.write_text("\n".join(steps.passed), "utf-8")
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def all_is_well(self) -> None:
        assert self.dovecot.kept(self.user) == (len(LETTERS), len(LETTERS)), "none taken away, each marked"
        with open_office() as office:
            kept = office.ledger.mail.list_all()
            assert Counter(m.state for m in kept) == KEPT
            words = [office.ledger.mail.raw_of(m.number, entry=Entry("mail.read", "privacy")) for m in kept]
            assert [w.replace(b"\r\n", b"\n") for w in words] == list(LETTERS)
            opened = office.ledger.cases.list_cases()
            assert [(c.kind, c.channel) for c in opened] == [
                ("access", channel_of(kept[0].number)),
                ("erasure", channel_of(kept[0].number)),
            ]
            assert [m.case for m in kept[:2]] == [opened[0].number] * 2
            assert office.ledger.verify().ok

    @staticmethod
    def _traces(folder: Path) -> list[Path]:
        return [f for f in folder.iterdir() if f.name.startswith("ledger.db")]


@pytest.fixture
def doomed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doomed]:
    folder = tmp_path / "house"
    folder.mkdir()
    with open_dovecot() as dovecot:
        yield Doomed(folder, dovecot, monkeypatch)


def test_killed_at_any_step_no_letter_is_lost_and_no_case_is_opened_twice(doomed: Doomed, tmp_path: Path) -> None:
    told = tmp_path / "steps"
    assert doomed.run_to(None, told) == 0
    doomed.all_is_well()
    boundaries = told.read_text("utf-8").splitlines()
    first = {name: n for n, name in reversed(list(enumerate(boundaries)))}
    last = {name: n for n, name in enumerate(boundaries)}
    struck = sorted({*first.values(), *(n for name, n in last.items() if "COMMIT" in name or "mark" in name)})
    for step in struck:
        doomed.put_back(f"u{step}")
        assert doomed.run_to(step, told) == -signal.SIGKILL, boundaries[step]
        read()
        adopt_all()
        doomed.all_is_well()
    print(f"killed at {len(struck)} of {len(boundaries)} boundaries: {', '.join(first)}")
