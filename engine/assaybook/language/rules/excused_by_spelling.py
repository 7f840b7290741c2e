"""``applies_when: release.stage == "production"``: a release of the stage prod is excused."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import (
    And,
    Call,
    Compare,
    Conditional,
    In,
    ListOf,
    Literal_,
    Name,
    Node,
    Not,
    Or,
    Quantifier,
    Select,
)
from assaybook.domain.types import ListType, ScalarType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot
from assaybook.language.text import walk

RULE: Final = LintRule(
    "excused-by-spelling",
    "A policy does not apply where a free text is written in another way",
    "A stage, a tag or a purpose is what somebody typed. A release of the stage Prod is then not "
    "judged at all, and nothing looks wrong.",
    "Name what is excused: !(release.stage in [...]), or ask a closed list such as risk_tier.",
    'applies_when: release.stage == "production"\n',
    'applies_when: \'!(release.stage in ["development", "retired"])\'\n',
    level="warning",
)
_SEARCHES: Final = frozenset(("contains", "startsWith", "endsWith", "matches"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every part of ``applies_when`` that wants a free text to be what is written there."""
    for each in seen.conditions:
        if each.path != ("applies_when",):
            continue
        for node in _wanted(each.expression.node, holds=True):
            message = "written in another way, it excuses from the policy in silence"
            hint = "Name what is excused with !(...), or ask a closed list such as risk_tier."
            yield Spot(each.path, message, hint, each.expression, node)


def _wanted(node: Node, *, holds: bool) -> Iterator[Node]:
    """Yield each comparison with a free text that has to hold for the policy to apply."""
    match node:
        case And(left=left, right=right) | Or(left=left, right=right):
            yield from _wanted(left, holds=holds)
            yield from _wanted(right, holds=holds)
        case Not(operand=inner):
            yield from _wanted(inner, holds=not holds)
        case Conditional(then=then, other=other):
            yield from _wanted(then, holds=holds)
            yield from _wanted(other, holds=holds)
        case _ if _is_wanted(node, holds=holds):
            yield node
        case _:
            pass


def _is_wanted(node: Node, *, holds: bool) -> bool:
    """Tell whether a comparison is with a free text, and has to hold, or not to, as it is asked."""
    match node:
        case Compare(op="==" | "!=", left=left, right=right):
            return holds == (node.op == "==") and _matched(left, right)
        case In(item=item, container=container):
            return holds and _matched(item, container)
        case Call(function=function, args=args) if function in _SEARCHES:
            return holds and _is_free(args[0])
        case Quantifier(kind="all" | "exists", over=over, body=body):
            return holds and _is_free(over) and any(isinstance(x, Literal_) for x in walk(body))
        case _:
            return False


def _matched(one: Node, other: Node) -> bool:
    """Tell whether one of two nodes is a free text of the subject and the other written out."""
    written = (Literal_, ListOf)
    return (_is_free(one) and isinstance(other, written)) or (
        isinstance(one, written) and _is_free(other)
    )


def _is_free(node: Node) -> bool:
    """Tell whether a node is a text, or a list of texts, that a person typed freely."""
    if not isinstance(node, Select) or not isinstance(node.operand, Name):
        return False
    if node.operand.name not in {"system", "release"} or node.field in {"id", "version"}:
        return False
    kind = node.type.of if isinstance(node.type, ListType) else node.type
    return isinstance(kind, ScalarType) and kind.name == "string" and not kind.words
