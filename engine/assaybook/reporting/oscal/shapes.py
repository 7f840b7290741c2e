"""The OSCAL documents of an assessment: only the fields in use, in the order that readers expect.

Source: NIST OSCAL 1.2.1, models assessment-plan, assessment-results and POA&M.
"""

from typing import Literal

from assaybook.domain.ids import Instant
from assaybook.domain.oscal import BackMatter, Metadata, Prop, Shape, TextPart

Method = Literal["EXAMINE", "INTERVIEW", "TEST", "UNKNOWN"]


class State(Shape):
    """Whether a component is in use."""

    state: Literal["under-development", "operational", "disposition", "other"]


class Component(Shape):
    """A part of what is judged, or a tool that judges."""

    uuid: str
    type: str
    title: str
    description: str
    props: tuple[Prop, ...] | None = None
    status: State


class UsedComponent(Shape):
    """A component that a platform is made of."""

    component_uuid: str


class Platform(Shape):
    """What the assessment ran on."""

    uuid: str
    title: str
    uses_components: tuple[UsedComponent, ...]


class Assets(Shape):
    """The tools of the assessment."""

    components: tuple[Component, ...]
    assessment_platforms: tuple[Platform, ...]


class ControlId(Shape):
    """A control by its token."""

    control_id: str


class ControlSelection(Shape):
    """Controls of one framework: those that are judged, and those that are left out."""

    description: str | None = None
    props: tuple[Prop, ...] | None = None
    include_controls: tuple[ControlId, ...]
    exclude_controls: tuple[ControlId, ...] | None = None


class ReviewedControls(Shape):
    """Which controls the assessment is about."""

    description: str | None = None
    control_selections: tuple[ControlSelection, ...]


class LocalObjective(Shape):
    """What one rule asks of a control."""

    control_id: str
    props: tuple[Prop, ...] | None = None
    parts: tuple[TextPart, ...]


class Step(Shape):
    """One rule of a policy, in plain English."""

    uuid: str
    title: str
    description: str
    props: tuple[Prop, ...] | None = None


class Activity(Shape):
    """One policy."""

    uuid: str
    title: str
    description: str
    props: tuple[Prop, ...] | None = None
    steps: tuple[Step, ...]
    related_controls: ReviewedControls | None = None


class SubjectId(Shape):
    """A subject that is judged."""

    subject_uuid: str
    type: Literal["component"] = "component"


class Subjects(Shape):
    """Which subjects are judged."""

    type: Literal["component"] = "component"
    include_subjects: tuple[SubjectId, ...]


class AssociatedActivity(Shape):
    """An activity that a task carries out."""

    activity_uuid: str
    subjects: tuple[Subjects, ...]


class Task(Shape):
    """The assessment as one task."""

    uuid: str
    type: Literal["action"] = "action"
    title: str
    associated_activities: tuple[AssociatedActivity, ...]


class PlanDefinitions(Shape):
    """What the plan itself defines."""

    components: tuple[Component, ...]
    objectives_and_methods: tuple[LocalObjective, ...] | None = None
    activities: tuple[Activity, ...] | None = None


class Import(Shape):
    """The document that this one builds on."""

    href: str
    remarks: str | None = None


class Plan(Shape):
    """The body of an assessment plan."""

    uuid: str
    metadata: Metadata
    import_ssp: Import
    local_definitions: PlanDefinitions
    reviewed_controls: ReviewedControls
    assessment_subjects: tuple[Subjects, ...]
    assessment_assets: Assets
    tasks: tuple[Task, ...] | None = None
    back_matter: BackMatter


class PlanFile(Shape):
    """An assessment plan."""

    assessment_plan: Plan


class Actor(Shape):
    """Who observed."""

    type: Literal["tool", "party"]
    actor_uuid: str


class Origin(Shape):
    """Where a result comes from."""

    actors: tuple[Actor, ...]


class RelevantEvidence(Shape):
    """A document that an observation rests on, or that was not counted."""

    href: str
    description: str
    props: tuple[Prop, ...] | None = None


class Observation(Shape):
    """What one rule saw in the evidence."""

    uuid: str
    title: str
    description: str
    props: tuple[Prop, ...] | None = None
    methods: tuple[Method, ...]
    types: tuple[str, ...]
    origins: tuple[Origin, ...]
    subjects: tuple[SubjectId, ...]
    relevant_evidence: tuple[RelevantEvidence, ...]
    collected: Instant
    expires: Instant | None = None
    remarks: str | None = None


class LoggedBy(Shape):
    """Who made an entry."""

    party_uuid: str
    role_id: str


class RiskEntry(Shape):
    """A decision about a risk."""

    uuid: str
    title: str
    description: str
    start: Instant
    end: Instant | None = None
    logged_by: tuple[LoggedBy, ...] | None = None
    status_change: str


class RiskLog(Shape):
    """Every decision about a risk."""

    entries: tuple[RiskEntry, ...]


class Response(Shape):
    """What to do about a risk."""

    uuid: str
    lifecycle: Literal["recommendation"] = "recommendation"
    title: str
    description: str


class RelatedObservation(Shape):
    """A reference to an observation."""

    observation_uuid: str


class RelatedRisk(Shape):
    """A reference to a risk."""

    risk_uuid: str


class RelatedFinding(Shape):
    """A reference to a finding."""

    finding_uuid: str


class Risk(Shape):
    """A fail: open, or accepted until a deadline."""

    uuid: str
    title: str
    description: str
    statement: str
    props: tuple[Prop, ...] | None = None
    status: Literal["open", "deviation-approved"]
    deadline: Instant | None = None
    remediations: tuple[Response, ...] | None = None
    risk_log: RiskLog | None = None
    related_observations: tuple[RelatedObservation, ...] | None = None


class Status(Shape):
    """Whether an objective is satisfied."""

    state: Literal["satisfied", "not-satisfied"]
    reason: Literal["pass", "fail", "other"]


class Target(Shape):
    """The objective that a finding is about."""

    type: Literal["objective-id"] = "objective-id"
    target_id: str
    title: str
    status: Status


class OscalFinding(Shape):
    """What a rule came to, for one control that it speaks for."""

    uuid: str
    title: str
    description: str
    props: tuple[Prop, ...]
    origins: tuple[Origin, ...]
    target: Target
    related_observations: tuple[RelatedObservation, ...] | None = None
    related_risks: tuple[RelatedRisk, ...] | None = None
    remarks: str | None = None


class Definitions(Shape):
    """The components that results speak of."""

    components: tuple[Component, ...]
    assessment_assets: Assets


class Result(Shape):
    """One assessment."""

    uuid: str
    title: str
    description: str
    start: Instant
    end: Instant
    props: tuple[Prop, ...]
    local_definitions: Definitions
    reviewed_controls: ReviewedControls
    observations: tuple[Observation, ...] | None = None
    risks: tuple[Risk, ...] | None = None
    findings: tuple[OscalFinding, ...] | None = None
    remarks: str | None = None


class Results(Shape):
    """The body of assessment results."""

    uuid: str
    metadata: Metadata
    import_ap: Import
    results: tuple[Result, ...]
    back_matter: BackMatter


class ResultsFile(Shape):
    """Assessment results."""

    assessment_results: Results


class SystemName(Shape):
    """The id of the system, and whose it is."""

    identifier_type: str
    id: str


class PoamItem(Shape):
    """One thing that is open, or accepted for a time."""

    uuid: str
    title: str
    description: str
    props: tuple[Prop, ...]
    related_findings: tuple[RelatedFinding, ...] | None = None
    related_observations: tuple[RelatedObservation, ...] | None = None
    related_risks: tuple[RelatedRisk, ...] | None = None
    remarks: str | None = None


class Poam(Shape):
    """The body of a plan of action and milestones."""

    uuid: str
    metadata: Metadata
    system_id: SystemName
    local_definitions: Definitions
    observations: tuple[Observation, ...] | None = None
    risks: tuple[Risk, ...] | None = None
    findings: tuple[OscalFinding, ...] | None = None
    poam_items: tuple[PoamItem, ...]
    back_matter: BackMatter | None = None


class PoamFile(Shape):
    """A plan of action and milestones."""

    plan_of_action_and_milestones: Poam
