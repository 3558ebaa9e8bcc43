"""The copies of identity documents that somebody forgot, as rows of our own administration with a day and a term."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.evidence import Entry
from domain.keys import Key, Keys
from domain.live import Kind
from domain.moves import OWES_AN_ANSWER, State
from ledger.chain import Chain
from ledger.id_copies import destroy_rows
from ledger.schema import cases, id_copies
from ledger.seals import check_seals

BY = "termijn"
_ZONE = ZoneInfo("Europe/Amsterdam")


class KeptCopies:
    """The copies that are still kept. Their term counts from the check, or from the end of the request without one."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        days = dict.fromkeys(("kept_on", "settled_on"), Kind.DATE)
        return dict.fromkeys(("number", "case", "media", "state"), Kind.TEXT) | days

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, case, media type, state, the day it was kept, and the day from which its term counts."""
        query = select(id_copies, cases.c.state.label("stands"), cases.c.file).join(cases)
        with self._chain.read() as connection:
            for row in connection.execute(query.where(id_copies.c.content.is_not(None)).order_by(id_copies.c.number)):
                yield {
                    "number": row.number,
                    "case": row.case,
                    "media": row.media,
                    "state": row.state,
                    "kept_on": _day(row.at),
                    "settled_on": _settled(_day(row.at), State(row.stands), json.loads(row.file)),
                }

    def forget(self, keys: Sequence[Key]) -> None:
        """Destroy these copies; the event holds their keyed leaves."""
        with self._chain.write(Entry("identity.copy-forgotten", BY)) as writing:
            wanted = id_copies.c.number.in_([str(number) for (number,) in keys]) & id_copies.c.content.is_not(None)
            rows = check_seals(
                self._chain.keyring, id_copies, writing.connection.execute(select(id_copies).where(wanted))
            )
            destroy_rows(writing, self._chain.keyring, rows)

    def still_there(self, keys: Keys) -> Keys:
        """Which of these copies are still kept."""
        with self._chain.read() as connection:
            kept = set(connection.scalars(select(id_copies.c.number).where(id_copies.c.content.is_not(None))))
        return Keys(key for key in keys if key[0] in kept)


def _settled(kept_on: date, state: State, case: Mapping[str, Any]) -> date | None:
    """The day of the check or of the end of the request, and never before the copy came; None while it is needed."""
    checked = case.get("identity")
    if checked is not None and checked["result"] == "verified":
        return max(kept_on, date.fromisoformat(checked["on"]))
    if state in OWES_AN_ANSWER:
        return None
    closed = case.get("closed_on")
    return kept_on if closed is None else max(kept_on, date.fromisoformat(closed))


def _day(at: datetime) -> date:
    return at.astimezone(_ZONE).date()
