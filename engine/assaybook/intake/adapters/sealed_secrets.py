"""Secrets in a signed payload: they stay in its bytes, which a signature covers, and are told.

What is read out of the payload is read without them, so that no fact and no report repeats one.
"""

import re
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Warning_
from assaybook.intake.copies import MARK
from assaybook.intake.raw import TOO_MUCH
from assaybook.intake.redaction_rules import HELD_BY, STARTS_OF, TOKENS
from assaybook.intake.values import Json

_MOST_STARTS: Final = 2_000
"""Places where a secret can begin; at each some thousand characters are looked at."""

Kinds = tuple[tuple[str, re.Pattern[str]], ...]


def kinds_in(text: str, where: str) -> Kinds:
    """Return the kinds of secrets, known by their form, that the text of a payload holds.

    Raises:
        SubmitterError: ``document-too-large``, it is a heap of what begins as secrets.
    """
    return tuple((name, pattern) for name, pattern in TOKENS if _holds(text, name, pattern, where))


def _holds(text: str, name: str, pattern: re.Pattern[str], where: str) -> bool:
    starts = STARTS_OF[name]
    if HELD_BY.get(name, "") not in text or not any(one in text for one in starts):
        return False
    if sum(map(text.count, starts)) > _MOST_STARTS:
        raise SubmitterError(
            "document-too-large",
            f"the payload holds more than {_MOST_STARTS} texts that begin as a {name}",
            where=where,
            hint=TOO_MUCH,
        )
    return pattern.search(text) is not None


def without(value: Json, kinds: Kinds) -> Json:
    """Return a value with marks for all secrets of some kinds; depth is bounded by the parser."""
    if not kinds:
        return value
    if isinstance(value, str):
        for _, pattern in kinds:
            value = pattern.sub(MARK, value)
        return value
    if isinstance(value, list):
        return [without(one, kinds) for one in value]
    if isinstance(value, dict):
        return {str(without(key, kinds)): without(one, kinds) for key, one in value.items()}
    return value


def told(kinds: Kinds, at: str) -> tuple[Warning_, ...]:
    """Return what whoever signed and whoever reads must know of the secrets in a payload."""
    if not kinds:
        return ()
    said = ", ".join(name for name, _ in kinds)
    message = (
        f"the signed payload holds what has the form of a secret ({said}); it is kept, since its "
        "signature would not hold without it: revoke the secret, and sign a payload that has none"
    )
    return (Warning_(code="secret-kept", message=message, pointer=at),)
