"""Lists inside lists whose steps only luck could keep within the budget: refused before they begin.

A list that is gone through may be decided by its first row, so an expression may begin although it
could cost more than it may. Where the worst case is many budgets away, it would spend its budget
almost surely, and which rows come first would decide whether it does; so it is refused at once.
"""

from collections.abc import Mapping
from typing import Final

from assaybook.domain.expression import Name, Node, Quantifier
from assaybook.domain.record import record
from assaybook.domain.values import Bag, Value
from assaybook.evaluation.budget import DEFAULT_STEPS, children_of, row_cost

HOPELESS: Final = 50 * DEFAULT_STEPS
"""Steps of the worst case from which on an expression does not begin."""


@record
class Nest:
    """Lists by name that are gone through inside one another, and the steps of the innermost."""

    lists: tuple[str, ...]
    cost: int


def nests_of(node: Node) -> tuple[Nest, ...]:
    """Return where an expression goes through named lists inside one another, at least two."""
    found: list[Nest] = []
    pending: list[tuple[Node, tuple[str, ...]]] = [(node, ())]
    while pending:
        one, outer = pending.pop()
        pending.extend((each, outer) for each in children_of(one))
        if not isinstance(one, Quantifier):
            continue
        inner = (*outer, one.over.name) if isinstance(one.over, Name) else outer
        if len(inner) > 1:
            found.append(Nest(inner, row_cost(one)))
        parts = (one.body,) if one.test is None else (one.test, one.body)
        pending.extend((each, inner) for each in parts)
    return tuple(found)


def is_hopeless(nests: tuple[Nest, ...], env: Mapping[str, Value]) -> bool:
    """Tell whether some lists are so long that going through them all would take for ever."""
    return any(_steps(nest, env) > HOPELESS for nest in nests)


def _steps(nest: Nest, env: Mapping[str, Value]) -> int:
    steps = nest.cost
    for name in nest.lists:
        found = env.get(name)
        if isinstance(found, Bag):
            steps *= max(1, len(found.members))
    return steps
