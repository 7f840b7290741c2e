"""Trees compiled to closures: the same results as the interpreter, quickly and with a trace.

A closure takes the environment and a frame and leaves its value at its place in the frame. Plain
values take a short path; everything doubtful goes through the operators that the interpreter uses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from assaybook.domain.expression import Expression, Node
from assaybook.domain.values import Value
from assaybook.evaluation.budget import SPENT, TOO_DEEP, BudgetSpentError, cost_of, is_too_deep
from assaybook.evaluation.closures_layout import Layout, Makers
from assaybook.evaluation.closures_lists import LISTS
from assaybook.evaluation.closures_nodes import NODES
from assaybook.evaluation.foresight import is_hopeless, nests_of
from assaybook.evaluation.trace import FIRST_SLOT, UNSEEN, Site, Trace

_CACHED: Final = 4096
_MAKERS: Final[Makers] = {**NODES, **LISTS}


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """An expression ready to be judged many times.

    Attributes:
        judge: what the tree yields in an environment; the trace (a new one for each judgement)
            receives what was seen. It never raises.
        site: the root, for ``trace.build``.
    """

    judge: Callable[[Mapping[str, Value], Trace], Value]
    site: Site


def compile_node(node: Node) -> Compiled:
    """Return the closures of a tree."""
    layout = Layout(_MAKERS)
    if is_too_deep(node):
        return Compiled(_refuse, Site(node, layout.place()))
    run, site = layout.made(node)
    cost, nests = cost_of(node), nests_of(node)
    empty = (None, None, *(UNSEEN,) * (layout.size - FIRST_SLOT))

    def judge(env: Mapping[str, Value], trace: Trace) -> Value:
        trace.frame = frame = [*empty]
        frame[0] = trace
        try:
            if nests and is_hopeless(nests, env):
                return SPENT
            trace.spend(cost)
            return run(env, frame)
        except BudgetSpentError:
            return SPENT

    return Compiled(judge, site)


def _refuse(_env: Mapping[str, Value], trace: Trace) -> Value:
    trace.frame = [trace, None, TOO_DEEP]
    return TOO_DEEP


class _Same:
    """A key that is equal only to itself: comparing whole trees would cost more than judging."""

    __slots__ = ("expression",)

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __hash__(self) -> int:
        return id(self.expression)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.expression is self.expression


@lru_cache(maxsize=_CACHED)
def _compiled(key: _Same) -> Compiled:
    return compile_node(key.expression.node)


def compile_expression(expression: Expression) -> Compiled:
    """Return the closures of an expression, the same ones for the same object."""
    return _compiled(_Same(expression))
