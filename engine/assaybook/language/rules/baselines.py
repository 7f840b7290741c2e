"""Faults of baselines: what was found on the day of adoption, accepted for a time."""

from typing import Final

from assaybook.language.rules.rule import LintRule

_PRINT: Final = f"sha256:{'0a' * 32}"
_BASELINE: Final = (
    "baseline: B-2026\n"
    "system: triage\n"
    "reason: Found when the policies came.\n"
    "requester: ada\n"
    'written_at: "2026-11-01T00:00:00Z"\n'
    'expires: "2027-02-01T00:00:00Z"\n'
    "fails:\n"
    f'  - {{policy: demo.recall, rule: floor, fingerprint: "{_PRINT}", rows: [slice=a]}}\n'
)

RULES: Final = (
    LintRule(
        "baseline-never-holds",
        "A baseline expires before it was written",
        "It could never be in force.",
        "Set a later instant.",
        _BASELINE.replace("2027-02-01", "2026-02-01"),
        _BASELINE,
        "file",
    ),
    LintRule(
        "baseline-distance",
        "A distance or clause belongs to no row of the baseline",
        "They say how far a row was from its limit and by what it failed; alone they accept "
        "nothing.",
        "Write the file again with `assay waiver baseline`.",
        _BASELINE.replace("rows: [slice=a]", "rows: [slice=a], distances: {slice=b: 0.1}"),
        _BASELINE,
        "file",
    ),
    LintRule(
        "baseline-rule-twice",
        "A rule stands twice in a baseline",
        "Nobody could say which of the two lists of rows was accepted.",
        "Put the rows under one entry.",
        _BASELINE + _BASELINE.partition("fails:\n")[2],
        _BASELINE,
        "file",
    ),
)
