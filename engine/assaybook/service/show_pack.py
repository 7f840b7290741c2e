"""Showing packs: how far they are, and their bytes once they are done."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.service.list_evidence import refuse_unknown_subject
from assaybook.store.blobs import load_blob
from assaybook.store.jobs import Job, JobKind, JobState, load_job, unmade_packs
from assaybook.store.packs import PackRecord, find_pack, list_packs
from assaybook.store.paging import Page
from assaybook.store.unit_of_work import Reading

_MOST_UNMADE: Final = 200
"""Jobs that are looked at for packs that are not made yet, or could not be."""


def packs_made(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    after: str | None,
    limit: int,
    among: Collection[str] | None,
    as_of: datetime | None = None,
) -> Page[PackRecord]:
    """Return the packs that were made, the last first; ``among`` None means of all systems.

    With ``as_of`` they are those that were made by then.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown``, ``system-not-named``,
            ``limit-invalid`` or ``cursor-invalid``.
    """
    refuse_unknown_subject(reading, system, release, as_of=as_of)
    return list_packs(
        reading,
        system=system,
        release=release,
        after=after,
        limit=limit,
        among=among,
        as_of=as_of,
    )


def packs_unmade(
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    among: Collection[str] | None,
) -> tuple[Job, ...]:
    """Return the jobs whose packs wait, are being made, or could not be; the last asked first."""
    return tuple(
        job
        for job in unmade_packs(reading, most=_MOST_UNMADE, systems=among)
        if system in {None, job.task.system} and release in {None, job.task.release}
    )


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
