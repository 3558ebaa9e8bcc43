"""A range of days or moments as a person reads it, and as the data keeps it exactly."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from psycopg.types.range import Range

from domain.system import Column
from reports.dutch import shown
from reports.export_data import iso

_LENT = Column.model_validate({"class": "export", "label": "Geleend van en tot"})
_MAY = datetime.fromisoformat("2005-05-24 22:54")


@pytest.mark.parametrize(
    ("value", "dutch", "exact"),
    [
        (
            Range(_MAY, datetime.fromisoformat("2005-05-28 19:40")),
            "24 mei 2005 om 22:54 uur – 28 mei 2005 om 19:40 uur",
            {"from": "2005-05-24T22:54:00", "to": "2005-05-28T19:40:00", "bounds": "[)"},
        ),
        (
            Range(date(2005, 5, 24), None),
            "vanaf 24 mei 2005",
            {"from": "2005-05-24", "to": None, "bounds": "[)"},
        ),
        (Range(None, date(2005, 1, 1), "(]"), "tot 1 januari 2005", {"from": None, "to": "2005-01-01", "bounds": "(]"}),
        (Range(_MAY, "infinity"), "24 mei 2005 om 22:54 uur – infinity", None),
        (Range(empty=True), "–", {"from": None, "to": None, "bounds": "empty"}),
    ],
)
def test_a_range_is_shown_by_its_ends_and_kept_with_its_bounds(value: Any, dutch: str, exact: Any) -> None:
    assert shown(value, _LENT) == dutch
    assert exact is None or iso(value) == exact
