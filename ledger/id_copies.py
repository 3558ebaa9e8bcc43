"""Copies of identity documents that came along: kept encrypted until the check, and then destroyed with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from domain.evidence import Entry, Fact, leaf
from domain.id_copies import CopyState, IdCopy
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.schema import cases, id_copies, mail
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring

#: How a copy is named in its leaf: as the nightly purge of our own administration names it.
SYSTEM, DATASET = "termijn", "id_copies"


class IdCopies:
    """The copies of the ledger. What one shows is read by `content_of` and nowhere else."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def take(self, case: str, number: str, found: Sequence[tuple[str, bytes]], rest: bytes, *, entry: Entry) -> None:
        """Take copies (media type, bytes) out of a kept message: from now on it holds `rest`, and they have a term."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            connection = writing.connection
            if connection.scalar(select(cases.c.number).where(cases.c.number == case)) is None:
                raise NotFound("no such case", where="copy", do="look it up with: termijn case list")
            here, token = mail.c.number == number, keyring.encrypt(rest, of=f"mail.raw:{number}")
            if connection.execute(update(mail).where(here & mail.c.raw.is_not(None)).values(raw=token)).rowcount != 1:
                raise NotFound("this message is not kept here", where=number, do="look it up with: termijn mail list")
            last = connection.scalar(select(func.count()).select_from(id_copies)) or 0
            names = [f"K{last + 1 + n:04d}" for n in range(len(found))]
            for name, (media, content) in zip(names, found, strict=True):
                row: dict[str, Any] = {"number": name, "case": case, "mail": number, "media": media}
                row |= {"state": CopyState.UNSEEN.value, "gone_at": None, "by": entry.by, "at": writing.at}
                row["seal"] = seal_of(keyring, id_copies, row)
                row["content"] = keyring.encrypt(content, of=_place(name))
                connection.execute(insert(id_copies).values(row))
            writing.subject = case
            writing.record |= {"copies": list[Fact](names), "mail": number}

    def content_of(self, number: str, *, entry: Entry) -> bytes:
        """What a copy shows: personal data, so that it was looked at is an event. Raises NotFound."""
        with self._chain.write(entry) as writing:
            row = self._find(writing, number)
            if row.content is None:
                raise NotFound("this copy was destroyed", where=number, do="nothing: that is its term")
            return self._chain.keyring.decrypt(row.content, of=_place(number))

    def seen(self, number: str, *, masked: bool, entry: Entry) -> None:
        """A person looked: whether BSN, photo and machine-readable lines are covered. Raises NotFound, Refused."""
        with self._chain.write(entry) as writing:
            row = self._kept(writing, number)
            state = CopyState.MASKED if masked else CopyState.UNMASKED
            change(writing, self._chain.keyring, row, state=state.value)

    def mask(self, number: str, content: bytes, *, entry: Entry) -> None:
        """Put a masked copy in the place of one that was not: what it showed is gone, with a leaf. Raises Refused."""
        keyring = self._chain.keyring
        with self._chain.write(entry) as writing:
            row = self._kept(writing, number)
            if keyring.decrypt(row.content, of=_place(number)) == content:
                raise Refused("this is the same file as before", where=number, do="cover BSN, photo and lines first")
            token = keyring.encrypt(content, of=_place(number))
            change(writing, keyring, row, state=CopyState.MASKED.value, content=token)
            writing.record |= _evidence(keyring, [f"{number} as it came"])

    def destroy(self, number: str, *, entry: Entry) -> None:
        """Destroy a copy now. Raises NotFound, Refused where it is gone."""
        with self._chain.write(entry) as writing:
            row = self._kept(writing, number)
            destroy_rows(writing, self._chain.keyring, [row])

    def list_all(self, case: str = "") -> tuple[IdCopy, ...]:
        """Every copy by number; only those of one case where given."""
        query = select(id_copies).order_by(id_copies.c.number)
        with self._chain.read() as connection:
            rows = check_seals(self._chain.keyring, id_copies, connection.execute(query))
        return tuple(as_copy(row) for row in rows if case in ("", row.case))

    def _find(self, writing: Writing, number: str) -> Row[Any]:
        rows = writing.connection.execute(select(id_copies).where(id_copies.c.number == number))
        for row in check_seals(self._chain.keyring, id_copies, rows):
            writing.subject = row.case
            writing.record |= {"copy": number}
            return row
        raise NotFound("no such copy", where="copy", do="look it up with: termijn identity copy list")

    def _kept(self, writing: Writing, number: str) -> Row[Any]:
        row = self._find(writing, number)
        if row.content is None:
            raise Refused("this copy was destroyed", where=number, do="nothing: that is its term")
        return row


def copies_of(connection: Connection, keyring: Keyring, case: str, channel: str) -> list[Row[Any]]:
    """The copies that are still kept of a case, or of the message that it came with."""
    mine = (id_copies.c.case == case) | (id_copies.c.mail == channel.removeprefix("mail "))
    return check_seals(
        keyring, id_copies, connection.execute(select(id_copies).where(mine & id_copies.c.content.is_not(None)))
    )


def destroy_rows(writing: Writing, keyring: Keyring, rows: Sequence[Row[Any]]) -> None:
    """Destroy these copies inside a write under way; the event holds a keyed leaf of each."""
    for row in rows:
        gone = {"state": CopyState.DESTROYED.value, "gone_at": writing.at}
        change(writing, keyring, row, content=None, **gone)
    if rows:
        writing.record |= _evidence(keyring, [row.number for row in rows])


def change(writing: Writing, keyring: Keyring, row: Row[Any], **changed: Any) -> None:
    """Write a copy's row anew under its seal."""
    seal = seal_of(keyring, id_copies, row._asdict() | changed)
    here = id_copies.c.number == row.number
    writing.connection.execute(update(id_copies).where(here).values(**changed, seal=seal))


def as_copy(row: Row[Any]) -> IdCopy:
    """What is known of a copy without looking at it."""
    return IdCopy(row.number, row.case, row.mail, row.media, CopyState(row.state), row.at, row.gone_at)


def _evidence(keyring: Keyring, names: Sequence[str]) -> dict[str, Fact]:
    key = keyring.evidence_ids[0]
    leaves: list[Fact] = [leaf(keyring.evidence_key(key), SYSTEM, DATASET, name).hex() for name in names]
    return {"destroyed_copies": leaves, "key": key}


def _place(number: str) -> str:
    return f"id_copies.content:{number}"
