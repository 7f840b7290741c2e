"""The shape of a sentence: clauses and how far they hold, lists with labels, values said once.

Clauses are joined plainly as long as nobody can group them otherwise; else they become a list with
labels. Labels and values are marks until the whole text is known, and written by ``finished``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from assaybook.domain.record import record

_OPEN, _ITEM, _CLOSE = "\x0e", "\x10", "\x0f"
_ASIDE, _VALUE, _END = "\x02", "\x1f", "\x03"
_MARKS: Final = str.maketrans(dict.fromkeys(f"{_OPEN}{_ITEM}{_CLOSE}{_ASIDE}{_VALUE}{_END}", "?"))
_ASIDES: Final = re.compile(f"{_ASIDE}([^{_VALUE}]*){_VALUE}([^{_END}]*){_END}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_OPEN_LEVELS: Final = 2


@record
class Said:
    """A clause.

    Attributes:
        text: without a full stop.
        weight: 0 for one statement; 1 for statements that a comma or a word after them would not
            end for sure, but that may stand last; 2 for more.
        allowed: the field of the innermost row and the values that the clause leaves it.
    """

    text: str
    weight: int = 0
    allowed: tuple[str, frozenset[object]] | None = None

    @property
    def closed(self) -> str:
        """Return the clause, in brackets unless it is one statement."""
        return f"({self.text})" if self.weight else self.text


@record
class Thing:
    """A noun for the rows of a list.

    Attributes:
        one: singular, without article.
        many: plural.
        short: how it is named again.
        after: where it was measured, from which evidence.
        conditions: clauses about ``it`` that all hold.
        scalar: its elements are plain values, not rows.
    """

    one: str
    many: str
    short: str
    after: str = ""
    conditions: tuple[Said, ...] = ()
    scalar: bool = False

    @property
    def single(self) -> str:
        """Return the noun phrase for one."""
        return f"{self.one}{self.after}{self.which}"

    @property
    def plural(self) -> str:
        """Return the noun phrase for all."""
        return f"{self.many}{self.after}{self.which}"

    @property
    def single_closed(self) -> str:
        """Return the noun phrase for one, which words may follow."""
        which = f" ({self.which.strip()})" if self.weight > 1 else self.which
        return f"{self.one}{self.after}{which}"

    @property
    def weight(self) -> int:
        """Return the weight of the conditions."""
        return joint_weight(self._kept)

    @property
    def which(self) -> str:
        """Return the conditions as what follows the noun."""
        kept = self._kept
        if joint_weight(kept) <= 1:
            return f" {joined(map(_relative, kept), 'and')}" if kept else ""
        if len(kept) == 1:
            return f" for which {kept[0].text}"
        return f" for which {listed(kept, 'and')}"

    def where(self, conditions: Iterable[Said]) -> "Thing":
        """Return the noun for those for which clauses about ``it`` hold as well."""
        return replace(self, conditions=(*self.conditions, *conditions))

    @property
    def _kept(self) -> tuple[Said, ...]:
        """Return the conditions without those that a narrower one on the same field implies."""
        return tuple(
            said
            for said in self.conditions
            if said.allowed is None
            or not any(
                other.allowed is not None
                and other.allowed[0] == said.allowed[0]
                and other.allowed[1] < said.allowed[1]
                for other in self.conditions
            )
        )


def _relative(said: Said) -> str:
    for start, relative in (("its ", "whose "), ("it is ", "that is "), ("it was ", "that was ")):
        if said.text.startswith(start):
            return f"{relative}{said.text.removeprefix(start)}"
    return f"for which {said.text}"


def joint_weight(parts: Sequence[Said]) -> int:
    """Return the weight of clauses that hold together: 1 where only the last is not plain."""
    if not parts:
        return 0
    return 1 if all(said.weight == 0 for said in parts[:-1]) and parts[-1].weight <= 1 else 2


def both(parts: Sequence[Said], *, either: bool) -> Said:
    """Return clauses joined so that nobody can read them as grouped otherwise."""
    if len(parts) == 1:
        return parts[0]
    word = "or" if either else "and"
    if len(parts) == 2 and joint_weight(parts) == 1:  # noqa: PLR2004
        lead = "either" if either else "both"
        first, last = parts
        return Said(f"{lead} {first.text} {word} {last.text}", 1 + bool(last.weight))
    if either:
        lead = "at least one of these holds"
    else:
        lead = f"{'both' if len(parts) == 2 else 'all'} of these hold"  # noqa: PLR2004
    return Said(f"{lead}: {listed(parts, word)}", 2)


def listed(parts: Sequence[Said], word: str) -> str:
    """Return clauses as a list with labels; a list within a list has labels of its own."""
    items = [f"{_ITEM}{said.text}" for said in parts]
    return f"{_OPEN}{'; '.join(items[:-1])}; {word} {items[-1]}{_CLOSE}"


def aside(name: str, words: str) -> str:
    """Return words in brackets that are said only once for one name."""
    return f"{_ASIDE}{name}{_VALUE} ({words}){_END}"


def clean(text: str) -> str:
    """Return a text of a policy without the marks used here."""
    return text.translate(_MARKS)


def finished(text: str) -> str:
    """Return a text with its labels, each value in brackets at its first mention alone."""
    told: set[str] = set()

    def once(found: re.Match[str]) -> str:
        name, words = found.groups()
        if name in told:
            return ""
        told.add(name)
        return words

    counts: list[int] = []
    pieces: list[str] = []
    for piece in re.split(f"([{_OPEN}{_ITEM}{_CLOSE}])", _ASIDES.sub(once, text)):
        if piece == _OPEN:
            counts.append(0)
            pieces.append("[" if len(counts) > _OPEN_LEVELS else "")
        elif piece == _CLOSE:
            pieces.append("]" if len(counts) > _OPEN_LEVELS else "")
            counts.pop()
        elif piece == _ITEM:
            counts[-1] += 1
            pieces.append(_label(counts[-1], len(counts)))
        else:
            pieces.append(piece)
    return "".join(pieces)


def _label(count: int, level: int) -> str:
    lettered = level % 2 and count <= len(_LETTERS)
    return f"({_LETTERS[count - 1] if lettered else count}) "


def joined(parts: Iterable[str], last: str) -> str:
    """Return ``a, b and c`` with the given last word."""
    *firsts, end = parts
    return f"{', '.join(firsts)} {last} {end}" if firsts else end
