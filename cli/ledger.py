"""The ledger at the command line: verify it, turn its keys."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.screen import say, show_json
from domain.trouble import LedgerBroken

app = typer.Typer(help="The ledger: what was done, chained so that a change shows.", no_args_is_help=True)


@app.command()
def verify(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Recompute every hash of the chain, every leaf and every root; say what does not hold."""
    from tasks.office import open_office

    with open_office() as office:
        found = office.ledger.verify()
        head = office.ledger.events.head()
    if as_json:
        show_json({
            "ok": found.ok, "events": found.events, "batches": found.batches, "head": head.seq, "hash": head.hash,
            "problems": [{"event": p.seq, "what": p.what} for p in found.problems],
        })  # fmt: skip
    else:
        say(f"{found.events} events, {found.batches} batches, head {head.seq} {head.hash[:16]}")
    if not found.ok:
        told = "; ".join(f"event {p.seq}: {p.what}" for p in found.problems[:5])
        raise LedgerBroken(told, do="destroy nothing; keep this file as it is and call the DPO and the auditor")
    if not as_json:
        say("the ledger verifies: nothing was changed, removed or added")


@app.command("rotate-keys")
def rotate(
    by: Annotated[str, typer.Option("--by", help="Your officer's id.")] = "termijn",
    forget: Annotated[bool, typer.Option("--forget", help="Also throw the old keys away.")] = False,
) -> None:
    """Make a new encryption key and write every encrypted column anew with it."""
    from domain.evidence import Entry
    from tasks.office import open_office

    with open_office() as office:
        columns = office.ledger.rotate_keys(entry=Entry(kind="keys.rotated", by=by), forget=forget)
    say(f"{columns} values are written anew with the new key")
