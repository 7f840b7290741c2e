"""What a passage of documentation says, and what in it is only a placeholder for saying it."""

import re
from typing import Final

LABEL: Final = re.compile(r"^\s*(?:[-*+]\s+)?(?:\*\*|__)(.{1,60}?):?(?:\*\*|__)\s*:?\s*(.*)$")
"""A bold label at the beginning of a line (``- **License:** MIT``): its name and what follows."""
_PLACEHOLDER: Final = re.compile(
    r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}"
    r"|\[?more information (?:is )?needed\]?(?: for further recommendations)?\.?"
    r"|\[?needs? more information\]?"
    r"|\[?to be (?:added|announced|completed|confirmed|defined|done|determined|filled in)\]?"
    r"|^\W*(?:coming soon|information to follow|(?:work )?in progress|under construction|placeholder"
    r"|not (?:yet )?(?:documented|specified|provided|available)|fill (?:this |me )?in)\W*$"
    r"|\b(?:todo|tbd|tba|fixme)\b(?::.*)?|lorem ipsum.*"
    r"|\[(?:your|insert|add|fill|describe)\b[^\]]{0,80}\](?!\()"
    r"|<(?:your|insert|fill|describe)\b[^>]{0,80}>",
    re.IGNORECASE,
)
_CONTENT: Final = re.compile(r"\w")
_NOTHING: Final = frozenset({"n/a", "na", "none", "unknown", "...", "-", "?", "null", "nil"})
"""Answers that say nothing."""
_LEFT_OVER: Final = 3
"""Characters beside a placeholder, under which they are crumbs of it."""


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
        crumbs = times and len(said.strip()) < _LEFT_OVER
        if _CONTENT.search(said) and not (says_nothing or crumbs):
            kept.append(rest.rstrip())
    return "\n".join(kept).strip(), placeholder
