"""``recall <= 0.8``: a limit on the wrong side of a metric, by which the worse value passes."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import And, Compare, Name, Node, Not, Or, Quantifier, Select
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Policy, Rule
from assaybook.language.environment import fixed_words
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "limit-turned",
    "A limit lets the worse values of a metric pass",
    "Of recall more is better, of an error less. A limit on the other side passes what it should "
    "stop.",
    "Turn the comparison round: recall from below with >=, an error from above with <=.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value <= 0.8\n"
    "    fix: Retrain.\n"
    "params: {}\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= 0.8\n"
    "    fix: Retrain.\n"
    "params: {}\n",
    level="warning",
)
_WANTS: Final = {">": "higher", ">=": "higher", "<": "lower", "<=": "lower"}
"""Which values ``value op limit`` lets pass."""
_TURNED: Final = {"higher": "lower", "lower": "higher"}


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every condition that limits a value on the side of the worse ones alone."""
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        better = _better(rule, seen.policy)
        if not better:
            continue
        for each in conditions:
            if each.path[-1] != "pass_when":
                continue
            limits = tuple(_limits(each.expression.node, holds=True))
            if limits and all(wants != better for _node, wants in limits):
                word = "more" if better == "higher" else "less"
                message = f"{word} of this metric is better, and only the rest passes"
                hint = "Turn the comparison round."
                yield Spot(each.path, message, hint, each.expression, limits[0][0])


def _better(rule: Rule, policy: Policy) -> str:
    """Return which way the metrics that a rule reads are better; empty where they differ."""
    ways: set[str | None] = set()
    for name in rule.needs:
        need = policy.needs[name]
        words = need.where and fixed_words(need.where.node, "row", "name")
        if need.facts != "metric" or not words:
            return ""
        ways |= {METRICS[word].direction if word in METRICS else None for word in words}
    (way,) = ways if len(ways) == 1 else (None,)
    return way or ""


def _limits(node: Node, *, holds: bool) -> Iterator[tuple[Node, str]]:
    """Yield each comparison of a value with something, with the values that keep it."""
    match node:
        case And(left=left, right=right) | Or(left=left, right=right):
            yield from _limits(left, holds=holds)
            yield from _limits(right, holds=holds)
        case Not(operand=inner):
            yield from _limits(inner, holds=not holds)
        case Quantifier(kind="all" | "exists", body=body):
            yield from _limits(body, holds=holds)
        case Compare(op=op, left=left, right=right) if op in _WANTS:
            if _is_value(left) != _is_value(right):
                keeps = _WANTS[op] if _is_value(left) == holds else _TURNED[_WANTS[op]]
                yield node, keeps
        case _:
            pass


def _is_value(node: Node) -> bool:
    return isinstance(node, Select) and node.field == "value" and isinstance(node.operand, Name)
