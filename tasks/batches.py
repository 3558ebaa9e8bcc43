"""How a batch goes: announce in the ledger, delete in the source, read again, close with proof (DESIGN §4).

One batch is deleted while the evidence of the one before is made: the database deletes all the time, and Python hashes
meanwhile. Where the source answers several questions at once, the one before is read again meanwhile too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.port import Announced, Connector, Destroyed
from connectors.receipt import REFERRED_TO
from domain.evidence import Entry
from domain.keys import Key, Keys
from domain.night import BatchProof
from domain.plan import RulePlan
from domain.rules import RetentionRule
from domain.ties import next_batch
from ledger.approvals import What
from ledger.leases import Lease
from tasks.clock import stopwatch, today
from tasks.freezes import read_freeze
from tasks.instructions import instructions_for, only_instructed
from tasks.office import Office
from tasks.pace import Pace, Stopped
from tasks.progress import Progress

BY = "termijn"
#: How long one machine may hold a system's lease without renewing it, in seconds.
LEASE = 120
#: A deleting transaction takes about so long, in seconds, and takes no more rows than this: others get their turn.
_CALM, _MOST_ROWS, _FEWEST = 0.3, 25_000, 50


@dataclass(slots=True)
class Outcome:
    """What became of one rule tonight. Counts; `stayed` counts dossiers by why they stayed after all."""

    rule: str
    destroyed: int = 0
    changed: int = 0  # rows that survive, of which columns were emptied or made anonymous
    stays: dict[str, date] = field(default_factory=dict)  # activity → until when it keeps the rows that were changed
    rows: Counter[str] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)
    stayed: Counter[str] = field(default_factory=Counter)
    not_confirmed: int = 0
    batches: list[BatchProof] = field(default_factory=list)
    stopped: tuple[str, str] | None = None  # why it stopped half-way, and what to do
    total_after: int | None = None


def destroy_batches(work: Work) -> None:
    """Carry out one rule of a plan. Stops at the first batch that fails or cannot be confirmed."""
    ledger, rule, together = work.office.ledger, work.plan.rule, work.connector.answers_together

    work.lease, since = ledger.leases.renew_lease(work.lease, seconds=LEASE), stopwatch()

    def check() -> Stopped | None:
        nonlocal since
        if ledger.switch.is_stopped():
            return ("the stop switch is on", "find out why; then `termijn go`, and run again")
        if since() > LEASE / 6:
            work.lease, since = ledger.leases.renew_lease(work.lease, seconds=LEASE), stopwatch()
        return None

    pace = Pace(work.connector.system, busy=work.connector.busy, check=check)
    with Progress(rule.name, len(work.plan.to_go)) as progress, ThreadPoolExecutor(2) as assistants:
        behind: Future[None] = assistants.submit(lambda: None)
        try:
            while len(roots := work.next_roots(pace)):
                receipt, went = work.destroy(roots, assistants)
                behind.result()
                gone = None if together else work.confirm(went)
                behind = assistants.submit(work.close, receipt, went, gone)
                if work.outcome.not_confirmed:
                    break
                progress.reached(work.outcome.destroyed)
        finally:
            behind.result()
            progress.reached(work.outcome.destroyed)


@dataclass(frozen=True, slots=True)
class Mandate:
    """By what right a rule is carried out: by its own countersigned wording, or by the approved plan of one case.

    `wording`: the digest of the rule as the register has it, where the plan's digest stands in its place.
    """

    what: What = What.RULE
    case: str = ""
    wording: str = ""

    def of_register(self, rule: RetentionRule) -> RetentionRule:
        """The rule as the register words it: what a practice's instruction names."""
        return replace(rule, digest=self.wording) if self.wording else rule


@dataclass(slots=True)
class Work:
    """One rule of a plan being carried out: how far it is, and the steps of a batch."""

    office: Office
    connector: Connector
    plan: RulePlan
    outcome: Outcome
    lease: Lease
    label: str = ""  # how the ledger calls the system, where it is a copy
    mandate: Mandate = Mandate()
    taken: int = 0
    size: int = 0

    def next_roots(self, pace: Pace) -> Keys:
        """The dossiers of the next batch; none where all are done or destruction is stopped, by whatever."""
        if self.taken >= len(self.plan.to_go):
            return Keys()
        stopped = pace.may_go_on()
        if stopped is not None:
            self.outcome.stopped = stopped
            return Keys()
        self.size = self.size or self.office.settings.batch
        together = self.plan.settled.together
        roots = next_batch(self.plan.to_go, together=together, size=self.size, start=self.taken)
        self.taken += len(roots)
        return roots

    def destroy(self, roots: Keys, assistants: ThreadPoolExecutor) -> tuple[Announced, Destroyed]:
        """Announce and delete, in one go where the source can; inside it is asked again what is due and frozen."""
        seconds = stopwatch()
        done = self.connector.destroy_straight(
            self.plan.test,
            roots,
            allowed=self._allowed,
            announce=lambda rows: assistants.submit(self._announce, rows),
        )
        receipt, went = done or self._the_long_way(roots)
        rows = sum(len(keys) for keys in receipt.dossiers.values())
        self.size = next_size(len(roots), seconds=seconds(), rows=rows)
        return receipt, went

    def _the_long_way(self, roots: Keys) -> tuple[Announced, Destroyed]:
        rule = self.plan.rule
        dossiers = self.connector.dossiers(rule.parts, roots)
        there = dossiers.get(rule.dataset.name, Keys())
        if len(there) < len(roots):  # a part of a dossier that another rule of tonight took along, with evidence
            self.outcome.stayed["went with another dossier"] += len(roots) - len(there)
        if not len(there):
            return Announced("", rule.digest, {}), Destroyed({})
        receipt = self._announce(dossiers)
        return receipt, self.connector.destroy(self.plan.test, list(there), allowed=self._allowed, announced=receipt)

    def _allowed(self, keys: Sequence[Key]) -> Sequence[Key]:
        """What of these nothing freezes. Raises Refused where the lease was lost: a run that slept goes no further."""
        self.office.ledger.leases.check_lease(self.lease)
        if not keys:
            return keys
        rule = self.plan.rule
        as_of, case = self.plan.test.as_of, self.mandate.case
        freeze = read_freeze(self.office, self.connector, [rule], as_of, within=keys, but_not=case)
        of_register = self.mandate.of_register(rule)
        return only_instructed(self.office, of_register, freeze.allowed(rule.dataset.name, keys))

    def _announce(self, dossiers: Mapping[str, Keys]) -> Announced:
        rule, mandate = self.plan.rule, self.mandate
        roots = dossiers.get(rule.dataset.name, Keys())
        receipt = self.office.ledger.batches.announce(
            rule=rule.name,
            system=self.label or rule.system,
            digest=rule.digest,
            dossiers=dossiers,
            as_of=today(),
            what=mandate.what,
            instructions=instructions_for(self.office, mandate.of_register(rule), roots),
            entry=Entry("batch.announced", BY, case=mandate.case, facts={"rule": rule.name, "digest": rule.digest}),
        )
        return Announced(receipt.batch, rule.digest, receipt.dossiers)

    def confirm(self, went: Destroyed) -> dict[str, Keys]:
        """Read the source again: what is really gone."""
        gone, left = confirm_gone(self.connector, went.rows, firmly=False)
        self.outcome.not_confirmed += left
        return gone

    def close(self, receipt: Announced, went: Destroyed, gone: Mapping[str, Keys] | None) -> None:
        """Turn what is really gone into evidence; read the source again first, where that was not done yet."""
        if not receipt.batch:
            return
        gone = self.confirm(went) if gone is None else gone
        root, outcome = self.plan.rule.dataset.name, self.outcome
        proof = close_batch(self.office, receipt.batch, gone)
        outcome.destroyed += len(gone.get(root, Keys()))
        outcome.rows.update({name: len(keys) for name, keys in gone.items() if len(keys)})
        outcome.cleared.update(went.cleared)
        outcome.stayed.update({why: len(keys) for why, keys in went.stayed.items()})
        if proof.records:
            outcome.batches.append(proof)
        elif refused := len(went.stayed.get(REFERRED_TO, ())):
            outcome.stopped = (
                f"the source let none of {refused} dossiers go: something that is not in the register refers to them",
                "look for a reference to these tables, or a database trigger on them, that the register does not name",
            )


def next_size(size: int, *, seconds: float, rows: int) -> int:
    """How many dossiers the next batch takes: at most twice this one, calm in time, and bounded in rows."""
    by_time = size * _CALM / max(seconds, 0.001)
    by_rows = size * _MOST_ROWS / max(rows, 1)
    return max(_FEWEST, int(min(by_time, by_rows, 2 * size)))


def confirm_gone(
    connector: Connector, claimed: Mapping[str, Keys], *, firmly: bool = True
) -> tuple[dict[str, Keys], int]:
    """Ask the source again. A count is a claim; only an empty re-read is a proof (promise 4).

    `firmly` where another run may have deleted them, and its commit may still be on its way.
    """
    gone: dict[str, Keys] = {}
    left = 0
    for dataset, keys in claimed.items():
        there = set(connector.still_there(dataset, keys, firmly=firmly))
        left += len(there)
        gone[dataset] = Keys(k for k in keys if k not in there) if there else keys
    return gone, left


def close_batch(office: Office, batch: str, gone: Mapping[str, Keys]) -> BatchProof:
    """Turn what is gone into evidence. A record among it that nobody announced is a possible data breach."""
    from tasks.wrong_destruction import propose_unannounced

    records = sum(len(keys) for keys in gone.values())
    closed = office.ledger.batches.close(
        batch, gone, entry=Entry(kind="batch.closed", by=BY, facts={"batch": batch, "records": records})
    )
    propose_unannounced(office, closed)
    return BatchProof(batch=batch, records=records, root=closed.root, event=closed.event, confirmed_at=closed.at)
