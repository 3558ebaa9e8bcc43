"""How this office opens its own mailbox, and the verb that says each morning whether it can."""

from __future__ import annotations

from contextlib import AbstractContextManager

from connectors.mailbox.imap import Inbox, open_inbox
from connectors.mailbox.token import fetch_token
from domain.morning import MorningList
from domain.trouble import Refused, TermijnError
from tasks.careful import careful
from tasks.office import Office, open_office
from tasks.settings import secret


def own_inbox(office: Office) -> AbstractContextManager[Inbox]:
    """The privacy mailbox, as the settings say. Raises SourceUnreadable, Refused."""
    settings = office.settings
    if settings.mailbox_host is None:
        raise Refused("no mailbox is named", where="mailbox", do="set TERMIJN_MAILBOX_HOST and _USER")
    return open_inbox(
        settings.mailbox_host,
        settings.mailbox_port,
        settings.mailbox_user,
        _key_of_the_mailbox(office),
        oauth=settings.mailbox_oauth or settings.mailbox_token_url is not None,
        ca=settings.mailbox_ca,
        since=settings.mailbox_since,
    )


@careful
def look_at_mailbox(morning: MorningList) -> MorningList:
    """Open the mailbox and say on the morning's list where it does not open; an office that never had one has none."""
    with open_office() as office:
        if office.settings.mailbox_host is None and not office.ledger.mail.list_all():
            return morning
        try:
            with own_inbox(office):
                return morning
        except TermijnError as trouble:
            return morning.model_copy(update={"mailbox": trouble.what})


def _key_of_the_mailbox(office: Office) -> str:
    """The password or token itself; where the secret is that of a client, the token it gets."""
    settings, known = office.settings, secret(office.settings.mailbox_secret)
    if settings.mailbox_token_url is None:
        return known
    url, ca = settings.mailbox_token_url, settings.mailbox_ca
    return fetch_token(url, settings.mailbox_client, known, scope=settings.mailbox_scope, ca=ca)
