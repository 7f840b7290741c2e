"""A text whose letters come from two alphabets, so that it looks like another text."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Literal_
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "mixed-alphabets",
    "A text mixes letters of several alphabets",
    "A Cyrillic o looks like a Latin one and is another letter: the text would match "
    "nothing that people type, or what an attacker typed.",
    "Type the text again in one alphabet.",
    "needs:\n"
    "  recall:\n"
    "    facts: metric\n"
    '    where: row.name == "recall" && row.split == "h\u043eldout"\n'
    "    fresh_for: 90d\n",
    "needs:\n"
    "  recall:\n"
    "    facts: metric\n"
    '    where: row.name == "recall" && row.split == "holdout"\n'
    "    fresh_for: 90d\n",
    level="warning",
)
_ALIKE: Final = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH"))
_HINT: Final = "Type the text again in one alphabet; nothing that looks like it would match."


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every text of the conditions and params that mixes alphabets with like letters."""
    for each in seen.conditions:
        for node in each.nodes:
            if isinstance(node, Literal_) and isinstance(node.value, str):
                found = _mixed(node.value)
                if found:
                    message = _message(node.value, found)
                    yield Spot(each.path, message, _HINT, each.expression, node)
    for param in seen.policy.params.values():
        values = param.value if isinstance(param.value, tuple) else (param.value,)
        for value in values:
            found = _mixed(value) if isinstance(value, str) else []
            if found:
                path = ("params", param.name, "default")
                yield Spot(path, _message(str(value), found), _HINT)


def _message(text: str, found: list[str]) -> str:
    return f"{text!r} mixes letters that are {' and '.join(found)}"


def _mixed(text: str) -> list[str]:
    """Return the alphabets of a text where there are several, else nothing."""
    if text.isascii():
        return []
    from unicodedata import name  # only for texts that need it: it is a large table

    words = {name(letter, "").split(" ")[0] for letter in text if letter.isalpha()}
    found = sorted(words & _ALIKE)
    return [word.title() for word in found] if len(found) > 1 else []
