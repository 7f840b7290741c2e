"""``where: row.slice in params.slices``: a declared slice that has no row at all goes unnoticed."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import And, In, Literal_, Name, Node, Quantifier, Select
from assaybook.domain.policy import Rule
from assaybook.domain.types import ListType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "declared-unseen",
    "What is declared and has no row goes unnoticed",
    "A rule over the rows of declared slices is content with the rows that there are: a slice that "
    "nobody evaluated has none, and does not keep the rule from passing.",
    "Add at_least: size(params.slices), or a rule with params.slices.all(s, recall.exists(...)).",
    "params:\n"
    "  slices: {type: list<string>, stricter: superset}\n"
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    where: row.slice in params.slices\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= 0.8\n"
    "    fix: Retrain.\n",
    "params:\n"
    "  slices: {type: list<string>, stricter: superset}\n"
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    where: row.slice in params.slices\n"
    "    at_least: size(params.slices)\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= 0.8\n"
    "    fix: Retrain.\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every choice of rows by a declared list of which nothing asks for each."""
    asked = {
        _param(node.over)
        for each in seen.conditions
        for node in each.nodes
        if isinstance(node, Quantifier) and node.kind == "all"
    }
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        if rule.for_each is None or _asks_for_several(rule):
            continue
        for each in conditions:
            if each.path[-1] != "where":
                continue
            for node in _joined(each.expression.node):
                name = _chosen_by(node)
                if name and name not in asked:
                    message = f"an entry of params.{name} without a row goes unnoticed"
                    hint = f"Add at_least: size(params.{name})."
                    yield Spot(each.path, message, hint, each.expression, node)


def _asks_for_several(rule: Rule) -> bool:
    """Tell whether a rule says how many rows it wants; one is what every rule wants."""
    least = rule.at_least.node if rule.at_least is not None else None
    return least is not None and not (isinstance(least, Literal_) and least.value == 1)


def _joined(node: Node) -> Iterator[Node]:
    if isinstance(node, And):
        yield from _joined(node.left)
        yield from _joined(node.right)
    else:
        yield node


def _chosen_by(node: Node) -> str:
    """Return the param whose entries a condition chooses rows by; empty for any other."""
    if not isinstance(node, In) or not isinstance(node.item, Select):
        return ""
    place = node.item.operand
    return _param(node.container) if isinstance(place, Name) and place.name == "row" else ""


def _param(node: Node) -> str:
    """Return the name of the param that a list is; empty for any other node."""
    if not isinstance(node, Select) or not isinstance(node.type, ListType):
        return ""
    place = node.operand
    return node.field if isinstance(place, Name) and place.name == "params" else ""
