"""Which passages of a person's texts are withheld because they are about another: decided by a person, one by one.

A decision holds no word of the text: a keyed hash over record, column, place and the whole text, so that it is void as
soon as the text is another (promise 9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select, update

from domain.evidence import Entry, Fact, leaf
from domain.passages import Passage
from domain.trouble import NotFound
from ledger.chain import Chain
from ledger.schema import cases, passages
from ledger.seals import check_seals, seal_of


@dataclass(frozen=True, slots=True)
class Place:
    """A passage in a value of a record. `text` is the whole value: personal data, never stored."""

    system: str
    dataset: str
    key: str = field(repr=False)
    column: str
    text: str = field(repr=False)
    passage: Passage


class Passages:
    """The decisions of the ledger on passages."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def decide(self, case: str, places: Iterable[Place], *, withhold: bool, entry: Entry) -> int:
        """Keep that these passages are (not) withheld in this case, all in one event; how many. Raises NotFound."""
        decided = Counter[str]()
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="passage", do="look it up with: termijn case list")
            for place in places:
                row = {"case": case, "mark": self._mark(place), "withhold": withhold, "by": entry.by, "at": writing.at}
                row["seal"] = seal_of(self._chain.keyring, passages, row)
                same = (passages.c.case == case) & (passages.c.mark == row["mark"])
                if connection.execute(update(passages).where(same).values(row)).rowcount == 0:
                    connection.execute(insert(passages).values(row))
                decided[place.passage.kind.name.lower()] += 1
            counts: list[Fact] = [[kind, number] for kind, number in sorted(decided.items())]
            writing.subject = case
            writing.record |= {"withhold": withhold, "passages": counts}
        return decided.total()

    def reopen(self, case: str, places: Iterable[Place], *, entry: Entry) -> int:
        """Take the decisions on these passages back, all in one event; how many there were."""
        with self._chain.write(entry) as writing:
            gone = 0
            for place in places:
                same = (passages.c.case == case) & passages.c.mark.in_(self.marks(place))
                gone += writing.connection.execute(delete(passages).where(same)).rowcount
            writing.subject = case
            writing.record["passages"] = gone
        return gone

    def decisions(self, case: str) -> Mapping[str, bool]:
        """Mark → whether it is withheld. Raises LedgerBroken where one was changed by hand."""
        query = select(passages).where(passages.c.case == case)
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, passages, connection.execute(query))
            return {r.mark: bool(r.withhold) for r in rows}

    def marks(self, place: Place) -> Sequence[str]:
        """Under which marks a decision on this passage can stand: by the newest evidence key, and by older ones."""
        keyring = self._chain.keyring
        return [self._by(keyring.evidence_key(name), place) for name in keyring.evidence_ids]

    def _mark(self, place: Place) -> str:
        keyring = self._chain.keyring
        return self._by(keyring.evidence_key(keyring.evidence_ids[0]), place)

    @staticmethod
    def _by(key: bytes, place: Place) -> str:
        where = f"{place.key}\n{place.column}\n{place.passage.start}-{place.passage.stop}\n{place.text}"
        return leaf(key, place.system, f"{place.dataset}#passage", where).hex()
