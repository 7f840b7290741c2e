"""The only reader of the environment and of the clock."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self, TypeVar

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.errors import OperatorError

_DATABASE: Final = "ASSAY_DATABASE"
_DEFAULT_DATABASE: Final = "sqlite:///assaybook.db"
_MAX_BODY: Final = "ASSAY_MAX_BODY"
_BODY_SECONDS: Final = "ASSAY_BODY_SECONDS"
_RATE: Final = "ASSAY_RATE"
_NO_CACHE: Final = "off"
_MOST: Final = 2**40
_Number = TypeVar("_Number", int, float)


class Settings(Frozen):
    """What the operator may choose from outside.

    Attributes:
        database: SQLAlchemy URL; without ``ASSAY_DATABASE`` the file ``assaybook.db`` in the
            working folder. Left out of ``repr``, since it can hold a password.
        policies: ``ASSAY_POLICIES``, folders of policies that the server judges by; without it,
            the shipped library. Several paths are joined as those of ``PATH`` are.
        overlays: ``ASSAY_OVERLAYS``, files, in order.
        scope: ``ASSAY_SCOPE``, a file, or None.
        trust: ``ASSAY_TRUST``, the file of persons whose signatures count, or None.
        oidc: ``ASSAY_OIDC``, the file of the issuers whose pipelines are known, or None.
        keys: ``ASSAY_KEYS``, the folder of the keys of the log, or None.
        cache: ``ASSAY_CACHE``, the folder of painted parts of packs; without it, that of the
            platform for this user; None where it is ``off`` or the user has no home.
        max_body: ``ASSAY_MAX_BODY``, bytes of one request, by default 50 MiB.
        body_seconds: ``ASSAY_BODY_SECONDS``, for the whole of a request to arrive.
        rate: ``ASSAY_RATE``, requests a minute of one principal or, without one, of one address.
        server: ``ASSAY_SERVER``, the address of a server to submit to, or None.
        api_key: ``ASSAY_API_KEY``, what a server knows us by; left out of ``repr``.
    """

    database: str = Field(repr=False)
    policies: tuple[Path, ...] = ()
    overlays: tuple[Path, ...] = ()
    scope: Path | None = None
    trust: Path | None = None
    oidc: Path | None = None
    keys: Path | None = None
    cache: Path | None = None
    max_body: int = Field(default=50 * 1024 * 1024, ge=1)
    body_seconds: float = Field(default=30.0, gt=0)
    rate: int = Field(default=120_000, ge=1)
    server: str | None = None
    api_key: str | None = Field(default=None, repr=False)

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
        return cls(
            database=database,
            policies=_paths(source, "ASSAY_POLICIES"),
            overlays=_paths(source, "ASSAY_OVERLAYS"),
            scope=_path(source, "ASSAY_SCOPE"),
            trust=_path(source, "ASSAY_TRUST"),
            oidc=_path(source, "ASSAY_OIDC"),
            keys=_path(source, "ASSAY_KEYS"),
            cache=cache_folder(source),
            max_body=_number(source, _MAX_BODY, cls.model_fields["max_body"].default),
            body_seconds=_number(source, _BODY_SECONDS, cls.model_fields["body_seconds"].default),
            rate=_number(source, _RATE, cls.model_fields["rate"].default),
            server=source.get("ASSAY_SERVER") or None,
            api_key=source.get("ASSAY_API_KEY") or None,
        )


def now() -> datetime:
    """Return this instant in UTC; everything below takes it as an argument."""
    return datetime.now(UTC)


def count_in(folder: Path) -> None:
    """Let what counts requests keep its counts in a folder that processes share.

    The library that counts reads this where it is loaded, so it must be said before.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def processors() -> int:
    """Return how many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def cache_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the folder where painted parts of packs are kept for this user, or None.

    It says nothing of what else is set, so that a command can ask for it before it reads anything.
    """
    source = os.environ if environment is None else environment
    named = source.get("ASSAY_CACHE")
    if named:
        return None if named == _NO_CACHE else Path(named)
    base = source.get("XDG_CACHE_HOME") or source.get("LOCALAPPDATA")
    if base and Path(base).is_absolute():
        return Path(base) / "assaybook"
    home = source.get("HOME")
    if not home or not Path(home).is_absolute():
        return None
    below = ("Library", "Caches") if sys.platform == "darwin" else (".cache",)
    return Path(home, *below, "assaybook")


def _paths(source: Mapping[str, str], name: str) -> tuple[Path, ...]:
    return tuple(Path(one) for one in source.get(name, "").split(os.pathsep) if one)


def _path(source: Mapping[str, str], name: str) -> Path | None:
    return Path(source[name]) if source.get(name) else None


def _number(source: Mapping[str, str], name: str, default: _Number) -> _Number:
    text = source.get(name)
    if not text:
        return default
    try:
        found = type(default)(text)
    except ValueError:
        found = type(default)(0)
    if not 0 < found < _MOST:
        raise OperatorError(
            "setting-invalid",
            f"{text[:40]!r} is no number from 1",
            where=name,
            hint=f"Leave it out for {default}.",
        )
    return found


def words_typed() -> list[str]:
    """Return the whole words that a person typed after ``assay``, as the shell tells them.

    The last one is left out, for it may go on.
    """
    said = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    return said.split(" ")[1:-1]
