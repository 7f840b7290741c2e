"""The assessment: bundle, subject, evidence, waivers and an instant in; findings out.

Pure and replayable: it reads no clock, and the same inputs give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from pydantic import JsonValue

from assaybook.domain.baseline import Baseline
from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import (
    Assessment,
    AssessmentHead,
    CatalogConclusion,
    ControlStanding,
    Disposition,
    Finding,
    Outcome,
    Unused,
)
from assaybook.domain.policy import Bundle, Policy, Severity
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.about import is_of_another_release
from assaybook.evaluation.baseline import WHOLE, Accepting
from assaybook.evaluation.finding_of import outcome_of
from assaybook.evaluation.gate import gate
from assaybook.evaluation.judge_policy import Judged, Sentence, Setting, judge_policy
from assaybook.evaluation.needs import by_family
from assaybook.evaluation.roll_up import conclude, roll_up, supported_themselves
from assaybook.evaluation.verdict import without
from assaybook.evaluation.waive import InForceWaiver, as_used, before, concerning, resolve


@record
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
    baseline: Baseline | None = None
    retirements: tuple[Retirement, ...] = ()
    fail_on: Severity = Severity.HIGH
    problems: int = 0
    unrecognised: tuple[Unused, ...] = ()
    asserted: bool = field(default=True)


def assess(inputs: Inputs) -> Assessment:
    """Judge every rule of a bundle for one release as of an instant."""
    seen = seen_by(inputs.evidence, inputs.as_of)
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
    accepting = Accepting(inputs.baseline, inputs.as_of) if inputs.baseline else None
    ruled = rule_on(inputs.bundle.policies, setting, inputs.waivers, accepting)
    findings = ruled.findings
    standings = roll_up(findings, inputs.catalogs, inputs.bundle.scope, inputs.subject)
    found = Assessment(
        assessment=_head(inputs, seen),
        findings=findings,
        standings=standings,
        conclusion=_concluded(inputs, findings, standings),
        waivers=tuple(
            as_used(
                one,
                used=one.waiver.id in ruled.used,
                renewals=len(before(one.waiver, inputs.waivers)),
            )
            for one in ruled.waivers
        ),
        baseline=accepting.use() if accepting else None,
        unused=(*_unused(seen, findings, inputs), *inputs.unrecognised),
        gate=gate(findings, fail_on=inputs.fail_on, documents=len(seen), problems=inputs.problems),
    )
    return _sealed(found)


@record
class Ruled:
    """What policies come to, with the waivers as they stand and the ids of those that were used."""

    findings: tuple[Finding, ...]
    waivers: tuple[InForceWaiver, ...]
    used: frozenset[str]


def _concluded(
    inputs: Inputs, findings: Sequence[Finding], standings: Sequence[ControlStanding]
) -> tuple[CatalogConclusion, ...]:
    scope = inputs.bundle.scope
    return tuple(
        conclude(one, standings, scope, supported_themselves(findings, one, scope))
        for one in inputs.catalogs
    )


def rule_on(
    policies: Sequence[Policy],
    setting: Setting,
    waivers: Sequence[Waiver],
    accepting: Accepting | None = None,
) -> Ruled:
    """Judge every rule of some policies in a setting, and apply what people accept.

    A waiver holds only while its compensating rule passes, so that rule must be among them.
    """
    judged = [one for policy in policies for one in judge_policy(policy, setting)]
    outcomes = {(one.finding.policy, one.finding.rule): one.finding.outcome for one in judged}
    versions = {one.id: one.version for one in policies}
    states = tuple(
        resolve(one, outcomes, setting.as_of, versions)
        for one in sorted(waivers, key=lambda one: one.id)
    )
    used: set[str] = set()
    findings = tuple(_disposed(one, states, used, accepting) for one in judged)
    return Ruled(findings, states, frozenset(used))


def seen_by(evidence: Sequence[Evidence], as_of: datetime) -> tuple[Evidence, ...]:
    """Return what was received by then: each id once, as first received, in the order of ids."""
    received = sorted(
        (one for one in evidence if one.envelope.received_at <= as_of),
        key=lambda one: (one.envelope.received_at, one.envelope.name),
        reverse=True,
    )
    first = {one.envelope.id: one for one in received}
    return tuple(first[each] for each in sorted(first))


def _head(inputs: Inputs, seen: Sequence[Evidence]) -> AssessmentHead:
    listed: list[JsonValue] = [
        [
            one.envelope.id,
            one.envelope.adapter,
            one.envelope.adapter_version,
            one.envelope.assurance.value,
        ]
        for one in seen
    ]
    return AssessmentHead(
        bundle=inputs.bundle.digest,
        subject=digest_of_model(inputs.subject),
        evidence_set=digest_of(canonical(listed)),
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


def _disposed(
    judged: Judged, states: Sequence[InForceWaiver], used: set[str], accepting: Accepting | None
) -> Finding:
    """Apply what people accept to a fail; only a pass of the rest makes it waived or baselined.

    Waivers are heard first, and the baseline accepts what they leave.
    """
    finding = judged.finding
    in_baseline = accepting.accepted(finding) if accepting else frozenset[str]()
    if finding.outcome is not Outcome.FAIL:
        return finding
    rule = (finding.policy, finding.rule)
    mine = concerning(states, rule, finding.system, finding.release)
    failing = {row.key for row in judged.verdict.rows if row.truth is False}
    by_row = {row: one.waiver.id for one in mine for row in one.waiver.rows if row in failing}
    whole = next((one.waiver.id for one in mine if one.waiver.whole), None)
    if whole is not None:
        by_row = dict.fromkeys(failing, whole)
    ids = [whole] if whole is not None else sorted(set(by_row.values()))
    used.update(ids)
    if ids:
        rest = _rest(judged, frozenset(by_row), whole=whole is not None)
        finding = _accepted(finding, by_row, rest, Disposition.WAIVED, ids)
    if accepting is None or finding.disposition is Disposition.WAIVED:
        return finding
    name = accepting.baseline.id
    more = {key: name for key in in_baseline & failing if key not in by_row}
    alone = WHOLE in in_baseline and not failing
    if not (more or alone):
        return finding
    by_row |= more
    rest = _rest(judged, frozenset(by_row), whole=alone)
    return _accepted(finding, by_row, rest, Disposition.BASELINED, [*ids, name])


def _accepted(
    finding: Finding,
    by_row: Mapping[str, str],
    rest: Outcome,
    disposition: Disposition,
    ids: Sequence[str],
) -> Finding:
    """Return a fail with the rows that are accepted, by what, and what the rest comes to."""
    rows = tuple(
        row.model_copy(update={"waived_by": by_row[row.key]})
        if row.key in by_row and row.outcome is Outcome.FAIL
        else row
        for row in finding.rows
    )
    update: dict[str, object] = {"rest": rest, "rows": rows}
    if rest is Outcome.PASS:
        update |= {"disposition": disposition, "waiver": ", ".join(ids)}
    return finding.model_copy(update=update)


def _rest(judged: Judged, waived: frozenset[str], *, whole: bool) -> Outcome:
    """Return what a fail comes to without the rows that are accepted.

    A waiver of the whole accepts all that the rule calls a fail, and never what is not known:
    beside failing rows, an open list stays open.
    """
    if whole and not waived:
        return Outcome.PASS
    rest = outcome_of(without(judged.verdict, waived).truth, judged.rule)
    return Outcome.PASS if whole and rest is Outcome.FAIL else rest


def _unused(seen: Sequence[Evidence], findings: Sequence[Finding], inputs: Inputs) -> list[Unused]:
    """Return the documents that no rule counted, and why."""
    may_ask = _may_ask(inputs.bundle.policies, findings)
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
            why=why.get(one.envelope.id) or _nobody_asks(one, may_ask),
        )
        for one in seen
        if one.envelope.id not in counted
        and not is_of_another_release(one.envelope, inputs.subject)
    ]


def _may_ask(policies: Sequence[Policy], findings: Sequence[Finding]) -> Mapping[str, str]:
    """Return by fact type a policy of which nobody knows whether, or on what terms, it asks."""
    found: dict[str, str] = {}
    by_policy: dict[str, list[Finding]] = {}
    for one in findings:
        by_policy.setdefault(one.policy, []).append(one)
    for policy in policies:
        mine = by_policy.get(policy.id, [])
        waits = bool(mine) and all(
            one.outcome is Outcome.INCONCLUSIVE and not one.needs for one in mine
        )
        unset = {
            use.need
            for one in mine
            for use in one.needs
            if not use.evidence and any(each.code == "param_unset" for each in use.open)
        }
        for name, need in policy.needs.items():
            if waits or name in unset:
                found.setdefault(need.facts, policy.id)
    return found


def _nobody_asks(evidence: Evidence, may_ask: Mapping[str, str]) -> str:
    looked_for = {row.question.partition("/")[0] for row in evidence.coverage}
    lent = sorted({fact.type for fact in evidence.facts} | looked_for)
    if not lent:
        return "it lends no facts"
    if waiting := sorted({may_ask[one] for one in lent if one in may_ask}):
        return f"it is not known whether it counts for {waiting[0]}"
    return f"no rule that applies asks for its {', '.join(lent)} facts"
