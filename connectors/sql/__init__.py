"""A system behind SQL: SQLite, PostgreSQL and MariaDB."""

from connectors.sql.connector import SqlConnector

__all__ = ["SqlConnector"]
