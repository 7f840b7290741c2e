"""The machine-readable parts of an audit pack: files inside the one PDF."""

from typing import Annotated, Final, Literal

from pydantic import Field

from assaybook.domain.base import Frozen

FINDINGS: Final = "findings.json"
BUNDLE: Final = "bundle.json"
SUBJECT: Final = "subject.json"
FACTS: Final = "facts.json"
STATEMENTS: Final = "statements.json"
EVIDENCE_INDEX: Final = "evidence-index.json"
PERIOD: Final = "period.json"
HISTORY: Final = "history.json"
REFUSALS: Final = "refusals.json"
FRAMEWORKS: Final = "frameworks.json"
OSCAL_RESULTS: Final = "oscal-assessment-results.json"
OSCAL_POAM: Final = "oscal-poam.json"
OSCAL_PLAN: Final = "oscal-assessment-plan.json"
CHECKPOINT: Final = "checkpoint.note"
PROOFS: Final = "proofs.json"
ROOT: Final = "root.json"
MANIFEST: Final = "manifest.json"
PARTS: Final = frozenset(
    {
        *(FINDINGS, BUNDLE, SUBJECT, FACTS, STATEMENTS, EVIDENCE_INDEX, PERIOD, HISTORY, REFUSALS),
        *(FRAMEWORKS, OSCAL_RESULTS, OSCAL_POAM, OSCAL_PLAN, CHECKPOINT, PROOFS, ROOT, MANIFEST),
    }
)
"""Every name that a part of a pack can have."""

JSON_TYPE: Final = "application/json"
NOTE_TYPE: Final = "text/plain"
DSSE_TYPE: Final = "application/vnd.dsse.envelope.v1+json"

Relationship = Literal["Source", "Data", "Supplement"]


class Attachment(Frozen):
    """One file that a pack carries.

    Attributes:
        name: its file name; lower-case letters, digits, dots and hyphens, so that no name of a
            pack is a path or needs an escape.
        media_type: what its bytes are.
        relationship: how it stands to the pages, in the words of PDF 2.0 ``AFRelationship``: what
            they were made from, the data that they show, or what adds to them.
        description: one line for the attachment panel of a viewer.
        data: its bytes.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    relationship: Relationship
    description: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")]
    data: bytes
