"""What a code means, as Markdown: for the reference and for ``policy lint --explain``."""

from typing import Final

from assaybook.language.rules.rule import LintRule

_LONGEST: Final = 110
"""Longest line of an example that a page shows whole."""


def rule_page(rule: LintRule, heading: str = "#") -> str:
    """Return the section of a rule: what it means, both examples, what to do."""
    blocks = [
        f"{heading} {rule.code}",
        f"{rule.title}. ({rule.level})",
        rule.means,
        f"**What to do.** {rule.remedy}",
        *_example("Refused" if rule.level == "error" else "Warned of", rule.fails, rule),
        *_example("Right", rule.passes, rule),
    ]
    return "\n\n".join(blocks)


def _example(word: str, text: str, rule: LintRule) -> tuple[str, ...]:
    if rule.kind == "elsewhere":
        return (f"{word}: {text}",)
    return f"{word}:", f"```yaml\n{_shortened(text)}```"


def _shortened(text: str) -> str:
    """Return an example with lines that a page can show; only limits need longer ones."""
    lines = text.splitlines(keepends=True)
    return "".join(each if len(each) <= _LONGEST else f"{each[:_LONGEST]}...\n" for each in lines)
