"""What the register says of columns that follow another term than their row: the longest minimum wins, per column.

A column may be needed shorter or longer than its row. Longer: the row waits for it. Shorter: a rule of its own
empties it, or makes it anonymous, while the row stays under its own term (LAW.md §1 (ii), docs/decisions/0008).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from domain.activity import Activity, AtExpiry, TermBlock
from domain.evidence import Fact
from domain.identity import normalise
from domain.treatment import Fixed, Plain, Treatment, as_fact, empties, from_fact
from domain.trouble import RegisterInvalid

if TYPE_CHECKING:
    from domain.rules import RetentionRule, Watch
    from domain.system import Dataset, System

#: Where an activity ends so, the row of its own dataset survives.
SURVIVES = (AtExpiry.STRIP, AtExpiry.ANONYMISE)


@dataclass(frozen=True, slots=True)
class Change:
    """The columns that a rule changes in a row that survives, each with its treatment, in order of name."""

    columns: tuple[tuple[str, Treatment], ...]

    def told(self) -> list[Fact]:
        """As an event of the ledger tells it, so that a killed run can be finished whatever became of the register."""
        return [[name, *as_fact(treatment)] for name, treatment in self.columns]

    @classmethod
    def read(cls, told: object) -> Change:
        """The change that `told` told. Raises ValueError where it told none."""
        if not isinstance(told, list) or not all(isinstance(one, list) and len(one) > 1 for one in told):
            raise ValueError("this fact tells no change")
        return cls(tuple((str(name), from_fact(rest)) for name, *rest in told))


def with_columns(
    system: System, rules: Sequence[RetentionRule], activities: Mapping[str, Activity], as_of: date
) -> list[RetentionRule]:
    """The rules of a system with what its columns add: rows that wait for them, and rules of their own.

    Raises RegisterInvalid where the register asks for what cannot be done.
    """
    found = []
    for rule in rules:
        own = rule.dataset.activity or ""
        if rule.term.at_expiry in SURVIVES:
            _check_may_survive(system, rule)
            found.append(_rule_of_columns(system, rule, rule.activity, rule.term))
        else:
            _check_treatments_are_used(system, rule)
            found.append(_waiting(system, rule, activities, as_of))
        for name in _activities_of(rule.dataset):
            term = activities[name].term_on(as_of)
            if name != own and term is not None:
                found.append(_rule_of_columns(system, rule, activities[name], term))
    return found


def _activities_of(dataset: Dataset) -> list[str]:
    return sorted({c.activity for c in dataset.columns.values() if c.activity is not None})


def _waiting(system: System, rule: RetentionRule, activities: Mapping[str, Activity], as_of: date) -> RetentionRule:
    """The rule of a row that also waits for each column's own term, in every part of the dossier."""
    more: dict[Watch, None] = {}
    for part in rule.parts:
        dataset = system.datasets[part.dataset]
        for name in _activities_of(dataset):
            if name != dataset.activity:
                for watch in rule.watches:
                    if watch.path[: len(part.path)] == part.path and _starts(watch, dataset):
                        more[replace(watch, activity=name)] = None
    extra = [watch for watch in more if watch not in rule.watches]
    if not extra:
        return rule
    terms = {w.activity: activities[w.activity].term_on(as_of) for w in extra}
    told = {"row": rule.digest, "waits for": [[w.dataset, w.column, w.activity] for w in extra], "terms": _dated(terms)}
    return replace(rule, watches=(*rule.watches, *extra), digest=_digest(told))


def _rule_of_columns(system: System, row: RetentionRule, activity: Activity, term: TermBlock) -> RetentionRule:
    """The rule of the columns of `row` that follow `activity`: same triggers, that activity's term, the row stays."""
    where = f"{system.id}.toml dataset.{row.dataset.name}"
    if system.connector in ("rest", "fhir", "own"):
        raise RegisterInvalid(
            "a service over REST, and our own ledger, cannot change a record yet, only destroy it whole",
            where=where,
            do="give these columns no `activity` or `at_expiry` of their own",
        )
    change = Change(tuple(sorted(_columns(row.dataset, activity.id), key=lambda pair: pair[0])))
    if term.at_expiry in (AtExpiry.DESTROY, AtExpiry.STRIP):
        leaves_a_trace = [name for name, treatment in change.columns if not empties(treatment)]
        if leaves_a_trace:
            raise RegisterInvalid(
                f"{activity.id} ends with {term.at_expiry.value!r}, and {', '.join(leaves_a_trace)} would keep a trace",
                where=where,
                do="write at_expiry = 'null' or { fixed = … }, or let the activity end with 'anonymise'",
            )
    if activity.id != row.dataset.activity:
        _check_person_is_still_told_apart(row.dataset, change, where)
    watches = tuple(replace(w, activity=activity.id) for w in row.watches if _starts(w, row.dataset))
    ceiling = row.dataset.column_ceilings.get(activity.id, row.dataset.ceiling)
    told = {
        "row": row.digest,
        "activity": [activity.id, activity.role],
        "terms": _dated({activity.id: term}),
        "columns": change.told(),
        "watches": [[w.dataset, w.column] for w in watches],
        "ceiling": None if ceiling is None else ceiling.model_dump(mode="json"),
    }
    return replace(
        row,
        dataset=row.dataset.model_copy(update={"ceiling": ceiling}),
        activity=activity,
        term=term,
        watches=watches,
        parts=tuple(p for p in row.parts if not p.path),
        clears=(),
        ties=(),
        knots=(),
        digest=_digest(told),
        change=change,
    )


def _columns(dataset: Dataset, activity: str) -> Iterator[tuple[str, Treatment]]:
    for name, column in dataset.columns.items():
        follows = dataset.activity if column.activity is None and column.at_expiry is not None else column.activity
        if follows == activity:
            yield name, Plain.NULL if column.at_expiry is None else column.at_expiry


def _starts(watch: Watch, dataset: Dataset) -> bool:
    """Whether this watch is a date that starts the dataset's own term."""
    return watch.column is not None and watch.activity == dataset.activity


def _check_may_survive(system: System, rule: RetentionRule) -> None:
    """A row that survives its term must have something to change, and nothing of the person left beside it."""
    dataset, where = rule.dataset, f"{system.id}.toml dataset.{rule.dataset.name}"
    if not any(True for _ in _columns(dataset, rule.activity.id)):
        raise RegisterInvalid(
            f"{rule.activity.id} ends with {rule.term.at_expiry.value!r}, and no column says what becomes of it",
            where=where,
            do="give the columns at_expiry = 'null', { fixed = … }, 'pseudonym', 'year', 'month' or 'postcode4'",
        )
    inside = [p.dataset for p in rule.parts if p.path and system.datasets[p.dataset].activity is None]
    if inside:
        raise RegisterInvalid(
            f"the row survives, and {', '.join(sorted(inside))} would survive with it, as it is",
            where=where,
            do="give these parts an activity of their own",
        )
    if rule.term.at_expiry is AtExpiry.ANONYMISE:
        _check_anonymous(dataset, where)


def _check_person_is_still_told_apart(dataset: Dataset, change: Change, where: str) -> None:
    """The row stays this person's: a pseudonym or a year in place of a name or birth date would read as another one.

    Then a request would not find the row, and a hold not freeze it (promises 7 and 10). An empty cell reads as nothing.
    """
    kinds = {name: kind for kind, names in dataset.identifies.columns().items() for name in names}
    lying = [n for n, t in change.columns if n in kinds and t is not Plain.NULL and not _reads_as_nothing(kinds[n], t)]
    if lying:
        raise RegisterInvalid(
            f"{', '.join(lying)} says who the person is, and would say that it is somebody else while the row stays",
            where=where,
            do="empty it (at_expiry = 'null'), or let it follow the term of the row",
        )


def _reads_as_nothing(kind: str, treatment: Treatment) -> bool:
    return isinstance(treatment, Fixed) and kind != "name_born" and normalise(kind, treatment.fixed) is None


def _check_anonymous(dataset: Dataset, where: str) -> None:
    """No column that bears personal data is passed over in silence (EDPB: inefficient anonymisation)."""
    silent = [n for n, c in dataset.columns.items() if c.category and c.activity is None and c.at_expiry is None]
    identifying = {name for names in dataset.identifies.columns().values() for name in names}
    treatments = {name: column.at_expiry for name, column in dataset.columns.items() if column.activity is None}
    staying = [n for n in sorted(identifying) if n in treatments and treatments[n] in (None, Plain.STAYS)]
    if silent or staying:
        raise RegisterInvalid(
            f"the row is made anonymous, and {', '.join(dict.fromkeys([*silent, *staying]))} would still tell of whom",
            where=where,
            do="give each an at_expiry; write 'stays' for a column that says nothing of a person, never for one in"
            " `identifies`",
        )


def _check_treatments_are_used(system: System, rule: RetentionRule) -> None:
    """A treatment that no term ever calls for is a mistake: its column would go only with its row."""
    survives = any(block.at_expiry in SURVIVES for block in rule.activity.term)
    idle = [] if survives else [n for n, c in rule.dataset.columns.items() if c.at_expiry and c.activity is None]
    if idle:
        raise RegisterInvalid(
            f"{', '.join(sorted(idle))} has an at_expiry, and its row is never kept beyond its term",
            where=f"{system.id}.toml dataset.{rule.dataset.name}",
            do="name the `activity` whose term the column follows, or take the at_expiry away",
        )


def _dated(terms: Mapping[str, TermBlock | None]) -> dict[str, object]:
    return {k: t and t.model_dump(mode="json", exclude={"last_checked"}) for k, t in terms.items()}


def _digest(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
