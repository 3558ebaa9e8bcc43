"""What day and what moment it is: the only place that reads the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from time import monotonic
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def stopwatch() -> Callable[[], float]:
    """A watch that starts now: call it for the seconds since."""
    began = monotonic()
    return lambda: monotonic() - began


def today() -> date:
    """The date in Amsterdam."""
    return now().astimezone(AMSTERDAM).date()


def scheduled_day() -> date:
    """The day for which this run was planned, so that a late or repeated run decides the same."""
    from tasks.careful import under_prefect

    if not under_prefect():
        return today()
    from prefect.runtime import flow_run

    planned = flow_run.scheduled_start_time
    return planned.astimezone(AMSTERDAM).date() if planned is not None else today()
