"""A document that was submitted and refused: that it came is on record, never what was in it."""

from typing import Final

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Digest, Instant, SystemId, Version

LONGEST_NAME: Final = 200
MOST_KEPT: Final = 1_000
"""Refusals that are recorded of one release: more would let a sender fill the disk with nothing."""


class Refusal(Frozen):
    """One document that came for a release and could not be read as evidence.

    It changes no verdict. Its bytes are not kept, and neither is what was said of their content:
    ``code`` is the reason, whose meaning is in the error reference.

    Attributes:
        id: SHA-256 over the release and the bytes, so that the same bytes are refused once.
        digest: SHA-256 of the bytes; None where not all of them were taken in.
        size: in bytes; None as above.
        name: of the file, cut after 200 characters.
        declared: the format that it was submitted as; empty where nothing was said.
        detected: the format that its content was taken for; empty where for none.
        families: fact types that a document of these formats can hold; empty where the format is
            not known.
    """

    id: str = Field(pattern=r"^rf-[0-9a-f]{32}$")
    system: SystemId
    release: Version
    digest: Digest | None
    size: int | None = Field(ge=0)
    name: str = Field(max_length=LONGEST_NAME)
    declared: str = Field(max_length=LONGEST_NAME)
    detected: str = Field(max_length=LONGEST_NAME)
    families: tuple[str, ...]
    code: str = Field(max_length=LONGEST_NAME)
    received_at: Instant
    submitted_by: str
