"""Requests of people at the command line: open, show, list, move, find and export."""

from __future__ import annotations

import os
import sys
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.screen import say, show_json, show_table
from domain.trouble import NotFound, Refused

if TYPE_CHECKING:
    from tasks.export import Search

app = typer.Typer(help="Requests of people: access, portability, erasure and the rest.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number, for example 2026-0004.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("new")
def new_case(
    kind: Annotated[str, typer.Option("--kind", help="access, portability, rectification, erasure, …")] = "access",
    received: Annotated[
        datetime | None, typer.Option("--received", formats=["%Y-%m-%d"], help="Day of receipt; today if left out.")
    ] = None,
    channel: Annotated[str, typer.Option("--channel", help="mail, letter, telephone, portal…")] = "mail",
    subject: Annotated[
        str, typer.Option("--subject", metavar="FILE", help="TOML file with who it is, or - for standard input.")
    ] = "",
    language: Annotated[str, typer.Option("--language", help="nl or en.")] = "nl",
    handler: Annotated[str, typer.Option("--handler", help="Who handles it.")] = "privacy",
    by: By = "privacy",
) -> None:
    """Open a case. Who it is comes from a file or from questions, never from the command line.

    The subject file: name, address (list of lines), and two of: bsn, email, phone, client_number,
    surname with born_on (all may be lists).
    """
    from domain.cases import CaseKind
    from domain.evidence import Entry
    from tasks.clock import today
    from tasks.office import open_office
    from tasks.person import check_subject

    if kind not in set(CaseKind):
        raise Refused(f"no kind of request is called {kind!r}", do=f"choose one of: {', '.join(CaseKind)}")
    given = _read_subject(subject)
    check_subject(given)
    day = received.date() if received is not None else today()
    if day > today():
        raise Refused("a request cannot be received in the future", do="correct --received")
    with open_office() as office:
        case = office.ledger.cases.open_case(
            CaseKind(kind),
            received_on=day,
            channel=channel,
            subject={k: v.isoformat() if isinstance(v, date) else v for k, v in given.items()},
            language=language,
            handler=handler,
            entry=Entry(kind="case.received", by=by),
        )
    say(f"case {case.number} is open")


@app.command("show")
def show_case(
    number: Number,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Also the passphrase of its packages; that is recorded.")
    ] = False,
    by: By = "privacy",
) -> None:
    """Show a case: state, limits, identity check, packages. Never who it is."""
    from domain.cases import deadline_of
    from domain.evidence import Entry
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        packages = office.ledger.packages.list_packages(number)
        limits = deadline_of(case, today())
        facts: dict[str, Any] = {
            "case": case.number,
            "kind": case.kind.value,
            "state": case.state.value,
            "received": case.received_on,
            "identity": f"{case.identity.result} ({case.identity.method})" if case.identity else "not checked",
            "promise": limits.promise,
            "law": limits.law_day,
            "unpaused promise": limits.unpaused.promise,
            "paused days": limits.paused_days,
            "handler": case.handler,
            "packages": [p.file for p in packages],
        }
        if passphrase:
            entry = Entry(kind="passphrase.read", by=by, case=number)
            facts["passphrases"] = {
                p.file: office.ledger.packages.passphrase_of(p.file, as_of=today(), entry=entry)
                for p in packages
                if p.state.value == "sealed"
            }
    if as_json:
        show_json(facts)
    else:
        show_table("", ["", ""], list(facts.items()))


@app.command("list")
def list_cases(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List all cases by number."""
    from tasks.office import open_office

    with open_office() as office:
        cases = office.ledger.cases.list_cases()
    rows = [(c.number, c.kind.value, c.state.value, c.received_on, c.handler) for c in cases]
    if as_json:
        show_json([dict(zip(("case", "kind", "state", "received", "handler"), r, strict=True)) for r in rows])
    else:
        show_table("Cases", ["case", "kind", "state", "received", "handler"], rows)


@app.command("move")
def move_case(
    number: Number,
    to: Annotated[str, typer.Argument(help="The state, or `identity` to record an identity check.")],
    method: Annotated[str, typer.Option("--method", help="How identity was checked, with `identity`.")] = "",
    result: Annotated[str, typer.Option("--result", help="verified or not verified.")] = "verified",
    by: By = "privacy",
) -> None:
    """Move a case to another state; the law's table decides whether it may."""
    from domain.cases import ALLOWED_MOVES, IdentityCheck, IdentityMethod, IdentityResult, State
    from domain.evidence import Entry
    from tasks.clock import today
    from tasks.office import open_office

    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        if to == "identity":
            if method not in set(IdentityMethod):
                raise Refused("how was identity checked?", do=f"--method is one of: {'; '.join(IdentityMethod)}")
            if result not in set(IdentityResult):
                raise Refused("what came of the check?", do=f"--result is one of: {'; '.join(IdentityResult)}")
            check = IdentityCheck(IdentityMethod(method), IdentityResult(result), by, today())
            entry = Entry(kind="case.identity", by=by, case=number)
            office.ledger.cases.record_identity(number, check, entry=entry)
            say(f"case {number}: identity {result}")
            return
        if to not in set(State):
            allowed = ", ".join(s.value for s in ALLOWED_MOVES[case.state])
            raise Refused(f"no state is called {to!r}", where=f"case {number}", do=f"from here: {allowed}")
        entry = Entry(kind="case.moved", by=by, case=number)
        office.ledger.cases.move(number, State(to), on=today(), entry=entry)
    say(f"case {number}: {to}")


def find(
    number: Number,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="SYSTEM.DATASET:KEY", help="This is the person.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="SYSTEM.DATASET:KEY", help="This is somebody else.")
    ] = None,
    by: By = "privacy",
) -> None:
    """Search every system for the person of a case: what matches, what a person must decide, what was not searched."""
    os.environ["TERMIJN_SKIN"] = "plain"  # looking needs no server
    from domain.evidence import Entry
    from domain.keys import key_text
    from tasks.export import search_case
    from tasks.office import open_office

    with open_office() as office:
        for place, yes in [(p, True) for p in include or []] + [(p, False) for p in exclude or []]:
            system, dataset, key = _place(place)
            if dataset not in office.system(system).datasets:
                raise NotFound(f"{system} has no such dataset", do="copy the place from `termijn find`")
            entry = Entry(kind="match.decided", by=by, case=number)
            office.ledger.cases.decide(number, system=system, dataset=dataset, key=key, include=yes, entry=entry)
        found = search_case(office, number)
    if as_json:
        show_json(_found_json(found))
        return
    rows = [
        (
            f"{a.system}.{c.dataset}:{key_text(c.key)}",
            "the person" if c.is_the_person else "DECIDE" if c.is_open else "somebody else",
            ", ".join(c.matching),
            ", ".join(c.conflicting),
        )
        for a in found.answers
        for c in a.candidates
    ]
    show_table(f"Case {number}", ["record", "is", "matches", "conflicts"], rows)
    for answer in found.answers:
        say(f"  {answer.system}: {answer.outcome.value}{' because ' + answer.unreadable if answer.unreadable else ''}")


def export(number: Number) -> None:
    """Assemble one person's data into sealed packages: one for 12Care and one for each practice, never merged.

    With PREFECT_API_URL set the run appears on that server; without it the same story runs here.
    """
    from flows.export_subject import export_subject

    for sealed in export_subject(number):
        say(f"sealed {sealed.file}: {sealed.records} records, SHA-256 {sealed.sha256[:16]}…")
    say(f"the passphrase goes by another channel: termijn case show {number} --passphrase")


def _found_json(found: Search) -> dict[str, object]:
    from domain.keys import key_text

    return {
        "case": found.case.number,
        "systems": [
            {
                "system": a.system,
                "outcome": a.outcome.value,
                "because": a.unreadable,
                "candidates": [
                    {
                        "dataset": c.dataset,
                        "key": key_text(c.key),
                        "is_the_person": c.is_the_person,
                        "to_decide": c.is_open,
                        "matching": list(c.matching),
                        "conflicting": list(c.conflicting),
                    }
                    for c in a.candidates
                ],
            }
            for a in found.answers
        ],
    }


def _place(written: str) -> tuple[str, str, str]:
    where, _, key = written.partition(":")
    system, _, dataset = where.partition(".")
    if not (system and dataset and key):
        raise Refused("a record is written SYSTEM.DATASET:KEY", do="copy it from `termijn find`")
    return system, dataset, key


def _read_subject(file: str) -> dict[str, Any]:
    if not file:
        return _ask_subject()
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise NotFound("the subject file does not exist", do="correct --subject") from None
    except tomllib.TOMLDecodeError:
        raise Refused("the subject file is not TOML", do='write lines such as email = "…"') from None


def _ask_subject() -> dict[str, Any]:
    """Ask step by step; an empty answer leaves a field out."""
    asked = {f: typer.prompt(f, default="", show_default=False) for f in _QUESTIONS}
    address = typer.prompt("address (lines separated by ;)", default="", show_default=False)
    return {f: v for f, v in asked.items() if v} | ({"address": address.split(";")} if address else {})


_QUESTIONS = ("name", "surname", "born_on", "bsn", "email", "phone", "client_number")
