"""A regular expression that is content with a part of a text."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Call, Literal_, Node
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "pattern-unanchored",
    "A regular expression is content with a part of a text",
    'matches looks anywhere in the text: "v1" matches "not-v1-at-all".',
    "Write ^ before it and $ after it, or .contains(...) where a part is enough.",
    'applies_when: release.version.matches("[0-9]+[.]0")\n',
    'applies_when: release.version.matches("^[0-9]+[.]0$")\n',
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every written pattern of ``matches`` that no sign ties to an end of the text."""
    for each in seen.conditions:
        for node in each.nodes:
            if isinstance(node, Call) and node.function == "matches" and _is_loose(node.args[1]):
                message = "the pattern is content with any part of the text"
                hint = "Write ^ before it and $ after it, or .contains(...) where a part is enough."
                yield Spot(each.path, message, hint, each.expression, node.args[1])


def _is_loose(node: Node) -> bool:
    if not isinstance(node, Literal_) or not isinstance(node.value, str):
        return False
    return not any(anchor in node.value for anchor in ("^", "$", "\\A", "\\z"))
