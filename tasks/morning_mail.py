"""The verb that sends the morning's list to the DPO: once a day, whoever runs again."""

from __future__ import annotations

from datetime import date

from domain.evidence import Entry
from domain.ladder import Told
from domain.morning import MorningList
from tasks.artifacts import announce_event
from tasks.careful import careful
from tasks.destroy import BY
from tasks.office import open_office
from tasks.post import addresses, send

_SENT = "morning.sent"


@careful
def send_morning(morning: MorningList, asked_for: date | None) -> bool:
    """Send the list, and then keep that it went: after a crash between it goes again, as the same message.

    `asked_for`: the day for which somebody looks; they have the list, and it is not sent.
    """
    if asked_for is not None:
        return False
    from reports import morning_message

    about = f"morning-{morning.as_of}"
    with open_office() as office:
        if any(office.ledger.events.events(case=about, kind=_SENT)):
            return True
        [to] = addresses(office, [Told.DPO])
        trouble = send(office, morning_message(morning, sender=office.settings.mail_from, to=to), about)
        if trouble is None:
            with office.ledger.events.write(Entry(_SENT, BY)) as writing:
                writing.subject = about
    if trouble is not None:
        announce_event("termijn.mail.failed", about=about, facts={"messages": 1})
    return trouble is None
