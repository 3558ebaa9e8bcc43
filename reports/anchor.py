"""The message that keeps the head of the chain outside the ledger: a number and a hash, nothing else."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from domain.evidence import Head
from reports.dutch import moment


def anchor_mail(head: Head, *, at: datetime, sender: str, to: str) -> EmailMessage:
    """One message; its Message-ID follows from the head, so that the same head sent twice is one message."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"Termijn: plaats {head.seq} in de keten"
    message["From"] = sender
    message["To"] = to
    message["Message-ID"] = f"<head-{head.seq}-{head.hash[:16]}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        "Bewaar dit bericht. Het legt vast hoe ver het logboek van Termijn was. Wie er later iets aan verandert,\n"
        "valt door de mand. Er staan geen persoonsgegevens in.\n\n"
        f"Moment:  {moment(at)}\n"
        f"Plaats:  {head}\n\n"
        "Controleer een export van het logboek met:\n"
        f"python verify_ledger.py EXPORT --head {head}\n",
        cte="8bit",
    )
    return message
