"""The calendar of what falls due, counted in each system, and its page in the output folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from domain.calendar import MOST_MONTHS, Calendar, Forecast, forecast, look_ahead, month_ends
from domain.night import Guarded
from domain.trouble import Refused, SourceUnreadable
from tasks.artifacts import show_on_screen
from tasks.careful import careful
from tasks.clock import scheduled_day
from tasks.office import Office, open_office
from tasks.schema import check_schema_for_purge
from tasks.settings import read_settings


@careful
def draw_calendar(as_of: date | None, systems: Sequence[str], *, months: int = 12) -> Calendar:
    """What falls due from `as_of` (or the planned day) on, in this many months.

    An unreadable system is in it as such, with no counts. Raises Refused for a number of months that is no calendar.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise Refused(f"{months} months is no calendar", do=f"ask for 1 to {MOST_MONTHS} months")
    day = as_of or scheduled_day()
    ends, rules, unreadable = month_ends(day, months), list[Forecast](), list[Guarded]()
    with open_office() as office:
        for name in systems:
            office.system(name)
        chosen = list(systems) or sorted(office.register.systems)
        for name in chosen:
            try:
                rules += _count(office, name, (day, *ends))
            except SourceUnreadable as trouble:
                unreadable.append(Guarded(where=name, guard="unreadable", reason=trouble.what, do=trouble.do))
    return Calendar(as_of=day, month_ends=ends, systems=tuple(chosen), rules=tuple(rules), unreadable=tuple(unreadable))


@careful
def file_calendar(calendar: Calendar) -> Path:
    """Lay the calendar down as PDF in the output folder and as a page on the DPO's screen; where the PDF is."""
    from reports import calendar_markdown, calendar_pdf
    from tasks.report import lay_down

    file = read_settings().out / f"calendar-{calendar.as_of}.pdf"
    lay_down(file, calendar_pdf(calendar))
    show_on_screen("termijn-calendar", calendar_markdown(calendar), about=f"What falls due after {calendar.as_of}")
    return file


def end_calendar(calendar: Calendar) -> Calendar:
    """Raise where a system was not read, after all that could be counted was counted and filed."""
    if calendar.unreadable:
        told = "; ".join(f"{u.where}: {u.reason}" for u in calendar.unreadable)
        raise SourceUnreadable(told, do=calendar.unreadable[0].do)
    return calendar


def _count(office: Office, system: str, days: Sequence[date]) -> list[Forecast]:
    """Every rule of one system, counted for all days at once."""
    found = []
    with office.connected(system) as connector:
        check_schema_for_purge(connector)
        for tests in look_ahead(office.register, system, days).values():
            counts = connector.forecast([t for t in tests if t is not None])
            found.append(forecast(tests, counts, office.register.activities))
    return found
