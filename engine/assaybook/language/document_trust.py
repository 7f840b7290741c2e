"""Trust files: whose signatures count, each with public keys or certificates."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError
from assaybook.domain.ids import person_key
from assaybook.language.document_problems import raise_all, read_document
from assaybook.language.document_words import InstantText, Line, Person
from assaybook.language.source import Source

_KEY_BYTES: Final = 32
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_PEM: Final = re.compile(r"\s*-----BEGIN ([A-Z ]{1,40})-----\s[A-Za-z0-9+/=\s]+-----END \1-----\s*")
_LONGEST_PEM: Final = 20_000


def key_bytes(text: str) -> bytes | None:
    """Return the 32 bytes of an Ed25519 key in hex or base64, or None for another text."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _KEY_BYTES else None


def _is_key(text: str) -> str:
    if key_bytes(text) is None:
        raise PydanticCustomError(
            "bad_key", "must be an Ed25519 public key: 32 bytes as 64 hex digits or as base64"
        )
    return text


def _is_pem(text: str, words: str) -> bool:
    found = _PEM.fullmatch(text) if len(text) <= _LONGEST_PEM else None
    return found is not None and found[1] == words


def _is_any_key(text: str) -> str:
    if key_bytes(text) is None and not _is_pem(text, "PUBLIC KEY"):
        raise PydanticCustomError(
            "bad_key", "must be a public key as PEM, or Ed25519 as 64 hex digits or as base64"
        )
    return text


def _is_certificate(text: str) -> str:
    if not _is_pem(text, "CERTIFICATE"):
        raise PydanticCustomError("bad_certificate", "must be one certificate as PEM")
    return text


class _Counting(Frozen):
    """Something that counts in a half-open time; without bounds always."""

    valid_from: InstantText | None = None
    valid_until: InstantText | None = None


class PersonDocument(_Counting):
    """A person, their roles, and one key with the time in which it counts.

    A person who changes keys stands once for each key.
    """

    id: Person
    name: Line
    roles: Annotated[tuple[Line, ...], Field(min_length=1)]
    key: Annotated[str, AfterValidator(_is_key)] = Field(description="Ed25519, hex or base64.")

    @property
    def key_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return key_bytes(self.key) or b""


class SignerDocument(_Counting):
    """A pipeline, builder or vendor whose key signs evidence.

    One that changes keys stands once for each key.
    """

    id: Person
    key: Annotated[str, AfterValidator(_is_any_key)] = Field(
        description="PEM (Ed25519, ECDSA on P-256, P-384 or P-521), or Ed25519 as hex or base64."
    )
    builders: tuple[Line, ...] = Field(
        default=(), description="Ids of builders whose provenance it may sign."
    )

    @property
    def key_bytes(self) -> bytes:
        """The 32 bytes of an Ed25519 key, or the PEM."""
        return key_bytes(self.key) or self.key.encode()


class AuthorityDocument(_Counting):
    """An authority, and whose certificates of it sign evidence."""

    id: Person
    certificate: Annotated[str, AfterValidator(_is_certificate)] = Field(
        description="The authority's own certificate as PEM."
    )
    identities: Annotated[tuple[Line, ...], Field(min_length=1)] = Field(
        description="E-mail addresses or URIs, one of which a certificate must name, exactly."
    )
    issuer: Line | None = Field(
        default=None, description="Who must have authenticated the signer, as a URL."
    )
    builders: tuple[Line, ...] = Field(
        default=(), description="Ids of builders whose provenance they may sign."
    )


class TrustDocument(Frozen):
    """Whose signatures count: persons answer and approve, signers and authorities sign evidence."""

    persons: tuple[PersonDocument, ...] = ()
    signers: tuple[SignerDocument, ...] = ()
    authorities: tuple[AuthorityDocument, ...] = ()


def load_trust(source: Source) -> TrustDocument:
    """Return the persons, signers and authorities of a trust file.

    Raises:
        ProblemsError: with every fault; one key or one name under two ids is one, for then one
            person could count as two.
    """
    document = read_document(TrustDocument, source)
    problems: list[AuthorError] = []
    if not (document.persons or document.signers or document.authorities):
        message = "nobody is trusted"
        hint = "Name persons, signers or authorities, or leave the file out."
        problems.append(AuthorError("trust-empty", message, where=source.where(()), hint=hint))
    problems += _shared_keys(document, source)
    problems += _shared_names(document, source)
    for section in ("persons", "signers", "authorities"):
        problems += _never_valid(getattr(document, section), section, source)
    raise_all(problems)
    return document


def _shared_keys(document: TrustDocument, source: Source) -> Iterator[AuthorError]:
    holders: dict[bytes, str] = {}
    keys = [
        *(("persons", index, one.id, one.key_bytes) for index, one in enumerate(document.persons)),
        *(("signers", index, one.id, one.key_bytes) for index, one in enumerate(document.signers)),
    ]
    for section, index, holder, key in keys:
        if key in holders:
            message = f"this key stands at {holders[key]!r} already"
            hint = "Each person has a key of their own, and each key stands once."
            where = source.where((section, index, "key"))
            yield AuthorError("trust-key-twice", message, where=where, hint=hint)
        holders.setdefault(key, holder)


def _shared_names(document: TrustDocument, source: Source) -> Iterator[AuthorError]:
    """Yield persons who stand under two ids: by their name, or by the case of the id."""
    holders: dict[str, str] = {}
    for index, one in enumerate(document.persons):
        for part, said in (("id", one.id), ("name", one.name)):
            holder = holders.setdefault(f"{part} {person_key(said)}", one.id)
            if holder != one.id:
                message = f"{said!r} stands at {holder!r} already, so one person could be two"
                hint = "Give both keys of one person one id, and two persons two names."
                where = source.where(("persons", index, part))
                yield AuthorError("trust-person-twice", message, where=where, hint=hint)


def _never_valid(
    listed: tuple[_Counting, ...], section: str, source: Source
) -> Iterator[AuthorError]:
    for index, one in enumerate(listed):
        starts, ends = one.valid_from, one.valid_until
        if starts is not None and ends is not None and starts >= ends:
            message = "the key stops counting before it starts to"
            where = source.where((section, index, "valid_until"))
            yield AuthorError("trust-never-valid", message, where=where)
