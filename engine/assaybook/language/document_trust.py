"""Trust files: the persons whose signatures count, with their roles and public keys."""

import base64
import binascii
import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError
from assaybook.language.document_problems import raise_all, read_document
from assaybook.language.document_words import InstantText, Line, Person
from assaybook.language.source import Source

_KEY_BYTES: Final = 32
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")


def _key_bytes(text: str) -> bytes | None:
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _KEY_BYTES else None


def _is_key(text: str) -> str:
    if _key_bytes(text) is None:
        raise PydanticCustomError(
            "bad_key", "must be an Ed25519 public key: 32 bytes as 64 hex digits or as base64"
        )
    return text


class PersonDocument(Frozen):
    """A person, their roles, and one key with the time in which it counts.

    A person who changes keys stands once for each key.
    """

    id: Person
    name: Line
    roles: Annotated[tuple[Line, ...], Field(min_length=1)]
    key: Annotated[str, AfterValidator(_is_key)] = Field(description="Ed25519, hex or base64.")
    valid_from: InstantText | None = None
    valid_until: InstantText | None = None

    @property
    def key_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return _key_bytes(self.key) or b""


class TrustDocument(Frozen):
    """The persons whose answers and approvals count."""

    persons: Annotated[tuple[PersonDocument, ...], Field(min_length=1)]


def load_trust(source: Source) -> TrustDocument:
    """Return the persons of a trust file.

    Raises:
        ProblemsError: with every fault; one key under two ids is one, for then one person could
            count as two.
    """
    document = read_document(TrustDocument, source)
    problems: list[AuthorError] = []
    holders: dict[bytes, str] = {}
    for index, person in enumerate(document.persons):
        path = ("persons", index)
        if person.key_bytes in holders:
            message = f"this key stands at {holders[person.key_bytes]!r} already"
            hint = "Each person has a key of their own, and each key stands once."
            where = source.where((*path, "key"))
            problems.append(AuthorError("trust-key-twice", message, where=where, hint=hint))
        holders.setdefault(person.key_bytes, person.id)
        starts, ends = person.valid_from, person.valid_until
        if starts is not None and ends is not None and starts >= ends:
            message = "the key stops counting before it starts to"
            where = source.where((*path, "valid_until"))
            problems.append(AuthorError("trust-never-valid", message, where=where))
    raise_all(problems)
    return document
