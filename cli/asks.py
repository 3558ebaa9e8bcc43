"""Those who hold data we cannot search, at the command line: who was asked, who answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.clock import day_of
from cli.screen import say, show_json, show_table

app = typer.Typer(help="Ask those who hold data that this program cannot search.", no_args_is_help=True)
Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Holder = Annotated[str, typer.Argument(metavar="HOLDER", help="A holder of register/holders.toml.")]
On = Annotated[datetime | None, typer.Option("--on", metavar="DATE", formats=["%Y-%m-%d"], help="The day; else today.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("new")
def ask(case: Case, holder: Holder, on: On = None, by: By = "privacy") -> None:
    """Record that a holder was asked; from that day it is reminded by the ladder."""
    from domain.evidence import Entry
    from tasks.asks import check_holder
    from tasks.office import open_office

    with open_office() as office:
        check_holder(office, holder)
        office.ledger.asks.ask(case, holder, on=day_of(on), entry=Entry("ask.asked", by, case=case))
    say(f"{holder} was asked for case {case}")


@app.command("answered")
def answered(case: Case, holder: Holder, on: On = None, by: By = "privacy") -> None:
    """Record that a holder answered."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.asks.answer(case, holder, on=day_of(on), entry=Entry("ask.answered", by, case=case))
    say(f"{holder} answered for case {case}")


@app.command("list")
def list_asks(
    case: Annotated[str, typer.Argument(metavar="[CASE]")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List who was asked for what, who answered, and how long each usually takes."""
    from domain.asks import usual_days
    from tasks.office import open_office

    with open_office() as office:
        every = office.ledger.asks.list_asks()
    usual = usual_days(every)
    heads = ["case", "holder", "asked", "answered", "usually", "mostly"]
    rows = [
        (a.case, a.holder, a.asked_on, a.answered_on, u.half if (u := usual.get(a.holder)) else None, u and u.most)
        for a in every
        if not case or a.case == case
    ]
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        show_table("Asked", heads, rows)
