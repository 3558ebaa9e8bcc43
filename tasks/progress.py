"""How far a long destruction or export is, how fast it goes and how long it takes yet: at the terminal and in Prefect.

Counts and the name of a rule, or the number of a case; never a record.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tasks.artifacts import start_progress, update_progress
from tasks.careful import tell
from tasks.clock import stopwatch

if TYPE_CHECKING:
    from uuid import UUID

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

#: Seconds between two lines where there is no terminal to draw on.
BETWEEN_LINES = 5.0
#: Seconds between two updates of the artifact: each is a call to Prefect's server.
BETWEEN_UPDATES = 2.0


class Progress:
    """One rule on its way: `with Progress(rule, total) as progress: … progress.reached(done)`.

    On a terminal a bar on standard error; else a line every few seconds and one at the end. Under Prefect also a
    progress artifact. `said`: what is done to the records. `about`: what it is that goes on, where not a rule.
    """

    def __init__(
        self,
        rule: str,
        total: int,
        *,
        said: str = "destroyed and confirmed",
        about: str = "",
        watch: Callable[[], float] | None = None,
    ) -> None:
        self._rule, self._total, self._what, self._about = rule, total, said, about
        self._since = stopwatch() if watch is None else watch
        self._told = self._updated = 0.0
        self._said = -1
        self._done = 0
        self._artifact: UUID | None = None
        self._bar: tuple[Bar, TaskID] | None = None

    def __enter__(self) -> Self:
        if self._total > 0:
            self._artifact = start_progress(self._about or f"Destruction by {self._rule}")
            if sys.stderr.isatty():
                self._bar = _draw_bar(self._rule, self._total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar[0].stop()
        if self._total > 0:
            self._say()
            self._update()

    def reached(self, done: int) -> None:
        """So many dossiers are destroyed and confirmed by now."""
        self._done, at = done, self._since()
        if self._bar is not None:
            self._bar[0].update(self._bar[1], completed=done)
        elif at - self._told >= BETWEEN_LINES:
            self._told = at
            self._say()
        if at - self._updated >= BETWEEN_UPDATES:
            self._updated = at
            self._update()

    def _say(self) -> None:
        if self._said != self._done:
            self._said = self._done
            tell(line(self._rule, self._done, self._total, self._since(), said=self._what))

    def _update(self) -> None:
        if self._artifact is not None:
            update_progress(self._artifact, 100 * self._done / self._total)


def line(rule: str, done: int, total: int, elapsed: float, *, said: str = "destroyed and confirmed") -> str:
    """How far a rule is: 'hr.staff: 1200 of 5000 destroyed and confirmed, 400 per second, 10 s left'."""
    told = f"{rule}: {done} of {total} {said}"
    if done == 0 or elapsed <= 0:
        return told
    rate = done / elapsed
    told += f", {rate:,.0f} per second" if rate >= 1 else f", {rate * 60:,.1f} per minute"
    return told if done >= total else f"{told}, {_duration((total - done) / rate)} left"


def _duration(left: float) -> str:
    if left < 60:
        return f"{left:.0f} s"
    minutes = round(left / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _draw_bar(rule: str, total: int) -> tuple[Bar, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """Dossiers per second, once there is a speed."""

        def render(self, task: Task) -> Text:
            return Text("" if task.speed is None else f"{task.speed:,.0f}/s")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(rule, total=total)
    bar.start()
    return bar, task
