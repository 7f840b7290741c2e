"""Python source as the house tests read it."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Module:
    """One file under engine/assaybook, named by its path there."""

    name: str
    text: str

    def nodes(self) -> Iterator[ast.AST]:
        """Parse the file, and yield every node of it."""
        return ast.walk(ast.parse(self.text))

    def at(self, node: ast.stmt | ast.expr | ast.excepthandler) -> str:
        """Return where ``node`` is, for a message."""
        return f"{self.name}:{node.lineno}"


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for a chain of names, and an empty text for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            before = dotted(value)
            return f"{before}.{name}" if before else ""
        case _:
            return ""


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Return each call of ``module`` with the dotted name that it calls."""
    for node in module.nodes():
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def comments(module: Module) -> dict[int, str]:
    """Return the comments of ``module`` by line number."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    return {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}
