"""What a night leaves behind: its report and certificate in the output folder, and its page on the DPO's screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from domain.night import Guarded, Night, RuleNight, Signed
from domain.plan import PurgePlan, RulePlan
from domain.standing import Standing
from domain.system import System
from domain.treatment import in_words
from domain.why import words
from tasks.artifacts import announce_event, show_on_screen
from tasks.change import row_terms
from tasks.clock import AMSTERDAM, today
from tasks.destroy import Outcome
from tasks.office import Office
from tasks.signed import signed_plan, signed_rules

if TYPE_CHECKING:
    from tasks.night import NightRun, Scan


def file_night(
    office: Office,
    night: NightRun,
    plan: PurgePlan,
    scans: Sequence[Scan],
    outcomes: Sequence[Outcome],
    *,
    ended: datetime,
) -> Night:
    """Write the report (and, after an armed night, the certificate) and return the night they tell of."""
    from reports import certificate_json, certificate_pdf, purge_report_json, purge_report_markdown, purge_report_pdf

    report = tell_night(office, night, plan, scans, outcomes, ended=ended)
    folder = office.settings.out
    name = f"{report.kind}-{night.as_of}-{'rehearsal' if night.rehearsal else 'armed'}-{night.run[:8]}"
    lay_down(folder / f"{name}.pdf", purge_report_pdf(report))
    lay_down(folder / f"{name}.json", purge_report_json(report))
    if not night.rehearsal:
        lay_down(folder / f"{name}-certificate.pdf", certificate_pdf(report))
        lay_down(folder / f"{name}-certificate.json", certificate_json(report))
    show_on_screen("termijn-night", purge_report_markdown(report), about=f"The night of {night.as_of}")
    if not report.complete:
        announce_event("termijn.night.red", about=f"night.{night.as_of}", facts={"refused": len(report.refused_rules)})
    return report


def tell_night(
    office: Office,
    night: NightRun,
    plan: PurgePlan,
    scans: Sequence[Scan],
    outcomes: Sequence[Outcome],
    *,
    ended: datetime,
) -> Night:
    """The night as a value: counts and digests only."""
    by_rule = {o.rule: o for o in outcomes}
    signed = signed_rules(office, today())
    head = office.ledger.events.head()
    return Night(
        run=night.run,
        as_of=night.as_of,
        started_at=night.started,
        ended_at=ended,
        rehearsal=night.rehearsal,
        kind=night.kind,
        register_digest=plan.register_digest,
        plan_digest=plan.digest,
        systems=tuple(night.systems),
        rules=tuple(
            _tell_rule(office, p, by_rule.get(p.rule.name), signed.get(p.rule.digest), ended).model_copy(
                update={
                    "came_back": night.came_back.get(p.rule.name),
                    "came_back_stays": night.not_due.get(p.rule.name, 0),
                }
            )
            for p in plan.rules
        ),
        unreadable=tuple(
            Guarded(where=u.system, guard="unreadable", reason=u.reason, do=u.do) for u in plan.unreadable
        ),
        plan_signed=signed_plan(office, night.plan, today()),
        recovered=tuple(proof for scan in scans for proof in scan.proofs),
        chain_event=head.seq,
        chain_hash=head.hash,
    )


def _tell_rule(
    office: Office, plan: RulePlan, outcome: Outcome | None, signed: Signed | None, ended: datetime
) -> RuleNight:
    from reports.letter import term_said

    rule, tally = plan.rule, plan.tally
    done = outcome or Outcome(rule.name)
    refusals = [Guarded(where=r.rule, guard=r.guard, reason=r.reason, do=r.do) for r in plan.refusals]
    if done.stopped is not None:
        refusals.append(Guarded(where=rule.name, guard="stopped half-way", reason=done.stopped[0], do=done.stopped[1]))
    return RuleNight(
        rule=rule.name,
        title=rule.dataset.title or rule.dataset.name,
        activity=rule.activity.id,
        activity_title=rule.activity.title,
        action=plan.action.value,
        term=words(rule.term),
        term_nl=term_said(rule.term, "nl"),
        counting=rule.term.counting.value,
        counts_from=rule.term.counts_from,
        article=rule.term.article,
        cutoff=rule.term.cutoff(plan.test.as_of),
        rule_digest=rule.digest,
        countersigned_by=None if signed is None else signed.approved_by,
        signed=signed,
        backup_gone_on=_backup_gone_on(office.register.systems[rule.system], ended) if done.rows else None,
        total=tally.total,
        due=len(plan.due),
        missing=tally[Standing.MISSING],
        implausible=tally[Standing.IMPLAUSIBLE],
        needed=tally[Standing.NEEDED],
        kept=tally[Standing.KEPT],
        kept_by={office.register.activities[a].title: n for a, n in tally.kept_by.items()},
        frozen={reason: len(keys) for reason, keys in plan.frozen.items()},
        waiting=len(plan.waiting),
        instructed=0 if plan.instructed is None else len(plan.may_go),
        columns={} if rule.change is None else {name: in_words(t) for name, t in rule.change.columns},
        destroyed=done.destroyed,
        changed=done.changed,
        stays_under=row_terms(office, rule, plan.test.as_of),
        stays_until={office.register.activities[a].title: day for a, day in done.stays.items()},
        rows=dict(done.rows),
        cleared=dict(done.cleared),
        stayed=dict(done.stayed),
        not_confirmed=done.not_confirmed,
        total_after=done.total_after,
        refusals=tuple(refusals),
        batches=tuple(done.batches),
        backup_kept=office.register.systems[rule.system].backup_kept,
        warnings=plan.warnings,
    )


def _backup_gone_on(system: System, ended: datetime) -> date | None:
    """The first day on which no backup from before the destruction is left; None where the register does not say."""
    last = ended.astimezone(AMSTERDAM).date()
    return None if system.backup_days is None else last + timedelta(days=system.backup_days + 1)


def lay_down(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(file.suffix + ".draft")
    draft.write_bytes(content)
    draft.replace(file)
