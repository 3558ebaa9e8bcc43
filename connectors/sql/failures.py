"""What a source refuses, named by what to do and never by what it holds.

A driver's own words hold row values and addresses, so they never leave this module: only the class of the failure
and its SQLSTATE do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
import psycopg.errors
import pymysql
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from domain.system import System
from domain.trouble import SourceUnreadable

_DO = {
    "28P01": "renew the password that the secret holds",
    "28000": "give the account the right to log in",
    "3D000": "check the database name in the secret",
    "42501": "give the account the right to read and delete on the tables of the register",
    "42P01": "run `termijn register check`: a table is gone",
    "42703": "run `termijn register check`: a column is gone",
    "42883": "run `termijn register check`: two columns of a reference hold different types",
    "55P03": "somebody else holds these rows; it is tried again tomorrow",
    "57014": "give it more time, or an index on the trigger and reference columns",
}
_DO_MARIADB = {
    1044: _DO["42501"],
    1045: _DO["28P01"],
    1049: _DO["3D000"],
    1054: _DO["42703"],
    1142: _DO["42501"],
    1143: _DO["42501"],
    1146: _DO["42P01"],
    1153: "raise max_allowed_packet of the source to 16M or more",
    1205: _DO["55P03"],
    1213: _DO["55P03"],
    1290: "the source takes no writes now: name the one that does in the secret",
    1317: "somebody stopped the statement; it is tried again tomorrow",
    1644: "a database trigger refuses: ask whoever made it",
    1665: "set binlog_format of the source to MIXED or ROW",
    1698: _DO["28P01"],
    1836: "the source takes no writes now: name the one that does in the secret",
    1969: _DO["57014"],
}
_DO |= {str(number): do for number, do in _DO_MARIADB.items()}
_OTHERWISE = "check that the source runs and that its secret is right; then run `termijn register check`"


class StillReferredTo(Exception):
    """The source refused: a row that stays refers to one that would go. Never leaves the connector."""


@contextmanager
def failures_named(system: System) -> Iterator[None]:
    """Turn whatever a driver raises into an error that says what to do and repeats nothing of the source."""
    try:
        yield
    except IntegrityError:
        raise StillReferredTo from None
    except (SQLAlchemyError, psycopg.Error) as failure:
        _name(system, failure)


def _name(system: System, failure: SQLAlchemyError | psycopg.Error) -> NoReturn:
    cause: BaseException | None = failure.orig if isinstance(failure, DBAPIError) else None
    if isinstance(failure, psycopg.Error):  # of an answer that is read from the driver itself
        cause = failure
    state = _number(cause) or getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    called = type(cause if cause is not None else failure).__name__
    if not state and isinstance(cause, psycopg.OperationalError):
        # A refused log-in carries no SQLSTATE; its kind is still worth more than a class name.
        state = "28P01" if "password authentication failed" in str(cause) else ""
    raise SourceUnreadable(
        f"the source does not answer ({called}{f', {state}' if state else ''})",
        where=system.id,
        do=_DO.get(state, _OTHERWISE),
    ) from None


def _number(cause: BaseException | None) -> str:
    """The number of MariaDB's error; its words hold values."""
    number = cause.args[0] if isinstance(cause, pymysql.MySQLError) and cause.args else None
    return str(number) if isinstance(number, int) and number else ""
