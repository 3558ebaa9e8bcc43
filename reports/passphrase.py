"""A passphrase that a person can say over the telephone: made of syllables, with no letters that look alike."""

from __future__ import annotations

import math
import secrets

_CONSONANTS = "bdfgkmnprstvz"
_VOWELS = "aeiou"
_SYLLABLES = 2


def make_passphrase(words: int = 6) -> tuple[str, float]:
    """(passphrase, its entropy in bits): six words of two syllables are 72 bits."""
    made = ["".join(_syllable() for _ in range(_SYLLABLES)) for _ in range(words)]
    return "-".join(made), words * _SYLLABLES * math.log2(len(_CONSONANTS) * len(_VOWELS))


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)
