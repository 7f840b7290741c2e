"""All parts of an audit pack, in the order in which it carries them."""

from dataclasses import replace

from assaybook.domain.attachment import (
    FRAMEWORKS,
    JSON_TYPE,
    OSCAL_PLAN,
    OSCAL_POAM,
    OSCAL_RESULTS,
    ROOT,
    Attachment,
)
from assaybook.domain.history import Remediation
from assaybook.reporting.model import Pack
from assaybook.reporting.oscal import assessment_plan, assessment_results, frameworks, poam
from assaybook.reporting.verdicts import shown_verdicts
from assaybook.service.judge import Judgement
from assaybook.service.oscal import judgement_source
from assaybook.service.pack_contents import contents
from assaybook.service.pack_contents_manifest import manifest, predicate
from assaybook.service.pack_past import past_parts, remediation_of
from assaybook.service.pack_sources import PackSources


def pack_parts(
    judgement: Judgement, sources: PackSources, *, organisation: str
) -> tuple[Attachment, ...]:
    """Return every part that a pack carries but its manifest, which lists them."""
    remediation = remediation_of(judgement.assessment, judgement.bundle, sources.earlier)
    parts = [
        *contents(judgement, sources.kept),
        *past_parts(remediation, sources.earlier, sources.refused),
        *_oscal(judgement, organisation, remediation),
        *sources.log,
    ]
    if sources.keys is not None:
        root = Attachment(
            name=ROOT,
            media_type=JSON_TYPE,
            relationship="Supplement",
            description="The keys that signed, with what they may sign and when",
            data=sources.keys.root.raw(),
        )
        parts.append(root)
    return tuple(parts)


def pack_manifest(  # noqa: PLR0913 - each is a part of what is said
    judgement: Judgement,
    sources: PackSources,
    parts: tuple[Attachment, ...],
    pack: Pack,
    *,
    organisation: str,
    profile: str,
) -> Attachment:
    """Return the manifest of a pack with these parts and these pages."""
    said = predicate(
        judgement.assessment,
        judgement.subject,
        parts,
        pack=pack.id,
        organisation=organisation,
        profile=profile,
        verdicts=shown_verdicts(pack),
        keys=sources.keys,
        made_at=sources.made_at,
    )
    return manifest(parts, said, sources.keys)


def _oscal(
    judgement: Judgement, organisation: str, remediation: tuple[Remediation, ...]
) -> tuple[Attachment, ...]:
    """Return the assessment in OSCAL: its plan, its results, and what is left to do, if any is."""
    told = judgement_source(judgement, organisation=organisation)
    # Where files lay on the machine that made the pack is nobody's business, and not in its parts.
    source = replace(told, files={}, remediation=remediation)
    made = (
        (FRAMEWORKS, "What OSCAL calls frameworks and controls", frameworks(source)),
        (
            OSCAL_RESULTS,
            "The results in OSCAL, passes too",
            assessment_results(source, plan_beside=OSCAL_PLAN),
        ),
        (OSCAL_POAM, "What is left to do, in OSCAL (plan of action and milestones)", poam(source)),
        (OSCAL_PLAN, "The plan that the results point at, in OSCAL", assessment_plan(source)),
    )
    return tuple(
        Attachment(
            name=name,
            media_type=JSON_TYPE,
            relationship="Supplement",
            description=description,
            data=data,
        )
        for name, description, data in made
        if data is not None
    )
