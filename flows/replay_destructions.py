"""What a replay is: after a restore, destroy again what had been destroyed before, and prove it again."""

from domain.night import Night
from tasks.careful import story
from tasks.erase_again import erase_returned
from tasks.night import carry_out, file_report, open_night
from tasks.replay import draw_up_again, end_replay, find_returned


@story(
    name="replay-destructions",
    run_name="replay-{system}-{rehearsal}",
    description="After a restore: finds what the backup brought back of what was destroyed, and destroys it again.",
)
def replay_destructions(system: str, rehearsal: bool = True) -> Night:
    """Only what the ledger has evidence of, and only where today's rule and no hold keeps it.

    system: the system that was restored. rehearsal: show what came back, destroy nothing.
    """
    night = open_night(None, [system], rehearsal=rehearsal, plan="")
    returned = find_returned(night, system)
    erase_returned(night, system)
    agreed = draw_up_again(night, returned)
    outcomes = [carry_out(night, agreed, system)]
    report = file_report(night, agreed, [returned], outcomes)
    return end_replay(report)
