"""What evidence costs: announcing and closing batches in a real ledger, beside a bare unkeyed SHA-256 per record.

    PYTHONPATH=. python bench/evidence.py [RECORDS] [BATCHES]

Prints milliseconds of CPU per batch (medians) and bytes per record. SPEED.md (Evidence) says what to reach.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from domain.keys import Keys
from ledger.secrets import Keyring
from tests.unit.ledger_desk import Desk


def cpu(do: Callable[[], object]) -> tuple[object, float]:
    """What it gives, and the milliseconds of CPU that it took."""
    start = time.process_time()
    given = do()
    return given, (time.process_time() - start) * 1e3


def bare(keys: Keys) -> list[bytes]:
    """The floor: no key, no tree, no chain, no disk."""
    return [hashlib.sha256(b"careweb|patient|%d" % number).digest() for (number,) in keys]


def main(records: int = 25_000, batches: int = 9) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        keyring = Keyring.fresh(Path(folder) / "ledger.db.keys")
        keyring.save(new=True)
        desk = Desk(f"sqlite:///{folder}/ledger.db", keyring)
        desk.office()
        desk.approve()
        file, times, sizes = Path(folder) / "ledger.db", list[tuple[float, float, float]](), list[int]()
        for batch in range(batches):
            keys = Keys((n,) for n in range(batch * records, (batch + 1) * records))
            _, floor = cpu(lambda keys=keys: bare(keys))
            receipt, announced = cpu(lambda keys=keys: desk.announce({"patient": keys}))
            _, closed = cpu(lambda receipt=receipt: desk.shut(receipt))
            times.append((floor, announced, closed))
            with desk.ledger.events.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append(file.stat().st_size)
        floor, announced, closed = (statistics.median(column) for column in zip(*times, strict=True))
        per_record = (sizes[-1] - sizes[0]) / (records * (batches - 1))
        print(f"{batches} batches of {records} records, load {os.getloadavg()[0]:.1f}")
        print(f"bare sha256 {floor:.1f} ms · announce {announced:.1f} ms · close {closed:.1f} ms (medians of CPU)")
        print(f"close at {floor / closed:.2f}, announce and close at {floor / (announced + closed):.2f} of bare sha256")
        print(f"{per_record:.1f} bytes per record, its events included")
        _, whole = cpu(lambda: sum(len(line) for line in desk.ledger.export()))
        _, verified = cpu(desk.ledger.verify)
        print(f"export {whole:.0f} ms, verify {verified:.0f} ms for {records * batches} records")
        desk.close()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
