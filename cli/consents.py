"""The opt-in register at the command line: withdrawing takes as many words as giving (AVG 7 lid 3)."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.office import By
from cli.screen import say, show_json, show_table
from cli.subject import read_subject
from domain.consents import Act, Capacity
from domain.trouble import Refused

if TYPE_CHECKING:
    from tasks.consents import Said, Who
    from tasks.office import Office

app = typer.Typer(help="The opt-in register: consent given, changed, withdrawn.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="PURPOSE", help="For what; see: termijn consent texts.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="A statement's number, for example C000001.")]
Channel = Annotated[str, typer.Option("--channel", help="How it was said: website, mail M2026-0001, letter…")]
OfCase = Annotated[str, typer.Option("--case", metavar="CASE", help="Of the person of this case.")]
OfOther = Annotated[str, typer.Option("--of", metavar="NUMBER", help="Of the person of this earlier statement.")]
Subject = Annotated[str, typer.Option("--subject", metavar="FILE", help="TOML: name, email, phone; - reads it here.")]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day it was said; else today.")]
Proof = Annotated[str, typer.Option("--proof", help="By what it can be shown; kept encrypted.")]
As = Annotated[str, typer.Option("--capacity", help="self, parent or representative.")]


@app.command("record")
def record_consent(
    purpose: Name,
    channel: Channel,
    by: By,
    case: OfCase = "",
    of: OfOther = "",
    subject: Subject = "",
    on: On = None,
    proof: Proof = "",
    capacity: As = "self",
    text: Annotated[str, typer.Option("--text", help="The version that was shown; else the one of that day.")] = "",
    recipient: Annotated[list[str] | None, typer.Option("--recipient", help="To whom; else by the register.")] = None,
    expires: Annotated[datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help="Last day.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="It changes what was given before.")] = False,
) -> None:
    """Write down that somebody gave consent, or changed it."""
    from tasks.consents import record
    from tasks.office import open_office

    _plain()
    with open_office() as office:
        said = record(
            office,
            purpose,
            Act.CHANGED if changed else Act.GIVEN,
            _who(office, case, of, subject),
            channel=channel,
            by=by,
            on=on.date() if on else None,
            version=text,
            recipients=recipient or (),
            capacity=_capacity(capacity),
            expires_on=expires.date() if expires else None,
            proof=proof,
        )
    _show(said)


@app.command("withdraw")
def withdraw_consent(
    purpose: Name,
    channel: Channel,
    by: By,
    case: OfCase = "",
    of: OfOther = "",
    subject: Subject = "",
    on: On = None,
    proof: Proof = "",
    capacity: As = "self",
) -> None:
    """Write down that somebody took consent back, and stop what rested on it. Never refused, also if none was given."""
    from tasks.consents import record
    from tasks.office import open_office

    _plain()
    with open_office() as office:
        said = record(
            office,
            purpose,
            Act.WITHDRAWN,
            _who(office, case, of, subject),
            channel=channel,
            by=by,
            on=on.date() if on else None,
            capacity=_capacity(capacity),
            proof=proof,
        )
    _show(said)


@app.command("show")
def show_consents(
    by: By,
    case: OfCase = "",
    of: OfOther = "",
    subject: Subject = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show how each consent of a person stands, and all that they stated. Never who it is."""
    from domain.evidence import Entry
    from tasks.clock import today
    from tasks.consents import standing_of
    from tasks.office import open_office

    with open_office() as office:
        who = _who(office, case, of, subject)
        if case:
            office.ledger.cases.note(case, entry=Entry("consent.looked-up", by, case=case))
        standing, said = standing_of(office, who, today())
        waiting = {(s.consent, s.place) for s in office.ledger.consent_stops.waiting()}
    heads = ["number", "purpose", "said", "on", "how", "as", "text", "recipients", "case", "waits"]
    rows = [
        (s.number, s.purpose, s.act.value, s.on, s.channel, s.capacity.value, s.version, ", ".join(s.recipients),
         s.case, ", ".join(place for number, place in sorted(waiting) if number == s.number))
        for s in said
    ]  # fmt: skip
    if as_json:
        stands = {p: {"stands": one.stands, "since": one.last.on} for p, one in standing.items()}
        show_json({"standing": stands, "statements": [dict(zip(heads, row, strict=True)) for row in rows]})
        return
    show_table("Stands", ["purpose", "consent", "since"], [
        (p, "yes" if one.stands else "NO", one.ended_on or one.last.on) for p, one in standing.items()
    ])  # fmt: skip
    show_table("Stated", heads, rows)


@app.command("words")
def show_words(number: Number) -> None:
    """Print, word for word, what somebody said yes to."""
    from tasks.consents import words_shown
    from tasks.office import open_office

    with open_office() as office:
        one = office.ledger.opt_ins.read(number)
        if one.act is Act.WITHDRAWN:
            raise Refused("who withdraws agrees to no words", where=number, do="look at the statement before it")
        say(words_shown(office, one).strip())


@app.command("texts")
def show_texts(
    purpose: Annotated[str, typer.Argument(metavar="[PURPOSE]", help="One purpose; its words are printed whole.")] = "",
) -> None:
    """List for what consent is asked, and with which words since when."""
    from tasks.office import open_register

    consents = open_register().consents
    if not purpose:
        rows = [
            (name, one.title, t.version, t.since, t.language, t.digest[:12])
            for name, one in sorted(consents.purpose.items())
            for t in one.text
        ]
        show_table("Texts", ["purpose", "title", "version", "since", "language", "digest"], rows)
        return
    for text in consents.get(purpose).text:
        say(f"{text.version}, {text.language}, since {text.since} ({text.digest})\n{text.text.strip()}\n")


@app.command("stops")
def show_stops() -> None:
    """List where something may still rest on a consent that was withdrawn."""
    from tasks.office import open_office

    with open_office() as office:
        waiting = office.ledger.consent_stops.waiting()
    show_table("Not stopped yet", ["statement", "where"], [(s.consent, s.place) for s in waiting])


@app.command("settle")
def settle_stops(by: By) -> None:
    """Try again to stop what still rests on a withdrawn consent, and say what is left."""
    from tasks.office import open_office
    from tasks.withdrawals import settle_all

    _plain()
    with open_office() as office:
        settled = settle_all(office, by=by)
    for line in settled.waiting or ("nothing waits",):
        say(line)
    for line in settled.letters:
        say(f"the letter did not go: {line}")


@app.command("stopped")
def stopped_by_hand(
    number: Number,
    place: Annotated[str, typer.Argument(metavar="SYSTEM.DATASET")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="How it was stopped there; kept encrypted.", prompt=True)],
) -> None:
    """Say that it was stopped in a system where we cannot write."""
    from domain.evidence import Entry
    from tasks.office import open_office
    from tasks.withdrawals import finish

    _plain()
    with open_office() as office:
        office.ledger.consent_stops.by_hand(number, place, why, entry=Entry("consent.stopped", by))
        letter = finish(office, number, by=by)
    say(f"{number}: stopped in {place}" + (f"\n{letter}" if letter else ""))


def _plain() -> None:
    os.environ["TERMIJN_SKIN"] = "plain"


def _who(office: Office, case: str, of: str, subject: str) -> Who:
    from tasks.consents import who_is

    given: dict[str, Any] | None = read_subject(subject) if subject else None
    return who_is(office, case=case, of=of, person=given)


def _capacity(told: str) -> Capacity:
    if told not in set(Capacity):
        raise Refused("nobody states it in that capacity", do=f"choose one of: {', '.join(Capacity)}")
    return Capacity(told)


def _show(said: Said) -> None:
    say(f"{said.statement.number}: {said.statement.purpose} {said.statement.act.value} on {said.statement.on}")
    for line in said.waiting:
        say(f"not stopped yet: {line}")
    for line in filter(None, (said.note, said.letter)):
        say(line)
