"""What a month begins with: count what falls due in the year to come, and lay the calendar on the DPO's desk."""

from datetime import date

from domain.calendar import Calendar
from tasks.calendar import draw_calendar, end_calendar, file_calendar
from tasks.careful import story


@story(
    name="look-ahead",
    run_name="calendar-{as_of}",
    description="Counts, per month and per activity, what falls due in the months to come. Destroys nothing.",
)
def look_ahead(as_of: date | None = None, months: int = 12) -> Calendar:
    """The work that comes, so that nobody is surprised by it. Freezes and guards are not counted.

    as_of: look ahead from this day (default: the day this run was planned for). months: how far.
    """
    calendar = draw_calendar(as_of, [], months=months)
    file_calendar(calendar)
    return end_calendar(calendar)
