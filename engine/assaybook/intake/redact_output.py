"""What tests print, in a JUnit report: output, tracebacks, messages, properties of the machine.

Nothing of it is read, and it can hold anything: a prompt, an answer, a row of data, a password.
The elements stay, on the lines on which they stand. Our own properties stay.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from assaybook.intake.copies import MARK

_OWN: Final = b"assaybook."
_MARK: Final = MARK.encode()
_EMPTY: Final = frozenset({"", MARK})
_SHOWN: Final = "|".join(
    (
        *("failure", "error", "skipped", "system-out", "system-err", "stackTrace", "property"),
        *("rerunFailure", "rerunError", "flakyFailure", "flakyError"),
    )
)
_QUOTED: Final = r"\"[^\"]*+\"|'[^']*+'"
_PLAIN: Final = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
"""What begins a part that holds no elements, and what ends it."""
_OPEN: Final = re.compile(
    (
        rf"<(?:!\[CDATA\[|!--|\?"
        rf"|(?P<name>(?:[\w.\x80-\xff-]+:)?(?:{_SHOWN}))(?P<said>(?:\s(?:[^<>\"']|{_QUOTED})*+)?)>)"
    ).encode()
)
_SAID: Final = re.compile(
    (
        r"(\s(?:message|value)\s*=\s*)"
        rf"(?!(?P<quote>[\"'])(?:{re.escape(MARK)}\s*)?(?P=quote))({_QUOTED})"
    ).encode()
)
_SAYS: Final = re.compile(rb"\s*+[^\s<\[\x00-\x1f\x80-\xff]")
"""What begins a text that is more than white space and a mark, told without looking on."""
_NAME: Final = re.compile(rf"\sname\s*=\s*({_QUOTED})".encode())


def without_output(text: bytes, removed: Counter[str]) -> bytes:
    """Return the text of a report without what its tests said, counted as ``output``.

    The text is well-formed XML in UTF-8 without a document type.
    """
    kept: list[bytes] = []
    end = at = 0
    while match := _OPEN.search(text, at):
        at = match.end()
        if match["name"] is None:
            at = _after(text, match[0], at)
        elif not _is_ours(match):
            name, said = match["name"], match["said"]
            said, times = _SAID.subn(_without_words, said) if said else (said, 0)
            kept += [text[end : match.start()], b"<", name, said, b">"]
            if not said.endswith(b"/"):
                close = _close(text, name, at)
                if _SAYS.match(text, at) or text[at:close].decode().strip() not in _EMPTY:
                    times += 1
                    kept += [_MARK, b"\n" * text.count(b"\n", at, close)]
                else:
                    kept.append(text[at:close])
                at = close
            end = at
            removed["output"] += times
    return b"".join((*kept, text[end:])) if kept else text


def _after(text: bytes, opening: bytes, start: int) -> int:
    """Return where a part that holds no elements is over."""
    ending = _PLAIN[opening]
    found = text.find(ending, start)
    return len(text) if found < 0 else found + len(ending)


def _is_ours(match: re.Match[bytes]) -> bool:
    if not match["name"].endswith(b"property"):
        return False
    named = _NAME.search(match["said"])
    return named is not None and named[1][1:].startswith(_OWN)


def _without_words(match: re.Match[bytes]) -> bytes:
    """Return an attribute without what it says, on as many lines."""
    quoted = match[3]
    mark = quoted[:1]
    return match[1] + mark + _MARK + b"\n" * quoted.count(b"\n") + mark


@lru_cache(64)
def _ends_of(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<(?:!\[CDATA\[|!--|\?|(?P<end>/" + re.escape(name) + rb"\s*+>))")


def _close(text: bytes, name: bytes, start: int) -> int:
    """Return where the end tag of an element stands, of which none of its name is inside."""
    end = text.find(b"<", start)
    if text.startswith(b"</" + name + b">", end):
        return end
    ends = _ends_of(name)
    at = start
    while match := ends.search(text, at):
        if match["end"]:
            return match.start()
        at = _after(text, match[0], match.end())
    return len(text)
