"""Showing packs: how far they are, and their bytes once they are done."""

from collections.abc import Collection

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.store.blobs import load_blob
from assaybook.store.jobs import Job, JobKind, JobState, load_job
from assaybook.store.packs import PackRecord, find_pack
from assaybook.store.unit_of_work import Reading


def show_pack(
    reading: Reading, pack: str, *, systems: Collection[str] | None
) -> tuple[Job, PackRecord | None]:
    """Return the job that makes a pack, and the pack once it is made.

    Raises:
        UsageError: ``pack-unknown``, also where it is of another system.
    """
    try:
        job = load_job(reading, pack, systems=systems)
    except UsageError as error:
        raise _unknown(pack) from error
    if job.task.kind is not JobKind.PACK:
        raise _unknown(pack)
    return job, find_pack(reading, pack, systems=systems)


def show_document(
    reading: Reading, pack: str, *, systems: Collection[str] | None
) -> tuple[PackRecord, bytes]:
    """Return a pack and the bytes of its document.

    Raises:
        UsageError: ``pack-unknown``; ``pack-not-ready``, it is not made, or could not be.
        SubmitterError: ``blob-erased``.
    """
    job, record = show_pack(reading, pack, systems=systems)
    if record is None:
        failed = job.state is JobState.FAILED
        raise UsageError(
            "pack-not-ready",
            "the pack could not be made" if failed else f"the pack is {job.state.value}",
            hint="See why: GET /v1/packs/{pack}" if failed else "Ask again in a few seconds.",
        )
    content = load_blob(reading, record.digest)
    if content is None:
        raise SubmitterError("blob-erased", "the bytes of the pack were erased on purpose")
    return record, content


def _unknown(pack: str) -> UsageError:
    return UsageError("pack-unknown", f"there is no pack {pack[:80]!r}")
