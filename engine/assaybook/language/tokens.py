"""The scanner of expressions: text to tokens, with literals read.

Syntax of literals: the CEL language definition (github.com/google/cel-spec), without bytes and
unsigned integers.
"""

import re
from typing import Final, NamedTuple, NoReturn

from assaybook.domain.record import draft
from assaybook.language.faults import Place

MAX_TEXT: Final = 20_000
"""Longest expression, in characters."""
MAX_TOKENS: Final = 8_000
"""Most words and signs of one expression."""

RESERVED: Final = frozenset(
    (
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "namespace",
        "package",
        "return",
        "var",
        "void",
        "while",
    )
)
"""Words that CEL keeps for itself; they can be fields and not names."""
_WORDS: Final = {"true": True, "false": False, "null": None}
_SIGNS: Final = {
    "||": "OR",
    "&&": "AND",
    "!": "NOT",
    "+": "PLUS",
    "-": "MINUS",
    "?": "QUESTION",
    ":": "COLON",
    ",": "COMMA",
    ".": "DOT",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    "{": "LBRACE",
    "}": "RBRACE",
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "RELATION"),
    **dict.fromkeys(("*", "/", "%"), "TIMES"),
}
_MISTAKES: Final = {
    "=": "Write == to compare.",
    "=>": "Write >= for at least.",
    "=<": "Write <= for at most.",
    "<>": "Write != for unequal.",
    "===": "Write == to compare.",
    "!==": "Write != for unequal.",
    "&": "Write && for and.",
    "|": "Write || for or.",
}
_TYPESET: Final = {
    "\u2265": ">= for at least.",
    "\u2264": "<= for at most.",
    "\u2260": "!= for unequal.",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "a plain hyphen: -"),
    "\u00d7": "* for times.",
    "\u00f7": "/ for a division.",
    **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", "a plain blank: this only looks like one."),
}
"""What a text processor puts in place of what was typed, or a person copies from a page."""
_SCAN: Final = re.compile(
    r"""(?P<space>[ \t\n\f\r]+|//[^\n]*)
    |(?P<prefix>[rRbB]{0,2})(?P<open>\"\"\"|'''|["'])
    |(?P<number>0[xX][0-9a-fA-F]*|[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+(?:[eE][+-]?[0-9]+)?)
     (?P<tail>[A-Za-z_][A-Za-z0-9_]*)?
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |`(?P<quoted>[A-Za-z0-9_.\-/\ ]+)`
    |(?P<mistake>===|!==|=>|=<|<>|=(?!=)|&(?!&)|\|(?!\|))
    |(?P<sign>\|\||&&|[=!<>]=|[-!+?:,.()\[\]{}<>*/%])""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\?\"'`])|[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-3][0-7]{2})|(?P<bad>.|$))",
    re.DOTALL,
)
_SIMPLE: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST_CHARACTER: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_DIGITS: Final = 60
_SPLIT: Final = "Split the rule, or use let."
_CODE: Final = "expression-syntax"


class Token(NamedTuple):
    """One terminal of the grammar: its name, what it means, and where it stands."""

    kind: str
    value: bool | int | float | str | None
    start: int
    end: int


@draft
class _Scanner:
    place: Place
    at: int = 0

    def refuse(self, reason: str, start: int, end: int, hint: str = "") -> NoReturn:
        self.place.refuse(_CODE, reason, start, end, hint)

    def string(self, prefix: str, quote: str, start: int) -> Token:
        text, body = self.place.text, self.at
        if "b" in prefix.lower():
            self.place.refuse(
                "expression-unsupported",
                "bytes literals are not supported",
                start,
                body,
                "Compare strings instead.",
            )
        raw = bool(prefix)
        if len(prefix) > 1:
            self.refuse(f"unknown string prefix {prefix!r}", start, body, "Use r for a raw string.")
        at = body
        while not text.startswith(quote, at):
            if at >= len(text) or (len(quote) == 1 and text[at] in "\r\n"):
                self.refuse("the string is not closed", start, at, f"Close it with {quote}.")
            at += 2 if text[at] == "\\" else 1
        self.at = at + len(quote)
        value = text[body:at]
        if not raw and "\\" in value:
            value = _ESCAPE.sub(lambda found: self.unescaped(found, body), value)
        return Token("STRING", value, start, self.at)

    def unescaped(self, found: re.Match[str], base: int) -> str:
        simple = found["simple"]
        if simple is not None:
            return _SIMPLE.get(simple, simple)
        digits = found["x"] or found["u"] or found["U"]
        if digits is None and found["o"] is None:
            self.refuse(
                f"unknown escape {found[0]!r}",
                base + found.start(),
                base + found.end(),
                'Double the backslash, or write a raw string: r"...".',
            )
        code = int(found["o"], 8) if digits is None else int(digits, 16)
        if code > _LAST_CHARACTER or code in _SURROGATES:
            start, end = base + found.start(), base + found.end()
            self.refuse(f"{found[0]} is no Unicode character", start, end)
        return chr(code)

    def number(self, digits: str, tail: str | None, start: int) -> Token:
        end = self.at
        if tail in ("u", "U"):
            self.place.refuse(
                "expression-unsupported",
                "unsigned integers are not supported",
                start,
                end,
                f"Write {digits}.",
            )
        if tail is not None:
            hint = (
                f'Write duration("{digits}{tail}").'
                if tail in ("d", "h", "m", "s", "ms", "w")
                else ""
            )
            self.refuse(f"{digits}{tail} is no number", start, end, hint)
        if digits[:2] in ("0x", "0X"):
            if len(digits) == 2:  # noqa: PLR2004  the prefix alone
                self.refuse("a hexadecimal number needs digits", start, end)
            return Token("INT", int(digits, 16), start, end)
        if digits.isdigit():
            if len(digits) > _DIGITS:
                self.refuse(f"the number has more than {_DIGITS} digits", start, end)
            return Token("INT", int(digits), start, end)
        value = float(digits)
        if value == float("inf"):
            self.refuse(f"{digits} is too large for a number", start, end)
        return Token("DOUBLE", value, start, end)

    def next(self) -> Token | None:
        start = self.at
        found = _SCAN.match(self.place.text, start)
        if found is None:
            self.refuse_character(start)
        self.at = found.end()
        if found["space"] is not None:
            return None
        if found["open"] is not None:
            return self.string(found["prefix"], found["open"], start)
        if found["number"] is not None:
            return self.number(found["number"], found["tail"], start)
        if found["mistake"] is not None:
            wrong = found["mistake"]
            self.refuse(f"{wrong} is no operator", start, self.at, _MISTAKES[wrong])
        return self.word(found, start)

    def word(self, found: re.Match[str], start: int) -> Token:
        if found["quoted"] is not None:
            return Token("QUOTED", found["quoted"], start, self.at)
        word = found["word"]
        if word is None:
            return Token(_SIGNS[found["sign"]], found["sign"], start, self.at)
        if word in _WORDS:
            return Token(word.upper(), _WORDS[word], start, self.at)
        return Token("IN" if word == "in" else "IDENT", word, start, self.at)

    def refuse_character(self, start: int) -> NoReturn:
        wrong = self.place.text[start]
        hint = ""
        if wrong in "\u201c\u201d\u2018\u2019\u00ab\u00bb":
            hint = 'Use straight quotes: "...".'
        elif wrong in _TYPESET:
            hint = f"Write {_TYPESET[wrong]}"
        elif wrong == ";":
            hint = "Leave it out; a rule is one condition."
        elif wrong == "`":
            hint = "Backticks enclose a field name of letters, digits, _ . - / and spaces."
        self.refuse(f"unexpected character {wrong!r}", start, start + 1, hint)


def scan(place: Place) -> list[Token]:
    """Return the tokens of an expression, an end marker last.

    Raises:
        AuthorError: ``expression-too-long`` over ``MAX_TEXT`` characters; ``expression-too-large``
            over ``MAX_TOKENS`` words and signs; ``expression-syntax``; ``expression-unsupported``
            for bytes and unsigned integers.
    """
    size = len(place.text)
    if size > MAX_TEXT:
        reason = f"the expression has {size} characters; at most {MAX_TEXT} are read"
        place.refuse("expression-too-long", reason, 0, 1, _SPLIT)
    scanner = _Scanner(place)
    found: list[Token] = []
    while scanner.at < size:
        token = scanner.next()
        if token is None:
            continue
        if len(found) == MAX_TOKENS:
            reason = f"the expression has more than {MAX_TOKENS} words and signs"
            place.refuse("expression-too-large", reason, token.start, token.end, _SPLIT)
        found.append(token)
    found.append(Token("$END", None, size, size))
    return found
