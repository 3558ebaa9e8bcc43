"""What a morning is: look at every open request, tell whom it presses, and lay the list on the DPO's desk."""

from datetime import date

from domain.morning import MorningList
from tasks.careful import story
from tasks.deadlines import escalate, file_morning, list_open_cases


@story(
    name="watch-deadlines",
    run_name="morning-{as_of}",
    description="Lists every open request by what presses most, and climbs the ladder of the register where it is due.",
)
def watch_deadlines(as_of: date | None = None) -> MorningList:
    """No timeout ever answers, denies or destroys: this story only counts, tells and lists.

    as_of: look as on this day (default: the day this run was planned for).
    """
    morning = list_open_cases(as_of)
    told = escalate(morning)
    file_morning(told)
    return told
