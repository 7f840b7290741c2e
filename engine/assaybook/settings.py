"""The only reader of the environment and of the clock."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Self

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.errors import OperatorError

_DATABASE: Final = "ASSAY_DATABASE"
_DEFAULT_DATABASE: Final = "sqlite:///assaybook.db"


class Settings(Frozen):
    """What the operator may choose from outside.

    Attributes:
        database: SQLAlchemy URL; without ``ASSAY_DATABASE`` the file ``assaybook.db`` in the
            working folder. Left out of ``repr``, since it can hold a password.
    """

    database: str = Field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the settings that ``environment`` makes, by default that of this process.

        Raises:
            OperatorError: ``setting-invalid``, a value cannot be what it is named for.
        """
        source = os.environ if environment is None else environment
        database = source.get(_DATABASE) or _DEFAULT_DATABASE
        if "://" not in database:
            raise OperatorError(
                "setting-invalid",
                "the value is no database URL",
                where=_DATABASE,
                hint="Write sqlite:///path/to/file.db or postgresql+psycopg://user@server/name.",
            )
        return cls(database=database)


def now() -> datetime:
    """Return this instant in UTC; everything below takes it as an argument."""
    return datetime.now(UTC)
