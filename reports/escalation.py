"""The message that says a request presses: case number, days and what is asked; never who the person is."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from domain.morning import OpenCase
from reports.dutch import day


def escalation_mail(case: OpenCase, *, rung: str, asks: str, sender: str, to: Sequence[str]) -> EmailMessage:
    """One message; its Message-ID follows from case and rung, so that a message sent twice is one message."""
    message = EmailMessage(policy=SMTP)
    days = "is te laat" if case.days_left < 0 else f"nog {case.days_left} dagen" if case.days_left != 1 else "nog 1 dag"
    message["Subject"] = f"Verzoek {case.case}: {days}"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{case.case}.{rung}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    standing = "\nDe klok staat nu stil: wij wachten op de betrokkene." if case.paused else ""
    message.set_content(
        f"Verzoek {case.case} ({case.kind}) staat op: {case.state}.{standing}\n\n"
        f"Ontvangen:                {day(case.received)}\n"
        f"Wij beloofden antwoord:   {day(case.promise)}\n"
        f"De wet (een maand):       {day(case.law)}\n"
        f"Zonder onderbreking was dat {day(case.unpaused)}.\n\n"
        f"Wat nu: {asks}\n\n"
        f"Bekijk het verzoek met: termijn case show {case.case}\n"
    )
    return message
