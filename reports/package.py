"""Which files a package holds, and the manifest that lets anybody check that they are all there, unchanged."""

from __future__ import annotations

import hashlib

import orjson

from domain.package import PackageContents
from domain.register import Register
from reports.csv_tables import csv_files
from reports.dossier import dossier_pdf
from reports.export_data import data_json
from reports.index_page import index_html
from reports.letter import letter_pdf
from reports.schema import schema_json


def package_files(contents: PackageContents, register: Register) -> dict[str, bytes]:
    """Every file by its name in the package; the same contents give the same bytes."""
    files = {
        "letter.pdf": letter_pdf(contents, register),
        "dossier.pdf": dossier_pdf(contents, register),
        "data.json": data_json(contents),
        "schema.json": schema_json(contents),
        **{name if name.startswith("csv/") else f"csv/{name}": body for name, body in csv_files(contents).items()},
        "index.html": index_html(contents),
    }
    return {**files, "manifest.json": manifest_json(contents, files)}


def manifest_json(contents: PackageContents, files: dict[str, bytes]) -> bytes:
    """SHA-256 and size of each file, and where this package stands in register and ledger (terms of W3C DPV 2.1)."""
    body = {
        "@context": {"dpv": "https://w3id.org/dpv#", "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#"},
        "@type": "dpv:RequestFulfilled",
        "dpv:hasRight": "eu-gdpr:A20" if contents.kind == "portability" else "eu-gdpr:A15",
        "case": contents.case,
        "as_of": contents.as_of,
        "records": contents.records,
        "register": contents.register_digest,
        "chain": {"event": contents.chain_event, "hash": contents.chain_hash},
        "searched": [{"system": s.system, "outcome": s.outcome.value, "rows": s.rows} for s in contents.searched],
        "files": [
            {"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            for name, body in sorted(files.items())
        ],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
