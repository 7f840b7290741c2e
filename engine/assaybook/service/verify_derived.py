"""What a pack carries beside findings and facts follows from them: the index, and OSCAL."""

import json
from collections.abc import Iterator
from typing import Final

from assaybook.domain.attachment import (
    EVIDENCE_INDEX,
    OSCAL_PLAN,
    OSCAL_POAM,
    OSCAL_RESULTS,
    PROOFS,
)
from assaybook.evaluation.assess import seen_by
from assaybook.reporting.oscal import OscalSource, assessment_plan, assessment_results, poam
from assaybook.service.bundles import Ruling, recorded_ruling
from assaybook.service.judge import ENGINE
from assaybook.service.pack_contents import Kept, evidence_index
from assaybook.service.verify_judgement import bundle_told, in_order
from assaybook.service.verify_parts import Judged, Parts, Predicate, part, read_proofs
from assaybook.service.verify_report import Step, bad, good

STEP: Final = "derived"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."


def derived_steps(judged: Judged, said: Predicate, parts: Parts) -> Iterator[Step]:
    """Yield whether the parts that are made from others are what those make.

    Why bytes were erased, and whose pack it is, is taken as it is told. Another version of the
    engine may have made them otherwise.

    Raises:
        AssayError: the bundle cannot be used.
        ValueError: a part is not as we write it.
    """
    if said.engine != ENGINE:
        return
    ruling = in_order(recorded_ruling(bundle_told(judged)), judged.assessment)
    made = {EVIDENCE_INDEX: _index(judged, parts), **_oscal(judged, ruling, said)}
    for name, data in made.items():
        if parts.get(name) != data:
            message = "it does not follow from the findings and facts of the pack"
            yield bad(STEP, "derived-otherwise", name, message, _ASK)
            return
    yield good(STEP, "derived", EVIDENCE_INDEX, "the index of evidence and OSCAL follow from them")


def _index(judged: Judged, parts: Parts) -> bytes:
    told = json.loads(part(parts, EVIDENCE_INDEX))["evidence"]
    kept = Kept(
        places=_places(parts) or {one["id"]: one["seq"] for one in told if one["seq"]},
        erased={one["blob"]: one["erased"] for one in told if one["erased"] is not None},
    )
    seen = seen_by(judged.evidence, judged.assessment.assessment.as_of)
    return evidence_index(judged.assessment, seen, kept)


def _places(parts: Parts) -> dict[str, int]:
    """Return the places in the log that are proven; without proofs there are none."""
    if PROOFS not in parts:
        return {}
    entries = [(json.loads(one.entry), one.seq) for one in read_proofs(parts).receipts]
    return {entry["ref"]: seq for entry, seq in entries if entry["kind"] == "evidence"}


def _oscal(judged: Judged, ruling: Ruling, said: Predicate) -> dict[str, bytes | None]:
    source = OscalSource(
        assessment=judged.assessment,
        bundle=ruling.bundle,
        subject=judged.subject,
        evidence=judged.evidence,
        catalogs={one.id: one for one in ruling.catalogs},
        files={one.envelope.id: one.envelope.name for one in judged.evidence if one.envelope.name},
        organisation=said.organisation,
        problems=judged.problems,
    )
    return {
        OSCAL_RESULTS: assessment_results(source, plan_beside=OSCAL_PLAN),
        OSCAL_POAM: poam(source),
        OSCAL_PLAN: assessment_plan(source),
    }
