"""Rules that could pass without proof: what a person wrote would be judged, and not evidence."""

from typing import Final

from assaybook.language.rules.rule import LintRule

_NEEDS: Final = (
    "needs:\n"
    "  recall: {facts: metric, fresh_for: 90d}\n"
    "  secrets: {facts: security, fresh_for: 30d%s}\n"
)
_RULES: Final = (
    "rules:\n"
    "  - {id: floor, pass_when: 'recall.all(r, r.ci_low >= params.floor)', fix: Retrain.}\n"
    "  - {id: none, pass_when: '%s', fix: Remove the secret.}\n"
)
_NONE: Final = '!secrets.exists(s, s.severity == "high")'

RULES: Final = (
    LintRule(
        "passes_on_absence",
        "A rule could pass because a field is null",
        "has(x) is false where nobody knows x; on the side of a pass, what is missing would "
        "count as good.",
        "Leave has out: a null field makes the answer unknown, as it should be.",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    pass_when: '!has(row.value) || row.value >= params.floor'\n"
        "    enough: row.n >= 50\n"
        "    fix: Retrain.\n",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    pass_when: row.value >= params.floor\n"
        "    enough: row.n >= 50\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "unproven-absence",
        "A rule could pass because rows are missing",
        "None of them, or few of them, is also what an empty folder shows. Only a need that may "
        "be empty, with questions that were answered, proves that there is nothing.",
        "Write need.all(r, ...), which wants rows, or give the need may_be_empty: true and of.",
        _NEEDS % "" + _RULES % _NONE,
        _NEEDS % ", may_be_empty: true, of: [security/secret]" + _RULES % _NONE,
    ),
    LintRule(
        "implements-nothing",
        "A rule implements a control and reads no evidence",
        "A control is met by what was done, not by what the system is called.",
        "Read a need, ask persons with attested, or say supports.",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: implements}\n"
        + _RULES.replace("%s", 'system.risk_tier == "high"'),
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports}\n"
        + _RULES.replace("%s", 'system.risk_tier == "high"'),
    ),
)
