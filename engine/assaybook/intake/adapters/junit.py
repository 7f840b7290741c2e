"""JUnit XML reports, as pytest, Surefire, Ant, gtest and most test runners write them.

Each suite is a reading of its own, with its name as the scope's job; tests outside of any suite, as
Node.js writes them, are one without a name. A test that ended in an error was not decided; one that
was skipped was not examined. Failures that a count or a suite speaks of, and no test lists, keep
the list open; so do tests that are listed and not counted, which the tool only plans (``test.todo``
of Jest). Tests of one name in one suite are one check, which is as bad as the worst of them.
Properties ``assaybook.family``, ``assaybook.column``, ``assaybook.dataset`` and ``assaybook.split``
say what a test or a suite is about. Output and tracebacks are not read; durations neither.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck, Status
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, broken
from assaybook.intake.made import filled
from assaybook.intake.parsed import Parsed
from assaybook.intake.unread import scanner_of
from assaybook.intake.values import Json, count, instant, lacks_zone, short, word
from assaybook.intake.xml_text import attribute, attributes, child, children, place, tag

_FAMILIES: Final = frozenset(
    {
        *("schema", "null", "range", "unique", "duplicate", "leakage"),
        *("imbalance", "representativeness", "label", "skew", "poisoning"),
    }
)
_ENDS: Final[tuple[tuple[str, Status], ...]] = (
    ("failure", "fail"),
    ("error", "error"),
    ("skipped", "skip"),
)
"""What a test holds where it did not pass, the worst first."""
_SAID: Final = ("tests", "failures", "errors")
_OURS: Final = "assaybook"
_WORST: Final[dict[Status, int]] = {"pass": 0, "skip": 1, "error": 2, "fail": 3}
_STATES: Final[tuple[tuple[Status, frozenset[str]], ...]] = (
    ("fail", frozenset({"fail", "failed", "failure"})),
    (
        "error",
        frozenset(
            {"error", "errored", "unknown", "n/a", "broken", "undefined", "aborted", "timedout"}
        ),
    ),
    (
        "skip",
        frozenset(
            {"notrun", "skip", "skipped", "disabled", "ignored", "suppressed"}
            | {"pending", "untested", "todo"}
        ),
    ),
)
"""What some tools say of a test in an attribute alone, the worst first."""
_STATED: Final = ("status", "result")
_STAMP: Final = re.compile(r"-(?:19|20)[0-9]{12}")
"""What unittest-xml-reporting puts behind the name of a suite: when it ran."""


@record
class _Case:
    """A test, what became of it, the words of the tool for that, and its own properties."""

    element: Json
    status: Status
    verdict: str
    own: dict[str, str]


@draft
class _Suite:
    """What suites of one name say together."""

    name: str
    elements: list[Json] = field(default_factory=list)
    cases: list[_Case] = field(default_factory=list)


@draft
class _Listed:
    """How many tests elements list, in all and by how they ended; by the identity of an element.

    An element lists the tests of those in it too, so each is counted once and not at every level.
    """

    by_element: dict[int, Counter[Status]] = field(default_factory=dict)

    def of(self, element: Json) -> Counter[Status]:
        """Return how the tests ended that stand anywhere in an element."""
        return self.by_element[id(element)]


@record
class _Unlisted:
    """What an element counts beyond its list; ``passed`` where it says that all of that passed."""

    warning: Warning_
    passed: bool


@record
class Junit:
    """Adapter for ``testsuites`` and ``testsuite``."""

    name: str = "junit"
    version: int = 5
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("data_check",)
    questions: tuple[str, ...] = ("data_check", "data_check/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise the root element, but no report of our own, nor findings in place of tests."""
        del declared
        root = tag(document.value)
        if document.media != "xml" or root not in {"testsuites", "testsuite"}:
            return None
        if attribute(document.value, "name") == _OURS or scanner_of(document.value):
            return None
        reasons = (f"the root element is {root}",)
        return Detected(format=self.name, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every suite."""
        del detected
        suites: dict[str, _Suite] = {}
        listed = _Listed()
        around = _collect(document.value, (), suites, listed)
        if not suites:
            return (Reading(coverage=(Coverage(question="data_check", examined=0, failed=0),)),)
        unlisted = tuple(_unlisted(around, listed)[0])
        return tuple(_reading(document, suite, unlisted, listed) for suite in suites.values())


def _collect(
    element: Json, above: tuple[str, ...], suites: dict[str, _Suite], listed: _Listed
) -> list[Json]:
    """Find the suites that hold tests, by their names, and return the elements around them.

    Depth is bounded by the parser.
    """
    around: list[Json] = [element]
    cases = [_case(one) for one in children(element, "testcase")]
    ends: Counter[Status] = Counter([one.status for one in cases])
    below = children(element, "testsuite")
    if tag(element) == "testsuite":
        name = word(attribute(element, "name"))
        above = (*above, _STAMP.sub("", name) or name) if name else above
        if cases or not below:
            path = short("/".join(above))
            suite = suites.setdefault(path, _Suite(path))
            suite.elements.append(element)
            suite.cases += cases
            around = []
    elif cases:
        suite = suites.setdefault("", _Suite(""))
        suite.elements.append(element)
        suite.cases += cases
    for one in below:
        around += _collect(one, above, suites, listed)
        ends.update(listed.of(one))
    listed.by_element[id(element)] = ends
    return around


def _reading(
    document: Parsed, suite: _Suite, around: tuple[_Unlisted, ...], listed: _Listed
) -> Reading:
    facts = tuple(_facts(document, suite))
    stated = [attribute(one, "timestamp") for one in suite.elements]
    times = [found for one in stated if (found := instant(one)) is not None]
    own = [one for one in suite.elements if tag(one) == "testsuite"]
    unlisted, extra = _unlisted(own, listed)
    unlisted += around
    warnings = [one.warning for one in unlisted]
    if not times and any(map(lacks_zone, stated)):
        message = "the time has no zone, so it is none"
        warnings.append(Warning_(code="time-without-zone", message=message))
    about = _properties(suite.elements[0])
    return Reading(
        facts=facts,
        coverage=tuple(_coverage(facts, extra)),
        producer=Producer(tool="junit"),
        scope=Scope(
            job=suite.name or None,
            dataset=about.get("assaybook.dataset"),
            split=about.get("assaybook.split"),
        ),
        produced_at=max(times) if times and len(times) == len(stated) else None,
        warnings=tuple(warnings),
        malformed=any(not one.passed for one in unlisted),
    )


def _facts(document: Parsed, suite: _Suite) -> Iterator[DataCheck]:
    """Yield one check for each name, with the worst that its tests say."""
    worst: dict[tuple[str, str | None], DataCheck] = {}
    general = _properties(suite.elements[0])
    for case in suite.cases:
        said = attributes(case.element)
        name = word(said.get("name"))
        if name is None:
            raise broken(document, "a test must have a name", at=place(case.element))
        outer = word(said.get("classname"))
        own = general | case.own if case.own else general
        column = own.get("assaybook.column")
        family = own.get("assaybook.family")
        fact = filled(
            DataCheck,
            {
                "pointer": place(case.element),
                "check": short(f"{outer}.{name}" if outer else name),
                "column": column,
                "family": family if family in _FAMILIES else None,
                "status": case.status,
                "tool_verdict": case.verdict,
            },
        )
        known = worst.get((fact.check, column))
        if known is None or _rank(fact) > _rank(known):
            worst[fact.check, column] = fact
    yield from worst.values()


def _rank(fact: DataCheck) -> int:
    return _WORST[fact.status or "pass"]


def _case(element: Json) -> _Case:
    below = children(element)
    if not below:
        return _Case(element, *_stated(element), {})
    found = {tag(one): one for one in below}
    own = _properties(element) if "properties" in found else {}
    for name, status in _ENDS:
        if name in found:
            kind = word(attribute(found[name], "type"))
            return _Case(element, status, short(f"{name}: {kind}" if kind else name), own)
    status, verdict = _stated(element)
    if status == "pass" and not {"flakyFailure", "flakyError"}.isdisjoint(found):
        verdict = "passed when it was run again"
    return _Case(element, status, verdict, own)


def _stated(case: Json) -> tuple[Status, str]:
    """Return what became of a test that lists no end, by what its attributes say."""
    said = attributes(case)
    stated = {one.lower() for name in _STATED if isinstance(one := said.get(name), str) and one}
    for status, states in _STATES if stated else ():
        if stated & states:
            return status, "not run" if status == "skip" else f"stated: {min(stated & states)}"
    return "pass", "passed"


def _properties(element: Json) -> dict[str, str]:
    """Return our own properties of a suite or test."""
    found: dict[str, str] = {}
    for one in children(child(element, "properties"), "property"):
        name, value = word(attribute(one, "name")), word(attribute(one, "value"))
        if name and value and name.startswith("assaybook."):
            found[name] = value
    return found


def _unlisted(elements: list[Json], listed_in: _Listed) -> tuple[list[_Unlisted], dict[str, int]]:
    """Return what elements count and do not list, and how many of it by kind of outcome."""
    found: list[_Unlisted] = []
    extra = {"failures": 0, "errors": 0, "skipped": 0}
    for element in elements:
        odd = [name for name in _SAID if _is_odd(attribute(element, name))]
        if odd:
            message = f"what it counts as {', '.join(odd)} is no count"
            warning = Warning_(code="counts-not-read", message=message, pointer=place(element))
            found.append(_Unlisted(warning, passed=False))
        if not any(attribute(element, name) for name in _SAID) and not _own_ends(element):
            continue
        listed = listed_in.of(element)
        ended = listed["fail"] + listed["error"]
        # Some tools count as errors what they list as failures: only the sum can be relied on.
        told = sum(_told(element, name) for name in ("failures", "errors"))
        more = max(told - ended, _own_ends(element))
        broke = max(0, _told(element, "errors") - listed["error"], _own_ends(element))
        if more > 0:
            extra["errors"] += min(more, broke)
            extra["failures"] += more - min(more, broke)
        counted = _told(element, "tests")
        if 0 < counted < listed.total():
            extra["skipped"] += listed.total() - counted
            message = (
                f"{listed.total()} tests are listed and {counted} counted: the rest did not run"
            )
            warning = Warning_(code="tests-not-run", message=message, pointer=place(element))
            found.append(_Unlisted(warning, passed=True))
        if counted > listed.total() or more > 0:
            named = "report" if tag(element) == "testsuites" else "suite"
            message = f"the {named} counts {counted} tests and lists {listed.total()}"
            if more > 0:
                message += f"; {more} that failed or broke are not among these"
            warning = Warning_(code="tests-not-listed", message=message, pointer=place(element))
            found.append(_Unlisted(warning, passed=more <= 0 and _is_whole(element, listed)))
    return found, extra


def _own_ends(element: Json) -> int:
    """Return how often a suite itself broke, outside of its tests."""
    return len(children(element, "error", "failure"))


def _is_odd(said: Json) -> bool:
    return word(said) is not None and count(said) is None


def _told(element: Json, name: str) -> int:
    return count(attribute(element, name)) or 0


def _is_whole(element: Json, listed: Counter[Status]) -> bool:
    """Tell whether an element says of all its tests how they ended, and lists what did not pass.

    What is left passed, as the tool counts it: pytest lists no subtest that did.
    """
    said = all(attribute(element, name) is not None for name in ("failures", "errors", "skipped"))
    return said and _told(element, "skipped") + _told(element, "disabled") <= listed["skip"]


def _coverage(facts: tuple[DataCheck, ...], extra: dict[str, int]) -> Iterator[Coverage]:
    """Yield how each family of checks went; what is counted and not listed stands with all."""
    by_question: dict[str, list[DataCheck]] = {}
    for fact in facts:
        by_question.setdefault(question_of(fact), []).append(fact)
    if not by_question or any(extra.values()):
        by_question.setdefault("data_check", [])
    for question, rows in by_question.items():
        ends = [row.status for row in rows]
        skipped = sorted(row.check for row in rows if row.status == "skip")
        more = extra if question == "data_check" else dict.fromkeys(extra, 0)
        passed = max(0, ends.count("pass") - more["skipped"])
        yield Coverage(
            question=question,
            examined=passed + ends.count("fail"),
            passed=passed,
            failed=ends.count("fail") + more["failures"],
            errored=ends.count("error") + more["errors"],
            skipped=len(skipped) + more["skipped"],
            skipped_items=tuple(skipped),
        )
