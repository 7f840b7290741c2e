"""``where: row.slice in params.slices``: a slice that has no row at all goes unnoticed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from assaybook.domain.expression import (
    Call,
    Compare,
    In,
    ListOf,
    Literal_,
    Name,
    Node,
    Or,
    Quantifier,
    Select,
    chained,
)
from assaybook.domain.policy import Rule
from assaybook.domain.types import ListType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Condition, Seen, Spot, fact_field
from assaybook.language.text import unparse

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


_NAMING: Final[Mapping[str, frozenset[str]]] = {
    "attack": frozenset(("family", "name")),
    "data_check": frozenset(("check", "column")),
    "documentation": frozenset(("topic",)),
    "drift": frozenset(("column",)),
    "metric": frozenset(("name", "slice")),
}
"""By fact type, the columns that name what was looked at."""


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every choice of rows by a list, be it written out, of which nothing asks for each."""
    asked = {name for each in seen.conditions for name in _asked(each)}
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        if _asks_for_several(rule):
            continue
        for each, node in _choices(rule, conditions, seen):
            name = _chosen_by(node)
            if name and name not in asked:
                message = f"an entry of params.{name} without a row goes unnoticed"
                way = f"at_least: size(params.{name})" if rule.for_each else _every(name, rule)
                yield Spot(each.path, message, f"Add {way}.", each.expression, node)
            count = _named(node)
            if count > 1:
                message = f"one of these {count} is enough: the others need not have a row"
                hint = f"Add at_least: {count} to for_each, or a rule for each of them."
                yield Spot(each.path, message, hint, each.expression, node)


def _every(name: str, rule: Rule) -> str:
    rows = rule.needs[0]
    return f"a rule with params.{name}.all(p, {rows}.exists(r, ...))"


def _asked(each: Condition) -> Iterator[str]:
    """Yield the params of which a condition wants every entry, or counts the entries."""
    for node in each.nodes:
        if isinstance(node, Quantifier) and node.kind == "all":
            yield _param(node.over)
        elif isinstance(node, Call) and node.function == "size":
            yield _param(node.args[0])


def _choices(
    rule: Rule, conditions: Sequence[Condition], seen: Seen
) -> Iterator[tuple[Condition, Node]]:
    """Yield each statement by which a rule chooses rows that must all be good."""
    wanted = {node.name for node in _all_of(rule, conditions) if isinstance(node, Name)}
    for each in seen.conditions:
        if each.path[0] == "needs" and each.path[1] in wanted and each.path[-1] == "where":
            asked = seen.policy.needs[str(each.path[1])].of is not None
            yield from ((each, node) for node in chained(each.expression.node) if not asked)
    for each in conditions:
        if rule.for_each is not None and each.path[-1] == "where":
            yield from ((each, node) for node in chained(each.expression.node))
        found = [_found_in(node) for node in each.nodes]
        for node in each.nodes:
            if isinstance(node, Quantifier) and node.kind in ("filter", "map"):
                kept = node.body if node.kind == "filter" else node.test
                if kept is not None and node not in found and not _may_be_empty(node.over):
                    yield from ((each, part) for part in chained(kept))


def _found_in(node: Node) -> Node | None:
    """Return the list of which a node wants one row or the number; None for any other."""
    if isinstance(node, Quantifier) and node.kind in ("exists", "only"):
        return node.over
    return node.args[0] if isinstance(node, Call) and node.function == "size" else None


def _all_of(rule: Rule, conditions: Sequence[Condition]) -> Iterator[Node]:
    """Yield the lists of which a rule wants every row."""
    if rule.for_each is not None:
        yield rule.for_each.node
    for each in conditions:
        if each.path[-1] == "pass_when":
            yield from (n.over for n in each.nodes if isinstance(n, Quantifier) and n.kind == "all")


def _may_be_empty(node: Node) -> bool:
    return isinstance(node.type, ListType) and node.type.may_be_empty


def _asks_for_several(rule: Rule) -> bool:
    """Tell whether a rule says how many rows it wants; one is what every rule wants."""
    least = rule.at_least.node if rule.at_least is not None else None
    return least is not None and not (isinstance(least, Literal_) and least.value == 1)


def _chosen_by(node: Node) -> str:
    """Return the param whose entries a condition chooses rows by; empty for any other."""
    if not isinstance(node, In):
        return ""
    return _param(node.container) if fact_field(node.item)[0] else ""


def _named(node: Node) -> int:
    """Return how many things a condition names of which rows may be; 0 for any other."""
    if isinstance(node, In) and isinstance(node.container, ListOf):
        return len(node.container.items) if _names_what(node.item) else 0
    if isinstance(node, Or):
        parts = tuple(_alternatives(node))
        fields = {unparse(part.left) for part in parts if isinstance(part, Compare)}
        equal = all(isinstance(part, Compare) and part.op == "==" for part in parts)
        named = all(isinstance(part, Compare) and _names_what(part.left) for part in parts)
        return len(parts) if equal and named and len(fields) == 1 else 0
    return 0


def _alternatives(node: Node) -> Iterator[Node]:
    if isinstance(node, Or):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    else:
        yield node


def _names_what(node: Node) -> bool:
    facts, field = fact_field(node)
    return field in _NAMING.get(facts, ())


def _param(node: Node) -> str:
    """Return the name of the param that a list is; empty for any other node."""
    if not isinstance(node, Select) or not isinstance(node.type, ListType):
        return ""
    place = node.operand
    return node.field if isinstance(place, Name) and place.name == "params" else ""
