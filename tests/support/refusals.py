"""Documents that could not be read, as they are recorded."""

from datetime import datetime
from typing import Any

from assaybook.domain.canonical import digest_of
from assaybook.domain.refusal import Refusal
from support.evidence import AS_OF


def a_refusal(name: str = "x.json", *, at: datetime = AS_OF, **changes: Any) -> Refusal:
    """Return one refusal, of a document whose format nobody knows."""
    known: dict[str, Any] = {
        "id": f"rf-{digest_of(name.encode())[7:39]}",
        "system": "s",
        "release": "1",
        "digest": digest_of(name.encode()),
        "size": 51,
        "name": name,
        "declared": "",
        "detected": "",
        "families": (),
        "code": "document-breaks-format",
        "received_at": at,
        "submitted_by": "ann",
    }
    return Refusal(**{**known, **changes})
