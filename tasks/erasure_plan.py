"""The decision about one person's data, from what every system answered: which dossiers go, which stay and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from connectors.port import Connector
from domain.cases import Case, CaseKind
from domain.erasure import (
    ErasurePlan,
    Fate,
    Ground,
    Line,
    Verdict,
    erasure_test,
    freeze_plan,
    is_ours,
    judge,
    wording_for,
)
from domain.keys import Key, Keys
from domain.package import Outcome
from domain.rules import DueTest, RetentionRule, compile_rules
from domain.system import Dataset
from domain.trouble import LedgerBroken, Refused
from tasks.find import SystemAnswer, dossier_places
from tasks.freezes import read_freeze
from tasks.instructions import approved_lists
from tasks.office import Office
from tasks.walk import serving_others, walk_from

#: A plan older than this is drawn up anew: days on which the person's data may have changed.
FRESH_DAYS = 31


def check_may_erase(case: Case, ground: Ground | None) -> Ground:
    """The ground on which this case asks. Raises Refused for another kind of case, or a ground that does not fit."""
    where = f"case {case.number}"
    if case.kind is CaseKind.WGBO_DESTRUCTION:
        if ground not in (None, Ground.MEDICAL):
            raise Refused("a patient asks for this by BW 7:455 only", where=where, do="leave out --ground")
        return Ground.MEDICAL
    if case.kind is not CaseKind.ERASURE:
        raise Refused(f"a case of kind {case.kind.value} erases nothing", where=where, do="open an erasure case")
    if ground is Ground.MEDICAL:
        raise Refused("BW 7:455 is asked for in a case of its own", where=where, do="open a wgbo-destruction case")
    return ground or Ground.NOT_NEEDED


def decide_all(
    office: Office, case: Case, answers: Sequence[SystemAnswer], *, ground: Ground, as_of: date
) -> ErasurePlan:
    """Decide in every system that has data of the person. Raises SourceUnreadable."""
    lines, wordings = list[Line](), dict[str, str]()
    for answer in answers:
        if answer.outcome is not Outcome.ANSWERED:
            continue
        with office.connected(answer.system) as connector:
            for test, line in _decide(office, connector, case, answer, ground, as_of):
                lines.append(line)
                if test is not None:
                    wordings[line.rule] = test.rule.digest
    plan = ErasurePlan(case.number, ground, as_of, office.register.digest, tuple(lines), wordings)
    return freeze_plan(plan)


def erasure_tests(office: Office, system: str, as_of: date, ground: Ground, *, medical_only: bool) -> list[DueTest]:
    """The rules of a system turned round: deepest dossiers first, then what refers before what is referred to, columns
    last. 7:455 reaches medical dossiers only."""
    found = office.register.systems[system]
    rules = compile_rules(found, office.register.activities, as_of)
    if medical_only:
        rules = [r for r in rules if _is_medical(r)]
    behind = {r.name: _behind(r, rules, found.datasets) for r in rules}
    rules.sort(key=lambda r: (r.change is not None, -_depth(r, found.datasets), behind[r.name], r.name))
    return [erasure_test(rule, office.register.activities, as_of, ground) for rule in rules]


def keys_by_root(
    connector: Connector, answer: SystemAnswer, roots: Sequence[str], entered: Mapping[str, Keys]
) -> dict[str, Keys]:
    """The person's records in each dataset that has a term of its own.

    Found there, in a dossier that is theirs, or `entered`: by a reference that says it is theirs and nobody else's.
    """
    system, found = connector.system, dict[str, dict[Key, None]]()
    for name in system.datasets:
        keys = Keys(dict.fromkeys((*answer.keys_of(name), *entered.get(name, ()))))
        if not len(keys):
            continue
        for place in dossier_places(system, system.datasets[name]):
            if place.dataset in roots:
                below = keys if not place.path else connector.dossiers([place], keys).get(place.dataset, Keys())
                found.setdefault(place.dataset, {}).update(dict.fromkeys(below))
    return {name: Keys(keys) for name, keys in found.items()}


def _decide(
    office: Office, connector: Connector, case: Case, answer: SystemAnswer, ground: Ground, as_of: date
) -> Iterator[tuple[DueTest | None, Line]]:
    tests = erasure_tests(office, answer.system, as_of, ground, medical_only=case.kind is CaseKind.WGBO_DESTRUCTION)
    roots = {t.rule.dataset.name for t in tests}
    datasets, goes = connector.system.datasets, dict[str, set[Key]]()
    person = walk_from(connector, {name: answer.keys_of(name) for name in datasets}, every=False)
    keys = keys_by_root(connector, answer, sorted(roots), person.entered)
    for test in tests:
        rule, theirs = test.rule, keys.get(test.rule.dataset.name, Keys())
        if rule.change is not None:  # of rows that stay, and only where something of the columns is left
            gone = goes.get(rule.dataset.name, set())
            theirs = Keys(k for k in theirs if k not in gone)
            theirs = connector.still_bears(rule.dataset.name, rule.change, theirs) if len(theirs) else theirs
        if not len(theirs):
            continue
        referring = {t.rule.dataset.name for t in tests if rule.dataset.name in _refers_to(t.rule, datasets)}
        all_go = all(goes.get(name, set()) >= set(keys.get(name, ())) for name in referring)
        needed = serving_others(connector, person.rows, rule.dataset.name, theirs) if all_go else theirs
        for verdict, some in _judged(office, connector, case, test, theirs, frozenset(theirs.without(needed))).items():
            if rule.change is None and verdict.fate is Fate.DESTROYED:
                goes.setdefault(rule.dataset.name, set()).update(some)
            yield test, Line(answer.system, rule.name, rule.dataset.name, verdict, Keys(some))
    if case.kind is CaseKind.ERASURE:
        yield from ((None, line) for line in _of_another(connector, answer, roots))


def _judged(
    office: Office, connector: Connector, case: Case, test: DueTest, keys: Keys, freed: frozenset[Key]
) -> Mapping[Verdict, list[Key]]:
    """What becomes of each record. `freed`: those that only the person's own records refer to, and these go before."""
    rule, every = test.rule, tuple(keys)
    freeze = read_freeze(office, connector, [rule], test.as_of, within=every, but_not=case.number)
    may_go = frozenset(connector.due_among(test, keys))
    said = {k for one in approved_lists(office, wording_for(rule, case.number)) for k in one.keys}
    verdicts: dict[Verdict, list[Key]] = {}
    for key in every:
        frozen = freeze.why(rule.dataset.name, key)
        ours = is_ours(rule.activity, instructed=key in said)
        facts = () if key in may_go else connector.facts(test, key) or ()
        if key in may_go or facts:
            plain = replace(test, watches=()) if key in may_go else test
            verdict = judge(plain, facts, office.register.activities, frozen=frozen, ours=ours)
            if verdict.fate is Fate.NEEDED_BY_ANOTHER and key in freed:
                verdict = replace(verdict, fate=Fate.DESTROYED)
            verdicts.setdefault(verdict, []).append(key)
    return verdicts


def _of_another(connector: Connector, answer: SystemAnswer, roots: set[str]) -> Iterator[Line]:
    """Records of the person in the middle of a dossier that is not theirs: a person looks at those, no rule does."""
    system = connector.system
    for name, dataset in system.datasets.items():
        keys = answer.keys_of(name)
        if name not in roots and dataset.part_of is not None and len(keys):
            yield Line(answer.system, f"{system.id}.{name}", name, Verdict(Fate.OF_ANOTHER), keys)


def _is_medical(rule: RetentionRule) -> bool:
    return any("7:454" in g for g in (*rule.activity.legal_ground, rule.term.article))


def _behind(rule: RetentionRule, rules: Sequence[RetentionRule], datasets: Mapping[str, Dataset]) -> int:
    """How many rules go before this one, because rows of their dossiers refer to its records."""
    before, todo = set[str](), [rule.dataset.name]
    while todo:
        name = todo.pop()
        for other in rules:
            if other.dataset.name not in {*before, rule.dataset.name} and name in _refers_to(other, datasets):
                before.add(other.dataset.name)
                todo.append(other.dataset.name)
    return len(before)


def _refers_to(rule: RetentionRule, datasets: Mapping[str, Dataset]) -> set[str]:
    inside = {part.dataset for part in rule.parts}
    return {r.dataset for name in inside for r in datasets[name].references} - inside


def _depth(rule: RetentionRule, datasets: Mapping[str, Any]) -> int:
    dataset, depth = rule.dataset, 0
    while dataset.part_of is not None:
        dataset, depth = datasets[dataset.part_of.dataset], depth + 1
    return depth


def write_plan(plan: ErasurePlan) -> bytes:
    """A plan as the ledger keeps it, encrypted: with the keys of its records."""
    lines = [
        {
            "system": line.system,
            "rule": line.rule,
            "dataset": line.dataset,
            "fate": line.verdict.fate.value,
            "until": line.verdict.until.isoformat() if line.verdict.until else None,
            "article": line.verdict.article,
            "activity": line.verdict.activity,
            "keys": line.keys.texts(),
        }
        for line in plan.lines
    ]
    body = {
        "case": plan.case,
        "ground": plan.ground.value,
        "as_of": plan.as_of.isoformat(),
        "register": plan.register_digest,
        "wordings": dict(plan.wordings),
        "lines": lines,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def read_plan(office: Office, digest: str) -> ErasurePlan:
    """A kept plan, each key with its source's own types. Raises NotFound, LedgerBroken, SourceUnreadable."""
    body: dict[str, Any] = json.loads(office.ledger.plans.read_plan(digest).body)
    lines = []
    for system in dict.fromkeys(one["system"] for one in body["lines"]):
        with office.connected(system) as connector:
            lines += [_line(connector, one) for one in body["lines"] if one["system"] == system]
    plan = freeze_plan(
        ErasurePlan(
            body["case"],
            Ground(body["ground"]),
            date.fromisoformat(body["as_of"]),
            body["register"],
            tuple(lines),
            body["wordings"],
        )
    )
    if plan.digest != digest:
        raise LedgerBroken("this plan is not what its digest says", where=f"plan {digest[:12]}", do="draw up a new one")
    return plan


def _line(connector: Connector, told: dict[str, Any]) -> Line:
    until = None if told["until"] is None else date.fromisoformat(told["until"])
    verdict = Verdict(Fate(told["fate"]), until, told["article"], told["activity"])
    keys = Keys(connector.read_key(told["dataset"], text) for text in told["keys"])
    return Line(told["system"], told["rule"], told["dataset"], verdict, keys)
