"""``age(x) <= limit``: what is still to come is of a negative age, and passes."""

from collections.abc import Iterator, Sequence
from typing import Final

from assaybook.domain.expression import Call, Compare, Name, Node, Select
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "still-to-come",
    "What is planned counts as done",
    "age is negative for an instant that is still to come, and so under every limit: a drill that "
    "is planned for December would pass as one that was held.",
    'Add age(...) >= duration("0s").',
    "needs:\n"
    "  recall: {facts: operation, where: 'row.kind == \"rollback\"', fresh_for: 90d}\n"
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    '    pass_when: row.result == "pass" && age(row.tested_at) <= duration("90d")\n'
    "    fix: Hold a drill.\n"
    "params: {}\n",
    "needs:\n"
    "  recall: {facts: operation, where: 'row.kind == \"rollback\"', fresh_for: 90d}\n"
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    pass_when: >-\n"
    '      row.result == "pass" && age(row.tested_at) <= duration("90d")\n'
    '      && age(row.tested_at) >= duration("0s")\n'
    "    fix: Hold a drill.\n"
    "params: {}\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every age that a condition limits from above and not from below."""
    for each in seen.conditions:
        for node, of in _under_limit(each.nodes):
            if of not in {other for _, other in _over_limit(each.nodes)}:
                message = "what is still to come passes too: its age is negative"
                hint = 'Add age(...) >= duration("0s").'
                yield Spot(each.path, message, hint, each.expression, node)


def _under_limit(nodes: Sequence[Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    yield from _limited(nodes, ("<", "<="), (">", ">="))


def _over_limit(nodes: Sequence[Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    yield from _limited(nodes, (">", ">="), ("<", "<="))


def _limited(
    nodes: Sequence[Node], left: Sequence[str], right: Sequence[str]
) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Yield each comparison of an age, by the operator on its side, with the place it is of."""
    for node in nodes:
        if isinstance(node, Compare):
            for side, ops in ((node.left, left), (node.right, right)):
                if node.op in ops and isinstance(side, Call) and side.function == "age":
                    yield node, _place(side.args[0])


def _place(node: Node) -> tuple[str, ...]:
    if isinstance(node, Select):
        return (*_place(node.operand), node.field)
    return (node.name,) if isinstance(node, Name) else (f"{node.start}",)
