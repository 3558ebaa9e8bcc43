"""The list of a package's files in words a machine knows (W3C DPV 2.1), and how anybody checks it without us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from domain.activity import Activity
from domain.package import PackageContents
from domain.register import Register

_CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
}
_RIGHT = {"access": "eu-gdpr:A15", "portability": "eu-gdpr:A20"}
_CHECK = {
    "nl": """\
Zo controleert u of dit pakket compleet is en van ons komt. Het hoeft niet: het is er voor wie het zeker wil weten.

In manifest.json staat elk bestand, met zijn grootte en zijn controlegetal (SHA-256). Onze handtekening over die lijst
staat in manifest.json.sig, en het certificaat waarmee wij tekenden in signer.pem. Op een computer met openssl, jq en
sha256sum, in de map van dit pakket:

1. De handtekening (het antwoord moet "Verified OK" zijn):
{signature}

2. De bestanden (bij elk bestand moet OK staan):
{files}

3. Het certificaat. Vraag ons per telefoon naar het kenmerk en vergelijk het:
{certificate}
""",
    "en": """\
This is how you check that this package is complete and comes from us. You need not: it is for who wants to be sure.

manifest.json lists every file with its size and its checksum (SHA-256). Our signature over that list is in
manifest.json.sig, and the certificate we signed with in signer.pem. On a computer with openssl, jq and sha256sum, in
the folder of this package:

1. The signature (the answer must be "Verified OK"):
{signature}

2. The files (each must say OK):
{files}

3. The certificate. Ask us for its fingerprint by telephone and compare:
{certificate}
""",
}
#: Commands that the text gives and a test runs as they stand.
COMMANDS = {
    "signature": "openssl x509 -in signer.pem -pubkey -noout > signer.pub && "
    "openssl dgst -sha256 -verify signer.pub -signature manifest.json.sig manifest.json",
    "files": """jq -r '.files[] | .sha256 + "  " + .name' manifest.json | sha256sum -c""",
    "certificate": "openssl x509 -in signer.pem -noout -fingerprint -sha256",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of a package as it was written."""

    name: str
    bytes: int
    sha256: str


def manifest_json(contents: PackageContents, register: Register, files: Sequence[Listed]) -> bytes:
    """Which right was answered, for which processing, by which rules, where in the ledger, and with which files."""
    body = {
        "@context": _CONTEXT,
        "@type": "dpv:RightExerciseActivity",
        "dpv:hasStatus": "dpv:RequestFulfilled",
        "dpv:hasRight": _RIGHT.get(contents.kind, "dpv:DataSubjectRight"),
        "dpv:hasProcess": [_process(a, contents.as_of) for _, a in sorted(contents.activities.items())],
        "case": contents.case,
        "received_on": contents.received_on,
        "as_of": contents.as_of,
        "records": contents.records,
        "register": contents.register_digest,
        "rules": _rules(contents, register),
        "chain": {"event": contents.chain_event, "hash": contents.chain_hash},
        "searched": [{"system": s.system, "outcome": s.outcome.value, "rows": s.rows} for s in contents.searched],
        "files": [{"name": f.name, "bytes": f.bytes, "sha256": f.sha256} for f in sorted(files, key=lambda f: f.name)],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def how_to_check(language: str) -> bytes:
    """How the person, or whoever they give the package to, checks list and signature with common tools."""
    indented = {name: f"   {command}" for name, command in COMMANDS.items()}
    return _CHECK[language].format(**indented).encode()


def _process(activity: Activity, as_of: date) -> dict[str, Any]:
    term = activity.term_on(as_of)
    kept = [] if term is None else [t for t in (term.minimum, term.maximum) if t is not None]
    return {
        "@type": "dpv:Process",
        "dct:title": activity.title,
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:description": activity.purpose},
        "dpv:hasLegalBasis": [{"@type": "dpv:LegalBasis", "dct:description": g} for g in activity.legal_ground],
        "dpv:hasRecipient": [
            {"@type": kind, "dct:title": p.name, "dct:description": p.why}
            for kind, parties in (("dpv:Recipient", activity.recipients), ("dpv:DataProcessor", activity.processors))
            for p in parties
        ],
        "dpv:hasStorageCondition": [
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": str(period),
                "dct:description": ""
                if term is None
                else f"{term.counting.value}: {term.counts_from} ({term.article})",
            }
            for period in kept
        ],
    }


def _rules(contents: PackageContents, register: Register) -> list[dict[str, str]]:
    """The retention rules of the systems and activities told of, each with the digest that the DPO countersigned."""
    told = {p.system for p in contents.parts}
    return [
        {"rule": rule.name, "digest": rule.digest}
        for rule in register.rules_on(contents.as_of)
        if rule.system in told and rule.activity.id in contents.activities
    ]
