"""The verbs of an erasure: find the person, decide, let a second person allow it, carry out, find the person again.

It goes by the engine, guards and evidence of the nightly purge. Whatever fails leaves the case open and red; what was
done already is found done by the next run, which goes on with the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

from connectors.port import Connector
from domain.cases import Case
from domain.erasure import ErasurePlan, Ground, Line, wording_for
from domain.evidence import Entry
from domain.keys import Keys
from domain.plan import RulePlan
from domain.rules import DueTest
from domain.standing import Standing, Tally
from domain.ties import Settled
from domain.trouble import NotConfirmed, Refused, SourceUnreadable
from ledger.approvals import What
from ledger.erasures import ErasureState
from ledger.leases import Lease
from tasks.askers import check_may_go_on
from tasks.batches import BY, LEASE, Mandate, Outcome
from tasks.careful import careful, tell
from tasks.clock import today
from tasks.destroy import destroy_dossiers, finish_announced
from tasks.erasure_plan import (
    FRESH_DAYS,
    check_may_erase,
    decide_all,
    erasure_tests,
    read_plan,
    write_plan,
)
from tasks.instructions import approved_lists, settle_list
from tasks.office import Office, open_office
from tasks.schema import check_schema_for_purge
from tasks.search import insist_on_whole, search_case


@dataclass(slots=True)
class Erased:
    """What an armed run came to: counts per fate, what stopped it, and whether the person was found as the plan says.

    No personal data: case number, rule names and counts.
    """

    case: str
    digest: str
    counts: Counter[str] = field(default_factory=Counter)
    stopped: list[str] = field(default_factory=list)
    complete: bool = False


class Decided:
    """A plan with its case. Holds keys of records; no workflow engine looks inside."""

    def __init__(self, case: Case, plan: ErasurePlan) -> None:
        self.case, self.plan = case, plan


@careful
def decide_erasure(case_number: str, ground: str) -> Decided:
    """Find the person everywhere and decide what goes and what stays; keep the plan. Destroys nothing."""
    with open_office() as office:
        return draw_up_erasure(office, case_number, Ground(ground) if ground else None)


def draw_up_erasure(office: Office, case_number: str, ground: Ground | None, *, by: str = BY) -> Decided:
    """The same for an office that is open. Raises Refused, SourceUnreadable, NotFound."""
    case = office.ledger.cases.read_case(case_number)
    chosen = check_may_erase(case, ground)
    check_may_go_on(office, case, today())
    found = insist_on_whole(search_case(office, case_number))
    plan = decide_all(office, case, found.answers, ground=chosen, as_of=today())
    facts = {"case": case.number, "ground": plan.ground.value, "going": len(plan.going), "staying": len(plan.staying)}
    # First what may be refused: a plan, with what it holds of a person, is kept only where it decides something.
    entry = Entry("erasure.drawn-up", by, case=case.number)
    office.ledger.erasures.draw_up(case.number, digest=plan.digest, ground=plan.ground.value, entry=entry)
    office.ledger.plans.keep_plan(
        plan.digest,
        system="erasure",
        as_of=plan.as_of,
        drawn_by=by,
        body=write_plan(plan),
        entry=Entry("erasure.kept", by, case=case.number, facts=facts),
    )
    return Decided(case, plan)


@careful
def carry_out_erasure(case_number: str, rehearsal: bool) -> Erased:
    """Destroy what the approved plan of a case lets go, system by system. A rehearsal only tells what it would take."""
    with open_office() as office:
        case = office.ledger.cases.read_case(case_number)
        kept = office.ledger.erasures.of_case(case_number)
        plan = read_plan(office, kept.digest)
        done = Erased(case_number, plan.digest)
        if rehearsal:
            done.counts = _counts(plan)
            return done
        done.complete = kept.state is ErasureState.COMPLETE
        if done.complete:
            _settle(office, plan)
            return done
        _check_may_carry_out(office, case, plan)
        office.ledger.erasures.begin(plan.digest, entry=Entry("erasure.begun", BY, case=case_number))
        for system in sorted({line.system for line in plan.going}):
            _serve(office, case, plan, system, done)
        return done


@careful
def verify_erasure(done: Erased) -> Erased:
    """Look for the person again: what is found must be exactly what the plan lets stay, or the case stays open."""
    if done.stopped or done.complete:
        return done
    with open_office() as office:
        case = office.ledger.cases.read_case(done.case)
        plan = read_plan(office, done.digest)
        left = _left_over(office, case, plan)
        if left:
            done.stopped += left
            return done
        entry = Entry("erasure.complete", BY, case=done.case)
        office.ledger.erasures.complete(done.digest, counts=_counts(plan), entry=entry)
        _settle(office, plan)
    done.complete = True
    return done


def end_erasure(done: Erased) -> Erased:
    """Raise where anything stopped or is left: such a case is never called complete."""
    if done.stopped:
        raise NotConfirmed(
            f"the erasure is not complete: {'; '.join(done.stopped)}",
            where=f"case {done.case}",
            do=f"mend that and run again: termijn erase run {done.case} --arm (what is done stays done)",
        )
    return done


def _settle(office: Office, plan: ErasurePlan) -> None:
    """The plan is carried out, so its term begins; also where a crash came between the two."""
    if office.ledger.plans.read_plan(plan.digest).state == "kept":
        office.ledger.plans.settle(plan.digest, "carried out", entry=Entry("plan.settled", BY, case=plan.case))


def _counts(plan: ErasurePlan) -> Counter[str]:
    """How many records of each fate."""
    counts = Counter[str]()
    for line in plan.lines:
        counts[line.verdict.fate.value] += len(line.keys)
    return counts


def _check_may_carry_out(office: Office, case: Case, plan: ErasurePlan) -> None:
    where, again = f"case {plan.case}", f"draw it up again and have it approved: termijn erase plan {plan.case}"
    check_may_go_on(office, case, today())
    if not plan.going:
        return
    if office.ledger.approvals.standing_approval(What.ERASURE, plan.digest, today()) is None:
        raise Refused(
            "no second officer approved this plan",
            where=where,
            do=f"let another officer look at it and say: termijn erase approve {plan.case}",
        )
    if (today() - plan.as_of).days > FRESH_DAYS:
        raise Refused(f"this plan is of {plan.as_of}, more than a month ago", where=where, do=again)
    for system in sorted({line.system for line in plan.going}):
        wording = {t.rule.name: t.rule.digest for t in _tests(office, plan, system)}
        changed = [r for r in {line.rule for line in plan.going} if r.startswith(f"{system}.")
                   and wording.get(r) != plan.wordings[r]]  # fmt: skip
        if changed:
            raise Refused(
                f"the wording of {', '.join(sorted(changed))} changed; the approval is void", where=where, do=again
            )


def _tests(office: Office, plan: ErasurePlan, system: str) -> list[DueTest]:
    return erasure_tests(office, system, plan.as_of, plan.ground, medical_only=plan.ground is Ground.MEDICAL)


def _serve(office: Office, case: Case, plan: ErasurePlan, system: str, done: Erased) -> None:
    """Carry out the lines of one system, under its lease. Trouble is a value: the other systems are served."""
    try:
        with leased(office, system) as lease, office.connected(system) as connector:
            check_schema_for_purge(connector)
            finish_announced(office, connector)
            for test in _tests(office, plan, system):
                keys = Keys(k for line in plan.going if line.rule == test.rule.name for k in line.keys)
                if len(keys):
                    outcome = carry_out_line(
                        office, connector, test, keys, case=plan.case, digest=plan.digest, lease=lease
                    )
                    _note(done, test.rule.name, outcome)
    except (Refused, SourceUnreadable) as trouble:
        done.stopped.append(f"{system}: {trouble.what}")
    tell(f"{case.number}: {system} served")


def carry_out_line(
    office: Office, connector: Connector, test: DueTest, keys: Keys, *, case: str, digest: str, lease: Lease
) -> Outcome:
    """Destroy these dossiers of one rule by the approved plan (`digest`) of a case, as a night does its own."""
    approved = replace(test, rule=replace(test.rule, digest=digest))
    rule = test.rule  # what an earlier run did is done
    there = connector.still_there(rule.dataset.name, keys)
    if rule.change is not None:
        there = connector.still_bears(rule.dataset.name, rule.change, there)
    part = RulePlan(
        approved,
        Tally(len(keys), {Standing.DUE: len(there)}),
        there,
        {},
        settled=Settled(there, Keys()),
        on_instruction=there,
    )
    of_practice = wording_for(test.rule, case)
    lists = approved_lists(office, of_practice)
    mandate = Mandate(What.ERASURE, case, of_practice.digest)
    outcome = destroy_dossiers(office, connector, part, lease=lease, mandate=mandate)
    for one in lists:
        if outcome.stopped is None and not outcome.not_confirmed:
            settle_list(office, connector, part, one, going=frozenset())
    return outcome


def _note(done: Erased, rule: str, outcome: Outcome) -> None:
    done.counts["destroyed"] += outcome.destroyed
    done.counts["changed"] += outcome.changed
    done.counts["rows"] += sum(outcome.rows.values())
    if outcome.not_confirmed:
        done.stopped.append(f"{rule}: {outcome.not_confirmed} records are still there after their destruction")
    if outcome.stopped is not None:
        done.stopped.append(f"{rule}: {outcome.stopped[0]}")
    for why, number in outcome.stayed.items():
        if why != "went with another dossier":
            done.stopped.append(f"{rule}: {number} stayed ({why})")


def _left_over(office: Office, case: Case, plan: ErasurePlan) -> list[str]:
    """What is found of the person and should be gone, and what should have stayed and is gone."""
    try:
        again = decide_all(
            office,
            case,
            insist_on_whole(search_case(office, case.number)).answers,
            ground=plan.ground,
            as_of=plan.as_of,
        )
    except (Refused, SourceUnreadable) as trouble:
        return [trouble.what]
    told = [
        f"{sum(len(line.keys) for line in lines)} records of {rule} are found that may go"
        for rule, lines in _by_rule(again.going)
    ]
    known = {(line.rule, key) for line in plan.staying for key in line.keys}
    new = Counter(line.rule for line in again.staying for key in line.keys if (line.rule, key) not in known)
    told += [f"{number} records of {rule} are found that the plan does not know" for rule, number in new.items()]
    for system in sorted({line.system for line in plan.staying}):
        with office.connected(system) as connector:
            for line in plan.staying:
                if line.system == system and len(connector.still_there(line.dataset, line.keys)) < len(line.keys):
                    told.append(f"records of {line.rule} are gone that were to stay")
    return told


def _by_rule(lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    for rule in dict.fromkeys(line.rule for line in lines):
        yield rule, [line for line in lines if line.rule == rule]


@contextmanager
def leased(office: Office, system: str) -> Iterator[Lease]:
    """One destruction per system at a time, across machines."""
    leases, owner = office.ledger.leases, f"erasure-{uuid4().hex[:12]}"
    lease = leases.take_lease(system, owner=owner, seconds=LEASE, entry=Entry(kind="lease.taken", by=BY))
    try:
        yield lease
    finally:
        leases.release_lease(lease, entry=Entry(kind="lease.released", by=BY))
