"""What every hour brings: which notices of data breaches are owed, and who must be told that they are."""

from datetime import datetime

from domain.breach_morning import BreachWatch
from tasks.breaches import show_breaches, watch_notices
from tasks.careful import story


@story(
    name="watch-breaches",
    run_name="breaches",
    description="Looks at every data breach under way and climbs the ladder of hours where a notice is owed.",
)
def watch_breaches(at: datetime | None = None) -> BreachWatch:
    """The office hears in time, around the clock; no notice leaves by itself, and no file closes by itself.

    at: look as at this moment, with its zone; empty is now.
    """
    seen = watch_notices(at)
    return show_breaches(seen)
