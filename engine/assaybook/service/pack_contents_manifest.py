"""The manifest of a pack: one signed statement over every other part, and what the pages say.

It is what an auditor must believe; the signature of the PDF is for viewers. Source: in-toto
attestation framework 1.0 (Statement), DSSE 1.0.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from pydantic import JsonValue

from assaybook.domain.attachment import CHECKPOINT, DSSE_TYPE, MANIFEST, Attachment
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import written
from assaybook.domain.subject import Subject
from assaybook.ledger import dsse
from assaybook.service.pack_keys import PackKeys

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:assaybook:audit-pack:v1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
NONE: Final = "none"
"""What the manifest says where a pack was made without a log, or without keys."""


def manifest(
    parts: Sequence[Attachment],
    predicate: JsonValue,
    keys: PackKeys | None,
) -> Attachment:
    """Return the manifest over all other parts; without keys nobody has signed it."""
    statement: JsonValue = {
        "_type": STATEMENT_TYPE,
        "predicate": predicate,
        "predicateType": PREDICATE_TYPE,
        "subject": [
            {"digest": {"sha256": sha256(one.data).hexdigest()}, "name": one.name}
            for one in sorted(parts, key=lambda one: one.name)
        ],
    }
    return Attachment(
        name=MANIFEST,
        media_type=DSSE_TYPE,
        relationship="Data",
        description="Signed list of every other part with its digest, and the verdicts shown",
        data=_enveloped(canonical(statement), keys),
    )


def predicate(  # noqa: PLR0913 - each is a part of what is said
    found: Assessment,
    subject: Subject,
    parts: Sequence[Attachment],
    *,
    pack: str,
    organisation: str,
    profile: str,
    verdicts: Sequence[str],
    keys: PackKeys | None,
    made_at: datetime | None,
) -> JsonValue:
    """Return what the manifest says of the pack as a whole.

    Args:
        found: the assessment that the pack shows.
        subject: what it is about.
        parts: every part but the manifest.
        pack: id of the pack.
        organisation: whose pack it is.
        profile: which of the sections the pages have.
        verdicts: the lines of verdicts that the pages print, in order.
        keys: who signs; None for nobody.
        made_at: when it is signed; None where nobody signs.
    """
    head, shown = found.assessment, list[JsonValue](verdicts)
    note = next((one.data for one in parts if one.name == CHECKPOINT), None)
    return {
        "as_of": written(head.as_of),
        "assessment": head.digest,
        "engine": head.engine,
        "keys": NONE if keys is None else _ids(keys),
        "log": NONE if note is None else digest_of(note),
        "made_at": None if made_at is None else written(made_at),
        "organisation": organisation,
        "pack": pack,
        "profile": profile,
        "release": subject.release.version,
        "system": subject.system.id,
        "verdicts": shown,
    }


def _ids(keys: PackKeys) -> JsonValue:
    return {
        "checkpoint": keys.checkpoint.id,
        "report": keys.report.id,
        "statement": keys.statement.id,
    }


def _enveloped(payload: bytes, keys: PackKeys | None) -> bytes:
    if keys is not None:
        return dsse.sign(PAYLOAD_TYPE, payload, keys.statement.key, keys.statement.id)
    unsigned: JsonValue = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [],
    }
    return canonical(unsigned)
