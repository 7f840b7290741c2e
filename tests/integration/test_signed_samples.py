"""Signatures of real tools: verified by the key that made them, and claims without it."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import ArtifactFact
from assaybook.domain.policy import Assurance
from assaybook.domain.trust import Trust, TrustedSigner
from assaybook.ledger.certificates import chain_fault
from assaybook.ledger.public_keys import der_of, public_key
from assaybook.service.people import verified_evidence
from support.documents import opened

SIGNED = (
    "model-signing/key-signed-v1.1.1-model.sig",
    "model-signing/v0.3.1-elliptic-key-model.sig",
    "model-signing/v1.0.0-certificate-model.sig",
    "model-signing/v1.1.0-sigstore-model.sig",
    "slsa/bcr-MODULE-wrong-signer.intoto.jsonl",
    "slsa/gha_container-v1.8.0.build.slsa",
    "slsa/gha_generic-v1.6.0.intoto.jsonl",
    "slsa/gha_go-v1.2.2.intoto.jsonl",
)


def _judged(raw: bytes, name: str, trust: Trust) -> Evidence:
    found = opened(raw, name)
    blobs = {one.envelope.blob: found.kept for one in found.evidence}
    (one,) = verified_evidence(found.evidence, blobs, trust)
    return one


def _trust(samples: Path) -> Trust:
    pem = (samples / "model-signing" / "key-signed-v1.1.1-public.pem").read_bytes()
    return Trust(signers=(TrustedSigner(id="vendor", key=der_of(public_key(pem))),))


def _codes(evidence: Evidence) -> set[str]:
    return {one.code for one in evidence.envelope.warnings}


def _changed(raw: bytes) -> bytes:
    """Return a signed document in which the signed payload has one space more."""
    document: dict[str, Any] = json.loads(raw)
    envelope = document.get("dsseEnvelope", document)
    payload = base64.b64decode(envelope["payload"]) + b" "
    envelope["payload"] = base64.b64encode(payload).decode()
    return json.dumps(document).encode()


def test_a_model_signed_with_a_trusted_key_is_signed(samples: Path) -> None:
    path = samples / SIGNED[0]
    found = _judged(path.read_bytes(), path.name, _trust(samples))
    assert (found.envelope.assurance, _codes(found)) == (Assurance.SIGNED, set())
    rows = [one for one in found.facts if isinstance(one, ArtifactFact)]
    assert [(one.name, one.verified, one.signer) for one in rows] == [
        ("ma", True, "vendor"),
        ("config.json", True, "vendor"),
        ("weights.safetensors", True, "vendor"),
    ]


@pytest.mark.parametrize("name", SIGNED[1:])
def test_what_others_signed_stays_a_claim(name: str, samples: Path) -> None:
    path = samples / name
    found = _judged(path.read_bytes(), path.name, _trust(samples))
    assert found.envelope.assurance is Assurance.SELF
    assert "signature-not-verified" in _codes(found)
    rows = [one for one in found.facts if isinstance(one, ArtifactFact)]
    assert {(one.verified, one.signer) for one in rows} == {(None, None)}


@pytest.mark.parametrize("name", SIGNED)
def test_a_changed_payload_leaves_no_evidence_of_any_of_them(name: str, samples: Path) -> None:
    """Each brings the key or certificate that signed it, or names a key that is trusted."""
    path = samples / name
    found = _judged(_changed(path.read_bytes()), path.name, _trust(samples))
    assert (found.facts, _codes(found) >= {"signature-invalid"}) == ((), True)


def test_entries_in_a_log_are_not_checked_and_that_is_said(samples: Path) -> None:
    path = samples / "slsa" / "bcr-MODULE-wrong-signer.intoto.jsonl"
    assert "log-not-checked" in _codes(_judged(path.read_bytes(), path.name, Trust()))


def test_a_certificate_that_says_it_is_an_authority_signs_nothing(samples: Path) -> None:
    document = json.loads((samples / "model-signing" / "v1.0.0-certificate-model.sig").read_text())
    chain = document["verificationMaterial"]["x509CertificateChain"]["certificates"]
    leaf, root = (
        x509.load_der_x509_certificate(base64.b64decode(one["rawBytes"])) for one in chain
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert root.public_bytes(Encoding.DER)
    assert chain_fault(leaf, [], root, at) == "it is an authority's, not a signer's"
