"""The verbs of a replay: what a restore brought back of what was destroyed, destroyed again with proof.

A backup brings back what was destroyed since it was made (LAW.md §3, Backups). The ledger knows those records by their
keyed hash. What is due by today's rule goes again; what is not, or is held, stays and is named: a person decides.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.port import Connector
from domain.keys import Keys
from domain.night import Night
from domain.plan import Found, PurgePlan, draw_up_plan
from domain.rules import DueTest
from domain.trouble import Refused, SourceUnreadable
from tasks.careful import careful, tell
from tasks.clock import today
from tasks.facts import look_out, read_facts
from tasks.freezes import read_freeze
from tasks.night import NightRun, Scan, end_night, tests_of
from tasks.office import Office, open_office
from tasks.schema import check_schema_for_purge


@careful
def find_returned(night: NightRun, system: str) -> Scan:
    """Walk a restored system and find what was destroyed before. An unreadable system is a value."""
    with open_office() as office:
        try:
            with office.connected(system) as connector:
                return scan_returned(office, connector, night)
        except SourceUnreadable as trouble:
            return Scan.failed(system, trouble)


def scan_returned(office: Office, connector: Connector, night: NightRun, *, label: str = "") -> Scan:
    """What came back in one open system; `night.came_back` counts it per rule. `label`: as the ledger calls it."""
    system, night.kind = connector.system.id, "replay"
    strange = check_schema_for_purge(connector)
    tests = tests_of(office.register, system, night.as_of)
    found = [_only_returned(office, connector, night, test, label or system) for test in tests]
    scan = Scan(system, found, freeze=read_freeze(office, connector, [t.rule for t in tests], night.as_of))
    scan.sights = look_out(connector, tests, strange, today())
    tell(f"{system}: {sum(night.came_back.values())} records came back that were destroyed before")
    return scan


def _only_returned(office: Office, connector: Connector, night: NightRun, test: DueTest, label: str) -> Found:
    """A rule's dossiers cut down to those that were destroyed before, and are due by the rule of today.

    Of a row that survives its columns came back: those where something of them can be read again.
    """
    root, change = test.rule.dataset.name, test.rule.change
    pages = connector.all_keys(root)
    if change is not None:
        pages = (tuple(connector.still_bears(root, change, Keys(page))) for page in pages)
    returned = office.ledger.find_returned(label, test.rule.filed_as, pages)
    night.came_back[test.rule.name] = len(returned)
    back = frozenset(returned)
    due = Keys(k for page in connector.find_due(test) for k in page if k in back) if back else Keys()
    night.not_due[test.rule.name] = len(returned) - len(due)
    return Found(test, connector.tally(test), due, tuple(connector.ties(test)) if len(due) else ())


@careful
def draw_up_again(night: NightRun, scan: Scan) -> PurgePlan:
    """Decide about what came back. The ceilings are for a first time: each of these went before, with proof."""
    with open_office() as office:
        return plan_again(office, night, scan)


def plan_again(office: Office, night: NightRun, scan: Scan) -> PurgePlan:
    """The same decision for an office that is open."""
    freezes = {} if scan.freeze is None else {scan.system: scan.freeze}
    facts = read_facts(office, scan.system, night.as_of, today(), None, scan.sights)
    return draw_up_plan(
        scan.found,
        freezes=freezes,
        facts={scan.system: replace(facts, came_back=True)},
        as_of=night.as_of,
        register_digest=office.register.digest,
        unreadable=[scan.unreadable] if scan.unreadable is not None else [],
    )


def end_replay(report: Night) -> Night:
    """Raise where something that came back is still there, after all that could be done was done."""
    ended = end_night(report)
    staying = [f"{r.rule} ({r.came_back_stays})" for r in report.rules if r.came_back_stays]
    if staying:
        raise Refused(
            f"records came back that today's rule does not let go: {'; '.join(staying)}",
            do="look at them with `termijn why`; let the DPO decide whether they stay or the rule is put back",
        )
    return ended
