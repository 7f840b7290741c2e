"""``a && a``: most often another condition was meant."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import And, Node, Or
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot
from assaybook.language.text import unparse

RULE: Final = LintRule(
    "clause-repeated",
    "A condition stands twice in one && or ||",
    "The copy decides nothing; most often another condition was meant, and that one is not asked.",
    "Leave the second out, or write the condition that was meant.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50 && row.n >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50 && row.n_rows >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every part of an ``&&`` or ``||`` that stands in it already."""
    for each in seen.conditions:
        inner: set[int] = set()
        for node in each.nodes:
            if not isinstance(node, And | Or) or id(node) in inner:
                continue
            texts: set[str] = set()
            for part in _parts(node, type(node), inner):
                text = unparse(part)
                if text in texts:
                    message = f"{text} stands here twice"
                    hint = "Leave the second out, or write the condition that was meant."
                    yield Spot(each.path, message, hint, each.expression, part)
                texts.add(text)


def _parts(node: Node, kind: type[And | Or], inner: set[int]) -> Iterator[Node]:
    if isinstance(node, And | Or) and isinstance(node, kind):
        inner.add(id(node))
        yield from _parts(node.left, kind, inner)
        yield from _parts(node.right, kind, inner)
    else:
        yield node
