"""Errors about a file as text: what its author has done, and what to do."""

import re
from typing import Final

import yaml

from assaybook.domain.errors import AuthorError


def unreadable(code: str, message: str, where: str, hint: str = "") -> AuthorError:
    """Return an error about a file or a place in it."""
    return AuthorError(code, message, where=where, hint=hint)


def hidden_character(character: str, where: str) -> AuthorError:
    """Return the error about a character that nobody can see."""
    message = f"the character U+{ord(character):04X} is not allowed: nobody can see it"
    return unreadable("yaml-hidden-character", message, where, "Remove it.")


def malformed(error: yaml.MarkedYAMLError, file: str, text: str) -> AuthorError:
    """Return what an author has done where the YAML library finds no YAML."""
    mark = error.problem_mark or error.context_mark
    where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
    said = ", ".join(part for part in (error.context, error.problem) if part)
    hint = "Put text that holds ': ', ' #', quotes or brackets in quotes; indent with spaces."
    for words, (reason, remedy) in _MALFORMED.items():
        if words in said:
            said, hint = reason, remedy
    if mark is not None:
        said, hint = _seen(text.splitlines(), mark.line) or (said, hint)
    return unreadable("yaml-malformed", f"this is no YAML: {said}", where, hint)


def _seen(lines: list[str], at: int) -> tuple[str, str] | None:
    """Return what the lines show: a tab, a bare !, an open quote, or a step to the right."""
    line = lines[at] if at < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab begins this line", "Indent with spaces."
    if _BANG.search(line):
        return "a text that begins with ! is read as a tag", "Put it in quotes: '!(...)'."
    for number, each in enumerate(lines[:at], 1):
        if _OPEN_QUOTE.search(each):
            return f"the quote that begins in line {number} does not end there", "Close it."
    for number, each in enumerate(lines[: at + 1], 1):
        if found := _FALSE_BLANK.search(each):
            said = f"what looks like a blank in line {number} is U+{ord(found[1]):04X}"
            return said, "Type the blank anew: the line was copied from a text processor or a page."
    before = next((each for each in reversed(lines[:at]) if each.strip()), "")
    deeper = _indent(line) > _indent(before)
    if deeper and _KEY.match(line) and _KEY.match(before) and not before.rstrip().endswith(":"):
        return (
            "the line is indented deeper than the line before it",
            "Indent keys of one mapping equally.",
        )
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_OPEN_QUOTE: Final = re.compile(r'^ *(?:- +)?[A-Za-z_][\w.-]*: +"[^"\\]*$')
_FALSE_BLANK: Final = re.compile(
    r"^ *(?:- +)?(?:[A-Za-z_][\w.-]*:)?([\u00a0\u2007\u2009\u202f\u3000])"
)
_BANG: Final = re.compile(r"(?::|-) +!")
_KEY: Final = re.compile(r" *[A-Za-z_][\w.-]*:(?: |$)")
_MALFORMED: Final = {
    "mapping values are not allowed": (
        "a colon and a space make a key, and none can stand here",
        "Put the whole text in quotes.",
    ),
    "found character that cannot start any token": (
        "a tab, or a sign such as @ or `, begins here",
        "Indent with spaces; put text that begins with such a sign in quotes.",
    ),
    "could not find expected ':'": (
        "no colon follows this, so it is no key",
        "Write key: value, with a colon and a space.",
    ),
    "did not find expected '-' indicator": (
        "the line is indented otherwise than the lines before it",
        "Indent keys of one mapping equally, and items of one list.",
    ),
    "did not find expected key": (
        "the line is indented otherwise than the lines before it, or a quote ends too early",
        "Indent keys of one mapping equally; put text that holds quotes in quotes.",
    ),
}
"""What the YAML library says to what an author has done, and what to do."""
