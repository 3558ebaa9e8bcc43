"""How the terminal shows a table, a line of progress, and an error that says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

#: Control characters, and those that turn the order of reading: a message could write over what the DPO saw.
_STEERS = frozenset({*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n", "\t"}) | frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def say(line: str = "") -> None:
    """One line for the operator."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def harmless(text: str) -> str:
    """Text of somebody else for a terminal: what would steer it, or turn its reading order, shows as a mark."""
    return "".join("\N{REPLACEMENT CHARACTER}" if c in _STEERS else c for c in text)


def show_bytes(parts: Iterable[bytes]) -> None:
    """Bytes as they are, whatever the terminal's alphabet: what is meant to go on into a file."""
    sys.stdout.flush()
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


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
    from rich.text import Text

    table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("–" if cell is None or cell == "" else harmless(str(cell))) for cell in row))
    width = None if sys.stdout.isatty() else 140
    Console(width=width, highlight=False).print(table)
