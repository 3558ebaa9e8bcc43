"""The verbs of the evidence: hand it to an auditor, and destroy the key that could still match it to a person."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from domain.evidence import Entry, Head
from domain.trouble import NotFound
from ledger.approvals import What
from tasks.clock import today
from tasks.office import Office


def write_export(office: Office, file: Path) -> Head:
    """Write all evidence to a file, whole or not at all; returns the head of the chain in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft, last = file.with_name(f"{file.name}.draft"), ""
    with draft.open("w", encoding="utf-8", newline="\n") as lines:
        for last in office.ledger.export():
            lines.write(f"{last}\n")
    draft.replace(file)
    return Head(**json.loads(last)["head"])


def read_verifier() -> str:
    """The text of the stand-alone verifier."""
    return files("ledger.auditor").joinpath("verify_ledger.py").read_text("utf-8")


def ask_for_key(office: Office, name: str, *, by: str, code: str) -> None:
    """Ask that an old evidence key be destroyed. Raises Refused, NotFound."""
    entry = Entry(kind="approval.asked", by=by, facts={"names": [name]})
    office.ledger.approvals.request(What.KEY, [_fingerprint(office, name)], code=code, entry=entry)


def agree_on_key(office: Office, name: str, *, by: str, code: str) -> None:
    """Agree, as another officer than who asked. Raises Refused, NotFound."""
    entry = Entry(kind="approval.given", by=by, facts={"names": [name]})
    office.ledger.approvals.approve(What.KEY, [_fingerprint(office, name)], code=code, entry=entry)


def destroy_evidence_key(office: Office, name: str, *, by: str, code: str) -> bool:
    """Carry it out; whether the key is off its file too. Raises Refused, NotFound."""
    entry = Entry(kind="evidence.key.destroyed", by=by)
    return office.ledger.destroy_evidence_key(name, code=code, as_of=today(), entry=entry)


def _fingerprint(office: Office, name: str) -> str:
    keyring = office.ledger.events.keyring
    if name not in keyring.evidence_ids:
        raise NotFound("no such evidence key", where=name, do=f"known: {', '.join(keyring.evidence_ids)}")
    return keyring.fingerprint(name)
