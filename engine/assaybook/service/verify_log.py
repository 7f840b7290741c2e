"""The log behind a pack: everything that it rests on is in it, and it is the log that you know."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from assaybook.domain.attachment import CHECKPOINT, HISTORY, MANIFEST, PERIOD, PROOFS
from assaybook.domain.canonical import digest_of, digest_of_model
from assaybook.domain.errors import SubmitterError
from assaybook.domain.ids import written
from assaybook.domain.period import Period
from assaybook.ledger.checkpoint import Checkpoint, parsed_checkpoint
from assaybook.ledger.log import hashes_of, read_state
from assaybook.ledger.merkle import leaf_hash, proves_consistency, proves_inclusion
from assaybook.ledger.root import Root
from assaybook.service.judge import ENGINE
from assaybook.service.pack_named import BEFORE, Named, named_moments, named_parts
from assaybook.service.pack_past import named_past
from assaybook.service.verify_engine import otherwise
from assaybook.service.verify_left_out import LogEntry, left_out_step
from assaybook.service.verify_parts import (
    Judged,
    Manifest,
    Older,
    Parts,
    Proofs,
    Proven,
    canonical_only,
    part,
    read_history,
    read_proofs,
    read_refusals,
    reading,
    whole,
)
from assaybook.service.verify_report import Standing, Step, bad, good, unsure

STEP: Final = "log"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."
_ANY_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""An auditor's own checkpoint may be newer than the pack; no clock is asked."""
_KEEP: Final = (
    "Keep both checkpoints: together they prove that the log was rewritten. Tell whoever runs it."
)


def no_log_step() -> Step:
    """Return what is to be said of a pack that was made without a log."""
    message = (
        "it shows no log, because it was made from files or without keys of the log, so nothing "
        "shows when its evidence was received"
    )
    hint = "Submit the evidence to a store, and make the pack with keys: assay pack build --keys."
    return unsure(STEP, "log-none", MANIFEST, message, hint)


def log_state(parts: Parts, manifest: Manifest, root: Root) -> Checkpoint:
    """Return the state of the log that the pack was made from, signed by the log's key.

    Raises:
        SubmitterError: ``checkpoint-other``, or what `read_state` says.
    """
    raw = part(parts, CHECKPOINT)
    said, keys = manifest.predicate, manifest.keys
    if digest_of(raw) != said.log or keys is None or said.made_at is None:
        message = "it is not the state of the log that the manifest names"
        raise SubmitterError("checkpoint-other", message, where=CHECKPOINT)
    state = read_state(raw.decode(), root, CHECKPOINT, now=said.made_at, at=said.made_at)
    if state.key_id != keys.checkpoint:
        message = "it is signed by another key of the log than the manifest names"
        raise SubmitterError("checkpoint-other", message, where=CHECKPOINT)
    return state.checkpoint


def proof_steps(
    parts: Parts, state: Checkpoint, judged: Judged, made_at: datetime
) -> Iterator[Step]:
    """Yield whether everything that the pack rests on is in the log of a state.

    Raises:
        ValueError: the proofs are not as we write them.
    """
    shown = _shown(read_proofs(parts), state)
    if isinstance(shown, Step):
        yield shown
        return
    entries = {one.named: one for one in shown}
    late = [one for one in entries.values() if one.at > made_at]
    if late:
        message = f"{late[0].kind} {late[0].ref} was recorded after the pack says it was made"
        yield bad(STEP, "time-before-entry", PROOFS, message, _ASK)
    engine = judged.assessment.assessment.engine
    past: tuple[Named, ...] = ()
    try:
        past = named_past(read_history(parts).earlier, read_refusals(parts))
    except ValueError:
        if engine == ENGINE:
            raise
        what = "this version writes otherwise what came before, so nothing shows it in the log"
        yield otherwise(STEP, HISTORY, engine, what)
    step = _complete(entries, judged, past, state)
    yield step
    if PERIOD in parts and step.standing is Standing.GOOD:
        yield from _period_steps(entries, judged, parts)
    if step.standing is Standing.GOOD:
        head, pack = judged.assessment.assessment, (*_rests_on(judged), *past)
        left_out = left_out_step(shown, head, judged.subject, pack)
        if left_out is not None:
            yield left_out


def _shown(proofs: Proofs, state: Checkpoint) -> list[LogEntry] | Step:
    """Return the entries that are proven to be in the log, or what is broken.

    Raises:
        ValueError: an entry is not as we write it.
    """
    if proofs.size != state.size:
        message = "they are proofs under another state of the log than the pack's"
        return bad(STEP, "proof-elsewhere", PROOFS, message, _ASK)
    for older in proofs.consistency:
        if not _goes_on(older, state):
            message = f"the log is not shown to go on from its {older.size} entries"
            return bad(STEP, "proof-broken", PROOFS, message, _ASK)
    for one in proofs.receipts:
        if not _is_proven(one, state):
            message = f"entry {one.seq} is not in the log of {state.size} entries"
            return bad(STEP, "proof-broken", PROOFS, message, _ASK)
    with reading(PROOFS):
        return [
            LogEntry.model_validate_json(canonical_only(one.entry.encode()))
            for one in proofs.receipts
        ]


def _period_steps(entries: dict[Named, LogEntry], judged: Judged, parts: Parts) -> Iterator[Step]:
    """Yield what is wrong with the instants of a period; of another version's nobody can tell."""
    engine = judged.assessment.assessment.engine
    if engine == ENGINE:
        found = _by_then(entries, whole(Period, parts, PERIOD))
        if found is not None:
            yield found
        return
    try:
        found = _by_then(entries, whole(Period, parts, PERIOD))
    except (ValueError, LookupError):
        what = "this version writes periods otherwise, so nothing shows that the log had it so"
        yield otherwise(STEP, PERIOD, engine, what)
        return
    if found is not None:
        what = f"of its period, {found.message} ({found.code})"
        yield otherwise(STEP, found.where, engine, what)


def _complete(
    entries: dict[Named, LogEntry], judged: Judged, past: tuple[Named, ...], state: Checkpoint
) -> Step:
    """Return whether each thing that the pack rests on is proven, and received when it says."""
    as_of, rests_on = judged.assessment.assessment.as_of, _rests_on(judged)
    wanted = (*rests_on, *past)
    for one in wanted:
        if one not in entries:
            message = f"nothing proves that {one.kind} {one.ref} is in the log as it stands here"
            return bad(STEP, "proof-missing", PROOFS, message, _ASK)
    late = [one for one in rests_on if one.kind in BEFORE and entries[one].at > as_of]
    if late:
        message = f"{late[0].kind} {late[0].ref} was recorded after the instant that is judged"
        return bad(STEP, "recorded-later", PROOFS, message, _ASK)
    received = {one.envelope.id: one.envelope.received_at for one in judged.evidence}
    for name, entry in entries.items():
        if name.kind == "evidence" and entry.at != received.get(name.ref, entry.at):
            message = f"{name.ref} was recorded at {written(entry.at)}, and says otherwise"
            return bad(STEP, "time-of-evidence", PROOFS, message, _ASK)
    message = f"all {len(wanted)} things that it rests on are in the log of {state.size} entries"
    return good(STEP, "proofs", PROOFS, message)


def _rests_on(judged: Judged) -> tuple[Named, ...]:
    """Return what the judgement of a pack rests on, as the log names it."""
    statements = judged.statements
    return named_parts(
        judged.assessment.assessment,
        judged.subject,
        judged.evidence,
        statements.waivers,
        statements.retirements,
    )


def _by_then(entries: dict[Named, LogEntry], period: Period) -> Step | None:
    """Return what is wrong with the instants of a period: each is one at which the log changed.

    What a period says that people had recorded by an instant was; whatever it holds of a later
    record has an instant of its own; and it begins where it was asked to, or with its release.
    """
    times = {one.as_of for one in period.moments}
    for one, at in named_moments(period):
        if one not in entries:
            message = f"nothing proves that {one.kind} {one.ref} stood as the period has it"
            return bad(STEP, "proof-missing", PROOFS, message, _ASK)
        recorded = entries[one].at
        if recorded > at:
            message = f"{one.kind} {one.ref} was recorded after the instant that it counts at"
            return bad(STEP, "recorded-later", PERIOD, message, _ASK)
        if recorded > period.since and recorded not in times:
            message = f"it does not judge at {written(recorded)}, when {one.ref} was recorded"
            return bad(STEP, "period-gap", PERIOD, message, _ASK)
    first = period.moments[0].subject
    about = f"{first.system.id}/{first.release.version}"
    began = entries[Named("release", about, digest_of_model(first.release))].at
    if period.since > max(period.asked_since, began):
        message = "it begins later than it was asked to, and than the release was registered"
        return bad(STEP, "period-gap", PERIOD, message, _ASK)
    return None


def held_note(raw: bytes | None) -> bytes | None:
    """Return the note of a checkpoint that an auditor holds, whoever signed it.

    Raises:
        SubmitterError: ``checkpoint-unreadable``: it is none, so no pack was judged by it.
    """
    if raw is not None:
        parsed_checkpoint(raw.decode(errors="replace"), "--checkpoint")
    return raw


def held_step(parts: Parts, state: Checkpoint, held: bytes, root: Root, made_at: datetime) -> Step:
    """Return whether the log goes on from a state that the auditor holds.

    Raises:
        ValueError: the proofs are not as we write them.
    """
    try:
        note = held.decode(errors="replace")
        older = read_state(note, root, "--checkpoint", now=_ANY_TIME, at=made_at).checkpoint
    except SubmitterError as error:
        message = f"it is not a checkpoint of this log by a key of this root: {error.message}"
        return bad(STEP, "checkpoint-other-log", "--checkpoint", message, _KEEP)
    if older.size > state.size:
        message = f"yours is of {older.size} entries, and the pack's of {state.size}"
        hint = "Check a newer pack, or ask for the proof that yours goes on from the pack's."
        return unsure(STEP, "checkpoint-newer", "--checkpoint", message, hint)
    if older.size == state.size:
        if older.root == state.root:
            return good(STEP, "checkpoint-same", "--checkpoint", "the log is in the state you hold")
        return _forked(older)
    return _continued(read_proofs(parts), older, state)


def _continued(proofs: Proofs, older: Checkpoint, state: Checkpoint) -> Step:
    for one in proofs.consistency:
        if one.size != older.size:
            continue
        if hashes_of([one.root]) == (older.root,) and _goes_on(one, state):
            message = f"the log of {state.size} entries goes on from yours of {older.size}"
            return good(STEP, "consistency", PROOFS, message)
        return _forked(older)
    message = f"the pack has no proof that its log goes on from yours of {older.size} entries"
    hint = "Ask for a pack made with that checkpoint: assay pack build --held FILE."
    return unsure(STEP, "consistency-missing", PROOFS, message, hint)


def _goes_on(older: Older, state: Checkpoint) -> bool:
    """Tell whether a proof shows that the log goes on from the older state that it is about."""
    path, root = hashes_of(older.path), hashes_of([older.root])
    return (
        path is not None
        and root is not None
        and proves_consistency(older.size, state.size, root[0], state.root, path)
    )


def _forked(older: Checkpoint) -> Step:
    message = f"the log of the pack is not the one whose {older.size} entries you hold"
    return bad(STEP, "log-forked", "--checkpoint", message, _KEEP)


def _is_proven(one: Proven, state: Checkpoint) -> bool:
    leaf = leaf_hash(one.entry.encode())
    path = hashes_of(one.path)
    return path is not None and proves_inclusion(leaf, one.seq - 1, state.size, path, state.root)
