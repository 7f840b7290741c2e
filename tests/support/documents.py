"""Documents of tools, read as evidence with one word."""

import json
from datetime import UTC, datetime
from pathlib import Path

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.policy import Assurance
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.read import Opened, Receipt, open_document

RECEIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
DEFECTS = ROOT / "data" / "evidence"


def bytes_of(content: object) -> bytes:
    """Return bytes as they are, a text in UTF-8, and anything else as JSON."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def opened(  # noqa: PLR0913 - each is a word that a test may say
    content: object,
    name: str = "report.json",
    said: Declared | None = None,
    *,
    as_format: str | None = None,
    defaults: Declared | None = None,
    limits: Limits | None = None,
    assurance: Assurance = Assurance.SELF,
) -> Opened:
    """Read one document, received on 22 November 2026 at noon."""
    declared = said or Declared(format=as_format)
    return open_document(
        bytes_of(content),
        name=name,
        declared=(declared, defaults or Declared()),
        receipt=Receipt(RECEIVED, assurance=assurance),
        limits=limits or Limits(),
    )


def evidence_of(content: object, name: str = "report.json", **how: object) -> Evidence:
    """Read a document that holds one run."""
    (one,) = opened(content, name, **how).evidence  # type: ignore[arg-type]
    return one


def refusal(content: object, name: str = "report.json", **how: object) -> SubmitterError:
    """Return the error with which a document is refused."""
    try:
        opened(content, name, **how)  # type: ignore[arg-type]
    except SubmitterError as error:
        return error
    message = "the document was read"
    raise AssertionError(message)
