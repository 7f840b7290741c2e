"""Roots for tests: real keys, made once for a run, in versions that sign one another."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.domain.canonical import canonical
from assaybook.ledger.dsse import pae
from assaybook.ledger.keys import new_key
from assaybook.ledger.public_keys import print_of
from assaybook.ledger.root import ROOT_TYPE, Role, Root, RootKey, RootVersion
from assaybook.ledger.root_change import first_version, root_key, signed_root
from support.signing import a_certificate, p256

LOG: Final = "log.example.org"
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)


@cache
def private(name: str) -> Ed25519PrivateKey:
    """Return the key of a name, the same throughout a run."""
    del name
    return new_key()


@cache
def report_private(name: str) -> EllipticCurvePrivateKey:
    """Return the key for reports of a name, the same throughout a run."""
    del name
    return p256()


def a_root_key(name: str, role: Role, *, at: datetime = BEGAN, days: int = 900) -> RootKey:
    """Return the key of a name as a root names it."""
    if role == "report":
        key = report_private(name)
        signs = a_certificate(key)
        return root_key(
            key.public_key(), role, not_before=at, not_after=at + days * DAY, certificate=signs
        )
    public = private(name).public_key()
    return root_key(public, role, not_before=at, not_after=at + days * DAY)


def id_of(name: str) -> str:
    """Return the id of the key of a name."""
    return print_of(private(name).public_key())


@cache
def a_root() -> Root:
    """Return a first version with one key of each role."""
    roles: tuple[Role, ...] = ("root", "checkpoint", "statement", "report")
    keys = [a_root_key(role, role) for role in roles]
    return signed_root(None, first_version(LOG, keys, at=BEGAN), [private("root")])


def forged(versions: list[tuple[RootVersion, list[str]]]) -> bytes:
    """Return a root file of versions and of the names that sign each, whatever that is worth."""
    return file_of([(one.payload(), names) for one, names in versions])


def file_of(payloads: list[tuple[bytes, list[str]]], kind: str = ROOT_TYPE) -> bytes:
    """Return a root file of payloads and of the names that sign each."""
    said: list[Any] = []
    for payload, names in payloads:
        signatures = [
            {
                "keyid": id_of(name),
                "sig": base64.b64encode(private(name).sign(pae(kind, payload))).decode(),
            }
            for name in names
        ]
        signatures.sort(key=lambda one: one["keyid"])
        text = base64.b64encode(payload).decode()
        said.append({"payload": text, "payloadType": kind, "signatures": signatures})
    return canonical({"versions": said})


def loosely(raw: bytes) -> Any:
    """Return a root file as JSON, to be changed."""
    return json.loads(raw)
