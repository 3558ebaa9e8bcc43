"""Who may destroy in which system now: one at a time, and no longer than the lease lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from domain.evidence import Entry
from domain.trouble import Refused
from ledger.chain import Chain
from ledger.schema import leases


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to destroy in one system, until a moment."""

    system: str
    owner: str
    until: datetime


class Leases:
    """The leases of the ledger."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def take_lease(self, system: str, *, owner: str, seconds: int, entry: Entry) -> Lease:
        """Take the system for so long. Its owner may take it again. Raises Refused while another has it."""
        with self._chain.write(entry) as writing:
            row = writing.connection.execute(select(leases).where(leases.c.system == system)).one_or_none()
            if row is not None and row.owner != owner and row.until > writing.at:
                raise Refused(
                    f"another run destroys here until {row.until:%Y-%m-%d %H:%M:%S} UTC at the latest",
                    where=system,
                    do="wait until it ends; a killed run's lease ends at that moment by itself",
                )
            lease = Lease(system, owner, writing.at + timedelta(seconds=seconds))
            writing.connection.execute(delete(leases).where(leases.c.system == system))
            writing.connection.execute(insert(leases).values(system=system, owner=owner, until=lease.until))
            writing.subject = system
            writing.record |= {"lease": owner, "until": lease.until.isoformat()}
        return lease

    def renew_lease(self, lease: Lease, *, seconds: int) -> Lease:
        """Keep it for so long from now; leaves no event. Raises Refused where it was lost: destroy nothing more."""
        with self._chain.mark() as writing:
            self._check(writing.connection, lease, writing.at, lock=True)
            kept = Lease(lease.system, lease.owner, writing.at + timedelta(seconds=seconds))
            writing.connection.execute(update(leases).where(leases.c.system == lease.system).values(until=kept.until))
        return kept

    def check_lease(self, lease: Lease) -> None:
        """Raises Refused where it was lost: asked last before a deletion is kept, when its rows are locked already."""
        with self._chain.read() as connection:
            self._check(connection, lease, self._chain.now(), lock=False)

    def release_lease(self, lease: Lease, *, entry: Entry) -> None:
        """Give the system back. Nothing happens where it was lost already."""
        mine = (leases.c.system == lease.system) & (leases.c.owner == lease.owner)
        with self._chain.write(entry) as writing:
            if writing.connection.execute(delete(leases).where(mine)).rowcount == 0:
                writing.nothing_to_do()
            writing.subject = lease.system
            writing.record |= {"released": lease.owner}

    def _check(self, connection: Connection, lease: Lease, at: datetime, *, lock: bool) -> None:
        mine = select(leases).where(leases.c.system == lease.system)
        row = connection.execute(mine.with_for_update() if lock else mine).one_or_none()
        if row is None or row.owner != lease.owner or row.until <= at:
            raise Refused("the lease was lost", where=lease.system, do="stop here; the next run looks after the rest")
