"""What a pack carries beside findings and facts follows from them: index, OSCAL, due dates."""

import json
from collections.abc import Iterator
from typing import Final

from assaybook.domain.attachment import (
    EVIDENCE_INDEX,
    FRAMEWORKS,
    HISTORY,
    OSCAL_PLAN,
    OSCAL_POAM,
    OSCAL_RESULTS,
    PROOFS,
    REFUSALS,
)
from assaybook.domain.errors import AssayError
from assaybook.domain.history import Remediation
from assaybook.evaluation.assess import seen_by
from assaybook.reporting.oscal import (
    OscalSource,
    assessment_plan,
    assessment_results,
    frameworks,
    poam,
)
from assaybook.service.bundles import Ruling, recorded_ruling
from assaybook.service.judge import ENGINE
from assaybook.service.pack_contents import Kept, evidence_index
from assaybook.service.pack_named import ERASED
from assaybook.service.pack_past import past_parts, remediation_of
from assaybook.service.verify_engine import otherwise
from assaybook.service.verify_judgement import bundle_told, in_order
from assaybook.service.verify_left_out import LogEntry
from assaybook.service.verify_parts import (
    Judged,
    Parts,
    Predicate,
    part,
    read_history,
    read_proofs,
    read_refusals,
)
from assaybook.service.verify_report import Standing, Step, bad, good
from assaybook.store.blobs import Erasure

STEP: Final = "derived"
_NOT_CHECKED: Final = (
    (
        "What the pages say beside their verdicts: sentences, charts and numbers in them, how "
        "their words look, bookmarks, and what the file says of itself and its parts."
    ),
)
_AS_SHOWN: Final = "Whether the log holds another document about the release: ask for its entries."
_NUMBERED: Final = (
    "Whether the log numbers each entry about the system, and no two alike: audit it."
)
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."


def derived_steps(judged: Judged, said: Predicate, parts: Parts) -> Iterator[Step]:
    """Yield whether the parts that are made from others are what those make.

    Whose pack it is, is taken as it is told; so is why bytes were erased, where the pack has no
    log to prove it. Another version of the engine may have made them otherwise, so of what it did
    not make as this one does nobody can tell.

    Raises:
        AssayError: the bundle cannot be used.
        ValueError: a part is not as we write it.
    """
    if said.engine == ENGINE:
        yield from _derived(judged, said, parts)
        return
    try:
        steps = tuple(_derived(judged, said, parts))
    except (AssayError, ValueError, LookupError, TypeError):
        steps = ()
    if steps and all(one.standing is Standing.GOOD for one in steps):
        yield from steps
        return
    what = "this version makes its index of evidence, OSCAL or due dates otherwise"
    yield otherwise(STEP, EVIDENCE_INDEX, said.engine, what)


def _derived(judged: Judged, said: Predicate, parts: Parts) -> Iterator[Step]:
    ruling = in_order(recorded_ruling(bundle_told(judged)), judged.assessment)
    if not _is_past(judged, parts):
        message = "it is not of this release, or not of before these findings"
        yield bad(STEP, "past-elsewhere", HISTORY, message, _ASK)
        return
    earlier, refused = read_history(parts).earlier, read_refusals(parts)
    remediation = remediation_of(judged.assessment, ruling.bundle, earlier)
    made: dict[str, bytes | None] = {
        EVIDENCE_INDEX: _index(judged, parts),
        **dict.fromkeys((HISTORY, REFUSALS)),
        **{one.name: one.data for one in past_parts(remediation, earlier, refused)},
        **_oscal(judged, ruling, said, remediation),
    }
    for name, data in made.items():
        if parts.get(name) != data:
            message = "it does not follow from the findings and facts of the pack"
            yield bad(STEP, "derived-otherwise", name, message, _ASK)
            return
    message = "the index of evidence, OSCAL and due dates follow from findings and facts"
    yield good(STEP, "derived", EVIDENCE_INDEX, message)


def not_checked(parts: Parts, *, complete: bool) -> tuple[str, ...]:
    """Return what a pack shows that nothing in it proves, in sentences.

    Args:
        parts: of the pack.
        complete: it proves that it leaves out nothing that its log says of the system.

    Raises:
        ValueError: a part is not as we write it.
    """
    earlier = len(read_history(parts).earlier)
    always = (*_NOT_CHECKED, _NUMBERED if complete else _AS_SHOWN)
    if not earlier:
        return always
    past = (
        f"What {earlier} earlier assessment{'s' if earlier > 1 else ''} came to, and so trend, "
        "changes and since when findings are open; compare with earlier packs: assay pack diff."
    )
    return *always, past


def _is_past(judged: Judged, parts: Parts) -> bool:
    """Tell whether what came before did, in order, and was about this release."""
    as_of, subject = judged.assessment.assessment.as_of, judged.subject
    times = [one.as_of for one in read_history(parts).earlier]
    return (
        times == sorted(set(times))
        and all(at < as_of for at in times)
        and all(
            (one.system, one.release) == (subject.system.id, subject.release.version)
            and one.received_at <= as_of
            for one in read_refusals(parts)
        )
    )


def _index(judged: Judged, parts: Parts) -> bytes:
    if PROOFS in parts:
        kept = _proven(parts)
    else:
        told = json.loads(part(parts, EVIDENCE_INDEX))["evidence"]
        kept = Kept(
            places={one["id"]: one["seq"] for one in told if one["seq"]},
            erased={one["blob"]: one["erased"] for one in told if one["erased"] is not None},
        )
    seen = seen_by(judged.evidence, judged.assessment.assessment.as_of)
    return evidence_index(judged.assessment, seen, kept)


def _proven(parts: Parts) -> Kept:
    """Return the places in the log, and why bytes were erased, as the proofs of a pack tell it."""
    receipts = read_proofs(parts).receipts
    entries = [(LogEntry.model_validate_json(one.entry), one.seq) for one in receipts]
    gone = [(entry, seq) for entry, seq in entries if entry.kind == ERASED]
    return Kept(
        places={entry.ref: seq for entry, seq in entries if entry.kind == "evidence"},
        erased={
            entry.ref: Erasure(
                at=entry.at, person=entry.person, reason=entry.reason, seq=seq
            ).words()
            for entry, seq in gone
        },
    )


def _oscal(
    judged: Judged, ruling: Ruling, said: Predicate, remediation: tuple[Remediation, ...]
) -> dict[str, bytes | None]:
    source = OscalSource(
        assessment=judged.assessment,
        bundle=ruling.bundle,
        subject=judged.subject,
        evidence=judged.evidence,
        catalogs={one.id: one for one in ruling.catalogs},
        organisation=said.organisation,
        problems=judged.problems,
        remediation=remediation,
    )
    return {
        FRAMEWORKS: frameworks(source),
        OSCAL_RESULTS: assessment_results(source, plan_beside=OSCAL_PLAN),
        OSCAL_POAM: poam(source),
        OSCAL_PLAN: assessment_plan(source),
    }
