"""``row.slice != "x" || ...``: rows of other slices pass unseen, and none of the slice need be."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import (
    Compare,
    Conditional,
    In,
    ListOf,
    Literal_,
    Name,
    Node,
    Not,
    Or,
    Select,
)
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.types import RecordType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "rows-excused",
    "Rows of another kind pass, though nothing is asked of them",
    "Where only rows of one slice or name are meant, the others are sure passes: the rule passes "
    "over evidence in which the slice that is meant does not stand at all.",
    "Put the condition into where: of the rule, or filter the list: with none left, the rule is "
    "undecided.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    '    pass_when: row.slice != "sex=female" || row.value >= params.floor\n'
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    '    where: row.slice == "sex=female"\n'
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every condition of passing that holds for a row by what the row is about."""
    for each in seen.conditions:
        if each.path[-1] != "pass_when":
            continue
        for node in each.nodes:
            if any(map(_is_of_another_kind, _excuses(node))):
                message = "rows of any other kind pass, and none of this one need be there"
                hint = "Put the condition into where:, or filter the list."
                yield Spot(each.path, message, hint, each.expression, node)


def _excuses(node: Node) -> Iterator[Node]:
    """Yield the conditions by which alone a part of an expression is true."""
    match node:
        case Or(left=left, right=right):
            yield from (one for one in (left, right) if not isinstance(one, Or))
        case Conditional(test=test, other=Literal_(value=True)):
            yield Not(start=node.start, end=node.end, operand=test)
        case Conditional(test=test, then=Literal_(value=True)):
            yield test
        case _:
            pass


def _is_of_another_kind(node: Node) -> bool:
    """Tell whether a condition says that a row is not one of those with some name."""
    match node:
        case Compare(op="!=", left=left, right=right):
            return _is_key(left, right) or _is_key(right, left)
        case Not(operand=Compare(op="==", left=left, right=right)):
            return _is_key(left, right) or _is_key(right, left)
        case Not(operand=In(item=item, container=container)):
            return _is_key(item, container)
        case _:
            return False


def _is_key(node: Node, other: Node) -> bool:
    """Tell whether a node says what a fact is about, and the other is written out or a param."""
    if not isinstance(node, Select) or not isinstance(node.operand.type, RecordType):
        return False
    fact = FACT_TYPES.get(node.operand.type.name)
    place = other.operand if isinstance(other, Select) else None
    param = isinstance(place, Name) and place.name == "params"
    fixed = isinstance(other, (Literal_, ListOf)) or param
    return fact is not None and node.field in (*fact.key, fact.question) and fixed
