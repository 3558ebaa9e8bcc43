"""Who was told of a change of the policy, by the mark of the address: each once, and written down before it is sent.

Events hold counts only. A message is no evidence of its own: its row is written without an event, its page with one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.approvals import What, standing_approval
from ledger.chain import Chain
from ledger.schema import mailed, mailings
from ledger.seals import check_seals, seal_of

_AT_ONCE = 500


class Fate(StrEnum):
    """What became of a message. One that stays `recorded` was cut off before it is known to have left."""

    RECORDED = "recorded"
    SENT = "sent"
    FAILED = "failed"


class Mailings:
    """The mailings of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def begin(self, digest: str, version: str, *, as_of: date, entry: Entry) -> None:
        """From now on this message may be sent; again for one that was cut off. Raises Refused without approval."""
        with self._chain.write(entry) as writing:
            self._check(writing.connection, digest, as_of)
            writing.subject, writing.record["mailing"] = version, digest
            known = select(mailings.c.digest).where(mailings.c.digest == digest)
            if writing.connection.scalar(known) is not None:
                writing.nothing_to_do()
                return
            row: dict[str, Any] = {"digest": digest, "version": version, "begun_at": writing.at, "ended_at": None}
            row["seal"] = seal_of(self._chain.keyring, mailings, row)
            writing.connection.execute(insert(mailings).values(row))

    def check_may_go_on(self, digest: str, *, as_of: date) -> None:
        """Raises Refused once two officers no longer stand behind it."""
        with self._chain.read() as connection:
            self._check(connection, digest, as_of)

    def fates(self, digest: str, marks: Collection[str]) -> Mapping[str, Fate]:
        """What became of the message to these addresses; those without are not told yet."""
        found, every = dict[str, Fate](), sorted(marks)
        with self._chain.read() as connection:
            for start in range(0, len(every), _AT_ONCE):
                some = mailed.c.mark.in_(every[start : start + _AT_ONCE])
                query = select(mailed.c.mark, mailed.c.state).where((mailed.c.mailing == digest) & some)
                found |= {mark: Fate(state) for mark, state in connection.execute(query)}
        return found

    def record(self, digest: str, mark: str, *, on: date, again: Fate | None = None) -> bool:
        """Write down that this address is being told now. False: somebody did, and then it is not sent.

        `again`: over a message of which this was said before: it failed, or an officer has a doubtful one sent again.
        """
        row: dict[str, Any] = {"mailing": digest, "mark": mark, "state": Fate.RECORDED.value, "on": on}
        with self._chain.mark() as writing:
            if again is not None:
                here = (mailed.c.mailing == digest) & (mailed.c.mark == mark) & (mailed.c.state == again.value)
                return writing.connection.execute(update(mailed).where(here).values(row)).rowcount == 1
            make = postgresql.insert if writing.connection.dialect.name == "postgresql" else sqlite.insert
            return writing.connection.execute(make(mailed).values(row).on_conflict_do_nothing()).rowcount == 1

    def settle(self, digest: str, mark: str, fate: Fate) -> None:
        """It left, or it did not."""
        here = (mailed.c.mailing == digest) & (mailed.c.mark == mark)
        with self._chain.mark() as writing:
            writing.connection.execute(update(mailed).where(here).values(state=fate.value))

    def note(self, version: str, counts: Mapping[str, int], *, entry: Entry) -> None:
        """Keep how many of one page were told."""
        with self._chain.write(entry) as writing:
            writing.subject = version
            writing.record |= counts

    def end(self, digest: str, *, entry: Entry) -> None:
        """Everybody was told. Raises NotFound; Refused while a message failed or is in doubt."""
        with self._chain.write(entry) as writing:
            found = writing.connection.execute(select(mailings).where(mailings.c.digest == digest))
            row = next(iter(check_seals(self._chain.keyring, mailings, found)), None)
            if row is None:
                raise NotFound("this message was never sent", where="mailing", do="begin: termijn mailing tell")
            counts = _counts(writing.connection, digest)
            if counts[Fate.FAILED] or counts[Fate.RECORDED]:
                raise Refused("not everybody was told", where=row.version, do="run it again: termijn mailing tell")
            if row.ended_at is not None:
                writing.nothing_to_do()
            values = row._asdict() | {"ended_at": writing.at}
            values["seal"] = seal_of(self._chain.keyring, mailings, values)
            writing.connection.execute(update(mailings).where(mailings.c.digest == digest).values(values))
            writing.subject = row.version
            writing.record |= {"mailing": digest, "told": counts[Fate.SENT]}

    def counts(self, digest: str) -> Mapping[Fate, int]:
        """How many messages have which fate."""
        with self._chain.read() as connection:
            return _counts(connection, digest)

    def _check(self, connection: Connection, digest: str, as_of: date) -> None:
        if standing_approval(connection, self._chain.keyring, What.MAILING, digest, as_of=as_of) is None:
            raise Refused(
                "two officers have not agreed on these words, or not any more",
                where="mailing",
                do="ask with `termijn mailing policy VERSION --ask`; another officer says --approve",
            )


def _counts(connection: Connection, digest: str) -> Counter[Fate]:
    query = select(mailed.c.state, func.count()).where(mailed.c.mailing == digest).group_by(mailed.c.state)
    return Counter({Fate(state): number for state, number in connection.execute(query)})
