"""Databases for every test of this folder."""

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
