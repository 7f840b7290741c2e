"""A place in a policy of which lint has something to say, and the expressions of a policy."""

from collections.abc import Iterator
from itertools import starmap

from assaybook.domain.expression import Expression, Node, Select
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Policy
from assaybook.domain.record import record
from assaybook.domain.types import RecordType
from assaybook.language.source import Path
from assaybook.language.text import walk


@record
class Spot:
    """What is said of one place: a key of the policy or, with both, a part of an expression."""

    path: Path
    message: str
    hint: str
    expression: Expression | None = None
    node: Node | None = None


@record
class Condition:
    """An expression that decides something, where it stands, and all its nodes, parents first."""

    path: Path
    expression: Expression
    nodes: tuple[Node, ...]


@record
class Seen:
    """A policy and its conditions, read once for every check; ``rules`` has those of each rule."""

    policy: Policy
    conditions: tuple[Condition, ...]
    rules: tuple[tuple[Condition, ...], ...]


def seen(policy: Policy) -> Seen:
    """Return a policy as the checks want it."""
    rules = tuple(
        tuple(starmap(_condition, _of_rule(policy, index))) for index in range(len(policy.rules))
    )
    first = starmap(_condition, _before_rules(policy))
    return Seen(policy, (*first, *(each for rule in rules for each in rule)), rules)


def fact_field(node: Node) -> tuple[str, str]:
    """Return the fact type and the field where a node is a field of a row; else two empty texts."""
    row = node.operand.type if isinstance(node, Select) else None
    if isinstance(node, Select) and isinstance(row, RecordType) and row.name in FACT_TYPES:
        return row.name, node.field
    return "", ""


def _condition(path: Path, expression: Expression) -> Condition:
    return Condition(path, expression, tuple(walk(expression.node)))


def _before_rules(policy: Policy) -> Iterator[tuple[Path, Expression]]:
    if policy.applies_when is not None:
        yield ("applies_when",), policy.applies_when
    for need in policy.needs.values():
        for key, condition in (("where", need.where), ("covers", need.covers)):
            if condition is not None:
                yield ("needs", need.name, key), condition


def _of_rule(policy: Policy, index: int) -> Iterator[tuple[Path, Expression]]:
    rule, at = policy.rules[index], ("rules", index)
    for name, let in rule.lets:
        yield (*at, "let", name), let
    for key, part in (
        ("where", rule.where),
        ("enough", rule.enough),
        ("pass_when", rule.pass_when),
    ):
        if part is not None:
            yield (*at, key), part
