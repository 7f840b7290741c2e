"""``value == 0.95``: computed numbers are hardly ever exactly equal."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Compare
from assaybook.domain.types import ScalarType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "fraction-equality",
    "Fractions are compared with == or !=",
    "Two computations of one number differ in the last digit, so == hardly ever holds and"
    " != nearly always does.",
    "Write >= or <=, or math.abs(a - b) <= 0.001 for nearly equal.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor && row.value != 1.0\n"
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor && row.value < 0.999\n"
    "    fix: Retrain.\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every ``==`` and ``!=`` between numbers of which one may have a fraction."""
    for each in seen.conditions:
        for node in each.nodes:
            if not isinstance(node, Compare) or node.op not in ("==", "!="):
                continue
            kinds = (node.left.type, node.right.type)
            if any(isinstance(kind, ScalarType) and kind.name == "double" for kind in kinds):
                message = f"{node.op} compares fractions, which are hardly ever exactly equal"
                hint = "Write >= or <=, or math.abs(a - b) <= 0.001 for nearly equal."
                yield Spot(each.path, message, hint, each.expression, node)
