"""The vocabulary of generated sentences: labels of fields, numbers, values, lists of things."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from assaybook.domain.durations import duration_words
from assaybook.domain.expression import Expression, Node, Quantifier
from assaybook.domain.ids import written
from assaybook.domain.policy import Need, Param
from assaybook.language.text import walk

_FIELDS: Final[Mapping[str, str]] = {
    "n": "number of trials",
    "n_rows": "number of rows",
    "n_reference": "number of reference rows",
    "n_current": "number of current rows",
    "ci_low": "lower confidence limit",
    "ci_high": "upper confidence limit",
    "dataset": "data set",
    "failed_share": "share of failures",
    "for_seconds": "waiting time in seconds",
    "size_bytes": "size in bytes",
    "tool_verdict": "verdict of the tool",
    "tool_threshold": "threshold of the tool",
    "examined": "number examined",
    "passed": "number passed",
    "failed": "number failed",
    "errored": "number errored",
    "skipped": "number skipped",
    "raw_name": "name in the tool",
    "fixed_in": "version with the fix",
    "produced_at": "time of production",
    "received_at": "time of receipt",
    "released_at": "time of release",
    "tested_at": "time of the test",
    "signed_at": "time of signing",
    "valid_until": "end of validity",
    "at": "time",
}
ADJECTIVES: Final[Mapping[str, str]] = {
    "present": "present",
    "placeholder": "a placeholder",
    "suppressed": "suppressed",
    "masked": "masked",
    "verified": "verified",
    "loaded": "loaded",
    "generative": "generative",
    "edge": "run at the edge",
}
"""True-or-false fields that are said of the thing itself."""
NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "documentation": ("documentation topic", "documentation topics"),
    "metric": ("measurement", "measurements"),
    "drift": ("drift statistic", "drift statistics"),
    "data_check": ("data check", "data checks"),
    "pii": ("finding of personal data", "findings of personal data"),
    "security": ("security finding", "security findings"),
    "attack": ("attack", "attacks"),
    "lineage": ("lineage link", "lineage links"),
    "artifact": ("artifact", "artifacts"),
    "operation": ("operational control", "operational controls"),
    "attestation": ("signed answer", "signed answers"),
    "review": ("human decision", "human decisions"),
}
ABOUT: Final[Mapping[str, str]] = {
    "release": "",
    "model": " of each model of the release",
    "dataset": " of each data set of the release",
    "system": " of any release of the system",
    "baseline": " of the baseline release",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """A noun for the rows of a list.

    Attributes:
        one: singular, without article.
        many: plural.
        short: how it is named again.
        after: where it was measured, from which evidence.
        which: the condition on it, with ``whose`` or ``for which``.
        scalar: its elements are plain values, not rows.
    """

    one: str
    many: str
    short: str
    after: str = ""
    which: str = ""
    scalar: bool = False

    @property
    def single(self) -> str:
        """Return the noun phrase for one."""
        return f"{self.one}{self.after}{self.which}"

    @property
    def plural(self) -> str:
        """Return the noun phrase for all."""
        return f"{self.many}{self.after}{self.which}"

    def where(self, condition: str) -> "Thing":
        """Return the noun for those for which a clause about ``it`` holds as well."""
        return replace(self, which=f"{self.which}{self.link(condition)}")

    def link(self, condition: str) -> str:
        """Return a clause about ``it`` as what follows the noun."""
        if self.which:
            return f" and for which {condition}"
        for start, relative in (("its ", " whose "), ("it is ", " that is ")):
            if condition.startswith(start):
                return f"{relative}{condition.removeprefix(start)}"
        return f" for which {condition}"


class SayClause(Protocol):
    """Says what must hold."""

    def __call__(self, node: Node, speech: "Speech", *, negated: bool = False) -> str:
        """Return a clause."""
        ...


class SayPhrase(Protocol):
    """Says a value."""

    def __call__(self, node: Node, speech: "Speech", *, ratio: bool = False) -> str:
        """Return a noun phrase."""
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """What a sentence can name.

    ``say_clause`` and ``say_phrase`` say a part of the tree. ``bound`` holds the variables in
    scope with their things, innermost last. ``distant`` is set where another list is spoken of in
    the same clause, so that "it" could be misread.
    """

    needs: Mapping[str, Need]
    params: Mapping[str, Param]
    lets: Mapping[str, Expression]
    say_clause: "SayClause"
    say_phrase: "SayPhrase"
    bound: tuple[tuple[str, Thing], ...] = ()
    distant: bool = False

    def inside(self, variable: str, thing: Thing) -> "Speech":
        """Return the speech about one row of a list."""
        return replace(self, bound=(*self.bound, (variable, thing)), distant=False)

    def beside(self, nodes: Iterable[Node]) -> "Speech":
        """Return the speech of a clause over some nodes: distant where they go through lists."""
        lists = any(isinstance(at, Quantifier) for node in nodes for at in walk(node))
        return replace(self, distant=self.distant or lists)

    def subject_of(self, variable: str) -> str | None:
        """Return ``it`` for the innermost row, else its noun; None for what is not bound."""
        names = [name for name, _thing in self.bound]
        if variable not in names:
            return None
        place = names.index(variable)
        thing = self.bound[place][1]
        if thing.scalar:
            return f"the {thing.short}"
        if place == len(names) - 1:
            return f"the first-named {thing.short}" if self.distant else "it"
        later = {other.short for _name, other in self.bound[place + 1 :]}
        return f"the {'first-named ' if thing.short in later else ''}{thing.short}"


def field_label(field: str) -> str:
    """Return a field as people say it."""
    return _FIELDS.get(field, field.replace("_", " "))


def number_words(value: float, *, ratio: bool = False) -> str:
    """Return a number; a ratio has at least two decimals."""
    if isinstance(value, int):
        return str(value)
    if ratio and float(f"{value:.2f}") == value:
        return f"{value:.2f}"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004


def value_words(value: object, *, ratio: bool = False) -> str:
    """Return a value that is written out or set by a param."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_words(value, ratio=ratio)
        case timedelta():
            return duration_words(value)
        case datetime():
            return written(value)
        case _:
            return f'"{value}"'


def joined(parts: Iterable[str], last: str) -> str:
    """Return ``a, b and c`` with the given last word."""
    *firsts, end = parts
    return f"{', '.join(firsts)} {last} {end}" if firsts else end


def singular(name: str) -> str:
    """Return the name of one element of a list called ``name``."""
    words = name.replace("_", " ")
    if words.endswith("ies"):
        return f"{words[:-3]}y"
    if words.endswith(("sses", "xes")):
        return words[:-2]
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else f"{words} entry"


def both(parts: Sequence[str], *, either: bool) -> str:
    """Return clauses joined so that nobody can read them as grouped otherwise."""
    if len(parts) == 2:  # noqa: PLR2004
        lead, word = ("either", "or") if either else ("both", "and")
        return f"{lead} {parts[0]} {word} {parts[1]}"
    lead, word = ("at least one of these holds", "or") if either else ("all of these hold", "and")
    return f"{lead}: {'; '.join(parts[:-1])}; {word} {parts[-1]}"
