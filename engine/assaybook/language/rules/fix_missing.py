"""A rule that says what is wrong and not what to do."""

from collections.abc import Iterator
from typing import Final

from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "fix-missing",
    "A rule does not say what to do when it fails",
    "The team that is told of a fail must find out by itself what would mend it.",
    "Add fix: with what the team that submits evidence must do.",
    "rules:\n"
    "  - {id: floor, for_each: recall, enough: row.n >= 50, pass_when: row.value "
    ">= params.floor}\n",
    "rules:\n"
    "  - {id: floor, for_each: recall, enough: row.n >= 50, pass_when: row.value "
    ">= params.floor, fix: Retrain.}\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every rule without a fix."""
    for index, rule in enumerate(seen.policy.rules):
        if not rule.fix:
            message = f"the rule {rule.id} does not say what to do when it fails"
            hint = "Add fix: with what the team that submits evidence must do."
            yield Spot(("rules", index, "id"), message, hint)
