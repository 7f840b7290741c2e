"""What a need asks, with its params put in, and the state of answering it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.expression import Expression
from assaybook.domain.finding import CoverageShown
from assaybook.domain.policy import Assurance, Need
from assaybook.domain.record import draft, record
from assaybook.domain.subject import Subject
from assaybook.domain.values import Bag, Row, Unknown, Value, unknown
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.run import run
from assaybook.evaluation.selection import Candidate, Freshness

_STRENGTHS: Final[Mapping[str, Assurance]] = {one.value: one for one in Assurance}


@record
class Asked:
    """Everything that binding a need depends on besides the need.

    ``by_family`` maps a fact type to the documents that lend rows of it or coverage of it.
    """

    subject: Subject
    by_family: Mapping[str, tuple[Evidence, ...]]
    params: Row
    as_of: datetime
    retirements: tuple[Retirement, ...] = ()


@record
class Terms:
    """The values of a need with its params put in.

    ``questions`` is None where they are those that ``where`` allows. ``unset`` holds why a value
    is not known: nothing is bound then, since with each value another document may count.
    """

    freshness: Freshness
    assurance: Assurance
    questions: tuple[str, ...] | None
    may_skip: frozenset[str]
    within: timedelta | None
    unset: tuple[Unknown, ...]


@draft
class Answering:
    """What has been found so far for one need; filled target by target, question by question."""

    need: Need
    asked: Asked
    terms: Terms
    left_out: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Evidence id to code and sentence."""
    counted: dict[str, Candidate] = field(default_factory=dict)
    readings: dict[tuple[str, str], Candidate] = field(default_factory=dict)
    """Evidence id and question to the document whose rows of that question count."""
    gaps: list[Unknown] = field(default_factory=list)
    coverage: dict[tuple[str, str, int], CoverageShown] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    dismissed: list[tuple[Evidence, str, str]] = field(default_factory=list)
    """Documents about something else, or too weak, with code and sentence."""
    elsewhere: frozenset[str] = frozenset()
    """Documents about one of the things that must be answered, where those are several."""

    @property
    def env(self) -> dict[str, Value]:
        """Return the names that the conditions of a need can use besides the row."""
        return {"params": self.asked.params, "$as_of": self.asked.as_of}

    def counts(self, one: Candidate) -> None:
        """Count a document, whatever was said of it for another question."""
        self.counted[one.id] = one
        self.left_out.pop(one.id, None)

    def leaves_out(self, one: Candidate, code: str, why: str) -> None:
        """Leave a document out, unless it counts for another question."""
        if one.id not in self.counted:
            self.left_out[one.id] = (code, why)

    def dismisses(self, one: Candidate, code: str, why: str, *, listed: bool = True) -> None:
        """Leave out a document that could have answered, had it been about this, or stronger.

        One that is not listed is told only where nothing else answers.
        """
        self.dismissed.append((one.evidence, code, why))
        if not listed:
            return
        if code != "wrong_subject" or one.id not in self.left_out:
            self.leaves_out(one, code, why)


def terms_of(need: Need, asked: Asked) -> Terms:
    """Return the terms of a need, and why some are not known; no word asks for the strictest."""
    env: dict[str, Value] = {"params": asked.params, "$as_of": asked.as_of}
    unset: list[Unknown] = []

    def known(expression: Expression | None) -> Value:
        if expression is None:
            return None
        value = run(expression, env)
        if isinstance(value, Unknown):
            unset.append(value)
        return value

    limit = known(need.fresh_for)
    within = known(need.within)
    assurance = need.assurance
    if isinstance(assurance, Expression):
        word = known(assurance)
        assurance = _STRENGTHS.get(str(word), Assurance.VERIFIED)
    questions = need.of
    if isinstance(questions, Expression):
        questions = _strings(known(questions))
    if questions == () and not unset:
        unset.append(unknown("empty", need.name, "it names no question that could be answered"))
    if not isinstance(limit, timedelta) and need.fresh_for is not None:
        limit = timedelta(0)
    return Terms(
        freshness=Freshness(limit if isinstance(limit, timedelta) else None, asked.as_of),
        assurance=assurance,
        questions=questions,
        may_skip=frozenset(_strings(known(need.may_skip))),
        within=within if isinstance(within, timedelta) else None,
        unset=tuple(unset),
    )


def _strings(value: Value) -> tuple[str, ...]:
    if not isinstance(value, Bag):
        return ()
    return tuple(str(member.value) for member in value.members)
