"""Runs the migrations on a connection that is already open and holds the lock."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from domain.trouble import LedgerBroken


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made in code: there is no alembic.ini to lose."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest migration. LedgerBroken where it is newer than this program."""
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError:
        raise LedgerBroken(
            "this ledger was made by a newer version of the program", do="use that version, or a newer one"
        ) from None


def newest() -> str | None:
    """The newest migration there is."""
    return ScriptDirectory.from_config(configuration()).get_current_head()
