"""Keys that can be trusted, and those that are refused because anybody could sign for them."""

import base64
import hashlib
import itertools
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assaybook.ledger.dsse import pae
from assaybook.ledger.public_keys import (
    WeakKeyError,
    der_of,
    names_of,
    pem_of,
    print_of,
    public_key,
    raw_text,
    signed_by,
)
from support.signing import PrivateKey, der, p256, pem, signature_of

P384 = ec.generate_private_key(ec.SECP384R1())
P521 = ec.generate_private_key(ec.SECP521R1())
KINDS: list[PrivateKey] = [Ed25519PrivateKey.generate(), p256(), P384, P521]


@pytest.mark.parametrize("key", KINDS, ids=["Ed25519", "P-256", "P-384", "P-521"])
def test_a_key_is_read_in_each_form_and_knows_its_signatures(key: PrivateKey) -> None:
    signature = signature_of(key, b"said")
    for raw in (der(key), pem(key).encode()):
        found = public_key(raw)
        assert (der_of(found), pem_of(found)) == (der(key), pem(key))
        assert signed_by(found, signature, b"said")
        assert not signed_by(found, signature, b"not said")
        assert not signed_by(found, b"", b"said")


@pytest.mark.parametrize("key", KINDS[1:], ids=["P-256", "P-384", "P-521"])
def test_two_numbers_side_by_side_are_a_signature_too(key: ec.EllipticCurvePrivateKey) -> None:
    size = (key.key_size + 7) // 8
    numbers = decode_dss_signature(signature_of(key, b"said"))
    raw = b"".join(one.to_bytes(size, "big") for one in numbers)
    assert signed_by(public_key(der(key)), raw, b"said")
    assert not signed_by(public_key(der(key)), raw, b"other")


def test_the_32_bytes_of_ed25519_are_a_key() -> None:
    key = Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert der_of(public_key(raw)) == der(key)
    assert base64.b64decode(raw_text(public_key(raw))) == raw
    assert hashlib.sha256(raw).hexdigest() in names_of(public_key(raw))
    assert raw_text(public_key(der(p256()))) == ""


def test_a_key_is_named_by_digests_of_its_written_forms() -> None:
    key = p256()
    names = names_of(public_key(der(key)))
    assert {hashlib.sha256(one).hexdigest() for one in (der(key), pem(key).encode())} <= names
    assert print_of(public_key(der(key))).removeprefix("sha256:") in names


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"key",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        der(rsa.generate_private_key(65537, 2048)),
        der(ec.generate_private_key(ec.SECP256K1())),
        bytes(32),
        b"\x01" + bytes(31),
        b"\x01" + bytes(30) + b"\x80",
        b"\xec" + b"\xff" * 30 + b"\x7f",
        b"\xed" + b"\xff" * 30 + b"\x7f",
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ],
    ids=itertools.count(),
)
def test_what_is_no_strong_key_is_refused(raw: bytes) -> None:
    with pytest.raises(WeakKeyError):
        public_key(raw)


def test_the_worked_example_of_the_protocol_verifies() -> None:
    folder = os.environ.get("ASSAY_VECTORS")
    if folder is None:
        pytest.skip("ASSAY_VECTORS is not set: the vectors are not in the repository")
    said = json.loads((Path(folder) / "dsse.json").read_text())
    numbers = ec.EllipticCurvePublicNumbers(
        int(said["key"]["x"]), int(said["key"]["y"]), ec.SECP256R1()
    )
    key = public_key(
        numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    message = pae(said["payloadType"], said["payload_utf8"].encode())
    signature = base64.b64decode(said["envelope"]["signatures"][0]["sig"])
    assert signed_by(key, signature, message)
