"""A night waits for a busy source, with an end to it, and keeps its hours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from connectors.sql import SqlConnector
from domain.system import System
from tasks.pace import PATIENCE, Pace, Stopped, is_open

NIGHT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # 23:30 in Amsterdam


class Desk:
    """A clock that only sleeping moves, a source with so many sessions at work, and a stop switch."""

    def __init__(self, **settings: Any) -> None:
        self.at, self.moment, self.others = 0.0, NIGHT, 0
        self.busy: Callable[[], int | None] = lambda: self.others
        self.checked = 0
        self.stop: Stopped | None = None
        columns = {"id": {"class": "technical"}, "at": {"class": "technical"}}
        dataset = {"activity": "a", "key": ["id"], "triggers": ["at"], "columns": columns}
        dataset |= {"ceiling": {"records": 1, "share": 1}}
        given = {"id": "hr", "title": "HR", "connector": "sql", "url": "env:HR", "dataset": {"staff": dataset}}
        self.system = System.model_validate(given | settings)

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def check(self) -> Stopped | None:
        self.checked += 1
        return self.stop

    def watch(self) -> Callable[[], float]:
        began = self.at
        return lambda: self.at - began

    def pace(self) -> Pace:
        busy, check, moment = self.busy, self.check, lambda: self.moment
        return Pace(self.system, busy=busy, check=check, watch=self.watch, sleep=self.sleep, moment=moment)


def test_a_batch_goes_at_once_where_nothing_is_asked_of_the_source() -> None:
    desk = Desk()
    assert desk.pace().may_go_on() is None
    assert (desk.at, desk.checked) == (0, 1)


def test_the_switch_and_the_lease_are_asked_before_each_batch() -> None:
    desk = Desk(window="22:00-06:00", busy_above=3)
    desk.stop = ("the stop switch is on", "termijn go")
    assert desk.pace().may_go_on() == ("the stop switch is on", "termijn go")


@pytest.mark.parametrize(
    ("window", "hour", "opens"),
    [
        ("22:00-06:00", "21:59", False),
        ("22:00-06:00", "22:00", True),
        ("22:00-06:00", "00:00", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "06:00", False),
        ("01:00-05:00", "00:59", False),
        ("01:00-05:00", "04:59", True),
        ("01:00-05:00", "05:00", False),
    ],
)
def test_a_window_is_in_amsterdam_and_its_end_is_outside_it(window: str, hour: str, opens: bool) -> None:
    winter, summer = (datetime.fromisoformat(f"{day}T{hour}:00{zone}") for day, zone in
                      (("2026-11-23", "+01:00"), ("2026-07-01", "+02:00")))  # fmt: skip
    assert is_open(window, winter.astimezone(UTC)) is opens
    assert is_open(window, summer.astimezone(UTC)) is opens


def test_a_window_that_closes_half_way_is_a_value_and_says_that_the_next_night_goes_on() -> None:
    desk = Desk(window="22:00-06:00")
    pace = desk.pace()
    assert pace.may_go_on() is None
    desk.moment = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    stopped = pace.may_go_on()
    assert stopped is not None
    assert "22:00-06:00 is closed" in stopped[0]
    assert "next night goes on" in stopped[1]


@pytest.mark.parametrize("window", ["22:00", "24:00-06:00", "22:00-22:00", "night"])
def test_a_window_that_is_none_does_not_load(window: str) -> None:
    with pytest.raises(ValueError, match="window"):
        Desk(window=window)


def test_a_busy_source_is_waited_for_and_served_when_it_is_quiet() -> None:
    desk = Desk(busy_above=3)
    seen = iter([9, 9, 4, 3])
    desk.busy = lambda: next(seen)
    assert desk.pace().may_go_on() is None
    assert desk.at == 1 + 2 + 4


def test_a_source_that_stays_busy_is_left_alone_after_half_an_hour() -> None:
    desk = Desk(busy_above=0)
    desk.others = 1
    stopped = desk.pace().may_go_on()
    assert stopped is not None
    assert "half an hour" in stopped[0]
    assert desk.at == PATIENCE
    assert desk.checked > 100, "the switch and the lease are asked all the while"


@pytest.mark.parametrize("how", ["switch", "window"])
def test_a_stop_takes_effect_while_a_busy_source_is_waited_for(how: str) -> None:
    desk = Desk(busy_above=0, window="22:00-06:00")
    looks = iter([1, 1, 1])

    def busy() -> int:
        if next(looks, None) is None:
            raise AssertionError("it looked on after the stop")
        if desk.at > 0 and how == "switch":
            desk.stop = ("stopped", "go")
        elif desk.at > 0:
            desk.moment = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
        return 1

    desk.busy = busy
    stopped = desk.pace().may_go_on()
    assert stopped is not None
    assert ("stopped" if how == "switch" else "closed") in stopped[0]
    assert desk.at < 10


@pytest.mark.parametrize("settings", [{}, {"busy_above": 0}])
def test_a_source_that_says_nothing_of_its_sessions_is_not_waited_for(settings: dict[str, int]) -> None:
    desk = Desk(**settings)
    desk.busy = lambda: None
    assert desk.pace().may_go_on() is None


@pytest.fixture
def somebody_at_work(postgres_url: str) -> Iterator[str]:
    """A session of somebody else that is at work in the database for a while."""
    connection = psycopg.connect(postgres_url, application_name="their program")
    ready = threading.Event()

    def work() -> None:
        ready.set()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")

    worker = threading.Thread(target=work)
    worker.start()
    ready.wait()
    yield postgres_url
    connection.cancel()
    worker.join()
    connection.close()


def test_the_sessions_of_others_that_are_at_work_are_counted(somebody_at_work: str) -> None:
    connector = SqlConnector(Desk().system, somebody_at_work)
    for _ in range(50):
        busy = connector.busy()
        if busy == 1:
            break
        threading.Event().wait(0.1)
    connector.close()
    assert busy == 1
