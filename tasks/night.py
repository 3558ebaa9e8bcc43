"""The verbs of the nightly purge, from opening the night to ending it, red where anything was left undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import uuid4

from connectors.port import Connector
from domain.evidence import Entry
from domain.guards import to_remember
from domain.keys import Keys
from domain.lookouts import Sight
from domain.night import BatchProof, Night
from domain.plan import Found, Freeze, PurgePlan, RulePlan, draw_up_plan
from domain.register import Register
from domain.rules import DueTest, compile_rules, due_test
from domain.trouble import NotConfirmed, Refused, SourceUnreadable, TermijnError, Unreadable
from ledger.leases import Lease
from tasks.careful import careful, tell
from tasks.clock import now, scheduled_day, today
from tasks.destroy import BY, LEASE, Outcome, destroy_dossiers, finish_announced
from tasks.facts import look_out, read_facts
from tasks.freezes import read_freeze
from tasks.instructions import read_instructed, settle_lists
from tasks.kept_plans import read_kept_plan
from tasks.office import Office, open_office
from tasks.report import file_night
from tasks.schema import check_schema_for_purge
from tasks.stated import forget_stated
from tasks.wrong_destruction import propose_emptied


class NightRun:
    """One run: which day, which systems, armed or not. Handed from task to task; no workflow engine looks inside."""

    kind = "night"

    def __init__(self, *, as_of: date, systems: Sequence[str], rehearsal: bool, plan: str, started: datetime) -> None:
        self.run = uuid4().hex
        self.came_back: dict[str, int] = {}  # per rule, in a replay
        self.not_due: dict[str, int] = {}
        self.as_of, self.systems, self.rehearsal, self.plan, self.started = as_of, systems, rehearsal, plan, started


class Scan:
    """What one system came back with: what its rules found, what freezes it, or why it could not be read."""

    def __init__(self, system: str, found: Sequence[Found] = (), *, freeze: Freeze | None = None) -> None:
        self.system, self.found, self.freeze = system, tuple(found), freeze
        self.unreadable: Unreadable | None = None
        self.proofs: Sequence[BatchProof] = ()
        self.sights: Mapping[str, Sight] = {}

    @classmethod
    def failed(cls, system: str, trouble: TermijnError) -> Scan:
        """A system whose rules destroy nothing tonight."""
        scan = cls(system)
        scan.unreadable = Unreadable(system, trouble.what, trouble.do)
        return scan


@careful
def open_night(as_of: date | None, systems: Sequence[str], *, rehearsal: bool, plan: str) -> NightRun:
    """Decide the day and the systems of this night. Raises where register or ledger do not hold."""
    with open_office() as office:
        for name in systems:
            office.system(name)
        chosen = list(systems) or sorted(office.register.systems)
        if plan:
            chosen = [read_kept_plan(office, plan).system]
    day = as_of or scheduled_day()
    tell(f"night of {day}, {'rehearsal' if rehearsal else 'ARMED'}: {', '.join(chosen)}")
    return NightRun(as_of=day, systems=chosen, rehearsal=rehearsal, plan=plan, started=now())


@careful
def find_expired(night: NightRun, system: str) -> Scan:
    """Find what is due in one system, and all that freezes it. An unreadable system is a value, not an error."""
    with open_office() as office:
        try:
            with office.connected(system) as connector:
                proofs = [] if night.rehearsal else _finish_earlier(office, connector, night)
                strange = check_schema_for_purge(connector)
                tests = tests_of(office.register, system, night.as_of)
                found = [
                    Found(
                        t,
                        connector.tally(t),
                        Keys(k for page in connector.find_due(t) for k in page),
                        tuple(connector.ties(t)),
                    )
                    for t in tests
                ]
                sights = look_out(connector, tests, strange, today())
                freeze = read_freeze(office, connector, [t.rule for t in tests], night.as_of)
        except SourceUnreadable as trouble:
            tell(f"{system}: unreadable, its rules destroy nothing tonight")
            return Scan.failed(system, trouble)
    scan = Scan(system, found, freeze=freeze)
    scan.proofs, scan.sights = proofs, sights
    tell(f"{system}: {sum(len(f.due) for f in found)} due of {sum(f.tally.total for f in found)}")
    return scan


@careful
def draw_up(night: NightRun, scans: Sequence[Scan]) -> PurgePlan:
    """Decide what goes and what stays; with an approved plan, only what that plan names."""
    with open_office() as office:
        read = [s for s in scans if s.freeze is not None]
        approved = read_kept_plan(office, night.plan) if night.plan else None
        return draw_up_plan(
            [approved.only_its_own(f) if approved else f for s in read for f in s.found],
            freezes={s.system: s.freeze for s in read if s.freeze is not None},
            facts={s.system: read_facts(office, s.system, night.as_of, today(), approved, s.sights) for s in read},
            as_of=night.as_of,
            register_digest=office.register.digest,
            unreadable=[s.unreadable for s in scans if s.unreadable is not None],
            instructed=read_instructed(office, [f.test.rule for s in read for f in s.found]),
        )


@careful
def carry_out(night: NightRun, plan: PurgePlan, system: str) -> list[Outcome]:
    """Destroy what the plan says of one system, under its lease. A rehearsal destroys nothing."""
    rules = [p for p in plan.rules if p.rule.system == system]
    if night.rehearsal or not rules:
        return []
    try:
        return _carry_out(night, plan, system, rules)
    except (Refused, SourceUnreadable) as trouble:
        return [Outcome(p.rule.name, stopped=(trouble.what, trouble.do)) for p in rules]


def _carry_out(night: NightRun, plan: PurgePlan, system: str, rules: Sequence[RulePlan]) -> list[Outcome]:
    with open_office() as office, _leased(office, night, system) as lease, office.connected(system) as connector:
        _nothing_open(office, system)
        outcomes = [destroy_dossiers(office, connector, p, lease=lease) for p in rules]
        for outcome, part in zip(outcomes, rules, strict=True):
            outcome.total_after = connector.total(part.rule.dataset.name)
        if not night.plan:  # an approved plan may hold less than the lists; the next whole night settles them
            settle_lists(office, connector, rules, outcomes)
        propose_emptied(office, rules, night.as_of)  # before the count of tonight is remembered: it is asked once
        _remember(office, night, plan, rules)
        try:
            forget_stated(office, connector)
        except (Refused, SourceUnreadable) as trouble:  # what was destroyed is told all the same
            outcomes[-1].stopped = outcomes[-1].stopped or (trouble.what, trouble.do)
    return outcomes


@careful
def file_report(
    night: NightRun, plan: PurgePlan, scans: Sequence[Scan], outcomes: Sequence[Sequence[Outcome]]
) -> Night:
    """Make the night's report and certificate, and put them where the DPO looks."""
    with open_office() as office:
        return file_night(office, night, plan, scans, [o for group in outcomes for o in group], ended=now())


def end_night(report: Night) -> Night:
    """Raise where anything was refused, unreadable or not confirmed, after all that could be done was done."""
    if report.rehearsal and not report.unreadable:
        return report
    lying = [r.rule for r in report.rules if r.not_confirmed]
    if lying:
        raise NotConfirmed(
            f"records are still there after their destruction: {', '.join(lying)}",
            do="look for a trigger, a replica or a cache that keeps or restores them; read the report of this night",
        )
    if report.unreadable:
        told = "; ".join(f"{u.where}: {u.reason}" for u in report.unreadable)
        raise SourceUnreadable(told, do=report.unreadable[0].do)
    refused = [f"{r.rule} ({', '.join(g.guard for g in r.refusals)})" for r in report.rules if r.refusals]
    if refused:
        first = next(r.refusals[0] for r in report.rules if r.refusals)
        raise Refused(
            f"{len(refused)} rules were refused and destroyed nothing: {'; '.join(refused)}. The others were served",
            do=f"{first.where}: {first.do} (the report of this night has them all)",
        )
    return report


def tests_of(register: Register, system: str, as_of: date) -> list[DueTest]:
    """The due tests of one system on a day."""
    rules = compile_rules(register.systems[system], register.activities, as_of)
    return [due_test(rule, register.activities, as_of) for rule in rules]


def _finish_earlier(office: Office, connector: Connector, night: NightRun) -> list[BatchProof]:
    """Finish what a killed run announced, under the lease: a batch of a run that lives is none of our business."""
    system = connector.system.id
    if not office.ledger.batches.open_batches(system):
        return []
    try:
        with _leased(office, night, system):
            return finish_announced(office, connector)
    except Refused:
        tell(f"{system}: another run has an open batch; it is left alone")
        return []


def _nothing_open(office: Office, system: str) -> None:
    """Under the lease nobody announces: what is open now was announced after this run looked, by one that died."""
    if office.ledger.batches.open_batches(system):
        raise Refused(
            "another run left a batch open after this one looked; nothing was destroyed",
            where=system,
            do="run again: the next run finishes that batch first",
        )


@contextmanager
def _leased(office: Office, night: NightRun, system: str) -> Iterator[Lease]:
    """One destruction per system at a time, across machines."""
    leases = office.ledger.leases
    lease = leases.take_lease(system, owner=night.run, seconds=LEASE, entry=Entry(kind="lease.taken", by=BY))
    try:
        yield lease
    finally:
        leases.release_lease(lease, entry=Entry(kind="lease.released", by=BY))


def _remember(office: Office, night: NightRun, plan: PurgePlan, rules: Sequence[RulePlan]) -> None:
    """What the guards of the next night compare with: the day, and how many records each rule saw."""
    system = rules[0].rule.system
    remembered = {p.rule.name: to_remember(p.tally, p.unsound, p.refusals) for p in rules}
    counts = {rule: counted for rule, counted in remembered.items() if counted is not None}
    if not counts:
        return
    office.ledger.runs.record_run(
        system,
        as_of=night.as_of,
        armed=True,
        plan=plan.digest,
        counts=counts,
        entry=Entry(kind="night.run", by=BY, facts={"system": system, "plan": plan.digest}),
    )


def rehearse(as_of: date, systems: Sequence[str]) -> PurgePlan:
    """The plan of a day, without Prefect and without changing anything: what `termijn plan` prints."""
    with open_office() as office:
        for name in systems:
            office.system(name)
        chosen = list(systems) or sorted(office.register.systems)
    night = NightRun(as_of=as_of, systems=chosen, rehearsal=True, plan="", started=now())
    return draw_up(night, [find_expired(night, system) for system in chosen])
