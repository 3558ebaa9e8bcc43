"""What our own ledger holds of the letters that we wrote to persons: a row for each that still says something."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.keys import Key, Keys
from domain.live import Kind
from ledger.letters import Letters


class OurLetters:
    """The letters to the persons of requests, decrypted. They go with their request."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def columns(self) -> Mapping[str, Kind]:
        """See `connectors.own.Keeper`."""
        return dict.fromkeys(("number", "kind", "occasion", "text"), Kind.TEXT) | {"gone_on": Kind.DATE}

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Number, kind, occasion, the day it went, and what it says: personal data."""
        for one in self._letters.kept():
            _, text = self._letters.open_letter(one)
            said = "\n".join(json.loads(text)["lines"])
            yield {
                "number": one.case,
                "kind": one.kind.value,
                "occasion": one.occasion,
                "gone_on": one.gone_on,
                "text": said,
            }

    def forget(self, keys: Sequence[Key]) -> None:
        """They went with their request."""

    def still_there(self, keys: Keys) -> Keys:
        """Which of these letters still say something."""
        kept = {(one.case, one.kind.value, one.occasion) for one in self._letters.kept()}
        return Keys(key for key in keys if tuple(key) in kept)
