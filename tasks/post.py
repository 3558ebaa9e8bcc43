"""How a message of the office leaves: always laid in the outbox, and sent where a mail server is named."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from domain.ladder import Told
from tasks.office import Office
from tasks.report import lay_down


def addresses(office: Office, told: Sequence[Told]) -> list[str]:
    """The mailbox of each role, as the settings say."""
    settings = office.settings
    known = {
        Told.HANDLER: settings.mail_handler,
        Told.DPO: settings.mail_dpo,
        Told.MANAGEMENT: settings.mail_management,
    }
    return [known[role] for role in told]


def send(office: Office, message: EmailMessage, name: str) -> str | None:
    """Lay the message in the outbox as `name`.eml, and send it. Returns what went wrong, if anything."""
    lay_down(office.settings.out / "mail" / f"{name}.eml", message.as_bytes())
    return None if office.settings.smtp_host is None else hand_over(office, message)


def hand_over(office: Office, message: EmailMessage) -> str | None:
    """Give the message to the mail server, and lay no copy anywhere. Returns what went wrong, if anything."""
    import smtplib

    settings = office.settings
    if settings.smtp_host is None:
        return "no mail server is named"
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=30) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as failure:
        return f"the mail server did not take it ({type(failure).__name__})"
    return None
