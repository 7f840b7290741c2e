"""The assessment results: every finding, passes too."""

import base64
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.finding import Standing
from assaybook.domain.ids import written
from assaybook.domain.oscal import (
    BackMatter,
    Embedded,
    Hash,
    Prop,
    Resource,
    Rlink,
    markup,
    name_of,
)
from assaybook.reporting.oscal.observed import (
    evidence_resources,
    findings_of,
    observation_of,
    risk_of,
)
from assaybook.reporting.oscal.plan import assessment_plan
from assaybook.reporting.oscal.shapes import Import, Result, Results, ResultsFile
from assaybook.reporting.oscal.source import (
    OscalSource,
    definitions,
    metadata,
    people_of,
    props,
    reviewed,
    roles_of,
    text_of,
)
from assaybook.reporting.prose import say
from assaybook.reporting.summary import gate_words

_JSON: Final = "application/json"
_PLAN: Final = "oscal-assessment-plan.json"
_SOA: Final = "statement-of-applicability.json"


def assessment_results(source: OscalSource, *, plan_beside: str = "") -> bytes:
    """Return the assessment results.

    They import the plan that ``assessment_plan`` gives. ``plan_beside`` is the name of the file
    that holds it, next to this one; without it the plan is inside, so that one file is whole.
    """
    plan = _plan_resource(source, plan_beside)
    resources = (plan, *_applicability(source), *evidence_resources(source, source.judged))
    people = tuple(people_of(source, source.open))
    body = Results(
        uuid=source.uuid("assessment-results"),
        metadata=metadata(source, say("results"), roles=roles_of(people), people=people),
        import_ap=Import(href=f"#{plan.uuid}"),
        results=(_result(source),),
        back_matter=BackMatter(resources=resources),
    )
    return text_of(ResultsFile(assessment_results=body))


def _result(source: OscalSource) -> Result:
    at = source.assessment.assessment.as_of
    seen = (observation_of(source, each) for each in source.judged)
    risks = (risk_of(source, each) for each in source.judged)
    return Result(
        uuid=source.uuid("result"),
        title=markup(say("assessed", subject=source.subject_words, at=written(at))),
        description=markup(" ".join(gate_words(source.assessment.gate))),
        start=at,
        end=at,
        props=tuple(_said(source)),
        local_definitions=definitions(source),
        reviewed_controls=reviewed(source),
        observations=tuple(one for one in seen if one is not None) or None,
        risks=tuple(one for one in risks if one is not None) or None,
        findings=tuple(one for each in source.judged for one in findings_of(source, each)) or None,
        remarks=_unread(source),
    )


def _unread(source: OscalSource) -> str | None:
    """Name the files that could not be read: what they hold was not judged."""
    told = [say("unread", file=one.file, code=one.code) for one in source.problems]
    return markup("; ".join(told)) if told else None


def _said(source: OscalSource) -> Iterator[Prop]:
    """Yield what OSCAL has no field for: inputs, gate, conclusions, and standings of controls."""
    found = source.assessment
    head, gate = found.assessment, found.gate
    yield from props(
        [
            ("assessment", head.digest),
            ("bundle", head.bundle),
            ("subject", head.subject),
            ("evidence-set", head.evidence_set),
            ("asserted", head.asserted),
            ("gate", gate.verdict.value),
            ("exit", gate.exit),
            ("problems", gate.problems),
            ("fail-on", gate.fail_on.value),
        ]
    )
    for each in found.conclusion:
        group = name_of(each.catalog)
        yield Prop(name="conclusion", value=each.words.value, group=group)
    for one in found.standings:
        token, group = source.control_token(one), name_of(one.catalog)
        yield Prop(name="standing", value=one.standing.value, class_=token, group=group)


def _plan_resource(source: OscalSource, beside: str) -> Resource:
    raw = assessment_plan(source)
    plain = Resource(
        uuid=source.uuid("plan-resource"),
        title=say("plan"),
        description=say("plan-resource"),
        props=props([("bundle", source.assessment.assessment.bundle)]),
    )
    if not beside:
        return plain.model_copy(update={"base64": embedded(_PLAN, raw)})
    digest = Hash(value=digest_of(raw).removeprefix("sha256:"))
    link = Rlink(href=beside, media_type=_JSON, hashes=(digest,))
    return plain.model_copy(update={"rlinks": (link,)})


def embedded(name: str, raw: bytes) -> Embedded:
    """Return bytes of JSON as they stand inside a resource."""
    return Embedded(filename=name, media_type=_JSON, value=base64.b64encode(raw).decode())


def _applicability(source: OscalSource) -> Iterator[Resource]:
    """Yield the statement of applicability, where some control does not apply."""
    out: list[JsonValue] = [
        {"catalog": one.catalog, "control": one.control, "reason": one.reason}
        for one in source.assessment.standings
        if one.standing is Standing.NOT_APPLICABLE
    ]
    if out:
        yield Resource(
            uuid=source.uuid("statement-of-applicability"),
            title=say("applicability"),
            description=say("applicability-what"),
            base64=embedded(_SOA, canonical({"not_applicable": out})),
        )
