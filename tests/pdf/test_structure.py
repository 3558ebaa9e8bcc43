"""The shape of every PDF, element by element, as it was looked at and kept; what a reader aloud walks through."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pikepdf
import pytest

from tests.pdf.outline import outline
from tests.pdf.templates import TEMPLATES

KEPT = Path(__file__).parent / "outlines"


def file_of(template: str) -> Path:
    """Where the shape of a template is kept."""
    return KEPT / f"{re.sub(r'[^a-z]+', '-', template.lower())}.txt"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_file_has_the_shape_that_was_looked_at(name: str) -> None:
    """Made anew with TERMIJN_GOLDEN=1; then look at what changed."""
    told = outline(TEMPLATES[name]())
    if os.environ.get("TERMIJN_GOLDEN"):
        KEPT.mkdir(exist_ok=True)
        file_of(name).write_text(told, "utf-8")
    assert told == file_of(name).read_text("utf-8")


def test_no_shape_of_old_lies_about() -> None:
    assert set(KEPT.iterdir()) == set(map(file_of, TEMPLATES))


def test_a_paper_in_another_language_has_the_same_shape() -> None:
    for template in ("dossier", "withheld", "erasure letter"):
        dutch, english = (file_of(f"{template}, {language}").read_text("utf-8") for language in ("Dutch", "English"))
        assert dutch == english, template


def test_a_table_that_lost_its_head_or_a_heading_its_rank_has_another_shape() -> None:
    made = TEMPLATES["letter, Dutch"]()
    for kind, other in (("TH", "TD"), ("H2", "P"), ("LI", "P")):
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(made)) as opened:
            element = next(o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == f"/{kind}")
            element.S = pikepdf.Name(f"/{other}")
            opened.save(out)
        assert outline(out.getvalue()) != outline(made), kind
