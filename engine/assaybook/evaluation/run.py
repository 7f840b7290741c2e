"""Run one expression of a policy: the only door from judging to the back end."""

from collections.abc import Mapping

from assaybook.domain.expression import Expression
from assaybook.domain.values import Unknown, Value, unknown
from assaybook.evaluation.interpret import interpret


def run(expression: Expression, env: Mapping[str, Value]) -> Value:
    """Return what an expression yields in an environment; it never raises."""
    return interpret(expression.node, env)


def truth(expression: Expression, env: Mapping[str, Value]) -> bool | Unknown:
    """Return the truth of a condition; what is no truth value is an evaluation error."""
    value = run(expression, env)
    if isinstance(value, (bool, Unknown)):
        return value
    return unknown("error:no_overload", expression.text, "the condition is neither true nor false")
