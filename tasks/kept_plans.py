"""A plan kept for a second person's approval: exactly these records, by exactly these rules, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.evidence import Entry
from domain.keys import Keys, key_text
from domain.plan import Found, PurgePlan
from domain.trouble import LedgerBroken, Refused
from ledger.approvals import What
from tasks.clock import today
from tasks.office import Office


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan as it was kept: its system, the register it was drawn by, and per rule its digest and record keys."""

    digest: str
    system: str
    register: str
    as_of: date
    rules: Mapping[str, tuple[str, frozenset[str]]]

    def only_its_own(self, found: Found) -> Found:
        """What was found, cut down to what the plan names; a rule that is worded otherwise now finds nothing."""
        digest, keys = self.rules.get(found.test.rule.name, ("", frozenset()))
        if digest != found.test.rule.digest:
            return replace(found, due=Keys())
        return replace(found, due=Keys(k for k in found.due if key_text(k) in keys))


def keep_plan(office: Office, system: str, plan: PurgePlan, *, by: str) -> str:
    """Keep one system's plan, encrypted, and return the digest that an approval names."""
    body = {
        "system": system,
        "register": plan.register_digest,
        "as_of": plan.as_of.isoformat(),
        "rules": {p.rule.name: [p.rule.digest, p.due_and_free.texts()] for p in plan.rules},
    }
    written = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(written).hexdigest()
    entry = Entry(kind="plan.kept", by=by, facts={"system": system, "plan": digest})
    office.ledger.plans.keep_plan(digest, system=system, as_of=plan.as_of, drawn_by=by, body=written, entry=entry)
    return digest


def read_kept_plan(office: Office, digest: str) -> KeptPlan:
    """A kept plan that a second person approved, unchanged since. Raises Refused, NotFound or LedgerBroken."""
    kept = office.ledger.plans.read_plan(digest)
    if hashlib.sha256(kept.body).hexdigest() != kept.digest:  # whoever has the keys could have put another under it
        raise LedgerBroken(
            "this plan is not what its digest says", where=f"plan {digest[:12]}", do="draw up a new plan; tell the DPO"
        )
    body: dict[str, Any] = json.loads(kept.body)
    if office.ledger.approvals.standing_approval(What.PLAN, digest, today()) is None:
        raise Refused(
            f"plan {digest[:12]} has no standing approval of a second person",
            do=f"let a second officer look at it and say: termijn approve plan {digest[:12]}",
        )
    if body["register"] != office.register.digest:
        raise Refused(
            f"the register changed since plan {digest[:12]} was drawn up; its approval is void",
            do=f"draw it up again: termijn plan {body['system']} --keep",
        )
    rules = {name: (wording, frozenset(keys)) for name, (wording, keys) in body["rules"].items()}
    return KeptPlan(digest, body["system"], body["register"], date.fromisoformat(body["as_of"]), rules)
