"""How an evidence key comes, goes out of use, and is destroyed for ever.

With its key gone, nobody can try out any more whether a leaf is that of a person's record: what the evidence still told
of persons is then gone too. Roots and chain verify as before, for they are built over leaves, not over keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, Table, func, insert, select, update

from domain.evidence import Entry
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger.approvals import What, standing_approval
from ledger.cases import mark_matches
from ledger.chain import Chain, Writing
from ledger.holds import mark_of
from ledger.mail_places import mark_mail
from ledger.officers import Officers
from ledger.schema import batches, head, holds, key_checks, metadata
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring

#: The tables whose rows open doors: each row carries a seal.
SEALED: tuple[Table, ...] = tuple(t for t in metadata.sorted_tables if "seal" in t.columns and t is not head)
_GONE = "gone:"
_NAME = re.compile(r"e(\d+)\Z")


def rotate_evidence_key(chain: Chain, *, entry: Entry) -> str:
    """Use a new evidence key from now on, and put every seal and the head under it; returns its id.

    All in one transaction with the event; the new key is on file before it is used. Keys from the environment: put the
    new one first in TERMIJN_KEYS yourself, then call this. Raises Refused; LedgerBroken where a row is not ours.
    """
    keyring = chain.keyring
    with chain.write(entry) as writing:
        if keyring.path is not None:
            keyring.mint_evidence(_next_name(writing.connection, keyring))
        elif keyring.evidence_ids[0] == _key_of_head(writing.connection):
            raise Refused("these keys are not in a file", do="put a new evidence key first in TERMIJN_KEYS; then again")
        name = keyring.evidence_ids[0]
        writing.record |= {"evidence_key": name, "resealed": sum(_reseal(writing, keyring, table) for table in SEALED)}
        mark_matches(writing, keyring)
        mark_mail(writing, keyring)
    return name


def destroy_evidence_key(chain: Chain, officers: Officers, name: str, *, code: str, as_of: date, entry: Entry) -> bool:
    """Destroy an old evidence key, after two officers agreed (What.KEY, its fingerprint); `entry.by` gives a code.

    Returns whether it is off the file too: a key from the environment you take out yourself. Killed half-way, the next
    opening of the ledger finishes it. Raises NotFound; Refused: newest key, a seal under it, no approval, wrong code.
    """
    keyring = chain.keyring
    with chain.write(entry) as writing:
        if name not in keyring.evidence_ids:
            raise NotFound("no such evidence key", where=name, do=f"known: {', '.join(keyring.evidence_ids)}")
        proven = officers.prove(writing, code)
        refusal = proven if isinstance(proven, Refused) else _why_not(writing.connection, keyring, name, as_of)
        writing.subject = name
        if refusal is None:
            of_key = select(func.count()).select_from(batches).where(batches.c.key_id == name)
            told = {"destroyed_key": name, "fingerprint": keyring.fingerprint(name)}
            writing.record |= told | {"batches": writing.connection.scalar(of_key)}
            mark = keyring.encrypt(name.encode(), of=_place(name))
            writing.connection.execute(insert(key_checks).values(id=_GONE + name, proof=mark))
            mark_matches(writing, keyring)
            mark_mail(writing, keyring)
        else:
            writing.refuse(refusal.what)
    if refusal is not None:
        raise refusal
    return keyring.drop_evidence(name)


def gone_keys(connection: Connection, keyring: Keyring) -> frozenset[str]:
    """The ids of the evidence keys that were destroyed. LedgerBroken where somebody else wrote one down."""
    rows = connection.execute(select(key_checks).where(key_checks.c.id.startswith(_GONE, autoescape=True))).all()
    names = {row.id.removeprefix(_GONE): row.proof for row in rows}
    for name, proof in names.items():
        if keyring.decrypt(proof, of=_place(name)) != name.encode():
            raise LedgerBroken("an evidence key is wrongly said to be destroyed", where=name, do="tell the DPO")
    return frozenset(names)


def _why_not(connection: Connection, keyring: Keyring, name: str, as_of: date) -> Refused | None:
    if name == keyring.evidence_ids[0]:
        return Refused("this is the newest evidence key", do="rotate first: termijn ledger rotate-keys --evidence")
    used = sorted(_sealed_with(connection, name))
    if used:
        do = "put all seals under a new key first: termijn ledger rotate-keys --evidence"
        return Refused(f"seals are still under this key: {', '.join(used)}", do=do)
    if standing_approval(connection, keyring, What.KEY, keyring.fingerprint(name), as_of=as_of) is None:
        return Refused("no two officers agreed to destroy this key", do="ask first: termijn ledger destroy-key --ask")
    return None


def _sealed_with(connection: Connection, name: str) -> Iterator[str]:
    for table in (head, *SEALED):
        under = select(func.count()).select_from(table).where(table.c.seal.startswith(f"{name}:", autoescape=True))
        if connection.scalar(under):
            yield table.name


def _reseal(writing: Writing, keyring: Keyring, table: Table) -> int:
    """Seal again only what the ledger itself wrote: a row put in by hand must not get a seal this way."""
    key = list(table.primary_key.columns)
    rows = check_seals(keyring, table, writing.connection.execute(select(table)))
    for row in rows:
        values = row._asdict()
        new = {"leaf": mark_of(keyring, row)} if table is holds else {}
        new["seal"] = seal_of(keyring, table, values | new)
        same = [one == values[one.name] for one in key]
        writing.connection.execute(update(table).where(*same).values(new))
    return len(rows)


def _next_name(connection: Connection, keyring: Keyring) -> str:
    """An id that no key ever had: an id names one key for as long as the ledger lives."""
    used = {*keyring.evidence_ids, *gone_keys(connection, keyring)}
    used.update(connection.scalars(select(batches.c.key_id).where(batches.c.key_id.is_not(None)).distinct()))
    return f"e{max((int(found[1]) for found in map(_NAME.match, used) if found), default=0) + 1}"


def _key_of_head(connection: Connection) -> str:
    return str(connection.scalar(select(head.c.seal))).partition(":")[0]


def _place(name: str) -> str:
    return f"key_checks.proof:{_GONE}{name}"
