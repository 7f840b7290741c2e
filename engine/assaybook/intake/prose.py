"""What a text says without its placeholders: template text is no content."""

import re
from collections.abc import Iterable
from typing import Final, Literal

from assaybook.domain.facts import Documentation, Topic
from assaybook.intake.values import passage

LABEL: Final = re.compile(r"^\s*(?:[-*+]\s+)?(?:\*\*|__)(.{1,60}?):?(?:\*\*|__)\s*:?\s*(.*)$")
"""A bold label at the beginning of a line, and what stands behind it."""
_PLACEHOLDER: Final = re.compile(
    r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}"
    r"|\[?more information (?:is )?needed\]?(?: for further recommendations)?\.?"
    r"|\[?needs? more information\]?"
    r"|\[?to be (?:added|announced|completed|confirmed|defined|done|determined|filled in)\]?"
    r"|^\W*(?:coming soon|information to follow|(?:work )?in progress|under construction)\W*$"
    r"|^\W*(?:placeholder|fill (?:this |me )?in)\W*$"
    r"|^\W*not (?:yet )?(?:documented|specified|provided|available)\W*$"
    r"|\b(?:todo|tbd|tba|fixme)\b(?::.*)?|lorem ipsum.*"
    r"|\[(?:your|insert|add|fill|describe)\b[^\]]{0,80}\](?!\()"
    r"|<(?:your|insert|fill|describe)\b[^>]{0,80}>",
    re.IGNORECASE,
)
_CONTENT: Final = re.compile(r"\w")
_NOTHING: Final = frozenset({"n/a", "na", "none", "unknown", "...", "-", "?"})
"""Answers that say nothing."""


def content(text: str) -> tuple[str, bool]:
    """Return what a text says without its placeholders, and whether it had any."""
    kept: list[str] = []
    placeholder = False
    for line in text.split("\n"):
        rest, times = _PLACEHOLDER.subn("", line)
        placeholder = placeholder or bool(times)
        labelled = LABEL.match(rest)
        said = labelled.group(2) if labelled else rest
        says_nothing = said.strip(" \t\r*_-+.:").lower() in _NOTHING
        if _CONTENT.search(said) and not (says_nothing or (times and len(said.strip()) < 3)):  # noqa: PLR2004
            kept.append(rest.rstrip())
    return "\n".join(kept).strip(), placeholder


def documented(
    document: Literal["model", "dataset", "package"], topic: Topic, texts: Iterable[str], *, at: str
) -> Documentation:
    """Return the fact of one topic from all that is said about it; template text is no content."""
    read = [content(text) for text in dict.fromkeys(texts)]
    text = "\n".join(said for said, _ in read if said)
    return Documentation(
        pointer=at,
        document=document,
        topic=topic,
        present=bool(text),
        placeholder=any(placeholder for _, placeholder in read),
        text=passage(text) if text else None,
    )
