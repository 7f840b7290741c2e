"""What tests print, in a JUnit report: output, tracebacks, messages, properties of the machine.

Nothing of it is read, and it can hold anything: a prompt, an answer, a row of data, a password.
The elements stay, on the lines on which they stand. Our own properties stay.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from assaybook.intake.copies import MARK

_OWN: Final = "assaybook."
_SHOWN: Final = "|".join(
    (
        *("failure", "error", "skipped", "system-out", "system-err", "stackTrace", "property"),
        *("rerunFailure", "rerunError", "flakyFailure", "flakyError"),
    )
)
_QUOTED: Final = r"\"[^\"]*+\"|'[^']*+'"
_PLAIN: Final = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
"""What begins a part that holds no elements, and what ends it."""
_OPEN: Final = re.compile(
    rf"<(?:!\[CDATA\[|!--|\?"
    rf"|(?P<name>(?:[\w.-]+:)?(?:{_SHOWN}))(?P<said>(?:\s(?:[^<>\"']|{_QUOTED})*+)?)>)"
)
_SAID: Final = re.compile(
    rf"(\s(?:message|value)\s*=\s*)(?!(?P<quote>[\"'])(?:{re.escape(MARK)}\s*)?(?P=quote))({_QUOTED})"
)
_NAME: Final = re.compile(rf"\sname\s*=\s*({_QUOTED})")


def without_output(text: str, removed: Counter[str]) -> str:
    """Return the text of a report without what its tests said, counted as ``output``.

    The text is well-formed XML without a document type.
    """
    kept: list[str] = []
    end = at = 0
    while match := _OPEN.search(text, at):
        at = match.end()
        if match["name"] is None:
            at = _after(text, match[0], at)
        elif not _is_ours(match):
            said, times = _SAID.subn(lambda one: one[1] + _blotted(one[3]), match["said"])
            kept += [text[end : match.start()], f"<{match['name']}{said}>"]
            if not said.endswith("/"):
                close = _close(text, match["name"], at)
                inner = text[at:close]
                if inner.strip() not in {"", MARK}:
                    times += 1
                    inner = MARK + "\n" * inner.count("\n")
                kept.append(inner)
                at = close
            end = at
            removed["output"] += times
    return "".join((*kept, text[end:])) if kept else text


def _after(text: str, opening: str, start: int) -> int:
    """Return where a part that holds no elements is over."""
    ending = _PLAIN[opening]
    found = text.find(ending, start)
    return len(text) if found < 0 else found + len(ending)


def _is_ours(match: re.Match[str]) -> bool:
    named = _NAME.search(match["said"])
    if named is None or not match["name"].endswith("property"):
        return False
    return named[1][1:].startswith(_OWN)


def _blotted(quoted: str) -> str:
    """Return a quoted text without what it says, on as many lines."""
    return f"{quoted[0]}{MARK}" + "\n" * quoted.count("\n") + quoted[0]


@lru_cache(64)
def _ends_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(?:!\[CDATA\[|!--|\?|(?P<end>/{re.escape(name)}\s*+>))")


def _close(text: str, name: str, start: int) -> int:
    """Return where the end tag of an element stands, of which none of its name is inside."""
    end = text.find("<", start)
    if text.startswith(f"</{name}>", end):
        return end
    ends = _ends_of(name)
    at = start
    while match := ends.search(text, at):
        if match["end"]:
            return match.start()
        at = _after(text, match[0], match.end())
    return len(text)
