"""Bundles as files: what was in force, under one digest, to keep, compare and sign."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import JsonValue

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.canonical import canonical
from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Bundle
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.language.bundle import bundle_json, read_bundle
from assaybook.ledger import dsse
from assaybook.service.files import read_bytes
from assaybook.service.judge import ENGINE

PAYLOAD_TYPE: Final = "application/vnd.assaybook.bundle+json"
_KEYS: Final = {"bundle", "digest", "engine"}


@record
class BundleFile:
    """A bundle that was read from a file.

    Attributes:
        bundle: parsed and checked again; its digest is computed here.
        engine: the product and version that wrote it.
        signed: it came in an envelope, whoever signed that.
        signers: persons of the trust file whose signatures verify.
    """

    bundle: Bundle
    engine: str
    signed: bool = False
    signers: tuple[str, ...] = ()


def written_bundle(bundle: Bundle) -> bytes:
    """Return a bundle as canonical JSON with its digest and the engine that wrote it."""
    said: dict[str, JsonValue] = {
        "bundle": bundle_json(bundle),
        "digest": bundle.digest,
        "engine": ENGINE,
    }
    return canonical(said)


def signed_bundle(path: Path, key: Ed25519PrivateKey, person: str) -> bytes:
    """Return the bundle of a file in a DSSE envelope signed by a person.

    Raises:
        AuthorError: it is no bundle, or not the one that its digest names.
    """
    raw = read_bytes(path)
    _bundle_of(_json(raw, str(path)), str(path))
    return dsse.sign(PAYLOAD_TYPE, raw, key, person)


def read_bundle_file(path: Path, trust: Trust) -> BundleFile:
    """Return the bundle of a plain or signed file.

    Raises:
        AuthorError: ``bundle-malformed``, ``bundle-mismatch``, or a part of it cannot be used.
        SubmitterError: the envelope cannot be read.
    """
    return bundle_within(read_bytes(path), str(path), trust)


def bundle_within(raw: bytes, where: str, trust: Trust) -> BundleFile:
    """Return the bundle of the bytes of a plain or signed file.

    Raises:
        AuthorError: ``bundle-malformed``, ``bundle-mismatch``, or a part of it cannot be used.
        SubmitterError: the envelope cannot be read.
    """
    value = _json(raw, where)
    if not isinstance(value, dict) or "payloadType" not in value:
        return _bundle_of(value, where)
    opened = dsse.opened(raw, trust.holders(), where)
    if opened.payload_type != PAYLOAD_TYPE:
        raise AuthorError(
            "bundle-malformed", f"what is signed is {opened.payload_type}", where=where
        )
    found = _bundle_of(_json(opened.payload, where), where)
    return replace(found, signed=True, signers=opened.signers)


def _json(raw: bytes, where: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise AuthorError("bundle-malformed", "it is no JSON", where=where) from error
    return value


def _bundle_of(value: JsonValue, where: str) -> BundleFile:
    if not isinstance(value, dict) or value.keys() != _KEYS:
        keys = ", ".join(sorted(_KEYS))
        raise AuthorError(
            "bundle-malformed",
            f"a bundle file has the keys {keys} and no other",
            where=where,
            hint="Name a file that this wrote: assay bundle build -o FILE",
        )
    bundle = read_bundle(value["bundle"], load_catalogs())
    if bundle.digest != value["digest"]:
        raise AuthorError(
            "bundle-mismatch",
            f"its digest is {bundle.digest}, and it says {value['digest']}",
            where=where,
            hint="The file was changed after it was written. Build it again from its sources.",
        )
    return BundleFile(bundle, str(value["engine"]))
