"""Envelopes: the id of a submission, and the refusal of evidence from the future."""

from datetime import datetime

from pydantic import JsonValue

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Envelope
from assaybook.domain.ids import written
from assaybook.intake.declared import SKEW
from assaybook.intake.table_mapping import TABLE


def evidence_id(envelope: Envelope) -> str:
    """Return the id of a submission: equal ids are one record.

    It covers blob, subject, format, scope, tool, run and ``produced_at``. Where the document has
    neither run nor ``produced_at``, a stated ``observed_at`` makes equal bytes a new observation.
    The same table with another mapping is another submission.
    """
    subject, scope, tool = envelope.subject, envelope.scope, envelope.producer
    covered: dict[str, JsonValue] = {
        "blob": envelope.blob,
        "subject": {
            "system": subject.system,
            "release": subject.release,
            "artifacts": [one.model_dump(mode="json") for one in subject.artifacts],
        },
        "format": envelope.format,
        "scope": dict(scope),
        "tool": {"tool": tool.tool, "version": tool.version},
        "run": envelope.run,
        "produced_at": None if envelope.produced_at is None else written(envelope.produced_at),
    }
    if envelope.run is None and envelope.produced_at is None and envelope.observed_at is not None:
        covered["observed_at"] = written(envelope.observed_at)
    tables: list[JsonValue] = [one for one in envelope.declared if one.startswith(f"{TABLE}:")]
    if tables:
        covered["table"] = tables
    return f"ev-{digest_of(canonical(covered)).partition(':')[2]}"


def check_not_from_the_future(name: str, said: datetime | None, received_at: datetime) -> None:
    """Refuse an instant that is more than five minutes after the document was received.

    Raises:
        SubmitterError: ``evidence-from-the-future``.
    """
    if said is not None and said - received_at > SKEW:
        raise SubmitterError(
            "evidence-from-the-future",
            f"it says {written(said)}, but was received at {written(received_at)}",
            where=name,
            hint="Mend the clock of the machine that made it; 300 seconds of skew are allowed.",
        )
