"""Two rules that ask the same."""

from collections.abc import Iterator
from typing import Final

from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot
from assaybook.language.text import unparse

RULE: Final = LintRule(
    "rule-repeated",
    "Two rules ask the same",
    "The second adds nothing; most often another condition was meant.",
    "Remove one of the two, or write the condition that was meant.",
    "rules:\n"
    "  - {id: floor, for_each: recall, enough: row.n >= 50, pass_when: row.value "
    ">= params.floor, fix: Retrain.}\n"
    "  - {id: again, for_each: recall, enough: row.n >= 50, pass_when: row.value "
    ">= params.floor, fix: Retrain.}\n",
    "rules:\n"
    "  - {id: floor, for_each: recall, enough: row.n >= 50, pass_when: row.value "
    ">= params.floor, fix: Retrain.}\n"
    "  - {id: likely, for_each: recall, enough: row.n >= 50, pass_when: row.ci_low "
    ">= params.floor, fix: Retrain.}\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every rule that judges the same rows by the same conditions as one before it."""
    asked: dict[tuple[str, ...], str] = {}
    if len(seen.rules) < 2:  # noqa: PLR2004 - one alone repeats none
        return
    for index, rule in enumerate(seen.policy.rules):
        if rule.pass_when is None:
            continue
        over = [unparse(part.node) for part in (rule.for_each, rule.at_least) if part is not None]
        parts = [f"{each.path[2:]}: {unparse(each.expression.node)}" for each in seen.rules[index]]
        first = asked.setdefault((*over, *parts), rule.id)
        if first != rule.id:
            message = f"the rule {rule.id} asks the same as {first}"
            hint = "Remove one of the two, or write the condition that was meant."
            yield Spot(("rules", index, "id"), message, hint)
