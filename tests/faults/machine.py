"""The machine on which the nights of these tests run: it has our program loaded, forks a night, and says how it ended.

A process of its own, so that a night starts without the cost of imports, without Prefect, and can be killed with all
that it had in hand. It reads one order per line (JSON) and answers each with one line; see `Order`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypedDict

os.environ["TERMIJN_SKIN"] = "plain"

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

import reports
from connectors.port import Destroyed
from connectors.sql.connector import SqlConnector
from domain.keys import Keys
from domain.trouble import TermijnError
from flows.nightly_purge import nightly_purge
from ledger.batches import Batches
from ledger.leases import Leases
from ledger.runs import Runs

#: What a night does that another machine can see, by its public name.
VERBS = (
    (Batches, "announce"),
    (SqlConnector, "destroy_straight"),
    (SqlConnector, "destroy"),
    (SqlConnector, "still_there"),
    (Batches, "close"),
    (Leases, "take_lease"),
    (Leases, "renew_lease"),
    (Leases, "release_lease"),
    (Runs, "record_run"),
)
SURPRISE = 70


class Order(TypedDict, total=False):
    """`env`: of the night. `log`: the file of its stderr. `steps`: the file where it lists every step boundary.

    `signal_at`: the number of the boundary at which it sends itself `signal`; `signal_on`: the first of this name.
    `lies`: the source only says it deletes. `largest_file`: in bytes, what one file may come to (a full disk).
    """

    env: dict[str, str]
    log: str
    steps: str
    signal_at: int
    signal_on: str
    signal: int
    lies: bool
    largest_file: int


class Steps:
    """Counts the boundaries that a night passes, and strikes at one of them."""

    def __init__(self, order: Order) -> None:
        self._at, self._signal = order.get("signal_at"), order.get("signal", signal.SIGKILL)
        self._on = order.get("signal_on")
        self._lock, self._inside = threading.Lock(), threading.local()
        self.passed: list[str] = []

    def boundary(self, name: str) -> None:
        with self._lock:
            here = len(self.passed)
            self.passed.append(name)
            if here == self._at or name == self._on:
                self._on = None
                os.kill(os.getpid(), self._signal)
                time.sleep(0.2)  # a signal to oneself may land a moment later: this thread goes no further before it

    @property
    def _verb(self) -> str | None:
        return getattr(self._inside, "verb", None)

    def watch_verbs(self) -> None:
        for owner, name in VERBS:
            setattr(owner, name, self._watched(name, getattr(owner, name)))

    def _watched(self, name: str, verb: Any) -> Any:
        @wraps(verb)
        def watched(*given: Any, **named: Any) -> Any:
            of = f" for {named['rule']}" if "rule" in named else ""
            self.boundary(f"before {name}{of}")
            outer, self._inside.verb = self._verb, name
            try:
                return verb(*given, **named)
            finally:
                self._inside.verb = outer
                self.boundary(f"after {name}{of}")

        return watched

    def watch_statements(self) -> None:
        """Every statement and every COMMIT of those verbs, whichever database it goes to."""

        @sa.event.listens_for(sa.Engine, "after_cursor_execute")
        def statement(_c: Any, _cursor: Any, words: str, *_: Any) -> None:
            if self._verb is not None:
                self.boundary(f"{self._verb}: after {words.split(maxsplit=1)[0].upper()}")

        commit = DefaultDialect.do_commit

        def do_commit(dialect: Any, connection: Any) -> None:
            if self._verb is None:
                return commit(dialect, connection)
            self.boundary(f"{self._verb}: before COMMIT")
            commit(dialect, connection)
            self.boundary(f"{self._verb}: after COMMIT")
            return None

        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def lie() -> None:
    """A source that says it destroyed all it was told to, and keeps every row."""

    def destroy(self: Any, test: Any, keys: Any, *, allowed: Any, announced: Any) -> Destroyed:
        told = {name: Keys(rows) for name, rows in announced.dossiers.items() if len(rows)}
        return Destroyed(told if allowed(list(keys)) else {})

    SqlConnector.destroy_straight = lambda *_given, **_named: None  # type: ignore[method-assign, assignment]
    SqlConnector.destroy = destroy  # type: ignore[method-assign]


def spend_the_night(order: Order) -> NoReturn:
    """In the child: an armed night. Its exit code is that of the command: 0, or the trouble's own."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    os.dup2(log, 1)
    os.environ.update(order["env"])
    if "largest_file" in order:
        import resource

        most = order["largest_file"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    steps = Steps(order)
    if order.get("lies"):
        lie()
    if order.keys() & {"steps", "signal_at", "signal_on"}:
        steps.watch_verbs()
        steps.watch_statements()
    code = 0
    try:
        nightly_purge(rehearsal=False)
    except TermijnError as trouble:
        os.write(2, f"{type(trouble).__name__}: {trouble}\n".encode())
        code = trouble.exit_code
    if "steps" in order:
        Path(order["steps"]).write_text(json.dumps(steps.passed), "utf-8")
    os._exit(code)


def warm_up() -> None:
    """Load before the fork what a night loads at its end, so that an instant is seldom one of loading."""
    from connectors.open import open_connector
    from ledger.open import open_ledger
    from reports.dutch import day
    from reports.page import Sheet

    day(date(2026, 1, 1))
    Sheet(title="warm", header="warm", footer="warm")
    assert all((open_connector, open_ledger, reports.certificate_pdf, reports.certificate_json))
    assert all((reports.purge_report_pdf, reports.purge_report_json, reports.purge_report_markdown))


def rehearse(order: Order) -> int:
    """A whole night in this process, before any is forked: they start with the statements that it compiled.

    Without it half of a night is compiling, and half of the instants fall there. What it did is put back.
    """
    before, log = dict(os.environ), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    kept = [os.dup(1), os.dup(2)]
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["env"])
        nightly_purge(rehearsal=False)
    except TermijnError as trouble:
        return trouble.exit_code
    finally:
        sys.stdout.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        os.environ.clear()
        os.environ.update(before)
        for file in (log, *kept):
            os.close(file)
    return 0


def serve() -> None:
    """Orders: {"start": Order} answers a process id; {"wait": id} its exit code (negative: the signal) and seconds.

    {"rehearse": Order} answers the exit code of a night here.
    """
    began: dict[int, float] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        answer: dict[str, float]
        if "start" in asked:
            pid = os.fork()
            if pid == 0:
                try:
                    spend_the_night(asked["start"])
                finally:
                    os._exit(99)
            began[pid] = time.monotonic()
            answer = {"pid": pid}
        elif "rehearse" in asked:
            answer = {"code": rehearse(asked["rehearse"])}
        else:
            pid, status = os.waitpid(asked["wait"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began.pop(pid)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    warm_up()
    serve()
