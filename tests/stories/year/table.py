"""The year in one table, for who looks at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from rich.console import Console
from rich.table import Table

from tasks.office import open_office
from tests.stories.year.oracle import is_late
from tests.stories.year.requests import Request


def show_year(requests: Sequence[Request], until: date, spent: Mapping[str, int], seconds: float) -> None:
    """Requests per kind, how they ended, how many alarms there were, and what it cost to play."""
    with open_office() as office:
        cases = office.ledger.cases.list_cases()
        rungs = {c.number: len(office.ledger.escalations.of_case(c.number)) for c in cases}
        verified = office.ledger.verify()
    shown = Table(title=f"A year of 12Care, to {until}")
    for head in ("kind", "requests", "paused", "extended", "late", "rungs", "states"):
        shown.add_column(head, justify="left" if head in ("kind", "states") else "right")
    for kind in sorted({r.kind for r in requests}):
        mine = [(r, cases[r.nth - 1]) for r in requests if r.kind == kind]
        states = Counter(c.state.value for _, c in mine)
        counts = (
            len(mine),
            sum(bool(r.pauses) for r, _ in mine),
            sum(r.extended is not None for r, _ in mine),
            sum(is_late(r, min(r.ended, until)) for r, _ in mine),
            sum(rungs[c.number] for _, c in mine),
        )
        shown.add_row(kind, *map(str, counts), ", ".join(f"{n} {s}" for s, n in states.most_common()))
    console = Console(width=150)
    console.print(shown)
    parts = ", ".join(f"{what} {ms / 1000:.1f} s" for what, ms in spent.items())
    console.print(
        f"ledger {'whole' if verified.ok else 'BROKEN'}: {verified.events} events, "
        f"{verified.records} records destroyed; {seconds:.1f} s ({parts})"
    )
