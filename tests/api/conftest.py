"""Databases of both kinds for every test of the service over HTTP."""

from support.stores import (
    clock,
    database,
    empty_database,
    engine,
    postgresql_server,
    postgresql_template,
    sqlite_database,
    sqlite_template,
)

__all__ = [
    "clock",
    "database",
    "empty_database",
    "engine",
    "postgresql_server",
    "postgresql_template",
    "sqlite_database",
    "sqlite_template",
]
