"""Sealed packages at the command line: list, look at, release, hand over, withdraw and expire."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.clock import Day, Json
from cli.office import Code
from cli.screen import say, show_json, show_table
from domain.trouble import Refused

if TYPE_CHECKING:
    from domain.release import Package

app = typer.Typer(
    help="Sealed packages: look at one, release it (special data by two persons), hand it over, withdraw it.",
    no_args_is_help=True,
)
File = Annotated[str, typer.Argument(metavar="FILE", help="The package, as `termijn package list` names it.")]
By = Annotated[str, typer.Option("--by", help="Your officer's id.")]


@app.command("list")
def list_packages(
    case: Annotated[str, typer.Argument(metavar="[CASE]", help="Only those of this case.")] = "", as_json: Json = False
) -> None:
    """List the packages: where each stands, whether two persons release it, and until when it stays."""
    from tasks.office import open_office

    with open_office() as office:
        found = office.ledger.packages.list_packages(case or None)
    if as_json:
        show_json([_as_json(p) for p in found])
        return
    show_table(
        "Packages",
        ["package", "case", "state", "released by", "by two", "stays until", "gone"],
        [
            (
                p.file,
                p.case,
                p.state.value,
                p.released_by,
                "yes" if p.special else "no",
                p.expires_on,
                p.gone_at.date() if p.gone_at else None,
            )
            for p in found
        ],
    )


@app.command("release")
def release(
    file: File,
    by: By,
    code: Code = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the release; another officer gives it.")] = False,
) -> None:
    """Let a package go to the person. Special data takes two officers: one asks, another releases, both with a code.

    Who made the package does not release it. Made again, it is another package, and is released again.
    """
    from domain.evidence import Entry
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        packages = office.ledger.packages
        case, given = packages.read_package(file).case, code or typer.prompt("One-time code", hide_input=True)
        if ask:
            entry = Entry(kind="package.release asked", by=by, case=case)
            packages.ask_release(file, code=given, as_of=today(), entry=entry)
            say(f"asked. Another officer looks at it and says: termijn package release {file} --by …")
            return
        entry = Entry(kind="package.released", by=by, case=case)
        packages.release(file, code=given, as_of=today(), entry=entry)
    say(f"released {file}; its passphrase goes by another channel: termijn package open {file} --passphrase --by …")


@app.command("open")
def open_package(
    file: File,
    by: By,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Copy the file into this folder.")] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Show the passphrase, for the person.")] = False,
    review: Annotated[
        bool, typer.Option("--review", help="Look before it is released: file and passphrase for an officer's eyes.")
    ] = False,
    code: Code = "",
) -> None:
    """Fetch a package, or its passphrase; each time is an event. Before its release only an officer may, to look."""
    from tasks.handing_over import fetch_package, tell_passphrase

    if not (to or passphrase or review):
        raise Refused("what do you want of it?", do="add --to DIR, --passphrase, or --review")
    if review:
        given = code or typer.prompt("One-time code", hide_input=True)
        say(f"passphrase, for your eyes only: {tell_passphrase(file, by=by, code=given)}")
    elif passphrase:
        say(f"passphrase, to be told over another channel: {tell_passphrase(file, by=by)}")
    if to is not None:
        say(f"copied: {fetch_package(file, to, by=by, review=review)}")


@app.command("withdraw")
def withdraw(file: File, by: By) -> None:
    """Withdraw a package: nobody gets its passphrase any more, and its file is removed and seen to be gone."""
    os.environ["TERMIJN_SKIN"] = "plain"  # one file needs no server
    from tasks.expiry import withdraw as withdraw_now

    withdraw_now(file, by)
    say(f"withdrawn and gone: {file}")


@app.command("expire")
def expire(as_of: Day = None) -> None:
    """Remove what is over from the store, as the night does, and see that it is gone."""
    from flows.expire_packages import expire_packages

    removed = expire_packages(as_of=as_of.date() if as_of else None)
    say(f"removed: {removed.packages} packages, {removed.strays} stray files")


def _as_json(package: Package) -> dict[str, object]:
    return {
        "file": package.file,
        "case": package.case,
        "controller": package.controller,
        "sha256": package.sha256,
        "state": package.state.value,
        "special": package.special,
        "made_by": package.made_by,
        "released_by": package.released_by,
        "expires_on": package.expires_on,
        "gone": package.gone_at is not None,
    }
