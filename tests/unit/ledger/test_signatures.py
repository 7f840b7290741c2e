"""Who signed: by a key or an authority that is trusted, at that time, and by nobody else."""

import base64
import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.trust import Trust, TrustedAuthority, TrustedKey, TrustedSigner
from assaybook.ledger.keys import public_bytes
from assaybook.ledger.public_keys import der_of, names_of, public_key
from assaybook.ledger.signatures import Signing, signers_of, signing_of
from support.signing import (
    ISSUER,
    SINCE,
    PrivateKey,
    a_certificate,
    bundle,
    chain_of,
    der,
    envelope,
    p256,
    pem,
    provenance,
    soon,
)

AT = SINCE + soon(30)
STATEMENT = provenance()
CI, ADA, OTHER = p256(), Ed25519PrivateKey.generate(), p256()
ROOT_KEY, LEAF_KEY = p256(), p256()
ROOT = a_certificate(ROOT_KEY, name="root", is_authority=True)
LEAF = a_certificate(LEAF_KEY, ROOT_KEY, issuer="root")


def _signer(key: PrivateKey = CI, **changes: Any) -> TrustedSigner:
    known: dict[str, Any] = {"id": "ci", "key": der(key), "builders": ("https://builder",)}
    return TrustedSigner(**{**known, **changes})


def _authority(**changes: Any) -> TrustedAuthority:
    known: dict[str, Any] = {
        "id": "house",
        "certificate": ROOT.public_bytes(Encoding.DER),
        "identities": ("https://ci.example/run",),
    }
    return TrustedAuthority(**{**known, **changes})


TRUST = Trust(
    signers=(_signer(),),
    keys=(TrustedKey(person="ada", name="Ada", roles=("r",), key=public_bytes(ADA)),),
    authorities=(_authority(),),
)


def _judged(sealed: dict[str, Any], trust: Trust = TRUST, **material: Any) -> Signing:
    whole = bundle(sealed, **material) if material else sealed
    return signing_of(whole, sealed, trust, AT)


def test_a_signature_of_a_trusted_key_is_verified_and_says_whose_it_is() -> None:
    found = _judged(envelope(STATEMENT, CI))
    assert (found.state, found.signers) == ("verified", ("ci",))
    assert found.builders == {"https://builder"}


def test_a_person_may_sign_evidence_too() -> None:
    assert _judged(envelope(STATEMENT, ADA)).signers == ("ada",)


def test_several_signers_are_all_named() -> None:
    assert _judged(envelope(STATEMENT, CI, ADA, OTHER)).signers == ("ada", "ci")


@pytest.mark.parametrize(
    ("sealed", "trust"),
    [
        pytest.param(envelope(STATEMENT, OTHER), TRUST, id="a key that nobody trusts"),
        pytest.param(envelope(STATEMENT, CI), Trust(), id="nobody is trusted"),
        pytest.param(
            envelope(STATEMENT, CI),
            Trust(signers=(_signer(valid_until=AT),)),
            id="a key that no longer counts",
        ),
        pytest.param(
            envelope(STATEMENT, CI),
            Trust(signers=(_signer(valid_from=AT + soon(1)),)),
            id="a key that does not count yet",
        ),
    ],
)
def test_a_signature_that_nobody_vouches_for_is_a_claim_and_says_why(
    sealed: dict[str, Any], trust: Trust
) -> None:
    found = _judged(sealed, trust)
    assert (found.state, found.signers, bool(found.why)) == ("unknown", (), True)


def _changed(sealed: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(sealed), **changes}


PAYLOAD = base64.b64encode(b"{}").decode()
HINT = min(names_of(public_key(der(CI))))


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(lambda: _judged({}), id="no envelope"),
        pytest.param(lambda: _judged(envelope(STATEMENT)), id="no signature"),
        pytest.param(
            lambda: _judged(_changed(envelope(STATEMENT, CI), signatures="x")), id="a text of them"
        ),
        pytest.param(
            lambda: _judged(_changed(envelope(STATEMENT, CI), payload="*")), id="no base64"
        ),
        pytest.param(lambda: _judged(_changed(envelope(STATEMENT, CI), payload=1)), id="a number"),
        pytest.param(
            lambda: _judged(_changed(envelope(STATEMENT, CI), signatures=[{"sig": "AA=="}] * 33)),
            id="too many signatures",
        ),
        pytest.param(
            lambda: _judged(_changed(envelope(STATEMENT, CI, keyid="ci"), payload=PAYLOAD)),
            id="a changed payload of a named signer",
        ),
        pytest.param(
            lambda: _judged(_changed(envelope(STATEMENT, CI, keyid="ci"), payloadType="other")),
            id="a changed type of a named signer",
        ),
        pytest.param(
            lambda: _judged(envelope(STATEMENT, OTHER), publicKey={"hint": HINT}),
            id="a bundle that names another's key",
        ),
        pytest.param(
            lambda: _judged(envelope(STATEMENT, OTHER, keyid=f"sha256:{HINT}")),
            id="an envelope that names another's key",
        ),
        pytest.param(
            lambda: _judged(
                envelope(STATEMENT, OTHER),
                publicKey={"rawBytes": base64.b64encode(pem(CI).encode()).decode()},
            ),
            id="a bundle with another key",
        ),
        pytest.param(
            lambda: _judged(envelope(STATEMENT, OTHER), **chain_of(LEAF)),
            id="a bundle with another's certificate",
        ),
        pytest.param(
            lambda: _judged(envelope(STATEMENT, OTHER), certificate={"rawBytes": "AAAA"}),
            id="a certificate that is none",
        ),
    ],
)
def test_a_signature_that_contradicts_itself_is_invalid(found: Callable[[], Signing]) -> None:
    signing = found()
    assert (signing.state, signing.signers, bool(signing.why)) == ("invalid", (), True)


def test_a_trusted_signature_stands_whatever_else_is_in_the_envelope() -> None:
    wrong = {"hint": min(names_of(public_key(der(OTHER))))}
    assert _judged(envelope(STATEMENT, CI), publicKey=wrong).state == "verified"


def _by_leaf(leaf: Any = LEAF, key: PrivateKey = LEAF_KEY, trust: Trust = TRUST) -> Signing:
    return _judged(envelope(STATEMENT, key), trust, **chain_of(leaf, ROOT))


def test_a_certificate_of_a_trusted_authority_signs_as_whom_it_names() -> None:
    assert _by_leaf().signers == ("https://ci.example/run",)
    raw = base64.b64encode(LEAF.public_bytes(Encoding.DER)).decode()
    single = _judged(envelope(STATEMENT, LEAF_KEY), certificate={"rawBytes": raw})
    assert single.state == "verified"
    sealed = envelope(STATEMENT, LEAF_KEY, OTHER)
    sealed["signatures"][0]["cert"] = LEAF.public_bytes(Encoding.PEM).decode()
    assert _judged(sealed).signers == ("https://ci.example/run",)


IDP = x509.UnrecognizedExtension(ISSUER, b"\x0c\x0bhttps://idp")
ISSUED = a_certificate(LEAF_KEY, ROOT_KEY, issuer="root", extensions=[(IDP, False)])


def test_who_authenticated_the_signer_must_be_who_is_expected() -> None:
    expected = Trust(authorities=(_authority(issuer="https://idp"),))
    assert _by_leaf(ISSUED, trust=expected).state == "verified"
    assert (
        "https://idp authenticated"
        in _by_leaf(ISSUED, trust=Trust(authorities=(_authority(issuer="https://other"),))).why
    )
    assert "None authenticated" in _by_leaf(trust=expected).why


@pytest.mark.parametrize(
    ("leaf", "changes", "why"),
    [
        pytest.param(LEAF, {"identities": ("x@y",)}, "names https://ci", id="another identity"),
        pytest.param(
            a_certificate(LEAF_KEY, ROOT_KEY, issuer="root", identities=()),
            {},
            "names nobody",
            id="no identity",
        ),
        pytest.param(
            a_certificate(LEAF_KEY, ROOT_KEY, issuer="root", until=AT - soon(1)),
            {},
            "holds from",
            id="a certificate that had run out when it was received",
        ),
        pytest.param(a_certificate(LEAF_KEY), {}, "no chain", id="another authority"),
        pytest.param(LEAF, {"valid_until": AT}, "did not count", id="an authority of the past"),
    ],
)
def test_a_certificate_that_proves_nothing_leaves_a_claim(
    leaf: Any, changes: dict[str, Any], why: str
) -> None:
    found = _by_leaf(leaf, trust=Trust(authorities=(_authority(**changes),)))
    assert (found.state, why in found.why) == ("unknown", True), found.why


def test_a_certificate_with_names_that_cannot_be_read_proves_nothing() -> None:
    names = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x05\x00")
    leaf = a_certificate(
        LEAF_KEY, ROOT_KEY, issuer="root", identities=(), extensions=[(names, False)]
    )
    assert _by_leaf(leaf).state == "unknown"


def test_a_key_of_a_kind_that_is_not_read_proves_nothing_and_contradicts_nothing() -> None:
    key = rsa.generate_private_key(65537, 2048)
    leaf = a_certificate(key, ROOT_KEY, issuer="root")
    assert _judged(envelope(STATEMENT, OTHER), **chain_of(leaf)).state == "unknown"
    raw = base64.b64encode(pem(key).encode()).decode()
    assert _judged(envelope(STATEMENT, OTHER), publicKey={"rawBytes": raw}).state == "unknown"


def test_two_signatures_do_not_share_the_certificate_of_a_bundle() -> None:
    found = _judged(envelope(STATEMENT, OTHER, LEAF_KEY), **chain_of(LEAF))
    assert found.state == "unknown"


def test_a_weak_key_of_a_person_signs_no_evidence() -> None:
    weak = TrustedKey(person="eve", name="Eve", roles=("r",), key=bytes(32))
    assert signers_of(Trust(keys=(weak,))) == ()


def test_base64_for_addresses_is_read_too() -> None:
    sealed = envelope({**STATEMENT, "x": "\u00ff\u00fe?>"}, CI)
    sealed["payload"] = sealed["payload"].replace("+", "-").replace("/", "_")
    sealed["signatures"][0]["sig"] = (
        sealed["signatures"][0]["sig"].replace("+", "-").replace("/", "_")
    )
    assert _judged(sealed).state == "verified"


SEALED = envelope(STATEMENT, CI)


@given(st.sampled_from(["payload", "sig"]), st.integers(0, 2_000), st.integers(1, 63))
def test_no_single_changed_letter_is_verified(part: str, at: int, by: int) -> None:
    sealed = copy.deepcopy(SEALED)
    holder = sealed if part == "payload" else sealed["signatures"][0]
    raw = bytearray(base64.b64decode(holder[part]))
    raw[at % len(raw)] ^= by
    holder[part] = base64.b64encode(bytes(raw)).decode()
    assert _judged(sealed).state != "verified"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["payload", "payloadType", "signatures", "sig", "keyid", "cert",
                         "verificationMaterial", "publicKey", "rawBytes", "hint", "certificate",
                         "x509CertificateChain", "certificates"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["verificationMaterial", "x"]), JSON), JSON)
def test_any_envelope_is_judged_and_none_is_verified_by_accident(
    whole: dict[str, Any], sealed: Any
) -> None:
    held = cast("dict[str, Any]", sealed) if isinstance(sealed, dict) else {}
    assert signing_of({**whole, **held}, held, TRUST, AT).state != "verified"
    mixed = {**SEALED, **held}
    if any(key in held for key in ("payload", "payloadType", "signatures")):
        assert signing_of(whole, mixed, TRUST, AT).state != "verified"


def test_the_envelopes_of_the_vectors_are_judged_as_they_are_labelled() -> None:
    folder = os.environ.get("ASSAY_VECTORS")
    if folder is None:
        pytest.skip("ASSAY_VECTORS is not set: the vectors are not in the repository")
    said = json.loads((Path(folder) / "signed-note-and-dsse.json").read_text())
    raw = base64.b64decode(said["public_key_b64"])
    trust = Trust(signers=(TrustedSigner(id="log", key=der_of(public_key(raw))),))
    for one in said["envelopes"]:
        held = one["envelope"]
        found = signing_of(held, held, trust, AT)
        assert (found.state == "verified") is (one["expect"] == "valid"), one.get("why")
