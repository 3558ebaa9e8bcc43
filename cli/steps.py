"""The steps of a case at the command line: what is true, what is missing, and what an officer says was done."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.office import By
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]


def steps(number: Number, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show which steps a case needs before it is answered, refused or closed, and which are true."""
    from domain.moves import State, moves_of
    from domain.steps import MEANING, needed
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        done = office.ledger.steps.of(case, today())
    ends = [s for s in (State.ANSWERED, State.REFUSED, State.FORWARDED, State.CLOSED) if s in moves_of(case.kind)]
    asked = [(end, step) for end in ends for step in needed(case.kind, end, case.ground)]
    rows = [(end.value, step.value, step in done, *MEANING[step]) for end, step in asked]
    heads = ["before", "step", "done", "means", "article"]
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        shown = [(end, step, "yes" if yes else "NO", means, article) for end, step, yes, means, article in rows]
        show_table(f"Case {number}, {case.kind.value}, {case.state.value}", heads, shown)


def done(
    number: Number,
    step: Annotated[str, typer.Argument(help="letter-sent, interests-weighed or processing-stopped.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why or how; asked for where it is needed, kept encrypted.")] = "",
) -> None:
    """Say that a step was taken which no part of the ledger shows by itself."""
    from domain.evidence import Entry
    from domain.steps import BY_HAND, REASONED, Step
    from tasks.office import open_office

    if step not in BY_HAND:
        raise Refused("that is not for an officer to say", do=f"choose one of: {', '.join(sorted(BY_HAND))}")
    if step in REASONED and not why:
        why = typer.prompt("Why or how (kept encrypted)")
    if step in REASONED and not why.strip():
        raise Refused("this step has its reasons", where=f"case {number}", do="write them")
    with open_office() as office:
        office.ledger.steps.done(number, Step(step), entry=Entry("case.step", by, case=number), why=why)
    say(f"case {number}: {step}")


def rest_on(
    number: Number,
    ground: Annotated[str, typer.Argument(help="a-d for a restriction; direct-marketing or own-situation.")],
    by: By,
) -> None:
    """Record on what a restriction (AVG 18 lid 1) or an objection (AVG 21) rests; it decides which steps it needs."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.cases.rest_on(number, ground, entry=Entry("case.ground", by, case=number))
    say(f"case {number} rests on {ground}")
