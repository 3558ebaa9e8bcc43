"""The register of processing at the command line: check it, report it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.screen import say, show_table
from domain.trouble import Refused

app = typer.Typer(help="The register of processing (verwerkingsregister).", no_args_is_help=True)


@app.command()
def check(
    live: Annotated[bool, typer.Option("--live", help="Also hold every system's live schema against it.")] = False,
) -> None:
    """Load the register and say what is wrong with it, all errors of all files at once."""
    from register.loader import stale_terms
    from tasks.clock import today
    from tasks.office import open_register

    read = open_register()
    say(f"{len(read.activities)} activities, {len(read.systems)} systems, register {read.digest[:12]}: valid")
    for stale in stale_terms(read, today()):
        say(f"warning: {stale}")
    if not live:
        return
    from tasks.schema import drifts_of

    drifts = [(system, drift) for system in read.systems for drift in drifts_of(system)]
    if drifts:
        show_table(
            "Live schema against the register",
            ["system", "what", "where", "do"],
            [(s, d.what, d.where, d.do) for s, d in drifts],
        )
    if any(d.blocks for _, d in drifts):
        raise Refused("a live schema differs from the register", do="mend the register as the table says")
    say("every table and column of every system is classified")


@app.command()
def report(
    as_json: Annotated[bool, typer.Option("--json", help="The article 30 report as JSON.")] = False,
) -> None:
    """Print the article 30 report, made from the register."""
    from reports.register_report import register_json, register_markdown
    from tasks.clock import today
    from tasks.office import open_register

    read = open_register()
    if as_json:
        sys.stdout.buffer.write(register_json(read, today()))
    else:
        sys.stdout.write(register_markdown(read, today()))
