"""The vocabulary of generated sentences: labels of fields, numbers, values, lists of things."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from assaybook.domain.durations import duration_words
from assaybook.domain.expression import Expression, Node, Quantifier
from assaybook.domain.ids import written
from assaybook.domain.policy import Need, Param
from assaybook.domain.record import record
from assaybook.language.sentence_shape import Said, Thing, clean
from assaybook.language.text import walk

_FIELDS: Final[Mapping[str, str]] = {
    "n": "number of trials",
    "n_rows": "number of rows",
    "n_reference": "number of reference rows",
    "n_current": "number of current rows",
    "ci_low": "lower confidence limit",
    "ci_high": "upper confidence limit",
    "dataset": "data set",
    "measured_on": "data",
    "attempts": "number of attempts",
    "successes": "number of successes",
    "undecided": "number undecided",
    "failed_share": "share of failures",
    "for_seconds": "waiting time in seconds",
    "size_bytes": "size in bytes",
    "tool_verdict": "tool's own verdict",
    "tool_threshold": "tool's own threshold",
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
_SPELLED: Final[Mapping[str, str]] = {
    "brier": "Brier",
    **{word: word.upper() for word in ("auc", "ece", "mae", "mse", "pr", "rmse", "roc")},
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
DONE: Final[Mapping[str, str]] = {
    "produced_at": "produced",
    "received_at": "received",
    "released_at": "released",
    "tested_at": "tested",
    "signed_at": "signed",
}
"""Times of what was done to the thing itself."""
NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "documentation": ("part of the documentation", "parts of the documentation"),
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
SOUGHT: Final[Mapping[str, tuple[str, str]]] = {
    "security/vulnerability": ("vulnerability", "vulnerabilities"),
    "security/secret": ("secret", "secrets"),
    "security/unsafe_code": ("piece of unsafe code", "pieces of unsafe code"),
    "security/misconfiguration": ("misconfiguration", "misconfigurations"),
    "operation/alert": ("alert", "alerts"),
    "operation/rollback": ("rollback", "rollbacks"),
}
"""What the rows are that answer one question alone."""
ABOUT: Final[Mapping[str, str]] = {
    "release": "",
    "model": " of any model of the release",
    "dataset": " of any data set of the release",
    "system": " of any release of the system",
    "baseline": " of the baseline release",
}
WHOLE: Final[Mapping[str, str]] = {
    "release": "the release",
    "model": "each model of the release",
    "dataset": "each data set of the release",
    "system": "the system",
    "baseline": "the baseline release",
}
"""All that evidence must have looked at."""


class SayClause(Protocol):
    """Says what must hold."""

    def __call__(self, node: Node, speech: "Speech", *, negated: bool = False) -> Said:
        """Return a clause."""
        ...


class SayPhrase(Protocol):
    """Says a value."""

    def __call__(self, node: Node, speech: "Speech", *, ratio: bool = False) -> str:
        """Return a noun phrase."""
        ...


class SayParts(Protocol):
    """Says the parts of a chain."""

    def __call__(self, node: Node, speech: "Speech", *, negated: bool = False) -> list[Said]:
        """Return statements."""
        ...


@record
class Speech:
    """What a sentence can name.

    ``say_clause``, ``say_phrase`` and ``say_parts`` say a part of the tree. ``bound`` holds the
    variables in scope with their things, innermost last. ``distant`` is set where another list is
    spoken of in the same clause, so that "it" could be misread.
    """

    needs: Mapping[str, Need]
    params: Mapping[str, Param]
    lets: Mapping[str, Expression]
    say_clause: "SayClause"
    say_phrase: "SayPhrase"
    say_parts: "SayParts"
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


def metric_words(name: str) -> str:
    """Return the name of a metric as people write it: ``ROC AUC`` for ``roc_auc``."""
    return " ".join(_SPELLED.get(word, word) for word in name.split("_"))


_SMALLEST: Final = 1e-9
"""Least number that is written with its zeros, and not with an exponent."""


def number_words(value: float, *, ratio: bool = False) -> str:
    """Return a number; a ratio has at least two decimals, and a small one its zeros."""
    if isinstance(value, int):
        return str(value)
    if ratio and float(f"{value:.2f}") == value:
        return f"{value:.2f}"
    if value.is_integer():
        return str(int(value)) if abs(value) < 1e15 else repr(value)  # noqa: PLR2004
    return f"{Decimal(repr(value)):f}" if abs(value) >= _SMALLEST else repr(value)


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
            return f'"{clean(str(value))}"'


def singular(name: str) -> str:
    """Return the name of one element of a list called ``name``."""
    words = name.replace("_", " ")
    if words.endswith("ies"):
        return f"{words[:-3]}y"
    if words.endswith(("sses", "xes")):
        return words[:-2]
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else f"{words} entry"
