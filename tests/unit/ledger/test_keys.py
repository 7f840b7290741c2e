"""Keys of persons: made, written, read back, or refused."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509 import KeyUsage

from assaybook.domain.errors import UsageError
from assaybook.ledger.keys import (
    new_key,
    new_report_key,
    private_key,
    private_pem,
    private_report_key,
    public_bytes,
    public_text,
    self_signed,
)


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


def test_a_key_for_packs_is_read_back_and_no_other_is_taken_for_it() -> None:
    key = new_report_key()
    again = private_report_key(private_pem(key), "report.pem")
    assert again.private_numbers() == key.private_numbers()
    longer = private_pem(generate_private_key(SECP384R1()))
    for wrong in (private_pem(new_key()), longer, b"no key"):
        with pytest.raises(UsageError, match="P-256") as caught:
            private_report_key(wrong, "report.pem")
        assert (caught.value.code, caught.value.where) == ("key-unreadable", "report.pem")


def test_a_certificate_speaks_for_its_own_key_in_its_time_and_for_no_other() -> None:
    key = new_report_key()
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    made = self_signed(key, "ward " * 40, not_before=start, not_after=end)
    made.verify_directly_issued_by(made)
    assert made.public_key() == key.public_key()
    assert (made.not_valid_before_utc, made.not_valid_after_utc) == (start, end)
    usage = made.extensions.get_extension_for_class(KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
