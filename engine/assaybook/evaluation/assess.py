"""The assessment: bundle, subject, evidence, waivers and an instant in; findings out.

Pure and replayable: it reads no clock, and the same inputs give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import (
    Assessment,
    AssessmentHead,
    Disposition,
    Finding,
    Outcome,
    Unused,
)
from assaybook.domain.policy import Bundle, Severity
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.gate import gate
from assaybook.evaluation.judge_policy import Judged, Sentence, Setting, judge_policy
from assaybook.evaluation.needs import by_family
from assaybook.evaluation.finding_of import outcome_of
from assaybook.evaluation.roll_up import conclude, roll_up
from assaybook.evaluation.verdict import without
from assaybook.evaluation.waive import InForceWaiver, as_used, concerning, resolve


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that an assessment depends on.

    Attributes:
        catalogs: every catalog in scope, in the order of the report.
        sentence: makes the plain English of a rule for the params in force.
        documents: how many documents were submitted, read or not.
        problems: how many documents or policies could not be read.
        unrecognised: files that nobody could recognise; shown, never judged.
        engine: name and version of the engine.
    """

    bundle: Bundle
    subject: Subject
    evidence: tuple[Evidence, ...]
    catalogs: tuple[Catalog, ...]
    as_of: datetime
    sentence: Sentence
    engine: str
    waivers: tuple[Waiver, ...] = ()
    retirements: tuple[Retirement, ...] = ()
    fail_on: Severity = Severity.HIGH
    problems: int = 0
    unrecognised: tuple[Unused, ...] = ()
    asserted: bool = field(default=True)


def assess(inputs: Inputs) -> Assessment:
    """Judge every rule of a bundle for one release as of an instant."""
    seen = tuple(
        sorted(
            (one for one in inputs.evidence if one.envelope.received_at <= inputs.as_of),
            key=lambda one: one.envelope.id,
        )
    )
    seen = tuple({one.envelope.id: one for one in seen}.values())
    setting = Setting(
        subject=inputs.subject,
        overlays=inputs.bundle.overlays,
        scope=inputs.bundle.scope,
        catalogs={one.id: one for one in inputs.catalogs},
        documents={one.envelope.id: one for one in seen},
        by_family=by_family(seen),
        retirements=inputs.retirements,
        as_of=inputs.as_of,
        sentence=inputs.sentence,
    )
    judged = [one for policy in inputs.bundle.policies for one in judge_policy(policy, setting)]
    outcomes = {(one.finding.policy, one.finding.rule): one.finding.outcome for one in judged}
    states = [resolve(one, outcomes, inputs.as_of) for one in inputs.waivers]
    used: set[str] = set()
    findings = tuple(_disposed(one, states, used) for one in judged)
    standings = roll_up(findings, inputs.catalogs, inputs.bundle.scope, inputs.subject)
    found = Assessment(
        assessment=_head(inputs, seen),
        findings=findings,
        standings=standings,
        conclusion=tuple(
            conclude(catalog, standings, inputs.bundle.scope) for catalog in inputs.catalogs
        ),
        waivers=tuple(
            as_used(one, used=one.waiver.id in used)
            for one in sorted(states, key=lambda state: state.waiver.id)
        ),
        unused=(*_unused(seen, findings), *inputs.unrecognised),
        gate=gate(
            findings, fail_on=inputs.fail_on, documents=len(seen), problems=inputs.problems
        ),
    )
    return _sealed(found)


def _head(inputs: Inputs, seen: Sequence[Evidence]) -> AssessmentHead:
    listed = [
        [one.envelope.id, one.envelope.adapter, one.envelope.adapter_version] for one in seen
    ]
    return AssessmentHead(
        bundle=inputs.bundle.digest,
        subject=digest_of_model(inputs.subject),
        evidence_set=digest_of(canonical([list(entry) for entry in listed])),
        as_of=inputs.as_of,
        engine=inputs.engine,
        asserted=inputs.asserted,
    )


def _sealed(found: Assessment) -> Assessment:
    """Put the digest of everything else into the head."""
    digest = digest_of_model(found)
    return found.model_copy(
        update={"assessment": found.assessment.model_copy(update={"digest": digest})}
    )


def _disposed(judged: Judged, states: Sequence[InForceWaiver], used: set[str]) -> Finding:
    """Apply the waivers in force to a fail; only a pass of the rest makes it waived."""
    finding = judged.finding
    if finding.outcome is not Outcome.FAIL:
        return finding
    rule = (finding.policy, finding.rule)
    mine = concerning(states, rule, finding.system, finding.release)
    whole = [one.waiver.id for one in mine if one.waiver.whole]
    if whole:
        used.add(whole[0])
        return finding.model_copy(
            update={"disposition": Disposition.WAIVED, "waiver": whole[0], "rest": Outcome.PASS}
        )
    failing = {row.key for row in finding.rows if row.outcome is Outcome.FAIL}
    by_row = {row: one.waiver.id for one in mine for row in one.waiver.rows if row in failing}
    if not by_row:
        return finding
    used |= set(by_row.values())
    rest = outcome_of(without(judged.verdict, frozenset(by_row)).truth, judged.rule)
    rows = tuple(
        row.model_copy(update={"waived_by": by_row[row.key]}) if row.key in by_row else row
        for row in finding.rows
    )
    update: dict[str, object] = {"rest": rest, "rows": rows}
    if rest is Outcome.PASS:
        update |= {
            "disposition": Disposition.WAIVED,
            "waiver": ", ".join(sorted(set(by_row.values()))),
        }
    return finding.model_copy(update=update)


def _unused(seen: Sequence[Evidence], findings: Sequence[Finding]) -> list[Unused]:
    """Return the documents that no rule counted, and why."""
    counted = {each for one in findings for use in one.needs for each in use.evidence}
    counted |= {each.id for one in findings for each in one.evidence}
    why: dict[str, str] = {}
    for finding in findings:
        for one in finding.left_out:
            why.setdefault(one.evidence, f"{one.code}: {one.message}")
    return [
        Unused(
            evidence=one.envelope.id,
            name=one.envelope.name,
            why=why.get(one.envelope.id, _nobody_asks(one)),
        )
        for one in seen
        if one.envelope.id not in counted
    ]


def _nobody_asks(evidence: Evidence) -> str:
    lent = sorted({fact.type for fact in evidence.facts})
    if not lent:
        return "it lends no facts"
    return f"no rule that applies asks for its {', '.join(lent)} facts"


def by_rule(found: Assessment) -> Mapping[tuple[str, str], Finding]:
    """Index the findings of an assessment by policy and rule."""
    return {(one.policy, one.rule): one for one in found.findings}
