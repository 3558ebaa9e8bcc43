"""Finding what is due, held against pandas reading the same keys in chunks; time and memory of each in its own process.

`python -m bench.scan URL [--roots 1000000] [--rounds 3]`. The database at URL is filled once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.memory import peak_megabytes
from bench.volume import AS_OF, CUTOFF, driver, fill, write_register

#: The same question as the rule asks, as somebody would type it.
QUESTION = (
    f"SELECT id FROM patient p WHERE seen_on <= '{CUTOFF}' AND NOT EXISTS"
    f" (SELECT 1 FROM visit v WHERE v.patient_id = p.id AND v.visited_on > '{CUTOFF}') ORDER BY id"
)


def ours(url: str, folder: Path) -> int:
    """The due keys as the night finds them."""
    from connectors.sql import SqlConnector
    from domain.keys import Keys
    from domain.rules import compile_rules, due_test
    from register.loader import load_register

    register = load_register(folder)
    [rule] = compile_rules(register.systems["volume"], register.activities, AS_OF)
    connector = SqlConnector(register.systems["volume"], url)
    test = due_test(rule, register.activities, AS_OF)
    connector.look()
    return len(Keys(key for page in connector.find_due(test) for key in page))


def pandas_chunks(url: str, _folder: Path) -> int:
    """pandas, in chunks of 50,000 from a streaming connection."""
    import pandas as pd
    import sqlalchemy as sa

    engine = sa.create_engine(driver(url)).execution_options(stream_results=True)
    with engine.connect() as connection:
        chunks = pd.read_sql(sa.text(QUESTION), connection, chunksize=50_000)
        return len(pd.concat(list(chunks)))


WAYS = {"ours": ours, "pandas": pandas_chunks}


def main() -> None:
    """Measure, and print a table in Markdown."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("url")
    words.add_argument("--roots", type=int, default=1_000_000)
    words.add_argument("--rounds", type=int, default=3)
    given = words.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    write_register(folder)
    fill(given.url, given.roots)
    told: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(given.rounds):
        for way, runs in told.items():
            run = [sys.executable, "-m", "bench.scan", "--one", way, given.url, str(folder)]
            runs.append(json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout))
    print(f"{given.roots:,} roots, {told['ours'][0]['keys']:,.0f} due, load {os.getloadavg()[0]:.1f}\n")
    print("| way | seconds (median) | against pandas, by round | memory |\n|---|---|---|---|")
    for way, runs in told.items():
        shares = [one["seconds"] / other["seconds"] for one, other in zip(runs, told["pandas"], strict=True)]
        seconds = statistics.median(r["seconds"] for r in runs)
        memory = max(r["memory_mb"] for r in runs)
        spread = f"{statistics.median(shares):.2f} ({min(shares):.2f}–{max(shares):.2f})"
        print(f"| {way} | {seconds:.2f} | {spread} | {memory:.0f} MB |")


def one(way: str, url: str, folder: Path) -> None:
    """One way, its imports left out of the time; prints JSON."""
    WAYS[way](url, folder)  # a first time: imports, plans and caches
    begun = time.perf_counter()
    keys = WAYS[way](url, folder)
    seconds = time.perf_counter() - begun
    memory = peak_megabytes()
    print(json.dumps({"seconds": seconds, "keys": keys, "memory_mb": memory}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        main()
