"""Canonical JSON (RFC 8785) and SHA-256 digests."""

import hashlib

import rfc8785
from pydantic import BaseModel, JsonValue


def canonical(value: JsonValue) -> bytes:
    """Return the RFC 8785 bytes of a JSON value.

    Raises:
        rfc8785.CanonicalizationError: a number is not finite or an integer is beyond 2**53.
    """
    return rfc8785.dumps(value)


def digest_of(raw: bytes) -> str:
    """Return ``sha256:<hex>`` of some bytes."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def digest_of_model(model: BaseModel, exclude: set[str] | None = None) -> str:
    """Return the digest of a model's canonical JSON, by alias, without some of its fields."""
    dumped: JsonValue = model.model_dump(mode="json", by_alias=True, exclude=exclude)
    return digest_of(canonical(dumped))
