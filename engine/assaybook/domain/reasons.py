"""Why something is unknown: a closed list with an order of precedence (version 1)."""

from collections.abc import Iterable
from typing import Final

from assaybook.domain.record import record

PRECEDENCE: Final = (
    "missing",
    "undated",
    "stale",
    "low_assurance",
    "wrong_subject",
    "not_examined",
    "errored",
    "skipped",
    "no_match",
    "too_few",
    "empty",
    "null",
    "redacted",
    "malformed",
    "unit",
    "conflict",
    "param_unset",
)
_RANK: Final = {code: rank for rank, code in enumerate(PRECEDENCE)}


@record
class Reason:
    """One cause of an unknown.

    Attributes:
        code: a word of ``PRECEDENCE``, or ``error:<code>`` for an evaluation error.
        path: what it is about, such as ``recall[slice=sex=female].n``.
        message: one sentence for a person; never decides anything and is not compared.
    """

    code: str
    path: str = ""
    message: str = ""

    @property
    def is_error(self) -> bool:
        """Tell whether this is an evaluation error."""
        return self.code.startswith("error:")


def rank_of(reason: Reason) -> tuple[int, str, str]:
    """Return the sort key of a reason: precedence, then code, then path."""
    return (_RANK.get(reason.code, len(PRECEDENCE)), reason.code, reason.path)


def ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the distinct reasons (by code and path) in their order of precedence."""
    found: dict[tuple[str, str], Reason] = {}
    for reason in reasons:
        found.setdefault((reason.code, reason.path), reason)
    return tuple(sorted(found.values(), key=rank_of))
