"""How a ledger is found, brought up to date and opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import OperationalError

from domain.evidence import Entry, Head
from domain.keys import Key, Keys
from domain.trouble import LedgerBroken, NotFound, Refused
from ledger import evidence_keys, rotation
from ledger.approvals import Approvals
from ledger.askers import Askers
from ledger.asks import Asks
from ledger.batches import Batches
from ledger.breaches import Breaches
from ledger.cases import Cases
from ledger.chain import Chain
from ledger.chases import Chases
from ledger.consent_stops import ConsentStops
from ledger.consents import OptIns
from ledger.corrections import Corrections
from ledger.engine import make_engine, make_file, read_address
from ledger.erasures import Erasures
from ledger.escalations import Escalations
from ledger.export import export_ledger
from ledger.holds import Holds
from ledger.id_copies import IdCopies
from ledger.identity_checks import IdentityChecks
from ledger.leases import Leases
from ledger.letters import Letters
from ledger.lists import Lists
from ledger.mail import MailBook
from ledger.mail_rungs import MailRungs
from ledger.mailings import Mailings
from ledger.marked import Marked
from ledger.marks import make_key
from ledger.notices import Notices
from ledger.office_seal import OfficeSeals
from ledger.officers import Officers
from ledger.package_rows import seal_older
from ledger.packages import Packages
from ledger.passages import Passages
from ledger.plans import Plans
from ledger.runs import Runs
from ledger.schema import VERSION, head, key_checks
from ledger.secrecy import Secrecy
from ledger.secrets import Keyring
from ledger.statements import Statements
from ledger.steps import Steps
from ledger.suppressions import Suppressions
from ledger.switch import StopSwitch, install
from ledger.verify import Verification, verify

#: Any number that no other program uses as its advisory lock in this database.
_MIGRATING = 7_265_164
#: Alembic keeps its state per process: two threads may not migrate at once, not even two ledgers.
_ONE_AT_A_TIME = threading.Lock()
_PROOF = b"these keys are the keys of this ledger"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Our own database, open. Every part writes through `events`, the chain."""

    events: Chain
    officers: Officers
    approvals: Approvals
    batches: Batches
    plans: Plans
    cases: Cases
    holds: Holds
    escalations: Escalations
    packages: Packages
    runs: Runs
    leases: Leases
    switch: StopSwitch
    lists: Lists
    chases: Chases
    breaches: Breaches
    asks: Asks
    seals: OfficeSeals
    erasures: Erasures
    passages: Passages
    opt_ins: OptIns
    consent_stops: ConsentStops
    suppressions: Suppressions
    mailings: Mailings
    mail: MailBook
    mail_rungs: MailRungs
    letters: Letters
    steps: Steps
    notices: Notices
    corrections: Corrections
    statements: Statements
    identity: IdentityChecks
    askers: Askers
    secrecy: Secrecy
    id_copies: IdCopies
    marked: Marked

    @classmethod
    def over(cls, chain: Chain) -> Ledger:
        """All parts over one chain."""
        officers = Officers(chain)
        approvals = Approvals(chain, officers)
        return cls(
            chain,
            officers,
            approvals,
            Batches(chain),
            Plans(chain),
            Cases(chain),
            Holds(chain),
            Escalations(chain),
            Packages(chain, officers, approvals),
            Runs(chain),
            Leases(chain),
            StopSwitch(chain, officers),
            Lists(chain, officers, approvals),
            Chases(chain),
            Breaches(chain),
            Asks(chain),
            OfficeSeals(chain),
            Erasures(chain),
            Passages(chain),
            OptIns(chain),
            ConsentStops(chain),
            Suppressions(chain),
            Mailings(chain),
            MailBook(chain),
            MailRungs(chain),
            Letters(chain),
            Steps(chain),
            Notices(chain),
            Corrections(chain),
            Statements(chain),
            IdentityChecks(chain),
            Askers(chain, officers),
            Secrecy(chain, officers),
            IdCopies(chain),
            Marked(chain),
        )

    def verify(self, *, kept: Sequence[Head] = ()) -> Verification:
        """Check the chain, all evidence and every sealed row. `kept`: heads that were kept elsewhere."""
        return verify(self.events, kept=kept)

    def export(self) -> Iterator[str]:
        """All evidence as lines of JSON: what an auditor verifies with ledger/auditor/verify_ledger.py."""
        return export_ledger(self.events)

    def find_returned(self, system: str, dataset: str, pages: Iterable[Sequence[Key]]) -> Keys:
        """Those of the keys that stream by which were destroyed before; bounded memory."""
        from ledger.returned import find_returned  # here: numpy costs 0.1 s, and only a replay needs it

        return find_returned(self.events, self.batches, system=system, dataset=dataset, pages=pages)

    def rotate_keys(self, *, entry: Entry, forget: bool = False) -> int:
        """Put a new encryption key first and encrypt every column anew; returns how many values.

        `forget` drops the old keys: backups of before can then no longer be read. Run it when nothing else runs.
        """
        return rotation.rotate_keys(self.events, entry=entry, forget=forget)

    def rotate_evidence_key(self, *, entry: Entry) -> str:
        """Use a new evidence key from now on, all seals under it; returns its id. Run it when nothing else runs."""
        return evidence_keys.rotate_evidence_key(self.events, entry=entry)

    def destroy_evidence_key(self, name: str, *, code: str, as_of: date, entry: Entry) -> bool:
        """Destroy an old evidence key for ever; see `ledger.evidence_keys`. It takes an approval (What.KEY) first."""
        return evidence_keys.destroy_evidence_key(self.events, self.officers, name, code=code, as_of=as_of, entry=entry)

    def close(self) -> None:
        """Give back the connections. May be called twice."""
        self.events.engine.dispose()


def open_ledger(
    url: str, *, clock: Callable[[], datetime], keyring: Keyring | None = None, create: bool = True
) -> Ledger:
    """Open the ledger at a SQLAlchemy URL, made or migrated where needed and `create` allows.

    `clock` gives aware moments: the ledger itself reads no clock. Keys: `keyring`, else TERMIJN_KEYS, else the file
    `<ledger>.keys`. Raises NotFound (no ledger, and not to be made), Refused (another program's database),
    LedgerBroken (wrong or missing keys, newer ledger, no answer).
    """
    address = read_address(url)
    file = Path(address.database or "") if address.get_backend_name() == "sqlite" else None
    if file is not None:
        make_file(file, create=create)
    engine = make_engine(address)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        try:
            keyring = _prepare(engine, file, keyring, create=create)
        except OperationalError as trouble:
            raise LedgerBroken(
                f"the ledger's database does not answer ({type(trouble.orig).__name__})",
                do="look at the address given as --ledger, and whether the database runs",
            ) from None
        undo.pop_all()
    return Ledger.over(Chain(engine, keyring, clock))


def _prepare(engine: Engine, file: Path | None, keyring: Keyring | None, *, create: bool) -> Keyring:
    """Find the keys, migrate where needed, and see that keys and ledger belong together."""
    with engine.connect() as connection:
        version = _version(connection)
    if version != VERSION and not create:
        raise NotFound("there is no ledger here, or an old one", do="let a command that writes make it or migrate it")
    if keyring is None:
        beside = None if file is None else file.with_name(file.name + ".keys")
        keyring = Keyring.find(beside, create=version is None)
    if version != VERSION:
        _bring_up_to_date(engine, keyring)
    with engine.connect() as connection:
        _check_keys(connection, keyring)
    return keyring


def _version(connection: Connection) -> str | None:
    """The migration this database is at; None where it is empty. Refused where it is another program's."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables and "key_checks" in tables:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if tables:
        raise Refused("this database belongs to another program", do="give the ledger a database of its own")
    return None


def _bring_up_to_date(engine: Engine, keyring: Keyring) -> None:
    """Migrate under a lock, in one transaction with the first rows; whoever comes second finds it done."""
    from ledger.migrations.run import upgrade  # here: Alembic costs 0.1 s, and only a new or old ledger needs it

    writer = engine.connect().execution_options(termijn_writes=True)
    with _ONE_AT_A_TIME, writer as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})
        upgrade(connection)
        if connection.scalar(select(head.c.id)) is None:
            first = Head()
            seal = keyring.seal("head", first.seq, first.hash)
            connection.execute(insert(head).values(id=1, seq=first.seq, hash=first.hash, seal=seal))
            proof = keyring.encrypt(_PROOF, of="key_checks.proof:keys")
            connection.execute(insert(key_checks).values(id="keys", proof=proof))
        make_key(connection, keyring)
        install(connection, keyring)
        seal_older(connection, keyring)


def _check_keys(connection: Connection, keyring: Keyring) -> None:
    proof = connection.scalar(select(key_checks.c.proof).where(key_checks.c.id == "keys"))
    row = connection.execute(select(head)).one_or_none()
    if proof is None or keyring.decrypt(proof, of="key_checks.proof:keys") != _PROOF or row is None:
        raise LedgerBroken("this ledger cannot tell its keys", do="restore it from a backup")
    if row.seal.partition(":")[0] not in keyring.evidence_ids:
        raise LedgerBroken("the evidence key of this ledger is missing", do="put back the whole key file")
    for name in evidence_keys.gone_keys(connection, keyring) & set(keyring.evidence_ids):
        keyring.drop_evidence(name)  # its destruction was told, and killed before the key was off the file
