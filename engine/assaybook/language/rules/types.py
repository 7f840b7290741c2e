"""Faults that types show: what cannot be computed, or is decided before any evidence is seen."""

from typing import Final

from assaybook.language.rules.rule import LintRule


def _rule(condition: str) -> str:
    return (
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        f"    pass_when: row.value >= params.floor && {condition}\n"
        "    fix: Retrain.\n"
    )


_SERIES: Final = "needs:\n  recall: {facts: metric, fresh_for: 90d, last: 5}\n"

RULES: Final = (
    LintRule(
        "unknown-name",
        "A name is not known here",
        "A rule sees its needs, its lets, system, release and params; a where sees row and params.",
        "Write the name that the hint suggests, or declare the need.",
        _rule("recal.exists(r, r.n > 9)"),
        _rule("recall.exists(r, r.n > 9)"),
    ),
    LintRule(
        "unknown-field",
        "A row or record has no such field",
        "A field that does not exist would be unknown for ever.",
        "Write the field that the hint suggests.",
        _rule("row.valu < 1.0"),
        _rule("row.value < 1.0"),
    ),
    LintRule(
        "unknown-function",
        "There is no such function",
        "The list of functions is closed, so that every policy runs everywhere and for ever.",
        "Write the function that the hint names; docs/reference/functions.md lists them all.",
        _rule("len(recall) > 0"),
        _rule("size(recall) > 0"),
    ),
    LintRule(
        "unknown-word",
        "A text is none of the words that a field can have",
        "The comparison would never hold: severity is never 'hihg'.",
        "Write one of the words that the hint gives.",
        'applies_when: system.risk_tier == "hihg"\n',
        'applies_when: system.risk_tier == "high"\n',
    ),
    LintRule(
        "expression-type",
        "A part of an expression is of the wrong type",
        "A text is compared with a number, a list is used as one value, or a condition is no "
        "condition. At run it could only be an error.",
        "Compare values of one type; the message says what each side is.",
        _rule('row.n == "many"'),
        _rule("row.n == 90"),
    ),
    LintRule(
        "unit-mismatch",
        "Two values have different units",
        "Milliseconds and ratios, or bytes and counts, have no order between them.",
        "Compare values of one unit, or calculate the share first.",
        "needs:\n"
        "  recall: {facts: metric, where: row.name == 'recall', fresh_for: 90d}\n"
        "  slow: {facts: metric, where: row.name == 'latency_p95_ms', fresh_for: 90d}\n"
        "rules:\n"
        "  - id: floor\n"
        "    enough: recall.all(r, r.n >= 50)\n"
        "    pass_when: recall.all(r, slow.all(s, s.value <= r.value)) && params.floor > 0.1\n"
        "    fix: Retrain.\n",
        "needs:\n"
        "  recall:\n"
        "    facts: metric\n"
        "    where: row.name == 'recall' && row.split == 'holdout'\n"
        "    fresh_for: 90d\n"
        "rules:\n"
        "  - id: floor\n"
        "    enough: recall.all(r, r.n >= 50)\n"
        "    pass_when: recall.all(r, r.value >= params.floor)\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "never-holds",
        "A condition can never be true",
        "The range or the words of a value exclude it: a ratio is never at least 90. So would two "
        "conditions that exclude one another. The rule could only fail, or a policy never apply.",
        "Write the value in the unit of the field (90 % is 0.9), or take a condition out.",
        _rule("row.value >= 90"),
        _rule("row.value >= 0.9"),
    ),
    LintRule(
        "always-holds",
        "A condition is always true",
        "It lets everything pass: a ratio is always at most 100, and a field that is never null "
        "always has a value.",
        "Write the value in the unit of the field, or take the condition out.",
        _rule("row.value <= 100"),
        _rule("row.value <= 0.99"),
    ),
    LintRule(
        "order-of-words",
        "Words are compared by the alphabet",
        "high comes before low in the alphabet; no order of meaning can be asked by < and >.",
        "Write in [...] with the words that are meant.",
        'applies_when: system.risk_tier >= "limited"\n',
        'applies_when: system.risk_tier in ["limited", "high"]\n',
    ),
    LintRule(
        "constant-operand",
        "true or false stands where a condition is wanted",
        "It decides nothing, or everything.",
        "Leave it out.",
        _rule("true"),
        _rule("row.value < 1.0"),
    ),
    LintRule(
        "constant-rule",
        "No evidence can change the answer of a rule",
        "A rule that reads params alone passes or fails by what was written, not by what was "
        "submitted.",
        "Read a need, system or release.",
        "rules:\n"
        "  - {id: floor, for_each: recall, enough: row.n >= 50, "
        "pass_when: row.value >= params.floor, fix: Retrain.}\n"
        "  - {id: sure, pass_when: params.floor > 0.5, fix: Raise it.}\n",
        "rules:\n"
        "  - {id: floor, for_each: recall, enough: row.n >= 50, "
        "pass_when: row.value >= params.floor, fix: Retrain.}\n",
    ),
    LintRule(
        "rule-unreachable",
        "No row of a rule can ever be judged",
        "The where of the need and the conditions of the rule exclude one another, so the rule "
        "would be inconclusive for ever, whatever is submitted.",
        "Change one of the conditions.",
        "needs:\n"
        "  recall: {facts: metric, where: row.name == 'recall' && row.n >= 50, fresh_for: 90d}\n"
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n < 50\n"
        "    pass_when: row.value >= params.floor\n"
        "    fix: Retrain.\n",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        "    pass_when: row.value >= params.floor\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "integer-division",
        "Whole numbers are divided",
        "The rest is cut off: 1 / 2 is 0, and a share of failures would always pass.",
        "Write double(a) / double(b).",
        _rule("row.n / row.n_rows <= 1"),
        _rule("double(row.n) / double(row.n_rows) <= 0.9"),
    ),
    LintRule(
        "argument-range",
        "An argument is outside the range of a function",
        "A level of 95 or a share of 1.2 has no meaning; the call could only be an error.",
        "Write 0.95 for 95 %.",
        _rule("stats.wilson_lower(row.value, row.n, 95.0) > 0.5"),
        _rule("stats.wilson_lower(row.value, row.n, 0.95) > 0.5"),
    ),
    LintRule(
        "bad-literal",
        "A text that a function reads is not understood",
        "A regular expression, time or duration that is written out is read when the policy is "
        "loaded. Regular expressions are RE2: no look-ahead and no back reference, so none can "
        "take for ever.",
        "Write it as the message asks.",
        _rule('row.slice.matches("(?=a)b")'),
        _rule('row.slice.matches("^ab$")'),
    ),
    LintRule(
        "index-unordered",
        "A row is taken by its number from a list without order",
        "Which row is the first would depend on chance.",
        "Write only(list, r, condition), or use a need with last.",
        _rule("recall[0].value > 0.5"),
        _rule('only(recall, r, r.slice == "").value > 0.5'),
    ),
    LintRule(
        "list-unordered",
        "A trend is asked of a list without order",
        "Nothing rises or falls along rows that stand in no order.",
        "Use a need with last, whose rows are oldest first.",
        "rules:\n"
        "  - id: floor\n"
        "    pass_when: >-\n"
        "      recall.all(r, r.value >= params.floor)\n"
        "      && stats.slope(recall.map(r, r.value)) > 0.0\n"
        "    enough: recall.all(r, r.n >= 50)\n"
        "    fix: Retrain.\n",
        f"{_SERIES}rules:\n"
        "  - id: floor\n"
        "    pass_when: >-\n"
        "      recall.all(r, r.value >= params.floor)\n"
        "      && stats.slope(recall.map(r, r.value)) > 0.0\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "null-literal",
        "null is written in a policy",
        "A field that is null is unknown, and comparing with it would make a pass out of what "
        "nobody knows.",
        "Ask has(row.field) where a known value is wanted.",
        _rule("row.slice != null"),
        _rule("has(row.slice)"),
    ),
    LintRule(
        "map-literal",
        "A map is written in a policy",
        "Maps have no type that could be checked; a list or a param says the same.",
        "Write a list, or a param of type list<string>.",
        _rule('size({"a":1}) > 0'),
        _rule("size([row.slice]) > 0"),
    ),
    LintRule(
        "number-too-large",
        "A whole number is beyond 2 to the 53",
        "Larger numbers change when they pass through JSON.",
        "Write a smaller number.",
        _rule("row.n < 9007199254740993"),
        _rule("row.n < 9007199254740991"),
    ),
    LintRule(
        "name-shadowed",
        "The name of a row hides another name",
        "Inside, the name would mean something else than outside, and readers would be misled.",
        "Use another name for the row.",
        _rule("recall.exists(recall, recall.n > 9)"),
        _rule("recall.exists(r, r.n > 9)"),
    ),
)
