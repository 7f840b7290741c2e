"""Run one expression of a policy: the only door from judging to the back end."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeAlias

from assaybook.domain.expression import Expression, Node, Quantifier, chained
from assaybook.domain.finding import TraceNode
from assaybook.domain.values import Conflict, Unknown, Value, unknown
from assaybook.evaluation.closures import compile_expression
from assaybook.evaluation.operators import truth_of
from assaybook.evaluation.trace import Site, Trace, build

Watcher: TypeAlias = Callable[[Expression, Site, Trace], None]
"""Is shown each judgement of an expression, and cannot change it."""
_WATCHER: Final[ContextVar[Watcher | None]] = ContextVar("watcher", default=None)


def run(expression: Expression, env: Mapping[str, Value]) -> Value:
    """Return what an expression yields in an environment; it never raises."""
    return _judged(expression, env, Trace())


@contextmanager
def watched(watcher: Watcher) -> Generator[None]:
    """Show a watcher every judgement that is made meanwhile, as for the coverage of cases."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def is_watched() -> bool:
    """Tell whether somebody is shown the judgements, so that each must be made."""
    return _WATCHER.get() is not None


def _judged(expression: Expression, env: Mapping[str, Value], trace: Trace) -> Value:
    compiled = compile_expression(expression)
    value = compiled.judge(env, trace)
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(expression, compiled.site, trace)
    return value


def truth(expression: Expression, env: Mapping[str, Value]) -> bool | Unknown:
    """Return the truth of a condition; what is no truth value is an evaluation error."""
    return _truth(expression, run(expression, env))


def traced(expression: Expression, env: Mapping[str, Value]) -> tuple[bool | Unknown, TraceNode]:
    """Return the truth of a condition with the account of how it came about.

    Where ``all`` is false of one entry, the account tells of every entry for which it is.
    """
    compiled, trace = compile_expression(expression), Trace()
    held = _truth(expression, _judged(expression, env, trace))
    if held is False and any(map(_is_all, chained(expression.node))):
        whole = Trace(whole=True)  # with steps of its own: what decides is the first
        if compiled.judge(env, whole) is False:
            trace = whole
    return held, build(expression, compiled.site, trace)


def _is_all(node: Node) -> bool:
    return isinstance(node, Quantifier) and node.kind == "all"


def _truth(expression: Expression, value: Value) -> bool | Unknown:
    if isinstance(value, (bool, Unknown)):
        return value
    if isinstance(value, Conflict):
        return truth_of(value, expression.text)
    return unknown("error:no_overload", expression.text, "the condition is neither true nor false")
