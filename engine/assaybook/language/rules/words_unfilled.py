"""Words that a person still has to write: what ``assay policy new`` puts in angle brackets."""

import re
from collections.abc import Iterator
from typing import Final

from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot
from assaybook.language.source import Path

_HINT: Final = "Write it in your own words, without the angle brackets."
_LATER: Final = re.compile(r"(?:TODO|TBD|FIXME|XXX)\b")

RULE: Final = LintRule(
    "words-unfilled",
    "A text is still the one that a new policy begins with",
    "Reports and packs would show a placeholder where a person looks for the claim or the remedy.",
    _HINT,
    "title: <what must be true>\n",
    "title: Recall is good on the hold-out split\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every title, reason, remedy and message that is a note to write it later."""
    for path, text in _texts(seen):
        if (text.startswith("<") and text.endswith(">")) or _LATER.match(text):
            yield Spot(path, f"nobody has written this yet: {text}", _HINT)


def _texts(seen: Seen) -> Iterator[tuple[Path, str]]:
    policy = seen.policy
    yield ("title",), policy.title
    yield ("why",), policy.why
    for index, rule in enumerate(policy.rules):
        yield ("rules", index, "fix"), rule.fix
        yield ("rules", index, "message"), rule.message
