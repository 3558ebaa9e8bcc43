"""Erasing one person with many rows: decided, approved, destroyed, proven and looked for again, in seconds.

`python -m bench.erase postgresql://postgres@127.0.0.1/DATABASE [--rows 50000]`. The database must be empty.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from pytest import MonkeyPatch  # noqa: PT013 - only its way to set the environment

from bench.memory import peak_megabytes
from tasks import erase
from tests.stories.erasing_house import ANNA, BOB, ErasingHouse, years_ago


def main() -> None:
    """Fill, erase, and print what it took."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("url")
    words.add_argument("--rows", type=int, default=50_000)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        house = ErasingHouse(Path(folder), given.url, MonkeyPatch())
        for nth, who in ((1, ANNA), (2, BOB)):
            house.put("visitor", nth, who, left_on=years_ago(0.1))
        with house.engine.begin() as db:
            rows = [{"id": n, "visitor": 1 + n % 2} for n in range(2 * given.rows)]
            db.execute(sa.text("INSERT INTO note VALUES (:id, :visitor, 'geheim')"), rows)
            db.execute(sa.text("CREATE INDEX note_visitor ON note (visitor_id)"))
        number = house.case()
        begun = time.perf_counter()
        house.approve(number)
        decided = time.perf_counter()
        done = getattr(erase.carry_out_erasure, "fn", erase.carry_out_erasure)(number, False)
        destroyed = time.perf_counter()
        erase.end_erasure(getattr(erase.verify_erasure, "fn", erase.verify_erasure)(done))
        ended = time.perf_counter()
        left = house.ask("SELECT count(*) FROM note")
    memory = peak_megabytes()
    print(f"{done.counts['rows']:,} rows gone, {left:,} of another left; load {os.getloadavg()[0]:.1f}")
    print(f"decided {decided - begun:.2f} s, destroyed {destroyed - decided:.2f} s, verified {ended - destroyed:.2f} s")
    print(f"peak {memory:.0f} MB")


if __name__ == "__main__":
    main()
