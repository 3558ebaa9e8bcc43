"""What a night of Termijn is: destroy what the law no longer lets us keep, and keep the proof that we did."""

from datetime import date

from domain.night import Night
from tasks.careful import story
from tasks.night import carry_out, draw_up, end_night, file_report, find_expired, open_night


@story(
    name="nightly-purge",
    run_name="purge-{rehearsal}-{as_of}",
    description="Destroys, with proof, what may no longer be kept. A rehearsal by default: only prefect.yaml arms it.",
)
def nightly_purge(
    as_of: date | None = None, systems: list[str] | None = None, rehearsal: bool = True, plan: str = ""
) -> Night:
    """Find everything before destroying anything; destroy only what the plan says; ask again; report.

    as_of: decide as on this day (default: the day this run was planned for). systems: only these. rehearsal: show,
    destroy nothing. plan: the digest of a plan that a second person approved; then only what that plan names goes.
    """
    night = open_night(as_of, systems or [], rehearsal=rehearsal, plan=plan)
    scans = [find_expired(night, system) for system in night.systems]
    agreed = draw_up(night, scans)
    outcomes = [carry_out(night, agreed, system) for system in night.systems]
    report = file_report(night, agreed, scans, outcomes)
    return end_night(report)
