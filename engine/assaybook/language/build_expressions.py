"""Expressions of a document: parsed and checked at their exact place."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Expression, Literal_
from assaybook.domain.record import record
from assaybook.domain.types import ANY, BOOL, DURATION, INT, Type
from assaybook.language.checker import check
from assaybook.language.document_problems import problems_of
from assaybook.language.parser import parse
from assaybook.language.source import Path, Source

Environment = Mapping[str, Type]
_LINE_AND_COLUMN: Final = 2


@record
class Reading:
    """Reads the expressions of one source and keeps every problem with them."""

    source: Source
    problems: list[AuthorError]

    def condition(
        self, text: str, path: Path, environment: Environment | None
    ) -> Expression | None:
        """Return a condition, or None where it has a problem; see ``expression``."""
        return self.expression(text, path, environment, BOOL)

    def expression(
        self,
        text: str,
        path: Path,
        environment: Environment | None,
        expected: Type = ANY,
        *,
        start: int = 0,
    ) -> Expression | None:
        """Return an expression of a type, or None where it has a problem.

        Without an environment it is parsed and not checked, because a name that it may use could
        not be understood itself. ``start`` is where it begins in the text at the path.
        """
        line, column = self.source.place_in(path, start)
        try:
            parsed = parse(text, file=self.source.file, line=line, column=column)
            if environment is None:
                return None
            return check(parsed, environment, expected=expected)
        except AuthorError as error:
            self.problems.extend(
                [self.placed(each, path, start=start) for each in problems_of(error)]
            )
            return None

    def hold(self, checked: Callable[[], None], *paths: Path) -> None:
        """Run a check of the expressions at some paths, and keep what it refuses."""
        try:
            checked()
        except AuthorError as error:
            self.problems.extend([self.placed(each, *paths) for each in problems_of(error)])

    def literal(self, value: int | timedelta, path: Path) -> Expression:
        """Return the expression of a number or duration that the document writes plainly."""
        node = self.source.node(path)
        kind = INT if isinstance(value, int) else DURATION
        text = node.written or str(value)
        line, column = node.place
        literal = Literal_(start=0, end=len(text), type=kind, value=value)
        return Expression(text, literal, self.source.file, line, column)

    def refuse(self, code: str, message: str, path: Path, hint: str = "") -> None:
        """Keep a problem with the value at a path."""
        where = self.source.where(path)
        self.problems.append(AuthorError(code, message, where=where, hint=hint))

    def refuse_key(self, code: str, message: str, path: Path, hint: str = "") -> None:
        """Keep a problem with the key at a path."""
        where = self.source.where_key(path)
        self.problems.append(AuthorError(code, message, where=where, hint=hint))

    def placed(self, error: AuthorError, *paths: Path, start: int = 0) -> AuthorError:
        """Return an error about an expression at one of the paths with its place in the file.

        An expression is read as if it stood in one piece; folds, quotes and indents of the file
        put its characters elsewhere.
        """
        spot = error.where.removeprefix(f"{self.source.file}:").split(":")
        if len(spot) != _LINE_AND_COLUMN or not all(part.isdecimal() for part in spot):
            return error
        for path in paths:
            offset = self._offset(int(spot[0]), int(spot[1]), path, start)
            if offset is not None:
                where = self.source.where_in(path, offset)
                return AuthorError(error.code, error.message, where=where, hint=error.hint)
        return error

    def _offset(self, line: int, column: int, path: Path, start: int) -> int | None:
        """Return which character of the text at a path an error means, or None for another's."""
        text = self.source.node(path).value
        first_line, first_column = self.source.place_in(path, start)
        lines = text.strip()[start:].split("\n") if isinstance(text, str) else []
        down, right = line - first_line, column - first_column
        if 0 <= down < len(lines) and 0 <= right <= len(lines[down]):
            return start + sum(len(each) + 1 for each in lines[:down]) + right
        return None
