"""Expressions of a document: parsed and checked at their exact place, and what they read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Expression, Has, Literal_, Name, Node, Quantifier, Select
from assaybook.domain.types import ANY, BOOL, DURATION, INT, Type
from assaybook.language.checker import check
from assaybook.language.document_problems import problems_of
from assaybook.language.environment import overlay_environment
from assaybook.language.parser import parse
from assaybook.language.source import Path, Source
from assaybook.language.text import children

Environment = Mapping[str, Type]


@dataclass(frozen=True, slots=True)
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
        self, text: str, path: Path, environment: Environment | None, expected: Type = ANY
    ) -> Expression | None:
        """Return an expression of a type, or None where it has a problem.

        Without an environment it is parsed and not checked, because a name that it may use could
        not be understood itself.
        """
        line, column = self.source.place_in(path, 0)
        try:
            parsed = parse(text, file=self.source.file, line=line, column=column)
            if environment is None:
                return None
            return check(parsed, environment, expected=expected)
        except AuthorError as error:
            self.problems += [self.placed(each, text.strip(), path) for each in problems_of(error)]
            return None

    def refuse(self, code: str, message: str, path: Path, hint: str = "") -> None:
        """Keep a problem with the value at a path."""
        where = self.source.where(path)
        self.problems.append(AuthorError(code, message, where=where, hint=hint))

    def refuse_key(self, code: str, message: str, path: Path, hint: str = "") -> None:
        """Keep a problem with the key at a path."""
        where = self.source.where_key(path)
        self.problems.append(AuthorError(code, message, where=where, hint=hint))

    def placed(self, error: AuthorError, text: str, path: Path) -> AuthorError:
        """Return an error about an expression with its place in the file.

        The expression was read as if it stood in one piece; folds, quotes and indents of the file
        put its characters elsewhere.
        """
        start = self.source.place_in(path, 0)
        spot = error.where.removeprefix(f"{self.source.file}:").split(":")
        if len(spot) != len(start) or not all(part.isdecimal() for part in spot):
            return error
        lines = text.split("\n")
        down, right = int(spot[0]) - start[0], int(spot[1]) - start[1]
        offset = sum(len(line) + 1 for line in lines[:down]) + right
        where = self.source.where_in(path, offset)
        return AuthorError(error.code, error.message, where=where, hint=error.hint)


def system_only() -> Environment:
    """Return the names that an overlay's ``for`` may use."""
    return overlay_environment()


def literal_duration(text: str, length: timedelta) -> Expression:
    """Return the expression of a duration that a document wrote plainly."""
    return Expression(text, Literal_(start=0, end=len(text), type=DURATION, value=length))


def literal_int(number: int) -> Expression:
    """Return the expression of a whole number that a document wrote plainly."""
    text = str(number)
    return Expression(text, Literal_(start=0, end=len(text), type=INT, value=number))


def names_read(expression: Expression | None) -> frozenset[str]:
    """Return the names that an expression reads from outside: no bound variables."""
    if expression is None:
        return frozenset()
    return frozenset(_free_names(expression.node, frozenset()))


def params_read(expression: Expression | None) -> frozenset[str]:
    """Return the params that an expression reads."""
    return frozenset() if expression is None else frozenset(_params(expression.node))


def _free_names(node: Node, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, Name):
        if node.name not in bound:
            yield node.name
        return
    for index, part in enumerate(children(node)):
        inside = isinstance(node, Quantifier) and index > 0
        yield from _free_names(part, bound | {node.variable} if inside else bound)


def _params(node: Node) -> Iterator[str]:
    if isinstance(node, Select | Has) and node.operand == _params_name(node.operand):
        yield node.field
    for part in children(node):
        yield from _params(part)


def _params_name(node: Node) -> Node | None:
    return node if isinstance(node, Name) and node.name == "params" else None
