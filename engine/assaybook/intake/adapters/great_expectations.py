"""Great Expectations: results of validations, checkpoints and one expectation, 0.13 to 1.x.

How many values an expectation examined is what it looked at: nulls are left out of all but the
null checks, so a column of nulls examined nothing. With BOOLEAN_ONLY there are no counts at all.
``success`` follows the author's ``mostly``; it is kept apart, and the counts are judged. Several
batches of one asset and suite are one reading, in which their counts stand side by side.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.facts import DataCheck, Drift, Fact
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.check_families import (
    FAMILIES,
    Family,
    coverage_of_checks,
    family_of_expectation,
)
from assaybook.intake.made import filled
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
    unusable,
    word,
)

Path = tuple[str | int, ...]

_KS: Final[tuple[str, Literal["p_value"]]] = ("ks", "p_value")
_DRIFT: Final[dict[str, tuple[str, Literal["distance", "p_value"]]]] = {
    "expect_column_kl_divergence_to_be_less_than": ("kl", "distance"),
    "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than": _KS,
    "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than": _KS,
    "expect_column_chisquare_test_p_value_to_be_greater_than": ("chi2", "p_value"),
}
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})(.*)")
_ITSELF: Final = ""
"""In place of the key of a list: a document that is the result of one expectation."""
_UNSTABLE: Final = frozenset({"batch_id", "result_format"})
_SEVERAL: Final = frozenset({"column_A", "column_B", "column_list"})
_SORTED: Final = json.JSONEncoder(sort_keys=True)


@draft
class _Validation:
    """The validations of one suite and asset, each with its path and its list of results."""

    suite: str | None
    asset: str | None
    parts: list[tuple[Path, dict[str, Json], str]] = field(default_factory=list)


@record
class GreatExpectations:
    """Adapter for validation results and checkpoint results."""

    name: str = "great-expectations"
    version: int = 3
    versions: tuple[str, ...] = ("0", "1")
    facts: tuple[str, ...] = ("data_check", "drift")
    questions: tuple[str, ...] = (
        *("data_check", "drift"),
        *(f"data_check/{one}" for one in FAMILIES),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise expectations with their results, by themselves or in a checkpoint."""
        validations = list(_validations(mapping(document.value)))
        seen = [one for one in validations if _is_sure(one[1], one[2])]
        if not seen:
            if not validations or not (declared or _has_statistics(validations)):
                return None
            seen, sure = validations, 0.9
        else:
            sure = 1.0
        kind = "a checkpoint result" if seen[0][0] else "a validation result"
        version = _version(document, seen[0])
        return Detected(format=self.name, version=version, confidence=sure, reasons=(kind,))

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the results of each suite and asset."""
        del detected
        found = mapping(document.value)
        groups: dict[tuple[str | None, str | None], _Validation] = {}
        validations = list(_validations(found))
        unread = _unread(found, {path[:2] for path, _, _ in validations})
        for path, one, key in validations:
            suite, asset = _suite(one), _asset(one, key)
            groups.setdefault((suite, asset), _Validation(suite, asset)).parts.append(
                (path, one, key)
            )
        return tuple(
            _reading(document, group, found.get("run_id"), unread) for group in groups.values()
        )


def _validations(found: dict[str, Json]) -> Iterator[tuple[Path, dict[str, Json], str]]:
    """Yield path, validation and the key of its list: by itself, in a checkpoint, described."""
    runs = mapping(found.get("run_results"))
    for name, raw in runs.items():
        held = mapping(raw)
        inner = mapping(held.get("validation_result"))
        path: Path = ("run_results", name, *(("validation_result",) if inner else ()))
        yield from ((path, one, key) for one, key in _listed(inner or held))
    for index, raw in enumerate(sequence(found.get("validation_results"))):
        path = ("validation_results", index)
        yield from ((path, one, key) for one, key in _listed(mapping(raw)))
    if not runs and "validation_results" not in found:
        yield from (((), one, key) for one, key in _listed(found))


def _unread(found: dict[str, Json], read: set[Path]) -> list[tuple[str, str]]:
    """Return what stands where a checkpoint has its validations, and is none."""
    runs: list[Path] = [("run_results", name) for name in mapping(found.get("run_results"))]
    listed = range(len(sequence(found.get("validation_results"))))
    runs += [("validation_results", index) for index in listed]
    return [(pointer(*path), "it holds no results") for path in runs if path not in read]


def _listed(held: dict[str, Json]) -> Iterator[tuple[dict[str, Json], str]]:
    for key in ("results", "expectations"):
        if isinstance(held.get(key), list) and "success" in held:
            yield held, key
            return
    if {"expectation_config", "success", "result"} <= held.keys():
        yield held, _ITSELF


def _results(one: dict[str, Json], key: str) -> list[Json]:
    """Return the results of a validation; that of one expectation is its own."""
    return [one] if key == _ITSELF else sequence(one.get(key))


def _place(path: Path, key: str, index: int) -> str:
    return pointer(*path) if key == _ITSELF else pointer(*path, key, index)


def _is_sure(one: dict[str, Json], key: str) -> bool:
    first = mapping(next(iter(_results(one, key)), None))
    configured = "expectation_config" in first or "expectation_type" in first
    return configured or "great_expectations_version" in mapping(one.get("meta"))


def _has_statistics(validations: list[tuple[Path, dict[str, Json], str]]) -> bool:
    return all(
        "evaluated_expectations" in mapping(one.get("statistics")) for _, one, _ in validations
    )


def _version(document: Parsed, seen: tuple[Path, dict[str, Json], str]) -> str:
    """Return the major version: the one that is stated, else the one whose keys these are."""
    _, one, key = seen
    stated = label(mapping(one.get("meta")).get("great_expectations_version"))
    if stated is not None:
        return stated.partition(".")[0][:20]
    first = mapping(next(iter(_results(one, key)), None))
    config = mapping(first.get("expectation_config"))
    older = "expectation_type" in config or "evaluation_parameters" in mapping(document.value)
    return "0" if older else "1"


def _suite(one: dict[str, Json]) -> str | None:
    return word(one.get("suite_name")) or word(
        mapping(one.get("meta")).get("expectation_suite_name")
    )


def _asset(one: dict[str, Json], key: str) -> str | None:
    """Return the asset by name; a described result has only the batch, in its expectations."""
    meta = mapping(one.get("meta"))
    for place in ("active_batch_definition", "batch_kwargs", "batch_spec"):
        named = word(mapping(meta.get(place)).get("data_asset_name"))
        if named:
            return named
    if key in {"expectations", _ITSELF}:
        first = mapping(next(iter(_results(one, key)), None))
        asked = mapping(first.get("expectation_config")) or first
        return word(mapping(asked.get("kwargs")).get("batch_id"))
    return None


def _reading(
    document: Parsed, group: _Validation, run_id: Json, unread: list[tuple[str, str]]
) -> Reading:
    facts: list[Fact] = []
    left: list[tuple[str, str]] = []
    hidden = list(unread)
    for path, one, key in group.parts:
        facts += _facts(document, path, _results(one, key), key)
        listed, evaluated = len(_results(one, key)), _evaluated(one)
        if evaluated is not None and evaluated != listed:
            text = f"{evaluated} expectations were evaluated and {listed} are listed"
            left.append((pointer(*path, "statistics"), text))
        if _hides_failures(one, key):
            hidden.append((pointer(*path), "a failure, or a result, is not listed"))
    meta = mapping(group.parts[0][1].get("meta"))
    runs = [mapping(meta.get("run_id")), mapping(run_id)]
    times = [one.get("run_time") for one in runs] + [meta.get("validation_time")]
    made = [at for one in times if (at := _instant(one)) is not None]
    job = "/".join(one for one in (group.suite, group.asset) if one)
    return Reading(
        facts=tuple(facts),
        coverage=_coverage(facts, complete=not left),
        producer=Producer(
            tool="great-expectations",
            version=label(meta.get("great_expectations_version")) or "",
        ),
        run=next((found for one in runs if (found := word(one.get("run_name")))), None),
        scope=Scope(job=short(job) or None),
        produced_at=made[0] if made else None,
        warnings=(
            *(*notes("results-left-out", left), *notes("result-not-read", hidden)),
            *_untimed(times, made),
        ),
        malformed=bool(hidden),
    )


def _evaluated(one: dict[str, Json]) -> int | None:
    return count(mapping(one.get("statistics")).get("evaluated_expectations"))


def _hides_failures(one: dict[str, Json], key: str) -> bool:
    """Tell whether a result is none, or fewer failed than is told; what else is left out passed."""
    results = [mapping(raw) for raw in _results(one, key)]
    whole = all(isinstance(each.get("result"), dict | None) for each in results)
    listed = [flag(each.get("success")) for each in results]
    told = count(mapping(one.get("statistics")).get("unsuccessful_expectations"))
    bad = len(listed) - listed.count(True)
    return not whole or (told or 0) > bad or (one.get("success") is False and not bad)


def _untimed(times: list[Json], made: list[datetime]) -> tuple[Warning_, ...]:
    if made or not any(word(one) for one in times):
        return ()
    return notes("time-without-zone", [("/meta", "the time has no zone, so it is not known")])


def _instant(value: Json) -> datetime | None:
    """Return an instant; before 1.0 ``validation_time`` was written ``20220727T154327.625252Z``."""
    compact = _COMPACT.fullmatch(value.strip()) if isinstance(value, str) else None
    if compact is None:
        return instant(value)
    year, month, day, hour, minute, second, rest = compact.groups()
    return instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}{rest}")


def _coverage(facts: Iterable[Fact], *, complete: bool) -> tuple[Coverage, ...]:
    """Return coverage by question; where results were left out, no count is known."""
    checks = [fact for fact in facts if isinstance(fact, DataCheck)]
    drift = [fact for fact in facts if isinstance(fact, Drift)]
    rows = list(coverage_of_checks(checks))
    if drift:
        lost = sum(fact.value is None for fact in drift)
        rows.append(
            Coverage(
                question="drift", examined=len(drift) - lost, failed=0, errored=lost, skipped=0
            )
        )
    if not rows:
        rows = [Coverage(question="data_check", examined=0, failed=0, errored=0, skipped=0)]
    return tuple(rows) if complete else tuple(Coverage(question=row.question) for row in rows)


def _facts(document: Parsed, path: Path, results: list[Json], key: str) -> Iterator[Fact]:
    places = [_place(path, key, index) for index in range(len(results))]
    read = [_config(document, raw, at) for raw, at in zip(results, places, strict=True)]
    columns = [_column(kwargs) for _, kwargs in read]
    alike = Counter([(kind, column) for (kind, _), column in zip(read, columns, strict=True)])
    rows = zip(results, places, read, columns, strict=True)
    for raw, at, (kind, kwargs), column in rows:
        if kind in _DRIFT:
            yield _drift(document, mapping(raw), kwargs, (kind, column), at)
            continue
        check = kind if alike[kind, column] == 1 else f"{kind}#{_told_apart(kwargs)}"
        yield _check(mapping(raw), check, family_of_expectation(kind), column, at)


def _config(document: Parsed, raw: Json, at: str) -> tuple[str, dict[str, Json]]:
    one = mapping(raw)
    config = mapping(one.get("expectation_config")) or one
    kind = word(config.get("type")) or word(config.get("expectation_type"))
    if kind is None:
        raise broken(document, "a result must name its expectation", at=at)
    return kind, mapping(config.get("kwargs"))


def _told_apart(kwargs: dict[str, Json]) -> str:
    """Return a short digest of what an expectation asks, for two of one type and column."""
    asked = {key: value for key, value in kwargs.items() if key not in _UNSTABLE}
    return sha256(_SORTED.encode(asked).encode()).hexdigest()[:8]


def _column(kwargs: dict[str, Json]) -> str:
    """Return the column that an expectation is about, "" for the table."""
    if kwargs.keys().isdisjoint(_SEVERAL):
        return word(kwargs.get("column")) or ""
    said = [kwargs.get(name) for name in ("column", "column_A", "column_B")]
    names = [word(one) for one in (*said, *sequence(kwargs.get("column_list")))]
    return short(",".join([one for one in names if one]))


def _check(
    one: dict[str, Json],
    check: str,
    family: Family | None,
    column: str,
    at: str,
) -> DataCheck:
    result = mapping(one.get("result"))
    elements, missing = count(result.get("element_count")), count(result.get("missing_count", 0))
    failed = count(result.get("unexpected_count"))
    wrong = result.get("unexpected_count") is not None and failed is None
    examined = elements
    if elements is not None and family != "null":
        examined = elements - missing if missing is not None and missing <= elements else None
    errored = _raised(one.get("exception_info"))
    success = flag(one.get("success"))
    values: dict[str, object] = {
        "pointer": at,
        "unknown": unusable("failed", "malformed" if wrong else None),
        "check": short(check),
        "column": column,
        "family": family,
        "examined": None if errored else examined,
        "failed": None if errored else failed,
        "failed_share": None if errored else _share(failed, examined),
        "status": "error" if errored else _status(success),
        "tool_verdict": None if success is None else ("success" if success else "failure"),
    }
    return filled(DataCheck, values)


def _share(failed: int | None, examined: int | None) -> float | None:
    if failed is None or not examined or failed > examined:
        return None
    return failed / examined


def _status(success: bool | None) -> Literal["pass", "fail"] | None:  # noqa: FBT001 - a datum
    return None if success is None else ("pass" if success else "fail")


def _raised(info: Json) -> bool:
    """Tell whether an expectation broke off; 1.x has one entry for each metric that did."""
    found = mapping(info)
    if found.get("raised_exception") is True:
        return True
    each = [one for one in found.values() if isinstance(one, dict)]
    return any(one.get("raised_exception") is True for one in each)


def _drift(
    document: Parsed,
    one: dict[str, Json],
    kwargs: dict[str, Json],
    what: tuple[str, str],
    at: str,
) -> Drift:
    kind, column = what
    result = mapping(one.get("result"))
    method, statistic = _DRIFT[kind]
    observed = result.get("observed_value")
    value = number(observed)
    place = f"{at}/result/observed_value"
    out = value is not None and (value < 0 or (statistic == "p_value" and value > 1))
    wrong = out or place in document.odd or (observed is not None and value is None)
    success = None if _raised(one.get("exception_info")) else flag(one.get("success"))
    bound = "threshold" if statistic == "distance" else "p"
    return Drift(
        pointer=at,
        unknown=unusable("value", "malformed" if wrong else None),
        column=column,
        method=method,
        statistic=statistic,
        value=None if wrong else value,
        tool_threshold=number(kwargs.get(bound)),
        tool_verdict=None if success is None else ("no_drift" if success else "drift"),
        n_current=count(result.get("element_count")),
    )
