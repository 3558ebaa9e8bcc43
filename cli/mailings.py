"""Mailings at the command line: who objects is not approached again, and no list goes out unsieved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.consents import Channel, OfCase, OfOther, On, Subject
from cli.office import By, Code
from cli.screen import say, show_table
from cli.subject import read_subject
from domain.trouble import Refused

if TYPE_CHECKING:
    from tasks.consents import Who
    from tasks.office import Office

app = typer.Typer(help="Mailings: objections to marketing, and lists without those who objected.", no_args_is_help=True)


@app.command("object")
def object_to_marketing(
    channel: Channel, by: By, case: OfCase = "", of: OfOther = "", subject: Subject = "", on: On = None
) -> None:
    """Write down that somebody objects to direct marketing: it stops at once, and nobody weighs it (AVG 21 lid 3)."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from tasks.campaigns import object_to_marketing as write_down
    from tasks.office import open_office

    with open_office() as office:
        who = _who(office, case, of, subject)
        objection, waiting = write_down(office, who, channel=channel, by=by, on=on.date() if on else None)
    say(f"{objection.number}: nobody is approached at {len(objection.marks)} addresses from {objection.added_on} on")
    for line in waiting:
        say(f"not stopped yet: {line}")


@app.command("take-back")
def take_back(by: By, case: OfCase = "", of: OfOther = "", subject: Subject = "", on: On = None) -> None:
    """Write down that somebody takes an objection back; consent is then recorded as any other."""
    from tasks.campaigns import take_back_objection
    from tasks.office import open_office

    with open_office() as office:
        who = _who(office, case, of, subject)
        lifted = take_back_objection(office, who, by=by, on=on.date() if on else None)
    say(f"taken back: {', '.join(lifted) or 'there was none'}")


@app.command("sieve")
def sieve(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a column email, or one address a line.")],
    purpose: Annotated[str, typer.Option("--for", metavar="PURPOSE", help="What is sent; see: termijn consent texts.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where the lines go that may be written to.")],
    by: By,
) -> None:
    """Drop from a mailing list who objected, who did not opt in, and who stands there twice. Names nobody."""
    from tasks.campaigns import sieve_list
    from tasks.office import open_office

    with open_office() as office:
        told = sieve_list(office, file, purpose, to=to, by=by)
    say(f"{told.kept} may be written to")
    for why, number in told.dropped.items():
        say(f"{number} dropped: {why}")


@app.command("policy")
def show_policy(
    version: Annotated[str, typer.Argument(metavar="[VERSION]", help="A version; without it the versions.")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask another officer to approve these words.")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Approve what another officer asked for.")] = False,
    by: By = "",
    code: Code = "",
) -> None:
    """Show what is told of a change of the privacy policy and to whom; two officers approve it by its digest."""
    from domain.evidence import Entry
    from ledger.approvals import What
    from tasks.office import open_office

    with open_office() as office:
        changes = office.register.policy_changes
        if not version:
            show_table("Versions", ["version", "since"], [(v.version, v.since) for v in changes.version])
            return
        one, digest = changes.get(version), changes.digest(version)
        say(f"{one.subject}\n\n{one.told.strip()}\n\n{one.told_in_english.strip()}\n")
        say(f"to: {', '.join(p.name for p in changes.tell)}")
        sent = ", ".join(f"{n} {fate.value}" for fate, n in sorted(office.ledger.mailings.counts(digest).items()))
        say(f"digest {digest[:12]}; {sent or 'nobody was told yet'}")
        if ask or approve:
            if not by:
                raise Refused("an approval says who gives it", do="add --by and your officer's id")
            given, act = code or typer.prompt("One-time code", hide_input=True), "asked" if ask else "given"
            door = office.ledger.approvals.request if ask else office.ledger.approvals.approve
            door(What.MAILING, [digest], code=given, entry=Entry(f"approval.{act}", by, facts={"policy": version}))
            say(
                "asked: another officer now says --approve"
                if ask
                else f"approved: termijn mailing tell {version} --arm"
            )


@app.command("tell")
def tell_change(
    version: Annotated[str, typer.Argument(metavar="VERSION")],
    arm: Annotated[bool, typer.Option("--arm", help="Really send; without it only counts.")] = False,
    doubtful: Annotated[bool, typer.Option("--doubtful", help="Also send anew what may have left already.")] = False,
) -> None:
    """Tell who was not told yet that the privacy policy changed; killed or failed, it goes on where it was."""
    from flows.tell_policy_change import tell_policy_change

    say(tell_policy_change(version, rehearsal=not arm, doubtful_again=doubtful).words())


def _who(office: Office, case: str, of: str, subject: str) -> Who:
    from tasks.consents import who_is

    given: dict[str, Any] | None = read_subject(subject) if subject else None
    return who_is(office, case=case, of=of, person=given)
