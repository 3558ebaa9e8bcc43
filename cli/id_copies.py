"""Copies of identity documents at the command line: list, look, mask, destroy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.screen import say, show_json, show_table
from domain.trouble import NotFound, Refused

app = typer.Typer(help="Copies of identity documents that came along; gone after the check.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="COPY", help="The copy's number, for example K0001.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("list")
def list_copies(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the copies: number, case, whether somebody looked, whether it is gone; never what it shows."""
    from tasks.office import open_office

    with open_office() as office:
        found = office.ledger.id_copies.list_all()
    heads = ["copy", "case", "mail", "media", "state", "kept", "gone"]
    rows = [
        (c.number, c.case, c.mail, c.media, c.state.value, f"{c.kept_at:%Y-%m-%d}", f"{c.gone_at or '':.10}")
        for c in found
    ]
    if as_json:
        show_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        show_table("Copies of identity documents", heads, rows)


@app.command("show")
def show(
    number: Number,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where it is laid, for your eyes; remove it after.")],
    by: By = "privacy",
) -> None:
    """Lay a copy in a file that only you can read; that you looked is recorded."""
    from domain.evidence import Entry
    from tasks.office import open_office

    if to.exists():
        raise Refused("there is a file of that name", do="name another file with --to")
    with open_office() as office:
        content = office.ledger.id_copies.content_of(number, entry=Entry(kind="identity.copy-read", by=by))
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    say(f"{number} lies in {to}: look, and remove it at once")


@app.command("seen")
def seen(
    number: Number,
    masked: Annotated[bool, typer.Option("--masked/--not-masked", help="BSN, photo and lines are covered, or not.")],
    by: By = "privacy",
) -> None:
    """Say whether a copy is masked. One that is not cannot be used before it is."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.id_copies.seen(number, masked=masked, entry=Entry(kind="identity.copy-seen", by=by))
    say(f"{number} is masked" if masked else f"{number} is NOT masked: mask it, or destroy it")


@app.command("mask")
def mask(
    number: Number,
    file: Annotated[Path, typer.Option("--file", help="The copy with BSN, photo and lines covered.")],
    by: By = "privacy",
) -> None:
    """Put a masked copy in the place of one that was not; what it showed is destroyed, with evidence."""
    from domain.evidence import Entry
    from tasks.office import open_office

    if not file.is_file():
        raise NotFound("the masked copy does not exist", do="correct --file")
    with open_office() as office:
        entry = Entry(kind="identity.copy-masked", by=by)
        office.ledger.id_copies.mask(number, file.read_bytes(), entry=entry)
    say(f"{number} is masked; remove {file}")


@app.command("destroy")
def destroy(number: Number, by: By = "privacy") -> None:
    """Destroy a copy now, with evidence. The check does this by itself."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        office.ledger.id_copies.destroy(number, entry=Entry(kind="identity.copy-destroyed", by=by))
    say(f"{number} is destroyed; the mailbox itself may still hold the message: remove it there")
