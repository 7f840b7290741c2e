"""A need about data sets without questions: each may have been looked at for something else."""

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
    "Whatever was looked for in a data set, or model, lets a rule pass for it",
    "Every data set that the release registers must have a document that answers a need about "
    "data sets. Only questions (of:) say what must have been looked for in each; without them, "
    "labels may have been checked in one and the number of rows in another.",
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
            message = f"in each {part} of the release something else may have been looked for"
            hint = f"Add of: [{_question(need)}], which every {part} must answer."
            yield Spot(("needs", need.name, "about"), message, hint)


def _question(need: Need) -> str:
    """Return a question of the fact type, with the words that it takes where there are some."""
    column = FACT_TYPES[need.facts].question
    return f"{need.facts}/<{column}>" if column else need.facts
