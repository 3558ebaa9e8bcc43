"""What may not be destroyed now: holds, and every record of a person whose request is open (promise 10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import date

from connectors.port import Connector
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.plan import Freeze
from domain.rules import RetentionRule
from tasks.find import Decisions, dossier_places, search_system
from tasks.office import Office
from tasks.person import open_requests

#: Dossier roots: (dataset, key) that a freeze touches.
Touched = Iterator[tuple[str, Key]]


def read_freeze(office: Office, connector: Connector, rules: Sequence[RetentionRule], as_of: date) -> Freeze:
    """All that freezes a dossier of these rules in one system. Raises where holds or requests cannot be read.

    The only place that answers this question; asked when the plan is drawn up and again inside each deletion.
    """
    system = connector.system
    roots = {rule.dataset.name for rule in rules}
    reasons: dict[tuple[str, Key], str] = {}
    whole: dict[str, str] = {}
    for hold in office.ledger.holds.list_active(as_of):
        reason = f"hold {hold.id}"
        if hold.scope == "person":
            found = _of_person(connector, hold.identifiers, {}, roots)
        elif hold.system != system.id:
            continue
        elif hold.scope == "dataset":
            whole |= dict.fromkeys(_dossiers_with(connector, hold.dataset, roots), reason)
            continue
        else:
            held = connector.read_key(hold.dataset, hold.key or "")
            found = spread(connector, hold.dataset, Keys([held]), roots)
        for place in found:
            reasons.setdefault(place, reason)
    for request in open_requests(office):
        for place in _of_person(connector, request.wanted, request.decisions, roots):
            reasons.setdefault(place, f"open request {request.number}")
    return Freeze(reasons, whole)


def spread(connector: Connector, dataset: str, keys: Keys, roots: Set[str]) -> Touched:
    """The dossiers (by their roots) that these rows are, hang in, or have hanging under them."""
    system = connector.system
    for root in sorted(roots):
        if root == dataset:
            yield from ((root, key) for key in keys)
            continue
        for place in dossier_places(system, system.datasets[root]):
            if place.dataset == dataset:
                yield from ((root, key) for key in connector.roots_of(place, root, keys))
        for place in dossier_places(system, system.datasets[dataset]):
            if place.dataset == root:
                yield from ((root, key) for key in connector.dossiers([place], tuple(keys)).get(root, Keys()))


def _of_person(connector: Connector, wanted: Sequence[Identifier], decisions: Decisions, roots: Set[str]) -> Touched:
    """Every dossier that may be the person's: in doubt it is frozen, unless the DPO said it is somebody else."""
    for candidate in search_system(connector, wanted, decisions):
        if candidate.decided is not False:
            yield from spread(connector, candidate.dataset, Keys([candidate.key]), roots)


def _dossiers_with(connector: Connector, dataset: str, roots: Set[str]) -> Iterator[str]:
    system = connector.system
    for root in roots:
        if any(place.dataset == dataset for place in dossier_places(system, system.datasets[root])):
            yield root
