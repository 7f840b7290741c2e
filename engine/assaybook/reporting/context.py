"""What every part of the pack looks things up in: numbers of findings and documents, catalogs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence, Problem
from assaybook.domain.finding import (
    Assessment,
    ControlStanding,
    Disposition,
    EvidenceUse,
    Finding,
    Outcome,
    WaiverUse,
)
from assaybook.domain.policy import Bundle
from assaybook.domain.subject import Subject
from assaybook.reporting.model import EvidenceRef
from assaybook.reporting.observe import facts_by_place
from assaybook.reporting.words import age, count, listed, shortened

_URGENCY: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)


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


@dataclass(frozen=True)
class Context:
    """The input with everything numbered as the pack prints it."""

    source: PackInput

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, what needs a decision first."""
        return tuple(sorted(self.source.assessment.findings, key=urgency))

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


def urgency(finding: Finding) -> tuple[int, int, str, str, str]:
    """Return the sort key that puts open fails first, then what nobody could decide."""
    rank = _URGENCY.index(finding.outcome) * 2 if finding.outcome in _URGENCY else 9
    if finding.outcome is Outcome.FAIL and finding.disposition is not Disposition.OPEN:
        rank = _URGENCY.index(Outcome.INCONCLUSIVE) * 2 + 1
    return (rank, -finding.severity.rank, finding.policy, finding.rule, finding.release)


def _key(finding: Finding) -> tuple[str, str, str]:
    return (finding.policy, finding.rule, finding.release)
