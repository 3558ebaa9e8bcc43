"""What a morning asks of consents: whatever rested on one that was withdrawn has stopped, or somebody must look."""

from tasks.careful import story
from tasks.withdrawals import Settled, report_waiting, settle_every_withdrawal


@story(
    name="settle-withdrawals",
    run_name="withdrawals",
    description="Stops what rested on a withdrawn consent where that failed at first; red while anything waits.",
)
def settle_withdrawals() -> Settled:
    """A withdrawal stops things when it is recorded; a system that did not answer then is asked again each morning."""
    return report_waiting(settle_every_withdrawal())
