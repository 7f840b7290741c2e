"""Envelopes: the id of a submission, and the refusal of evidence from the future."""

import hashlib
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final

from pydantic import JsonValue

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutSubject, Envelope, Producer, Scope
from assaybook.domain.ids import written
from assaybook.intake.declared import SKEW
from assaybook.intake.table_mapping import TABLE

_SOURCES: Final = 1024


def evidence_id(envelope: Envelope) -> str:
    """Return the id of a submission: equal ids are one record.

    It covers blob, subject, format, scope, tool, run and ``produced_at``. Where the document has
    neither run nor ``produced_at``, a stated ``observed_at`` makes equal bytes a new observation.
    The same table with another mapping is another submission.
    """
    run, produced_at = envelope.run, envelope.produced_at
    observed_at = envelope.observed_at if run is None and produced_at is None else None
    tables = _tables(envelope.declared)
    subject, scope, tool = envelope.subject, envelope.scope, envelope.producer
    if observed_at is None and not tables and not subject.artifacts and (run or "").isascii():
        named, rest = _ends(
            *(envelope.format, subject.system, subject.release, tool.tool, tool.version),
            *(scope.dataset, scope.split, scope.path, scope.job),
        )
        instant = "null" if produced_at is None else f'"{written(produced_at)}"'
        said = "null" if run is None else encode_basestring(run)
        text = (
            f'{{"blob":"{envelope.blob}","format":{named},"produced_at":{instant},"run":{said},'
            f"{rest}"
        )
        return f"ev-{hashlib.sha256(text.encode()).hexdigest()}"
    covered = {
        "blob": envelope.blob,
        "produced_at": None if produced_at is None else written(produced_at),
        "run": run,
        **_what(envelope.format, subject, scope, tool),
    }
    if observed_at is not None:
        covered["observed_at"] = written(observed_at)
    if tables:
        covered["table"] = list(tables)
    return f"ev-{digest_of(canonical(covered)).partition(':')[2]}"


@lru_cache(_SOURCES)
def _tables(declared: tuple[str, ...]) -> tuple[str, ...]:
    """Return the mappings of tables among the names of what was declared."""
    return tuple(one for one in declared if one.startswith(f"{TABLE}:"))


def _what(form: str, subject: AboutSubject, scope: Scope, tool: Producer) -> dict[str, JsonValue]:
    return {
        "subject": {
            "system": subject.system,
            "release": subject.release,
            "artifacts": [one.model_dump(mode="json") for one in subject.artifacts],
        },
        "format": form,
        "scope": dict(scope),
        "tool": {"tool": tool.tool, "version": tool.version},
    }


@lru_cache(_SOURCES)
def _ends(  # noqa: PLR0913, PLR0917 - texts are looked up in a fraction of the time of models
    form: str,
    system: str | None,
    release: str | None,
    tool: str,
    version: str,
    dataset: str | None,
    split: str | None,
    path: str | None,
    job: str | None,
) -> tuple[str, str]:
    """Return the canonical JSON of a format, and of what the documents of a source share."""
    shared = _what(
        form,
        AboutSubject(system=system, release=release),
        Scope(dataset=dataset, split=split, path=path, job=job),
        Producer(tool=tool, version=version),
    )
    named = canonical(shared.pop("format")).decode()
    return named, canonical(shared).decode().removeprefix("{")


def check_not_from_the_future(name: str, said: datetime, received_at: datetime) -> None:
    """Refuse an instant that is more than five minutes after the document was received.

    Raises:
        SubmitterError: ``evidence-from-the-future``.
    """
    if said - received_at > SKEW:
        raise SubmitterError(
            "evidence-from-the-future",
            f"it says {written(said)}, but was received at {written(received_at)}",
            where=name,
            hint=(
                "Mend the clock of the machine that made it (300 seconds of skew are allowed), or, "
                "where --as-of names the past, judge as of a later instant."
            ),
        )
