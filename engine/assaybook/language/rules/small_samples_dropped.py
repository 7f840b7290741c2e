"""A ``where`` that leaves small samples out, where ``enough`` would leave them undecided."""

from collections.abc import Iterator, Sequence
from typing import Final

from assaybook.domain.expression import ORDERS, Compare, Node, Quantifier
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Condition, Seen, Spot, fact_field
from assaybook.language.text import walk

RULE: Final = LintRule(
    "small-samples-dropped",
    "Rows with few trials are left out by a where",
    "Left out is as if nobody had measured them: the group with too few cases vanishes "
    "from the finding instead of standing there undecided.",
    "Put the condition into enough: of the rule, so that such rows are unknown(too_few).",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    where: row.n >= 50\n"
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
_SIZES: Final = frozenset(("n", "n_rows", "n_reference", "n_current", "examined", "attempts"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every choice of rows by how many trials are behind them.

    A rule with ``enough`` may filter: it says itself what becomes of the rest.
    """
    needs = (each for each in seen.conditions if each.path[0] == "needs")
    for each in needs:
        yield from _spots(each, each.nodes if each.path[-1] == "where" else ())
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        for each in conditions:
            if each.path[-1] == "where":
                yield from _spots(each, each.nodes)
            elif rule.enough is None:
                yield from _spots(each, tuple(_kept(each.nodes)))


def _spots(each: Condition, nodes: Sequence[Node]) -> Iterator[Spot]:
    for node in nodes:
        if isinstance(node, Compare) and node.op in ORDERS and _counts(node):
            message = "rows with too few trials are left out, as if nobody had measured them"
            hint = "Put it into enough: of the rule, so that they are unknown(too_few)."
            yield Spot(each.path, message, hint, each.expression, node)


def _kept(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield what the rows of a list must be that are then all judged."""
    for node in nodes:
        if isinstance(node, Quantifier) and node.kind == "all":
            over = node.over
            while isinstance(over, Quantifier) and over.kind == "filter":
                yield from walk(over.body)
                over = over.over


def _counts(node: Compare) -> bool:
    return any(fact_field(side)[1] in _SIZES for side in (node.left, node.right))
