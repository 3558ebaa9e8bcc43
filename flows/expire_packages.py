"""What a night does in the store of packages: what is over goes, and is seen to be gone."""

from datetime import date

from tasks.careful import story
from tasks.clock import scheduled_day
from tasks.expiry import Removed, expire


@story(
    name="expire-packages",
    run_name="expire-packages",
    description="Removes sealed packages whose time is over, or that were withdrawn, and sees that they are gone.",
)
def expire_packages(as_of: date | None = None) -> Removed:
    """A package stays as long as the register says; after it nobody gets its passphrase, and its file goes.

    as_of: the day for which it decides; the planned day of the run if left out.
    """
    return expire(as_of or scheduled_day())
