"""Until when a row of a person stays."""

from __future__ import annotations

from datetime import date

from connectors.port import Connector, Row
from domain.keys import Key, Keys
from domain.register import Register
from domain.rules import Part as Place
from domain.rules import compile_rules, due_test
from domain.why import explain
from tasks.find import dossier_places


class KeptUntil:
    """Until when a row stays: the end of its dossier's term, asked once per dossier."""

    def __init__(self, connector: Connector, register: Register, as_of: date) -> None:
        self._connector, self._register, self._as_of = connector, register, as_of
        rules = compile_rules(connector.system, register.activities, as_of)
        self._rules = {rule.dataset.name: rule for rule in rules if rule.change is None}  # the row, not its columns
        self._known: dict[tuple[str, Key], tuple[date | None, str]] = {}
        self._places: dict[tuple[str, str], Place] = {}

    def of(self, root: str, dataset: str, key: Key, row: Row) -> tuple[date | None, str]:
        """(last day, why) for a row: by its own rule where its dataset has one, else by its nearest owner's."""
        name, datasets = dataset, self._connector.system.datasets
        while name not in self._rules and name != root and (link := datasets[name].part_of) is not None:
            name = link.dataset
        place = (name, key) if name == dataset else (name, self._root_key(name, dataset, key, row))
        if place not in self._known:
            self._known[place] = self._ask(*place)
        return self._known[place]

    def _root_key(self, root: str, dataset: str, key: Key, row: Row) -> Key:
        if dataset == root:
            return key
        system = self._connector.system
        if (root, dataset) not in self._places:
            every = dossier_places(system, system.datasets[root])
            self._places[root, dataset] = next(p for p in every if p.dataset == dataset)
        place = self._places[root, dataset]
        wanted = system.datasets[root].key
        if len(place.path) == 1 and set(wanted) == {owner for _, owner in place.path[0].by}:
            own_column = {owner: own for own, owner in place.path[0].by}
            return tuple(row[own_column[c]] for c in wanted)
        return next(iter(self._connector.roots_of(place, root, Keys([key]))), key)

    def _ask(self, name: str, key: Key) -> tuple[date | None, str]:
        rule = self._rules.get(name)
        if rule is None:
            return None, ""
        test = due_test(rule, self._register.activities, self._as_of)
        facts = self._connector.facts(test, key)
        if facts is None:
            return None, ""
        told = explain(test, facts, self._register.activities)
        winner = told.winner
        article = winner.article if winner is not None and told.kept_until is not None else rule.term.article
        return (None if told.kept_until == date.max else told.kept_until), article
