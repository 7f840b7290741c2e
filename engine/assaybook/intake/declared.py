"""What a submitter adds to a document, and how it is laid over what the document says itself.

It fills what the format leaves open. A value that contradicts the document is refused, save where
it is only a default for many files. Everything that was used is named in the envelope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.errors import SubmitterError, did_you_mean
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Coverage, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Drift, Fact, Metric
from assaybook.domain.ids import Instant
from assaybook.domain.metrics import canonical_metric, tidy_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Adapter, Reading, answers
from assaybook.intake.made import made
from assaybook.intake.table_mapping import TableMapping

SKEW: Final = timedelta(seconds=300)
"""How far two clocks may differ."""
_COUNTS: Final = ("examined", "passed", "failed", "errored", "skipped")


class Counts(Frozen):
    """Sample counts for fields that the format leaves null.

    ``n`` holds for every metric of the document, or by metric and slice: ``recall`` or
    ``recall[sex=female]``.
    """

    n: int | dict[str, int] | None = None
    n_reference: int | None = Field(default=None, ge=0)
    n_current: int | None = Field(default=None, ge=0)


_NOWHERE: Final = Scope()
_NO_COUNTS: Final = Counts()
_NOTHING: Final[frozenset[str]] = frozenset()


class Declared(Frozen):
    """What a submitter says about one document.

    ``asked`` are questions that the tool was asked; ``coverage`` are counts for them. A
    ``produced_at`` that is ``file_time`` was read off the file, so it never contradicts. ``table``
    says what the columns of a table mean.
    """

    format: str | None = None
    system: str | None = None
    release: str | None = None
    artifacts: tuple[AboutArtifact, ...] = ()
    scope: Scope = _NOWHERE
    run: str | None = None
    produced_at: Instant | None = None
    file_time: Instant | None = None
    observed_at: Instant | None = None
    asked: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    counts: Counts = _NO_COUNTS
    table: TableMapping | None = None


@record
class Laid:
    """A reading with what was declared laid over it, and the names of what was used."""

    reading: Reading
    used: frozenset[str]


def lay(reading: Reading, declared: Declared, adapter: Adapter, name: str, *, strict: bool) -> Laid:
    """Fill what a reading leaves open with what was declared.

    ``strict`` is for what was said of this very document: a contradiction is refused.

    Raises:
        SubmitterError: ``manifest-contradicts``.
    """
    layer = _Layer(name, strict=strict)
    about = reading.subject
    system = layer.text("system", about.system, declared.system)
    release = layer.text("release", about.release, declared.release)
    artifacts = layer.artifacts(about.artifacts, declared.artifacts)
    scope = layer.scope(reading.scope, declared.scope)
    produced_at = layer.instant(reading.produced_at, declared.produced_at or declared.file_time)
    if layer.strict and declared.produced_at is not None:
        layer.agree_on_time(reading.produced_at, declared.produced_at)
    run = layer.text("run", reading.run, declared.run)
    facts = layer.all_counted(reading.facts, declared.counts)
    asked = declared.asked or declared.coverage or _repeats(reading.coverage)
    if not layer.used and not asked:
        return Laid(reading, _NOTHING)
    filled = Reading(
        facts=facts,
        coverage=reading.coverage,
        subject=made(AboutSubject, {"system": system, "release": release, "artifacts": artifacts}),
        producer=reading.producer,
        run=run,
        scope=scope,
        produced_at=produced_at,
        warnings=reading.warnings,
        malformed=reading.malformed,
        counts=reading.counts,
    )
    if asked:
        filled = replace(filled, coverage=layer.coverage(filled, declared, adapter))
    return Laid(filled, frozenset(layer.used))


def _repeats(coverage: tuple[Coverage, ...]) -> bool:
    """Tell whether two rows answer one question."""
    return len(coverage) > 1 and len({row.question for row in coverage}) < len(coverage)


def _together(coverage: Iterable[Coverage]) -> dict[str, Coverage]:
    """Return coverage by question; rows of one question are parts of it, and none is forgotten."""
    found: dict[str, Coverage] = {}
    for row in dict.fromkeys(coverage):
        before = found.get(row.question)
        found[row.question] = row if before is None else _sum(before, row)
    return found


def _sum(one: Coverage, other: Coverage) -> Coverage:
    counts: dict[str, object] = {}
    for field in _COUNTS:
        parts = getattr(one, field), getattr(other, field)
        counts[field] = None if None in parts else sum(parts)
    items = {"skipped_items": (*one.skipped_items, *other.skipped_items)}
    return one.model_copy(update={**counts, **items})


class _Layer:
    """Lays one declaration over one reading and keeps the names of what it used."""

    def __init__(self, name: str, *, strict: bool) -> None:
        self.used: set[str] = set()
        self.strict = strict
        self._name = name

    def text(self, what: str, said: str | None, declared: str | None) -> str | None:
        if declared is None or said == declared:
            return said
        if said is None:
            self.used.add(what)
            return declared
        self._contradiction(what, said, declared)
        return said

    def instant(self, said: datetime | None, declared: datetime | None) -> datetime | None:
        if said is None and declared is not None:
            self.used.add("produced_at")
            return declared
        return said

    def agree_on_time(self, said: datetime | None, declared: datetime) -> None:
        if said is not None and abs(said - declared) > SKEW:
            self._contradiction("produced_at", said.isoformat(), declared.isoformat())

    def artifacts(
        self, said: tuple[AboutArtifact, ...], declared: tuple[AboutArtifact, ...]
    ) -> tuple[AboutArtifact, ...]:
        if not declared:
            return said
        extra: list[AboutArtifact] = []
        for one in declared:
            other = next((each for each in said if _clash(each, one)), None)
            if other is not None:
                self._contradiction("about", other.digest, one.digest)
            elif all(one.digest != each.digest for each in said):
                self.used.add("about")
                extra.append(one)
        return (*said, *extra)

    def scope(self, said: Scope, declared: Scope) -> Scope:
        if declared is _NOWHERE or declared == _NOWHERE:
            return said
        return Scope(
            **{
                part: self.text("scope", getattr(said, part), getattr(declared, part))
                for part in Scope.model_fields
            }
        )

    def all_counted(self, facts: tuple[Fact, ...], counts: Counts) -> tuple[Fact, ...]:
        if counts is _NO_COUNTS or counts == _NO_COUNTS:
            return facts
        return tuple(self.counted(fact, counts) for fact in facts)

    def counted(self, fact: Fact, counts: Counts) -> Fact:
        if isinstance(fact, Metric) and counts.n is not None:
            return self._with_n(fact, counts.n)
        if isinstance(fact, Drift):
            found = {
                field: self._count(field, getattr(fact, field), getattr(counts, field))
                for field in ("n_reference", "n_current")
            }
            return fact.model_copy(update=found)
        return fact

    def _with_n(self, fact: Metric, n: int | Mapping[str, int]) -> Metric:
        declared = n if isinstance(n, int) else _n_for(fact, n)
        if fact.n is not None or declared is None:
            # A number for the whole document fills gaps; one for this very metric claims it.
            if declared not in (None, fact.n) and not isinstance(n, int):
                self._contradiction("counts", f"n = {fact.n}", f"n = {declared}")
            return fact
        if fact.n_rows is not None and declared > fact.n_rows:
            self._contradiction("counts", f"{fact.n_rows} rows", f"n = {declared}")
            return fact
        self.used.add("counts")
        return fact.model_copy(update={"n": declared})

    def _count(self, what: str, said: int | None, declared: int | None) -> int | None:
        if declared is None or (said is not None and said <= declared):
            # A column can have fewer values than the window that was declared has rows.
            return said
        if said is None:
            self.used.add("counts")
            return declared
        self._contradiction(what, said, declared)
        return said

    def coverage(
        self, reading: Reading, declared: Declared, adapter: Adapter
    ) -> tuple[Coverage, ...]:
        rows = _together(reading.coverage)
        for question in declared.asked:
            if self._can_answer(adapter, question) and question not in rows:
                self.used.add("asked")
                template = reading.counts or Coverage(question=question)
                rows[question] = template.model_copy(update={"question": question})
        for row in declared.coverage:
            if self._can_answer(adapter, row.question):
                found = rows.get(row.question, Coverage(question=row.question))
                rows[row.question] = self._filled(found, row, reading.facts)
        return tuple(rows.values())

    def _can_answer(self, adapter: Adapter, question: str) -> bool:
        if not answers(adapter, question):
            self._unanswerable(adapter, question)
            return False
        return True

    def _unanswerable(self, adapter: Adapter, question: str) -> None:
        if self.strict:
            known = sorted(adapter.questions)
            near = get_close_matches(question, known, n=1)
            raise SubmitterError(
                "manifest-contradicts",
                f"asked: {adapter.name} does not answer {question}",
                where=self._name,
                hint=did_you_mean(near) or f"It answers {', '.join(known) or 'no question'}.",
            )

    def _filled(self, said: Coverage, declared: Coverage, facts: Iterable[Fact]) -> Coverage:
        update: dict[str, object] = {}
        for field in _COUNTS:
            before = getattr(said, field)
            after = self._coverage_count(said.question, field, before, getattr(declared, field))
            update[field] = after
        if declared.skipped_items and not said.skipped_items:
            self.used.add("coverage")
            update["skipped_items"] = declared.skipped_items
        lent = sum(question_of(fact) == said.question for fact in facts)
        if lent and (update["failed"] == 0 or update["examined"] == 0) and said.failed != 0:
            self._contradiction(f"coverage of {said.question}", f"{lent} found", "none found")
        return said.model_copy(update=update)

    def _coverage_count(
        self, question: str, field: str, said: int | None, declared: int | None
    ) -> int | None:
        if declared is None or said == declared:
            return said
        if said is None:
            self.used.add("coverage")
            return declared
        self._contradiction(f"coverage of {question}, {field}", said, declared)
        return said

    def _contradiction(self, what: str, said: object, declared: object) -> None:
        if self.strict:
            raise SubmitterError(
                "manifest-contradicts",
                f"{what}: the document says {said}, the submitter says {declared}",
                where=self._name,
                hint="Correct the manifest or flag; it may only fill what the file leaves open.",
            )


def _clash(one: AboutArtifact, other: AboutArtifact) -> bool:
    """Tell whether two digests of one algorithm, kind and name differ."""
    same = one.kind == other.kind and one.name == other.name
    algorithm = one.digest.partition(":")[0]
    return same and one.digest != other.digest and other.digest.startswith(f"{algorithm}:")


def _n_for(fact: Metric, n: Mapping[str, int]) -> int | None:
    """Return the count declared for a metric in its slice, else for the metric overall."""
    for written, found in n.items():
        name, _, part = written.partition("[")
        known = canonical_metric(name).name
        if known == fact.name and tidy_slice(part.rstrip("]")) == (fact.slice or ""):
            return found
    return None
