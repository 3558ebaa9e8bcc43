"""Our own ledger, and what runs beside it, as the office asks any system: what is due, gone, and still there.

The rows are few and are read when it is opened; the questions are those of the in-memory twin. What is destroyed is
forgotten by its keeper, who looks again whether it may be, and is then asked whether it is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from connectors.in_memory.connector import InMemoryConnector
from connectors.port import Announced, Destroyed
from connectors.receipt import Vouch, nobody
from domain.keys import Key, Keys
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.rules import DueTest
from domain.system import System
from domain.trouble import Refused, SourceUnreadable


class Keeper(Protocol):
    """Who keeps one table of our own."""

    def columns(self) -> Mapping[str, Kind]:
        """The columns of its rows; the key is never empty."""

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Every row that still holds something of a person."""

    def forget(self, keys: Sequence[Key]) -> None:
        """Destroy what these rows hold, all of it or nothing. Raises Refused where one may not be forgotten."""

    def still_there(self, keys: Keys) -> Keys:
        """Which of these rows still hold anything, read anew."""


class OwnConnector(InMemoryConnector):
    """One or more keepers as a system. `keepers`: table → who keeps it."""

    def __init__(self, system: System, keepers: Mapping[str, Keeper], *, vouch: Vouch = nobody) -> None:
        missing = sorted({d.table for d in system.datasets.values()} - keepers.keys())
        if missing:
            raise SourceUnreadable(
                f"our own administration has no {', '.join(missing)}",
                where=system.id,
                do=f"name in the register one of: {', '.join(sorted(keepers))}",
            )
        keys = {d.table: d.key for d in system.datasets.values()}
        shown = {name: keeper for name, keeper in keepers.items() if name in keys}
        data = {name: [dict(row) for row in keeper.rows()] for name, keeper in shown.items()}
        tables = {name: _table(keeper.columns(), keys[name]) for name, keeper in shown.items()}
        super().__init__(system, data, schema=LiveSchema(tables), vouch=vouch)
        self._keepers = shown

    def destroy(
        self,
        test: DueTest,
        keys: Sequence[Key],
        *,
        allowed: Callable[[Sequence[Key]], Sequence[Key]],
        announced: Announced,
    ) -> Destroyed:
        """Ask all that the twin asks again, then let each keeper forget; see `connectors.port.Connector`."""
        done = super().destroy(test, keys, allowed=allowed, announced=announced)
        for dataset, gone in done.rows.items():
            self._keeper(dataset).forget(tuple(gone))
        return done

    def correct(self, dataset: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Raises Refused: what stands in a chained ledger is not written over, and the twin is only a copy of it."""
        del key, before, after
        raise Refused(
            "our own administration is not corrected by hand; nothing was done",
            where=f"{self.system.id}.{dataset}",
            do="correct it with the command that wrote it, or add a statement",
        )

    def still_there(self, dataset: str, keys: Keys, *, firmly: bool = True) -> Keys:  # noqa: ARG002 - it never waits
        """Which of these keys the keeper still holds, read anew."""
        return self._keeper(dataset).still_there(keys)

    def _keeper(self, dataset: str) -> Keeper:
        return self._keepers[self.system.datasets[dataset].table]


def _table(columns: Mapping[str, Kind], key: tuple[str, ...]) -> LiveTable:
    return LiveTable({n: LiveColumn(kind, nullable=n not in key) for n, kind in columns.items()}, key=key)
