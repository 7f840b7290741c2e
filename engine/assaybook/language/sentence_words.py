"""The vocabulary of generated sentences: labels of fields, numbers, values, lists of things."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from assaybook.domain.durations import duration_words
from assaybook.domain.expression import Expression
from assaybook.domain.ids import written
from assaybook.domain.policy import Need, Param

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
        after: what follows the noun: where it was measured, for which it holds.
        scalar: its elements are plain values, not rows.
    """

    one: str
    many: str
    short: str
    after: str = ""
    scalar: bool = False

    @property
    def single(self) -> str:
        """Return the noun phrase for one."""
        return f"{self.one}{self.after}"

    @property
    def plural(self) -> str:
        """Return the noun phrase for all."""
        return f"{self.many}{self.after}"


@dataclass(frozen=True, slots=True)
class Speech:
    """What a sentence can name.

    ``bound`` holds the variables in scope with their things, innermost last.
    """

    needs: Mapping[str, Need]
    params: Mapping[str, Param]
    lets: Mapping[str, Expression]
    bound: tuple[tuple[str, Thing], ...] = ()

    def inside(self, variable: str, thing: Thing) -> "Speech":
        """Return the speech about one row of a list."""
        return replace(self, bound=(*self.bound, (variable, thing)))

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
            return "it"
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
