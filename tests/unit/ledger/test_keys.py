"""Keys of persons: made, written, read back, or refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from assaybook.domain.errors import UsageError
from assaybook.ledger.keys import new_key, private_key, private_pem, public_bytes, public_text


def test_a_key_is_read_back_as_it_was_written() -> None:
    key = new_key()
    again = private_key(private_pem(key), "ada.pem")
    assert public_bytes(again) == public_bytes(key)


def test_the_public_half_is_32_bytes_in_base64() -> None:
    key = new_key()
    assert base64.b64decode(public_text(key), validate=True) == public_bytes(key)
    assert len(public_bytes(key)) == 32


def test_two_keys_differ() -> None:
    assert public_bytes(new_key()) != public_bytes(new_key())


def _locked() -> bytes:
    secret = BestAvailableEncryption(b"secret")
    return new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret)


def _another_kind() -> bytes:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("pem", [b"", b"no key", _locked(), _another_kind()])
def test_what_is_no_such_key_is_refused_with_its_place(pem: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        private_key(pem, "ada.pem")
    assert (caught.value.code, caught.value.where) == ("key-unreadable", "ada.pem")
