"""Faults of expressions as text: spelling, size and what is left out of the language."""

from typing import Final

from assaybook.language.rules.rule import LintRule


def _rule(condition: str) -> str:
    return (
        "rules:\n"
        "  - id: floor\n"
        "    pass_when: >-\n"
        f"      recall.all(r, r.value >= params.floor) && {condition}\n"
        "    fix: Retrain.\n"
    )


RULES: Final = (
    LintRule(
        "expression-syntax",
        "An expression is not written as the language wants",
        "A bracket is open, an operator is missing, or a sign of another language stands there: "
        "= compares nothing, and => is no operator.",
        "The caret shows the place; the hint names the sign that is meant.",
        _rule("recall.all(r, r.n => 50)"),
        _rule("recall.all(r, r.n >= 50)"),
    ),
    LintRule(
        "expression-reserved",
        "A name is a word that CEL keeps for itself",
        "Words such as if, for and let cannot be names, here as in every CEL tool.",
        "Choose another name.",
        _rule("recall.all(let, let.n >= 50)"),
        _rule("recall.all(r, r.n >= 50)"),
    ),
    LintRule(
        "expression-unsupported",
        "A part of CEL is left out of this language",
        "Unsigned integers, bytes, messages and exists_one have no meaning that a governance "
        "reader could check.",
        "Write what the hint says, such as 50 for 50u.",
        _rule("recall.all(r, r.n >= 50u)"),
        _rule("recall.all(r, r.n >= 50)"),
    ),
    LintRule(
        "expression-too-long",
        "An expression has too many characters",
        "A limit keeps a hostile policy from taking the time of the process.",
        "Split the rule, or name parts of it with let.",
        "An expression of more than 20,000 characters.",
        "Several rules, or parts named with let.",
        "elsewhere",
    ),
    LintRule(
        "expression-too-deep",
        "An expression nests too deep",
        "A limit keeps a hostile policy from ending the stack; no person reads 64 brackets.",
        "Name parts of it with let.",
        _rule("(" * 70 + "1 + (" * 66 + "1" + ")" * 66 + " > 0" + ")" * 70),
        _rule("recall.all(r, r.n >= 50)"),
    ),
    LintRule(
        "expression-too-large",
        "An expression has too many parts",
        "A limit keeps a hostile policy from taking the time of the process.",
        "Split the rule, or name parts of it with let.",
        "An expression of more than 2,000 parts.",
        "Several rules, or parts named with let.",
        "elsewhere",
    ),
    LintRule(
        "expression-too-costly",
        "A rule goes through lists inside lists inside lists",
        "Each list inside another multiplies the steps; with a thousand rows each, four of them "
        "would take a million million.",
        "Bind what does not depend on the outer rows with let.",
        _rule(
            "recall.all(a, recall.all(b, recall.all(c, recall.all(d, a.n + b.n + c.n + d.n > 0))))"
        ),
        _rule("recall.all(a, recall.all(b, a.n + b.n > 0))"),
    ),
)
