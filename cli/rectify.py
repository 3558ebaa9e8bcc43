"""Correcting a person's data at the command line: decide, have it approved, write back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.office import By, Code
from cli.screen import say, show_table
from domain.trouble import Refused

if TYPE_CHECKING:
    from domain.rectification import Rectification

app = typer.Typer(help="Correct one person's data (AVG 16), or add their statement.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]


@app.command("plan")
def plan_rectification(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML: [[correction]] blocks. Delete it afterwards.")],
    by: By,
    ask: Annotated[bool, typer.Option("--ask", help="Ask another officer to approve this plan.")] = False,
    code: Code = "",
) -> None:
    """Decide on each wish: written, a statement, the practice's, or refused. Writes nothing, and shows no value."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from domain.evidence import Entry
    from ledger.approvals import What
    from tasks.office import open_office
    from tasks.rectify import draw_up_rectification, read_wishes

    wishes = read_wishes(file)
    with open_office() as office:
        plan = draw_up_rectification(office, number, wishes, by=by)
        _show(plan)
        if ask:
            given = code or typer.prompt("One-time code", hide_input=True)
            entry = Entry("approval.asked", by, case=number)
            office.ledger.approvals.request(What.CORRECTION, [plan.digest], code=given, entry=entry)
            say(f"asked: another officer now says: termijn rectify approve {number} --by …")


@app.command("show")
def show_rectification(
    number: Number,
    values: Annotated[
        bool, typer.Option("--values", help="Also what it says now and will say; that is recorded.")
    ] = False,
    by: By = "",
) -> None:
    """Show the plan of a case."""
    from domain.evidence import Entry
    from tasks.office import open_office
    from tasks.rectify import read_plan

    if values and not by:
        raise Refused("who reads a person's data says who", do="add --by and your officer's id")
    with open_office() as office:
        if values:
            office.ledger.cases.note(number, entry=Entry("correction.read", by, case=number))
        _show(read_plan(office, office.ledger.corrections.of_case(number).digest), values=values)


@app.command("approve")
def approve_rectification(number: Number, by: By, code: Code = "") -> None:
    """The second officer allows the plan of a case; void as soon as another plan takes its place."""
    from domain.evidence import Entry
    from ledger.approvals import What
    from tasks.office import open_office
    from tasks.rectify import read_plan

    with open_office() as office:
        digest = office.ledger.corrections.of_case(number).digest
        _show(read_plan(office, digest))
        given = code or typer.prompt("One-time code", hide_input=True)
        entry = Entry("approval.given", by, case=number)
        office.ledger.approvals.approve(What.CORRECTION, [digest], code=given, entry=entry)
    say(f"approved: termijn rectify write {number} --by …")


@app.command("write")
def write_rectification(number: Number, by: By) -> None:
    """Write the approved plan back into the systems, add the statements, and read every value again."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.office import open_office
    from tasks.rectify import write_back

    with open_office() as office:
        done = write_back(office, number, by=by)
    told = ", ".join(f"{count} {name}" for name, count in sorted(done.counts.items())) or "written already"
    say(f"case {number}: {told}")


def _show(plan: Rectification, *, values: bool = False) -> None:
    heads = ["where", "becomes", "why", *(["now", "then"] if values else [])]
    rows = [
        (one.place, one.outcome.value, one.why, *((one.before, one.wish.value or one.wish.statement) if values else ()))
        for one in plan.lines
    ]
    show_table(f"Case {plan.case} ({plan.digest[:12]})", heads, rows)
