"""What the operator can ask of Termijn, and with which exit code it ends.

Exit codes: 0 done · 1 trouble · 2 wrong use of the command · 3 the register is invalid · 4 refused by a guard, a rule
or a missing approval · 5 a source cannot be read or drifted · 6 not found · 7 the ledger does not verify · 8 a source
kept what it said it destroyed · 70 a surprise.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import (
    askers,
    asks,
    breaches,
    cases,
    clock,
    consents,
    demo,
    erase,
    explain,
    find,
    forwarding,
    identity,
    ledger,
    letters,
    lists,
    mail,
    mailings,
    office,
    packages,
    purge,
    recipients,
    rectify,
    register,
    restore,
    review,
    secrecy,
    steps,
    year,
)
from domain.trouble import TermijnError

app = typer.Typer(
    name="termijn",
    help="Keeps the two terms of the privacy law: how long data may stay, and how long a person may wait.",
    epilog="Exit codes: 0 done · 1 trouble · 2 wrong use · 3 register invalid · 4 refused · 5 source unreadable or "
    "drifted · 6 not found · 7 ledger does not verify · 8 destruction not confirmed · 70 surprise.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(register.app, name="register")
app.add_typer(cases.app, name="case")
app.add_typer(office.holds, name="hold")
app.add_typer(office.officers, name="officer")
app.add_typer(ledger.app, name="ledger")
app.add_typer(lists.app, name="list")
app.add_typer(consents.app, name="consent")
app.add_typer(mailings.app, name="mailing")
app.add_typer(breaches.app, name="breach")
app.add_typer(asks.app, name="ask")
app.add_typer(packages.app, name="package")
app.add_typer(erase.app, name="erase")
app.add_typer(mail.app, name="mail")
app.add_typer(identity.app, name="identity")
app.add_typer(letters.app, name="letter")
app.add_typer(secrecy.app, name="secrecy")
app.command()(purge.plan)
app.command()(purge.purge)
app.command()(explain.why)
app.command()(restore.replay)
app.command()(restore.drill)
app.command()(explain.calendar)
cases.app.command("steps")(steps.steps)
cases.app.command("done")(steps.done)
cases.app.command("ground")(steps.rest_on)
cases.app.command("represent")(askers.represent)
cases.app.command("proven")(askers.proven)
cases.app.command("child")(askers.child)
cases.app.command("weigh")(askers.weigh)
cases.app.command("asks")(askers.asks)
cases.app.command("practices")(forwarding.practices)
cases.app.command("forward")(forwarding.forward)
cases.app.command("confirmed")(forwarding.confirmed)
cases.app.command("who-may-ask")(askers.who_may_ask)
app.add_typer(rectify.app, name="rectify")
app.add_typer(recipients.app, name="recipients")
app.command()(find.find)
app.command()(review.review)
app.command()(cases.export)
app.command()(office.approve)
app.command()(office.stop)
app.command()(office.go)
app.command()(clock.deadlines)
app.command()(clock.clock)
app.command()(year.year)
app.command()(demo.sample)
app.command()(demo.demo)
app.command()(demo.up)


@app.callback()
def settings(
    register_dir: Annotated[
        Path | None,
        typer.Option("--register", metavar="DIR", help="The register to use; without it 12Care's own."),
    ] = None,
    ledger_url: Annotated[
        str | None,
        typer.Option("--ledger", metavar="URL", help="The ledger, for example sqlite:///var/ledger.db."),
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option("--env-file", metavar="FILE", help="A file with the secrets, NAME=value.")
    ] = None,
) -> None:
    """Turn the global options into the settings that tasks and flows read; without a server, no Prefect at all."""
    os.environ.setdefault("TERMIJN_SKIN", "prefect" if "PREFECT_API_URL" in os.environ else "plain")
    if register_dir is not None:
        os.environ["TERMIJN_REGISTER_DIR"] = str(register_dir)
    if ledger_url is not None:
        os.environ["TERMIJN_LEDGER"] = ledger_url
    if env_file is not None:
        os.environ["TERMIJN_ENV_FILE"] = str(env_file)


def run() -> None:
    """The console script: an expected error is its message and its exit code, without a traceback."""
    try:
        app()
    except TermijnError as trouble:
        sys.stderr.write(f"{type(trouble).__name__}: {trouble}\n")
        sys.exit(trouble.exit_code)


if __name__ == "__main__":
    run()
