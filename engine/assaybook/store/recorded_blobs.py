"""Which bytes are recorded of a release, and as what: so a duplicate is told without reading it."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlmodel import col

from assaybook.domain.evidence import Envelope
from assaybook.store.chunks import chunks
from assaybook.store.evidence import EvidenceReceipt
from assaybook.store.tables import BlobRow, EvidenceRow
from assaybook.store.unit_of_work import Reading


def recorded_blobs(
    reading: Reading, system: str, release: str, digests: Collection[str]
) -> Iterator[tuple[Envelope, EvidenceReceipt]]:
    """Yield the evidence of a release whose bytes have one of these digests, in order of place.

    Bytes that nobody submitted are told by their key; only for others the evidence of the system
    is looked through.
    """
    for some in chunks(sorted(digests)):
        key = col(BlobRow.digest)
        known = list(reading.connection.execute(select(key).where(key.in_(some))).scalars())
        if not known:
            continue
        blob, seq = col(EvidenceRow.blob), col(EvidenceRow.seq)
        query = select(seq, col(EvidenceRow.digest), col(EvidenceRow.envelope_json)).where(
            col(EvidenceRow.system) == system,
            col(EvidenceRow.release) == release,
            blob.in_(known),
        )
        for place, digest, text in reading.connection.execute(query.order_by(seq)):
            envelope = Envelope.model_validate_json(text)
            yield (
                envelope,
                EvidenceReceipt(
                    evidence=envelope.id,
                    blob=envelope.blob,
                    seq=place,
                    digest=digest,
                    received_at=envelope.received_at,
                ),
            )
