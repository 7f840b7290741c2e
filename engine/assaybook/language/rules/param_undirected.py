"""A limit that an overlay cannot tighten, because nobody said which way that is."""

from collections.abc import Iterator
from typing import Final

from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "param-undirected",
    "Nobody said which way a limit is stricter",
    "An overlay may tighten a param freely; without a direction each change is a "
    "relaxation, which needs a reason and shows in every report.",
    "Add stricter: higher, lower, superset or subset.",
    "params:\n  floor: {type: ratio, default: 0.8}\n",
    "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    level="warning",
)
_LIMITS: Final = frozenset(("int", "number", "ratio", "duration", "list<string>", "list<number>"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every param of a type with an order that has no ``stricter``."""
    for param in seen.policy.params.values():
        if param.stricter is None and param.kind in _LIMITS:
            ways = "superset or subset" if param.kind.startswith("list") else "higher or lower"
            message = f"nobody said which way {param.name} is stricter"
            hint = f"Add stricter: {ways}; without it each change is a relaxation with a reason."
            yield Spot(("params", param.name), message, hint)
