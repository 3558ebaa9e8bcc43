"""How fast we ask a service, how long we wait, and when we ask again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How politely and patiently we ask; times in seconds.

    `most_wait` bounds what one question may wait in all between its attempts, `most_tries` how often it is asked;
    time-outs come on top of the waits.
    `requests_per_second` None: as fast as the service answers.
    """

    requests_per_second: float | None = None
    timeout: float = 30.0
    first_wait: float = 0.5
    most_wait: float = 120.0
    most_tries: int = 8
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random

    def pause(self, tries: int, *, waited: float, asked_for: float | None) -> float | None:
        """Seconds to wait after so many `tries`: what the service asks for, and never less than our own back-off.

        None: our patience is at its end.
        """
        back_off = self.first_wait * 2.0 ** (tries - 1) * (0.5 + self.jitter() / 2)
        wait = back_off if asked_for is None else max(asked_for, back_off)
        return wait if tries < self.most_tries and waited + wait <= self.most_wait else None


class Pace:
    """Keeps a line under its requests per second."""

    def __init__(self, manners: Manners) -> None:
        self._manners, self._free_at = manners, manners.monotonic()

    def keep(self) -> None:
        """Wait until the next question may be asked."""
        if self._manners.requests_per_second is None:
            return
        now = self._manners.monotonic()
        if self._free_at > now:
            self._manners.sleep(self._free_at - now)
        self._free_at = max(now, self._free_at) + 1 / self._manners.requests_per_second


def asked_to_wait(headers: httpx.Headers) -> float | None:
    """Seconds that Retry-After asks for. A date in it counts from the answer's own Date: we read no clock."""
    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        until, now = parsedate_to_datetime(given), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None
