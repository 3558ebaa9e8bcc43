"""Requests of people at the command line: open, show, list, move and export."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from cli.screen import say, show_json, show_table
from domain.trouble import Refused

app = typer.Typer(help="Requests of people: access, portability, erasure and the rest.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number, for example 2026-0004.")]
By = Annotated[str, typer.Option("--by", help="Your id in the office.")]


@app.command("new")
def new_case(
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="access, portability, rectification, erasure, …; repeated.")
    ] = None,
    received: Annotated[
        datetime | None, typer.Option("--received", formats=["%Y-%m-%d"], help="Day of receipt; today if left out.")
    ] = None,
    channel: Annotated[str, typer.Option("--channel", help="mail, letter, telephone, desk, portal…")] = "",
    subject: Annotated[
        str, typer.Option("--subject", metavar="FILE", help="TOML file with who it is, or - for standard input.")
    ] = "",
    language: Annotated[str, typer.Option("--language", help="nl or en.")] = "",
    handler: Annotated[str, typer.Option("--handler", help="Who handles it.")] = "privacy",
    by: By = "privacy",
) -> None:
    """Open a case for each kind asked. Without --subject everything is asked step by step, and checked at once.

    The subject file: name, address (list of lines), and two of: bsn, email, phone, client_number, surname with
    born_on (all may be lists). A table [asks] says who asks instead: capacity, about, name, address, email, phone.
    """
    from cli import questions
    from cli.subject import read_request
    from domain.cases import CaseKind
    from tasks.clock import today
    from tasks.new_case import Wanted, open_cases
    from tasks.office import open_office

    wrong = [one for one in kind or () if one not in set(CaseKind)]
    if wrong:
        raise Refused(f"no kind of request is called {wrong[0]!r}", do=f"choose one of: {', '.join(CaseKind)}")
    kinds, day = tuple(CaseKind(one) for one in kind or ()), received.date() if received is not None else None
    if subject:
        given, asker, person = read_request(subject)
        kinds, channel, language, day = kinds or (CaseKind.ACCESS,), channel or "mail", language or "nl", day or today()
    else:
        kinds, channel = kinds or questions.ask_kinds(), channel or questions.ask_channel()
        day, language = day or questions.ask_day(today()), language or questions.ask_language()
        given = questions.ask_subject()
        asker, person = questions.ask_asker()
    wanted = Wanted(
        kinds=kinds, received_on=day, channel=channel, language=language, handler=handler, subject=given, asker=asker,
        person=person,
    )  # fmt: skip
    with open_office() as office:
        for case in open_cases(office, wanted, as_of=today(), by=by):
            say(f"case {case.number} is open" + (f": {case.kind.value}" if len(kinds) > 1 else ""))
            if asker is not None:
                say(f"  asked as {asker.capacity.value}; what must be proven: termijn case asks {case.number}")


@app.command("show")
def show_case(
    number: Number,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Also the passphrase of each released package; that is recorded.")
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
            "unpaused law": limits.unpaused.law_day,
            "paused days": limits.paused_days,
            "handler": case.handler,
            "packages": [f"{p.file}: {p.state.value}" for p in packages],
        }
        if passphrase:
            entry = Entry(kind="passphrase.read", by=by, case=number)
            facts["passphrases"] = {
                p.file: office.ledger.packages.passphrase_of(p.file, as_of=today(), entry=entry)
                for p in packages
                if p.state.value == "released"
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
    why: Annotated[
        str,
        typer.Option(
            "--why", help="Why; without a name. With `identity`: why a lighter check is not enough, kept encrypted."
        ),
    ] = "",
    letter: Annotated[str, typer.Option("--letter", help="Which letter goes with it, where there are several.")] = "",
    facts: Annotated[
        str, typer.Option("--facts", metavar="FILE", help="TOML file with what that letter needs, or -.")
    ] = "",
    by: By = "privacy",
) -> None:
    """Move a case to another state; the law's table decides whether it may, and the letter that it owes goes first."""
    from cli.identity import read_method, read_result
    from cli.letters import read_facts
    from domain.cases import ALLOWED_MOVES, State
    from tasks.identity import record_check
    from tasks.letter_moves import move_with_letter
    from tasks.office import open_office

    with open_office() as office:
        case = office.ledger.cases.read_case(number)
        if to == "identity":
            record_check(office, number, read_method(method), read_result(result), why=why, by=by)
            say(f"case {number}: identity {result}")
            return
        if to not in set(State):
            allowed = ", ".join(s.value for s in ALLOWED_MOVES[case.state])
            raise Refused(f"no state is called {to!r}", where=f"case {number}", do=f"from here: {allowed}")
        trouble = move_with_letter(office, number, State(to), by=by, kind=letter, facts=read_facts(facts), why=why)
    say(f"case {number}: {to}")
    if trouble is not None:
        say(f"a letter still waits: {trouble}")


def export(
    number: Number,
    by: Annotated[str, typer.Option("--by", help="Your id in the office.")] = "termijn",
    pdf_copy: Annotated[
        bool, typer.Option("--pdf-copy", help="Also letter and data in one encrypted PDF, released like a package.")
    ] = False,
) -> None:
    """Assemble one person's data into sealed packages: one for 12Care and one for each practice, never merged.

    With PREFECT_API_URL set the run appears on that server; without it the same story runs here.
    """
    from flows.export_subject import export_subject

    for sealed in export_subject(number, by, pdf_copy):
        who = "two officers release it" if sealed.special else "an officer releases it"
        say(f"sealed {sealed.file}: {sealed.records} records, SHA-256 {sealed.sha256[:16]}…; {who}")
        say(f"  its passphrase has {sealed.bits:.0f} bits, and is told after the release, by another channel")
    say("now: termijn package open FILE --review, and then termijn package release FILE")
