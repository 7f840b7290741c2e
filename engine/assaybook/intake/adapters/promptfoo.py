"""promptfoo: results of an evaluation or a red-team run (``promptfoo eval --output results.json``).

A test that failed was decided against; one that ended in an error was not decided, and is counted
apart. Tests of a red team (with a plugin in their metadata) are attacks, by plugin and strategy.
The others give the share that passed, by prompt and provider where there are several, and by type
of assertion. Scores, reasons and token counts are not read; nor are latencies of cached answers,
nor costs of zero, which promptfoo writes where it knows no price. Prompts, variables, answers and
the words of graders are not kept.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Attack, Fact, Metric
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.promptfoo_families import family_of
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    flag,
    instant,
    label,
    mapping,
    number,
    pointer,
    sequence,
    short,
    word,
)

Outcome = Literal["pass", "fail", "error", "unasserted"]
_ERROR: Final = 2
"""The failure reason of a test that was not decided; 1 is an assertion that failed."""
_OUTCOMES: Final[tuple[Outcome, ...]] = ("pass", "fail", "error", "unasserted")
_REASONS: Final = (0, 1, 2)
"""Why a test did not pass: for no reason that is told, an assertion, an error."""
_IDLE: Final = "the test has no assertion, so it is neither a pass nor a failure"
_UNGRADED: Final = "what graded this test cannot be read"
_UNNAMED: Final = (frozenset({"version", "timestamp"}), frozenset({"version", "table"}))
"""What a summary has that comes without the id of its evaluation, as all did before late 2024."""
_METRICS: Final = ("metric/quality", "metric/latency", "metric/cost")


@draft
class _Tally:
    """How tests of one kind ended, and where the first of them stands."""

    at: str
    ends: dict[Outcome, int] = field(
        default_factory=lambda: dict[Outcome, int].fromkeys(_OUTCOMES, 0)
    )
    waited: list[float] = field(default_factory=list)
    paid: list[float] = field(default_factory=list)

    @property
    def decided(self) -> int:
        """Return how many were decided either way."""
        return self.ends["pass"] + self.ends["fail"]


@record
class _Test:
    """One test: how it ended, which plugin and strategy it is of, and what it ran on."""

    at: str
    end: Outcome
    plugin: str | None
    strategy: str | None
    group: str
    raw: dict[str, Json]


@record
class Promptfoo:
    """Adapter for the JSON output of promptfoo."""

    name: str = "promptfoo"
    version: int = 3
    versions: tuple[str, ...] = ("2", "3")
    facts: tuple[str, ...] = ("metric", "attack")
    questions: tuple[str, ...] = (*_METRICS, "metric", "attack", "attack/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise an evalId with results, or results with stats as the library gives them."""
        del declared
        if document.media != "json":
            return None
        _, summary = _summary(document)
        if not isinstance(summary.get("results"), list) or "stats" not in summary:
            return None
        named = "evalId" in mapping(document.value)
        if not named and not any(one <= summary.keys() for one in _UNNAMED):
            return None
        version = label(summary.get("version")) or ""
        reasons = ("evalId with results" if named else "results with stats and version",)
        return Detected(format=self.name, version=version, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every test."""
        del detected
        top = mapping(document.value)
        base, summary = _summary(document)
        tests = tuple(_tests(document, sequence(summary["results"]), base))
        lost, untold = _lost(mapping(summary["stats"]), tests)
        attacks = tuple(_attacks([one for one in tests if one.plugin is not None]))
        plain = [one for one in tests if one.plugin is None]
        metrics = tuple(_metrics(document, plain))
        coverage = [*_attack_coverage(attacks, lost), *_metric_coverage(plain, metrics, lost)]
        if not tests:
            coverage = [Coverage(question="metric/quality", examined=0, failed=0, errored=0)]
        if untold:
            coverage = [one.model_copy(update={"skipped": None}) for one in coverage]
        said = f"the file counts {lost} more tests than it holds"
        odds = list(_at_odds(mapping(summary["stats"]), tests))
        unread = [(one.at, _UNGRADED) for one in tests if not _is_graded(one.raw)]
        idle = [(one.at, _IDLE) for one in tests if one.end == "unasserted"]
        return (
            Reading(
                facts=(*attacks, *metrics),
                coverage=tuple(coverage),
                producer=Producer(
                    tool=self.name,
                    version=label(mapping(top.get("metadata")).get("promptfooVersion")) or "",
                ),
                run=word(top.get("evalId")),
                scope=Scope(job=word(mapping(top.get("config")).get("description"))),
                produced_at=instant(summary.get("timestamp")),
                warnings=(
                    *notes("tests-missing", [(pointer(*base, "results"), said)] if lost else []),
                    *notes("test-without-assertion", idle),
                    *notes("grading-not-read", unread),
                    *notes("counts-disagree", ((pointer(*base, "stats"), one) for one in odds)),
                ),
                malformed=bool(odds or unread),
            ),
        )


def _summary(document: Parsed) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Return the summary and its place: under ``results`` in a file, on top from the library."""
    top = mapping(document.value)
    below = top.get("results")
    return (("results",), below) if isinstance(below, dict) else ((), top)


def _tests(document: Parsed, listed: list[Json], base: tuple[str, ...]) -> Iterator[_Test]:
    for index, raw in enumerate(listed):
        one, at = mapping(raw), pointer(*base, "results", index)
        passed = flag(one.get("success"))
        if passed is None:
            raise broken(document, "a result must say whether it was a success", at=at)
        plugin, strategy = _redteam(one)
        yield _Test(at, _end(one, passed=passed), plugin, strategy, _group(one), one)


def _end(one: dict[str, Json], *, passed: bool) -> Outcome:
    """Tell a failure from a test that was not decided; older files do so by its grading."""
    if passed:
        return "unasserted" if _asserts_nothing(one) else "pass"
    reason = one.get("failureReason")
    if reason is not None:
        return "error" if reason == _ERROR or count(reason) not in _REASONS else "fail"
    return "error" if word(one.get("error")) and not mapping(one.get("gradingResult")) else "fail"


def _asserts_nothing(one: dict[str, Json]) -> bool:
    """Tell whether a test has no assertion: the tool lets it pass, and it proves nothing."""
    graded = mapping(one.get("gradingResult"))
    if sequence(graded.get("componentResults")):
        return False
    asked = mapping(one.get("testCase")).get("assert")
    return asked == [] or (bool(graded) and not asked)


def _is_graded(one: dict[str, Json]) -> bool:
    """Tell whether the grading of a test can be read, if it has one."""
    grading = one.get("gradingResult")
    parts = mapping(grading).get("componentResults")
    whole = isinstance(grading, dict | None) and isinstance(parts, list | None)
    return whole and all(flag(mapping(part).get("pass")) is not None for part in sequence(parts))


def _redteam(one: dict[str, Json]) -> tuple[str | None, str | None]:
    places = (mapping(one.get("metadata")), mapping(mapping(one.get("testCase")).get("metadata")))
    plugin = next((found for each in places if (found := word(each.get("pluginId")))), None)
    strategy = next((found for each in places if (found := word(each.get("strategyId")))), None)
    return None if plugin is None else plugin.removeprefix("promptfoo:redteam:"), strategy


def _group(one: dict[str, Json]) -> str:
    """Return the provider and the prompt that a test ran on; texts of prompts are not kept."""
    provider = one.get("provider")
    names = mapping(provider)
    name = word(provider) or word(names.get("label")) or word(names.get("id")) or ""
    prompt = word(one.get("promptId")) or label(one.get("promptIdx")) or ""
    return short(f"{name}#{prompt[:12]}")


def _lost(stats: dict[str, Json], tests: tuple[_Test, ...]) -> tuple[int, bool]:
    """Return how many tests the file counts and does not hold, and whether it does not say."""
    counts = [count(stats.get(name)) for name in ("successes", "failures", "errors")]
    said = [one for one in counts if one is not None]
    return max(0, sum(said) - len(tests)), counts[0] is None or counts[1] is None


def _at_odds(stats: dict[str, Json], tests: tuple[_Test, ...]) -> Iterator[str]:
    """Yield what the tests say better of themselves than the counts of the file."""
    passed, errors = count(stats.get("successes")), count(stats.get("errors"))
    ends = Counter([one.end for one in tests])
    good = ends["pass"] + ends["unasserted"]
    if passed is not None and good > passed:
        yield f"{good} tests passed, and the file counts {passed}"
    if errors is not None and ends["error"] < errors <= len(tests):
        yield f"{ends['error']} tests ended in an error, and the file counts {errors}"


def _attacks(tests: list[_Test]) -> Iterator[Attack]:
    tallies: dict[tuple[str, str | None], _Tally] = {}
    for one in tests:
        tallies.setdefault((one.plugin or "", one.strategy), _Tally(one.at)).ends[one.end] += 1
    for (plugin, strategy), tally in tallies.items():
        hits = tally.ends["fail"]
        yield Attack(
            pointer=tally.at,
            name=plugin,
            detector=strategy or "basic",
            family=family_of(plugin, strategy),
            attempts=tally.decided,
            successes=hits,
            undecided=tally.ends["error"],
            rate=hits / tally.decided if tally.decided else None,
        )


def _attack_coverage(attacks: tuple[Attack, ...], lost: int) -> Iterator[Coverage]:
    """Yield coverage in attacks; one of which a test ended in an error was not examined whole."""
    for question in dict.fromkeys(map(question_of, attacks)):
        rows = [one for one in attacks if question_of(one) == question]
        examined = [one for one in rows if one.attempts]
        hit = [one for one in examined if one.successes]
        yield Coverage(
            question=question,
            examined=len(examined),
            passed=len(examined) - len(hit),
            failed=len(hit),
            errored=sum(bool(one.undecided) for one in rows),
            skipped=lost,
        )


def _metrics(document: Parsed, tests: list[_Test]) -> Iterator[Metric]:
    groups: dict[str, _Tally] = {}
    assertions: dict[tuple[str, str], _Tally] = {}
    for one in tests:
        tally = groups.setdefault(one.group, _Tally(one.at))
        tally.ends[one.end] += 1
        _weigh(tally, one.raw, answered=one.end != "error")
        for kind, passed in _assertions(one.raw):
            each = assertions.setdefault((one.group, kind), _Tally(one.at))
            each.ends["pass" if passed else "fail"] += 1
    several = len(groups) > 1
    for group, tally in groups.items():
        where = Where(slice="", dimension=group if several else None)
        yield from _of_group(document, tally, where)
    for (group, kind), tally in assertions.items():
        dimension = short(f"{kind} {group}") if several else short(kind)
        yield _share(document, "assertion_pass_rate", tally, Where(slice="", dimension=dimension))


def _weigh(tally: _Tally, raw: dict[str, Json], *, answered: bool) -> None:
    """Add what a test took; one without an answer may have cost, and took no time to answer."""
    waited, paid = number(raw.get("latencyMs")), number(raw.get("cost"))
    cached = flag(mapping(raw.get("response")).get("cached"))
    if answered and waited is not None and waited >= 0 and not cached:
        tally.waited.append(waited)
    if paid is not None and paid > 0:
        tally.paid.append(paid)


def _assertions(raw: dict[str, Json]) -> Iterator[tuple[str, bool]]:
    for part in sequence(mapping(raw.get("gradingResult")).get("componentResults")):
        kind = word(mapping(mapping(part).get("assertion")).get("type"))
        passed = flag(mapping(part).get("pass"))
        if kind is not None and passed is not None:
            yield kind, passed


def _of_group(document: Parsed, tally: _Tally, where: Where) -> Iterator[Metric]:
    yield _share(document, "pass_rate", tally, where)
    if tally.waited:
        mean = math.fsum(tally.waited) / len(tally.waited)
        trial = Trial(rows=len(tally.waited))
        yield metric(document, "latency_mean_ms", mean, at=tally.at, where=where, trial=trial)
    if tally.paid:
        total = math.fsum(tally.paid)
        trial = Trial(rows=len(tally.paid))
        yield metric(document, "cost_usd", total, at=tally.at, where=where, trial=trial)


def _share(document: Parsed, name: str, tally: _Tally, where: Where) -> Metric:
    share = tally.ends["pass"] / tally.decided if tally.decided else None
    trial = Trial(rows=tally.decided)
    return metric(document, name, share, at=tally.at, where=where, trial=trial)


def _metric_coverage(
    tests: list[_Test], metrics: tuple[Metric, ...], lost: int
) -> Iterator[Coverage]:
    """Yield coverage in tests, of which those that ended in an error were not examined."""
    facts: tuple[Fact, ...] = metrics
    asked = dict.fromkeys(("metric/quality", *map(question_of, facts))) if tests else ()
    errored = sum(one.end == "error" for one in tests)
    idle = sum(one.end == "unasserted" for one in tests)
    for question in asked:
        yield Coverage(
            question=question,
            examined=len(tests) - errored - (idle if question == "metric/quality" else 0),
            failed=0,
            errored=errored,
            skipped=lost,
        )
