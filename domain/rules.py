"""What must be true for a dossier to be due: the register's rules, compiled for one day.

A dossier is a root record with all that belongs to it (`part_of`). It is due when no event in it lies after the
cutoff of the term that the event falls under, no event is missing or implausible, and nothing that stays needs
it. That is one list of `Watch`es; a connector turns each into one condition on one column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from domain.activity import Activity, TermBlock
from domain.system import Dataset, PartOf, Reference, System, Trigger
from domain.trouble import RegisterInvalid

#: A date before this is a stand-in for "unknown" and never starts a term.
FIRST_PLAUSIBLE = date(1900, 1, 2)


@dataclass(frozen=True, slots=True)
class Hop:
    """One step down a reference: rows of `dataset` whose `by` columns equal those of the dataset before it."""

    dataset: str
    by: tuple[tuple[str, str], ...]

    @classmethod
    def down(cls, dataset: Dataset, link: PartOf | Reference) -> Hop:
        """The step from the owner that `link` names to the rows of `dataset`."""
        return cls(dataset.name, tuple(sorted(link.by.items())))


@dataclass(frozen=True, slots=True)
class Part:
    """A dataset of a dossier, the way to it from the root (empty for the root itself)."""

    dataset: str
    path: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Rows that can keep a dossier: by the date in `column`, or (column None) by being there at all.

    `cutoff`: a date after it keeps. `absent`: whether an empty date blocks. `not_dates`: sentinels.
    """

    dataset: str
    path: tuple[Hop, ...]
    column: str | None
    absent: str
    not_dates: tuple[date, ...]
    activity: str
    cutoff: date | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """References emptied before a dossier goes: `columns` of `dataset`, where they point into it along `path`."""

    dataset: str
    columns: tuple[str, ...]
    path: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One dataset's term in one system: what starts it, what goes at its end, and its wording's digest."""

    system: str
    dataset: Dataset
    activity: Activity
    term: TermBlock
    watches: tuple[Watch, ...]
    parts: tuple[Part, ...]  # children first; the root is last
    clears: tuple[Clear, ...]
    digest: str

    @property
    def name(self) -> str:
        """`system.dataset`: how people and the ledger call this rule."""
        return f"{self.system}.{self.dataset.name}"


@dataclass(frozen=True, slots=True)
class DueTest:
    """A rule on a day: watches with their cutoffs filled in. `possible` is False where no start is early enough."""

    rule: RetentionRule
    as_of: date
    watches: tuple[Watch, ...]
    possible: bool


def compile_rules(system: System, activities: Mapping[str, Activity], as_of: date) -> list[RetentionRule]:
    """The rules of a system by the terms in force on `as_of`; an activity without a term by then has no rule."""
    rules = []
    for dataset in system.roots():
        activity = activities[str(dataset.activity)]
        term = activity.term_on(as_of)
        if term is not None:
            rules.append(_compile(system, dataset, activity, term, as_of, activities))
    return rules


def due_test(rule: RetentionRule, activities: Mapping[str, Activity], as_of: date) -> DueTest:
    """Fill in the cutoffs for `as_of`. A watched activity without a term in force keeps everything."""
    filled, possible = [], True
    for watch in rule.watches:
        if watch.column is None:
            filled.append(watch)
            continue
        term = activities[watch.activity].term_on(as_of)
        limit = term.cutoff(as_of) if term else None
        possible = possible and limit is not None
        filled.append(
            Watch(watch.dataset, watch.path, watch.column, watch.absent, watch.not_dates, watch.activity, limit)
        )
    return DueTest(rule, as_of, tuple(filled), possible)


def _compile(
    system: System,
    dataset: Dataset,
    activity: Activity,
    term: TermBlock,
    as_of: date,
    activities: Mapping[str, Activity],
) -> RetentionRule:
    parts = tuple(_dossier(system, dataset))
    watches = [
        Watch(part.dataset, part.path, t.column, t.absent, d.not_dates, owner)
        for part, owner in _with_activity(system, parts, str(dataset.activity))
        for d in [system.datasets[part.dataset]]
        for t in d.triggers
    ]
    if not watches:
        raise RegisterInvalid(
            "no trigger starts this term: neither the dataset nor a part of it has `triggers`",
            where=f"{system.id}.toml dataset.{dataset.name}",
            do="name the date column that starts the term, for example triggers = ['left_on']",
        )
    inside = {p.dataset for p in parts}
    needs, clears = [], []
    for part in parts:
        for other, reference in _references_to(system, part.dataset):
            path = (*part.path, Hop.down(other, reference))
            if reference.when_gone == "clear":
                emptied = set(reference.by) - set(other.key)  # a key column is never emptied
                clears.append(Clear(other.name, tuple(sorted(emptied)), path))
            elif other.name not in inside:
                needs.append(Watch(other.name, path, None, "ignored", (), str(dataset.activity)))
    ordered = _children_first(system, parts)
    everything = (*watches, *needs)
    terms = {w.activity: activities[w.activity].term_on(as_of) for w in everything}
    digest = _wording(system, dataset, activity, terms, everything, ordered, clears)
    return RetentionRule(system.id, dataset, activity, term, everything, ordered, tuple(clears), digest)


def _dossier(system: System, root: Dataset, path: tuple[Hop, ...] = ()) -> Iterator[Part]:
    yield Part(root.name, path)
    for child in system.parts_of(root.name):
        if child.part_of is not None:
            yield from _dossier(system, child, (*path, Hop.down(child, child.part_of)))


def _with_activity(system: System, parts: tuple[Part, ...], root_activity: str) -> Iterator[tuple[Part, str]]:
    """Each part with the activity whose term it follows: its own, or that of the nearest owner."""
    for part in parts:
        own = [system.datasets[h.dataset].activity for h in part.path if system.datasets[h.dataset].activity]
        yield part, str(own[-1]) if own else root_activity


def _references_to(system: System, name: str) -> Iterator[tuple[Dataset, Reference]]:
    for other in system.datasets.values():
        for reference in other.references:
            if reference.dataset == name:
                yield other, reference


def _children_first(system: System, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Order the parts so that every row goes before the row it refers to; `clear` references do not count."""
    left = {p.dataset: p for p in parts}
    refers_to: dict[str, set[str]] = {}
    for name in left:
        dataset = system.datasets[name]
        links = {dataset.part_of.dataset} if dataset.part_of else set()
        links |= {r.dataset for r in dataset.references if r.when_gone == "keeps"}
        refers_to[name] = (links & left.keys()) - {name}
    ordered: list[Part] = []
    while left:
        free = [n for n in left if not any(n in refers_to[other] for other in left if other != n)]
        if not free:
            raise RegisterInvalid(
                f"the references between {sorted(left)} form a circle, so none can go first",
                where=f"{system.id}.toml",
                do="declare one of these references with when_gone = 'clear' (its column must allow NULL)",
            )
        ordered += [left.pop(n) for n in free]
    return tuple(ordered)


def _wording(
    system: System,
    dataset: Dataset,
    activity: Activity,
    terms: Mapping[str, TermBlock | None],
    watches: tuple[Watch, ...],
    parts: tuple[Part, ...],
    clears: list[Clear],
) -> str:
    """SHA-256 over all that decides what this rule destroys: the thing the DPO countersigns."""
    wording = {
        "system": [system.id, system.zone, system.db_schema],
        "dataset": dataset.model_dump(mode="json", exclude={"columns", "title", "identifies", "soft_delete"}),
        "activity": [activity.id, activity.role],
        "terms": {k: t and t.model_dump(mode="json", exclude={"last_checked"}) for k, t in terms.items()},
        "watches": [[w.dataset, _path(w.path), w.column, w.absent, [str(d) for d in w.not_dates]] for w in watches],
        "parts": [[p.dataset, _path(p.path), system.datasets[p.dataset].table] for p in parts],
        "only": {p.dataset: dict(system.datasets[p.dataset].only) for p in parts},
        "keys": {p.dataset: system.datasets[p.dataset].key for p in parts},
        "clears": [[c.dataset, c.columns, _path(c.path)] for c in clears],
    }
    return hashlib.sha256(json.dumps(wording, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _path(path: tuple[Hop, ...]) -> list[object]:
    return [[h.dataset, h.by] for h in path]


__all__ = [
    "FIRST_PLAUSIBLE", "Clear", "DueTest", "Hop", "Part", "RetentionRule", "Trigger", "Watch",
    "compile_rules", "due_test",
]  # fmt: skip
