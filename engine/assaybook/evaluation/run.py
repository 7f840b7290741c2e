"""Run one expression of a policy: the only door from judging to the back end."""

from collections.abc import Mapping

from assaybook.domain.expression import Expression
from assaybook.domain.finding import TraceNode
from assaybook.domain.values import Unknown, Value, unknown
from assaybook.evaluation.closures import compile_expression
from assaybook.evaluation.trace import Trace, build


def run(expression: Expression, env: Mapping[str, Value]) -> Value:
    """Return what an expression yields in an environment; it never raises."""
    return compile_expression(expression).judge(env, Trace())


def truth(expression: Expression, env: Mapping[str, Value]) -> bool | Unknown:
    """Return the truth of a condition; what is no truth value is an evaluation error."""
    return _truth(expression, run(expression, env))


def traced(expression: Expression, env: Mapping[str, Value]) -> tuple[bool | Unknown, TraceNode]:
    """Return the truth of a condition with the account of how it came about."""
    compiled = compile_expression(expression)
    trace = Trace()
    held = _truth(expression, compiled.judge(env, trace))
    return held, build(expression, compiled.site, trace)


def _truth(expression: Expression, value: Value) -> bool | Unknown:
    if isinstance(value, (bool, Unknown)):
        return value
    return unknown("error:no_overload", expression.text, "the condition is neither true nor false")
