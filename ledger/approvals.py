"""Promise 8: who asked for what cannot be undone, and which second person allowed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from domain.evidence import Entry
from domain.trouble import NotFound, Refused
from ledger.chain import Chain, Writing
from ledger.officers import OfficerRole, Officers, plain, same_person
from ledger.schema import approvals, requests
from ledger.seals import check_seals, seal_of
from ledger.secrets import Keyring


class What(StrEnum):
    """What a second person can allow."""

    RULE = "rule"  # a retention rule in its present wording
    PLAN = "plan"  # one plan of one night
    RELEASE = "release"  # one sealed package, or one answer
    KEY = "key"  # that one evidence key is destroyed
    LIST = "list"  # one practice's instruction on one destruction list
    ERASURE = "erasure"  # what becomes of one person's data, by the plan of one case
    CORRECTION = "correction"  # what is written back into the sources for one case
    MAILING = "mailing"  # the words of one message to everybody, and to whom it goes


#: Which officers may allow it. Anybody enrolled may ask.
MAY_APPROVE: Mapping[What, frozenset[OfficerRole]] = {
    What.RULE: frozenset({OfficerRole.DPO}),
    What.PLAN: frozenset({OfficerRole.DPO, OfficerRole.PRIVACY_OFFICER, OfficerRole.MANAGEMENT}),
    What.RELEASE: frozenset({OfficerRole.DPO, OfficerRole.PRIVACY_OFFICER}),
    What.KEY: frozenset({OfficerRole.DPO}),
    What.LIST: frozenset({OfficerRole.DPO, OfficerRole.PRIVACY_OFFICER}),
    What.ERASURE: frozenset({OfficerRole.DPO, OfficerRole.PRIVACY_OFFICER}),
    What.CORRECTION: frozenset({OfficerRole.DPO, OfficerRole.PRIVACY_OFFICER}),
    What.MAILING: frozenset({OfficerRole.DPO, OfficerRole.PRIVACY_OFFICER}),
}


@dataclass(frozen=True, slots=True)
class Approval:
    """One digest, asked for by one officer and allowed by another. Valid up to and with `expires_on`."""

    what: What
    digest: str
    requested_by: str
    approved_by: str
    at: datetime
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Request:
    """A digest that waits for a second person."""

    what: What
    digest: str
    requested_by: str
    at: datetime


class Approvals:
    """The choke point of promise 8: there is no other way to an approval."""

    def __init__(self, chain: Chain, officers: Officers) -> None:
        self._chain, self._officers = chain, officers

    def request(self, what: What, digests: Sequence[str], *, code: str, entry: Entry) -> None:
        """Officer `entry.by` asks, with a code, that these digests be approved. Raises Refused.

        Asking takes a code too: else one officer could ask in another's name and approve it.
        """
        what = What(what)
        with self._chain.write(entry) as writing:
            proven = self._officers.prove(writing, code)
            refusal = proven if isinstance(proven, Refused) else None
            if refusal is None:
                for digest in _each(digests):
                    self._store_request(writing, what, digest)
            _tell(writing, what, digests, refusal)
        if refusal is not None:
            raise refusal

    def approve(
        self, what: What, digests: Sequence[str], *, code: str, entry: Entry, expires_on: date | None = None
    ) -> tuple[Approval, ...]:
        """Officer `entry.by` allows, with a code, what another officer asked for: all digests, or none.

        Raises Refused: no request by somebody else, own request, wrong or used code, role not allowed.
        """
        what, given = What(what), []
        with self._chain.write(entry) as writing:
            refusal = self._refusal(writing, what, digests, code)
            if refusal is None:
                given = [self._store_approval(writing, what, digest, expires_on) for digest in _each(digests)]
            _tell(writing, what, digests, refusal)
            writing.record["expires_on"] = None if expires_on is None else expires_on.isoformat()
        if refusal is not None:
            raise refusal
        return tuple(given)

    def revoke(self, what: What, digest: str, *, entry: Entry) -> None:
        """Take back every standing approval of this digest. Raises NotFound. Needs no code: it only stops things."""
        with self._chain.write(entry) as writing:
            rows = [r for r in _rows(writing.connection, self._chain.keyring, what, digest) if r.revoked_at is None]
            if not rows:
                raise NotFound("nothing is approved under this digest", where=what, do="look: termijn approve --list")
            for row in rows:
                values = row._asdict() | {"revoked_at": writing.at}
                values["seal"] = seal_of(self._chain.keyring, approvals, values)
                writing.connection.execute(update(approvals).where(approvals.c.id == row.id).values(values))
            _tell(writing, What(what), [digest], None)

    def standing_approval(self, what: What, digest: str, as_of: date) -> Approval | None:
        """The approval under which this digest may be carried out on `as_of`; None where there is none."""
        with self._chain.read() as connection:
            return standing_approval(connection, self._chain.keyring, what, digest, as_of=as_of)

    def standing(self, what: What, as_of: date) -> dict[str, Approval]:
        """Every approved digest of this kind that stands on `as_of`."""
        with self._chain.read() as connection:
            rows = _rows(connection, self._chain.keyring, what)
            return {r.digest: _approval(r) for r in rows if _stands(r, as_of)}

    def waiting(self) -> tuple[Request, ...]:
        """What was asked and not yet allowed, oldest first."""
        with self._chain.read() as connection:
            rows = connection.execute(select(requests).where(~requests.c.answered).order_by(requests.c.id)).all()
        return tuple(Request(What(r.what), r.digest, r.requested_by, r.at) for r in rows)

    def _refusal(self, writing: Writing, what: What, digests: Sequence[str], code: str) -> Refused | None:
        proven = self._officers.prove(writing, code)
        if isinstance(proven, Refused):
            return proven
        if proven not in MAY_APPROVE[what]:
            allowed = ", ".join(sorted(MAY_APPROVE[what]))
            return Refused(f"a {proven.value} does not approve a {what.value}", do=f"ask one of these roles: {allowed}")
        for digest in _each(digests):
            asked = self._requests(writing.connection, what, digest)
            if not asked:
                return Refused("nobody asked for this approval", do="let another officer ask first: termijn request")
            if all(same_person(r.requested_by, writing.entry.by) for r in asked):
                return Refused(
                    "you asked for this yourself; it takes two persons", do="let another officer approve it, or ask it"
                )
        return None

    def _requests(self, connection: Connection, what: What, digest: str) -> Sequence[Row[Any]]:
        mine = (requests.c.what == what.value) & (requests.c.digest == digest) & ~requests.c.answered
        rows = connection.execute(select(requests).where(mine).order_by(requests.c.id.desc()))
        return check_seals(self._chain.keyring, requests, rows)

    def ask_within(self, writing: Writing, what: What, digest: str) -> None:
        """Ask in a write under way, whose officer has proven to be one already (`Officers.prove`)."""
        self._store_request(writing, what, digest)

    def allow_within(
        self, writing: Writing, what: What, digest: str, *, code: str, expires_on: date | None
    ) -> Refused | None:
        """Allow in a write under way what another officer asked for; the refusal where `approve` would raise it."""
        refusal = self._refusal(writing, what, [digest], code)
        if refusal is None:
            self._store_approval(writing, what, digest, expires_on)
        return refusal

    def _store_request(self, writing: Writing, what: What, digest: str) -> None:
        by = plain(writing.entry.by)
        if any(r.requested_by == by for r in self._requests(writing.connection, what, digest)):
            return
        values: dict[str, Any] = {"id": _next(writing.connection, requests.c.id), "what": what.value, "digest": digest}
        values |= {"requested_by": by, "at": writing.at, "answered": False}
        values["seal"] = seal_of(self._chain.keyring, requests, values)
        writing.connection.execute(insert(requests).values(values))

    def _store_approval(self, writing: Writing, what: What, digest: str, expires_on: date | None) -> Approval:
        connection, by = writing.connection, plain(writing.entry.by)
        asked = next(r for r in self._requests(connection, what, digest) if not same_person(r.requested_by, by))
        values: dict[str, Any] = {
            "id": _next(connection, approvals.c.id),
            "what": what.value,
            "digest": digest,
            "requested_by": asked.requested_by,
            "approved_by": by,
            "at": writing.at,
            "expires_on": expires_on,
            "revoked_at": None,
        }
        values["seal"] = seal_of(self._chain.keyring, approvals, values)
        connection.execute(insert(approvals).values(values))
        same = (requests.c.what == what.value) & (requests.c.digest == digest)
        connection.execute(update(requests).where(same).values(answered=True))
        return Approval(what, digest, asked.requested_by, by, writing.at, expires_on)


def standing_approval(
    connection: Connection, keyring: Keyring, what: What, digest: str, *, as_of: date
) -> Approval | None:
    """The newest approval of exactly this digest that is neither expired nor revoked on `as_of`."""
    rows = [r for r in _rows(connection, keyring, what, digest) if _stands(r, as_of)]
    return _approval(rows[-1]) if rows else None


def _rows(connection: Connection, keyring: Keyring, what: What, digest: str | None = None) -> list[Row[Any]]:
    query = select(approvals).where(approvals.c.what == What(what).value).order_by(approvals.c.id)
    if digest is not None:
        query = query.where(approvals.c.digest == digest)
    return check_seals(keyring, approvals, connection.execute(query))


def _stands(row: Row[Any], as_of: date) -> bool:
    return row.revoked_at is None and (row.expires_on is None or as_of <= row.expires_on)


def _approval(row: Row[Any]) -> Approval:
    return Approval(What(row.what), row.digest, row.requested_by, row.approved_by, row.at, row.expires_on)


def _next(connection: Connection, column: Any) -> int:
    return (connection.scalar(select(func.max(column))) or 0) + 1


def _each(digests: Sequence[str]) -> list[str]:
    """A single string is no list of digests: it would be approved letter by letter."""
    if isinstance(digests, str) or not digests:
        raise Refused("there is no digest to approve", do="name the digest that `termijn plan` or `rules` shows")
    return sorted(set(digests))


def _tell(writing: Writing, what: What, digests: Sequence[str], refusal: Refused | None) -> None:
    writing.record |= {"what": what.value, "digests": list(_each(digests))}
    if refusal is not None:
        writing.refuse(refusal.what)
