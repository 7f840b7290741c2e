"""Bundles, assessments and findings: written once, by digest."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import insert, select
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import Instant
from assaybook.store.chunks import chunks
from assaybook.store.journal import Entry
from assaybook.store.paging import Page, page_of, page_size, place_in
from assaybook.store.rows import control_rows, finding_rows, json_of, looked_up
from assaybook.store.tables import AssessmentRow, BundleRow, FindingRow
from assaybook.store.tables_jobs import FindingControlRow
from assaybook.store.unit_of_work import Reading, UnitOfWork

_TEXTS: Final = 10
"""Assessments whose texts are held at once."""


class AssessmentLine(Frozen):
    """What a listing says of an assessment."""

    digest: str
    seq: int
    system: str
    release: str
    as_of: Instant
    at: Instant
    bundle: str
    verdict: str


class BundleLine(Frozen):
    """A recorded bundle, and when it was recorded."""

    digest: str
    at: Instant


def save_bundle(work: UnitOfWork, written: JsonValue, *, person: str) -> str:
    """Record what a bundle is made of, unless it is recorded; return its digest."""
    body = canonical(written)
    digest = digest_of(body)
    known = select(col(BundleRow.digest)).where(col(BundleRow.digest) == digest)
    if work.connection.execute(known).first() is None:
        work.record((Entry("bundle", digest, digest, person),))
        row = {"digest": digest, "at": work.now, "body": body.decode()}
        work.connection.execute(insert(BundleRow), row)
    return digest


def load_bundle_text(reading: Reading, digest: str) -> str:
    """Return the canonical JSON of a bundle.

    Raises:
        UsageError: ``bundle-unknown``.
    """
    query = select(col(BundleRow.body)).where(col(BundleRow.digest) == digest)
    body = reading.connection.execute(query).scalar()
    if body is None:
        raise UsageError("bundle-unknown", f"no bundle {digest} is recorded")
    return body


def recent_bundles(reading: Reading, *, most: int) -> tuple[BundleLine, ...]:
    """Return the bundles that were recorded last, the last first."""
    at, digest = col(BundleRow.at), col(BundleRow.digest)
    query = select(digest, at).order_by(at.desc(), digest).limit(most)
    rows = reading.connection.execute(query).mappings()
    return tuple(BundleLine.model_validate(dict(row)) for row in rows)


def save_assessment(
    work: UnitOfWork, found: Assessment, *, system: str, release: str, person: str
) -> bool:
    """Record an assessment and its findings; tell whether it was new.

    Its bundle must be recorded. One that is recorded is never written again: the digest covers
    everything in it.
    """
    head = found.assessment
    known = select(col(AssessmentRow.digest)).where(col(AssessmentRow.digest) == head.digest)
    if work.connection.execute(known).first() is not None:
        return False
    about = {"system": system, "release": release}
    (seq,) = work.record((Entry("assessment", head.digest, head.digest, person, **about),))
    row = {
        "digest": head.digest,
        "seq": seq,
        "system": looked_up(system),
        "release": looked_up(release),
        "as_of": head.as_of,
        "at": work.now,
        "bundle": head.bundle,
        "subject": head.subject,
        "evidence_set": head.evidence_set,
        "engine": head.engine,
        "verdict": found.gate.verdict.value,
        "body": json_of(found).decode(),
    }
    work.connection.execute(insert(AssessmentRow), row)
    findings = finding_rows(found)
    if findings:
        work.connection.execute(insert(FindingRow), findings)
    controls = control_rows(found)
    if controls:
        work.connection.execute(insert(FindingControlRow), controls)
    return True


def load_assessment(reading: Reading, digest: str) -> Assessment:
    """Return one assessment, whole.

    Raises:
        UsageError: ``assessment-unknown``.
    """
    return Assessment.model_validate_json(load_assessment_text(reading, digest, systems=None))


def load_assessment_text(reading: Reading, digest: str, *, systems: Collection[str] | None) -> str:
    """Return the canonical JSON of one assessment, of one of these systems or of any.

    Raises:
        UsageError: ``assessment-unknown``, also where it is of another system.
    """
    query = select(col(AssessmentRow.body)).where(col(AssessmentRow.digest) == digest)
    if systems is not None:
        query = query.where(col(AssessmentRow.system).in_(sorted(systems)))
    body = reading.connection.execute(query).scalar()
    if body is None:
        raise UsageError("assessment-unknown", f"no assessment {digest!r} is recorded")
    return body


def assessment_texts(reading: Reading, digests: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield digest and canonical JSON of assessments, a few at a time: each may be a megabyte.

    Raises:
        UsageError: ``assessment-unknown``.
    """
    digest, body = col(AssessmentRow.digest), col(AssessmentRow.body)
    for some in chunks(digests, _TEXTS):
        query = select(digest, body).where(digest.in_(some))
        found = {row[0]: row[1] for row in reading.connection.execute(query)}
        for one in some:
            if one not in found:
                raise UsageError("assessment-unknown", f"no assessment {one!r} is recorded")
            yield one, found[one]


def known_assessment(
    reading: Reading, digest: str, *, systems: Collection[str] | None
) -> AssessmentLine:
    """Return what a listing says of one assessment, of one of these systems or of any.

    Raises:
        UsageError: ``assessment-unknown``, also where it is of another system.
    """
    query = select(*_LINE).where(col(AssessmentRow.digest) == looked_up(digest))
    if systems is not None:
        query = query.where(col(AssessmentRow.system).in_(sorted(systems)))
    row = reading.connection.execute(query).mappings().first()
    if row is None:
        raise UsageError("assessment-unknown", f"no assessment {digest[:80]!r} is recorded")
    return AssessmentLine.model_validate(dict(row))


def last_assessment(
    reading: Reading, system: str, release: str, *, as_of: datetime
) -> AssessmentLine | None:
    """Return the assessment of a release with the newest ``as_of`` up to an instant, if any."""
    found = newest_assessments(reading, system, release, as_of=as_of, most=1)
    return found[0] if found else None


def newest_assessments(
    reading: Reading, system: str, release: str, *, as_of: datetime, most: int
) -> tuple[AssessmentLine, ...]:
    """Return the assessments of a release up to an instant with the newest ``as_of``, those first.

    Args:
        reading: of the store.
        system: id of the system.
        release: version of the release.
        as_of: an assessment as of a later instant is left out.
        most: how many at most.
    """
    query = (
        select(*_LINE)
        .where(
            col(AssessmentRow.system) == looked_up(system),
            col(AssessmentRow.release) == looked_up(release),
            col(AssessmentRow.as_of) <= as_of,
        )
        .order_by(col(AssessmentRow.as_of).desc(), col(AssessmentRow.seq).desc())
        .limit(most)
    )
    rows = reading.connection.execute(query).mappings()
    return tuple(AssessmentLine.model_validate(dict(row)) for row in rows)


def list_assessments(  # noqa: PLR0913 - which of them, and which page
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    after: str | None,
    limit: int,
    systems: Collection[str] | None = None,
) -> Page[AssessmentLine]:
    """Return assessments in the order in which they were recorded; ``systems`` None is of any.

    Raises:
        UsageError: ``limit-invalid`` or ``cursor-invalid``.
    """
    size, seq = page_size(limit), col(AssessmentRow.seq)
    query = select(*_LINE).where(seq > place_in(after)).order_by(seq).limit(size + 1)
    if system is not None:
        query = query.where(col(AssessmentRow.system) == system)
    if release is not None:
        query = query.where(col(AssessmentRow.release) == release)
    if systems is not None:
        query = query.where(col(AssessmentRow.system).in_(sorted(systems)))
    rows = reading.connection.execute(query).mappings()
    found = [AssessmentLine.model_validate(dict(row)) for row in rows]
    return page_of([(str(one.seq), one) for one in found], size)


_LINE = tuple(col(getattr(AssessmentRow, name)) for name in AssessmentLine.model_fields)
