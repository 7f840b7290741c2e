"""What a rule may cost: how deep it goes through lists inside lists."""

from typing import Final

from assaybook.domain.expression import Expression, ListOf, Node, Quantifier
from assaybook.domain.policy import Rule
from assaybook.language.faults import refuse
from assaybook.language.text import children, unparse

MAX_NESTING: Final = 3
"""Most lists gone through inside one another; with 1,000 rows each that is a billion steps."""
_SHOWN: Final = 60


def hold_cost(rule: Rule) -> None:
    """Refuse a rule that goes through more than ``MAX_NESTING`` lists inside one another.

    Raises:
        AuthorError: ``expression-too-costly``; it names the innermost list.
    """
    per_row = 0 if rule.for_each is None else 1
    for _name, expression in rule.lets:
        _hold(expression, 0)
    for part in (rule.where, rule.enough, rule.pass_when):
        if part is not None:
            _hold(part, per_row)


def _hold(expression: Expression, outer: int) -> None:
    pending: list[tuple[Node, int]] = [(expression.node, outer)]
    while pending:
        node, depth = pending.pop()
        if not isinstance(node, Quantifier):
            pending.extend((child, depth) for child in children(node))
            continue
        inner = depth if isinstance(node.over, ListOf) else depth + 1
        if inner > MAX_NESTING:
            name = unparse(node.over)[:_SHOWN]
            reason = (
                f"{name} is gone through inside {depth} other lists; at most {MAX_NESTING} nest"
            )
            hint = "Bind what does not depend on the outer rows with let."
            refuse(expression, node, "expression-too-costly", reason, hint)
        pending.append((node.over, depth))
        pending.extend((part, inner) for part in (node.test, node.body) if part is not None)
