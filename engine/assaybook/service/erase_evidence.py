"""Erasing personal data: bytes go for good; their digest, its proof and the reason stay."""

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.letters import says_something
from assaybook.domain.principal import Principal, touches
from assaybook.service.show_evidence import show_evidence
from assaybook.store.blobs import Erasure, erase_blob, erasures
from assaybook.store.evidence import load_evidence, systems_of_blob
from assaybook.store.unit_of_work import UnitOfWork


class Erased(Frozen):
    """What was erased: the digest of the bytes, every evidence that had them, and the entry."""

    blob: str
    evidence: tuple[str, ...]
    erasure: Erasure


def erase_evidence(
    work: UnitOfWork, evidence: str, *, person: str, reason: str, principal: Principal | None = None
) -> Erased:
    """Remove the bytes of a document for good; equal bytes are never taken again.

    What was read out of it stays, since assessments rest on it: it was redacted at intake.

    Args:
        work: of the store.
        evidence: its id.
        person: who erases.
        reason: why; it stays in the log, so it must not hold what is to be erased.
        principal: who asks, where not everybody may know of everything.

    Raises:
        UsageError: ``erasure-unexplained``; ``evidence-unknown``; ``not-allowed``, the same bytes
            are evidence about a system that the principal may not touch; ``blob-erased``, before.
    """
    if not (person.strip() and says_something(reason)):
        raise UsageError(
            "erasure-unexplained",
            "who erases and why must be on record",
            hint="Name both: --person NAME --reason WORDS",
        )
    if principal is not None:
        show_evidence(work, principal, evidence)
    blob = load_evidence(work, evidence).envelope.blob
    sharing = systems_of_blob(work, blob)
    if principal is not None and not all(_reaches(principal, one) for one in sharing.values()):
        raise UsageError(
            "not-allowed",
            "the same bytes are evidence about a system that this caller may not touch",
            hint="Ask an administrator of all systems to erase them.",
        )
    known = erasures(work, [blob])
    if blob in known:
        raise UsageError("blob-erased", f"the bytes were erased on {known[blob].words()}")
    erase_blob(work, blob, person=person, reason=reason)
    return Erased(blob=blob, evidence=tuple(sharing), erasure=erasures(work, [blob])[blob])


def _reaches(principal: Principal, system: str | None) -> bool:
    return principal.systems is None or (system is not None and touches(principal, system))
