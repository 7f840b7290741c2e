"""Evidence with what was read out of it, and files that could not be read."""

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AssayError
from assaybook.domain.evidence import Coverage, Envelope
from assaybook.domain.facts import AnyFact


class Evidence(Frozen):
    """One immutable submission with its derived facts and coverage."""

    envelope: Envelope
    coverage: tuple[Coverage, ...] = ()
    facts: tuple[AnyFact, ...] = ()


class Detected(Frozen):
    """What a document was recognised as; confidence is 0 to 1."""

    format: str
    version: str = ""
    confidence: float
    reasons: tuple[str, ...] = ()


class Problem(Frozen):
    """A file that could not be read as what it is, or as what it was declared to be."""

    file: str
    code: str
    where: str
    message: str
    hint: str


def problem_of(file: str, error: AssayError) -> Problem:
    """Return what is said of a file that could not be used."""
    return Problem(
        file=file, code=error.code, where=error.where, message=error.message, hint=error.hint
    )
