"""The skin around our verbs and stories: Prefect where it is wanted, and never a person's data in an error.

Prefect stores an exception's text in its database (PREFECT.md, Privacy). Everything that leaves a task or a flow
therefore passes `contained`: our own errors are written without personal data; any other error is replaced by its
type and the line it came from. That is the one broad catch of this program (docs/decisions/0003).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from domain.trouble import TermijnError

P = ParamSpec("P")
R = TypeVar("R")
HOUSE = Path(__file__).resolve().parent.parent


class Surprise(TermijnError):
    """Something nobody foresaw; the run is red and what was announced is finished by the next run."""

    exit_code = 70


def under_prefect() -> bool:
    """Whether this process runs our stories as Prefect flows (the default) or plainly (`termijn` without a server)."""
    return os.environ.get("TERMIJN_SKIN", "prefect") != "plain"


def contained(work: Callable[P, R]) -> Callable[P, R]:
    """Let no error out that could carry a person's data; the error says what broke and on which line."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except TermijnError as trouble:
            raise trouble.with_traceback(None) from None
        except Exception as surprise:  # noqa: BLE001 - docs/decisions/0003
            raise Surprise(
                f"{type(surprise).__name__} at {_line_of(surprise)}",
                where=getattr(work, "__name__", "a task"),
                do="nothing is half-done: the next run finishes what was announced. Report this line to the makers",
            ) from None

    return run


def careful(work: Callable[P, R]) -> Callable[P, R]:
    """Make a task of a verb that sees records: no cache, nothing persisted, no prints, errors contained."""
    safe = contained(work)
    if not under_prefect():
        return safe
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    made = task(cache_policy=NO_CACHE, persist_result=False, log_prints=False)(safe)
    return cast("Callable[P, R]", made)


def story(*, name: str, run_name: str, description: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a flow of a story: named for what it does, typed parameters without personal data, errors contained."""

    def dress(tale: Callable[P, R]) -> Callable[P, R]:
        safe = contained(tale)
        if not under_prefect():
            return safe
        from prefect import flow

        made = flow(name=name, flow_run_name=run_name, description=description, persist_result=False, log_prints=False)(
            safe
        )
        return cast("Callable[P, R]", made)

    return dress


def tell(line: str) -> None:
    """Say one line of progress (counts and rules, never a person) where the operator looks."""
    if not under_prefect():
        print(line, file=sys.stderr, flush=True)  # standard output is for what was asked
        return
    from prefect import get_run_logger
    from prefect.exceptions import MissingContextError

    try:
        get_run_logger().info(line)
    except MissingContextError:
        print(line, file=sys.stderr, flush=True)


def _line_of(surprise: BaseException) -> str:
    """The deepest line of our own house in a traceback; file and line only."""
    frames = traceback.extract_tb(surprise.__traceback__)
    ours = [f for f in frames if HOUSE in Path(f.filename).parents and ".venv" not in f.filename]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
