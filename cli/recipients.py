"""Those to whom a person's data went, at the command line: who must hear of it, who was told, who confirmed."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli.asks import Case, On
from cli.clock import day_of
from cli.office import By
from cli.screen import say, show_json, show_table

app = typer.Typer(help="Tell recipients what was corrected, erased or restricted (AVG 19).", no_args_is_help=True)
Party = Annotated[str, typer.Argument(metavar="RECIPIENT", help="Its id, as `recipients list` shows it.")]


@app.command("draw-up")
def draw_up(case: Case, by: By = "privacy") -> None:
    """List the recipients and processors of the activities that this case touched."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.notify import list_recipients
    from tasks.office import open_office

    with open_office() as office:
        found = list_recipients(office, case, by=by)
    say(f"case {case}: {len(found)} to be told" if found else f"case {case}: nobody else has these data")


@app.command("notice")
def notice(case: Case, party: Party) -> None:
    """Lay the notice to one recipient ready: a PDF that opens with the passphrase shown here, once."""
    from tasks.notify import lay_notice
    from tasks.office import open_office

    with open_office() as office:
        file, words = lay_notice(office, case, party)
    say(f"{file}\npassphrase, by telephone: {words}")


@app.command("told")
def told(case: Case, party: Party, on: On = None, by: By = "privacy") -> None:
    """Record that a recipient was told; from that day it is reminded until it confirms."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.notices.told(case, party, on=day_of(on), entry=Entry("recipient.told", by, case=case))
    say(f"case {case}: {party} was told")


@app.command("confirmed")
def confirmed(case: Case, party: Party, on: On = None, by: By = "privacy") -> None:
    """Record that a recipient confirmed."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.notices.confirmed(case, party, on=day_of(on), entry=Entry("recipient.confirmed", by, case=case))
    say(f"case {case}: {party} confirmed")


@app.command("excuse")
def excuse(
    case: Case,
    party: Party,
    why: Annotated[str, typer.Option("--why", prompt=True, help="Why; kept encrypted.")],
    on: On = None,
    by: By = "privacy",
) -> None:
    """Record why a recipient is not told, or not waited for: impossible, or a disproportionate effort."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        entry = Entry("recipient.excused", by, case=case)
        office.ledger.notices.excuse(case, party, on=day_of(on), why=why, entry=entry)
    say(f"case {case}: {party} is excused")


@app.command("list")
def list_notices(case: Case, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the recipients of a case; the person who asks gets it by letter: termijn letter send CASE recipients."""
    from tasks.office import open_office

    with open_office() as office:
        found = office.ledger.notices.of_case(case)
    heads = ["id", "recipient", "kind", "told", "confirmed", "excused"]
    rows = [
        (n.recipient.id, n.recipient.title, n.recipient.kind, n.told_on, n.confirmed_on, n.excused_on) for n in found
    ]
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        show_table(f"Case {case}", heads, rows)
