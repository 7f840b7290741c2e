"""What a store adds to a pack: the places of evidence in the log, what was signed, what is gone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Assessment
from assaybook.domain.period import Period
from assaybook.domain.trust import Trust
from assaybook.evaluation.assess import seen_by
from assaybook.ledger.log import read_state
from assaybook.service.judge import Judgement
from assaybook.service.ledger import sign_log
from assaybook.service.ledger_keys import read_keys
from assaybook.service.pack_contents import Kept
from assaybook.service.pack_contents_log import log_parts
from assaybook.service.pack_named import named_erasures, named_moments, named_parts
from assaybook.service.pack_past import named_past
from assaybook.service.pack_record import record_changes
from assaybook.service.pack_sources import PackSources
from assaybook.service.people import STATEMENT_FORMAT
from assaybook.store.assessments import last_assessment, load_assessment
from assaybook.store.blobs import erasures, load_blob
from assaybook.store.evidence import receipts_of
from assaybook.store.journal import last_place
from assaybook.store.refusals import refusals_of
from assaybook.store.unit_of_work import Reading

_MOST_HISTORY: Final = 12
"""Earlier assessments that a trend shows."""


def stored_sources(  # noqa: PLR0913 - each is a part of the pack
    reading: Reading,
    judgement: Judgement,
    *,
    keys: Path | None,
    now: datetime,
    trust: Trust,
    held: Sequence[bytes] = (),
    period: Period | None = None,
) -> PackSources:
    """Return what the store adds to the pack of a judgement that is recorded in it.

    Without keys nobody signs, so neither the log's state nor a time is claimed. A pack is made no
    earlier than the last entry of the log, whatever the clock says.

    Args:
        reading: of the store.
        judgement: what the pack shows.
        keys: folder of the keys of the log, or None.
        now: the present.
        trust: persons whose signatures counted.
        held: signed notes of older states of the log, which readers of the pack hold.
        period: how the release stood from when to when, if the pack is of a period.

    Raises:
        UsageError: ``checkpoint-elsewhere``, the log here does not go on from one that is held.
        AssayError: a key or a note cannot be used, or the log is not the one that was signed.
    """
    seen = seen_by(judgement.evidence, judgement.assessment.assessment.as_of)
    unsigned = _unsigned(reading, judgement, seen, trust)
    if keys is None:
        return unsigned
    _seq, last = last_place(reading.connection)
    made_at = now if last is None else max(now, last)
    signers = read_keys(keys, made_at)
    older = [
        read_state(note.decode(errors="replace"), signers.root, "--held", now=made_at).checkpoint
        for note in held
    ]
    inputs = judgement.inputs
    named = named_parts(
        judgement.assessment.assessment,
        judgement.subject,
        seen,
        inputs.waivers,
        inputs.retirements,
    )
    past = named_past(unsigned.earlier, unsigned.refused)
    past += tuple(dict.fromkeys(one for one, _at in named_moments(period)))
    gone = named_erasures(unsigned.kept.erased)
    about = (judgement.subject.system.id, judgement.assessment.assessment.as_of)
    state = sign_log(reading, keys, made_at)
    log = log_parts(reading, (*named, *past, *gone), about, state, older)
    return replace(unsigned, log=log, keys=signers, made_at=made_at)


def _unsigned(
    reading: Reading, judgement: Judgement, seen: Sequence[Evidence], trust: Trust
) -> PackSources:
    """Return what the store knows of the evidence that a judgement saw, and of what came before."""
    receipts = receipts_of(reading, [one.envelope.id for one in seen])
    erased = erasures(reading, {one.envelope.blob for one in seen})
    subject, as_of = judgement.subject, judgement.assessment.assessment.as_of
    return PackSources(
        Kept(
            places={name: one.seq for name, one in receipts.items()},
            envelopes=_envelopes(reading, seen),
            erased={digest: one.words() for digest, one in erased.items()},
            trust=trust,
        ),
        history=_history(reading, judgement),
        refused=refusals_of(reading, subject.system.id, subject.release.version, as_of=as_of),
        changes=record_changes(reading, subject.system.id, as_of=as_of),
    )


def _history(reading: Reading, judgement: Judgement) -> tuple[Assessment, ...]:
    """Return the newest assessments of the release before this one, oldest first."""
    head, subject = judgement.assessment.assessment, judgement.subject
    found: list[Assessment] = []
    before = head.as_of
    while len(found) < _MOST_HISTORY:
        line = last_assessment(
            reading,
            subject.system.id,
            subject.release.version,
            as_of=before - timedelta(microseconds=1),
        )
        if line is None:
            break
        found.append(load_assessment(reading, line.digest))
        before = line.as_of
    return tuple(reversed(found))


def _envelopes(reading: Reading, seen: Iterable[Evidence]) -> dict[str, bytes]:
    """Return the signed statements among the evidence, as they were accepted."""
    found: dict[str, bytes] = {}
    for one in seen:
        if one.envelope.format == STATEMENT_FORMAT:
            raw = load_blob(reading, one.envelope.blob)
            if raw is not None:
                found[one.envelope.id] = raw
    return found
