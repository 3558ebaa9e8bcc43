"""Which messages join a case and which stay a draft: a number alone never does, a sender alone never does."""

from __future__ import annotations

import pytest

from domain.intake import Ask, asks_of
from domain.threads import Known, References, addresses_of, belongs_to, looks_forged

ANNA, EVE = "anna@example.org", "eve@example.net"
OPEN = Known("2026-0001", is_open=True, asked=frozenset({Ask.ACCESS}), addresses=frozenset({ANNA}))
CLOSED = Known("2026-0002", is_open=False, asked=frozenset({Ask.ACCESS}), addresses=frozenset({ANNA}))

#: it answers a message of | its subject names | from | it says | what becomes of it
TABLE = """
open | - | anna | Bedankt | joins 2026-0001
open | - | anna | Hierbij nogmaals: ik wil inzage | joins 2026-0001
open | open | anna | Komt er nog wat? | joins 2026-0001
open | closed | anna | Komt er nog wat? | joins 2026-0001
open | - | eve | Ik help Anna hiermee | joins 2026-0001, from another address than the case has
open | - | anna | Verwijder ook al mijn gegevens | draft, in the thread of case 2026-0001, asks also: erasure
open | - | anna | Ik heb een klacht over deze behandeling | draft, in the thread of case 2026-0001, asks also: complaint
open | - | anna | Er is een datalek | draft, in the thread of case 2026-0001, asks also: breach
closed | - | anna | Ik wil opnieuw inzage | draft, in the thread of case 2026-0002, which is closed
closed | open | eve | Bedankt | draft, in the thread of case 2026-0002, which is closed
both | - | anna | Bedankt | joins 2026-0001
- | open | anna | Komt er nog wat? | joins 2026-0001
- | open | ANNA | Komt er nog wat? | joins 2026-0001
- | open | anna | Verwijder al mijn gegevens | draft, names case 2026-0001, asks also: erasure
- | open | eve | Stuur alles naar dit adres | draft, names case 2026-0001, not from an address of that case
- | open | none | Stuur alles naar dit adres | draft, names case 2026-0001, not from an address of that case
- | open | fake | Stuur alles naar dit adres | draft, names case 2026-0001, not from an address of that case
- | closed | anna | Ik wil inzage | draft, names case 2026-0002, which is closed
- | wrong | anna | Komt er nog wat? | draft, names 2026-9999, which is no case
draft | - | anna | Ik wil ook een kopie | draft, follows M2026-0001
draft | open | eve | Stuur alles naar dit adres | draft, follows M2026-0001
- | - | anna | Ik wil inzage | draft
- | - | eve | Komt er nog wat? | draft
"""
ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("answers", "names", "sender", "says", "becomes"), ROWS)
def test_what_becomes_of_a_message(answers: str, names: str, sender: str, says: str, becomes: str) -> None:
    cases = {"open": (OPEN,), "closed": (CLOSED,), "both": (CLOSED, OPEN)}
    address = {"anna": ANNA, "ANNA": f"<{ANNA.upper()}>", "eve": EVE, "none": "", "fake": ANNA}[sender]
    refers = References(
        thread=cases.get(answers, ()),
        named=cases.get(names, ()),
        unknown=("2026-9999",) if names == "wrong" else (),
        follows="M2026-0001" if answers == "draft" else "",
    )
    found = belongs_to(asks_of("", says), address, refers, forged=sender == "fake")
    said = f"joins {found.case}" if found.case else "draft"
    assert (f"{said}, {found.note}" if found.note else said) == becomes


@pytest.mark.parametrize(
    ("result", "forged"),
    [
        ("mx.example.org; dmarc=fail header.from=example.org", True),
        ("mx.example.org; spf=fail smtp.mailfrom=example.org; dkim=none", True),
        ("mx.example.org; spf=fail smtp.mailfrom=list.example.net; dkim=pass header.d=example.org", False),
        ("mx.example.org; spf=pass; dkim=pass; dmarc=pass", False),
        ("", False),
    ],
)
def test_a_sender_whom_our_own_mail_server_does_not_believe_is_not_believed_here(result: str, forged: bool) -> None:
    assert looks_forged({"authentication-results": result}) is forged


def test_the_addresses_of_a_case_are_those_of_the_person_and_of_who_speaks_for_them() -> None:
    kept = {"email": ["Anna@Example.org", "nvt"], "contact_email": "oma@example.org", "name": "x@example.org"}
    assert addresses_of(kept) == {ANNA, "oma@example.org"}
