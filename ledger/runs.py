"""The nights that were: when a system was last purged, and how much it held then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from domain.evidence import Entry, Fact
from ledger.chain import Chain
from ledger.schema import runs


@dataclass(frozen=True, slots=True)
class Run:
    """One run over one system: per rule its counts ('total', 'due', 'destroyed', …)."""

    system: str
    as_of: date
    armed: bool
    plan: str
    at: datetime
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Runs:
    """The runs of the ledger: the memory of the guards for the clock and for an emptied source."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def record_run(
        self,
        system: str,
        *,
        as_of: date,
        armed: bool,
        plan: str,
        counts: Mapping[str, Mapping[str, int]],
        entry: Entry,
    ) -> None:
        """Keep that a run took place. `counts` has at least 'total' for each rule that was looked at."""
        told: list[Fact] = [[rule, [[n, number] for n, number in of.items()]] for rule, of in counts.items()]
        with self._chain.write(entry) as writing:
            number = (writing.connection.scalar(select(func.max(runs.c.id))) or 0) + 1
            values = {"system": system, "as_of": as_of, "armed": armed, "plan": plan, "at": writing.at}
            text = json.dumps({rule: dict(of) for rule, of in counts.items()})
            writing.connection.execute(insert(runs).values(id=number, counts=text, **values))
            writing.subject = system
            writing.record |= {"as_of": as_of.isoformat(), "armed": armed, "plan": plan, "counts": told}

    def last_armed_run(self, system: str) -> date | None:
        """The latest day as of which this system was purged; None where it never was."""
        query = select(func.max(runs.c.as_of)).where(runs.c.system == system, runs.c.armed)
        with self._chain.read() as connection:
            last: date | None = connection.scalar(query)
        return last

    def last_total(self, system: str) -> dict[str, int]:
        """Per rule, how many dossiers the source held on the last run that looked, armed or not."""
        totals: dict[str, int] = {}
        for run in self.list_runs(system):
            totals |= {rule: counts["total"] for rule, counts in run.counts.items() if "total" in counts}
        return totals

    def last_count(self, system: str, name: str) -> dict[str, int]:
        """Per rule, the newest count of this name that a run remembered; a rule without one is left out."""
        counts: dict[str, int] = {}
        for run in self.list_runs(system):
            counts |= {rule: counted[name] for rule, counted in run.counts.items() if name in counted}
        return counts

    def list_runs(self, system: str | None = None) -> tuple[Run, ...]:
        """All runs, oldest first."""
        query = select(runs).order_by(runs.c.id)
        if system is not None:
            query = query.where(runs.c.system == system)
        with self._chain.read() as connection:
            return tuple(_run(row) for row in connection.execute(query))


def _run(row: Row[Any]) -> Run:
    return Run(row.system, row.as_of, row.armed, row.plan, row.at, json.loads(row.counts))
