"""What an adapter is: it reads one format's document into facts and coverage, and never judges.

A tool's own verdict is kept in ``tool_verdict`` fields. Counts that the format does not give stay
None. Third parties publish an adapter under the entry point group ``assaybook.adapters``.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final, Protocol, runtime_checkable

from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutSubject, Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Fact
from assaybook.domain.record import record
from assaybook.intake.parsed import Parsed
from assaybook.intake.raw import AS_WRITTEN

ENTRY_POINTS: Final = "assaybook.adapters"
_QUESTIONS: Final = 1024
_SEEN: Final = 256


_NOTHING_SAID: Final = AboutSubject()
_NOBODY: Final = Producer()
_NOWHERE: Final = Scope()


@record
class Reading:
    """What one run in a document says.

    Attributes:
        facts: typed rows, each with a pointer into the document.
        coverage: one row for each question that the run answered; each fact's question is here.
        subject: what the document says it is about.
        producer: the tool, without its version in the name: a source stays one over upgrades.
        run: the tool's own id of the run.
        scope: where it looked, with the format's own job.
        produced_at: as the document claims it; a time without a zone is none.
        warnings: what a reader of the document must know.
        malformed: only part of the document could be read.
        counts: counts that hold for any question the submitter says was asked, where the format
            tells how much was looked through and not for what.
    """

    facts: tuple[Fact, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    subject: AboutSubject = _NOTHING_SAID
    producer: Producer = _NOBODY
    run: str | None = None
    scope: Scope = _NOWHERE
    produced_at: datetime | None = None
    warnings: tuple[Warning_, ...] = ()
    malformed: bool = False
    counts: Coverage | None = None


@runtime_checkable
class Adapter(Protocol):
    """One format.

    Attributes:
        name: of the format, as ``as:`` and ``--as`` take it.
        version: of this adapter, raised when it reads the same bytes differently.
        versions: versions of the format that it reads.
        facts: fact types that it can yield.
        questions: coverage questions that the format can answer; ``pii/*`` is any of a family.
        redactions: if it has them, a tuple of ``redaction_rules.Rule``: what is never kept of a
            document of the format.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def versions(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def facts(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def questions(self) -> tuple[str, ...]: ...  # noqa: D102

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Say which version of the format a document is, or None for another format.

        With ``declared`` the submitter names this format, so that what could be of several tools
        (an empty list) is taken; what is clearly of another is not.
        """
        ...

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read a detected document; several runs give several readings.

        Raises:
            SubmitterError: the document breaks its format.
        """
        ...


def answers(adapter: Adapter, question: str) -> bool:
    """Tell whether a format can answer a question."""
    family = question.partition("/")[0]
    return question in adapter.questions or f"{family}/*" in adapter.questions


def broken(
    document: Parsed, reason: str, *, at: str = "", hint: str = AS_WRITTEN
) -> SubmitterError:
    """Return the error of a document that is of a format and breaks it at a pointer."""
    where = f"{document.name}#{at}" if at else document.name
    return SubmitterError("document-breaks-format", reason, where=where, hint=hint)


@lru_cache(_SEEN)
def certain(format_name: str, version: str, reason: str) -> Detected:
    """Return what a document was detected as for a reason that leaves no doubt."""
    return Detected(format=format_name, version=version, confidence=1.0, reasons=(reason,))


@lru_cache(_SEEN)
def producer(tool: str, version: str = "") -> Producer:
    """Return the tool that made a document; most documents are of one that was met before."""
    return Producer(tool=tool, version=version)


@lru_cache(_SEEN)
def scope(dataset: str | None = None, split: str | None = None, *, job: str | None = None) -> Scope:
    """Return where a document looked, as ``producer`` returns its tool."""
    return Scope(dataset=dataset, split=split, job=job)


@lru_cache(_QUESTIONS)
def recorded(question: str, rows: int) -> Coverage:
    """Return the coverage of a document that is itself the record: all its rows were read."""
    return Coverage(question=question, examined=rows, failed=0, errored=0, skipped=0)


def recorded_all(facts: Iterable[Fact], asked: Iterable[str] = ()) -> tuple[Coverage, ...]:
    """Return coverage of the questions that facts answer, after those that were asked anyway."""
    rows = dict.fromkeys(asked, 0)
    for fact in facts:
        question = question_of(fact)
        rows[question] = rows.get(question, 0) + 1
    return tuple(recorded(question, lent) for question, lent in rows.items())


def notes(code: str, messages: Iterable[tuple[str, str]]) -> tuple[Warning_, ...]:
    """Return warnings of one code from (pointer, message), the first twenty of them."""
    said = iter(messages)
    first = islice(said, _MOST_NOTES)
    found = [Warning_(code=code, message=text, pointer=at) for at, text in first]
    more = sum(1 for _ in said)
    if more:
        found.append(Warning_(code=code, message=f"and {more} more like these"))
    return tuple(found)


_MOST_NOTES: Final = 20
