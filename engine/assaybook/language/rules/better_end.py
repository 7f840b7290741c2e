"""``wilson_upper(recall) >= 0.8``: few trials move the better end of an interval most."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import (
    And,
    Call,
    Compare,
    Conditional,
    Node,
    Not,
    Or,
    Quantifier,
)
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "better-end",
    "The better end of an interval is held to a limit",
    "The fewer the trials, the wider the interval: its better end passes with five trials what it "
    "would not with five hundred. The worse end asks for a proof.",
    "Hold wilson_lower to a floor, and wilson_upper to a ceiling.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: stats.wilson_upper(row.value, row.n, 0.95) >= params.floor\n"
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: stats.wilson_lower(row.value, row.n, 0.95) >= params.floor\n"
    "    fix: Retrain.\n",
    level="warning",
)
_ENDS: Final = {"stats.wilson_lower": "lower", "stats.wilson_upper": "upper"}
_KEPT: Final = {">": "upper", ">=": "upper", "<": "lower", "<=": "lower"}
"""The end that ``end op limit`` asks least of."""
_OTHER: Final = {"upper": "lower", "lower": "upper"}


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every limit on the end of an interval that is the better one."""
    for each in seen.conditions:
        if each.path[-1] != "pass_when":
            continue
        for node, end in _limits(each.expression.node, holds=True):
            message = f"the {end} end of the interval is the better one here: few trials pass"
            hint = f"Compare stats.wilson_{_OTHER[end]}(...)."
            yield Spot(each.path, message, hint, each.expression, node)


def _limits(node: Node, *, holds: bool) -> Iterator[tuple[Node, str]]:
    """Yield each comparison of an end that is the better one, and which it is."""
    match node:
        case And(left=left, right=right) | Or(left=left, right=right):
            yield from _limits(left, holds=holds)
            yield from _limits(right, holds=holds)
        case Not(operand=inner):
            yield from _limits(inner, holds=not holds)
        case Conditional(then=then, other=other):
            yield from _limits(then, holds=holds)
            yield from _limits(other, holds=holds)
        case Quantifier(kind="all" | "exists", body=body):
            yield from _limits(body, holds=holds)
        case Compare(op=op, left=left, right=right) if op in _KEPT:
            first, second = _end(left), _end(right)
            kept = _KEPT[op] if holds else _OTHER[_KEPT[op]]
            if first and not second and first == kept:
                yield node, first
            elif second and not first and second != kept:
                yield node, second
        case _:
            pass


def _end(node: Node) -> str:
    return _ENDS.get(node.function, "") if isinstance(node, Call) else ""
