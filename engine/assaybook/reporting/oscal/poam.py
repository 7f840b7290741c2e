"""The plan of action and milestones: what is open, and what is accepted until when."""

from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.domain.ids import written
from assaybook.domain.oscal import NS, BackMatter, line, markup, uuid_of
from assaybook.reporting.oscal.observed import (
    evidence_resources,
    finding_uuid,
    findings_of,
    observation_of,
    related,
    related_risk,
    risk_of,
    told,
)
from assaybook.reporting.oscal.shapes import (
    Poam,
    PoamFile,
    PoamItem,
    RelatedFinding,
    SystemName,
)
from assaybook.reporting.oscal.source import (
    OscalSource,
    definitions,
    metadata,
    people_of,
    props,
    roles_of,
    text_of,
)
from assaybook.reporting.prose import say


def poam(source: OscalSource) -> bytes | None:
    """Return the plan of action; None where nothing is left to do.

    OSCAL has no plan without an item, and an item that says that there is none would be one.
    """
    if not source.open:
        return None
    seen = (observation_of(source, each) for each in source.open)
    risks = (risk_of(source, each) for each in source.open)
    people = tuple(people_of(source, source.open))
    resources = tuple(evidence_resources(source, source.open))
    title = say("poam")
    body = Poam(
        uuid=source.uuid("poam"),
        metadata=metadata(source, title, roles=roles_of(people), people=people),
        system_id=SystemName(identifier_type=NS, id=line(source.open[0].system)),
        local_definitions=definitions(source),
        observations=tuple(one for one in seen if one is not None) or None,
        risks=tuple(one for one in risks if one is not None) or None,
        findings=tuple(one for each in source.open for one in findings_of(source, each)),
        poam_items=tuple(_item(source, each) for each in source.open),
        back_matter=BackMatter(resources=resources) if resources else None,
    )
    return text_of(PoamFile(plan_of_action_and_milestones=body))


def _item(source: OscalSource, finding: Finding) -> PoamItem:
    """Return one item; its UUID stays while evidence, time and release change."""
    accepted = finding.disposition is not Disposition.OPEN
    return PoamItem(
        uuid=uuid_of("poam-item", finding.system, finding.policy, finding.rule),
        title=markup(say("item", asked=say(_asked(finding)), title=finding.title)),
        description=markup(told(finding)),
        props=props(
            [
                ("policy", finding.policy),
                ("rule", finding.rule),
                ("release", finding.release),
                ("severity", finding.severity.value),
                ("outcome", finding.outcome.value),
                ("disposition", finding.disposition.value),
                *_dates(source, finding),
            ]
        ),
        related_findings=tuple(
            RelatedFinding(finding_uuid=finding_uuid(source, finding, reach))
            for reach in dict.fromkeys(source.reaches(finding))
        ),
        related_observations=related(source, finding),
        related_risks=related_risk(source, finding),
        remarks=None if accepted else _todo(finding),
    )


def _dates(source: OscalSource, finding: Finding) -> list[tuple[str, str]]:
    """Return since when an item is open and when it is to be done, as far as that is known."""
    known = source.deadlines.get((finding.policy, finding.rule))
    if known is None:
        return []
    dates = [("first-seen", written(known.first_seen))]
    if known.due is not None:
        dates += [("due", written(known.due)), ("overdue", "yes" if known.overdue else "no")]
    return dates


def _asked(finding: Finding) -> str:
    if finding.outcome is Outcome.FAIL:
        return "mend" if finding.disposition is Disposition.OPEN else "mend-later"
    return "find-out"


def _todo(finding: Finding) -> str | None:
    return markup(finding.fix) if finding.fix.strip() else None
