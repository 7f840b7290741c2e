"""A need about data sets without questions: one of them that was looked at speaks for all."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Need
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

_RULES: Final = (
    "controls: {nist-ai-rmf-1.0: {MEASURE 2.1: supports}}\n"
    "params: {}\n"
    "rules:\n"
    "  - {id: a, for_each: checks, pass_when: row.status == 'pass', fix: Mend the rows.}\n"
    "needs:\n"
)
RULE: Final = LintRule(
    "part-unasked",
    "One data set, or model, that was looked at lets a rule pass for all",
    "A need about data sets takes what there is of each. Only questions (of:) must be answered "
    "for every one that the release registers; without them, a data set of which nobody says "
    "anything goes unnoticed.",
    "Add of: with what must have been looked for in each, such as of: [data_check/label].",
    f"{_RULES}  checks: {{facts: data_check, about: dataset, fresh_for: 90d}}\n",
    f"{_RULES}  checks:\n    facts: data_check\n    about: dataset\n    of: [data_check/label]\n"
    "    fresh_for: 90d\n",
    level="warning",
)
_PARTS: Final = {"dataset": "data set", "model": "model"}


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every need about the data sets or models of a release that asks no question of each."""
    for need in seen.policy.needs.values():
        part = _PARTS.get(need.about)
        if part is not None and need.of is None:
            message = f"a {part} of the release of which nobody says anything goes unnoticed"
            hint = f"Add of: [{_question(need)}], which every {part} must answer."
            yield Spot(("needs", need.name, "about"), message, hint)


def _question(need: Need) -> str:
    """Return a question of the fact type, with the words that it takes where there are some."""
    column = FACT_TYPES[need.facts].question
    return f"{need.facts}/<{column}>" if column else need.facts
