"""Column types that mean the same in SQLite and in PostgreSQL."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class InstantColumn(TypeDecorator[datetime]):
    """An aware instant in UTC, exact to the microsecond.

    SQLite keeps no time zone, so the UTC wall clock is written there and the zone is put back.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what the driver is given.

        Raises:
            ValueError: the instant has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise _zoneless()
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ANN401 - what SQLAlchemy calls
        """Return what makes of an instant what the driver takes.

        For SQLite that is text, and all that one transaction records is of one instant.
        """
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the aware instant that the driver gave."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ANN401 - as above
        """Return what makes an aware instant of what the driver gave.

        SQLite gives text; of whole journals it is read in one step, not in SQLAlchemy's three.
        """
        if dialect.name == "sqlite":
            return _from_text
        return super().result_processor(dialect, coltype)


@lru_cache(maxsize=64)
def _to_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise _zoneless()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _zoneless() -> ValueError:
    return ValueError("an instant needs a time zone")


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")
