"""A metric of quality without its split: a value on the training data counts as well."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Need
from assaybook.language.environment import fixed_words
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot, fact_field

RULE: Final = LintRule(
    "split-unasked",
    "A metric counts on any part of the data, training data too",
    "A model is nearly always good on the data that it was trained on. Without a split in the "
    "condition, a report over the training data alone lets the rule pass.",
    'Add && row.split == "holdout", and let the manifest say the split where a report does not.',
    'needs:\n  recall: {facts: metric, where: row.name == "recall", fresh_for: 90d}\n',
    'needs:\n  recall: {facts: metric, where: row.name == "recall" && row.split == "holdout", '
    "fresh_for: 90d}\n",
    level="warning",
)
_WITHOUT: Final = frozenset(("pass_rate", "assertion_pass_rate", "exact_match"))
"""Metrics of prompts, which were written for the test alone."""
_KINDS: Final = frozenset(("quality", "calibration", "fairness"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every need of such metrics of which no condition reads the split."""
    split = {
        (each.path[1] if each.path[0] == "needs" else "")
        for each in seen.conditions
        if any(fact_field(node) == ("metric", "split") for node in each.nodes)
        or each.path[-1] == "covers"
    }
    for need in seen.policy.needs.values():
        if "" not in split and need.name not in split and _is_learned(need):
            message = "values on the training data count too"
            hint = 'Add && row.split == "holdout".'
            yield Spot(("needs", need.name, "where"), message, hint)


def _is_learned(need: Need) -> bool:
    words = need.where and fixed_words(need.where.node, "row", "name")
    if need.facts != "metric" or not words:
        return False
    return any(
        name in METRICS and METRICS[name].kind in _KINDS and name not in _WITHOUT for name in words
    )
