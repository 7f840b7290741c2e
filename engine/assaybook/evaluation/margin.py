"""How far a comparison is from turning: the nearest value, or the number of trials that would do.

Read off the account of a judgement, which holds what each part came to; nothing is judged again.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Call, Compare, CompareOp, Literal_, Node
from assaybook.evaluation.functions_stats import wilson
from assaybook.language.parser import parse

MOST_TRIALS: Final = 100_000_000
"""Beyond it nobody collects more."""
_MIRRORED: Final[Mapping[CompareOp, CompareOp]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS: Final = {"stats.wilson_lower": -1, "stats.wilson_upper": 1}


class Margin(Frozen):
    """How a comparison stands to its limit.

    Attributes:
        text: the side that was observed, as written.
        value: what it came to.
        op: how it is compared with the limit.
        limit: what the other side came to.
        trials: for the bound of an interval at the same rate, the least number of trials that
            would turn the comparison true; None where no number would, or it is true.
        trials_now: trials behind the value; None where the value is no such bound.
    """

    text: str
    value: float
    op: CompareOp
    limit: float
    trials: int | None = None
    trials_now: int | None = None

    @property
    def distance(self) -> float:
        """Return the distance between value and limit, never negative."""
        return abs(self.limit - self.value)


def margin_of(text: str, observed: Mapping[str, JsonValue]) -> Margin | None:
    """Return the margin of a clause; None where it compares no two numbers.

    Args:
        text: the clause as written.
        observed: what its parts came to, by their text as written.
    """
    try:
        expression = parse(text)
    except AuthorError:
        return None
    node = expression.node
    if not isinstance(node, Compare) or node.op not in _MIRRORED:
        return None

    def number(part: Node) -> float | None:
        if isinstance(part, Literal_):
            value: object = part.value
        else:
            value = observed.get(expression.text[part.start : part.end])
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number else None  # type: ignore[return-value]

    left, right = number(node.left), number(node.right)
    if left is None or right is None:
        return None
    turned = isinstance(node.left, Literal_)
    side, value, limit = (node.right, right, left) if turned else (node.left, left, right)
    op = _MIRRORED[node.op] if turned else node.op
    found = Margin(text=expression.text[side.start : side.end], value=value, op=op, limit=limit)
    if isinstance(side, Call) and side.function in _SIGNS:
        rate, trials, level = map(number, side.args)
        if rate is not None and trials is not None and level is not None:
            needed = _trials(side.function, rate, level, found)
            return found.model_copy(update={"trials": needed, "trials_now": int(trials)})
    return found


def _holds(value: float, op: CompareOp, limit: float) -> bool:
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[op]


def _trials(function: str, rate: float, level: float, margin: Margin) -> int | None:
    """Return the least trials at a rate for which the bound holds, where it does not hold now.

    The interval narrows as trials grow, so halving finds it.
    """

    def holds(trials: int) -> bool:
        bound = wilson(function, _SIGNS[function], rate, trials, level)
        return isinstance(bound, float) and _holds(bound, margin.op, margin.limit)

    if _holds(margin.value, margin.op, margin.limit) or not holds(MOST_TRIALS):
        return None
    low, high = 1, MOST_TRIALS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
