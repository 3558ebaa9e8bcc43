"""Which dossiers of a service are tied to others of the same rule: one walk over all of them, references only."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.rest.dossier import walk
from connectors.rest.records import Records
from connectors.rest.reference import Linked, linked, pick
from domain.keys import Key
from domain.rules import DueTest
from domain.system import System
from domain.ties import Pair
from domain.trouble import SourceUnreadable


def find_ties(system: System, records: Records, test: DueTest) -> tuple[Pair, ...]:
    """Pairs (a, b): a can only go when b goes. Memory holds the values of references, never a row.

    Raises SourceUnreadable for what cannot be done one by one: circles between datasets, and rows of two dossiers.
    """
    rule = test.rule
    if rule.knots or any(t.both for t in rule.ties) or any(p.stays_for_others for p in rule.parts):
        raise SourceUnreadable(
            "records that refer to each other in a circle, or belong to two dossiers, need a transaction",
            where=rule.name,
            do="reach this system by its database instead, or take the circle out of the register",
        )
    if not rule.ties:
        return ()
    referring = [dict[Linked, set[Key]]() for _ in rule.ties]
    referred = [dict[Linked, set[Key]]() for _ in rule.ties]
    paths = [p for t in rule.ties for p in (t.referrer.path, t.target.path)]
    for seen in walk(system, records, rule.dataset, records.stream(rule.dataset), paths):
        for tie, own, theirs in zip(rule.ties, referring, referred, strict=True):
            for place, columns, values in (
                (tie.referrer, [c for c, _ in tie.by], own),
                (tie.target, [c for _, c in tie.by], theirs),
            ):
                held = linked(pick(seen.row, columns)) if seen.path == place.path else None
                if held is not None:
                    values.setdefault(held, set()).update(seen.roots)
    return tuple(pair for own, theirs in zip(referring, referred, strict=True) for pair in _pairs(own, theirs))


def _pairs(referring: dict[Linked, set[Key]], referred: dict[Linked, set[Key]]) -> Iterator[Pair]:
    for held in referring.keys() & referred.keys():
        yield from ((a, b) for a in referred[held] for b in referring[held] if a != b)
