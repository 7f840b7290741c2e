"""What was judged, by which criteria, and how: scope, bundle, parameters, method."""

from collections import Counter
from typing import Final

from pydantic import JsonValue

from assaybook.domain.finding import ControlStanding, Counts, Finding, Outcome, Standing
from assaybook.domain.policy import Policy, Scope
from assaybook.reporting.context import Context
from assaybook.reporting.model import MethodPage, PolicyLine, ScopePage
from assaybook.reporting.observe import value_text
from assaybook.reporting.pages import Boundary
from assaybook.reporting.parts import Labelled, Pair
from assaybook.reporting.words import (
    catalog_name,
    count,
    grouped,
    listed,
    moment,
    of,
    packed,
    sentence_case,
)

_POLICIES: Final = 60
"""Beyond so many policies, the others are run together."""
_BOXED: Final = 5
"""The most lines of one box of the drawing of boundaries."""


def scope_page(context: Context) -> ScopePage:
    """Return the boundary, the bundle with its parameters in force, and what scope leaves out."""
    source = context.source
    scope = source.bundle.scope
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
        boundary=_boundary(context),
        policies=tuple(
            _policy(policy, judged.get(policy.id, []))
            for policy in source.bundle.policies[:_POLICIES]
        ),
        briefly=tuple(
            packed(
                _briefly(_policy(policy, judged.get(policy.id, [])))
                for policy in source.bundle.policies[_POLICIES:]
            )
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


def _boundary(context: Context) -> Boundary:
    """Return what is inside, what judges it, and what is outside, each in a few lines."""
    source = context.source
    system, release, scope = source.subject.system, source.subject.release, source.bundle.scope
    away = Counter(
        each.catalog
        for each in source.assessment.standings
        if each.standing is Standing.NOT_APPLICABLE and _is_leaf(context, each)
    )
    outside = [f"{count(away[each], 'control')} of {catalog_name(each)}" for each in away]
    outside += [count(len(scope.left_out), "policy", "policies")] if scope.left_out else []
    outside += [count(len(context.elsewhere), "document") + " of other releases"] * bool(
        context.elsewhere
    )
    roles = " and ".join(system.roles)
    return Boundary(
        system=f"{system.name or system.id} {release.version}",
        inside=tuple(f"{each.kind}: {each.name}" for each in release.artifacts[:_BOXED])
        + _beyond(len(release.artifacts), "part")
        or ("no part registered",),
        answers=(f"owner: {system.owner or 'not stated'}", *([f"role: {roles}"] if roles else [])),
        criteria=(
            *(catalog_name(each.catalog) for each in source.assessment.conclusion[:_BOXED]),
            *_beyond(len(source.assessment.conclusion), "framework"),
            count(len(source.bundle.policies), "policy", "policies"),
        ),
        outside=tuple(outside[:_BOXED]) or ("nothing left out",),
    )


def _is_leaf(context: Context, standing: ControlStanding) -> bool:
    known = context.source.catalogs.get(standing.catalog)
    found = known.by_id.get(standing.control) if known is not None else None
    return found is None or found.judgeable


def _beyond(whole: int, noun: str) -> tuple[str, ...]:
    return (count(whole - _BOXED, f"more {noun}"),) if whole > _BOXED else ()


def _policy(policy: Policy, findings: list[Finding]) -> PolicyLine:
    params: dict[str, JsonValue] = {}
    for finding in findings:
        params.update(finding.params)
    return PolicyLine(
        id=policy.id,
        version=str(policy.version),
        title=policy.title,
        severity=sentence_case(policy.severity.value),
        params=tuple(Pair(name=k, text=setting(v)) for k, v in sorted(params.items())),
    )


def _briefly(policy: PolicyLine) -> str:
    params = ", ".join(f"{each.name}: {each.text}" for each in policy.params)
    told = f"{policy.id}, version {policy.version}, {policy.severity.lower()}: {policy.title}"
    return f"{told} ({params})" if params else told


def setting(value: JsonValue) -> str:
    """Return the value of a parameter in words."""
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
    unread = len(source.problems) + len(source.refused)
    steps = (
        Pair(
            name="Evidence to facts",
            text=f"{sentence_case(count(len(source.evidence), 'document'))} gave "
            f"{count(facts, 'fact')}; {count(unread, 'file')} could not be read.",
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
    name = catalog_name(catalog)
    edition = f", version {known.version}" if known is not None else ""
    return Labelled(
        label=name if known is not None and name.endswith(known.version) else f"{name}{edition}",
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
