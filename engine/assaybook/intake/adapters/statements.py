"""What all in-toto statements have in common: subjects and digests."""

import re
from collections.abc import Iterator
from typing import Final

from assaybook.domain.record import record
from assaybook.intake.adapter import broken
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, pointer, sequence, short, word

_STRONGEST_FIRST: Final = ("sha256", "sha512", "sha384", "sha1")
_HEX: Final = re.compile(r"[0-9a-fA-F]{8,256}")
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")
_LENGTHS: Final = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


@record
class Subject:
    """An artifact that a statement is about; without a digest that can be read it is None."""

    name: str
    digest: str | None
    pointer: str
    annotations: dict[str, Json]


def subjects_of(document: Parsed, statement: dict[str, Json], at: str) -> Iterator[Subject]:
    """Yield the subjects of a statement.

    Raises:
        SubmitterError: it has none.
    """
    listed = sequence(statement.get("subject"))
    if not listed:
        raise broken(document, "the statement names no subject", at=at)
    for index, raw in enumerate(listed):
        one = mapping(raw)
        yield Subject(
            name=word(one.get("name")) or word(one.get("uri")) or "subject",
            digest=digest_in(one.get("digest")),
            pointer=place(at, "subject", index),
            annotations=mapping(one.get("annotations")),
        )


def digest_in(value: Json) -> str | None:
    """Return the strongest digest of a set that is written as in-toto writes them."""
    found = mapping(value)
    known = [name for name in _STRONGEST_FIRST if name in found]
    for name in (*known, *sorted(found.keys() - set(known))):
        written, algorithm = found[name], _NOT_A_WORD.sub("", name.lower())[:40]
        length = _LENGTHS.get(algorithm)
        if not algorithm or not isinstance(written, str) or not _HEX.fullmatch(written):
            continue
        if length is None or len(written) == length:
            return f"{algorithm}:{written.lower()}"
    return None


def inside(at: str) -> str:
    """Return a place whose text is base64, as the place of what is in it."""
    return f"{at} (decoded) "


def place(at: str, *parts: str | int) -> str:
    """Return a place below another, as a person can follow it."""
    return short(f"{at}{pointer(*parts)}")
