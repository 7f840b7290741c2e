"""A place in a policy of which lint has something to say, and the expressions of a policy."""

from collections.abc import Iterator

from assaybook.domain.expression import Expression, Node
from assaybook.domain.policy import Policy
from assaybook.domain.record import record
from assaybook.language.source import Path


@record
class Spot:
    """What is said of one place: a key of the policy or, with both, a part of an expression."""

    path: Path
    message: str
    hint: str
    expression: Expression | None = None
    node: Node | None = None


def conditions(policy: Policy) -> Iterator[tuple[Path, Expression]]:
    """Yield every condition of a policy with its path, as the file has them."""
    if policy.applies_when is not None:
        yield ("applies_when",), policy.applies_when
    for need in policy.needs.values():
        for key, condition in (("where", need.where), ("covers", need.covers)):
            if condition is not None:
                yield ("needs", need.name, key), condition
    for index in range(len(policy.rules)):
        yield from rule_conditions(policy, index)


def rule_conditions(policy: Policy, index: int) -> Iterator[tuple[Path, Expression]]:
    """Yield every expression that decides a rule, lets first, with its path."""
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
