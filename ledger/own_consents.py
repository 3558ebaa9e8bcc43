"""What the opt-in register, the suppression list and the mailings hold of persons, as rows with a day for their term.

Of an objection and of a message only the mark of an address is kept. Who asks now, or is held, is known again by it:
`asking` gives the addresses of those people, and for nobody else an address is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from domain.consents import standings
from domain.evidence import Entry
from domain.identity import Identifier
from domain.keys import Key, Keys
from domain.live import Kind
from domain.trouble import Refused
from ledger.chain import Chain
from ledger.consents import OptIns, chains_of, forget_statement
from ledger.marks import open_marker
from ledger.own_data import BY
from ledger.schema import mailed, mailings
from ledger.suppressions import Suppressions, forget_suppression

#: (purpose, version) → the words that were shown; empty where the register knows them no longer.
Words = Callable[[str, str], str]


class OptInRows:
    """The statements whose person is still known. They may go once nothing rests on the consent, and its term ended."""

    def __init__(self, chain: Chain, today: date, words: Words) -> None:
        self._chain, self._today, self._words, self._register = chain, today, words, OptIns(chain)

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        days = dict.fromkeys(("said_on", "expires_on", "ended_on"), Kind.DATE)
        return dict.fromkeys(_TEXTS, Kind.TEXT) | days

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, who, what was said, how, to which words, and since when nothing rests on it: personal data."""
        ends, statements = self._ends(), {x.statement.number: x.statement for x in self._register.lines()}
        for number, (person, proof) in self._register.persons().items():
            one, ended = statements[number], ends[number]
            yield {
                "number": number, "purpose": one.purpose, "said": one.act.value, "said_on": one.on,
                "channel": one.channel, "capacity": one.capacity.value, "text_version": one.version,
                "text_shown": self._words(one.purpose, one.version) if one.version else "",
                "recipients": ", ".join(one.recipients), "expires_on": one.expires_on, "ended_on": ended,
                "name": _joined(person.get("name")), "email": _joined(person.get("email")),
                "phone": _joined(person.get("phone")), "proof": proof,
            }  # fmt: skip

    def forget(self, keys: Sequence[Key]) -> None:
        """Drop who stated it and the proof; Refused while something rests on the consent."""
        ends = self._ends()
        with self._chain.write(Entry("consents.forgotten", BY)) as writing:
            for (number,) in keys:
                if number in ends and ends[number] is None:
                    raise Refused("this consent still stands", where=str(number), do="nothing: its proof must stay")
                forget_statement(writing, self._chain.keyring, str(number))
            writing.record["statements"] = len(keys)

    def still_there(self, keys: Keys) -> Keys:
        """Of which of these statements the person is still known."""
        known = self._ends()
        return Keys(key for key in keys if key[0] in known)

    def _ends(self) -> dict[str, date | None]:
        """Each statement whose person is known, with the day since which nothing rests on that consent."""
        ends = dict[str, date | None]()
        for line, said in chains_of(self._register.lines()):
            one = standings(said, self._today).get(line.statement.purpose)
            ends[line.statement.number] = None if one is None else one.ended_on
        return ends


class SuppressionRows:
    """The objections that still keep somebody from being approached, or did."""

    def __init__(self, chain: Chain, asking: Iterable[Identifier]) -> None:
        self._chain, self._asking, self._list = chain, tuple(asking), Suppressions(chain)

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        days = dict.fromkeys(("added_on", "taken_back_on", "last_on"), Kind.DATE)
        return dict.fromkeys(("number", "channel", "email"), Kind.TEXT) | days

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, day and way; the day of the last objection at the same address; the address of who asks now."""
        every = [s for s in self._list.list_all() if s.known]
        addresses, last = _known_again(self._chain, self._asking), dict[str, date]()
        for one in every:
            for mark in one.marks:
                last[mark] = max(one.added_on, last.get(mark, one.added_on))
        for one in every:
            yield {
                "number": one.number,
                "channel": one.channel,
                "added_on": one.added_on,
                "taken_back_on": one.lifted_on,
                "last_on": max(last[mark] for mark in one.marks),
                "email": _joined(sorted(addresses[m] for m in one.marks if m in addresses)),
            }

    def forget(self, keys: Sequence[Key]) -> None:
        """Nobody is known again by these objections."""
        with self._chain.write(Entry("suppressions.forgotten", BY)) as writing:
            for (number,) in keys:
                forget_suppression(writing, self._chain.keyring, str(number))
            writing.record["objections"] = len(keys)

    def still_there(self, keys: Keys) -> Keys:
        """By which of these objections somebody is still known again."""
        known = {s.number for s in self._list.list_all() if s.known}
        return Keys(key for key in keys if key[0] in known)


class PolicyNotices:
    """The messages about a changed policy: to which mark, on which day."""

    def __init__(self, chain: Chain, asking: Iterable[Identifier]) -> None:
        self._chain, self._asking = chain, tuple(asking)

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        return dict.fromkeys(("mailing", "mark", "version", "state", "email"), Kind.TEXT) | {"sent_on": Kind.DATE}

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Message, mark, version, day, and the address of who asks now."""
        addresses = _known_again(self._chain, self._asking)
        query = select(mailed, mailings.c.version).join(mailings, mailings.c.digest == mailed.c.mailing)
        with self._chain.read() as connection:
            for row in connection.execute(query.order_by(mailed.c.mailing, mailed.c.mark)):
                yield {
                    "mailing": row.mailing,
                    "mark": row.mark,
                    "version": row.version,
                    "state": row.state,
                    "sent_on": row.on,
                    "email": addresses.get(row.mark),
                }

    def forget(self, keys: Sequence[Key]) -> None:
        """That these addresses were told is not known any more; how many were stays in the events."""
        with self._chain.write(Entry("mailing.forgotten", BY)) as writing:
            for mailing, mark in keys:
                here = (mailed.c.mailing == mailing) & (mailed.c.mark == mark)
                writing.connection.execute(delete(mailed).where(here))
            writing.record["messages"] = len(keys)

    def still_there(self, keys: Keys) -> Keys:
        """Which of these messages are still known."""
        with self._chain.read() as connection:
            known = set(map(tuple, connection.execute(select(mailed.c.mailing, mailed.c.mark))))
        return Keys(key for key in keys if key in known)


_TEXTS = (
    "number", "purpose", "said", "channel", "capacity", "text_version", "text_shown", "recipients", "name", "email",
    "phone", "proof",
)  # fmt: skip


def _known_again(chain: Chain, asking: Iterable[Identifier]) -> dict[str, str]:
    """Mark → e-mail address, of those people only who ask now or are held."""
    with chain.read() as connection:
        marker = open_marker(connection, chain.keyring)
    return {marker.mark(i.kind, i.value): i.value for i in asking if i.kind == "email"}


def _joined(told: object) -> str | None:
    """One value, or several in one cell; None for none."""
    several = list(told) if isinstance(told, list | tuple) else [told]
    return "; ".join(str(one) for one in several if one) or None
