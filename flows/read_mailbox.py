"""What every quarter of an hour brings: what people wrote to the privacy mailbox, kept and sorted."""

from tasks.careful import story
from tasks.intake import MailRead, read_new, tell_what_came


@story(
    name="read-mailbox",
    run_name="mailbox",
    description="Keeps every new message of the privacy mailbox in the ledger and proposes what it asks.",
)
def read_mailbox() -> MailRead:
    """Nothing is lost, nothing is answered and no case is opened by itself: a person adopts what is proposed."""
    read = read_new()
    return tell_what_came(read)
