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
from typing import Any

from domain.activity import Activity, AtExpiry, TermBlock
from domain.column_rules import Change, with_columns
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
    """A dataset of a dossier, the way to it from the root (empty for the root itself).

    `stays_for_others`: a row that also serves a record outside the dossier stays, and the dossier goes without it.
    """

    dataset: str
    path: tuple[Hop, ...]
    stays_for_others: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """A reference that may lead from one dossier of a rule into another one of it, or into the same.

    Rows of `referrer` refer by `by` (own column, theirs) to rows of `target`: the target's dossier goes with or after
    the referrer's. `both`: the rows belong to both dossiers, so neither goes without the other.
    """

    referrer: Part
    by: tuple[tuple[str, str], ...]
    target: Part
    both: bool


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
    """One dataset's term in one system: what starts it, what goes at its end, and its wording's digest.

    With a `change` the row survives: only these columns go, by the term of `activity`.
    """

    system: str
    dataset: Dataset
    activity: Activity
    term: TermBlock
    watches: tuple[Watch, ...]
    parts: tuple[Part, ...]  # children first; the root is last
    clears: tuple[Clear, ...]
    digest: str
    ties: tuple[Tie, ...] = ()
    knots: tuple[frozenset[str], ...] = ()  # datasets that refer to each other in a circle: they go in one step

    change: Change | None = None

    @property
    def name(self) -> str:
        """`system.dataset`, or `system.dataset#activity` of columns: how people and the ledger call this rule."""
        return f"{self.system}.{self.filed_as}"

    @property
    def filed_as(self) -> str:
        """Under which name its evidence is kept: a row that survives is never told among the destroyed ones."""
        return self.dataset.name if self.change is None else f"{self.dataset.name}#{self.activity.id}"

    @property
    def action(self) -> AtExpiry:
        """What this rule does when its term is over: to the row, or to the columns of a row that survives."""
        if self.change is not None and self.term.at_expiry is AtExpiry.DESTROY:
            return AtExpiry.STRIP
        return self.term.at_expiry


@dataclass(frozen=True, slots=True)
class DueTest:
    """A rule on a day: watches with their cutoffs filled in. `possible` is False where no start is early enough.

    `needs_start`: a dossier in which no date started a term is not due. Not so where its person asks for erasure.
    """

    rule: RetentionRule
    as_of: date
    watches: tuple[Watch, ...]
    possible: bool
    needs_start: bool = True


def compile_rules(system: System, activities: Mapping[str, Activity], as_of: date) -> list[RetentionRule]:
    """The rules of a system by the terms in force on `as_of`; an activity without a term by then has no rule."""
    rules = []
    for dataset in system.roots():
        activity = activities[str(dataset.activity)]
        term = activity.term_on(as_of)
        if term is not None:
            rules.append(_compile(system, dataset, activity, term, as_of, activities))
    return with_columns(system, rules, activities, as_of)


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
    needs, clears, ties = _pointing_in(system, parts, str(dataset.activity))
    ordered, knots = _children_first(system, parts)
    everything = (*watches, *needs)
    terms = {w.activity: activities[w.activity].term_on(as_of) for w in everything}
    digest = _wording(system, dataset, activity, terms, everything, ordered, clears, ties)
    return RetentionRule(system.id, dataset, activity, term, everything, ordered, clears, digest, ties, knots)


def _pointing_in(
    system: System, parts: tuple[Part, ...], activity: str
) -> tuple[tuple[Watch, ...], tuple[Clear, ...], tuple[Tie, ...]]:
    """What refers to the rows of a dossier: rows that keep it, references to empty, and ties to other dossiers."""
    inside = {p.dataset: p for p in parts}
    needs, clears, ties = list[Watch](), list[Clear](), list[Tie]()
    for part in parts:
        for other, reference in _references_to(system, part.dataset):
            path = (*part.path, Hop.down(other, reference))
            if reference.when_gone == "clear":
                emptied = set(reference.by) - set(other.key)  # a key column is never emptied
                clears.append(Clear(other.name, tuple(sorted(emptied)), path))
            elif part.stays_for_others:
                continue  # what others need of this part stays by itself
            elif other.name in inside:
                both = reference.when_gone == "shared"
                ties.append(Tie(inside[other.name], path[-1].by, part, both))
            elif reference.when_gone == "shared":
                raise RegisterInvalid(
                    f"rows of {other.name!r} are shared with {part.dataset!r}, but are in none of its dossiers",
                    where=f"{system.id}.toml dataset.{other.name}.references",
                    do=f"make {other.name!r} part_of that dossier by its first reference, or write when_gone = 'keeps'",
                )
            else:
                needs.append(Watch(other.name, path, None, "ignored", (), activity))
    return tuple(needs), tuple(clears), tuple(ties)


def _dossier(system: System, root: Dataset, path: tuple[Hop, ...] = ()) -> Iterator[Part]:
    yield Part(root.name, path, root.part_of is not None and bool(path) and root.part_of.when_shared == "stays")
    for child in system.parts_of(root.name):
        if child.part_of is not None:
            yield from _dossier(system, child, (*path, Hop.down(child, child.part_of)))


def _goes_up(system: System, child: Dataset) -> bool:
    """Whether a part is what its owner refers to (the address of a customer), and not the other way round."""
    link = child.part_of
    if link is None:
        return False
    back = {their: own for own, their in link.by.items()}
    return any(r.dataset == child.name and r.by == back for r in system.datasets[link.dataset].references)


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


def _children_first(system: System, parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[frozenset[str], ...]]:
    """Order the parts so that every row goes before the row it refers to; `clear` references do not count.

    Datasets that refer to each other in a circle stand next to each other, and come back as a knot, to go in one step.
    """
    by_name = {p.dataset: p for p in parts}
    refers_to = {name: _refers_to(system, name) & by_name.keys() - {name} for name in by_name}
    reached = {name: _reached(refers_to, name) for name in by_name}
    knot_of = {n: frozenset({n} | {m for m in reached[n] if n in reached[m]}) for n in by_name}
    ordered: list[Part] = []
    left = dict.fromkeys(by_name)
    while left:
        free = [n for n in left if not any(n in reached[o] for o in left if o not in knot_of[n])]
        together = [n for n in left if n in knot_of[free[0]]]
        ordered += [by_name[n] for n in together]
        for name in together:
            del left[name]
    return tuple(ordered), tuple(dict.fromkeys(k for k in knot_of.values() if len(k) > 1))


def _refers_to(system: System, name: str) -> set[str]:
    """The datasets that rows of this one cannot outlive a reference to."""
    dataset = system.datasets[name]
    links = {r.dataset for r in dataset.references if r.when_gone != "clear"}
    if dataset.part_of is not None and not _goes_up(system, dataset):
        links.add(dataset.part_of.dataset)
    return links


def _reached(refers_to: Mapping[str, set[str]], start: str) -> set[str]:
    """Every dataset at the end of some chain of references."""
    found, todo = set[str](), [start]
    while todo:
        new = refers_to[todo.pop()] - found
        found |= new
        todo += new
    return found


#: Of a dataset what says nothing of what goes: what is shown, and to whom a row is.
_DESTROYS_NOTHING: dict[str, Any] = {
    "columns": True,
    "title": True,
    "identifies": True,
    "soft_delete": True,
    "archived": True,
    "origin": True,
    "called": True,
    "fhir": True,
    "on_request": True,
    "references": {"__all__": {"person", "brings", "shows"}},
}


def _wording(
    system: System,
    dataset: Dataset,
    activity: Activity,
    terms: Mapping[str, TermBlock | None],
    watches: tuple[Watch, ...],
    parts: tuple[Part, ...],
    clears: tuple[Clear, ...],
    ties: tuple[Tie, ...],
) -> str:
    """SHA-256 over all that decides what this rule destroys: the thing the DPO countersigns."""
    wording = {
        "system": [system.id, system.zone, system.db_schema],
        "dataset": dataset.model_dump(mode="json", exclude=_DESTROYS_NOTHING),
        "activity": [activity.id, activity.role],
        "terms": {k: t and t.model_dump(mode="json", exclude={"last_checked"}) for k, t in terms.items()},
        "watches": [[w.dataset, _path(w.path), w.column, w.absent, [str(d) for d in w.not_dates]] for w in watches],
        "parts": [[p.dataset, _path(p.path), system.datasets[p.dataset].table, p.stays_for_others] for p in parts],
        "ties": [[t.referrer.dataset, t.by, t.target.dataset, t.both] for t in ties],
        "only": {p.dataset: dict(system.datasets[p.dataset].only) for p in parts},
        "keys": {p.dataset: system.datasets[p.dataset].key for p in parts},
        "crowds": {p.dataset: _reasons(system.datasets[p.dataset]) for p in parts},
        "clears": [[c.dataset, c.columns, _path(c.path)] for c in clears],
    }
    return hashlib.sha256(json.dumps(wording, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _reasons(dataset: Dataset) -> list[object]:
    """Why records of a part may share a day, and where its last change is looked at: the guards go by it."""
    return [{t.column: t.same_day for t in dataset.triggers}, dataset.changed and dataset.changed.model_dump()]


def _path(path: tuple[Hop, ...]) -> list[object]:
    return [[h.dataset, h.by] for h in path]


__all__ = [
    "FIRST_PLAUSIBLE", "Clear", "DueTest", "Hop", "Part", "RetentionRule", "Tie", "Trigger", "Watch",
    "compile_rules", "due_test",
]  # fmt: skip
