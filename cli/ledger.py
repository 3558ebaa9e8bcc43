"""The ledger at the command line: verify it, hand it to an auditor, anchor it outside, turn its keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.screen import say, show_bytes, show_json
from domain.trouble import LedgerBroken, Refused

if TYPE_CHECKING:
    from domain.evidence import Head

app = typer.Typer(help="The ledger: what was done, chained so that a change shows.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Your officer's id.")]


@app.command()
def verify(
    kept: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="SEQ:HASH", help="A head kept outside: on a certificate, in a mail."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Recompute every hash of the chain, every leaf and every root; say what does not hold."""
    from tasks.office import open_office

    heads = [_read_head(text) for text in kept or []]
    with open_office() as office:
        found = office.ledger.verify(kept=heads)
    if as_json:
        show_json({
            "ok": found.ok, "events": found.events, "batches": found.batches,
            "head": found.head.seq, "hash": found.head.hash,
            "problems": [{"event": p.seq, "what": p.what} for p in found.problems],
        })  # fmt: skip
    else:
        say(f"{found.events} events, {found.batches} batches, head {found.head}")
    if not found.ok:
        told = "; ".join(f"event {p.seq}: {p.what}" for p in found.problems[:5])
        raise LedgerBroken(told, do="destroy nothing; keep this file as it is and call the DPO and the auditor")
    if not as_json:
        say("the ledger verifies: nothing was changed, removed or added")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; without it, to the screen.")] = None,
) -> None:
    """Write all evidence as one file of JSON lines: events, leaves and head. It holds no person and no key."""
    from tasks.evidence import write_export
    from tasks.office import open_office

    with open_office() as office:
        if file is None:
            show_bytes(f"{line}\n".encode() for line in office.ledger.export())
            return
        head = write_export(office, file)
    say(f"{file} is written, to event {head}")
    say(f"verify it anywhere: termijn ledger verifier > verify_ledger.py; python verify_ledger.py {file}")


@app.command()
def verifier() -> None:
    """Print the program with which an auditor verifies an export: one file, needs only Python 3.9."""
    from tasks.evidence import read_verifier

    show_bytes([read_verifier().encode()])


@app.command()
def anchor(
    mail: Annotated[str, typer.Option("--mail", metavar="ADDRESS", help="Send the head to this address.")] = "",
    tsa: Annotated[str, typer.Option("--tsa", metavar="URL", help="Have this service (RFC 3161) stamp the head.")] = "",
    by: By = "termijn",
) -> None:
    """Lay the head of the chain down outside, so that nobody can rewrite the chain unseen. Never required."""
    from tasks.anchor import anchor_by_mail, anchor_by_timestamp

    if bool(mail) == bool(tsa):
        raise Refused("an anchor goes one way", do="give --mail ADDRESS or --tsa URL")
    head = anchor_by_mail(mail, by=by) if mail else anchor_by_timestamp(tsa, by=by)
    say(f"anchored: {head}")


@app.command("rotate-keys")
def rotate(
    by: By = "termijn",
    forget: Annotated[bool, typer.Option("--forget", help="Also throw the old keys away.")] = False,
    evidence: Annotated[bool, typer.Option("--evidence", help="The evidence key instead: for new leaves.")] = False,
) -> None:
    """Make a new encryption key and write every encrypted column anew with it; or a new evidence key."""
    from domain.evidence import Entry
    from tasks.office import open_office

    if evidence and forget:
        raise Refused("an old evidence key is not forgotten by the way", do="use: termijn ledger destroy-key")
    with open_office() as office:
        if evidence:
            name = office.ledger.rotate_evidence_key(entry=Entry(kind="evidence.key.rotated", by=by))
            say(f"evidence key {name} is in use; every seal is under it")
            return
        columns = office.ledger.rotate_keys(entry=Entry(kind="keys.rotated", by=by), forget=forget)
    say(f"{columns} values are written anew with the new key")


@app.command("destroy-key")
def destroy_key(
    name: Annotated[str, typer.Argument(help="The id of an old evidence key, for example e1.")],
    by: By,
    code: Annotated[str, typer.Option("--code", help="Your one-time code; asked for when left out.")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask another officer to agree.")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Agree, as the DPO, with what another asked.")] = False,
) -> None:
    """Destroy an old evidence key for ever: one officer asks, the DPO approves, then it is carried out.

    Roots and chain verify as before; which records its batches were can then be told by nobody. Destroy its copies in
    backups of the key file yourself.
    """
    from tasks.evidence import agree_on_key, ask_for_key, destroy_evidence_key
    from tasks.office import open_office

    if ask and approve:
        raise Refused("who asks does not approve", do="give --ask or --approve")
    given = code or typer.prompt("One-time code", hide_input=True)
    with open_office() as office:
        if ask:
            ask_for_key(office, name, by=by, code=given)
            say(f"asked. The DPO now says: termijn ledger destroy-key {name} --approve --by …")
        elif approve:
            agree_on_key(office, name, by=by, code=given)
            say(f"approved. Carry it out with: termijn ledger destroy-key {name} --by …")
        elif destroy_evidence_key(office, name, by=by, code=given):
            say(f"evidence key {name} is destroyed")
        else:
            say(f"evidence key {name} is out of use for ever; now take it out of TERMIJN_KEYS yourself")


def _read_head(text: str) -> Head:
    from domain.evidence import Head

    try:
        return Head.parse(text)
    except ValueError:
        raise Refused("this is no place in the chain", do="write it as the certificate does: SEQ:HASH") from None
