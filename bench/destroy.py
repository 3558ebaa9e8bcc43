"""Destroying, held against what a database administrator would type: ratios of runs side by side, as a table.

`python -m bench.destroy URL [--roots 1000000] [--rounds 3] [--ways raw,ours]`. The database at URL is filled anew for
every run and must be empty or a bench's own. Every way runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.volume import fill, left, write_register

DEFAULT = {
    "postgresql": "raw,ours",
    "sqlite": "raw,ours",
    "mariadb": "raw,ours,pt-archiver",
    "mysql": "raw,ours,pt-archiver",
}


def run(way: str, url: str, roots: int) -> dict[str, float]:
    """Fill the database anew and let one way destroy what is expired; what it measured of itself."""
    told: dict[str, float]
    fill(url, roots)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        write_register(folder / "register")
        told = {}
        for step in ("prepare", way) if way == "ours" else (way,):
            words = [sys.executable, "-m", "bench.ways", step, url, str(folder)]
            ended = subprocess.run(words, capture_output=True, text=True, check=False)
            if ended.returncode:
                sys.exit(f"{way} failed: {ended.stderr[-2000:]}")
            told = json.loads(ended.stdout.strip().splitlines()[-1])
    finally:
        shutil.rmtree(folder)
    after = left(url)
    if way != "session-delete" and after != {"line": 0, "visit": roots - roots // 5, "patient": roots - roots // 5}:
        sys.exit(f"{way} left {after}: it destroyed too much or too little")
    return told


def main() -> None:
    """Measure, and print a table in Markdown."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("url")
    words.add_argument("--roots", type=int, default=1_000_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--ways", default="")
    given = words.parse_args()
    ways = (given.ways or DEFAULT[given.url.split(":")[0].split("+")[0]]).split(",")
    told: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for nth in range(given.rounds):
        for way in ways:
            told[way].append(run(way, given.url, given.roots))
            one = told[way][-1]
            print(f"round {nth + 1} {way}: {one['seconds']:.2f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    print(f"{given.roots:,} roots, {given.roots:,} rows destroyed; {given.rounds} rounds; {platform.machine()},")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    print(
        "| way | rows/s (median) | time against raw, round by round | longest transaction | memory | bytes per record |"
    )
    print("|---|---|---|---|---|---|")
    for way in ways:
        print(_row(way, told[way], told.get("raw"), given.roots))


def _row(way: str, runs: list[dict[str, float]], raw: list[dict[str, float]] | None, rows: int) -> str:
    rates = [r.get("rows", rows) / r["seconds"] for r in runs]
    ratio = "–"
    if raw is not None:
        shares = [rows / rate / one["seconds"] for rate, one in zip(rates, raw, strict=True)]
        ratio = f"{statistics.median(shares):.2f} ({min(shares):.2f}–{max(shares):.2f})"
    longest = max(r["longest"] for r in runs)
    memory = max(r["memory_mb"] for r in runs)
    evidence = f"{runs[0]['bytes_per_record']:.1f}" if "bytes_per_record" in runs[0] else "–"
    return f"| {way} | {statistics.median(rates):,.0f} | {ratio} | {longest:.2f} s | {memory:.0f} MB | {evidence} |"


if __name__ == "__main__":
    main()
