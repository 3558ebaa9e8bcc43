"""The message that a holder of data is silent: case, holder, days and what is asked; never who the person is."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from domain.climbing import Chase
from domain.morning import HolderLine
from reports.dutch import day


def holder_reminder(line: HolderLine, chase: Chase, *, sender: str, to: Sequence[str]) -> EmailMessage:
    """One message; its Message-ID follows from case, holder and rung: sent twice, it is one message."""
    message = EmailMessage(policy=SMTP)
    waiting = f"{chase.days_waiting} {'dag' if chase.days_waiting == 1 else 'dagen'}"
    message["Subject"] = f"Verzoek {line.case}: {line.holder} antwoordt {waiting} niet"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{line.case}.{line.holder}.{chase.key}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    asked = "" if line.asked_on is None else f"Gevraagd op:   {day(line.asked_on)}\n"
    usual = "" if line.usually is None else f"Meestal duurt: {line.usually} dagen\n"
    message.set_content(
        f"{line.holder} heeft nog niet geantwoord voor verzoek {line.case}.\n\n{asked}{usual}\n"
        f"Wat nu: {chase.asks}\n\n"
        f"Leg het antwoord vast met: termijn ask answered {line.case} {line.holder}\n",
        cte="8bit",
    )
    return message
