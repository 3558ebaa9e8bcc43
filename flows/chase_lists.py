"""What waiting for the practices is: chase whoever is silent, and file the statement of whatever was carried out."""

from datetime import date

from domain.list_papers import ListsMorning
from tasks.careful import story
from tasks.chasing import chase_waits, file_statements, show_lists


@story(
    name="chase-lists",
    run_name="lists-morning-{as_of}",
    description="Tells the office which practices are silent, by the ladder of the register, and files statements.",
)
def chase_lists(as_of: date | None = None) -> ListsMorning:
    """Silence moves no list and destroys nothing: this story only tells, and files what the purge has settled.

    as_of: look as on this day (default: the day this run was planned for).
    """
    morning = chase_waits(as_of)
    filed = file_statements(morning)
    return show_lists(filed)
