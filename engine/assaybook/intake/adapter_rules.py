"""Redaction rules that an adapter of a third party declares: data, checked before they are used.

A rule that is wrong would remove nothing, and what must not be kept would be kept without a word.
So an adapter with such a rule is not used at all.
"""

import re
from typing import Final, cast

from assaybook.domain.errors import OperatorError
from assaybook.intake.redaction_rules import STARTS_OF, Rule

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_OURS: Final = frozenset({"copy", *STARTS_OF})
"""Names by which envelopes tell what is removed from the documents of every format."""
_MOST_RULES: Final = 200
_MOST_STEPS: Final = 32
_HINT: Final = (
    'A rule is Rule("note", "FORMAT", ("reviews", "*", "note")); mend it, or uninstall or update '
    "the package that publishes the adapter."
)


def rules_of(adapter: object) -> tuple[Rule, ...]:
    """Return the rules that an adapter declares, which were checked when it was loaded."""
    return getattr(adapter, "redactions", ())


def check_rules(adapter: object, name: str, where: str) -> None:
    """Check the rules that an adapter declares, if it declares any.

    Args:
        adapter: may have ``redactions``, a tuple of rules.
        name: of its format, which each of its rules must name.
        where: the place of the adapter, for errors.

    Raises:
        OperatorError: ``redaction-rule-invalid``.
    """
    declared: object = getattr(adapter, "redactions", ())
    if not isinstance(declared, tuple):
        raise _invalid(f"{where} redactions", "it must be a tuple of rules")
    rules = cast("tuple[object, ...]", declared)
    if len(rules) > _MOST_RULES:
        raise _invalid(f"{where} redactions", f"an adapter has at most {_MOST_RULES} rules")
    for number, one in enumerate(rules):
        place = f"{where} redactions[{number}]"
        if not isinstance(one, Rule):
            raise _invalid(place, f"this is no Rule but of the type {type(one).__name__}")
        for member, reason in _faults(one, name):
            raise _invalid(f"{place}.{member}", reason)


def _faults(rule: Rule, form: str) -> list[tuple[str, str]]:
    """Return the members of a rule that are wrong, and why."""
    name, path, but = cast("tuple[object, object, object]", (rule.name, rule.path, rule.but))
    found: list[tuple[str, str]] = []
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        found.append(("name", "it must be lower-case words joined by hyphens"))
    elif name in _OURS:
        found.append(("name", f"{name!r} is what envelopes call something else"))
    if rule.format != form:
        found.append(("format", f"it must be {form!r}, the format of the adapter"))
    if not _are_words(path, tuple) or not 0 < len(rule.path) <= _MOST_STEPS:
        found.append(("path", f"it must be a tuple of 1 to {_MOST_STEPS} texts, one for each step"))
    if not isinstance(cast("object", rule.secret), bool):
        found.append(("secret", "it must be True or False"))
    if not _are_words(but, frozenset):
        found.append(("but", "it must be a frozenset of keys"))
    return found


def _are_words(value: object, kind: type) -> bool:
    words = cast("tuple[object, ...]", value)
    return isinstance(value, kind) and all(isinstance(one, str) and one for one in words)


def _invalid(where: str, reason: str) -> OperatorError:
    return OperatorError(
        "redaction-rule-invalid",
        f"a redaction rule of an adapter cannot be used: {reason}",
        where=where,
        hint=_HINT,
    )
