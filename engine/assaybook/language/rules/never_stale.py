"""Evidence of what changes, taken however old it is."""

from collections.abc import Iterator
from typing import Final

from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

_NEED: Final = (
    "needs:\n  recall:\n    facts: metric\n"
    '    where: row.name == "recall" && row.split == "holdout"\n'
)
RULE: Final = LintRule(
    "never-stale",
    "Evidence of what changes is taken however old it is",
    "A fairness run of nine months ago says nothing of today's data. Documents, lineage "
    "and artifacts stay true of the digest that they name; measurements do not.",
    "Write a duration such as 90d, after which the evidence must be made again.",
    f"{_NEED}    fresh_for: never\n",
    f"{_NEED}    fresh_for: 90d\n",
    level="warning",
)
_LASTING: Final = frozenset(("artifact", "attestation", "documentation", "lineage"))
"""Facts that stay true of the digest that they name, or carry their own end."""


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every need with ``fresh_for: never`` of facts that the world changes."""
    for need in seen.policy.needs.values():
        if need.fresh_for is None and need.facts not in _LASTING:
            message = f"{need.name} takes {need.facts} evidence however old it is"
            hint = "Write a duration such as 90d, after which it must be made again."
            yield Spot(("needs", need.name, "fresh_for"), message, hint)
