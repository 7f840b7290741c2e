"""Names cut to the room that a drawing or a line has, so that two that differ still look different.

A name is cut in its middle, because names of one kind begin alike and often end unlike; prose is
cut behind a word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

_CUT: Final = "…"
_BETWEEN: Final = re.compile(r"( · | / )")
_LEAST: Final = 4
"""Characters that stay before a cut: fewer would not be known again."""


def middle(text: str, width: int) -> str:
    """Return ``text`` on one line of at most ``width`` characters, both of its ends kept."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    tail = (width - 1) // 2
    return f"{line[: width - 1 - tail].rstrip()}{_CUT}{line[len(line) - tail :].lstrip()}"


def behind_a_word(text: str, width: int) -> str:
    """Return ``text`` on one line of at most ``width`` characters, cut where a word ends."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    held = line[: width - 1]
    at = held.rfind(" ")
    return f"{(held[:at] if at * 2 > width else held).rstrip(' ,;:')}{_CUT}"


def told_apart(texts: Sequence[str], width: int) -> tuple[str, ...]:
    """Return a label of at most ``width`` characters for each text; different texts stay unlike.

    A text that fits stays whole. Of the others each part keeps both ends, the longest part the
    least of itself; where that makes two alike, the beginning and what is behind it that differs;
    and where nothing else helps, a number.
    """
    lines = [" ".join(text.split()) for text in texts]
    labels = [_by_parts(line, width) for line in lines]
    for cut in (_from_difference, _numbered):
        alike = _alike(lines, labels)
        if not alike:
            break
        for place, others in alike.items():
            labels[place] = cut(lines, place, others, width)
    return tuple(labels)


def _by_parts(line: str, width: int) -> str:
    """Cut the longest parts of a name until it fits, so that its short parts stay whole."""
    parts = _BETWEEN.split(line)
    room = width - sum(len(each) for each in parts[1::2])
    most = max(len(each) for each in parts)
    while most > _LEAST and sum(min(len(each), most) for each in parts[::2]) > room:
        most -= 1
    named = (middle(each, most) if at % 2 == 0 else each for at, each in enumerate(parts))
    return middle("".join(named), width)


def _alike(lines: Sequence[str], labels: Sequence[str]) -> dict[int, list[int]]:
    """Return by place the places of the texts that share a label and are others."""
    times = Counter(labels)
    found: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        if times[label] > 1:
            same = [at for at, each in enumerate(labels) if each == label]
            if len({lines[at] for at in same}) > 1:
                found[place] = same
    return found


def _from_difference(lines: Sequence[str], place: int, others: Sequence[int], width: int) -> str:
    """Return the beginning of a text and the part from where it is unlike the others."""
    line = lines[place]
    shared = min(_shared(line, lines[at]) for at in others if lines[at] != line)
    head = max(_LEAST, width // 3)
    rest = line[max(head, shared - 2) :]
    return f"{line[:head].rstrip()}{_CUT}{middle(rest, width - head - 1)}"


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts have alike from their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _numbered(lines: Sequence[str], place: int, others: Sequence[int], width: int) -> str:
    known = list(dict.fromkeys(lines[at] for at in others))
    sign = f" ({known.index(lines[place]) + 1})"
    return f"{middle(lines[place], width - len(sign))}{sign}"
