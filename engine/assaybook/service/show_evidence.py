"""Showing recorded evidence to somebody, who may not be allowed to know of all of it."""

from assaybook.domain.base import Frozen
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.principal import Principal, touches
from assaybook.store.blobs import Erasure, erasures, load_blob
from assaybook.store.evidence import EvidenceReceipt, load_evidence, receipts_of
from assaybook.store.unit_of_work import Reading


class EvidenceShown(Frozen):
    """A piece of evidence with the receipt of its recording, and how its bytes were erased."""

    evidence: Evidence
    receipt: EvidenceReceipt
    erased: Erasure | None = None


def show_evidence(reading: Reading, principal: Principal, evidence: str) -> EvidenceShown:
    """Return evidence about a system that the principal may touch.

    Raises:
        UsageError: ``evidence-unknown``, also for what the principal may not know of.
    """
    shown = recorded(reading, evidence)
    system = shown.evidence.envelope.subject.system
    known = principal.systems is None or (system is not None and touches(principal, system))
    if not known:
        raise UsageError("evidence-unknown", f"there is no evidence {evidence!r}")
    return shown


def recorded(reading: Reading, evidence: str) -> EvidenceShown:
    """Return evidence for whoever may read the whole store.

    Raises:
        UsageError: ``evidence-unknown``.
    """
    found = load_evidence(reading, evidence)
    blob = found.envelope.blob
    return EvidenceShown(
        evidence=found,
        receipt=receipts_of(reading, [evidence])[evidence],
        erased=erasures(reading, [blob]).get(blob),
    )


def show_blob(reading: Reading, principal: Principal, evidence: str) -> tuple[EvidenceShown, bytes]:
    """Return evidence with the bytes that were kept of it.

    Raises:
        UsageError: ``evidence-unknown``, or ``blob-erased``: they were erased on purpose.
    """
    shown = show_evidence(reading, principal, evidence)
    content = load_blob(reading, shown.receipt.blob)
    if content is None:
        when = f" on {shown.erased.words()}" if shown.erased else ""
        raise UsageError(
            "blob-erased",
            f"the bytes were erased on purpose{when}",
            hint="Their digest, its proof and what was read of them stay.",
        )
    return shown, content
