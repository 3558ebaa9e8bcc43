"""Whether a message is to be answered by nobody, as this office sees it: its own addresses count too."""

from __future__ import annotations

from connectors.mailbox.message import Mail
from domain.intake import Aside, why_aside
from tasks.office import Office


def why_kept_aside(office: Office, mail: Mail) -> Aside | None:
    """Why nobody should answer this message, or None."""
    settings = office.settings
    own = {settings.mail_from, settings.mailbox_user, settings.mail_handler, settings.mail_dpo}
    return why_aside(mail.headers, own=frozenset(a.lower() for a in own if a), sender=mail.sender)
