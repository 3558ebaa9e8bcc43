"""How PostgreSQL's answer flows in while it is found, without a cursor in the server.

A cursor in the server is planned for its first rows and never in parallel: the same question took twice as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Self

import psycopg
import sqlalchemy as sa
from psycopg.rows import RowFactory

#: Rows that libpq hands over at a time.
_CHUNK = 5_000


class Flowing(psycopg.Cursor[Any]):
    """Looks to SQLAlchemy like a cursor in the server; the rows come as the server finds them."""

    #: As text the days are read that Python has no date for (`connectors.sql.reading`).
    _binary = False

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        name: str,  # noqa: ARG002 - of a cursor in the server; there is none
        *,
        row_factory: RowFactory[Any],
        **_options: Any,
    ) -> None:
        super().__init__(connection, row_factory=row_factory)
        self._coming: Iterator[Any] = iter(())
        self._first: list[Any] = []

    @property
    def description(self) -> list[psycopg.Column] | None:
        """The columns; an answer without rows does not say which, and is an answer all the same."""
        return super().description or []

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Self:
        self._coming = self.stream(query, params, binary=self._binary, size=_CHUNK)
        self._first = list(islice(self._coming, 1))  # what the server refuses, it refuses here
        return self

    def fetchmany(self, size: int = 0) -> list[Any]:
        first, self._first = self._first[:size], self._first[size:]
        return [*first, *islice(self._coming, size - len(first))]

    def fetchone(self) -> Any:
        return next(iter(self.fetchmany(1)), None)

    def fetchall(self) -> list[Any]:
        first, self._first = self._first, []
        return [*first, *self._coming]

    def close(self) -> None:
        close = getattr(self._coming, "close", None)
        if close is not None:
            close()
        super().close()


class _Numbers(Flowing):
    """The same for answers that are all whole numbers: a fifth less work."""

    _binary = True


@contextmanager
def flowing(connection: sa.Connection, *, numbers: bool = False) -> Iterator[None]:
    """Questions that are streamed inside flow in, where the source is PostgreSQL; others go as they go.

    Until such an answer is read to its end or closed, its connection takes no other question, and all of it counts
    as one statement for the time limit: so only for an answer that is read at once. `numbers`: it holds nothing else.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection) or not psycopg.capabilities.has_stream_chunked():
        yield
        return
    usual = driver.server_cursor_factory
    driver.server_cursor_factory = _Numbers if numbers else Flowing  # type: ignore[assignment]
    try:
        yield
    finally:
        driver.server_cursor_factory = usual
