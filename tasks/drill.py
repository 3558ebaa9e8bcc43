"""The verbs of a drill: a backup is restored beside the living system, and what it brings back is destroyed again.

The living system is not touched. In the ledger the copy has a name of its own (`drill:hr`), so that what goes twice
is never counted twice.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from connectors.port import Connector
from domain.evidence import Entry
from domain.night import Night
from domain.trouble import Refused, SourceUnreadable
from tasks.batches import Outcome, Work, destroy_batches
from tasks.careful import contained, tell
from tasks.change import change_batches
from tasks.clock import now, today
from tasks.destroy import BY, LEASE, close_abandoned
from tasks.night import NightRun
from tasks.office import Office, open_office
from tasks.replay import plan_again, scan_returned
from tasks.report import file_night
from tasks.settings import secret


@contained
def drill(system: str, backup: Path) -> Night:
    """Restore, look, destroy again, look again, report. Raises SourceUnreadable, Refused; the copy is gone after."""
    from connectors.sql.restore import scratch_copy

    with open_office() as office:
        known = office.system(system)
        if known.connector != "sql":
            raise Refused(f"{system} is no database", do="drill its supplier's restore with the supplier")
        name = f"termijn_drill_{uuid4().hex[:12]}"
        with scratch_copy(known, secret(known.url), backup, name=name) as address:
            tell(f"{system}: the backup stands in a scratch database")
            with office.connected(system, at=address) as connector:
                return _drill(office, connector, f"drill:{system}")


def _drill(office: Office, connector: Connector, label: str) -> Night:
    system = connector.system.id
    night = NightRun(as_of=today(), systems=[system], rehearsal=False, plan="", started=now())
    lease = office.ledger.leases.take_lease(
        label, owner=night.run, seconds=LEASE, entry=Entry(kind="lease.taken", by=BY)
    )
    try:
        close_abandoned(office, label)
        scan = scan_returned(office, connector, night, label=system)
        night.kind = "drill"
        plan = plan_again(office, night, scan)
        outcomes = []
        for part in plan.rules:
            outcome = Outcome(part.rule.name)
            try:
                if part.rule.change is not None:
                    change_batches(office, connector, part, outcome, lease=lease, label=label)
                else:
                    destroy_batches(Work(office, connector, part, outcome, lease, label=label))
            except (Refused, SourceUnreadable) as trouble:
                outcome.stopped = (trouble.what, trouble.do)
            outcome.total_after = connector.total(part.rule.dataset.name)
            outcomes.append(outcome)
        _look_again(office, connector, night, system)
        return file_night(office, night, plan, [scan], outcomes, ended=now())
    finally:
        office.ledger.leases.release_lease(lease, entry=Entry(kind="lease.released", by=BY))


def _look_again(office: Office, connector: Connector, night: NightRun, system: str) -> None:
    """Walk the copy once more: what is there now of what was destroyed before."""
    before = dict(night.came_back)
    scan_returned(office, connector, night, label=system)
    night.kind = "drill"
    still = {rule: n for rule, n in night.came_back.items() if n}
    night.came_back = before
    tell(f"{system}: {sum(before.values())} came back, {sum(still.values())} of them are still in the copy")
    for rule in before:
        night.not_due[rule] = still.get(rule, 0)
