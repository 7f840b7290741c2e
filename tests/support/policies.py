"""Policies for tests: small sound ones, and what is wrong with unsound ones."""

from collections.abc import Callable
from functools import cache

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.errors import AuthorError
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Policy
from assaybook.language.build import References, build_policy
from assaybook.language.document_problems import problems_of
from assaybook.language.source import Source, read_text

SOUND = """\
policy: demo.recall
version: 1
title: Recall is good
why: A demonstration.
severity: low
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: supports}
params:
  floor: {type: ratio, default: 0.5, stricter: higher}
  slices: {type: list<string>, min_items: 2, stricter: superset}
  name: {type: string, default: recall}
needs:
  recall: {facts: metric, where: row.name == params.name, fresh_for: 90d}
rules:
  - id: floor
    for_each: recall
    pass_when: row.value >= params.floor
  - id: complete
    pass_when: params.slices.all(s, recall.exists(m, m.slice == s))
"""


@cache
def references() -> References:
    """Return what ships: catalogs and metrics."""
    return References(load_catalogs(), METRICS)


def source(text: str, file: str = "demo.yaml") -> Source:
    """Return a text as a source."""
    return read_text(text, file)


def policy(text: str = SOUND) -> Policy:
    """Return the policy of a text."""
    return build_policy(source(text), references())


def faults(action: Callable[[], object]) -> list[tuple[str, str]]:
    """Return code and place of every problem that an action raises."""
    try:
        action()
    except AuthorError as error:
        return [(each.code, each.where) for each in problems_of(error)]
    return []
