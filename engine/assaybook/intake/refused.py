"""What is to be kept of a document that cannot be read: its digest and its format, not its content.

Nothing that it says is taken over, since what made it unreadable may be what must not be kept.
"""

from typing import Final

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import AssayError
from assaybook.domain.record import record
from assaybook.intake.detect import detect
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.recognise import recognise
from assaybook.intake.registry import adapter_named

NOT_RECEIVED: Final = frozenset({"file-unreadable"})
"""Codes of files of which nothing came: there was no document."""


@record
class RefusedFile:
    """A document that could not be read.

    ``digest`` and ``size`` are None where not all of its bytes were taken in. ``families`` are the
    fact types that a document of its formats can hold; none where the format is not known.
    """

    name: str
    code: str
    digest: str | None = None
    size: int | None = None
    declared: str = ""
    detected: str = ""
    families: tuple[str, ...] = ()


def refused_file(
    name: str, code: str, *, raw: bytes | None, declared: str | None, limits: Limits
) -> RefusedFile:
    """Return what is kept of a document that was refused; its bytes are looked at once more."""
    digest, size, detected = None, None, ""
    if raw is not None:
        digest, size = digest_of(raw), len(raw)
        detected = _seen_as(raw, name, limits)
    families = {one for form in (declared, detected) if form for one in _families(form)}
    return RefusedFile(name, code, digest, size, declared or "", detected, tuple(sorted(families)))


def _seen_as(raw: bytes, name: str, limits: Limits) -> str:
    """Return the format that bytes are taken for; empty where for none."""
    try:
        document = parse(raw, name, limits)
    except AssayError:
        return ""
    try:
        return detect(document, None)[0].name
    except AssayError:
        other = recognise(document)
        return other.format if other is not None else ""


def _families(form: str) -> tuple[str, ...]:
    try:
        return adapter_named(form).facts
    except AssayError:
        return ()
