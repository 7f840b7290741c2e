"""Chains of certificates: only what leads to the named authority, at that time, for that use."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA224
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from assaybook.ledger.certificates import (
    CertificateError,
    authority,
    certificate,
    chain_fault,
    holder_of,
)
from support.signing import ISSUER, ISSUER_OLD, SINCE, PrivateKey, a_certificate, p256, soon

ROOT_KEY, MIDDLE_KEY, LEAF_KEY = p256(), p256(), p256()
ROOT = a_certificate(ROOT_KEY, name="root", is_authority=True, usage=True)
MIDDLE = a_certificate(
    MIDDLE_KEY, ROOT_KEY, name="middle", issuer="root", is_authority=True, usage=True
)
AT = SINCE + soon(30)
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that it is weak is the point


def _leaf(by: PrivateKey = MIDDLE_KEY, issuer: str = "middle", **more: Any) -> x509.Certificate:
    key: PrivateKey = more.pop("key", LEAF_KEY)
    return a_certificate(key, by, issuer=issuer, **more)


def _middle(**more: Any) -> x509.Certificate:
    known: dict[str, Any] = {"name": "middle", "issuer": "root", "is_authority": True}
    return a_certificate(more.pop("key", MIDDLE_KEY), more.pop("by", ROOT_KEY), **{**known, **more})


def _fault(leaf: x509.Certificate, *others: x509.Certificate, root: x509.Certificate = ROOT
           ) -> str | None:  # fmt: skip
    return chain_fault(leaf, others, root, AT)


def test_a_chain_that_leads_to_the_authority_is_sound() -> None:
    assert _fault(_leaf(), MIDDLE) is None
    assert _fault(_leaf(ROOT_KEY, "root", usage=True)) is None
    assert _fault(_leaf(), _middle(key=p256()), MIDDLE, ROOT) is None


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), Ed25519PrivateKey.generate(),
     ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA", "Ed25519", "P-384"],
)  # fmt: skip
def test_an_authority_may_have_any_strong_key(key: PrivateKey) -> None:
    root = a_certificate(key, name="root", is_authority=True)
    assert _fault(_leaf(key, "root"), root=root) is None


def _extended(oid: str, *, critical: bool) -> tuple[x509.ExtensionType, bool]:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\x05\x00"), critical


NAMES = x509.NameConstraints([x509.DNSName("example")], None)
BROKEN: dict[str, tuple[Callable[[], str | None], str]] = {
    "another authority": (
        lambda: _fault(_leaf(), MIDDLE, root=a_certificate(p256(), name="root", is_authority=True)),
        "no chain",
    ),
    "a missing link": (lambda: _fault(_leaf()), "no chain"),
    "a signer of another name": (lambda: _fault(_leaf(issuer="other"), MIDDLE), "no chain"),
    "signed by itself": (lambda: _fault(a_certificate(LEAF_KEY)), "no chain"),
    "a leaf that is too old": (lambda: _fault(_leaf(until=AT - soon(1))), "holds from"),
    "a leaf of the future": (lambda: _fault(_leaf(since=AT + soon(1))), "holds from"),
    "a link that is too old": (lambda: _fault(_leaf(), _middle(until=AT - soon(1))), "no chain"),
    "an authority that is too old": (
        lambda: _fault(
            _leaf(ROOT_KEY, "root"),
            root=a_certificate(ROOT_KEY, name="root", is_authority=True, until=AT - soon(1)),
        ),
        "authority's own",
    ),
    "a link that is no authority": (
        lambda: _fault(_leaf(), _middle(is_authority=False)),
        "no chain",
    ),
    "a link that may not sign": (lambda: _fault(_leaf(), _middle(usage=False)), "no chain"),
    "a link over too many": (
        lambda: _fault(
            _leaf(LEAF_KEY, "lower"),
            _middle(path_length=0),
            a_certificate(LEAF_KEY, MIDDLE_KEY, name="lower", issuer="middle", is_authority=True),
        ),
        "no chain",
    ),
    "a leaf that is an authority": (
        lambda: _fault(_leaf(is_authority=True), MIDDLE),
        "authority's",
    ),
    "a leaf that may not sign": (lambda: _fault(_leaf(usage=False), MIDDLE), "not for that use"),
    "a leaf for web servers": (
        lambda: _fault(_leaf(purposes=[ExtendedKeyUsageOID.SERVER_AUTH]), MIDDLE),
        "signing of code",
    ),
    "a leaf for nothing": (lambda: _fault(_leaf(purposes=None), MIDDLE), "signing of code"),
    "an extension that nobody knows": (
        lambda: _fault(_leaf(extensions=[_extended("1.2.3.4", critical=True)]), MIDDLE),
        "1.2.3.4 is not understood",
    ),
    "names that are constrained": (
        lambda: _fault(_leaf(), _middle(extensions=[(NAMES, False)])),
        "no chain",
    ),
    "a weak hash": (
        lambda: _fault(_leaf(hashing=SHA224()), MIDDLE),
        "sha224, which is weak",
    ),
    "a weak key": (lambda: _fault(_leaf(key=WEAK), MIDDLE), "weak"),
    "a curve that is not known": (
        lambda: _fault(_leaf(key=ec.generate_private_key(ec.SECP256K1())), MIDDLE),
        "weak",
    ),
    "an extension that cannot be read": (
        lambda: _fault(_leaf(purposes=None, extensions=[_extended("2.5.29.37", critical=False)])),
        "cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_chain_is_worth_nothing_and_says_why(
    fault: Callable[[], str | None], why: str
) -> None:
    assert why in (fault() or "sound")


def test_an_extension_that_is_not_critical_may_be_unknown() -> None:
    assert _fault(_leaf(extensions=[_extended("1.2.3.4", critical=False)]), MIDDLE) is None


def test_an_ed25519_link_is_as_good_as_another() -> None:
    key = Ed25519PrivateKey.generate()
    middle = _middle(key=key)
    assert _fault(_leaf(key), middle) is None


def test_a_long_chain_is_not_followed() -> None:
    keys = [p256() for _ in range(7)]
    links = [
        a_certificate(keys[0], ROOT_KEY, name="0", issuer="root", is_authority=True),
        *(
            a_certificate(keys[n], keys[n - 1], name=str(n), issuer=str(n - 1), is_authority=True)
            for n in range(1, 7)
        ),
    ]
    assert _fault(_leaf(keys[3], "3"), *links) is None
    assert _fault(_leaf(keys[6], "6"), *links) == "no chain of certificates leads to the authority"


def test_authorities_that_sign_each_other_end() -> None:
    one = a_certificate(MIDDLE_KEY, LEAF_KEY, name="a", issuer="b", is_authority=True)
    other = a_certificate(LEAF_KEY, MIDDLE_KEY, name="b", issuer="a", is_authority=True)
    assert _fault(_leaf(MIDDLE_KEY, "a"), one, other) is not None


@pytest.mark.parametrize("form", [Encoding.PEM, Encoding.DER])
def test_a_certificate_is_read_in_both_forms(form: Encoding) -> None:
    assert certificate(ROOT.public_bytes(form)) == ROOT
    assert authority(ROOT.public_bytes(form)) == ROOT


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificate"),
        (_leaf().public_bytes(Encoding.DER), "no authority's"),
        (
            a_certificate(WEAK, name="r", is_authority=True).public_bytes(Encoding.DER),
            "weak",
        ),
    ],
)
def test_what_is_no_authority_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(CertificateError, match=why):
        authority(raw)


def test_a_holder_is_named_by_address_or_uri_and_by_who_authenticated_it() -> None:
    issuer = x509.UnrecognizedExtension(ISSUER, b"\x0c\x0chttps://idp.")
    old = x509.UnrecognizedExtension(ISSUER_OLD, b"https://old")
    found = holder_of(
        _leaf(identities=["ada@x.example", "https://ci"], extensions=[(issuer, False)])
    )
    assert (found.identities, found.issuer) == (("ada@x.example", "https://ci"), "https://idp.")
    assert holder_of(_leaf(extensions=[(old, False)])).issuer == "https://old"
    assert holder_of(_leaf(extensions=[(issuer, False), (old, False)])).issuer == "https://idp."
    assert holder_of(_leaf(identities=())).identities == ()


@pytest.mark.parametrize("raw", [b"", b"\x0c", b"\x0c\x05abc", b"\x13\x03abc"])
def test_an_issuer_that_cannot_be_read_is_none(raw: bytes) -> None:
    extension = x509.UnrecognizedExtension(ISSUER, raw)
    assert holder_of(_leaf(extensions=[(extension, False)])).issuer is None


def test_names_that_cannot_be_read_are_refused() -> None:
    broken = _leaf(identities=(), extensions=[_extended("2.5.29.17", critical=False)])
    with pytest.raises(CertificateError, match="names"):
        holder_of(broken)
