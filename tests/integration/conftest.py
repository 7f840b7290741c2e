"""Databases for every test of this folder."""

from support.stores import (
    clock,
    database,
    empty_database,
    engine,
    kept_database,
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
    "kept_database",
    "postgresql_server",
    "postgresql_template",
    "sqlite_database",
    "sqlite_template",
]
