"""What the guards go by: the ledger's memory of earlier nights, what is countersigned, and a look at the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from connectors.port import Connector
from domain.activity import AtExpiry
from domain.drift import Drift
from domain.guards import Facts
from domain.lookouts import Sight, Undeclared, tables_changed
from domain.rules import DueTest
from ledger.approvals import What
from tasks.clock import now
from tasks.kept_plans import KeptPlan
from tasks.office import Office

#: So many events back the clock is compared with: more than the refused nights of a month write.
_RECENT = 1_000


def read_facts(
    office: Office,
    system: str,
    as_of: date,
    today: date,
    approved: KeptPlan | None,
    sights: Mapping[str, Sight],
) -> Facts:
    """The guards' facts for one system. `approved`: the approved plan of this run; `sights`: of `look_out`."""
    ledger = office.ledger
    return Facts(
        as_of=as_of,
        today=today,
        now=now(),
        last_event=_last_event(office),
        last_armed=ledger.runs.last_armed_run(system),
        last_total=ledger.runs.last_total(system),
        last_unsound=ledger.runs.last_count(system, "unsound"),
        countersigned=signatures(office, today),
        plan_approved=approved is not None,
        sights=sights,
    )


def look_out(connector: Connector, tests: Sequence[DueTest], strange: Sequence[Drift], today: date) -> dict[str, Sight]:
    """What the guards judge of a source, per rule that destroys, of itself or on a practice's word.

    `strange`: of `check_schema_for_purge`.
    """
    return {
        test.rule.name: replace(
            connector.look_out(test, today), undeclared=tuple(_undeclared(connector, test, strange))
        )
        for test in tests
        if test.rule.action is not AtExpiry.RETURN
    }


def signatures(office: Office, today: date) -> dict[str, str]:
    """Digest of every rule that stands countersigned → the officer who did it."""
    standing = office.ledger.approvals.standing(What.RULE, as_of=today)
    return {digest: approval.approved_by for digest, approval in standing.items()}


def _undeclared(connector: Connector, test: DueTest, strange: Sequence[Drift]) -> Iterator[Undeclared]:
    touched = tables_changed(connector.system, test.rule)
    for drift in strange:
        if drift.only_for in touched:
            table = drift.where.partition(".")[2]
            rows = None if drift.by is None else connector.count_taken_along(test, table, drift.by)
            yield Undeclared(drift.where, drift.what, drift.do, rows)


def _last_event(office: Office) -> datetime | None:
    """The latest moment among the ledger's recent events; None where nothing ever happened.

    Not of the very last: a night that was refused for its clock has written events of its own.
    """
    events = office.ledger.events
    latest = max((e.at for e in events.events(after=max(events.head().seq - _RECENT, 0))), default=None)
    return None if latest is None else datetime.fromisoformat(latest)
