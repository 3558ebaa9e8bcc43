"""What may not be destroyed now: holds, restrictions, and every record of a person whose request is open (promise 10).

However many persons wait, each dataset is read a bounded number of times: all their identifiers are asked for at
once, and the domain compares each row with those persons only with whom it shares an identifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from connectors.port import Connector, Row
from domain.cases import ERASES
from domain.identity import Identifier, identifiers_of
from domain.keys import Key, Keys, key_text
from domain.plan import Freeze
from domain.rules import Part as Place
from domain.rules import RetentionRule
from domain.same_person import Bearers, Verdict, compare
from domain.spelling import TAIL
from domain.system import Dataset, Identifies
from tasks.find import Decisions, dossier_places
from tasks.instructions import kept_by_practices
from tasks.office import Office
from tasks.person import open_requests

#: Dossier roots: (dataset, key) that a freeze touches.
Touched = Iterator[tuple[str, Key]]
#: So many identifiers go into one search: SQLite reads no statement with a thousand alternatives.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A person for whom all waits: why, by which identifiers, and which candidates the DPO said are somebody else."""

    reason: str
    wanted: tuple[Identifier, ...] = field(repr=False)
    decisions: Decisions = field(repr=False)


def read_freeze(
    office: Office,
    connector: Connector,
    rules: Sequence[RetentionRule],
    as_of: date,
    *,
    within: Sequence[Key] | None = None,
    but_not: str = "",
) -> Freeze:
    """All that freezes a dossier of these rules in one system. Raises where holds or requests cannot be read.

    `but_not`: the erasure that is itself being carried out: neither it nor another wish to be erased is in its way.

    Asked when the plan is drawn up and again inside each deletion, then with `within`: the root keys of the batch,
    all of the one rule that is given. Only their rows are looked at.
    """
    reasons: dict[tuple[str, Key], str] = {}
    whole: dict[str, str] = {}
    for reason, dataset, key in what_freezes(office, connector, rules, as_of, within=within, but_not=but_not):
        if key is None:
            whole[dataset] = reason
        else:
            reasons.setdefault((dataset, key), reason)
    return Freeze(reasons, whole)


def what_freezes(
    office: Office,
    connector: Connector,
    rules: Sequence[RetentionRule],
    as_of: date,
    *,
    within: Sequence[Key] | None = None,
    but_not: str = "",
) -> Iterator[tuple[str, str, Key | None]]:
    """Every reason with every dossier that it touches, as (reason, root dataset, key); no key is the whole dataset.

    The only place that answers this question: for the plan, for each deletion, and for `termijn why`.
    """
    system = connector.system
    roots = {rule.dataset.name for rule in rules}
    persons: list[_Frozen] = []
    records: dict[str, list[tuple[str, Key]]] = {}
    for hold in office.ledger.holds.list_active(as_of):
        reason = f"{hold.kind} {hold.id}"
        if hold.scope == "person":
            persons.append(_Frozen(reason, tuple(hold.identifiers), {}))
        elif hold.system == system.id and hold.scope == "dataset":
            for root in _dossiers_with(connector, hold.dataset, roots):
                yield reason, root, None
        elif hold.system == system.id:
            held = connector.read_key(hold.dataset, hold.key or "")
            records.setdefault(hold.dataset, []).append((reason, held))
    for number, dataset, keys in kept_by_practices(office, system.id, as_of):
        records.setdefault(dataset, []).extend((f"its practice keeps it, list {number}", key) for key in keys)
    others = (r for r in open_requests(office) if not but_not or (r.number != but_not and r.kind not in ERASES))
    persons += [_Frozen(f"open request {r.number}", r.wanted, r.decisions) for r in others]
    for dataset, held_keys in records.items():
        for reason, (root, key) in _of_records(connector, dataset, held_keys, roots, within):
            yield reason, root, key
    asked = _Persons(connector, persons)
    touched = asked.everywhere(roots) if within is None else asked.within(rules[0].dataset, within)
    for reason, (root, key) in touched:
        yield reason, root, key


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


def _of_records(
    connector: Connector,
    dataset: str,
    held: Sequence[tuple[str, Key]],
    roots: Set[str],
    within: Sequence[Key] | None,
) -> Iterator[tuple[str, tuple[str, Key]]]:
    """The dossiers of records that are held by their key, with the reason; for a batch all are asked for at once."""
    if within is not None:
        batch = frozenset(within)
        if not any(key in batch for _, key in spread(connector, dataset, Keys(key for _, key in held), roots)):
            return
    for reason, key in held:
        for place in spread(connector, dataset, Keys([key]), roots):
            yield reason, place


class _Persons:
    """All persons for whom something waits, and a quick way from an identifier to those who have it."""

    def __init__(self, connector: Connector, persons: Sequence[_Frozen]) -> None:
        self._connector, self._system, self._persons = connector, connector.system, persons
        self._bearers = Bearers(person.wanted for person in persons)
        self._kinds = {i.kind for person in persons for i in person.wanted}
        self._tails: dict[int, set[str]] = {}  # the last digits of their phone numbers, by how many there are
        for number in {i.value for person in persons for i in person.wanted if i.kind == "phone"}:
            tail = "".join(c for c in number if c.isdecimal())[-TAIL:]
            self._tails.setdefault(len(tail), set()).add(tail)

    def everywhere(self, roots: Set[str]) -> Iterator[tuple[str, tuple[str, Key]]]:
        """Every dossier of these roots that may be somebody's, with the reason: the whole source is searched."""
        wanted = sorted({i for p in self._persons for i in p.wanted})
        for dataset in self._identifying():
            rows: dict[Key, Row] = {}
            for start in range(0, len(wanted), _AT_ONCE):
                for row in self._connector.search(dataset.name, wanted[start : start + _AT_ONCE]):
                    rows[tuple(row[c] for c in dataset.key)] = row
            yield from self._spread(dataset, rows.values(), roots)

    def within(self, root: Dataset, keys: Sequence[Key]) -> Iterator[tuple[str, tuple[str, Key]]]:
        """Those of these dossiers that may be somebody's: only their rows, and rows that they hang under, are read."""
        if not self._persons or not keys:
            return
        batch = frozenset(keys)
        inside = {place.dataset: place for place in dossier_places(self._system, root)}
        for dataset in self._identifying():
            above = [p for p in dossier_places(self._system, dataset) if p.dataset == root.name and p.path]
            if dataset.name in inside:
                rows = self._connector.rows(inside[dataset.name], keys)
            elif above:
                owners = self._connector.roots_of(above[0], dataset.name, Keys(keys))
                rows = self._connector.rows(Place(dataset.name, ()), tuple(owners))
            else:
                continue
            for reason, place in self._spread(dataset, rows, {root.name}):
                if place[1] in batch:
                    yield reason, place

    def _identifying(self) -> Iterator[Dataset]:
        if self._persons:
            yield from (d for d in self._system.datasets.values() if self._kinds & d.identifies.columns().keys())

    def _spread(self, dataset: Dataset, rows: Iterable[Row], roots: Set[str]) -> Iterator[tuple[str, tuple[str, Key]]]:
        """The dossiers of the rows that may be somebody's: in doubt frozen, unless the DPO said it is another."""
        found: dict[int, list[Key]] = {}
        unasked = dict.fromkeys(dataset.identifies.columns().keys() - self._kinds)  # no use in reading these
        identifies = dataset.identifies.model_copy(update=unasked)
        silent, phone = identifies.model_copy(update={"phone": None}), identifies.phone
        for row in rows:
            calls = phone is not None and self._may_call(row.get(phone))
            for n in self._who(dataset, row, identifies if calls else silent):
                found.setdefault(n, []).append(tuple(row[c] for c in dataset.key))
        for n in sorted(found):
            for place in spread(self._connector, dataset.name, Keys(found[n]), roots):
                yield self._persons[n].reason, place

    def _may_call(self, cell: object) -> bool:
        """Whether a cell can hold somebody's phone number; reading one costs as much as all else in a row.

        A number is known by its last digits, wherever they stand (as in the search of a SQL source).
        """
        text = str(cell)
        if not text.isascii() or any(c.isalpha() for c in text):  # letters can stand for digits, or hide some
            return cell is not None
        digits = "".join(c for c in text if c.isdigit())
        starts = ((n, start) for n in self._tails for start in range(len(digits) - n + 1))
        return any(digits[start : start + n] in self._tails[n] for n, start in starts)

    def _who(self, dataset: Dataset, row: Row, identifies: Identifies) -> Iterator[int]:
        identifiers = identifiers_of(row, identifies, tenant=dataset.tenant, system=self._system.id)
        shared = self._bearers.who(identifiers)
        if not shared:
            return
        place = (self._system.id, dataset.name, key_text(tuple(row[c] for c in dataset.key)))
        for n in shared:
            person = self._persons[n]
            verdict = compare(person.wanted, identifiers).verdict
            if verdict is not Verdict.DIFFERENT and person.decisions.get(place) is not False:
                yield n


def _dossiers_with(connector: Connector, dataset: str, roots: Set[str]) -> Iterator[str]:
    system = connector.system
    for root in roots:
        if any(place.dataset == dataset for place in dossier_places(system, system.datasets[root])):
            yield root
