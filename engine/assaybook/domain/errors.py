"""Errors by who must act: the author, the submitter, the operator.

Every error has a stable code, a place, a reason and a remedy. None knows of HTTP or exit codes.
"""

from collections.abc import Sequence


class AssayError(Exception):
    """Something a person must mend.

    Attributes:
        code: stable, lower-case words joined by hyphens.
        message: the reason, one sentence.
        where: file, line and column, JSON pointer or command; empty where there is no place.
        hint: what to do next; empty where the reason says it.
    """

    def __init__(self, code: str, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.code = code
        self.message = message
        self.where = where
        self.hint = hint


class AuthorError(AssayError):
    """A policy, overlay, scope, cases or waiver file cannot be used as written."""


class SubmitterError(AssayError):
    """A submitted document or manifest cannot be read as what it says it is."""


class OperatorError(AssayError):
    """The installation, database or environment is not as it must be."""


class UsageError(AssayError):
    """A command was asked for something that cannot be."""


def did_you_mean(suggestions: Sequence[str]) -> str:
    """Return ``Did you mean A, B or C?``, or nothing where nothing comes near."""
    if not suggestions:
        return ""
    *firsts, last = suggestions
    before = f"{', '.join(firsts)} or " if firsts else ""
    return f"Did you mean {before}{last}?"
