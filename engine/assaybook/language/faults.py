"""Errors that point: file, line, column and a caret under the place in the text."""

from typing import Final, NoReturn

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Expression, Node

_WINDOW: Final = 90
_BEFORE: Final = 50


class Place:
    """A text and where its first character stands."""

    __slots__ = ("column", "file", "line", "text")

    def __init__(self, text: str, file: str = "", line: int = 1, column: int = 1) -> None:
        self.text = text
        self.file = file
        self.line = line
        self.column = column

    def where(self, offset: int) -> str:
        """Return ``file:line:column`` of a character of the text."""
        before = self.text[:offset]
        column = self.column + offset - (before.rfind("\n") + 1)
        spot = f"{self.line + before.count(chr(10))}:{column}"
        return f"{self.file}:{spot}" if self.file else spot

    def quote(self, start: int, end: int) -> str:
        """Return the line of the text that holds ``start``, and carets under the place."""
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", first)
        line = self.text[first:] if last < 0 else self.text[first:last]
        left, right = start - first, min(end - first, len(line))
        cut = max(0, left - _BEFORE) if len(line) > _WINDOW else 0
        shown = "".join(c if c.isprintable() else " " for c in line[cut : cut + _WINDOW])
        carets = max(1, min(right, cut + _WINDOW) - left)
        return f"    {shown}\n    {' ' * (left - cut)}{'^' * carets}"

    def refuse(self, code: str, reason: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Raise an error about some characters of the text.

        Raises:
            AuthorError: always, with ``code``; the message ends with the quoted line and a caret.
        """
        message = f"{reason}\n{self.quote(start, end)}"
        raise AuthorError(code, message, where=self.where(start), hint=hint)


def place_of(expression: Expression) -> Place:
    """Return the text of an expression with its place."""
    return Place(expression.text, expression.file, expression.line, expression.column)


def refuse(expression: Expression, node: Node, code: str, reason: str, hint: str = "") -> NoReturn:
    """Raise an error about a node of an expression.

    Raises:
        AuthorError: always, with ``code``.
    """
    place_of(expression).refuse(code, reason, node.start, node.end, hint)
