"""Policies as every face shows them: the claim, its rules in words, params, evidence, controls."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from assaybook.domain.base import Frozen
from assaybook.domain.control import Catalog
from assaybook.domain.finding import ControlReach
from assaybook.domain.policy import (
    Need,
    Overlay,
    OverlaySet,
    Param,
    Policy,
    Relation,
    Rule,
    Severity,
)
from assaybook.intake.adapter import Adapter, answers
from assaybook.language.build_params import written_value
from assaybook.language.sentence import applies_sentence, need_sentence

_OURS: Final = "assaybook"


class PolicyLine(Frozen):
    """What a listing says of a policy."""

    policy: str
    version: int
    severity: Severity
    rules: int
    controls: tuple[ControlReach, ...]
    title: str


class RuleShown(Frozen):
    """A rule in words, and what to do where it fails."""

    rule: str
    in_words: str
    fix: str


class ParamShown(Frozen):
    """A param with its value as a policy would write it, and what overlays set."""

    param: str
    type: str
    value: str
    stricter: str | None
    overlays_set: tuple[str, ...]
    about: str


class NeedShown(Frozen):
    """Which evidence a policy wants, under which name.

    ``tools`` are the formats in which such facts come and, where the need asks questions, that
    can answer one of them.
    """

    need: str
    in_words: str
    facts: str
    tools: tuple[str, ...]
    where: str | None
    about: str
    fresh_for: str
    assurance: str
    questions: tuple[str, ...] | str | None
    may_be_empty: bool


class ControlShown(Frozen):
    """A control that a policy bears on; ``text`` None where the catalog may not carry it."""

    catalog: str
    control: str
    relation: Relation
    title: str
    text: str | None


class PolicyShown(Frozen):
    """All that a policy says. ``applies_when`` None is always, and so is ``applies_in_words``."""

    policy: str
    version: int
    severity: Severity
    title: str
    why: str
    applies_when: str | None
    applies_in_words: str | None
    rules: tuple[RuleShown, ...]
    params: tuple[ParamShown, ...]
    evidence_wanted: tuple[NeedShown, ...]
    controls: tuple[ControlShown, ...]


def policy_line(policy: Policy) -> PolicyLine:
    """Return what a listing says of a policy."""
    return PolicyLine(
        policy=policy.id,
        version=policy.version,
        severity=policy.severity,
        rules=len(policy.rules),
        controls=tuple(
            ControlReach(catalog=one.catalog, control=one.control, relation=one.relation)
            for one in policy.controls
        ),
        title=policy.title,
    )


def policy_shown(
    policy: Policy, overlays: Sequence[Overlay], catalogs: Mapping[str, Catalog]
) -> PolicyShown:
    """Return all that a policy says, with what overlays set."""
    return PolicyShown(
        policy=policy.id,
        version=policy.version,
        severity=policy.severity,
        title=policy.title,
        why=policy.why,
        applies_when=policy.applies_when.text if policy.applies_when else None,
        applies_in_words=applies_sentence(policy),
        rules=tuple(map(_rule, policy.rules)),
        params=tuple(_param(one, policy, overlays) for one in policy.params.values()),
        evidence_wanted=tuple(_need(one, policy.params) for one in policy.needs.values()),
        controls=_controls(policy, catalogs),
    )


def _rule(rule: Rule) -> RuleShown:
    return RuleShown(rule=rule.id, in_words=rule.sentence, fix=rule.fix)


def _param(param: Param, policy: Policy, overlays: Sequence[Overlay]) -> ParamShown:
    return ParamShown(
        param=param.name,
        type=param.kind,
        value=written_value(param.value),
        stricter=param.stricter,
        overlays_set=tuple(
            f"{written_value(one.params[param.name])} for {_who(one)} (overlay {overlay.name}"
            f"{', relaxed: ' + one.reason if one.allow_relax else ''})"
            for overlay in overlays
            for one in overlay.sets
            if one.policy == policy.id and param.name in one.params
        ),
        about=param.description,
    )


def _who(one: OverlaySet) -> str:
    if one.systems:
        return ", ".join(one.systems)
    return one.applies.text if one.applies else "every system"


def _need(need: Need, params: Mapping[str, Param]) -> NeedShown:
    return NeedShown(
        need=need.name,
        in_words=need_sentence(need, params),
        facts=need.facts,
        tools=formats_for(need, params),
        where=need.where.text if need.where else None,
        about=need.about,
        fresh_for=need.fresh_for.text if need.fresh_for else "never asked",
        assurance=need.assurance if isinstance(need.assurance, str) else need.assurance.text,
        questions=need.of if need.of is None or isinstance(need.of, tuple) else need.of.text,
        may_be_empty=need.may_be_empty,
    )


def formats_for(need: Need, params: Mapping[str, Param]) -> tuple[str, ...]:
    """Return the formats that can answer a need, those of tools before our own."""
    asked = _questions(need, params)
    found = [
        one.name
        for one in _adapters()
        if need.facts in one.facts and (not asked or any(answers(one, each) for each in asked))
    ]
    return tuple(sorted(found, key=lambda name: (name.startswith(_OURS), name)))


def _questions(need: Need, params: Mapping[str, Param]) -> tuple[str, ...]:
    """Return the questions that a need asks, as far as the policy itself says them."""
    if need.of is None or isinstance(need.of, tuple):
        return need.of or ()
    param = params.get(need.of.text.removeprefix("params."))
    value = param.value if param is not None else None
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


@cache
def _adapters() -> tuple[Adapter, ...]:
    from assaybook.intake.registry import adapters

    return tuple(adapters())


def _controls(policy: Policy, catalogs: Mapping[str, Catalog]) -> tuple[ControlShown, ...]:
    shown: list[ControlShown] = []
    for link in policy.controls:
        control = catalogs[link.catalog].find(link.control)
        shown.append(
            ControlShown(
                catalog=link.catalog,
                control=link.control,
                relation=link.relation,
                title=control.title,
                text=control.text,
            )
        )
    return tuple(shown)
