"""What every part of the pack looks things up in: numbers of findings and documents, catalogs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Literal, TypeAlias

from assaybook.domain.control import Catalog, Crosswalk
from assaybook.domain.documents import Evidence, Problem
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    Assessment,
    ControlStanding,
    EvidenceUse,
    Finding,
    WaiverUse,
)
from assaybook.domain.period import Period
from assaybook.domain.policy import Bundle
from assaybook.domain.refusal import Refusal
from assaybook.domain.subject import Subject
from assaybook.reporting.changes import finding_changes
from assaybook.reporting.model import EvidenceRef
from assaybook.reporting.observe import facts_by_place
from assaybook.reporting.recorded import RecordChange
from assaybook.reporting.sections import Profile
from assaybook.reporting.urgency import urgency
from assaybook.reporting.words import age, assurance_mark, count, listed, shortened

_DAY: Final = timedelta(days=1)
SignRole: TypeAlias = Literal["prepared", "reviewed", "approved", "auditor"]


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who signed for the pack in one role, as it is recorded.

    Attributes:
        role: what the person did.
        name: the person.
        office: the person's office; may be empty.
        at: when.
        how: how the signature can be checked, such as the digest of a signed statement.
    """

    role: SignRole
    name: str
    office: str
    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class PackInput:
    """Everything that a pack is made from.

    Attributes:
        assessment: the findings, standings and conclusions; nothing here is judged again.
        subject: the system and release that were judged.
        bundle: the policies, scope and overlays that judged them.
        evidence: the documents that were submitted.
        catalogs: catalogs by id; a control of a catalog that is not here shows its id alone.
        as_of: the instant of the assessment.
        organisation: whose pack it is, for the cover and the metadata.
        waivers: waivers as they stood; where empty, those of the assessment.
        problems: files that could not be read.
        profile: which pages; see ``reporting.profiles``.
        control: the control of the profile ``control``, by a name that its catalog knows.
        history: earlier assessments, in any order; those of other releases are left aside.
        previous: the assessment of the last audit, of whichever release; without one, the newest
            of ``history`` that is a day older at least.
        crosswalks: what controls of two catalogs have in common; never a verdict.
        sign_offs: signatures that are recorded.
        erased: reason by digest of each document whose bytes were erased on purpose.
        log: place in the ledger by evidence id.
        attachments: names of the files inside the PDF.
        period: how the release stood from when to when; None for a pack as of an instant.
        refused: what was submitted for the release and could not be read, as it is recorded.
        changes: how the record of the system changed; None where no register was at hand.
    """

    assessment: Assessment
    subject: Subject
    bundle: Bundle
    evidence: tuple[Evidence, ...]
    catalogs: Mapping[str, Catalog]
    as_of: datetime
    organisation: str = ""
    waivers: tuple[WaiverUse, ...] = ()
    problems: tuple[Problem, ...] = ()
    profile: Profile = "full"
    control: str = ""
    history: tuple[Assessment, ...] = ()
    previous: Assessment | None = None
    crosswalks: tuple[Crosswalk, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    erased: Mapping[str, str] = field(default_factory=dict[str, str])
    log: Mapping[str, int] = field(default_factory=dict[str, int])
    attachments: tuple[str, ...] = ()
    period: Period | None = None
    refused: tuple[Refusal, ...] = ()
    changes: tuple[RecordChange, ...] | None = None


@dataclass(frozen=True)
class Context:
    """The input with everything numbered as the pack prints it."""

    source: PackInput

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, what needs a decision first."""
        return tuple(sorted(self.source.assessment.findings, key=urgency))

    @cached_property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that this profile shows: all, those of one control, or what changed.

        Raises:
            UsageError: ``control-unknown``.
        """
        match self.source.profile:
            case "control":
                return tuple(
                    each
                    for each in self.findings
                    if any((one.catalog, one.control) in self.chosen for one in each.controls)
                )
            case "changes":
                changed = {(each.policy, each.rule) for each in self._changed}
                return tuple(each for each in self.findings if (each.policy, each.rule) in changed)
            case _:
                return self.findings

    @cached_property
    def chosen(self) -> frozenset[tuple[str, str]]:
        """Catalog and control of what the profile ``control`` is about.

        Raises:
            UsageError: ``control-unknown``, no catalog of this pack knows it by that name.
        """
        asked = self.source.control
        catalog, _, name = asked.rpartition("/")
        found = {
            (known.id, control)
            for known in self.source.catalogs.values()
            if known.id in self.standings and catalog in {"", known.id}
            for control in [known.resolve(name)]
            if control is not None
        }
        if not found:
            raise UsageError(
                "control-unknown",
                f"no framework of this pack has a control {asked!r}",
                hint="See them: assay control list",
            )
        return frozenset(found)

    @cached_property
    def earlier(self) -> tuple[Assessment, ...]:
        """The assessments of this release before the instant of the pack, oldest first."""
        release, as_of = self.source.subject.release.version, self.source.as_of
        found = {
            each.assessment.digest: each
            for each in self.source.history
            if each.assessment.as_of < as_of and release_of(each) == release
        }
        return tuple(
            sorted(found.values(), key=lambda one: (one.assessment.as_of, one.assessment.digest))
        )

    @property
    def previous(self) -> Assessment | None:
        """The assessment of the last audit; None where there was none.

        Without a name it is the newest that is a day older at least: what was judged on the same
        day belongs to this audit.
        """
        if self.source.previous is not None or not self.earlier:
            return self.source.previous
        old = [one for one in self.earlier if self.source.as_of - one.assessment.as_of >= _DAY]
        return (old or self.earlier)[-1]

    @property
    def _changed(self) -> tuple[Finding, ...]:
        if self.previous is None:
            return ()
        changed = finding_changes(self.previous, self.source.assessment)
        return tuple(each.after for each in changed if each.after is not None)

    @cached_property
    def titles(self) -> Counter[str]:
        """How many findings have a title: the rules of one policy share theirs."""
        return Counter(each.title for each in self.findings)

    @cached_property
    def labels(self) -> Mapping[tuple[str, str, str], str]:
        """``F-01`` for each finding, by policy, rule and release."""
        width = max(2, len(str(len(self.findings))))
        return {_key(each): f"F-{i:0{width}}" for i, each in enumerate(self.findings, 1)}

    @cached_property
    def elsewhere(self) -> Mapping[str, str]:
        """Release by evidence id, of documents that say they are of another release and are.

        A document that a finding counts, or leaves out for another reason than what it is about,
        bears on this release whatever it says.
        """
        here = self.source.subject.release.version
        judged = {
            each.evidence
            for finding in self.findings
            for each in finding.left_out
            if each.code != "wrong_subject"
        }
        return {
            each.envelope.id: each.envelope.subject.release
            for each in self.source.evidence
            if each.envelope.subject.release
            and each.envelope.subject.release != here
            and each.envelope.id not in self.used_by
            and each.envelope.id not in judged
        }

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The documents that bear on this release, in the order received."""
        return tuple(
            each for each in self.source.evidence if each.envelope.id not in self.elsewhere
        )

    @property
    def apart(self) -> str:
        """How many documents are of other releases, in one sentence; empty where none is."""
        found = Counter(self.elsewhere.values())
        if not found:
            return ""
        told = listed([f"{number} of {release}" for release, number in sorted(found.items())])
        whole = count(found.total(), "further document is", "further documents are")
        return (
            f"{whole} of other releases of this system ({told}). No finding counts them; "
            "the findings JSON names each."
        )

    @cached_property
    def documents(self) -> Mapping[str, tuple[str, Evidence]]:
        """Label (``E-01``) and document by evidence id, in the order received."""
        width = max(2, len(str(len(self.evidence))))
        return {
            each.envelope.id: (f"E-{i:0{width}}", each) for i, each in enumerate(self.evidence, 1)
        }

    @cached_property
    def used_by(self) -> Mapping[str, tuple[str, ...]]:
        """Labels of the findings that rest on a document, by evidence id."""
        found: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            for used in evidence_ids(finding):
                found.setdefault(used, {})[self.label(finding)] = None
        return {used: tuple(labels) for used, labels in found.items()}

    @cached_property
    def reasons_left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Why a finding did not count a document, by evidence id."""
        found: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            for each in finding.left_out:
                found.setdefault(each.evidence, {})[each.code] = None
        return {evidence: tuple(codes) for evidence, codes in found.items()}

    @cached_property
    def listed(self) -> tuple[Evidence, ...]:
        """The documents that the index of this profile lists."""
        if self.source.profile != "control":
            return self.evidence
        bearing = {one for each in self.shown for one in evidence_ids(each)}
        bearing |= {one.evidence for each in self.shown for one in each.left_out}
        return tuple(each for each in self.evidence if each.envelope.id in bearing)

    @cached_property
    def by_control(self) -> Mapping[tuple[str, str], tuple[Finding, ...]]:
        """The findings that bear on a control, by catalog and control."""
        found: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            for reach in finding.controls:
                found.setdefault((reach.catalog, reach.control), []).append(finding)
        return {key: tuple(findings) for key, findings in found.items()}

    @cached_property
    def standings(self) -> Mapping[str, Mapping[str, ControlStanding]]:
        """Standings by catalog, then by control."""
        found: dict[str, dict[str, ControlStanding]] = {}
        for each in self.source.assessment.standings:
            found.setdefault(each.catalog, {})[each.control] = each
        return found

    @cached_property
    def places(self) -> Mapping[tuple[str, str], tuple[float, int | None]]:
        """Measured values by evidence id and pointer."""
        return facts_by_place(self.source.evidence)

    @cached_property
    def attested(self) -> frozenset[tuple[str, str]]:
        """Policy and rule of every rule that asks persons."""
        return frozenset(
            (policy.id, rule.id)
            for policy in self.source.bundle.policies
            for rule in policy.rules
            if rule.attested is not None
        )

    @cached_property
    def needs(self) -> Mapping[tuple[str, str], str]:
        """The type of fact that a need reads, by policy and name of the need."""
        return {
            (policy.id, name): need.facts
            for policy in self.source.bundle.policies
            for name, need in policy.needs.items()
        }

    @property
    def waivers(self) -> tuple[WaiverUse, ...]:
        """The waivers to show."""
        return self.source.waivers or self.source.assessment.waivers

    @property
    def is_asserted(self) -> bool:
        """Tell whether the subject or the assurance of the evidence was only asserted."""
        return self.source.assessment.assessment.asserted or self.source.subject.asserted

    def label(self, finding: Finding) -> str:
        """Return the number of a finding in this pack."""
        return self.labels[_key(finding)]

    def title(self, catalog: str, control: str) -> str:
        """Return the title of a control, or nothing where its catalog is not known."""
        known = self.source.catalogs.get(catalog)
        found = known.by_id.get(control) if known is not None else None
        return found.title if found is not None else ""

    def reference(self, uses: tuple[EvidenceUse, ...]) -> tuple[EvidenceRef, ...]:
        """Return one reference for each document, with its place where there is only one."""
        found: dict[str, list[EvidenceUse]] = {}
        for use in uses:
            found.setdefault(use.id, []).append(use)
        return tuple(self._reference(key, each) for key, each in found.items())

    def name_of(self, evidence: str) -> str:
        """Return label and name of a document, or its id where it is not in the index."""
        if evidence not in self.documents:
            return shortened(evidence, 24)
        label, document = self.documents[evidence]
        return f"{label} {shortened(document.envelope.name or document.envelope.format, 48)}"

    def _reference(self, evidence: str, uses: list[EvidenceUse]) -> EvidenceRef:
        known = self.documents.get(evidence)
        places = [use.pointer for use in uses if use.pointer]
        ages = [use.age for use in uses if use.age is not None]
        envelope = known[1].envelope if known else None
        return EvidenceRef(
            label=known[0] if known else shortened(evidence, 12),
            anchor=known[0].lower() if known else "",
            name=shortened(envelope.name or envelope.format, 60)
            if envelope
            else "not in the index",
            mark=assurance_mark(envelope.assurance) if envelope else "",
            pointer=_place(places),
            age=age(max(ages)) if ages else "age unknown",
        )


def _place(places: list[str]) -> str:
    """Return the one place in a document, or how many there are; nothing for the whole of it."""
    if len(places) < 2:  # noqa: PLR2004 - one place is named, several are counted
        return shortened("".join(places), 60)
    return count(len(places), "place")


def evidence_ids(finding: Finding) -> tuple[str, ...]:
    """Return the ids of every document that a finding rests on, each once."""
    used = [use.id for use in finding.evidence]
    used += [use.id for row in finding.rows for use in row.evidence]
    used += [evidence for need in finding.needs for evidence in need.evidence]
    return tuple(dict.fromkeys(used))


def release_of(assessment: Assessment) -> str:
    """Return the release that an assessment is about; empty where it judged nothing."""
    if assessment.findings:
        return assessment.findings[0].release
    return assessment.standings[0].release if assessment.standings else ""


def _key(finding: Finding) -> tuple[str, str, str]:
    return (finding.policy, finding.rule, finding.release)
