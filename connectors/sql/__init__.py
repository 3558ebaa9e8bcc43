"""A system behind SQL: SQLite and PostgreSQL, and MariaDB as far as it goes."""

from connectors.sql.connector import SqlConnector

__all__ = ["SqlConnector"]
