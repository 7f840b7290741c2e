"""Signed evidence: a claim is signed only when it verifies; what is broken is no evidence."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.facts import ArtifactFact
from assaybook.domain.policy import Assurance
from assaybook.domain.trust import Trust, TrustedAuthority, TrustedSigner
from assaybook.evaluation.needs import strength_of
from assaybook.intake.adapter import Reading
from assaybook.intake.adapters.signed_v1 import PAYLOAD_TYPE
from assaybook.intake.declared import Declared
from assaybook.intake.read import _unclaimed  # pyright: ignore[reportPrivateUsage]
from assaybook.service.people import verified_evidence
from support.documents import DEFECTS, opened, refusal
from support.signing import (
    SIGNING,
    a_certificate,
    bundle,
    chain_of,
    der,
    envelope,
    p256,
    provenance,
    signed_model,
)

CI, OTHER = p256(), p256()
BUILDER = "https://builder"


def _trust(**changes: Any) -> Trust:
    known: dict[str, Any] = {"id": "ci", "key": der(CI), **changes}
    return Trust(signers=(TrustedSigner(**known),))


def _all(content: object, trust: Trust | None = None, name: str = "a.json") -> tuple[Evidence, ...]:
    said = Declared(system="s", release="1")
    found = opened(content, name, said, assurance=Assurance.CI)
    blobs = {one.envelope.blob: found.kept for one in found.evidence}
    return verified_evidence(found.evidence, blobs, _trust() if trust is None else trust)


def _one(content: object, trust: Trust | None = None, name: str = "a.json") -> Evidence:
    (found,) = _all(content, trust, name)
    return found


def _codes(evidence: Evidence) -> list[str]:
    return [one.code for one in evidence.envelope.warnings]


def _claims(evidence: Evidence) -> list[tuple[bool | None, str | None]]:
    return [(one.verified, one.signer) for one in evidence.facts if isinstance(one, ArtifactFact)]


def test_a_verified_signature_makes_a_claim_signed_and_names_the_signer() -> None:
    found = _one(envelope(provenance(), CI))
    assert (found.envelope.assurance, _claims(found), _codes(found)) == (
        *(Assurance.SIGNED, [(True, "ci")], []),
    )


def test_every_file_of_a_signed_model_is_vouched_for() -> None:
    found = _one(bundle(envelope(signed_model(a="1" * 64, b="2" * 64), CI)), name="model.sig")
    assert (found.envelope.format_version, _claims(found)) == (SIGNING, [(True, "ci")] * 3)


def test_a_signature_of_nobody_who_is_trusted_leaves_a_claim_and_says_so() -> None:
    for trust in (Trust(), _trust(key=der(OTHER))):
        found = _one(envelope(provenance(), CI), trust)
        assert (found.envelope.assurance, _claims(found), _codes(found)) == (
            *(Assurance.CI, [(None, None)], ["signature-not-verified"]),
        )
        assert not found.envelope.malformed


def test_provenance_of_a_builder_that_its_signer_may_speak_for_is_verified() -> None:
    found = _one(envelope(provenance(BUILDER), CI), _trust(builders=(BUILDER,)))
    assert found.envelope.assurance is Assurance.VERIFIED
    for other in (_trust(), _trust(builders=("https://other",))):
        assert _one(envelope(provenance(BUILDER), CI), other).envelope.assurance is Assurance.SIGNED


def test_a_signed_model_has_no_provenance_so_it_is_signed_at_most() -> None:
    found = _one(envelope(signed_model(a="1" * 64), CI), _trust(builders=("",)))
    assert found.envelope.assurance is Assurance.SIGNED


def _tampered() -> dict[str, Any]:
    sealed = envelope(provenance(), CI, keyid="ci")
    sealed["payload"] = base64.b64encode(json.dumps(provenance(digest="b" * 64)).encode()).decode()
    return sealed


def test_of_a_broken_signature_nothing_counts_and_it_is_never_a_lesser_claim() -> None:
    found = _one(_tampered())
    assert (found.facts, _codes(found)) == ((), ["signature-invalid"])
    assert found.envelope.malformed
    assert found.envelope.assurance is Assurance.CI
    assert [(row.question, row.examined, row.errored) for row in found.coverage] == [
        ("artifact", None, 1),
        ("lineage", None, 2),
    ]


def test_a_bundle_that_contradicts_itself_is_broken_without_any_trust() -> None:
    leaf = a_certificate(CI)
    found = _one(bundle(envelope(provenance(), OTHER), **chain_of(leaf)), Trust())
    assert (found.facts, _codes(found)) == ((), ["signature-invalid"])


def test_an_entry_in_a_log_is_not_checked_and_that_is_said() -> None:
    sealed = bundle(envelope(provenance(), CI), tlogEntries=[{"integratedTime": "1"}])
    found = _one(sealed)
    assert (found.envelope.assurance, _codes(found)) == (Assurance.SIGNED, ["log-not-checked"])


def test_each_line_is_as_strong_as_its_own_signature() -> None:
    lines = [
        bundle(envelope(provenance(digest="1" * 64), CI)),
        envelope(provenance(digest="2" * 64), OTHER),
        {**_tampered()},
    ]
    found = _all("\n".join(map(json.dumps, lines)), name="a.jsonl")
    assert [one.envelope.assurance for one in found] == [
        *(Assurance.SIGNED, Assurance.CI, Assurance.CI),
    ]
    assert [bool(one.facts) for one in found] == [True, True, False]


def test_a_bare_statement_is_a_claim() -> None:
    found = _one(provenance())
    assert (found.envelope.assurance, _codes(found)) == (Assurance.CI, ["signature-not-verified"])


def test_a_document_whose_bytes_are_gone_or_changed_is_a_claim() -> None:
    evidence = _one(envelope(provenance(), OTHER))
    blob = evidence.envelope.blob
    for blobs in ({}, {blob: b"\xff"}, {blob: b"{}"}):
        (found,) = verified_evidence([evidence], blobs, _trust())
        assert (found.envelope.assurance, _claims(found)) == (Assurance.CI, [(None, None)])


def test_a_key_counts_as_of_when_the_document_was_received() -> None:
    found = _one(envelope(provenance(), CI))
    received = found.envelope.received_at
    early = _trust(valid_until=received)
    late = _trust(valid_from=received + timedelta(seconds=1))
    for trust in (early, late):
        assert _one(envelope(provenance(), CI), trust).envelope.assurance is Assurance.CI
    both = _trust(valid_from=received, valid_until=received + timedelta(seconds=1))
    assert _one(envelope(provenance(), CI), both).envelope.assurance is Assurance.SIGNED


def test_a_digest_binds_without_the_release_that_was_declared() -> None:
    found = _one(envelope(provenance(), CI))
    assert found.envelope.declared == ("release", "system")
    assert strength_of(found, by_claim=False) is Assurance.SIGNED
    assert strength_of(found, by_claim=True) is Assurance.CI


EVIDENCE = {
    "assaybook": "v1",
    "subject": {"system": "s", "release": "1"},
    "facts": [
        {"type": "metric", "name": "recall", "value": 0.9, "slice": ""},
        {"type": "artifact", "name": "m", "digest": "sha256:" + "a" * 64, "verified": True},
    ],
}


def _sealed(document: object, *keys: Any) -> dict[str, Any]:
    return envelope(document, *keys, kind=PAYLOAD_TYPE)


def test_a_digest_that_the_submitter_repeats_takes_nothing_from_a_signature() -> None:
    said = Declared(artifacts=(AboutArtifact(digest="sha256:" + "a" * 64, kind="model"),))
    found = opened(envelope(provenance(), CI), "a.json", said)
    assert found.evidence[0].envelope.declared == ()
    other = Declared(artifacts=(AboutArtifact(digest="sha256:" + "c" * 64, kind="model"),))
    found = opened(envelope(provenance(), CI), "a.json", other)
    assert found.evidence[0].envelope.declared == ("about",)


def test_any_evidence_of_our_own_form_can_be_signed() -> None:
    found = _one(_sealed(EVIDENCE, CI))
    assert (found.envelope.format, found.envelope.assurance) == (
        *("assaybook-signed", Assurance.SIGNED),
    )
    assert [one.pointer for one in found.facts] == [
        "/payload (decoded) /facts/0",
        "/payload (decoded) /facts/1",
    ]
    assert _claims(found) == [(True, "ci")]
    claim = _one(_sealed(EVIDENCE, OTHER))
    assert (claim.envelope.assurance, _claims(claim)) == (Assurance.CI, [(None, None)])
    assert [one.pointer for one in claim.envelope.warnings][:1] == ["/payload (decoded) /facts/1"]


def test_signed_coverage_without_rows_is_signed_too() -> None:
    row = {"question": "security/secret", "examined": 4, "failed": 0, "errored": 0, "skipped": 0}
    found = _one(_sealed({"assaybook": "v1", "coverage": [row]}, CI))
    assert (found.envelope.assurance, found.facts) == (Assurance.SIGNED, ())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"payload": "*"}, "no base64"),
        ({"payload": base64.b64encode(b"{}").decode()}, "no document of assaybook/v1"),
        ({"payload": base64.b64encode(b'{"assaybook": "v2"}').decode()}, "assaybook/v2"),
    ],
)
def test_a_payload_that_is_no_evidence_is_refused(change: dict[str, str], why: str) -> None:
    error = refusal({**_sealed(EVIDENCE, CI), **change})
    assert (error.code, why in error.message) == ("document-breaks-format", True)


def test_a_third_party_cannot_claim_that_something_is_verified() -> None:
    claimed = ArtifactFact(pointer="", name="m", verified=True, signer="me")
    (fact,) = _unclaimed(Reading(facts=(claimed,))).facts
    assert fact == ArtifactFact(pointer="", name="m")


@pytest.mark.parametrize(
    "kind", ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"]
)
def test_both_types_of_statement_are_read(kind: str) -> None:
    assert _claims(_one(envelope({**provenance(), "_type": kind}, CI))) == [(True, "ci")]


def test_a_bundle_that_model_signing_wrote_is_signed_by_whom_its_authority_names() -> None:
    pem = (DEFECTS.parent / "model-signing-root.pem").read_bytes()
    root = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    name = "model-signing.sig"
    raw = (DEFECTS / "dsse" / name).read_bytes()
    for identity, strength in (
        ("signer@example.org", Assurance.SIGNED),
        ("another@example.org", Assurance.CI),
    ):
        authority = TrustedAuthority(id="ca", certificate=root, identities=(identity,))
        found = _one(raw, Trust(authorities=(authority,)), name)
        assert found.envelope.assurance is strength
        assert {who for _, who in _claims(found)} == (
            {identity} if strength is Assurance.SIGNED else {None}
        )
