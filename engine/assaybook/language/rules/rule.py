"""One thing that lint can say: its code, what it means, what to do, and an example of each side."""

from typing import Final, Literal

from assaybook.domain.record import record

Level = Literal["error", "warning"]
Kind = Literal["policy", "file", "folder", "elsewhere"]


@record
class LintRule:
    """What a code means.

    Attributes:
        code: stable; scripts and suppressions may rely on it.
        title: the defect in one sentence.
        means: why it matters; what would go wrong.
        remedy: what to do.
        fails: an example that lint answers with this code.
        passes: the same, mended.
        kind: how to read the examples. ``policy``: keys of a policy, in place of those of
            ``EXAMPLE``. ``file``: a whole file beside ``EXAMPLE``. ``folder``: files, each after a
            line ``# path``. ``elsewhere``: lint alone does not meet it, or it cannot be shown in
            print; the examples are words.
        level: an error makes a file unusable; a warning is advice, and changes no verdict.
    """

    code: str
    title: str
    means: str
    remedy: str
    fails: str
    passes: str
    kind: Kind = "policy"
    level: Level = "error"


EXAMPLE: Final = """\
policy: demo.recall
version: 1
title: Recall is good on the hold-out split
why: A model that misses cases does harm.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: supports}
params:
  floor: {type: ratio, default: 0.8, stricter: higher}
needs:
  recall:
    facts: metric
    where: row.name == "recall" && row.split == "holdout"
    fresh_for: 90d
rules:
  - id: floor
    for_each: recall
    enough: row.n >= 50
    pass_when: row.value >= params.floor
    fix: Collect more data or retrain, and evaluate again.
"""
"""The policy that examples change; it stands in ``demo/recall.yaml``."""
EXAMPLE_CASES: Final = """\
policy: demo.recall
defaults:
  as_of: "2026-11-20T00:00:00Z"
  evidence: {type: metric, age: 10d}
cases:
  - name: recall is over the floor
    evidence: [{facts: [{name: recall, split: holdout, value: 0.9, n: 80}]}]
    expect: {floor: pass}
  - name: recall is under the floor
    evidence: [{facts: [{name: recall, split: holdout, value: 0.7, n: 80}]}]
    expect: {floor: fail}
  - name: nothing was submitted
    expect: {floor: inconclusive}
"""
"""Its cases, in ``demo/recall.cases.yaml``."""
