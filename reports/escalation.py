"""The message that says a request presses: case number, days and what is asked; never who the person is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

from domain.morning import OpenCase, OpenDraft
from reports.dutch import day

_KIND = {
    "access": "inzage", "portability": "overdracht", "rectification": "correctie", "erasure": "wissing",
    "wgbo-destruction": "vernietiging van een medisch dossier", "restriction": "beperking", "objection": "bezwaar",
    "consent": "toestemming", "access-log": "wie er in het dossier keek",
}  # fmt: skip


def escalation_mail(case: OpenCase, *, rung: str, asks: str, sender: str, to: Sequence[str]) -> EmailMessage:
    """One message; its Message-ID follows from case and rung, so that a message sent twice is one message."""
    message = EmailMessage(policy=SMTP)
    days = days_said(case.days_left)
    message["Subject"] = f"Verzoek {case.case}: {days}"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{case.case}.{rung}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    standing = "\nDe klok staat nu stil: wij wachten op de betrokkene." if case.paused else ""
    message.set_content(
        f"Verzoek {case.case} ({kind_said(case.kind)}) staat op: {case.state}.{standing}\n\n"
        f"Ontvangen:                {day(case.received)}\n"
        f"Wij beloofden antwoord:   {day(case.promise)}\n"
        f"De wet (een maand):       {day(case.law)}\n"
        f"Zonder onderbreking was dat {day(case.unpaused)}.\n\n"
        f"Wat nu: {asks}\n\n"
        f"Bekijk het verzoek met: termijn case show {case.case}\n"
    )
    return message


def kind_said(kind: str) -> str:
    """What a kind of request is called in Dutch."""
    return _KIND.get(kind, kind)


def drafts_mail(
    drafts: Sequence[OpenDraft], *, rung: str, as_of: date, asks: str, sender: str, to: Sequence[str]
) -> EmailMessage:
    """That nobody took up these messages, all on one rung; its Message-ID follows from the first, the rung, the day."""
    message = EmailMessage(policy=SMTP)
    first, more = drafts[0], len(drafts) - 1
    others = "" if more == 0 else " en 1 ander bericht" if more == 1 else f" en {more} andere berichten"
    message["Subject"] = f"Bericht {first.mail}{others}: niet opgepakt, {days_said(min(d.days_left for d in drafts))}"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{first.mail}.{rung}.{as_of}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [
        f"{d.mail}: ontvangen {day(d.received)}, antwoord beloofd op {day(d.steer_on)}, "
        f"volgens de wet {day(d.law)} ({days_said(d.days_left)})"
        for d in drafts
    ]
    message.set_content(
        "Niemand heeft dit nog opgepakt. De termijn loopt sinds het bericht binnenkwam.\n\n"
        + "\n".join(lines)
        + "\n\nWat nu: lees het bericht. Maak er een zaak van, voeg het bij een zaak, of leg het weg met een reden:\n"
        f"termijn mail take-up\n\nAls het een verzoek is: {asks}\n",
        cte="8bit",
    )
    return message


def days_said(left: int) -> str:
    """How many days are left, in Dutch."""
    if left < 0:
        return f"{-left} {'dag' if left == -1 else 'dagen'} te laat"
    return "vandaag is de laatste dag" if left == 0 else "nog 1 dag" if left == 1 else f"nog {left} dagen"
