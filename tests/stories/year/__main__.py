"""Play the year: every working day its requests, questions, answers and morning; every month its night.

`python -m tests.stories.year DIR [--until DAY] [--die-on DAY]`. Started again in the same folder it goes on where it
stopped. The clock is turned, nothing sleeps. `--die-on`: SIGKILL to itself that morning, between a rung that was
recorded and the message about it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.stories.year.turned_clock import MOMENT  # isort: skip - before anything that reads the clock

from domain.cases import Case, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.trouble import TermijnError
from flows.chase_lists import chase_lists
from flows.expire_packages import expire_packages
from flows.nightly_purge import nightly_purge
from flows.propose_lists import propose_lists
from flows.watch_breaches import watch_breaches
from flows.watch_deadlines import watch_deadlines
from tasks.office import Office, open_office
from tests.stories.year.answers import Answering
from tests.stories.year.oracle import is_office_day
from tests.stories.year.requests import Request, draw_requests

YEAR = 2026
#: Days on which the mail server takes nothing.
MAIL_DOWN = {date(YEAR, 2, 10), date(YEAR, 2, 11), date(YEAR, 6, 3), date(YEAR, 9, 17), date(YEAR, 11, 5)}
#: (day and hour of awareness, after how many hours the authority is told).
BREACHES = ((datetime(YEAR, 3, 6, 15, tzinfo=UTC), 20), (datetime(YEAR, 8, 14, 9, tzinfo=UTC), 80))


class OfficeYear:
    """The office over a year. What was done stands in the ledger, so that a new process knows where it was."""

    def __init__(self, folder: Path, until: date, die_on: date | None) -> None:
        self.folder, self.until, self.die_on = folder, until, die_on
        self.requests = draw_requests(YEAR, until=until)
        self.answering = Answering(self.requests)
        self.spent = Counter[str]()
        self.log = folder / "days.log"

    def play(self) -> None:
        """Day by day from where it stopped."""
        done = self.log.read_text().split() if self.log.exists() else []
        day = date.fromisoformat(done[-1]) + timedelta(days=1) if done else date(YEAR, 1, 1)
        while day <= self.until:
            self.one_day(day)
            with self.log.open("a") as log:
                print(day, file=log)
            day += timedelta(days=1)

    def one_day(self, day: date) -> None:
        """Requests, questions and answers; on a working day the morning; the night on the last day of a month."""
        self._at(day, 5)
        today = [one for one in self.requests if day in one.days]
        with open_office() as office, self._timed("requests"):
            for one in today:
                self._advance(office, one, day)
        if is_office_day(day):
            self._at(day, 8)
            self._mail(up=day not in MAIL_DOWN)
            if day == self.die_on:
                _die_between_recording_and_sending()
            with self._timed("mornings"):
                watch_deadlines(day)
                chase_lists(day)
        self._breaches(day)
        if (day + timedelta(days=1)).day == 1:
            self._month_ends(day)

    def _month_ends(self, day: date) -> None:
        self._at(day, 22)
        with self._timed("nights"):
            self._quietly(propose_lists, as_of=day)
            # Every quarter all systems; in the other months the two in which something falls due each month.
            some = None if day.month % 3 == 0 else ["hr", "termijn"]
            self._quietly(nightly_purge, as_of=day, systems=some, rehearsal=False)
            self._quietly(expire_packages, as_of=day)

    @staticmethod
    def _quietly(story: Any, **given: Any) -> None:
        """A night of the sample ends red on purpose (a rule over its ceiling); what it did stands in the ledger."""
        try:
            story(**given)
        except TermijnError as trouble:
            sys.stderr.write(f"{story.__name__}: {type(trouble).__name__}\n")

    def _advance(self, office: Office, one: Request, day: date) -> None:
        number = self.answering.number_of(office, one)
        if number is None:
            number = self.answering.receive(office, one)
        case = office.ledger.cases.read_case(number)
        for asked, answered, question in one.pauses:
            if asked == day and case.state is not State(question):
                case = _move(office, case, State(question), day)
            if answered == day and case.state is State(question):
                case = _move(office, case, State.IN_PROGRESS, day)
        if one.extended == day and case.extended_on is None:
            case = office.ledger.cases.extend(number, on=day, entry=Entry("case.extended", "privacy", case=number))
        if one.works_on <= day and one.end != "forwarded":
            case = self._take_up(office, case, day)
        if one.ended <= day and case.state in (State.RECEIVED, State.IN_PROGRESS, State.SEALED):
            self.answering.end(office, one, case, day)
        if one.closed <= day:
            self._close(office, number, day)

    def _take_up(self, office: Office, case: Case, day: date) -> Case:
        if case.identity is None:
            check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", day)
            entry = Entry("case.identity", "privacy", case=case.number)
            case = office.ledger.cases.record_identity(case.number, check, entry=entry)
        if case.state is State.RECEIVED:
            case = _move(office, case, State.IN_PROGRESS, day)
        return case

    def _close(self, office: Office, number: str, day: date) -> None:
        case = office.ledger.cases.read_case(number)
        if case.state in (State.ANSWERED, State.REFUSED, State.FORWARDED, State.WITHDRAWN):
            self.answering.settle(office, case, day)
            _move(office, case, State.CLOSED, day)

    def _breaches(self, day: date) -> None:
        for aware, hours in BREACHES:
            if aware.date() <= day <= (aware + timedelta(hours=hours)).date():
                with self._timed("breaches"):
                    self.answering.breach(day, aware, hours, MOMENT, watch_breaches)

    def _mail(self, *, up: bool) -> None:
        """Without a server everything is laid in the outbox; a server that is down refuses."""
        if up:
            os.environ.pop("TERMIJN_SMTP_HOST", None)
        else:
            os.environ |= {"TERMIJN_SMTP_HOST": "127.0.0.1", "TERMIJN_SMTP_PORT": "1"}

    def _at(self, day: date, hour: int) -> None:
        MOMENT[0] = max(MOMENT[0], datetime(day.year, day.month, day.day, hour, tzinfo=UTC))

    def _timed(self, what: str) -> ExitStack:
        began, stack = time.monotonic(), ExitStack()
        stack.callback(lambda: self.spent.update({what: round(1000 * (time.monotonic() - began))}))
        return stack


def _move(office: Office, case: Case, to: State, day: date) -> Case:
    return office.ledger.cases.move(case.number, to, on=day, entry=Entry("case.moved", "privacy", case=case.number))


def _die_between_recording_and_sending() -> None:
    """The process ends at its first message of this morning, after its rung was recorded."""
    from tasks import deadlines

    def killed(*_given: object, **_named: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    deadlines.send = killed  # type: ignore[assignment]


def main() -> None:
    """Found the company where there is none, then play."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--until", type=date.fromisoformat, default=date(YEAR, 12, 31))
    asked.add_argument("--die-on", type=date.fromisoformat)
    given = asked.parse_args()
    from tests.stories.year.company import opened_company
    from tests.stories.year.table import show_year

    began = time.monotonic()
    with opened_company(given.folder, MOMENT):
        year = OfficeYear(given.folder, given.until, given.die_on)
        year.play()
        show_year(year.requests, given.until, year.spent, time.monotonic() - began)


if __name__ == "__main__":
    main()
