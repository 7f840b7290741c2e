"""Faults of cases: what a case holds, and what it expects."""

from typing import Final

from assaybook.language.rules.rule import EXAMPLE, EXAMPLE_CASES, LintRule

_GOOD: Final = f"# demo/recall.yaml\n{EXAMPLE}# demo/recall.cases.yaml\n{EXAMPLE_CASES}"
_FACTS: Final = "facts: [{name: recall, split: holdout, value: 0.9, n: 80}]"

_TABLE: Final = f"""\
tables:
  - name: around the floor
    case: {{as_of: "2026-11-20T00:00:00Z", evidence: [{{type: metric, age: 1d, {_FACTS}}}]}}
    columns: {{value: evidence.0.facts.0.value}}
    expect: [floor]
    rows:
      - [0.9, pass]
"""


def _with(before: str, after: str) -> str:
    return _GOOD.replace(before, after, 1)


RULES: Final = (
    LintRule(
        "cases-empty",
        "A file of cases holds none",
        "A policy that nobody tried out is not known to work.",
        "Write a case under cases:, or a table under tables:.",
        f"# demo/recall.yaml\n{EXAMPLE}# demo/recall.cases.yaml\npolicy: demo.recall\ncases: []\n",
        _GOOD,
        "folder",
    ),
    LintRule(
        "table-row",
        "A row of a table of cases cannot be read as a case",
        "A row has one cell for each column and one for each rule, at places that are there.",
        "Write what the message names; text with a comma stands in quotes.",
        _with("cases:\n", f"{_TABLE}cases:\n").replace("[0.9, pass]", "[0.9]"),
        _with("cases:\n", f"{_TABLE}cases:\n"),
        "folder",
    ),
    LintRule(
        "cases-too-large",
        "The cases of a file are too much work",
        "Every row of a table repeats what all rows share; many large cases would take long.",
        "Write fewer cases and rows, or name a file in place of many facts.",
        "200 rows of a case that holds 100 facts",
        "100 rows of a case that holds 10 facts",
        "elsewhere",
    ),
    LintRule(
        "case-twice",
        "Two cases have one name",
        "A failing case is reported by its name.",
        "Give each case a name of its own.",
        _with("recall is under the floor", "recall is over the floor"),
        _GOOD,
        "folder",
    ),
    LintRule(
        "case-age",
        "A case says twice how old its evidence is",
        "age and produced_at could contradict each other.",
        "Keep one of the two.",
        _with(f"{{{_FACTS}", f'{{age: 1d, produced_at: "2026-11-01T00:00:00Z", {_FACTS}'),
        _GOOD,
        "folder",
    ),
    LintRule(
        "case-evidence",
        "Evidence of a case is neither a file nor rows, or both",
        "A case must say exactly what is submitted in it.",
        "Write file: with the path of a real file, or facts and coverage.",
        _with(f"{{{_FACTS}", f"{{file: run.json, {_FACTS}"),
        _GOOD,
        "folder",
    ),
    LintRule(
        "rule-unknown",
        "A case expects something of a rule that is not there",
        "The rule was renamed or mistyped, and the case would prove nothing of it.",
        "Write the id of a rule of the policy; the message suggests the nearest.",
        _with("{floor: pass}", "{flor: pass}"),
        _GOOD,
        "folder",
    ),
    LintRule(
        "reason-unknown",
        "A case expects a reason that there is not",
        "Reasons are a closed list, so that reports and scripts can rely on them.",
        "Write one of the reasons that the message suggests.",
        _with("{floor: inconclusive}", "{floor: {outcome: inconclusive, reasons: [gone]}}"),
        _GOOD,
        "folder",
    ),
    LintRule(
        "cases-missing",
        "A rule has no case that shows it passing, failing or undecided",
        "A policy that nobody can test is prose. Until a case shows all three, nobody knows "
        "whether the rule can come to each of them.",
        "Add the case that is named; `assay policy test DIR --suggest` writes a first version.",
        _with("  - name: nothing was submitted\n    expect: {floor: inconclusive}\n", ""),
        _GOOD,
        "folder",
        "warning",
    ),
)
