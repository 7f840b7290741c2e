"""What OSCAL documents are made from, and what several of them say alike."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from assaybook.domain.canonical import digest_of
from assaybook.domain.control import Catalog, slug_of
from assaybook.domain.documents import Evidence, Problem
from assaybook.domain.finding import (
    Assessment,
    BaselineUse,
    ControlReach,
    ControlStanding,
    Disposition,
    Finding,
    Outcome,
    Standing,
    WaiverUse,
)
from assaybook.domain.history import Remediation
from assaybook.domain.oscal import (
    Metadata,
    Party,
    Prop,
    Role,
    Shape,
    line,
    markup,
    name_of,
    uuid_of,
)
from assaybook.domain.policy import Bundle, Policy, Rule
from assaybook.domain.subject import Artifact, Subject
from assaybook.reporting.oscal.shapes import (
    Assets,
    Component,
    ControlId,
    ControlSelection,
    Definitions,
    Platform,
    ReviewedControls,
    State,
    SubjectId,
    Subjects,
    UsedComponent,
)
from assaybook.reporting.prose import say

APPROVER: Final = Role(id="approver", title=say("approver"))
REQUESTER: Final = Role(id="requester", title=say("requester"))
OWN: Final = "bundle"
"""Stands for a catalog where a policy speaks for no control of any framework."""
_NOTHING: Final = "nothing-judged"
_TEXT_ENDS: Final = 8
_DOUBLED: Final = re.compile("#(?=#)")
_OPEN: Final = frozenset({Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR})


@dataclass(frozen=True)
class OscalSource:
    """An assessment with what its documents can say beside it; the assessment alone is enough.

    Attributes:
        bundle: says by which method a rule looks; without it the method is unknown.
        subject: names the parts of the release; without it the release alone is named.
        evidence: the documents; without them they are known by their ids.
        catalogs: catalogs by id, for the tokens and the titles of controls.
        files: the path of a piece of evidence by its id.
        organisation: who answers for the assessment.
        problems: files that could not be read.
        remediation: since when findings are open, and when they are due, where that is known.
    """

    assessment: Assessment
    bundle: Bundle | None = None
    subject: Subject | None = None
    evidence: tuple[Evidence, ...] = ()
    catalogs: Mapping[str, Catalog] = field(default_factory=dict[str, Catalog])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    organisation: str = ""
    problems: tuple[Problem, ...] = ()
    remediation: tuple[Remediation, ...] = ()

    @cached_property
    def deadlines(self) -> Mapping[tuple[str, str], Remediation]:
        """What is known of when a finding is to be mended, by policy and rule."""
        return {(one.policy, one.rule): one for one in self.remediation}

    @cached_property
    def documents(self) -> Mapping[str, Evidence]:
        """The documents by id."""
        return {one.envelope.id: one for one in self.evidence}

    @cached_property
    def rules(self) -> Mapping[tuple[str, str], tuple[Policy, Rule]]:
        """The rules of the bundle by the ids of policy and rule."""
        policies = self.bundle.policies if self.bundle is not None else ()
        return {(each.id, rule.id): (each, rule) for each in policies for rule in each.rules}

    @cached_property
    def judged(self) -> tuple[Finding, ...]:
        """The findings of rules that apply."""
        found = self.assessment.findings
        return tuple(one for one in found if one.outcome is not Outcome.NOT_APPLICABLE)

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that something is left to do for: what does not pass, accepted or not."""
        return tuple(one for one in self.judged if one.outcome in _OPEN)

    @property
    def subject_words(self) -> str:
        """The system and release that were judged, in words."""
        if self.subject is not None:
            name = self.subject.system.name or self.subject.system.id
            return line(f"{name} {self.subject.release.version}")
        first = next(iter(self.assessment.findings), None)
        return line(f"{first.system} {first.release}") if first else say("subject-unknown")

    def uuid(self, kind: str, *names: str) -> str:
        """Return the UUID of a thing in this assessment."""
        return uuid_of(kind, self.assessment.assessment.digest, *names)

    def control_token(self, reach: ControlReach | ControlStanding) -> str:
        """Return the token of a control; one of an unknown catalog is made unmistakable."""
        if reach.catalog == OWN:
            return name_of(reach.control)
        catalog = self.catalogs.get(reach.catalog)
        if catalog is not None and reach.control in catalog.by_id:
            return name_of(catalog.by_id[reach.control].slug)
        end = digest_of(reach.control.encode(errors="backslashreplace"))[-_TEXT_ENDS:]
        return name_of(f"{slug_of(reach.control, 'control')}-{end}")

    def objective(self, finding: Finding, reach: ControlReach) -> str:
        """Return the id of what one rule asks of one control."""
        control = self.control_token(reach)
        return name_of(f"{reach.catalog}_{control}_{finding.policy}_{finding.rule}")

    def reaches(self, finding: Finding) -> tuple[ControlReach, ...]:
        """Return what a finding speaks for: its controls or, where it has none, its policy."""
        own = ControlReach(catalog=OWN, control=finding.policy, relation="implements")
        return finding.controls or (own,)

    def decisions(self, finding: Finding) -> tuple[WaiverUse | BaselineUse, ...]:
        """Return the waivers, or the baseline, that a finding is accepted by."""
        baseline = self.assessment.baseline
        if finding.disposition is Disposition.BASELINED and baseline is not None:
            return (baseline,)
        named = set((finding.waiver or "").split(", "))
        accepted = finding.disposition is not Disposition.OPEN
        return tuple(one for one in self.assessment.waivers if accepted and one.id in named)


def props(pairs: Iterable[tuple[str, object]]) -> tuple[Prop, ...]:
    """Return our properties; an empty value is left out."""
    told = [(name, _word(value)) for name, value in pairs]
    return tuple(Prop(name=name, value=line(value)) for name, value in told if value.strip())


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def metadata(
    source: OscalSource, title: str, *, roles: tuple[Role, ...] = (), people: Iterable[str] = ()
) -> Metadata:
    """Return what a document is; its last change is the instant of the assessment."""
    head = source.assessment.assessment
    named = sorted(set(people))
    parties = [_organisation(source.organisation)] if source.organisation.strip() else []
    parties += [Party(uuid=party_of(one), type="person", name=line(one)) for one in named]
    return Metadata(
        title=markup(say("titled", document=title, subject=source.subject_words)),
        last_modified=head.as_of,
        version=line(head.digest or "unsealed"),
        props=props([("engine", head.engine), ("assessment", head.digest)]) or None,
        roles=roles or None,
        parties=tuple(parties) or None,
    )


def _organisation(name: str) -> Party:
    return Party(uuid=uuid_of("organisation", name), type="organization", name=line(name))


def roles_of(people: tuple[str, ...]) -> tuple[Role, ...]:
    """Return the roles that people have in a document; none where nobody is named."""
    return (REQUESTER, APPROVER) if people else ()


def text_of(document: Shape) -> bytes:
    """Return a document as it is written: JSON in UTF-8, the same bytes for the same content.

    No runner of builds finds a command in it, as in all that is written to a log.
    """
    text = document.model_dump_json(by_alias=True, exclude_none=True, indent=2)
    return (_DOUBLED.sub(r"\\u0023", text) + "\n").encode()


def party_of(person: str) -> str:
    """Return the UUID of a person."""
    return uuid_of("person", person)


def people_of(source: OscalSource, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield who asked for and who approved what findings are accepted by."""
    for finding in findings:
        for one in source.decisions(finding):
            yield one.requester
            if one.approver:
                yield one.approver


def release_uuid(source: OscalSource) -> str:
    """Return the UUID of the release as it was judged."""
    return uuid_of("release", source.assessment.assessment.subject)


def engine_uuid(source: OscalSource) -> str:
    """Return the UUID of the engine that judged."""
    return uuid_of("engine", source.assessment.assessment.engine)


def components(source: OscalSource) -> tuple[Component, ...]:
    """Return the release and its artifacts."""
    head, subject = source.assessment.assessment, source.subject
    said: list[tuple[str, object]] = [("subject", head.subject), ("asserted", head.asserted)]
    purpose = say("subject")
    if subject is not None:
        tier = subject.system.risk_tier
        said += [
            ("system", subject.system.id),
            ("release", subject.release.version),
            ("owner", subject.system.owner),
            ("risk-tier", tier.value if tier else None),
            ("stage", subject.release.stage),
        ]
        purpose = subject.system.purpose or purpose
    whole = Component(
        uuid=release_uuid(source),
        type="this-system",
        title=markup(source.subject_words),
        description=markup(purpose),
        props=props(said),
        status=State(state="operational" if _is_live(subject) else "other"),
    )
    artifacts = subject.release.artifacts if subject is not None else ()
    return (whole, *(_artifact(head.subject, one) for one in dict.fromkeys(artifacts)))


def _artifact(subject: str, artifact: Artifact) -> Component:
    return Component(
        uuid=uuid_of("artifact", subject, artifact.kind, artifact.name, artifact.digest),
        type="software",
        title=markup(artifact.name),
        description=say("artifact"),
        props=props([("artifact-kind", artifact.kind), ("digest", artifact.digest)]),
        status=State(state="other"),
    )


def _is_live(subject: Subject | None) -> bool:
    lifecycle = subject.system.lifecycle if subject is not None else None
    return lifecycle is not None and lifecycle.value == "production"


def assets(source: OscalSource) -> Assets:
    """Return the engine that judged, and what it ran as."""
    name, _, version = source.assessment.assessment.engine.partition(" ")
    engine = Component(
        uuid=engine_uuid(source),
        type="software",
        title=markup(source.assessment.assessment.engine),
        description=say("engine"),
        props=props([("name", name), ("version", version)]) or None,
        status=State(state="operational"),
    )
    platform = Platform(
        uuid=uuid_of("platform", source.assessment.assessment.engine),
        title=engine.title,
        uses_components=(UsedComponent(component_uuid=engine.uuid),),
    )
    return Assets(components=(engine,), assessment_platforms=(platform,))


def definitions(source: OscalSource) -> Definitions:
    """Return what results speak of."""
    return Definitions(components=components(source), assessment_assets=assets(source))


def subjects(source: OscalSource) -> Subjects:
    """Return the release as the one subject."""
    return Subjects(include_subjects=(SubjectId(subject_uuid=release_uuid(source)),))


def reviewed(source: OscalSource) -> ReviewedControls:
    """Return the controls in scope by framework, and those that do not apply.

    Where none of a framework applies, all are let in and left out again: OSCAL wants one let in.
    """
    found: dict[str, dict[str, bool]] = {}
    for each in source.assessment.standings:
        applies = each.standing is not Standing.NOT_APPLICABLE
        found.setdefault(each.catalog, {})[source.control_token(each)] = applies
    for reach in (reach for one in source.judged for reach in source.reaches(one)):
        found.setdefault(reach.catalog, {})[source.control_token(reach)] = True
    if not found:
        none = ControlSelection(include_controls=(ControlId(control_id=_NOTHING),))
        said = say("no-control")
        return ReviewedControls(description=said, control_selections=(none,))
    chosen = tuple(_selection(source, name, tokens) for name, tokens in found.items())
    return ReviewedControls(control_selections=chosen)


def _selection(source: OscalSource, name: str, tokens: Mapping[str, bool]) -> ControlSelection:
    catalog = source.catalogs.get(name)
    out = tuple(ControlId(control_id=one) for one, applies in tokens.items() if not applies)
    let_in = tuple(ControlId(control_id=one) for one, applies in tokens.items() if applies)
    return ControlSelection(
        description=markup(_edition(catalog)) if catalog else None,
        props=props([("catalog", name)]),
        include_controls=let_in or out,
        exclude_controls=out or None,
    )


def _edition(catalog: Catalog) -> str:
    return say("framework", title=catalog.title, version=catalog.version)
