"""A policy document to the policy that is judged: typed, checked, said in words.

Everything that can be told before any evidence is seen is told here, and all of it at once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from assaybook.domain.expression import Expression
from assaybook.domain.policy import ControlLink, Policy, Rule
from assaybook.domain.record import record
from assaybook.language.build_expressions import Reading
from assaybook.language.build_needs import build_needs
from assaybook.language.build_params import build_params
from assaybook.language.build_rules import RESERVED, Surroundings, build_rule
from assaybook.language.citing import control_in
from assaybook.language.document import PolicyDocument
from assaybook.language.document_problems import (
    raise_all,
    read_document,
    unknown_word,
)
from assaybook.language.environment import MetricRange, applies_environment, rule_environment
from assaybook.language.sentence import rule_sentence
from assaybook.language.soundness import check_applies, check_rule, rule_expressions
from assaybook.language.source import Path, Source
from assaybook.language.text import params_read

if TYPE_CHECKING:
    # A lint of policies whose controls are in the index needs no catalog.
    from assaybook.domain.control import Catalog


@record
class References:
    """What policies may refer to.

    Attributes:
        catalogs: catalogs by id, such as ``load_catalogs`` returns.
        metrics: unit and range of canonical metrics.
        produced: fact types that an adapter or signature yields; None where that is not known.
        citable: printed ids of controls known to be there, so that their catalog is not read.
    """

    catalogs: Mapping[str, "Catalog"]
    metrics: Mapping[str, MetricRange] = field(default_factory=dict[str, MetricRange])
    produced: frozenset[str] | None = None
    citable: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


def _renamed(said: str, path: str) -> str:
    """Return what to do where an id is not its path, which may begin too far down."""
    if said.endswith(f".{path}"):
        above = said.removesuffix(f".{path}").replace(".", "/")
        return f"Name the folder that {above}/ stands in, or rename one of the two."
    return "Rename one of the two."


def _refuse_another_path(said: str, path: str | None, reading: Reading) -> None:
    if path is not None and said != path:
        message = f"the id is {said}, and the path of the file says {path}"
        reading.refuse("policy-path", message, ("policy",), _renamed(said, path))


def build_policy(source: Source, known: References, *, policy_id: str | None = None) -> Policy:
    """Return the policy that a source holds.

    Args:
        source: one policy file.
        known: what it may refer to.
        policy_id: the id that its path gives it, where it comes from a folder.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(PolicyDocument, source)
    reading = Reading(source, [])
    _refuse_another_path(document.policy, policy_id, reading)
    controls = _controls(document, known, reading)
    params, faults = build_params(document.params, source)
    reading.problems.extend(faults)
    _refuse_taken_names(document, reading)
    needs = build_needs(document.needs, params, reading, known.produced)
    applies = _applies(document, reading)
    names = None if needs is None else rule_environment(needs, params, known.metrics)
    around = Surroundings(names, needs or {}, params, reading)
    rules = [
        build_rule(rule, around, ("rules", index)) for index, rule in enumerate(document.rules)
    ]
    _refuse_twins(rules, reading)
    raise_all(reading.problems)
    return _held(
        Policy(
            id=document.policy,
            version=document.version,
            title=document.title,
            why=document.why,
            severity=document.severity,
            controls=controls,
            applies_when=applies,
            params=params,
            needs=around.needs,
            rules=tuple(rules),
            source=source.values(),
        ),
        reading,
    )


def _held(policy: Policy, reading: Reading) -> Policy:
    """Return a policy with its sentences, once nothing in it could pass unproven or is unread."""
    _hold_rules(policy, reading)
    _refuse_unread(policy, reading)
    raise_all(reading.problems)
    return _said(policy)


def _applies(document: PolicyDocument, reading: Reading) -> Expression | None:
    if document.applies_when is None:
        return None
    path: Path = ("applies_when",)
    applies = reading.condition(document.applies_when, path, applies_environment())
    if applies is not None:
        reading.hold(lambda: check_applies(applies), path)
    return applies


def _controls(
    document: PolicyDocument, known: References, reading: Reading
) -> tuple[ControlLink, ...]:
    links: list[ControlLink] = []
    for name, controls in document.controls.items():
        path: Path = ("controls", name)
        if name not in known.catalogs:
            where = reading.source.where_key(path)
            problem = unknown_word("catalog-unknown", "catalog", name, known.catalogs, where)
            reading.problems.append(problem)
            continue
        citable = known.citable.get(name, frozenset())
        for control, relation in controls.items():
            printed: str | None = control
            if control not in citable:
                printed = _printed(known.catalogs[name], control, reading)
            if printed is not None:
                links.append(ControlLink(name, printed, relation))
    for link, count in Counter((link.catalog, link.control) for link in links).items():
        if count > 1:
            message = f"{link[1]} of {link[0]} stands {count} times under different names"
            reading.refuse("control-twice", message, ("controls", link[0]), "Keep one.")
    return tuple(links)


def _printed(catalog: "Catalog", control: str, reading: Reading) -> str | None:
    path: Path = ("controls", catalog.id, control)
    known = control_in(catalog, control, reading.source.where_key(path), reading.problems)
    if known is not None and not catalog.by_id[known].judgeable:
        message = f"{control} of {catalog.id} is a heading; a rule speaks for what is under it"
        near = ", ".join(each.id for each in catalog.children(known)[:3])
        hint = f"Such as {near}." if near else ""
        reading.refuse_key("control-heading", message, path, hint)
    return known


def _refuse_taken_names(document: PolicyDocument, reading: Reading) -> None:
    for name in document.needs:
        if name in RESERVED:
            message = f"{name!r} has a meaning of its own in rules"
            reading.refuse_key("name-taken", message, ("needs", name), "Choose another name.")


def _refuse_twins(rules: Sequence[Rule], reading: Reading) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.id in seen:
            message = f"the rule id {rule.id!r} is used twice"
            reading.refuse("rule-twice", message, ("rules", index, "id"), "Rename one.")
        seen.add(rule.id)


def _refuse_unread(policy: Policy, reading: Reading) -> None:
    """Refuse every param and need that nothing reads."""
    read = {name for rule in policy.rules for name in rule.needs}
    used = {name for each in _expressions(policy) for name in params_read(each.node)}
    for name in policy.needs:
        if name not in read:
            message = f"no rule reads the need {name!r}"
            reading.refuse_key("need-unused", message, ("needs", name), "Remove it, or use it.")
    for name in policy.params:
        if name not in used:
            message = f"nothing reads the param {name!r}, so setting it would change nothing"
            reading.refuse_key("param-unused", message, ("params", name), "Remove it, or use it.")


def _hold_rules(policy: Policy, reading: Reading) -> None:
    """Refuse every rule that could pass without proof."""
    implements = any(link.relation == "implements" for link in policy.controls)
    for index, rule in enumerate(policy.rules):
        at: Path = ("rules", index)
        paths: list[Path] = [(*at, "let", name) for name, _let in rule.lets]
        paths += [(*at, key) for key in ("pass_when", "enough", "where", "at_least", "for_each")]
        reading.hold(partial(check_rule, rule, policy.needs, implements=implements), *paths)


def _expressions(policy: Policy) -> list[Expression]:
    parts: list[Expression] = [policy.applies_when] if policy.applies_when else []
    for need in policy.needs.values():
        found = (need.where, need.fresh_for, need.assurance, need.of, need.covers)
        for part in (*found, need.may_skip, need.within):
            parts += [part] if isinstance(part, Expression) else []
    return [*parts, *(each for rule in policy.rules for each in rule_expressions(rule))]


def _said(policy: Policy) -> Policy:
    """Return the policy with the sentence of each rule."""
    rules = [
        replace(rule, sentence=rule_sentence(rule, policy.needs, policy.params))
        for rule in policy.rules
    ]
    return replace(policy, rules=tuple(rules))
