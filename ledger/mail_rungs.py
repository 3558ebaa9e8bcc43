"""Which rung was climbed for which message that nobody took up: once, and written down before the reminder leaves."""

from __future__ import annotations

from sqlalchemy import select

from domain.evidence import Entry
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.rungs import Delivery, climb, settle
from ledger.schema import mail, mail_rungs


class MailRungs:
    """The rungs of the drafts."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def record(self, number: str, *, rung: str, entry: Entry, covered: bool = False) -> bool:
        """True the first time this rung is climbed: then, and only then, send (not one that is `covered`).

        Raises NotFound.
        """
        with self._chain.write(entry) as writing:
            if writing.connection.scalar(select(mail.c.number).where(mail.c.number == number)) is None:
                raise NotFound("no such message", where="reminder", do="look it up with: termijn mail list")
            if not climb(writing, mail_rungs, {"mail": number}, rung, covered=covered):
                return False
            writing.subject = number
            writing.record |= {"rung": rung}
        return True

    def settle(self, number: str, *, rung: str, state: Delivery, entry: Entry) -> None:
        """What became of the reminder. Raises NotFound."""
        with self._chain.write(entry) as writing:
            settle(writing, mail_rungs, {"mail": number}, rung, state)
            writing.subject = number
            writing.record |= {"rung": rung, "delivery": state.value}

    def of_mail(self, number: str) -> dict[str, Delivery]:
        """The rungs climbed for a message, each with what became of its reminder."""
        query = select(mail_rungs.c.rung, mail_rungs.c.state).where(mail_rungs.c.mail == number)
        with self._chain.read() as connection:
            return {rung: Delivery(state) for rung, state in connection.execute(query)}
