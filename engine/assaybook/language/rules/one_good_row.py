"""``exists(m, m.value >= floor)``, or the greatest of all: one good row hides every bad one."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import ORDERS, Call, Compare, Name, Node, Quantifier, Select
from assaybook.domain.types import ScalarType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot
from assaybook.language.text import walk

RULE: Final = LintRule(
    "one-good-row",
    "One row that is good enough lets a rule pass",
    "exists, or the greatest value held to a floor, is content with one slice or run over the "
    "limit, and hides every other under it.",
    "Write .all(r, ...), or for_each, which want it of every row.",
    "rules:\n"
    "  - id: floor\n"
    "    enough: recall.all(r, r.n >= 50)\n"
    "    pass_when: recall.exists(r, r.value >= params.floor)\n"
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    enough: recall.all(r, r.n >= 50)\n"
    "    pass_when: recall.all(r, r.value >= params.floor)\n"
    "    fix: Retrain.\n",
    level="warning",
)
_LEAST: Final = "math.least"
_GREATEST: Final = "math.greatest"
_BEST_LEFT: Final = {"<": _LEAST, "<=": _LEAST, ">": _GREATEST, ">=": _GREATEST}
_BEST_RIGHT: Final = {">": _LEAST, ">=": _LEAST, "<": _GREATEST, "<=": _GREATEST}
"""By operator, the function of which one value is enough for a comparison to hold."""
_MEASURED: Final = frozenset(("value", "rate", "failed_share", "advantage", "attacked_value"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every ``exists`` of a ``pass_when`` that holds a measured value to a limit."""
    for each in seen.conditions:
        if each.path[-1] != "pass_when":
            continue
        for node in each.nodes:
            limit = _limit(node) or _of_the_best(node)
            if limit is not None:
                message = "one row that is good enough lets the rule pass, whatever others say"
                hint = "Write .all(r, ...), or for_each, which want it of every row."
                yield Spot(each.path, message, hint, each.expression, limit)


def _limit(node: Node) -> Node | None:
    if not isinstance(node, Quantifier) or node.kind != "exists":
        return None
    for part in walk(node.body):
        if isinstance(part, Compare) and part.op in ORDERS:
            sides = (part.left, part.right)
            if any(_is_measured(side, node.variable) for side in sides):
                return part
    return None


def _of_the_best(node: Node) -> Node | None:
    """Return a comparison that only the best of several values has to keep."""
    if not isinstance(node, Compare):
        return None
    for side, ops in ((node.left, _BEST_LEFT), (node.right, _BEST_RIGHT)):
        if isinstance(side, Call) and ops.get(node.op) == side.function and len(side.args) == 1:
            return node
    return None


def _is_measured(node: Node, variable: str) -> bool:
    return (
        isinstance(node, Select)
        and node.field in _MEASURED
        and isinstance(node.operand, Name)
        and node.operand.name == variable
        and isinstance(node.type, ScalarType)
    )
