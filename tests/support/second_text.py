"""The text of an expression to its parts, for the second judge: tuples that begin with a kind."""

import re
from functools import cache
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"\s*(?:(\d+\.\d+|\d+)|(\"[^\"]*\"|'[^']*')|([A-Za-z_]\w*)"
    r"|(&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]]))"
)
BINARY: Final = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"))
_PRODUCTS: Final = ("*", "/", "%")


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = [match.groups() for match in _TOKEN.finditer(text)]
        self.at = 0

    def peek(self) -> str:
        return "" if self.at == len(self.tokens) else next(filter(None, self.tokens[self.at]))

    def take(self) -> str:
        self.at += 1
        token: str = next(filter(None, self.tokens[self.at - 1]))
        return token

    def choice(self) -> Any:
        test = self.binary(0)
        if self.peek() != "?":
            return test
        self.take()
        held = self.binary(0)
        self.take()
        return ("if", test, held, self.choice())

    def binary(self, level: int) -> Any:
        ranks = (*BINARY, _PRODUCTS)
        if level == len(ranks):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in ranks[level]:
            sign = self.take()
            left = ("binary", sign, left, self.binary(level + 1))
        return left

    def unary(self) -> Any:
        if self.peek() == "!":
            self.take()
            return ("not", self.unary())
        node = self.primary()
        while self.peek() in {".", "["}:
            if self.take() == "[":
                node = ("index", node, self.choice())
                self.take()
            else:
                name = self.take()
                called = self.peek() == "("
                node = ("method", name, node, self.arguments()) if called else ("get", node, name)
        return node

    def arguments(self) -> list[Any]:
        closing = {"(": ")", "[": "]"}[self.take()]
        found: list[Any] = []
        while self.peek() != closing:
            found.append(self.choice())
            if self.peek() == ",":
                self.take()
        self.take()
        return found

    def primary(self) -> Any:
        number, text, name, sign = self.tokens[self.at]
        if sign == "[":
            return ("list", self.arguments())
        if sign == "(":
            return self.arguments()[0]
        self.take()
        if number:
            return ("literal", float(number) if "." in number else int(number))
        if text:
            return ("literal", text[1:-1])
        if name in {"true", "false"}:
            return ("literal", name == "true")
        if name in {"math", "stats"} and self.peek() == ".":
            self.take()
            name = f"{name}.{self.take()}"
        return ("call", name, self.arguments()) if self.peek() == "(" else ("name", name)


@cache
def read(text: str) -> Any:
    """Return the parts of an expression."""
    reader = _Reader(text)
    node = reader.choice()
    assert reader.at == len(reader.tokens), text
    return node
