"""Reads of evidence and packs are recorded, with whoever read and the request."""

from assaybook.domain.principal import Principal
from assaybook.store.reads import save_read
from assaybook.store.unit_of_work import UnitOfWork


def record_read(
    work: UnitOfWork, principal: Principal, what: str, ref: str, request_id: str
) -> None:
    """Record that a principal read something: ``what`` it is, such as a blob, and its name."""
    save_read(
        work, principal=principal.id, name=principal.name, what=what, ref=ref, request=request_id
    )
