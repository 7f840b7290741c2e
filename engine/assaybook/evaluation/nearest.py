"""Which condition of a need the rows that come nearest to it do not meet; it decides nothing."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from assaybook.domain.expression import Compare, Expression, In, Name, Node, Select, chained
from assaybook.domain.values import Row, Value
from assaybook.evaluation.closures import Compiled, compile_node
from assaybook.evaluation.trace import Trace

_MOST_ROWS: Final = 500
_MOST_VALUES: Final = 3


def why_none_matches(
    where: Expression | None, rows: Sequence[Value], env: Mapping[str, Value], facts: str
) -> str:
    """Return as a clause why no row of some matches ``where``; only the first 500 are looked at.

    Conditions are tried in their order; the first that leaves no row is the one that is named.
    """
    kind = facts.replace("_", " ")
    if where is None or not rows:
        return f"there is no {kind} row in the evidence"
    nodes = list(chained(where.node))
    left = [list(rows[:_MOST_ROWS])]
    for node in nodes:
        left.append([one for one in left[-1] if _holds(node, {**env, "row": one})])
    step = next((number for number, kept in enumerate(left) if not kept), len(nodes)) - 1
    node, near = nodes[step], left[step]
    asked = " ".join(where.text[node.start : node.end].split())
    whole = len(near) == len(rows)
    which = f"no {kind} row" if whole else f"none of the nearest {len(near)} {kind} rows"
    told = "; ".join([*_seen(node, near), *_wanted(node, env)])
    return f"{which} has {asked}{f' ({told})' if told else ''}"


def _holds(node: Node, env: Mapping[str, Value]) -> bool:
    """Tell whether a part of a condition is not false, unseen by whoever watches judgements."""
    return _part(node).judge(env, Trace()) is not False


@lru_cache(maxsize=256)
def _part(node: Node) -> Compiled:
    return compile_node(node)


def _seen(node: Node, rows: Sequence[Value]) -> Iterator[str]:
    """Yield what the rows have in the field that a condition compares, where it is one field."""
    field = _field(node)
    values = [one.values.get(field) for one in rows if isinstance(one, Row)]
    if field and all(isinstance(value, str) for value in values):
        told = sorted({f'"{value}"' for value in values})
        more = f" and {len(told) - _MOST_VALUES} more" if len(told) > _MOST_VALUES else ""
        yield f"{field} is {', '.join(told[:_MOST_VALUES])}{more}"


def _wanted(node: Node, env: Mapping[str, Value]) -> Iterator[str]:
    """Yield the text that a param has by which a condition asks for a row."""
    side = node.right if isinstance(node, Compare) else None
    params = env.get("params")
    if isinstance(side, Select) and isinstance(side.operand, Name) and isinstance(params, Row):
        value = params.values.get(side.field) if side.operand.name == "params" else None
        if isinstance(value, str):
            yield f'params.{side.field} is "{value}"'


def _field(node: Node) -> str:
    side = node.left if isinstance(node, Compare) else None
    side = node.item if isinstance(node, In) else side
    if not isinstance(side, Select) or not isinstance(side.operand, Name):
        return ""
    return side.field if side.operand.name == "row" else ""
