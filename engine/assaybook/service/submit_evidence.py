"""Submitting evidence: all of one submission is recorded, or nothing; the same id only once."""

from collections.abc import Iterator, Mapping, Sequence

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.intake.made import made
from assaybook.store.blobs import Kept, keep_blobs
from assaybook.store.evidence import EvidenceReceipt, receipts_of, save_evidence
from assaybook.store.subjects import known_subject, known_system
from assaybook.store.unit_of_work import UnitOfWork


class SubmitReport(Frozen):
    """What became of a submission; for a duplicate, the receipt of the first time."""

    accepted: tuple[EvidenceReceipt, ...]
    duplicates: tuple[EvidenceReceipt, ...]


def submit_evidence(
    work: UnitOfWork,
    evidence: Sequence[Evidence],
    blobs: Mapping[str, bytes],
    *,
    person: str = "",
) -> SubmitReport:
    """Record the evidence of one submission.

    It is received at the instant of the unit of work. ``blobs`` maps the digest of the bytes that
    were received to those bytes or, where intake redacted them, to what is kept of them.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``: it is about what nobody registered.
        SubmitterError: ``evidence-about-nothing``, ``blob-missing``, ``blob-mismatch`` or
            ``blob-erased``.
    """
    return submit_together(work, [evidence], blobs, person=person)[0]


def submit_together(
    work: UnitOfWork,
    submissions: Sequence[Sequence[Evidence]],
    blobs: Mapping[str, bytes],
    *,
    person: str = "",
) -> tuple[SubmitReport, ...]:
    """Record several submissions of one person at once, and report each as if it were alone.

    What two of them hold is accepted of the first and a duplicate of the other.

    Raises:
        AssayError: as ``submit_evidence``, for any of them; then none may be kept.
    """
    first: dict[str, tuple[int, Evidence]] = {}
    for number, evidence in enumerate(submissions):
        for one in evidence:
            first.setdefault(one.envelope.id, (number, one))
    known = receipts_of(work, first)
    new = [one for key, (_number, one) in sorted(first.items()) if key not in known]
    _about_something(work, new)
    keep_blobs(work, _kept(new, blobs))
    accepted = {one.evidence: one for one in save_evidence(work, new, person=person)}
    receipts = known | accepted
    mine: list[list[EvidenceReceipt]] = [[] for _each in submissions]
    for key, receipt in accepted.items():
        mine[first[key][0]].append(receipt)
    return tuple(
        made(
            SubmitReport,
            {
                "accepted": tuple(taken),
                "duplicates": tuple(
                    receipts[key] for key in _again(evidence, {each.evidence for each in taken})
                ),
            },
        )
        for evidence, taken in zip(submissions, mine, strict=True)
    )


def _again(evidence: Sequence[Evidence], taken: set[str]) -> Iterator[str]:
    """Yield the ids that were not taken, or not only once."""
    left = set(taken)
    for one in evidence:
        key = one.envelope.id
        if key in left:
            left.remove(key)
        else:
            yield key


def _about_something(work: UnitOfWork, evidence: Sequence[Evidence]) -> None:
    """Refuse evidence that no assessment of a registered system could ever find."""
    named: set[tuple[str, str | None]] = set()
    for one in evidence:
        subject = one.envelope.subject
        if subject.system is not None:
            named.add((subject.system, subject.release))
        elif not subject.artifacts:
            raise SubmitterError(
                "evidence-about-nothing",
                "it names neither a system nor the digest of an artifact",
                where=one.envelope.name,
                hint="Say what it is about: --system ID --release V, or about: in evidence.yaml.",
            )
    for system, release in sorted(named, key=str):
        if release is None:
            known_system(work, system)
        else:
            known_subject(work, system, release)


def _kept(evidence: Sequence[Evidence], blobs: Mapping[str, bytes]) -> dict[str, Kept]:
    """Return what is kept of the bytes that were received, for each digest of these."""
    kept: dict[str, Kept] = {}
    for one in evidence:
        envelope = one.envelope
        blob = envelope.blob
        content = blobs.get(blob)
        if content is None:
            raise SubmitterError(
                "blob-missing",
                f"the bytes {blob} did not come with their evidence",
                where=envelope.name,
            )
        digest = kept[blob].digest if blob in kept else digest_of(content)
        if not envelope.redactions and digest != blob:
            raise SubmitterError(
                "blob-mismatch",
                f"the bytes are not those that have the digest {blob}",
                where=envelope.name,
                hint="Submit the document again.",
            )
        kept[blob] = Kept(envelope.size, content, digest)
    return kept
