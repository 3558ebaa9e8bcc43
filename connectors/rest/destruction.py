"""How dossiers are destroyed where there is no transaction: judged anew one by one, and each row only as judged.

A row goes with `If-Match`, so what changed after it was judged stays. Children go first: a connection that breaks
half-way leaves a root without some of its parts, all of them announced, never a part without its root.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from connectors.port import Announced, Destroyed
from connectors.receipt import CHANGED, FROZEN, NO_LONGER_DUE, REFERRED_TO
from connectors.rest.dossier import Dossier, Referring, read_dossier
from connectors.rest.records import GONE, Records, Version
from connectors.rest.reference import Linked, linked, pick
from domain.keys import Key, Keys
from domain.live import LiveReference, LiveSchema
from domain.rules import DueTest, Part
from domain.standing import Standing, stand
from domain.system import System
from domain.trouble import SourceUnreadable


class Destruction:
    """One call of `destroy`: what went, what stayed, and why."""

    def __init__(
        self,
        system: System,
        records: Records,
        test: DueTest,
        *,
        look: Callable[[], LiveSchema],
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> None:
        self._system, self._records, self._test = system, records, test
        self._allowed, self._announced = allowed, announced
        self._look, self._strangers = look, list[tuple[str, LiveReference]]()
        self._known = {dataset: frozenset(keys) for dataset, keys in announced.dossiers.items()}
        self._rows: dict[str, list[Key]] = {}
        self._stayed: dict[str, list[Key]] = {}
        self._cleared: Counter[str] = Counter()

    def carry_out(self, keys: Sequence[Key]) -> Destroyed:
        """Destroy the dossiers of these roots, one after another. The caller has checked the receipt."""
        self._strangers = list(_undeclared(self._system, self._look()))
        waiting = list(dict.fromkeys(keys))
        while waiting:  # what another dossier of this batch refers to waits until that one has gone
            held = [key for key in waiting if self._destroy_unless_referred_to(key)]
            if len(held) == len(waiting):
                self._stayed[REFERRED_TO] = held
                break
            waiting = held
        return Destroyed(
            {d: Keys(gone) for d, gone in self._rows.items()},
            {why: Keys(stayed) for why, stayed in self._stayed.items()},
            dict(self._cleared),
        )

    def _destroy_unless_referred_to(self, key: Key) -> bool:
        """Whether a record that stays still refers to the dossier; any other reason to stay is noted."""
        why = self._destroy(key)
        if why is not None and why != REFERRED_TO:
            self._stayed.setdefault(why, []).append(key)
        return why == REFERRED_TO

    def _destroy(self, key: Key) -> str | None:
        """Destroy one dossier; the reason where it stays."""
        rule = self._test.rule
        dossier = read_dossier(self._system, self._records, self._test, key)
        if dossier is None:
            if self._records.exists(rule.dataset, key):  # no longer one of this dataset (`only`)
                return NO_LONGER_DUE
            self._rows.setdefault(rule.dataset.name, []).append(key)  # announced, and gone
            return None
        why = self._judge(key, dossier)
        return why or self._clear_references(dossier) or self._delete_rows(dossier)

    def _judge(self, key: Key, dossier: Dossier) -> str | None:
        """Why this dossier stays, as it is at this moment; None: it may go."""
        if stand(self._test, dossier.facts).standing is not Standing.DUE:
            return NO_LONGER_DUE
        if key not in self._allowed([key]):
            return FROZEN
        if not dossier.steady or not self._was_announced(dossier):
            return CHANGED
        return REFERRED_TO if self._is_needed_outside(dossier) else None

    def _was_announced(self, dossier: Dossier) -> bool:
        return all(rows.keys() <= self._known.get(d, frozenset()) for d, rows in dossier.versions.items())

    def _is_needed_outside(self, dossier: Dossier) -> bool:
        """Whether a row of another dossier refers to a row of this one; the service may not keep it from going."""
        for part in self._test.rule.parts:
            dataset, ours = self._system.datasets[part.dataset], dossier.versions.get(part.dataset, {})
            for reference in dataset.references:
                target = dossier.versions.get(reference.dataset, {})
                if reference.when_gone != "clear" and target:
                    wanted = _values(target, tuple(reference.by.values()))
                    rows = self._records.matching(dataset, tuple(reference.by), wanted)
                    if any(pick(row, dataset.key) not in ours for row in rows):
                        return True
        return any(self._is_needed_by(stranger, reference, dossier) for stranger, reference in self._strangers)

    def _is_needed_by(self, table: str, reference: LiveReference, dossier: Dossier) -> bool:
        """Whether a row of a table that the register does not know refers to a row of this dossier."""
        targets = [d for d in dossier.versions if self._system.datasets[d].table == reference.table]
        if any(not self._system.datasets[d].columns.keys() >= set(reference.to_columns) for d in targets):
            return True  # it refers to a column that the register does not know: that cannot be looked into
        wanted = {v for d in targets for v in _values(dossier.versions[d], reference.to_columns)}
        filters = [dict(zip(reference.columns, values, strict=True)) for values in wanted]
        return any(True for where in filters for _ in self._records.items(table, where))

    def _clear_references(self, dossier: Dossier) -> str | None:
        for refers in dossier.refers:
            inside = dossier.versions.get(refers.dataset, {})
            why = self._clear(refers, inside)
            if why is not None:
                return why
        return None

    def _clear(self, refers: Referring, inside: dict[Key, Version]) -> str | None:
        """Empty one reference. `inside`: the dossier's own rows of that dataset, in their latest version."""
        dataset, key = self._system.datasets[refers.dataset], refers.key
        version = inside.get(key) or self._records.get(dataset, key)
        if version is None:
            return None
        if key not in inside and version.row != refers.row:
            return CHANGED
        answer = self._records.clear(dataset, key, refers.columns, self._mark(refers.dataset, version))
        if answer.status in (409, 412):
            return CHANGED if answer.status == 412 else REFERRED_TO
        if answer.status in GONE:
            return None
        self._cleared[refers.dataset] += 1
        if key in inside:
            emptied = {**version.row, **dict.fromkeys(refers.columns)}
            now = Version(emptied, answer.etag) if answer.etag is not None else self._records.get(dataset, key)
            if now is None or now.row != emptied:
                return CHANGED
            inside[key] = now
        return None

    def _delete_rows(self, dossier: Dossier) -> str | None:
        """Children first. Within one dataset a row that another still refers to waits for its turn."""
        for part in self._test.rule.parts:
            rows = dossier.versions.get(part.dataset, {})
            if self._has_late_rows(part, rows):
                return CHANGED
            waiting = list(rows.items())
            while waiting:
                held = []
                for key, version in waiting:
                    why = self._delete(part.dataset, key, version)
                    if why == CHANGED:
                        return CHANGED
                    held += [(key, version)] if why is not None else []
                if len(held) == len(waiting):
                    return REFERRED_TO
                waiting = held
        return None

    def _has_late_rows(self, part: Part, rows: Mapping[Key, Version]) -> bool:
        """Whether rows hang under these although all we knew of have gone: they came in while we were at it."""
        rule = self._test.rule
        paths = {p.path for p in rule.parts} | {w.path for w in self._test.watches if w.column is None}
        for hop in {path[-1] for path in paths if path and path[:-1] == part.path}:
            wanted = _values(rows, tuple(owner for _, owner in hop.by))
            dataset = self._system.datasets[hop.dataset]
            if any(self._records.matching(dataset, tuple(own for own, _ in hop.by), wanted)):
                return True
        return False

    def _delete(self, name: str, key: Key, version: Version) -> str | None:
        dataset = self._system.datasets[name]
        status = self._records.delete(dataset, key, self._mark(name, version))
        if status == 409:
            return REFERRED_TO
        if status == 412 and self._records.exists(dataset, key):
            return CHANGED
        # 404, or 412 on nothing: gone already, as when the answer to our first attempt was lost. It was announced.
        self._rows.setdefault(name, []).append(key)
        return None

    def _mark(self, name: str, version: Version) -> str:
        if version.etag is None:
            raise SourceUnreadable(
                "the service gives no ETag, so a record could change unseen between judging and destroying it",
                where=f"{self._system.id}.{self._system.datasets[name].table}",
                do="ask the service's supplier for an ETag on each record; until then it can only be read",
            )
        return version.etag


def _values(rows: Mapping[Key, Version], columns: Sequence[str]) -> frozenset[Linked]:
    """What refers to these rows by these columns holds one of these."""
    found = (linked(pick(version.row, columns)) for version in rows.values())
    return frozenset(values for values in found if values is not None)


def _undeclared(system: System, live: LiveSchema) -> Iterator[tuple[str, LiveReference]]:
    """References that the service tells of, from tables that the register does not know."""
    registered = {d.table for d in system.datasets.values()}
    for table, looks in live.tables.items():
        if table not in registered:
            yield from ((table, reference) for reference in looks.references)
