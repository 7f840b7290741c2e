"""Room in the file of a SQLite database that holds nothing any more, and the way to give it back.

What an upgrade moves and an erasure removes leaves pages that later rows fill; the file does not
shrink by itself. A server gives its room back by vacuuming of its own.
"""

from contextlib import closing
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from assaybook.store.engine import is_sqlite
from assaybook.store.faults import spoken_fault

_LEAST_BYTES: Final = 1024 * 1024
_LEAST_SHARE: Final = 0.2


def unused_room(engine: Engine) -> int:
    """Return how many bytes it is worth to give back; 0 for a server.

    Less than a fifth of the file, or than 1 MiB, is filled soon.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    if not is_sqlite(engine):
        return 0
    free, pages, size = (
        _told(engine, f"PRAGMA {each}") for each in ("freelist_count", "page_count", "page_size")
    )
    worth = free * size >= _LEAST_BYTES and free >= pages * _LEAST_SHARE
    return free * size if worth else 0


def give_back(engine: Engine) -> None:
    """Write the file anew without the room; what is recorded is not touched, and readers go on.

    Needs free space of about the size of what is kept, twice.

    Raises:
        OperatorError: ``database-full``, ``database-locked`` or another; the file is as it was.
    """
    _told(engine, "VACUUM")
    _told(engine, "PRAGMA wal_checkpoint(TRUNCATE)")


def _told(engine: Engine, statement: str) -> int:
    """Run a statement outside of any transaction, and return the first number that it tells."""
    errors: type[Exception] = engine.dialect.loaded_dbapi.Error
    held = engine.raw_connection()
    try:
        with closing(held.cursor()) as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            return int(row[0]) if row else 0
    except errors as error:
        fault = DBAPIError.instance(statement, None, error, errors, dialect=engine.dialect)
        raise spoken_fault(fault, engine.url) from error
    finally:
        held.close()
