"""``row.result != "fail"``: what was skipped or broke off is not that word either, and passes."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Compare, In, ListOf, Literal_, Node, Not
from assaybook.domain.types import ScalarType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "not-tried-passes",
    "What was skipped or broke off passes",
    "A check is passed, failed, skipped, or it broke off. Whatever did not fail need not have been "
    "tried.",
    'Write == "pass".',
    "needs:\n"
    "  recall: {facts: operation, where: 'row.kind == \"rollback\"', fresh_for: 90d}\n"
    "rules:\n"
    "  - {id: floor, for_each: recall, pass_when: 'row.result != \"fail\"', fix: Hold a drill.}\n"
    "params: {}\n",
    "needs:\n"
    "  recall: {facts: operation, where: 'row.kind == \"rollback\"', fresh_for: 90d}\n"
    "rules:\n"
    "  - {id: floor, for_each: recall, pass_when: 'row.result == \"pass\"', fix: Hold a drill.}\n"
    "params: {}\n",
    level="warning",
)
_NOT_TRIED: Final = frozenset(("error", "skip"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every condition of passing by which a word for what was not tried is as good."""
    for each in seen.conditions:
        if each.path[-1] != "pass_when":
            continue
        for node in each.nodes:
            left = _left_by(node)
            if left:
                words = " and ".join(sorted(left))
                message = f"{words} pass as well: nothing need have been tried"
                yield Spot(each.path, message, 'Write == "pass".', each.expression, node)


def _left_by(node: Node) -> frozenset[str]:
    """Return the words for what was not tried that an exclusion leaves."""
    match node:
        case Compare(op="!=", left=item, right=Literal_(value=str() as word)):
            named = {word}
        case Compare(op="!=", left=Literal_(value=str() as word), right=item):
            named = {word}
        case Not(operand=Compare(op="==", left=item, right=Literal_(value=str() as word))):
            named = {word}
        case Not(operand=In(item=item, container=ListOf(items=parts))):
            named = {str(part.value) for part in parts if isinstance(part, Literal_)}
        case _:
            return frozenset()
    words = item.type.words if isinstance(item.type, ScalarType) else ()
    return _NOT_TRIED.intersection(words or ()) - named
