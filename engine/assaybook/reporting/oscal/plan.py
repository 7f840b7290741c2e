"""The assessment plan: what the bundle asks of the release, before anything was seen."""

from collections.abc import Iterator

from assaybook.domain.finding import Finding
from assaybook.domain.oscal import BackMatter, Resource, TextPart, markup
from assaybook.reporting.oscal.observed import value_words
from assaybook.reporting.oscal.shapes import (
    Activity,
    AssociatedActivity,
    ControlId,
    ControlSelection,
    Import,
    LocalObjective,
    Plan,
    PlanDefinitions,
    PlanFile,
    ReviewedControls,
    Step,
    Task,
)
from assaybook.reporting.oscal.source import (
    OscalSource,
    assets,
    components,
    metadata,
    props,
    reviewed,
    subjects,
    text_of,
)
from assaybook.reporting.prose import say


def assessment_plan(source: OscalSource) -> bytes:
    """Return the plan of an assessment: its rules as objectives, its policies as activities."""
    no_ssp = Resource(
        uuid=source.uuid("no-system-security-plan"),
        title=say("no-ssp"),
        description=say("no-ssp-why"),
    )
    activities = tuple(_activities(source))
    body = Plan(
        uuid=source.uuid("assessment-plan"),
        metadata=metadata(source, say("plan")),
        import_ssp=Import(href=f"#{no_ssp.uuid}", remarks=say("no-ssp-why")),
        local_definitions=PlanDefinitions(
            components=components(source),
            objectives_and_methods=tuple(_objectives(source)) or None,
            activities=activities or None,
        ),
        reviewed_controls=reviewed(source),
        assessment_subjects=(subjects(source),),
        assessment_assets=assets(source),
        tasks=(_task(source, activities),) if activities else None,
        back_matter=BackMatter(resources=(no_ssp,)),
    )
    return text_of(PlanFile(assessment_plan=body))


def _objectives(source: OscalSource) -> Iterator[LocalObjective]:
    """Yield what each rule asks of each control that it speaks for."""
    for finding in source.judged:
        for reach in dict.fromkeys(source.reaches(finding)):
            yield LocalObjective(
                control_id=source.control_token(reach),
                props=props([("catalog", reach.catalog), ("relation", reach.relation)]),
                parts=(
                    TextPart(
                        id=source.objective(finding, reach),
                        name="objective",
                        props=props(
                            [
                                ("label", reach.control),
                                ("policy", finding.policy),
                                ("rule", finding.rule),
                            ]
                        ),
                        prose=markup(finding.sentence),
                    ),
                ),
            )


def _activities(source: OscalSource) -> Iterator[Activity]:
    """Yield the policies whose rules apply, each rule as a step."""
    held: dict[str, list[Finding]] = {}
    for finding in source.judged:
        held.setdefault(finding.policy, []).append(finding)
    bundle = source.assessment.assessment.bundle
    for policy, findings in held.items():
        first = findings[0]
        reached = (reach for one in findings for reach in source.reaches(one))
        tokens = dict.fromkeys(source.control_token(reach) for reach in reached)
        selection = ControlSelection(
            include_controls=tuple(ControlId(control_id=one) for one in tokens)
        )
        yield Activity(
            uuid=source.uuid("activity", policy),
            title=markup(first.title),
            description=markup(
                say("policy", policy=policy, version=first.policy_version, title=first.title)
            ),
            props=props(
                [
                    ("policy", policy),
                    ("policy-version", first.policy_version),
                    ("severity", first.severity.value),
                    ("bundle", bundle),
                ]
            ),
            steps=tuple(_step(source, one) for one in findings),
            related_controls=ReviewedControls(control_selections=(selection,)),
        )


def _step(source: OscalSource, finding: Finding) -> Step:
    used = [
        ("param", say("value", name=name, value=value_words(value)))
        for name, value in sorted(finding.params.items())
    ]
    return Step(
        uuid=source.uuid("step", finding.policy, finding.rule),
        title=markup(say("rule", policy=finding.policy, rule=finding.rule)),
        description=markup(finding.sentence),
        props=props([("rule", finding.rule), *used]),
    )


def _task(source: OscalSource, activities: tuple[Activity, ...]) -> Task:
    return Task(
        uuid=source.uuid("task"),
        title=say("task"),
        associated_activities=tuple(
            AssociatedActivity(activity_uuid=one.uuid, subjects=(subjects(source),))
            for one in activities
        ),
    )
