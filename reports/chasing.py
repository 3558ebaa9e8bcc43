"""The message that says a practice is silent: the list's number, the days, and what is asked; never a client number."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from domain.chasing import Chase
from domain.lists import DestructionList
from reports.dutch import day


def chasing_mail(of: DestructionList, chase: Chase, *, sender: str, to: Sequence[str]) -> EmailMessage:
    """One message to our own office; its Message-ID follows from list and rung: sent twice, it is one message."""
    message = EmailMessage(policy=SMTP)
    waiting = f"{chase.days_waiting} {'dag' if chase.days_waiting == 1 else 'dagen'}"
    message["Subject"] = f"Vernietigingslijst {of.number}: {waiting} zonder opdracht"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{of.number}.{chase.key}@termijn.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    sent = "" if of.sent_on is None else f"Verstuurd op:  {day(of.sent_on)}\n"
    later = "" if of.later is None else f"Later, op:     {day(of.later)}\n"
    message.set_content(
        f"De praktijk heeft nog geen opdracht gegeven voor lijst {of.number}.\n\n"
        f"Praktijk:      nr. {of.controller}\n"
        f"Regel:         {of.rule}\n"
        f"Aantal:        {of.count}\n"
        f"{sent}{later}\n"
        f"Wat nu: {chase.asks}\n\n"
        "Zonder opdracht wordt niets vernietigd.\n"
        f"Bekijk de lijst met: termijn list show {of.number}\n"
    )
    return message
