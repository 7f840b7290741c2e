"""A ``where`` that leaves small samples out, where ``enough`` would leave them undecided."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Compare, Name, Node, Select
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

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
_ORDERS: Final = frozenset(("<", "<=", ">", ">="))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every ``where`` that chooses rows by how many trials are behind them."""
    for each in seen.conditions:
        if each.path[-1] != "where":
            continue
        for node in each.nodes:
            if isinstance(node, Compare) and node.op in _ORDERS and _counts(node):
                message = "rows with too few trials are left out, as if nobody had measured them"
                hint = "Put it into enough: of the rule, so that they are unknown(too_few)."
                yield Spot(each.path, message, hint, each.expression, node)


def _counts(node: Compare) -> bool:
    return any(_is_size(side) for side in (node.left, node.right))


def _is_size(node: Node) -> bool:
    return (
        isinstance(node, Select)
        and node.field in _SIZES
        and isinstance(node.operand, Name)
        and node.operand.name == "row"
    )
