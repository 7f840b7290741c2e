"""Evidence: what was received, what it is about, and how far it was examined."""

import operator
from typing import Literal

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Digest, Instant
from assaybook.domain.policy import Assurance


class Scope(Frozen):
    """Where a document looked. Never a commit or a date."""

    dataset: str | None = None
    split: str | None = None
    path: str | None = None
    job: str | None = None
    """The format's own job: OpenLineage job, MLflow experiment and run name, suite, target."""


class AboutArtifact(Frozen):
    """An artifact that a document says it is about; an unknown name or kind is None."""

    digest: Digest
    name: str | None = None
    kind: Literal["model", "dataset", "code", "docs", "image"] | None = None


class AboutSubject(Frozen):
    """What a document, or the person who submitted it, says it is about."""

    system: str | None = None
    release: str | None = None
    artifacts: tuple[AboutArtifact, ...] = ()


class Producer(Frozen):
    """The tool that made a document."""

    tool: str = ""
    version: str = ""


class Coverage(Frozen):
    """How far one question was examined; None is an unknown count, which is not zero.

    ``question`` says what was looked for: ``security/secret``, ``pii/email``, ``drift``,
    ``metric/quality``. ``skipped_items`` names what was skipped, where the format does.
    """

    question: str = Field(pattern=r"^[a-z_]+(/[A-Za-z0-9_.:-]+)?$")
    examined: int | None = Field(default=None, ge=0)
    passed: int | None = Field(default=None, ge=0)
    failed: int | None = Field(default=None, ge=0)
    errored: int | None = Field(default=None, ge=0)
    skipped: int | None = Field(default=None, ge=0)
    skipped_items: tuple[str, ...] = ()


class Warning_(Frozen):  # noqa: N801
    """Something that a reader of the document must know; it never decides anything."""

    code: str
    message: str
    pointer: str = ""


class Envelope(Frozen):
    """One submission of one document, or of one run in it.

    Attributes:
        id: ``ev-`` and hex: digest over blob, subject, format, scope, tool, run, produced_at
            (or, where the format has neither, ``observed_at``).
        blob: digest of the exact bytes received.
        size: length of the blob in bytes.
        name: file name as the submitter gave it; for people only.
        produced_at: claimed by the document or declared; None where nobody said.
        observed_at: stated by the submitter for a new observation of equal bytes.
        received_at: ours.
        assurance: how well the origin of the document itself is known.
        declared: names of the things that the submitter added (``produced_at``, ``scope``, ...).
        declared_assurance: how well the origin of those is known; never more than ``ci``.
        submission: id of the submission it came in; documents of one stand together.
        redactions: what was removed before storing, as ``rule: count``.
    """

    id: str
    blob: Digest
    size: int = Field(ge=0)
    name: str = ""
    subject: AboutSubject = AboutSubject()
    format: str
    format_version: str = ""
    producer: Producer = Producer()
    run: str | None = None
    scope: Scope = Scope()
    produced_at: Instant | None = None
    observed_at: Instant | None = None
    received_at: Instant
    submitted_by: str = ""
    assurance: Assurance = Assurance.SELF
    declared: tuple[str, ...] = ()
    declared_assurance: Assurance = Assurance.SELF
    submission: str = ""
    adapter: str = ""
    adapter_version: int = 1
    warnings: tuple[Warning_, ...] = ()
    redactions: tuple[str, ...] = ()
    malformed: bool = False
    """True where only part of the document could be read; it opens the lists that it bears on."""
    authenticated: bool = Field(default=False, exclude_if=operator.not_)
    """True where ``ci`` was earned by a key or token; else it is the word of whoever submitted.

    Written only where it is true, so that what was recorded before it was known stays as it is.
    """
