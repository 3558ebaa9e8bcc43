"""When a night may go on: while its system's hours last and its source is not too busy with the work of others.

How large a batch is, is measured where it is destroyed (`tasks.batches`); here is decided whether there is a next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from datetime import time as hour

from domain.system import System
from tasks.clock import AMSTERDAM, now, stopwatch

#: How long to wait for a busy source between two looks, in seconds: at first, and at most.
FIRST_WAIT, LONGEST_WAIT = 1.0, 15.0
#: How long to wait for it in all before this night leaves it alone, in seconds.
PATIENCE = 30 * 60.0

#: Why a rule stopped half-way, and what to do.
Stopped = tuple[str, str]


class Pace:
    """Asked before each batch of one system. `busy` counts the sessions of others that are at work in the source.

    `check` looks at the stop switch and renews the lease: it returns why to stop, or raises Refused. It is asked
    before each batch and all the while that a busy source is waited for. `watch` starts to measure seconds.
    """

    def __init__(
        self,
        system: System,
        *,
        busy: Callable[[], int | None],
        check: Callable[[], Stopped | None],
        watch: Callable[[], Callable[[], float]] = stopwatch,
        sleep: Callable[[float], None] = time.sleep,
        moment: Callable[[], datetime] = now,
    ) -> None:
        self._system, self._busy, self._check = system, busy, check
        self._watch, self._sleep, self._moment = watch, sleep, moment

    def may_go_on(self) -> Stopped | None:
        """None when the next batch may go, after a wait where the source is busy; else why it may not.

        What is left then stays, and is due on the next night.
        """
        waited, pause = self._watch(), FIRST_WAIT
        while True:
            stopped = self._check() or self._outside_window()
            others = None if stopped is not None else self._too_many()
            if stopped is not None or others is None:
                return stopped
            if waited() >= PATIENCE:
                return (
                    f"{others} sessions were at work in the source for half an hour, more than `busy_above` allows",
                    "nothing: the next night goes on. Choose a quieter `window`, or raise `busy_above`",
                )
            self._sleep(min(pause, max(PATIENCE - waited(), 0.0)))
            pause = min(pause * 2, LONGEST_WAIT)

    def _too_many(self) -> int | None:
        """How many others are at work, where that is too many; None where it is not, or nobody can tell."""
        limit = self._system.busy_above
        others = None if limit is None else self._busy()
        return others if limit is not None and others is not None and others > limit else None

    def _outside_window(self) -> Stopped | None:
        window = self._system.window
        if window is None or is_open(window, self._moment()):
            return None
        return (
            f"the window {window} is closed; what is left stays",
            "nothing: the next night goes on. If nights end too early, widen `window` in the register of "
            f"{self._system.id}",
        )


def is_open(window: str, at: datetime) -> bool:
    """Whether a moment falls in the hours of a window ('22:00-06:00', Amsterdam); its end is outside it."""
    opens, closes = (hour.fromisoformat(text) for text in window.split("-"))
    here = at.astimezone(AMSTERDAM).time()
    return opens <= here < closes if opens < closes else here >= opens or here < closes
