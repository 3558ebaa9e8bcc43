"""docs/promises.md names tests that exist, and leaves none of the ten promises without one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PAGE = (HOUSE / "docs/promises.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[t for _, t in NAMED])
def test_a_test_that_the_page_names_exists(file: str, test: str) -> None:
    assert f"def {test}(" in (HOUSE / file).read_text("utf-8")


@pytest.mark.parametrize("promise", range(1, 11))
def test_every_promise_has_a_test(promise: int) -> None:
    part = PAGE.partition(f"## {promise}. ")[2].partition("\n## ")[0]
    assert "::test_" in part
