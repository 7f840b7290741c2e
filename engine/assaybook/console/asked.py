"""What an address asks for in its query; what cannot be is an error in our words, never a crash."""

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from assaybook.console.backend import backend_of
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant

_Kind = TypeVar("_Kind", bound=StrEnum)
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
_LONGEST: Final = 300
_TO_MINUTES: Final = len("2026-11-21T09:30")


def text(request: Request, name: str) -> str | None:
    """Return one value of the query; None where there is none, or an empty one as forms send.

    Raises:
        UsageError: ``request-invalid``, it is too long, or holds a character that nothing has.
    """
    said = request.query_params.get(name, "").strip()
    if len(said) > _LONGEST or "\x00" in said:
        raise _invalid(name, f"a text of up to {_LONGEST} characters")
    return said or None


def choice(request: Request, name: str, kind: type[_Kind]) -> _Kind | None:
    """Return one value of the query, of those that there are; None where there is none.

    Raises:
        UsageError: ``request-invalid``, it is none of them.
    """
    said = text(request, name)
    if said is None:
        return None
    try:
        return kind(said)
    except ValueError:
        raise _invalid(name, f"one of {', '.join(kind)}") from None


def as_of(request: Request) -> datetime | None:
    """Return the past instant that is asked for, in UTC where it names no zone; None for now.

    Raises:
        UsageError: ``request-invalid`` or ``as-of-in-the-future``.
    """
    said = text(request, "as_of")
    if said is None:
        return None
    instant = instant_in(said, "as_of")
    if instant > backend_of(request).clock():
        raise UsageError("as-of-in-the-future", "as_of has not passed yet", where="as_of")
    return instant


def instant_in(said: str, name: str) -> datetime:
    """Return an instant as fields of forms and addresses say it, in UTC where it names no zone.

    Raises:
        UsageError: ``request-invalid``, of the field ``name``.
    """
    try:
        return _INSTANT.validate_python(said if len(said) > _TO_MINUTES + 3 else f"{said}Z")
    except ValidationError:
        raise _invalid(name, "an instant such as 2026-11-21T09:30:00Z") from None


def _invalid(name: str, wanted: str) -> UsageError:
    return UsageError("request-invalid", f"{name} must be {wanted}", where=name)
