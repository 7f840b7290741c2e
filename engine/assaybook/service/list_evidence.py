"""Listing what was recorded as evidence, page by page."""

from collections.abc import Collection
from datetime import datetime

from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Envelope
from assaybook.domain.record import record
from assaybook.domain.refusal import Refusal
from assaybook.store.evidence import list_evidence
from assaybook.store.paging import Page
from assaybook.store.refusals import list_refusals
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import Reading


@record
class Wanted:
    """Which page of a listing: what it is narrowed to, ``form`` being the format, and its size."""

    system: str | None
    release: str | None
    form: str | None
    after: str | None
    limit: int


def recorded_evidence(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    form: str | None,
    after: str | None,
    limit: int,
    among: Collection[str] | None = None,
    last_first: bool = False,
    as_of: datetime | None = None,
) -> Page[Envelope]:
    """Return envelopes in the order in which they were recorded; ``form`` is the format.

    ``among`` are the systems that the reader may see, None for all; ``last_first`` turns the order
    around; ``as_of`` lists what was recorded by an instant.

    A system or release that nobody registered is refused: an empty list would look like nothing
    submitted.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown``, ``system-not-named``,
            ``limit-invalid`` or ``cursor-invalid``.
    """
    refuse_unknown_subject(reading, system, release, as_of=as_of)
    return list_evidence(
        reading,
        system=system,
        after=after,
        limit=limit,
        release=release,
        form=form,
        among=among,
        last_first=last_first,
        as_of=as_of,
    )


def recorded_refusals(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    after: str | None,
    limit: int,
    among: Collection[str] | None = None,
    last_first: bool = False,
    as_of: datetime | None = None,
) -> Page[Refusal]:
    """Return what was refused, in the order in which it was recorded; the last three as above.

    Raises:
        UsageError: as ``recorded_evidence``.
    """
    refuse_unknown_subject(reading, system, release, as_of=as_of)
    return list_refusals(
        reading,
        system=system,
        release=release,
        after=after,
        limit=limit,
        among=among,
        last_first=last_first,
        as_of=as_of,
    )


def refuse_unknown_subject(
    reading: Reading,
    system: str | None,
    release: str | None,
    *,
    as_of: datetime | None = None,
) -> None:
    """Refuse to list what is about something that nobody registered, or not by an instant.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown``, or ``system-not-named``.
    """
    if release is not None and system is None:
        raise UsageError(
            "system-not-named",
            f"releases called {release!r} can be of many systems",
            where="release",
            hint="Name the system too: --system ID, or ?system=ID.",
        )
    if system is not None:
        known_system(reading, system, as_of=as_of)
        if release is not None:
            known_release(reading, system, release, as_of=as_of)
