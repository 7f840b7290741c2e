"""The policy of one rule that tests of decisions, jobs, packs and periods write to a file."""

from typing import Final

POLICY: Final = """\
policy: quality.floor
version: 1
title: Recall holds
why: A model that misses cases harms people.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements}
needs:
  recall: {facts: metric, where: 'row.name == "recall"', fresh_for: 30d}
rules:
  - {id: floor, for_each: recall, pass_when: row.value >= 0.8, fix: Retrain the model.}
"""

LASTING: Final = POLICY.replace("fresh_for: 30d", "fresh_for: never")
"""The same for evidence of any age."""
