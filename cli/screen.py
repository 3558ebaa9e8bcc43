"""How the terminal shows a table, a line of progress, and an error that says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any


def say(line: str = "") -> None:
    """One line for the operator."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show_json(value: Any) -> None:
    """A value as JSON: two spaces, keys sorted, dates as ISO 8601."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    sys.stdout.buffer.write(orjson.dumps(value, option=options, default=str))
    sys.stdout.flush()


def show_table(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()
) -> None:
    """A table that folds to the width of the terminal; columns in `right` are aligned to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*("–" if cell is None or cell == "" else str(cell) for cell in row))
    width = None if sys.stdout.isatty() else 140
    Console(width=width, highlight=False).print(table)
