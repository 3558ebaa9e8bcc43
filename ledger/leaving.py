"""Whether anything about the person of a case may leave the house: the one place that every way out asks.

`Cases.move`, `Packages.release`, the passphrase of a package and each letter ask it inside their own write.
"""

from __future__ import annotations

from datetime import date

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from domain.cases import Case, State
from domain.standing_to_ask import check_asker
from domain.trouble import NotFound
from ledger.askers import asker_of, born_on_of
from ledger.schema import cases
from ledger.seals import check_seals
from ledger.secrecy import check_flags
from ledger.secrets import Keyring

#: A case arrives in these only when whoever asks proved that they may.
ASKED_FOR = frozenset({State.IN_PROGRESS, State.SEALED, State.ANSWERED})
#: A case arrives in these with a word to the person: none while a secrecy flag stops it.
TELLS = frozenset({State.ANSWERED, State.REFUSED, State.FORWARDED})


def check_may_leave(connection: Connection, keyring: Keyring, case: str, as_of: date) -> None:
    """Raise Refused unless whoever asks may have it, and no secrecy flag stops it. NotFound, LedgerBroken."""
    for row in check_seals(keyring, cases, connection.execute(select(cases).where(cases.c.number == case))):
        check_who_asks(connection, keyring, TypeAdapter(Case).validate_json(row.file), as_of)
        check_flags(connection, keyring, case)
        return
    raise NotFound("no such case", where="case", do="look it up with: termijn case list")


def check_who_asks(connection: Connection, keyring: Keyring, case: Case, as_of: date) -> None:
    """Raise Refused unless whoever asks for the person of this case may, on this day, with every proof seen."""
    asker = asker_of(connection, keyring, case.number)
    check_asker(case, asker, born_on=born_on_of(connection, keyring, case.number), as_of=as_of)
