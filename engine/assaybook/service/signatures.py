"""Signed statements about artifacts: what a trusted signature adds, and what a broken one takes.

A claim becomes signed only here. A signature that contradicts itself leaves nothing of its
statement standing; one that nobody who is trusted has made leaves a claim as it was.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Coverage, Warning_
from assaybook.domain.facts import ArtifactFact, Lineage
from assaybook.domain.policy import Assurance
from assaybook.domain.trust import Trust
from assaybook.intake.adapters.dsse import envelopes
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.values import pointer
from assaybook.ledger.signatures import Signing, signing_of

_PROVENANCE: Final = "https://slsa.dev/provenance/"
_NOT_CHECKED: Final = (
    "the entry in a transparency log and its time are not checked; the signature counts as of when "
    "the document was received"
)


def with_signature(evidence: Evidence, blob: bytes | None, trust: Trust) -> Evidence:
    """Return what a document says, as strong as its signature makes it."""
    signing, logged = _signing(evidence, blob, trust)
    if signing.state == "verified":
        found = _signed(evidence, signing)
    elif signing.state == "invalid":
        found = _taken_back(evidence, signing.why)
    else:
        found = _noted(evidence, "signature-not-verified", signing.why)
    return _noted(found, "log-not-checked", _NOT_CHECKED) if logged else found


def _signing(evidence: Evidence, blob: bytes | None, trust: Trust) -> tuple[Signing, bool]:
    """Return who signed, and whether the document points at a transparency log."""
    envelope = evidence.envelope
    if blob is None:
        return Signing("unknown", "its bytes are not at hand"), False
    try:
        document = parse(blob, envelope.name.rpartition("!")[2], Limits())
    except SubmitterError as error:
        return Signing("unknown", error.message), False
    for one in envelopes(document):
        place = pointer(*one.place, "payload")
        mine = any(fact.pointer.startswith(f"{place} ") for fact in evidence.facts)
        if document.media == "json-lines" and not mine:
            continue
        bundle = cast("dict[str, Any]", one.bundle)
        material = bundle.get("verificationMaterial")
        logged = isinstance(material, Mapping) and bool(cast("Any", material).get("tlogEntries"))
        held = cast("dict[str, Any]", one.envelope)
        return signing_of(bundle, held, trust, envelope.received_at), logged
    return Signing("unknown", "it is not in an envelope that could be signed"), False


def _signed(evidence: Evidence, signing: Signing) -> Evidence:
    """Return a statement whose claims are vouched for, as strong as its signers may make it."""
    signer = ", ".join(signing.signers)[:500]
    facts = tuple(
        fact.model_copy(update={"verified": True, "signer": signer})
        if isinstance(fact, ArtifactFact) and fact.digest is not None
        else fact
        for fact in evidence.facts
    )
    agrees = _is_provenance(evidence) and _builders(evidence) <= signing.builders
    strength = Assurance.VERIFIED if agrees else Assurance.SIGNED
    envelope = evidence.envelope.model_copy(update={"assurance": strength})
    return evidence.model_copy(update={"envelope": envelope, "facts": facts})


def _is_provenance(evidence: Evidence) -> bool:
    """Tell whether a document is provenance of artifacts that it names by digest."""
    of_digests = bool(evidence.envelope.subject.artifacts) and bool(_builders(evidence))
    return of_digests and evidence.envelope.format_version.startswith(_PROVENANCE)


def _builders(evidence: Evidence) -> frozenset[str]:
    return frozenset(
        fact.target
        for fact in evidence.facts
        if isinstance(fact, Lineage) and fact.relation == "built_by"
    )


def _taken_back(evidence: Evidence, why: str) -> Evidence:
    """Return a document of which nothing counts: it was examined, and it is no evidence."""
    coverage = tuple(
        Coverage(question=row.question, errored=max(1, row.examined or 0))
        for row in evidence.coverage
    )
    envelope = evidence.envelope.model_copy(update={"malformed": True})
    bare = evidence.model_copy(update={"envelope": envelope, "facts": (), "coverage": coverage})
    return _noted(bare, "signature-invalid", why)


def _noted(evidence: Evidence, code: str, why: str) -> Evidence:
    warning = Warning_(code=code, message=why)
    envelope = evidence.envelope
    changed = envelope.model_copy(update={"warnings": (*envelope.warnings, warning)})
    return evidence.model_copy(update={"envelope": changed})
