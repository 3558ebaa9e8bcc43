"""Exporting one person, at several sizes: time and peak memory of the whole way, and the JSON against json.dumps.

`python -m bench.export [--rows 21,500,50000,1000000] [--rounds 3] [--database URL]`. Each run is a process of its own,
so that its memory is its own: a case is opened, every system searched, the package gathered, written, sealed, laid in a
store and kept in a ledger. Prefect is left out (TERMIJN_SKIN=plain). Without a URL the source is a SQLite file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.memory import peak_megabytes

ACTIVITY = """
title = "Behandeling"
purpose = "behandelen"
role = "controller"
legal_ground = ["AVG 6.1.c"]
subjects = ["patient"]
source = "de patient"
security = ["toegang alleen voor wie het nodig heeft"]
data = [{ item = "naam", category = "user.name" }]
[[term]]
since = 2020-01-01
minimum = "20 years"
counts_from = "het laatste contact"
article = "BW 7:454"
source = "wet"
certainty = "certain"
last_checked = 2026-11-23
at_expiry = "destroy"
"""
SYSTEM = """
title = "Dossiers"
connector = "sql"
url = "env:BENCH_URL"
[dataset.patient]
table = "export_patient"
title = "Patiënt"
activity = "treatment"
key = ["id"]
triggers = ["seen_on"]
ceiling = { records = 5, share = 0.5 }
identifies = { email = "email", bsn = "bsn" }
columns.id = { class = "technical" }
columns.email = { class = "export", label = "E-mail" }
columns.bsn = { class = "export", label = "BSN" }
columns.seen_on = { class = "export", label = "Gezien op" }
[dataset.contact]
table = "export_contact"
title = "Contacten"
part_of = { dataset = "patient", by = { patient_id = "id" } }
key = ["id"]
columns.id = { class = "technical" }
columns.patient_id = { class = "technical" }
columns.on_day = { class = "export", label = "Dag" }
columns.kind = { class = "export", label = "Soort" }
columns.told = { class = "export", label = "Verhaal" }
columns.amount = { class = "export", label = "Bedrag" }
columns.paid = { class = "export", label = "Betaald" }
"""
_TOLD = "Pijn in de onderrug na tillen, straalt uit naar het linkerbeen; oefeningen meegegeven, controle over 3 weken. "


def fill(url: str, rows: int) -> None:
    """The person with so many rows in all, and a hundred others with ten each."""
    engine = sa.create_engine(url, hide_parameters=True)
    meta = sa.MetaData()
    patient = sa.Table(
        "export_patient", meta, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(80)),
        sa.Column("bsn", sa.String(9)), sa.Column("seen_on", sa.Date),
    )  # fmt: skip
    contact = sa.Table(
        "export_contact", meta, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("export_patient.id"), index=True),
        sa.Column("on_day", sa.Date), sa.Column("kind", sa.String(20)), sa.Column("told", sa.Text),
        sa.Column("amount", sa.Numeric(9, 2)), sa.Column("paid", sa.Boolean),
    )  # fmt: skip
    meta.drop_all(engine)
    meta.create_all(engine)
    day = date(2020, 1, 1)
    people = range(1, 102)
    with engine.begin() as connection:
        connection.execute(
            patient.insert(),
            [{"id": n, "email": f"p{n}@example.org", "bsn": f"{111222333 + n:09}", "seen_on": day} for n in people],
        )
        every = ((1 if n < rows - 1 else 2 + n % 100) for n in range(rows - 1 + 1000))
        made = (
            {"id": n, "patient_id": who, "on_day": day + timedelta(days=n % 2000),
             "kind": ("consult", "telefoon")[n % 2], "told": _TOLD[: 20 + n % 90],
             "amount": Decimal(n % 9000) / 100, "paid": n % 3 == 0}
            for n, who in enumerate(every)
        )  # fmt: skip
        while page := list(islice(made, 5000)):
            connection.execute(contact.insert(), page)
    engine.dispose()


def export_once(folder: Path) -> dict[str, Any]:
    """In this process: open a case, export it, and tell what it took."""
    os.environ["TERMIJN_SKIN"] = "plain"
    from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
    from domain.evidence import Entry
    from tasks.clock import stopwatch, today
    from tasks.export import seal_packages
    from tasks.office import open_office
    from tasks.search import check_whole, search_everywhere

    with open_office() as office:
        entry, cases = Entry("case.received", "bench"), office.ledger.cases
        subject = {"name": "P", "email": "p1@example.org", "bsn": "111222334"}
        case = cases.open_case(CaseKind.ACCESS, received_on=today(), channel="mail", subject=subject, entry=entry)
        check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "bench", today())
        cases.record_identity(case.number, check, entry=entry)
        cases.move(case.number, State.IN_PROGRESS, on=today(), entry=entry)
    since = stopwatch()
    [sealed] = seal_packages(check_whole(search_everywhere(case.number)))
    took = since()
    peak = peak_megabytes()
    size = (folder / "out" / "packages" / sealed.file).stat().st_size / 2**20
    return {"seconds": took, "peak": peak, "records": sealed.records, "size": size}


def compare_json(rows: int) -> dict[str, float]:
    """In this process: the same records as data.json, by our writer and by json.dumps; rows per CPU second of each."""
    import io
    import time
    from dataclasses import replace

    from domain.package import Part, Record
    from domain.system import Column
    from reports.export_data import iso, write_data_json
    from tasks.spool import Spool
    from tests.golden.contents import contents

    columns = {n: Column.model_validate({"class": "export", "label": n}) for n in ("id", "day", "kind", "told", "paid")}
    day = date(2020, 1, 1)
    records = Spool(held=10**12).shelf()  # all in memory: what is measured is the writing
    for n in range(rows):
        one = Record(
            str(n),
            {
                "id": n,
                "day": day + timedelta(days=n % 2000),
                "kind": "consult",
                "told": _TOLD[: 20 + n % 90],
                "paid": True,
            },
            day,
            "BW 7:454",
        )
        records.add(one)
    whole = replace(contents(rows=1), parts=(Part("s", "S", "d", "D", "medical-dossier", columns, records),))
    told = {}
    out = io.BytesIO()
    began = time.process_time()
    write_data_json(whole, out)
    told["ours"] = rows / (time.process_time() - began)
    plain = [
        {"key": r.key, "kept_until": r.kept_until, "kept_because": r.kept_because, "soft_deleted": r.soft_deleted,
         "values": dict(r.values)}
        for r in records
    ]  # fmt: skip
    began = time.process_time()
    json.dumps([{**r, "values": {n: iso(v) for n, v in r["values"].items()}} for r in plain], default=iso)
    told["json.dumps of the same values"] = rows / (time.process_time() - began)
    for name, given in (("json.dumps", {}), ("json.dumps, indented", {"indent": 2, "sort_keys": True})):
        began = time.process_time()
        json.dumps(plain, default=iso, **given)  # type: ignore[arg-type]
        told[name] = rows / (time.process_time() - began)
    return told


def run(step: str, folder: Path, url: str, *words: str) -> dict[str, Any]:
    """One step in a process of its own; what it said of itself."""
    env = os.environ | {
        "BENCH_URL": url,
        "TERMIJN_REGISTER_DIR": str(folder / "register"),
        "TERMIJN_LEDGER": f"sqlite:///{folder / 'ledger.db'}",
        "TERMIJN_OUT": str(folder / "out"),
    }
    command = [sys.executable, "-m", "bench.export", "--step", step, "--folder", str(folder), *words]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{step} failed: {ended.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


def measure(rows: int, rounds: int, database: str) -> list[dict[str, Any]]:
    """So many exports of a person with so many rows, each in a process and an office of its own."""
    found = []
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        for place, text in (("activities/treatment.toml", ACTIVITY), ("systems/dossiers.toml", SYSTEM)):
            file = folder / "register" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        url = database or f"sqlite:///{folder / 'source.db'}"
        fill(url, rows)
        for _ in range(rounds):
            for old in ("ledger.db", "ledger.db.keys"):
                (folder / old).unlink(missing_ok=True)
            shutil.rmtree(folder / "out", ignore_errors=True)
            found.append(run("export", folder, url))
    finally:
        shutil.rmtree(folder)
    return found


def main() -> None:
    """Measure, and print tables in Markdown."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", default="21,500,50000,1000000")
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--database", default="")
    words.add_argument("--step", default="")
    words.add_argument("--folder", default="")
    given = words.parse_args()
    if given.step == "export":
        print(json.dumps(export_once(Path(given.folder))))
        return
    if given.step == "json":
        print(json.dumps(compare_json(int(given.rows))))
        return
    print("| rows of the person | seconds (median) | rows per second | peak RSS | package |\n|---|---|---|---|---|")
    for rows in map(int, given.rows.split(",")):
        found = measure(rows, given.rounds, given.database)
        took = statistics.median(f["seconds"] for f in found)
        peak, size = max(f["peak"] for f in found), found[0]["size"]
        print(
            f"| {found[0]['records']:,} | {took:.2f} | {rows / took:,.0f} | {peak:.0f} MB | {size:.1f} MB |", flush=True
        )
    told = run("json", Path("."), "", "--rows", "200000")
    print("\n| data.json | rows per CPU second | of json.dumps |\n|---|---|---|")
    for name, rate in told.items():
        print(f"| {name} | {rate:,.0f} | {rate / told['json.dumps']:.1f} |")


if __name__ == "__main__":
    main()
