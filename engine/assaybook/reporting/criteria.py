"""What was judged, by which criteria, and how: scope, bundle, parameters, method."""

from collections import Counter

from pydantic import JsonValue

from assaybook.domain.finding import Counts, Finding, Outcome
from assaybook.domain.policy import Policy, Scope
from assaybook.reporting.context import Context
from assaybook.reporting.model import ArtifactLine, MethodPage, PolicyLine, ScopePage
from assaybook.reporting.observe import value_text
from assaybook.reporting.parts import Labelled, Pair
from assaybook.reporting.words import (
    catalog_name,
    count,
    grouped,
    listed,
    moment,
    of,
    sentence_case,
)

NOT_STATED = "Not stated"


def scope_page(context: Context) -> ScopePage:
    """Return the subject, the bundle with its parameters in force, and what scope leaves out."""
    source = context.source
    head, scope = source.assessment.assessment, source.bundle.scope
    judged: dict[str, list[Finding]] = {}
    for finding in source.assessment.findings:
        judged.setdefault(finding.policy, []).append(finding)
    rules = sum(len(policy.rules) for policy in source.bundle.policies)
    lead = (
        f"{sentence_case(count(len(source.bundle.policies), 'policy', 'policies'))} with "
        f"{count(rules, 'rule')} judged one release, by the scope “{scope.name}”."
    )
    return ScopePage(
        lead=lead,
        system=_system(context),
        artifacts=tuple(
            ArtifactLine(name=each.name, kind=each.kind, digest=grouped(each.digest))
            for each in source.subject.release.artifacts
        ),
        digests=(
            Labelled(label="Bundle", text=grouped(head.bundle), mono=True),
            Labelled(label="Subject", text=grouped(head.subject), mono=True),
            Labelled(label="Evidence set", text=grouped(head.evidence_set), mono=True),
            Labelled(label="Assessment", text=grouped(head.digest), mono=True),
        ),
        policies=tuple(
            _policy(policy, judged.get(policy.id, [])) for policy in source.bundle.policies
        ),
        relaxations=_relaxations(source.assessment.findings),
        left_out=tuple(Pair(name=k, text=v) for k, v in sorted(scope.left_out.items())),
        out_of_scope=_out_of_scope(scope),
    )


def _out_of_scope(scope: Scope) -> tuple[Pair, ...]:
    """Return the controls that the scope leaves out, together where their reason is the same."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in scope.controls:
        if not each.applies:
            found.setdefault((each.catalog, each.reason), []).append(each.control)
    return tuple(
        Pair(name=f"{catalog_name(catalog)} {listed(controls, most=len(controls))}", text=reason)
        for (catalog, reason), controls in found.items()
    )


def _system(context: Context) -> tuple[Labelled, ...]:
    system, release = context.source.subject.system, context.source.subject.release
    tier, life = system.risk_tier, system.lifecycle
    facts = (
        ("System", system.id),
        ("Release", release.version),
        ("Owner", system.owner),
        ("Risk tier", tier and sentence_case(tier.value)),
        ("Lifecycle", life and sentence_case(life.value)),
        ("Stage", release.stage),
        ("Role", " and ".join(system.roles)),
        ("Released", release.released_at and moment(release.released_at)),
        ("Baseline", release.baseline),
        ("Purpose", system.purpose),
        ("Intended uses", "; ".join(system.intended_uses)),
        ("Deployed use", system.deployed_use),
    )
    return tuple(Labelled(label=label, text=text or NOT_STATED) for label, text in facts)


def _policy(policy: Policy, findings: list[Finding]) -> PolicyLine:
    params: dict[str, JsonValue] = {}
    for finding in findings:
        params.update(finding.params)
    return PolicyLine(
        id=policy.id,
        version=str(policy.version),
        title=policy.title,
        severity=sentence_case(policy.severity.value),
        params=tuple(Pair(name=k, text=_setting(v)) for k, v in sorted(params.items())),
    )


def _setting(value: JsonValue) -> str:
    match value:
        case None:
            return "not set"
        case list():
            return listed([value_text(each) for each in value], most=12) or "an empty list"
        case _:
            return value_text(value)


def _relaxations(findings: tuple[Finding, ...]) -> tuple[Pair, ...]:
    """Return every relaxation in force, each once, under its policy."""
    found = {(finding.policy, text): None for finding in findings for text in finding.relaxed}
    return tuple(Pair(name=policy, text=text) for policy, text in found)


def method_page(context: Context) -> MethodPage:
    """Return how the judging was done."""
    source = context.source
    head, findings = source.assessment.assessment, source.assessment.findings
    outcomes = Counter(finding.outcome for finding in findings)
    people = sum((finding.policy, finding.rule) in context.attested for finding in findings)
    told = ", ".join(
        f"{outcomes[outcome]} {outcome.value.replace('_', ' ')}" for outcome in Outcome
    )
    facts = sum(len(each.facts) for each in source.evidence)
    steps = (
        Pair(
            name="Evidence to facts",
            text=f"{sentence_case(count(len(source.evidence), 'document'))} gave "
            f"{count(facts, 'fact')}; {count(len(source.problems), 'file')} could not be read.",
        ),
        Pair(
            name="Facts to findings",
            text=f"{sentence_case(count(len(findings), 'finding'))}: {told}. "
            f"{of(people, len(findings))} rest on statements of persons, the rest on evidence.",
        ),
        Pair(
            name="Time",
            text=f"Every age is counted to {moment(head.as_of)}. Nothing received later counts.",
        ),
        Pair(
            name="Repeatable",
            text=f"{head.engine} judges without chance, clock or network: the same bundle, "
            "subject and evidence give the same assessment digest.",
        ),
    )
    return MethodPage(
        lead="A rule is true, false or unknown. Unknown is never counted as true.",
        steps=steps,
        gate=_gate(context),
        catalogs=tuple(_catalog(context, each) for each in sorted(source.bundle.catalogs)),
    )


def _catalog(context: Context, catalog: str) -> Labelled:
    known = context.source.catalogs.get(catalog)
    edition = f", {known.version}" if known is not None else ""
    return Labelled(
        label=f"{catalog_name(catalog)}{edition}",
        text=grouped(context.source.bundle.catalogs[catalog]),
        mono=True,
    )


def _gate(context: Context) -> tuple[Labelled, ...]:
    gate = context.source.assessment.gate
    least = gate.fail_on.value
    return (
        Labelled(label="Verdict", text=sentence_case(gate.verdict.value)),
        Labelled(label="Exit code", text=str(gate.exit)),
        Labelled(label=f"At {least} severity or above", text=_counts(gate.counts)),
        Labelled(label=f"Below {least} severity", text=_counts(gate.below)),
    )


def _counts(counts: Counts) -> str:
    told = [
        f"{number} {name.rstrip('_').replace('_', ' ')}"
        for name, number in counts.model_dump().items()
        if number
    ]
    return ", ".join(told) or "None"
