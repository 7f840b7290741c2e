"""What a need or a rule must be before it may judge anyone: claims that evidence can carry."""

from collections.abc import Iterable, Mapping
from typing import Final

from assaybook.domain.expression import Expression, Literal_, Name, Node
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Need, Rule
from assaybook.domain.types import ScalarType
from assaybook.language.absence import refuse_absence
from assaybook.language.contradiction import excluded, refuse_contradiction, refuse_decided
from assaybook.language.cost import hold_cost
from assaybook.language.environment import fixed_words
from assaybook.language.faults import refuse
from assaybook.language.text import reads

_SUBJECT: Final = frozenset({"system", "release"})
_NONE: Final[Mapping[str, Expression]] = {}


def check_need(need: Need) -> None:
    """Refuse a need whose conditions take rows for what they lack, or can never hold.

    Args:
        need: with typed expressions.

    Raises:
        AuthorError: ``passes_on_absence``, ``never-holds``.
    """
    if need.where is not None:
        refuse_absence(need.where, 0, {}, _NONE)
        for field, kind in FACT_TYPES[need.facts].record.fields:
            words = fixed_words(need.where.node, "row", field)
            if words is not None and not words and isinstance(kind, ScalarType):
                reason = f"row.{field} cannot be two words at once"
                refuse(need.where, need.where.node, "never-holds", reason, "Write in [...].")
        refuse_contradiction(need.where)
    if need.covers is not None:
        refuse_absence(need.covers, 1, {}, _NONE)
        refuse_contradiction(need.covers)


def check_applies(expression: Expression) -> None:
    """Refuse an ``applies_when`` that lets a policy vanish because a field is null, or always.

    Raises:
        AuthorError: ``passes_on_absence``, ``never-holds``, ``always-holds``.
    """
    refuse_absence(expression, -1, {}, _NONE)
    refuse_contradiction(expression)


def check_overlay(expression: Expression) -> None:
    """Refuse an overlay's ``for`` that a null field decides, or nothing can.

    Raises:
        AuthorError: ``passes_on_absence``, ``never-holds``, ``always-holds``.
    """
    refuse_absence(expression, 0, {}, _NONE)
    refuse_contradiction(expression)


def check_rule(rule: Rule, needs: Mapping[str, Need], *, implements: bool) -> None:
    """Refuse a rule that could pass without proof, or whose answer no evidence can change.

    Args:
        rule: with typed expressions.
        needs: the policy's needs by name.
        implements: the policy says of some control that it implements it.

    Raises:
        AuthorError: ``passes_on_absence``, ``unproven-absence``, ``at-least-zero``,
            ``implements-nothing``, ``constant-rule``, ``unused-let``, ``expression-too-costly``,
            ``never-holds``, ``always-holds``, ``rule-unreachable``.
    """
    lets = dict(rule.lets)
    for each in rule_expressions(rule):
        refuse_contradiction(each)
    for expression in (rule.pass_when, rule.enough):
        if expression is not None:
            refuse_absence(expression, 1, needs, lets)
    for expression in (rule.for_each, rule.where, rule.at_least):
        if expression is not None:
            refuse_absence(expression, 0, needs, lets)
    _check_at_least(rule, needs)
    _check_reads(rule, needs, implements=implements)
    _check_reached(rule, needs)
    hold_cost(rule)


def names_read(rule: Rule) -> frozenset[str]:
    """Return every name that a rule reads, through its lets too."""
    return _reached([expression.node for expression in _judging(rule)], dict(rule.lets))


def _reached(nodes: Iterable[Node], lets: Mapping[str, Expression]) -> frozenset[str]:
    found: set[str] = set()
    pending = list(nodes)
    while pending:
        names = reads(pending.pop()) - found
        found |= names
        pending.extend(lets[name].node for name in names if name in lets)
    return frozenset(found)


def needs_read(rule: Rule, needs: Mapping[str, Need]) -> tuple[str, ...]:
    """Return the needs that a rule reads, in the order in which the policy has them."""
    names = names_read(rule)
    return tuple(name for name in needs if name in names)


def rule_expressions(rule: Rule) -> tuple[Expression, ...]:
    """Return every expression of a rule, lets first."""
    return (*(expression for _name, expression in rule.lets), *_judging(rule))


def _judging(rule: Rule) -> tuple[Expression, ...]:
    valid_for = rule.attested.valid_for if rule.attested is not None else None
    parts = (rule.for_each, rule.where, rule.at_least, rule.enough, rule.pass_when, valid_for)
    return tuple(part for part in parts if part is not None)


def _check_at_least(rule: Rule, needs: Mapping[str, Need]) -> None:
    least = rule.at_least
    if least is None or not _below_one(least.node):
        return
    over = rule.for_each.node if rule.for_each is not None else None
    itself = isinstance(over, Name) and over.name in needs and needs[over.name].may_be_empty
    if not itself or rule.where is not None:
        reason = "at_least: 0 lets a rule pass over no rows, and nothing proves that there are none"
        hint = "Take a need with may_be_empty: true itself; put the condition into its where."
        refuse(least, least.node, "at-least-zero", reason, hint)


def _below_one(node: Node) -> bool:
    """Tell whether a number is surely 0 or less."""
    if isinstance(node, Literal_) and isinstance(node.value, int):
        return node.value < 1
    kind = node.type
    return isinstance(kind, ScalarType) and kind.high is not None and kind.high < 1


def _check_reached(rule: Rule, needs: Mapping[str, Need]) -> None:
    """Refuse a rule whose rows, by the conditions on them, can never be judged or only one way."""
    over = rule.for_each.node if rule.for_each is not None else None
    need = needs.get(over.name) if isinstance(over, Name) else None
    given = [need.where] if need is not None and need.where is not None else []
    for condition, why in ((rule.where, "no row can be judged"), (rule.enough, "no row is enough")):
        if condition is None:
            continue
        node = excluded(condition, given)
        if node is not None:
            reason = f"{why}: the conditions on the rows before this one exclude it"
            hint = "Change this condition or the where before it; the rule can never come to pass."
            refuse(condition, node, "rule-unreachable", reason, hint)
        given.append(condition)
    if rule.pass_when is not None and given:
        refuse_decided(rule.pass_when, given)


def _check_reads(rule: Rule, needs: Mapping[str, Need], *, implements: bool) -> None:
    names = names_read(rule)
    for name, expression in rule.lets:
        if name not in names:
            reason = f"nothing reads {name!r}"
            refuse(expression, expression.node, "unused-let", reason, "Leave it out.")
    if rule.pass_when is None:
        return
    node = rule.pass_when.node
    if implements and not names & needs.keys():
        reason = "a rule that implements a control must read evidence"
        hint = "Read a need, ask persons with attested, or say supports."
        refuse(rule.pass_when, node, "implements-nothing", reason, hint)
    varying = _SUBJECT | needs.keys() | ({"row"} if rule.for_each is not None else set[str]())
    if not _reached([node], dict(rule.lets)) & varying:
        reason = "no evidence can change this answer"
        hint = "Read a need, system or release."
        refuse(rule.pass_when, node, "constant-rule", reason, hint)
