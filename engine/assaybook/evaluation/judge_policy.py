"""One policy for one subject: does it apply, what does it need, what do its rules come to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial

from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Finding, Outcome
from assaybook.domain.policy import Need, Overlay, Param, Policy, Rule, Scope
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.values import Unknown, Value, unknown
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.attested import Asking, judge_attested
from assaybook.evaluation.finding_of import Circumstances, finding_of, not_judged, outcome_of
from assaybook.evaluation.needs import Bound, bind
from assaybook.evaluation.params import in_force
from assaybook.evaluation.roll_up import scope_entry
from assaybook.evaluation.run import run, truth
from assaybook.evaluation.subject_values import release_row, system_row
from assaybook.evaluation.terms import Asked
from assaybook.evaluation.verdict import Verdict, judge
from assaybook.language.sentence import enough_words, expression_words, uncapped

Sentence = Callable[[Rule, Mapping[str, Need], Mapping[str, Param]], str]


@record
class Setting:
    """What every policy of an assessment is judged by."""

    subject: Subject
    overlays: tuple[Overlay, ...]
    scope: Scope
    catalogs: Mapping[str, Catalog]
    documents: Mapping[str, Evidence]
    by_family: Mapping[str, tuple[Evidence, ...]]
    retirements: tuple[Retirement, ...]
    as_of: datetime
    sentence: Sentence


@record
class Judged:
    """A finding with the verdict behind it, so that a waiver can judge the rest again."""

    rule: Rule
    finding: Finding
    verdict: Verdict


def judge_policy(policy: Policy, setting: Setting) -> tuple[Judged, ...]:
    """Judge every rule of a policy; as many come out as go in."""
    system = system_row(setting.subject.system)
    params = in_force(policy, setting.overlays, system)
    env: dict[str, Value] = {
        "system": system,
        "release": release_row(setting.subject.release),
        "params": params.row,
        "$as_of": setting.as_of,
    }
    about = Circumstances(
        policy=policy,
        subject=setting.subject,
        params=params,
        sentences={r.id: setting.sentence(r, policy.needs, params.params) for r in policy.rules},
        documents=setting.documents,
        as_of=setting.as_of,
    )
    out_of_scope = _out_of_scope(policy, setting)
    if out_of_scope:
        return tuple(_inapplicable(about, rule, out_of_scope) for rule in policy.rules)
    if policy.applies_when is not None:
        applies = truth(policy.applies_when, env)
        if isinstance(applies, Unknown):
            return tuple(_undecided(about, rule, applies) for rule in policy.rules)
        if not applies:
            words = expression_words(policy.applies_when.node, policy.needs, params.params)
            why = f"it does not apply to this release: it applies when {uncapped(words)}"
            return tuple(_inapplicable(about, rule, why) for rule in policy.rules)
    return _rules(policy, setting, about, env)


def _rules(
    policy: Policy, setting: Setting, about: Circumstances, env: dict[str, Value]
) -> tuple[Judged, ...]:
    asked = Asked(
        subject=setting.subject,
        by_family=setting.by_family,
        params=about.params.row,
        as_of=setting.as_of,
        retirements=setting.retirements,
    )
    read = {name for rule in policy.rules for name in rule.needs}
    bound = {name: bind(need, asked) for name, need in policy.needs.items() if name in read}
    names = {**env, **{name: one.bag for name, one in bound.items()}}
    return tuple(
        _attested(
            Asking(policy, rule, rule.attested, setting.subject, setting.as_of),
            setting.by_family.get("attestation", ()),
            about,
            names,
        )
        if rule.attested is not None
        else _asked(rule, about, bound, names)
        for rule in policy.rules
    )


def _asked(
    rule: Rule, about: Circumstances, bound: Mapping[str, Bound], names: Mapping[str, Value]
) -> Judged:
    unless = cache(partial(enough_words, rule, about.policy.needs, about.params.params))
    verdict = judge(rule, names, unless)
    return Judged(rule, finding_of(about, rule, verdict, bound), verdict)


def _attested(
    asking: Asking,
    documents: Sequence[Evidence],
    about: Circumstances,
    names: Mapping[str, Value],
) -> Judged:
    valid_for = run(asking.asked.valid_for, names)
    if not isinstance(valid_for, (timedelta, Unknown)):
        valid_for = unknown("error:no_overload", asking.rule.id, "valid_for is no duration")
    verdict = judge_attested(asking, documents, valid_for)
    return Judged(asking.rule, finding_of(about, asking.rule, verdict, {}), verdict)


def _inapplicable(about: Circumstances, rule: Rule, why: str) -> Judged:
    finding = not_judged(about, rule, Outcome.NOT_APPLICABLE, (), why)
    return Judged(rule, finding, Verdict(unknown("missing", rule.id, why)))


def _undecided(about: Circumstances, rule: Rule, why: Unknown) -> Judged:
    """Return that nobody knows whether a rule is meant here; ``on_unknown`` is of the rule."""
    message = "it is not known whether the policy applies"
    outcome = outcome_of(why, replace(rule, on_unknown="inconclusive"))
    return Judged(rule, not_judged(about, rule, outcome, why.reasons, message), Verdict(why))


def _out_of_scope(policy: Policy, setting: Setting) -> str:
    """Return why the scope leaves a policy out, or nothing."""
    if policy.id in setting.scope.left_out:
        return f"the scope leaves the policy out: {setting.scope.left_out[policy.id]}"
    if not policy.controls:
        return ""
    reasons: list[str] = []
    # A bundle lists controls by name, and what is judged again from it must come out the same.
    for link in sorted(policy.controls, key=lambda one: (one.catalog, one.control)):
        catalog = setting.catalogs.get(link.catalog)
        if catalog is None:
            reasons.append(f"{link.catalog} is not in scope")
            continue
        entry = scope_entry(catalog, link.control, setting.scope)
        if entry is None or entry.applies:
            return ""
        reasons.append(f"{link.catalog} {link.control}: {entry.reason}")
    return "; ".join(dict.fromkeys(reasons))
