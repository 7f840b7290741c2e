"""The tables, as rows. A row validates nothing and is never returned: the domain does and is.

Text columns that end in ``_json`` or are called ``body``, and the lists of readings, hold canonical
JSON (RFC 8785); they are what is read back. The other columns of evidence and findings are there to
look things up.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from assaybook.store.columns import InstantColumn


def _text() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=Text)


def _instant() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=InstantColumn)


def _big() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=BigInteger)


class EntryRow(SQLModel, table=True):
    """One accepted thing in the journal; ``seq`` is dense and starts at 1.

    So is ``number`` among the entries about a ``system``, since there are numbers.
    """

    __tablename__ = "entries"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("entries_by_digest", "digest"),
        Index("entries_by_system", "system", "number", unique=True),
    )

    seq: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, nullable=False)
    )
    kind: str = _text()
    ref: str = _text()
    digest: str = _text()
    at: datetime = _instant()
    body: str = _text()
    system: str | None = Field(default=None, sa_type=Text)
    number: int | None = Field(default=None, sa_type=BigInteger)


class NodeRow(SQLModel, table=True):
    """The root of a whole subtree of the log; of every fifth height, the place from 0."""

    __tablename__ = "nodes"  # pyright: ignore[reportAssignmentType]

    height: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, nullable=False)
    )
    hash: bytes = Field(sa_type=LargeBinary)


class BlobRow(SQLModel, table=True):
    """Received bytes, or their redacted form, by the digest of what was received."""

    __tablename__ = "blobs"  # pyright: ignore[reportAssignmentType]

    digest: str = Field(sa_type=Text, primary_key=True)
    size: int = _big()
    kept_digest: str = _text()
    content: bytes | None = Field(default=None, sa_type=LargeBinary)


class EvidenceRow(SQLModel, table=True):
    """One submission of one document, or of one run in it."""

    __tablename__ = "evidence"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("evidence_by_system", "system", "received_at"),
        Index("evidence_by_seq", "seq", unique=True),
    )

    id: str = Field(sa_type=Text, primary_key=True)
    seq: int = _big()
    blob: str = Field(sa_type=Text, foreign_key="blobs.digest")
    system: str | None = _text()
    release: str | None = _text()
    format: str = _text()
    received_at: datetime = _instant()
    adapter_version: int
    digest: str = _text()
    envelope_json: str = _text()


class EvidenceArtifactRow(SQLModel, table=True):
    """A digest that a document says it is about."""

    __tablename__ = "evidence_artifacts"  # pyright: ignore[reportAssignmentType]

    digest: str = Field(sa_type=Text, primary_key=True)
    evidence: str = Field(sa_type=Text, primary_key=True, foreign_key="evidence.id")


class ReadingRow(SQLModel, table=True):
    """What one version of its adapter read out of one document, whole.

    ``seq`` is the place of its evidence, so that rows and keys are written where the last ones are.
    ``coverage`` and ``facts`` are lists, as canonical JSON.
    """

    __tablename__ = "readings"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (ForeignKeyConstraint(["seq"], ["evidence.seq"]),)

    seq: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, nullable=False)
    )
    adapter_version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    coverage: str = _text()
    facts: str = _text()


class SystemRow(SQLModel, table=True):
    """One version of the record of a system; ``version`` starts at 1."""

    __tablename__ = "systems"  # pyright: ignore[reportAssignmentType]

    id: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = _instant()
    person: str = _text()
    reason: str = _text()
    digest: str = _text()
    body: str = _text()


class ReleaseRow(SQLModel, table=True):
    """One version of the record of a release; ``version`` is the record's, from 1."""

    __tablename__ = "releases"  # pyright: ignore[reportAssignmentType]

    system: str = Field(sa_type=Text, primary_key=True)
    release: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = _instant()
    person: str = _text()
    reason: str = _text()
    digest: str = _text()
    body: str = _text()


class BundleRow(SQLModel, table=True):
    """A bundle by its digest, which is that of ``body``."""

    __tablename__ = "bundles"  # pyright: ignore[reportAssignmentType]

    digest: str = Field(sa_type=Text, primary_key=True)
    at: datetime = _instant()
    body: str = _text()


class AssessmentRow(SQLModel, table=True):
    """One assessment, whole, by its digest."""

    __tablename__ = "assessments"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("assessments_by_release", "system", "release", "as_of"),
        Index("assessments_by_seq", "seq"),
    )

    digest: str = Field(sa_type=Text, primary_key=True)
    seq: int = _big()
    system: str = _text()
    release: str = _text()
    as_of: datetime = _instant()
    at: datetime = _instant()
    bundle: str = Field(sa_type=Text, foreign_key="bundles.digest")
    subject: str = _text()
    evidence_set: str = _text()
    engine: str = _text()
    verdict: str = _text()
    body: str = _text()


class FindingRow(SQLModel, table=True):
    """One finding of an assessment, to be found by what it says; the assessment holds it whole."""

    __tablename__ = "findings"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("findings_by_rule", "policy", "rule", "outcome"),
        Index("findings_by_release", "system", "release", "outcome"),
    )

    assessment: str = Field(sa_type=Text, primary_key=True, foreign_key="assessments.digest")
    ordinal: int = Field(primary_key=True)
    system: str = _text()
    release: str = _text()
    policy: str = _text()
    policy_version: int
    rule: str = _text()
    severity: str = _text()
    outcome: str = _text()
    disposition: str = _text()


class WaiverRow(SQLModel, table=True):
    """One version of a waiver; ``version`` starts at 1, and ``why`` is of this version alone."""

    __tablename__ = "waivers"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("waivers_by_system", "system"),)

    id: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True)
    system: str = _text()
    at: datetime = _instant()
    person: str = _text()
    digest: str = _text()
    body: str = _text()
    why: str | None = _text()


class RetirementRow(SQLModel, table=True):
    """A person's word that a source will not answer again; ``seq`` is that of its entry."""

    __tablename__ = "retirements"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("retirements_by_system", "system", "at"),
        ForeignKeyConstraint(["seq"], ["entries.seq"]),
    )

    seq: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, nullable=False)
    )
    system: str = _text()
    source: str = _text()
    at: datetime = _instant()
    body: str = _text()


class RefusalRow(SQLModel, table=True):
    """One document that was submitted about a release and could not be read; never its bytes."""

    __tablename__ = "refusals"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("refusals_by_release", "system", "release", "at"),)

    id: str = Field(sa_type=Text, primary_key=True)
    seq: int = _big()
    system: str = _text()
    release: str = _text()
    at: datetime = _instant()
    body: str = _text()
