"""What the law wants in the papers of a data breach: the notices (AVG 33 lid 3, 34 lid 2), the register (33 lid 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain.breaches import Breach, BreachState, Harm, Phase, Told, Whom
from reports import breach_register_pdf
from tests.golden.test_reports import words_of
from tests.pdf.templates import OFFICE, SAID, breach, notice

#: To whom → what must stand in it, each with its article.
ASKED = [
    (Whom.AUTHORITY, "Een map lag in de trein.", "AVG 33 lid 3 onder a: de aard"),
    (Whom.AUTHORITY, "10 tot 40", "AVG 33 lid 3 onder a: hoeveel mensen"),
    (Whom.AUTHORITY, "privacy@careweb.nl", "AVG 33 lid 3 onder b: de functionaris"),
    (Whom.AUTHORITY, "Iemand kan hem gelezen hebben.", "AVG 33 lid 3 onder c: de gevolgen"),
    (Whom.AUTHORITY, "De map is terug.", "AVG 33 lid 3 onder d: de maatregelen"),
    (Whom.PERSONS, "Een map lag in de trein.", "AVG 34 lid 2: de aard"),
    (Whom.PERSONS, "privacy@careweb.nl", "AVG 34 lid 2: de functionaris"),
    (Whom.PERSONS, "Iemand kan hem gelezen hebben.", "AVG 34 lid 2: de gevolgen"),
    (Whom.PERSONS, "De map is terug.", "AVG 34 lid 2: de maatregelen"),
]


def said(pdf: bytes, tmp_path: Path) -> str:
    return " ".join(words_of(pdf, tmp_path).split())


@pytest.mark.parametrize(("whom", "words", "article"), ASKED)
def test_a_notice_says_what_its_article_asks(whom: Whom, words: str, article: str, tmp_path: Path) -> None:
    assert words in said(notice(whom), tmp_path), article


def every() -> list[tuple[Breach, dict[str, str]]]:
    one = breach()
    late = one.aware_at + timedelta(hours=80)
    told = replace(one, told=(Told(Whom.AUTHORITY, late, Phase.COMPLETE),), late_because=True, filled=tuple(SAID))
    dismissed = Breach(
        number="B2026-0002", role=one.role, aware_at=one.aware_at, state=BreachState.DISMISSED,
        harms=(Harm.CONFIDENTIALITY,), source="package 2026-0004.zip", closed_at=datetime(2026, 11, 23, tzinfo=UTC),
    )  # fmt: skip
    fresh = Breach(number="B2026-0003", role=one.role, aware_at=one.aware_at, source="batch B0000012")
    return [(told, {**SAID, "late": "vakantie"}), (dismissed, {}), (fresh, {})]


def test_the_register_has_every_breach_with_facts_effects_and_remedy(tmp_path: Path) -> None:
    pdf = breach_register_pdf(every(), OFFICE, as_of=date(2026, 12, 1))
    words = said(pdf, tmp_path)
    for told in (
        *SAID.values(), "vakantie", "B2026-0001", "B2026-0002", "B2026-0003", "hoog risico", "10 tot 40",
        "geen datalek", "package 2026-0004.zip", "batch B0000012", "Autoriteit Persoonsgegevens, 24 november 2026",
        "AVG 33 lid 5",
    ):  # fmt: skip
        assert told in words, told
    assert words.count("Nog niet vastgelegd") == 3, "what a file lacks is said, of a breach and not of what was none"
    assert pdf == breach_register_pdf(every(), OFFICE, as_of=date(2026, 12, 1))


def test_an_empty_register_says_so(tmp_path: Path) -> None:
    assert "Er is geen datalek" in said(breach_register_pdf([], OFFICE, as_of=date(2026, 12, 1)), tmp_path)
