"""The DPO's desk in the morning: each message that waits is shown, and one key says what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.mail import say_adopted, show_words
from cli.screen import say
from domain.trouble import TermijnError

if TYPE_CHECKING:
    from ledger.mail import Incoming
    from tasks.office import Office

_KEYS = "a adopt as proposed · k adopt as another kind · j join a case · s set aside · n next · q stop"


def go_through(office: Office, *, by: str) -> None:
    """Every draft, oldest first. What is refused is said, and asked again; nothing is done without a key."""
    from ledger.mail import DRAFT

    waiting = sorted(office.ledger.mail.list_all(DRAFT), key=lambda m: (m.received_on, m.number))
    say(f"{len(waiting)} messages wait" if waiting else "nothing waits")
    for nth, one in enumerate(waiting, 1):
        if office.ledger.mail.read(one.number).state != DRAFT:
            continue  # what followed an earlier one went with it
        say(f"\n{nth} of {len(waiting)}")
        show_words(office, one.number, by=by)
        if not _decide(office, one, by=by):
            return


def _decide(office: Office, one: Incoming, *, by: str) -> bool:
    """Ask until something is done with it; False where the DPO stops."""
    while True:
        key = typer.prompt(_KEYS, default="n").strip().lower()
        if key in ("n", "q"):
            return bool(key == "n")
        try:
            if _do(office, one, key, by=by):
                return True
        except TermijnError as trouble:
            say(str(trouble))


def _do(office: Office, one: Incoming, key: str, *, by: str) -> bool:
    from domain.cases import CaseKind
    from domain.evidence import Entry
    from tasks.adoption import adopt, join

    match key:
        case "a":
            say_adopted(one.number, *adopt(office, one.number, (), by=by))
        case "k":
            kind = typer.prompt(f"kind ({', '.join(CaseKind)})").strip()
            if kind not in set(CaseKind):
                say("there is no such kind")
                return False
            say_adopted(one.number, *adopt(office, one.number, (CaseKind(kind),), by=by))
        case "j":
            case = typer.prompt("case").strip()
            join(office, one.number, case, by=by)
            say(f"{one.number} belongs to case {case}")
        case "s":
            why = typer.prompt("why; without a name or address").strip()
            office.ledger.mail.set_aside(one.number, entry=Entry("mail.set-aside", by, why=why))
            say(f"{one.number} is set aside")
        case _:
            say("choose one of these keys")
            return False
    return True
