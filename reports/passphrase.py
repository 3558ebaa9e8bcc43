"""A passphrase that a person can say over the telephone: common Dutch words, no two of which begin or sound alike.

The words (`passphrase_nl.txt`) are 2,048 of the list of OpenTaal (2.20.19, revised BSD licence or CC BY 3.0): four to
seven plain letters, the most used first, without names and words that would hurt. Four letters tell each apart.
"""

from __future__ import annotations

import math
import secrets
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("passphrase_nl.txt")


def make_passphrase(words: int = 7) -> tuple[str, float]:
    """(passphrase, its entropy in bits): each word is one of 2,048, so seven are 77 bits."""
    known = _words()
    return "-".join(secrets.choice(known) for _ in range(words)), words * math.log2(len(known))


@cache
def _words() -> tuple[str, ...]:
    return tuple(_LIST.read_text("ascii").split())
