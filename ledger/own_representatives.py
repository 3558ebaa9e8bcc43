"""Who asked for another, as rows of our own administration: theirs, and apart from the request, which is another's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from domain.evidence import Entry
from domain.keys import Key, Keys
from domain.live import Kind
from domain.moves import State, is_open
from domain.trouble import Refused
from ledger.askers import person_in
from ledger.chain import Chain
from ledger.schema import askers, cases
from ledger.seals import check_seals

BY = "termijn"
_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class _Acted:
    """One representative as described in one case. `nth`: where they were first written down; `serials`: each place."""

    number: str
    nth: int
    serials: tuple[int, ...]
    capacity: str
    written_on: date
    person: Mapping[str, Any] = field(repr=False)


class Representatives:
    """The representatives that are still known: a row for each case and each description, also of who came before."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        texts = dict.fromkeys(("number", "capacity", "name", "address", "email", "phone"), Kind.TEXT)
        return texts | {"nth": Kind.INTEGER} | dict.fromkeys(("written_on", "closed_on"), Kind.DATE)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number of the case, nth, the last capacity, who, and since when the case is closed: personal data."""
        with self._chain.read() as connection:
            closed = _closed(connection)
            for one in self._acted(connection):
                yield {
                    "number": one.number,
                    "nth": one.nth,
                    "capacity": one.capacity,
                    "name": _joined(one.person.get("name")),
                    "address": _joined(one.person.get("address")),
                    "email": _joined(one.person.get("email")),
                    "phone": _joined(one.person.get("phone")),
                    "written_on": one.written_on,
                    "closed_on": closed[one.number],
                }

    def forget(self, keys: Sequence[Key]) -> None:
        """Drop who these representatives are; that somebody asked in this capacity stays. Refused for an open case."""
        with self._chain.write(Entry("representatives.forgotten", BY)) as writing:
            connection, wanted = writing.connection, {tuple(key) for key in keys}
            going = [one for one in self._acted(connection) if (one.number, one.nth) in wanted]
            for one in going:
                state = connection.scalar(select(cases.c.state).where(cases.c.number == one.number))
                if state is None or is_open(State(state)):
                    raise Refused("an open case is not forgotten", where=f"case {one.number}", do="close it first")
                here = (askers.c.case == one.number) & askers.c.serial.in_(one.serials)
                connection.execute(update(askers).where(here).values(person=None))
            writing.record["representatives"] = len(going)

    def still_there(self, keys: Keys) -> Keys:
        """Which of these representatives the ledger still knows."""
        with self._chain.read() as connection:
            known = {(one.number, one.nth) for one in self._acted(connection)}
        return Keys(key for key in keys if tuple(key) in known)

    def _acted(self, connection: Connection) -> list[_Acted]:
        """Each description in each case once, however often the ledger carried it along. Raises LedgerBroken."""
        query = select(askers).where(askers.c.person.is_not(None)).order_by(askers.c.case, askers.c.serial)
        found: dict[tuple[str, str], _Acted] = {}
        for row in check_seals(self._chain.keyring, askers, connection.execute(query)):
            person = person_in(self._chain.keyring, row.case, row.person)
            place = (row.case, json.dumps(person, sort_keys=True))
            capacity, on = json.loads(row.file)["capacity"], _day(row.at)
            first = found.get(place) or _Acted(row.case, row.serial, (), capacity, on, person)
            found[place] = replace(first, serials=(*first.serials, row.serial), capacity=capacity)
        return list(found.values())


def _closed(connection: Connection) -> dict[str, date | None]:
    """When each case was closed; None while it is not."""
    told = {row.number: json.loads(row.file)["closed_on"] for row in connection.execute(select(cases))}
    return {number: None if on is None else date.fromisoformat(on) for number, on in told.items()}


def _joined(told: object) -> str | None:
    return ", ".join(map(str, told)) if isinstance(told, list | tuple) else None if told is None else str(told)


def _day(at: datetime) -> date:
    return at.astimezone(_ZONE).date()
