"""``where: row.value >= 0.5``: rows that are worse are not judged, as if nobody had seen them."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import ORDERS, Compare, Node, Quantifier
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Condition, Seen, Spot, fact_field
from assaybook.language.text import walk

RULE: Final = LintRule(
    "worse-left-out",
    "Rows are chosen by the value that they are judged by",
    "What a where or a filter leaves out is not judged. A choice by the measured value leaves out "
    "the rows that are too bad, or too good, to count, and the rule passes on the rest.",
    "Judge every row: put the comparison into pass_when.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    where: row.value >= 0.5\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    level="warning",
)
_MEASURED: Final = frozenset(("value", "rate", "failed_share", "advantage", "attacked_value"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every choice of rows by a measured value that a rule judges too."""
    judged = {
        side
        for conditions in seen.rules
        for each in conditions
        if each.path[-1] == "pass_when"
        for node in each.nodes
        for side in _sides(node)
    }
    for each in seen.conditions:
        for node in _choices(each):
            if _sides(node) & judged:
                message = "rows are left out by the value that they are to be judged by"
                yield Spot(
                    each.path, message, "Put it into pass_when: of the rule.", each.expression, node
                )


def _choices(each: Condition) -> Iterator[Node]:
    if each.path[-1] == "where":
        yield from each.nodes
        return
    for node in each.nodes:
        if isinstance(node, Quantifier) and node.kind == "all":
            over = node.over
            while isinstance(over, Quantifier) and over.kind == "filter":
                yield from walk(over.body)
                over = over.over


def _sides(node: Node) -> frozenset[tuple[str, str]]:
    """Return the measured fields that a node holds to something."""
    if not isinstance(node, Compare) or node.op not in ORDERS:
        return frozenset()
    fields = (fact_field(side) for side in (node.left, node.right))
    return frozenset(one for one in fields if one[1] in _MEASURED)
