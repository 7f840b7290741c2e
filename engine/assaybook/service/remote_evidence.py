"""Evidence of a server, as that of the store: listed, refused, shown."""

from urllib.parse import quote

from pydantic import JsonValue

from assaybook.domain.evidence import Envelope
from assaybook.domain.refusal import Refusal
from assaybook.service.list_evidence import Wanted
from assaybook.service.remote_answers import object_of, page_at, record_of
from assaybook.service.remote_line import Line, asked
from assaybook.service.show_evidence import EvidenceShown
from assaybook.store.paging import Page


def evidence_at(line: Line, wanted: Wanted) -> Page[Envelope]:
    """Return what a server recorded of what the key may see.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    return page_at(line, "/v1/evidence", Envelope, {**_query(wanted), "format": wanted.form})


def refusals_at(line: Line, wanted: Wanted) -> Page[Refusal]:
    """Return what a server could not read of what the key may see.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    return page_at(line, "/v1/refusals", Refusal, _query(wanted))


def shown_at(line: Line, evidence: str) -> EvidenceShown:
    """Return a document that a server recorded; that it was read is recorded there.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    path = f"/v1/evidence/{quote(evidence, safe='')}"
    found = object_of(line, asked(line, "GET", path))
    read = object_of(line, asked(line, "GET", f"{path}/facts"))
    whole: dict[str, JsonValue] = {key: read.get(key) for key in ("coverage", "facts")}
    whole["envelope"] = found.get("envelope")
    return record_of(line, EvidenceShown, {**found, "evidence": whole})


def _query(wanted: Wanted) -> dict[str, str | None]:
    return {
        "system": wanted.system,
        "release": wanted.release,
        "cursor": wanted.after,
        "limit": str(wanted.limit),
    }
