"""The identity of who asks, at the command line: the ladder, what was asked, what cannot be done, what was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import id_copies
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

if TYPE_CHECKING:
    from domain.cases import IdentityMethod, IdentityResult

app = typer.Typer(help="How identity is checked: the lightest step that is enough.", no_args_is_help=True)
app.add_typer(id_copies.app, name="copy")
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number, for example 2026-0004.")]
Method = Annotated[str, typer.Argument(metavar="METHOD", help="A rung as `termijn identity ladder` names it.")]
Why = Annotated[str, typer.Option("--why", help="Why a lighter step is not enough or not possible; kept encrypted.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("ladder")
def ladder(
    number: Annotated[str, typer.Argument(metavar="[CASE]", help="A case: what was done, and what comes next.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the rungs, lightest first; for a case also what was tried, and the lightest that is left."""
    from domain.identity_ladder import LADDER, next_rung

    past = []
    if number:
        from tasks.office import open_office

        with open_office() as office:
            office.ledger.cases.read_case(number)
            past = [c.tried for c in office.ledger.identity.of_case(number)]
    done = {t.method: t.outcome.value for t in past}
    heads = ["rung", "needs", "after", "article", "in this case"]
    rows = [(m.value, r.needs, ", ".join(r.after), r.article, done.get(m, "")) for m, r in LADDER.items()]
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
        return
    show_table("The ladder of identity", heads, rows)
    if number:
        left = next_rung(past)
        say(f"next: {left}" if left else "nothing is left to ask")


@app.command("ask")
def ask(number: Number, method: Method, why: Why = "", by: By = "privacy") -> None:
    """Ask the person to show who they are: the clock stands still until the answer, and a letter tells how."""
    from tasks.identity import ask_identity
    from tasks.office import open_office

    with open_office() as office:
        trouble = ask_identity(office, number, read_method(method), why=why, by=by)
    say(f"case {number}: identity asked ({method})")
    if trouble:
        say(trouble)


@app.command("impossible")
def impossible(number: Number, method: Method, why: Why = "", by: By = "privacy") -> None:
    """Record that a rung cannot be climbed in this case: no account, no known number."""
    from domain.evidence import Entry
    from domain.identity_ladder import Outcome, Tried
    from tasks.office import open_office

    with open_office() as office:
        entry = Entry(kind="identity.not-possible", by=by, case=number)
        office.ledger.identity.note(number, Tried(read_method(method), Outcome.NOT_POSSIBLE), why=why, entry=entry)
    say(f"case {number}: {method} is not possible")


@app.command("record")
def record(
    number: Number,
    method: Method,
    result: Annotated[str, typer.Argument(metavar="RESULT", help="verified, or not verified.")] = "verified",
    why: Why = "",
    by: By = "privacy",
) -> None:
    """Record how identity was checked and what came of it; never the document."""
    from tasks.identity import record_check
    from tasks.office import open_office

    with open_office() as office:
        record_check(office, number, read_method(method), read_result(result), why=why, by=by)
    say(f"case {number}: identity {result}")


def read_method(written: str) -> IdentityMethod:
    """The rung of this name. Raises Refused with the names there are."""
    from domain.cases import IdentityMethod

    if written not in set(IdentityMethod):
        raise Refused("how was identity checked?", do=f"the method is one of: {'; '.join(IdentityMethod)}")
    return IdentityMethod(written)


def read_result(written: str) -> IdentityResult:
    """What came of a check. Raises Refused with the words there are."""
    from domain.cases import IdentityResult

    if written not in set(IdentityResult):
        raise Refused("what came of the check?", do=f"the result is one of: {'; '.join(IdentityResult)}")
    return IdentityResult(written)
