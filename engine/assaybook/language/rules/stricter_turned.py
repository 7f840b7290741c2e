"""A limit whose stated way of being stricter is the one that makes it milder."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import (
    And,
    Compare,
    Conditional,
    Expression,
    In,
    Node,
    Not,
    Or,
    Quantifier,
    param_named,
)
from assaybook.domain.policy import Policy
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot
from assaybook.language.text import walk

RULE: Final = LintRule(
    "stricter-turned",
    "The way that is called stricter makes a limit milder",
    "An overlay may tighten a param without a reason. Called the wrong way round, it lets an "
    "overlay relax the rule, and no report says so.",
    "Turn stricter: round, or the comparison.",
    "params:\n  floor: {type: ratio, default: 0.8, stricter: lower}\n",
    "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    level="warning",
)
_RAISED: Final = {">": "higher", ">=": "higher", "<": "lower", "<=": "lower"}
"""What makes ``x op param`` harder to hold."""
_TURNED: Final = {"higher": "lower", "lower": "higher", "superset": "subset", "subset": "superset"}
_CHANGES: Final = {
    "higher": "raise {}",
    "lower": "lower {}",
    "superset": "add to {}",
    "subset": "take from {}",
}
_JUDGING: Final = frozenset(("pass_when", "enough"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every param of which each use says that the other way is stricter."""
    uses: dict[str, set[str]] = {}
    for each in seen.conditions:
        judging = each.path[-1] in _JUDGING
        found = _uses(each.expression.node, holds=True) if judging else _unclear(each.nodes)
        for name, way in found:
            uses.setdefault(name, set()).add(way)
    for name, way in _of_needs(seen.policy):
        uses.setdefault(name, set()).add(way)
    for param in seen.policy.params.values():
        ways = uses.get(param.name, set())
        if param.stricter is not None and ways == {_TURNED[param.stricter]}:
            (right,) = ways
            change = _CHANGES[param.stricter].format(param.name)
            message = f"to {change} counts as stricter, and makes the rules milder"
            hint = f"Write stricter: {right}, or turn the condition that uses it."
            yield Spot(("params", param.name), message, hint)


def _of_needs(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield the params by which needs take less evidence, with what makes them take less."""
    for need in policy.needs.values():
        of = need.of if isinstance(need.of, Expression) else None
        ways = (need.fresh_for, "lower"), (need.within, "lower"), (need.may_skip, "subset")
        for expression, way in (*ways, (of, "superset")):
            if expression is not None:
                yield from _listed(expression.node, way, holds=True)


def _uses(node: Node, *, holds: bool) -> Iterator[tuple[str, str]]:
    """Yield each param with what makes the condition harder to hold; nothing is what is unclear."""
    match node:
        case And(left=left, right=right) | Or(left=left, right=right):
            yield from _uses(left, holds=holds)
            yield from _uses(right, holds=holds)
        case Not(operand=inner):
            yield from _uses(inner, holds=not holds)
        case Conditional(test=test, then=then, other=other):
            yield from _unclear(walk(test))
            yield from _uses(then, holds=holds)
            yield from _uses(other, holds=holds)
        case Quantifier(kind="all" | "exists", over=over, body=body):
            yield from _listed(over, "superset" if node.kind == "all" else "subset", holds=holds)
            yield from _uses(body, holds=holds)
        case In(item=item, container=container):
            yield from _unclear(walk(item))
            yield from _listed(container, "subset", holds=holds)
        case Compare(op=op, left=left, right=right) if op in _RAISED:
            yield from _listed(right, _RAISED[op], holds=holds)
            yield from _listed(left, _TURNED[_RAISED[op]], holds=holds)
        case _:
            yield from _unclear(walk(node))


def _listed(node: Node, way: str, *, holds: bool) -> Iterator[tuple[str, str]]:
    """Yield a side that is a param itself, with its way; of any other the params are unclear."""
    name = param_named(node)
    if name:
        yield name, way if holds else _TURNED[way]
    else:
        yield from _unclear(walk(node))


def _unclear(nodes: "Iterator[Node] | tuple[Node, ...]") -> Iterator[tuple[str, str]]:
    yield from ((name, "") for name in map(param_named, nodes) if name)
