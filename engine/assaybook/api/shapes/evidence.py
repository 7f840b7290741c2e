"""What becomes of submitted evidence, and how recorded evidence is shown."""

from typing import Annotated

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.documents import Problem
from assaybook.domain.evidence import Coverage, Envelope, Scope
from assaybook.domain.facts import AnyFact
from assaybook.domain.ids import Instant
from assaybook.domain.refusal import Refusal
from assaybook.intake.made import made
from assaybook.language.document_words import Prose
from assaybook.service.submit_documents import Submitted
from assaybook.store.blobs import Erasure
from assaybook.store.evidence import EvidenceReceipt

DocumentName = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Enveloped(Frozen):
    """One document with what is said of it; the body of an envelope, or one line of a batch."""

    name: DocumentName
    as_: str | None = Field(default=None, alias="as", max_length=100)
    scope: Scope = Scope()
    produced_at: Instant | None = None
    observed_at: Instant | None = None
    document: JsonValue = None
    """JSON itself; what is kept and digested is its canonical form (RFC 8785)."""
    text: str | None = None
    base64: str | None = None


class Receipt(Frozen):
    """That a document is recorded: its id, its place in the journal, and since when."""

    evidence: str
    name: str
    received_at: Instant
    seq: int


class SubmissionAnswer(Frozen):
    """What became of each document of a submission; a duplicate has the receipt of its first."""

    accepted: tuple[Receipt, ...]
    duplicates: tuple[Receipt, ...]
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]


def submission_answer(done: Submitted, names: dict[str, str]) -> SubmissionAnswer:
    """Return the answer to a submission; ``names`` are those of the documents, by evidence."""

    def shown(one: EvidenceReceipt) -> Receipt:
        return made(
            Receipt,
            {
                "evidence": one.evidence,
                "name": names[one.evidence],
                "received_at": one.received_at,
                "seq": one.seq,
            },
        )

    return made(
        SubmissionAnswer,
        {
            "accepted": tuple(map(shown, done.report.accepted)),
            "duplicates": tuple(map(shown, done.report.duplicates)),
            "problems": done.problems,
            "unrecognised": done.unrecognised,
        },
    )


class EvidenceAnswer(Frozen):
    """The record of one document: its envelope, its receipt, and how much was read out of it.

    ``erased`` tells when, by whom and why its bytes were removed; null where they were not.
    """

    envelope: Envelope
    receipt: EvidenceReceipt
    facts: int
    coverage: int
    erased: Erasure | None = None


class ErasureWanted(Frozen):
    """Why the bytes of a document are removed; it stays in the log, so it should name nobody."""

    reason: Annotated[Prose, Field(max_length=1_000)]


class FactsAnswer(Frozen):
    """What was read out of one document."""

    evidence: str
    coverage: tuple[Coverage, ...]
    facts: tuple[AnyFact, ...]


class RefusalPage(Frozen):
    """Documents that could not be read as evidence, in the order in which they came."""

    items: tuple[Refusal, ...]
    next: str | None = None


class EvidencePage(Frozen):
    """Envelopes in the order in which they were recorded."""

    items: tuple[Envelope, ...]
    next: str | None = None
