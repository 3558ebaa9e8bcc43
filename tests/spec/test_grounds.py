"""What of a refusal may stand outside its letter: the article, in one spelling, and no other word."""

from __future__ import annotations

import pytest

from domain.grounds import OTHER, ground_of, grounds_of
from domain.letters import LetterKind

#: As an officer wrote it → as it is kept.
WRITTEN = [
    ("AVG 12 lid 5", "AVG 12 lid 5"),
    ("avg 12 lid 5", "AVG 12 lid 5"),
    ("artikel 12 lid 5 AVG", "AVG 12 lid 5"),
    ("AVG art. 12, lid 5", "AVG 12 lid 5"),
    ("GDPR 12(5)", "AVG 12 lid 5"),
    ("art. 12(5) AVG", "AVG 12 lid 5"),
    ("AVG 17 lid 3 onder b", "AVG 17 lid 3 onder b"),
    ("AVG 17 lid 3 sub b", "AVG 17 lid 3 onder b"),
    ("BW 7:455 lid 2", "BW 7:455 lid 2"),
    ("BW 7:458a lid 1 onder c", "BW 7:458a lid 1 onder c"),
    ("UAVG 41", "UAVG 41"),
    ("Wabvpz 15e", "Wabvpz 15e"),
    ("AVG 12", "AVG 12"),
    # whatever else was written stays in the letter
    ("AVG 12 lid 5, omdat mevrouw De Vries dit vorige week ook vroeg", OTHER),
    ("mevrouw De Vries", OTHER),
    ("AVG 123456782", OTHER),
    ("12 lid 5", OTHER),
    ("", OTHER),
]


@pytest.mark.parametrize(("written", "kept"), WRITTEN)
def test_a_ground_is_an_article_and_nothing_else(written: str, kept: str) -> None:
    assert ground_of(written) == kept


def test_a_whole_refusal_has_its_article_and_a_part_refusal_one_for_each_part() -> None:
    assert grounds_of(LetterKind.REFUSAL, {"reasons": ("De Vries",), "article": ("AVG 12 lid 5",)}) == ("AVG 12 lid 5",)
    parts = (
        "de naam",
        "van een ander",
        "AVG 15 lid 4",
        "het adres",
        "ook",
        "AVG 15 lid 4",
        "de notitie",
        "nee",
        "UAVG 41",
    )
    assert grounds_of(LetterKind.PART_REFUSAL, {"refused": parts}) == ("AVG 15 lid 4", "UAVG 41")
    assert grounds_of(LetterKind.REFUSAL, {"article": ("AVG 12 lid 5; AVG 11 lid 2",)}) == (
        "AVG 12 lid 5",
        "AVG 11 lid 2",
    )
    assert grounds_of(LetterKind.ANSWER, {"done": ("x",)}) == ()
