"""Files of bytes that were erased on purpose and come again: refused, each with its name."""

from typing import Final

from assaybook.domain.errors import AssayError, SubmitterError
from assaybook.service.read_evidence import ReadFile, ReadPaths
from assaybook.service.unregistered import without
from assaybook.store.blobs import erasures
from assaybook.store.evidence import receipts_of
from assaybook.store.unit_of_work import UnitOfWork

ERASED: Final = "blob-erased"


def refuse_erased(work: UnitOfWork, read: ReadPaths) -> ReadPaths:
    """Return what was read, in which documents of erased bytes are problems.

    One that is evidence already is a duplicate: the record of it stays when its bytes are erased.
    """
    gone = erasures(work, read.blobs)
    known = receipts_of(work, read.files)
    wrong: list[tuple[ReadFile, AssayError]] = []
    for one in read.documents:
        envelopes = [each.envelope for each in one.opened.evidence]
        erasure = next((gone[each.blob] for each in envelopes if each.blob in gone), None)
        if erasure is not None and any(each.id not in known for each in envelopes):
            error = SubmitterError(
                ERASED,
                f"its bytes were erased on {erasure.words()}, and are not taken again",
                where=one.file,
                hint="Submit a document without what had to be erased.",
            )
            wrong.append((one, error))
    return without(read, wrong)
