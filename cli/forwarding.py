"""Forwarding at the command line: which practices decide, send them the request, record that they have it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.screen import say, show_table

Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


def practices(number: Number, by: By = "privacy") -> None:
    """Show which practices hold data of the person of a case, and who answers by their contract."""
    from tasks.forwarding import controllers_of, practice_book
    from tasks.office import open_office

    with open_office() as office:
        found = controllers_of(office, number, by=by)
        known = {p.id: p for p in practice_book(office).practice}
    rows = []
    for name in found:
        one = known.get(name)
        whose = ("12Care itself", "we") if not name else ("NOT IN practices.toml", "")
        rows.append((name or "-", *((one.title, one.answers.value) if one else whose)))
    show_table(f"Case {number}", ["practice", "is", "who answers"], rows)


def forward(
    number: Number,
    practice: Annotated[
        list[str] | None, typer.Option("--practice", help="Such as careweb-3, repeated; searched for when left out.")
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="With --practice: we hold data of our own too.")] = False,
    by: By = "privacy",
) -> None:
    """Forward a request about Careweb data to the practice that decides, and tell the person where it went.

    Several practices are several cases, never merged. Where a contract mandates us to answer, the case stays here.
    """
    from tasks.forwarding import controllers_of
    from tasks.forwarding import forward as send_on
    from tasks.office import open_office

    with open_office() as office:
        found = tuple(practice) if practice else controllers_of(office, number, by=by)
        theirs = [name for name in found if name]
        done = send_on(office, number, theirs, own=own or "" in found, by=by)
    for one in done:
        stays = "is answered by us, in its name" if one.state.value not in ("forwarded", "closed") else one.state.value
        say(f"case {one.case}: practice {one.practice}: {stays if not one.troubles else one.state.value}")
        if one.passphrase:
            say(f"  {one.file}: passphrase, to be told by telephone: {one.passphrase}")
        for trouble in one.troubles:
            say(f"  {trouble}")


def confirmed(number: Number, by: By = "privacy") -> None:
    """Record that the practice confirmed it has the request; until then it is reminded."""
    from tasks.forwarding import confirmed as keep
    from tasks.office import open_office

    with open_office() as office:
        name = keep(office, number, by=by)
    say(f"case {number}: practice {name} has it")
