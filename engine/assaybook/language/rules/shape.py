"""Faults of shape: keys, words, types and sizes, in every kind of file."""

from typing import Final

from assaybook.language.rules.rule import EXAMPLE_CASES, LintRule

RULES: Final = (
    LintRule(
        "unknown-key",
        "A key is not known here",
        "A mistyped key would be a condition that nobody asks: treshold is no threshold.",
        "Write the key that the message suggests, or remove it.",
        "severty: high\nseverity: high\n",
        "severity: high\n",
    ),
    LintRule(
        "missing-key",
        "A key that must be there is missing",
        "Without it the file does not say all that it must; there is no default that would be "
        "right for everybody.",
        "Write the key with its value.",
        "needs:\n  recall: {facts: metric}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d}\n",
    ),
    LintRule(
        "no-value",
        "A key has no value",
        "A condition that somebody emptied must not read as no condition.",
        "Write a value, or remove the key.",
        "applies_when:\n",
        'applies_when: system.risk_tier == "high"\n',
    ),
    LintRule(
        "wrong-type",
        "A value is of another type than the key wants",
        "YAML reads yes, 010 and 1e3 in ways that surprise; what is meant as text or a number "
        "must be one.",
        "Write what the message asks for; put text that looks like a number in quotes.",
        "version: yes\n",
        "version: 1\n",
    ),
    LintRule(
        "not-a-choice",
        "A word is none of those that the key knows",
        "A misspelt word must not fall back to another choice.",
        "Write one of the words that the message lists.",
        "severity: hihg\n",
        "severity: high\n",
    ),
    LintRule(
        "out-of-range",
        "A value is too small, too large, too long or empty",
        "Limits keep files readable and machines alive; an empty list or text says nothing.",
        "Write a value within the limit that the message gives.",
        "version: 0\n",
        "version: 1\n",
    ),
    LintRule(
        "bad-form",
        "A name does not have the form of its kind",
        "Names are plain ASCII letters, digits and a few marks, so that two names that look "
        "alike are the same.",
        "Write the name in the form that the message describes.",
        "params:\n  Floor: {type: ratio, default: 0.8}\n",
        "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    ),
    LintRule(
        "bad-duration",
        "A length of time is not understood",
        "Only a number with a unit is certain: 90d, 12h, 2w, or a param of type duration.",
        "Write a duration such as 90d, a param such as params.max_age, or never where it may be.",
        "needs:\n  recall: {facts: metric, fresh_for: three months}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d}\n",
    ),
    LintRule(
        "bad-instant",
        "An instant is not understood",
        "A date without time and zone begins at different moments in different places.",
        'Write date, time and zone, in quotes: "2026-11-20T00:00:00Z".',
        f"# demo/recall.cases.yaml\n{EXAMPLE_CASES.replace('2026-11-20T00:00:00Z', '2026-11-20')}",
        f"# demo/recall.cases.yaml\n{EXAMPLE_CASES}",
        "folder",
    ),
    LintRule(
        "bad-path",
        "A path leads out of the folder of its file",
        "A case reads real files beside it, and nothing else of the machine.",
        "Put the file beside the cases, and write its path without .. parts.",
        "# demo/recall.cases.yaml\n"
        + EXAMPLE_CASES.replace(
            "{facts: [{name: recall, split: holdout, value: 0.9, n: 80}]}", "{file: ../../run.json}"
        ),
        f"# demo/recall.cases.yaml\n{EXAMPLE_CASES}",
        "folder",
    ),
    LintRule(
        "bad-key",
        "A public key is not one",
        "A signature can only be checked with a whole key: 32 bytes of Ed25519, or PEM where that "
        "is allowed.",
        "Copy the entry that `assay trust key` prints.",
        "persons:\n  - {id: ada, name: Ada, roles: [approver], key: abc}\n",
        f'persons:\n  - {{id: ada, name: Ada, roles: [approver], key: "{"0f" * 32}"}}\n',
        "file",
    ),
    LintRule(
        "bad-certificate",
        "A certificate is not one",
        "Signers are recognised by the authority that certifies them; without its certificate "
        "nobody is.",
        "Paste the PEM text, from BEGIN CERTIFICATE to END CERTIFICATE.",
        "authorities:\n  - {id: ca, certificate: none, identities: [ci@example.org]}\n",
        "authorities:\n"
        "  - id: ca\n"
        "    certificate: |\n"
        "      -----BEGIN CERTIFICATE-----\n"
        "      MIIB\n"
        "      -----END CERTIFICATE-----\n"
        "    identities: [ci@example.org]\n",
        "file",
    ),
)
