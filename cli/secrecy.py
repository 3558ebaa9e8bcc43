"""Secrecy at the command line: flag a person, see the flags as an officer, decide for one request."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.office import Code
from cli.screen import say, show_table
from domain.trouble import Refused

app = typer.Typer(help="What must stay secret for somebody's safety; it stops every answer.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("flag")
def flag(
    number: Number,
    kind: Annotated[str, typer.Option("--kind", help="parents-apart, safe-address or other.")],
    why: Annotated[str, typer.Option("--why", prompt="What is secret, and for whom (encrypted)", help="Encrypted.")],
    by: By = "privacy",
) -> None:
    """Flag the person of a case: no answer, letter or package leaves until an officer decides; later cases too."""
    from domain.evidence import Entry
    from domain.secrecy import SecrecyKind
    from tasks.office import open_office

    if kind not in set(SecrecyKind):
        raise Refused(f"no secrecy is called {kind!r}", do=f"choose one of: {', '.join(SecrecyKind)}")
    with open_office() as office:
        entry = Entry(kind="case.flagged", by=by, case=number)
        name = office.ledger.secrecy.flag(number, SecrecyKind(kind), why=why, entry=entry)
    say(f"case {number} is flagged ({name}): nothing leaves until an officer decides")


@app.command("show")
def show(number: Number, by: By = "privacy") -> None:
    """Show the flags of a case's person with their reasons; that it was read is recorded. Not for the requester."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        found = office.ledger.secrecy.show(number, entry=Entry(kind="secrecy.read", by=by, case=number))
    words = {None: "NOT DECIDED", True: "may be answered", False: "nothing leaves"}
    rows = [(s.flag.flag, s.flag.kind.value, s.flag.case, words[s.flag.may], s.why, s.decided) for s in found]
    show_table(f"Case {number}", ["flag", "kind", "set on", "decision", "why", "decided because"], rows)


@app.command("decide")
def decide(
    number: Number,
    name: Annotated[str, typer.Argument(metavar="FLAG", help="As `termijn secrecy show` names it.")],
    by: Annotated[str, typer.Option("--by", help="Your officer's id.", show_default=False)],
    may: Annotated[bool, typer.Option("--may/--may-not", help="Whether this request may be answered.")],
    why: Annotated[str, typer.Option("--why", prompt="Why (kept encrypted)", help="Your reasons; encrypted.")],
    code: Code = "",
) -> None:
    """Decide, as an officer, whether this one request may be answered past a flag."""
    from domain.evidence import Entry
    from tasks.office import open_office

    given = code or typer.prompt("One-time code", hide_input=True)
    with open_office() as office:
        entry = Entry(kind="secrecy.decided", by=by, case=number)
        office.ledger.secrecy.decide(number, name, may=may, why=why, code=given, entry=entry)
    say(f"case {number}: {'may be answered' if may else 'nothing leaves'}")
