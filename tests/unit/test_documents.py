"""What a value holds as a document: a file where it is one, and a person's own words where it is not."""

from __future__ import annotations

import base64

import pytest

from domain.documents import _bytes_of, kind_of

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


@pytest.mark.parametrize("words", ["Geen", "Goed", "Geen klachten meer", "ABCD", "Zie brief."])
def test_words_that_happen_to_be_base64_stay_words(words: str) -> None:
    assert _bytes_of(words) == words.encode()
    assert kind_of(_bytes_of(words)) == ("text/plain", "txt")


def test_a_file_in_base64_is_the_file() -> None:
    assert _bytes_of(base64.encodebytes(PDF).decode()) == PDF
