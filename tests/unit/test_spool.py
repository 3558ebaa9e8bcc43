"""Where a person's records wait for their package: exact, re-readable, and never readable by anybody else."""

from __future__ import annotations

import os
from array import array
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.range import Range

from domain.package import Outline, Record, outline
from tasks.spool import Shelf, Spool, SpoolBroken

MARK = "KENMERK-van-een-mens-4711"
VALUES: list[Any] = [
    None, True, 7, 2**70, -0.1, float("inf"), Decimal("1.50"), Decimal("NaN"), "é\x00\ud800",
    b"\x00\xff", bytearray(b"x"), date(2026, 1, 2), datetime.fromisoformat("2026-01-02 03:04:05.000006"), time(1, 2),
    timedelta(days=3),
    datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=ZoneInfo("Europe/Amsterdam")),
    datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3))), UUID(int=7), array("d", [1.5]),
    Range(date(2026, 1, 2), None), Range(empty=True), {"a": [1, {"b": None}]}, (1, 2), {1, 2}, frozenset({"x"}),
]  # fmt: skip


def small(*, held: int = 0, page: int = 1) -> Spool:
    """A spool that lets almost nothing stay in memory."""
    return Spool(held=held, page=page)


def record(n: int, value: Any = MARK) -> Record:
    return Record(f"k{n}", {"id": n, "told": value}, date(2030, 1, n % 28 + 1), f"reden {n % 3}", n % 5 == 0)


def on_disk(spool: Spool) -> bytes:
    assert spool._file is not None, "nothing left memory"
    return os.pread(spool._file.fileno(), spool._end + 1, 0)


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_a_value_comes_back_as_exactly_what_it_was(value: Any) -> None:
    with small() as spool:
        shelf = spool.shelf()
        for n in range(3):
            shelf.add(record(n, value))
        assert spool._end > 0, "nothing left memory"
        for found in shelf:
            got = found.values["told"]
            assert type(got) is type(value)
            assert repr(got) == repr(value)


def test_a_view_on_a_drivers_buffer_comes_back_as_its_bytes() -> None:
    with small() as spool:
        shelf = spool.shelf()
        shelf.add(record(1, memoryview(b"scan")))
        shelf.add(record(2, memoryview(b"scan")))
        assert [r.values["told"] for r in shelf] == [b"scan", b"scan"]


@pytest.mark.parametrize("held", [0, 3_000, 10**9])
def test_records_come_back_in_their_order_as_often_as_asked(held: int) -> None:
    with small(held=held, page=2_000) as spool:
        shelves = [spool.shelf() for _ in range(3)]
        for n in range(200):
            shelves[n % 3].add(record(n))
        for at, shelf in enumerate(shelves):
            mine = [record(n) for n in range(200) if n % 3 == at]
            assert list(shelf) == mine
            assert list(shelf) == mine, "the second reading"
            assert len(shelf) == len(mine)


def test_a_spool_of_many_small_parts_keeps_no_more_in_memory_than_one_of_one_large_part() -> None:
    with small(held=20_000, page=5_000) as spool:
        shelves = [spool.shelf() for _ in range(500)]
        for n in range(2_000):
            shelves[n % 500].add(record(n))
        waiting = sum(s._weight for s in shelves)
        assert waiting == spool._waiting
        assert waiting <= 20_000 + 4 * 5_000
        assert [len(list(s)) for s in shelves] == [4] * 500


def test_few_records_never_touch_the_disk() -> None:
    with Spool() as spool:
        shelf = spool.shelf()
        for n in range(500):
            shelf.add(record(n))
        assert spool._file is None
        assert len(list(shelf)) == 500


def test_nothing_of_a_person_is_on_the_disk_in_clear_and_the_file_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with small() as spool:
        shelf = spool.shelf()
        for n in range(50):
            shelf.add(record(n))
        told = on_disk(spool)
        assert len(told) > 50 * len(MARK)
        for sign in (MARK, "reden", "told", "k1", "Record"):
            assert sign.encode() not in told, f"{sign} can be read"
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_two_spools_never_share_a_key() -> None:
    with small() as one, small() as other:
        for spool in (one, other):
            shelf = spool.shelf()
            shelf.add(record(1))
            shelf.add(record(1))
        assert on_disk(one) != on_disk(other)


@pytest.mark.parametrize("how", ["changed", "swapped", "cut"])
def test_a_page_that_was_touched_does_not_open(how: str) -> None:
    with small() as spool:
        shelf = spool.shelf()
        for n in range(4):
            shelf.add(record(n))
        (_, at, length), (_, next_at, next_length) = shelf._stored[:2]
        assert spool._file is not None
        file = spool._file.fileno()
        match how:
            case "changed":
                os.pwrite(file, bytes([os.pread(file, 1, at)[0] ^ 1]), at)
            case "swapped":
                assert length == next_length
                os.pwrite(file, os.pread(file, length, next_at), at)
            case _:
                os.ftruncate(file, at + length - 1)
        with pytest.raises(SpoolBroken, match="not as it was written") as told:
            list(shelf)
        assert MARK not in str(told.value)


def test_a_closed_spool_says_so() -> None:
    with small() as spool:
        shelf = spool.shelf()
        shelf.add(record(1))
        shelf.add(record(2))
    with pytest.raises(SpoolBroken, match="closed"):
        list(shelf)


def test_a_shelf_shows_no_record() -> None:
    with Spool() as spool:
        shelf = spool.shelf()
        shelf.add(record(1))
        assert repr(shelf) == "Shelf(1 records)"


@pytest.mark.parametrize("make", [list, None])
def test_what_is_common_is_known_without_reading_again(make: Any) -> None:
    records = [Record("1", {"a": None, "b": " ", "c": 0}, None, ""), record(5), record(8)]
    with small() as spool:
        shelf: Shelf = spool.shelf()
        for one in records:
            shelf.add(one)
        found: Outline = outline(shelf if make is None else make(records))
    assert list(found.columns) == ["a", "b", "c", "id", "told"]
    assert found.filled == {"c", "id", "told"}
    assert found.days == {None, date(2030, 1, 6), date(2030, 1, 9)}
    assert list(found.reasons) == ["reden 2"]
    assert found.soft_deleted == 1
