"""From a signed statement to a verdict: who signed, and whether it is about this release."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.finding import Finding
from assaybook.service.bundles import BundleFiles
from assaybook.service.check import CheckRequest, check_files
from assaybook.service.trust_file import Newcomer, add_trusted
from support.archives import a_kit, digest
from support.signing import envelope, p256, pem, provenance, signed_model
from support.small import Small, a_small_system

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
CI, OTHER = p256(), p256()
DIGEST = "a" * 64
POLICY = """\
policy: house.signed
version: 1
title: The model is signed by our pipeline
why: An unsigned model can be anybody's.
severity: high
controls:
  nist-ai-rmf-1.0: {GOVERN 2.1: supports}
needs:
  signed: {facts: artifact, where: 'row.name == "m"', fresh_for: never, assurance: LEAST}
rules:
  - id: is-signed
    pass_when: signed.exists(a, a.VERDICT)
    fix: Sign the model.
"""


@pytest.fixture
def small(tmp_path: Path) -> Small:
    found = a_small_system(tmp_path)
    for one in found.evidence.iterdir():
        one.unlink()
    add_trusted(tmp_path / "trust.yaml", Newcomer(id="ci", key=pem(CI).encode(),
                                                  builders=("https://builder",)))  # fmt: skip
    return found


def _system(small: Small, artifact: str, kind: str = "model", name: str = "m") -> None:
    said = {"name": name, "kind": kind, "digest": artifact}
    small.write("system.yaml", json.dumps({
        "system": {"id": "s", "risk_tier": "high"},
        "releases": [{"version": "1", "artifacts": [said]}],
    }))  # fmt: skip


def _finding(  # noqa: PLR0913 - each is a word that a test may say
    small: Small,
    document: Mapping[str, Any] | bytes,
    *,
    least: str = "signed",
    verdict: str = 'signer == "ci"',
    name: str = "statement.json",
    named: str = "m",
) -> Finding:
    text = POLICY.replace("LEAST", least).replace("VERDICT", verdict).replace('"m"', f'"{named}"')
    for one in (small.folder / "policies").rglob("*.yaml"):
        one.unlink()
    small.write("policies/house/signed.yaml", text)
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    (small.evidence / name).write_bytes(raw)
    request = CheckRequest(
        evidence=(small.evidence,),
        system=small.folder / "system.yaml",
        release="1",
        as_of=AS_OF,
        bundle=BundleFiles((small.folder / "policies",)),
        trust=small.folder / "trust.yaml",
    )
    (found,) = check_files(request).assessment.findings
    return found


def _told(found: Finding) -> tuple[str, list[str]]:
    return found.outcome.value, [one.code for one in found.reasons]


def test_a_statement_signed_by_a_trusted_key_about_this_release_passes(small: Small) -> None:
    _system(small, f"sha256:{DIGEST}")
    assert _told(_finding(small, envelope(provenance(), CI))) == ("pass", [])


def test_a_signed_statement_about_another_digest_is_of_the_wrong_subject(small: Small) -> None:
    _system(small, "sha256:" + "b" * 64)
    assert _told(_finding(small, envelope(provenance(), CI))) == (
        *("inconclusive", ["wrong_subject"]),
    )


def test_a_signed_model_of_other_files_is_of_the_wrong_subject(small: Small) -> None:
    _system(small, "sha256:" + "b" * 64)
    found = _finding(small, envelope(signed_model(w="1" * 64), CI), name="model.sig")
    assert _told(found) == ("inconclusive", ["wrong_subject"])


def test_a_model_that_is_one_file_is_bound_by_the_digest_of_the_file(small: Small) -> None:
    _system(small, "sha256:" + "1" * 64)
    found = _finding(small, envelope(signed_model(**{".": "1" * 64}), CI), name="model.sig")
    assert _told(found) == ("pass", [])


def test_what_somebody_else_signed_is_too_weak(small: Small) -> None:
    _system(small, f"sha256:{DIGEST}")
    assert _told(_finding(small, envelope(provenance(), OTHER))) == (
        *("inconclusive", ["low_assurance"]),
    )


def test_a_broken_signature_never_passes_even_where_a_claim_would(small: Small) -> None:
    _system(small, f"sha256:{DIGEST}")
    claim = 'digest == "sha256:' + DIGEST + '"'
    assert _told(_finding(small, envelope(provenance(), OTHER), least="self", verdict=claim))[
        0
    ] == ("pass")
    broken = envelope(provenance(), OTHER, keyid="ci")
    outcome, reasons = _told(_finding(small, broken, least="self", verdict=claim))
    assert (outcome, reasons) == ("inconclusive", ["errored", "no_match", "malformed"])


def test_verified_needs_the_builder_for_whom_the_signer_may_speak(small: Small) -> None:
    _system(small, f"sha256:{DIGEST}")
    ours = envelope(provenance("https://builder"), CI)
    assert _told(_finding(small, ours, least="verified")) == ("pass", [])
    theirs = envelope(provenance("https://other"), CI)
    assert _told(_finding(small, theirs, least="verified")) == ("inconclusive", ["low_assurance"])


def test_a_package_of_the_release_is_evidence_about_it_by_its_digest(small: Small) -> None:
    _system(small, digest(b"\x80\x04cos\nsystem\n."), name="model.pkl")
    asked = {"least": "self", "verdict": "verified", "name": "kit.tar", "named": "model.pkl"}
    assert _told(_finding(small, a_kit().tar(), **asked)) == ("pass", [])
    _system(small, "sha256:" + "0" * 64, name="model.pkl")
    assert _told(_finding(small, a_kit().tar(), **asked)) == ("inconclusive", ["wrong_subject"])
