"""Where something rested on a consent that was withdrawn, and whether it was stopped there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import consent_stops
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


class StopState(StrEnum):
    """Open: it may still rest on the consent. Written: by us, and read again. By hand: an officer says how."""

    OPEN = "open"
    WRITTEN = "written"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class OpenStop:
    """One withdrawal at one place."""

    consent: str
    place: str
    state: StopState


class ConsentStops:
    """The stops of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def of(self, consent: str) -> tuple[OpenStop, ...]:
        """Every stop of one withdrawal."""
        return tuple(s for s in self.list_all() if s.consent == consent)

    def waiting(self) -> tuple[OpenStop, ...]:
        """Every stop that is open, oldest first."""
        return tuple(s for s in self.list_all() if s.state is StopState.OPEN)

    def list_all(self) -> tuple[OpenStop, ...]:
        """Every stop there ever was. Raises LedgerBroken."""
        query = select(consent_stops).order_by(consent_stops.c.consent, consent_stops.c.place)
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, consent_stops, connection.execute(query))
        return tuple(OpenStop(r.consent, r.place, StopState(r.state)) for r in rows)

    def settle(self, consent: str, place: str, *, records: int, entry: Entry) -> None:
        """So many records were written, and read again. Raises NotFound."""
        self._move(consent, place, StopState.WRITTEN, entry, records=records)

    def by_hand(self, consent: str, place: str, why: str, *, entry: Entry) -> None:
        """An officer says that, and how, it was stopped where we cannot write; kept encrypted. Raises Refused."""
        if not why.strip():
            raise Refused("it says not how it was stopped", where=f"{consent} {place}", do="say how")
        self._move(consent, place, StopState.BY_HAND, entry, why=why)

    def _move(self, consent: str, place: str, to: StopState, entry: Entry, *, why: str = "", records: int = 0) -> None:
        keyring, here = self._chain.keyring, (consent_stops.c.consent == consent) & (consent_stops.c.place == place)
        with self._chain.write(entry) as writing:
            rows = check_seals(keyring, consent_stops, writing.connection.execute(select(consent_stops).where(here)))
            if not rows:
                raise NotFound("nothing rests on it there", where=consent, do="look: termijn consent stops")
            if rows[0].state != StopState.OPEN:
                writing.nothing_to_do()
                return
            values: dict[str, Any] = rows[0]._asdict() | {"state": to.value, "settled_at": writing.at}
            values["seal"] = seal_of(keyring, consent_stops, values)
            if why:
                values["why"] = keyring.encrypt(why.encode(), of=f"consent_stops.why:{consent}:{place}")
            writing.connection.execute(update(consent_stops).where(here).values(values))
            writing.subject = consent
            writing.record |= {"place": place, "state": to.value, "records": records}


def open_stops(writing: Writing, keyring: Keyring, consent: str, places: Iterable[str]) -> None:
    """In the write that records a withdrawal: what rested on it there must stop."""
    for place in sorted(set(places)):
        values: dict[str, Any] = {"consent": consent, "place": place, "state": StopState.OPEN.value}
        values |= {"settled_at": None, "why": None}
        values["seal"] = seal_of(keyring, consent_stops, values)
        writing.connection.execute(insert(consent_stops).values(values))
