"""What stands where a format has results, and is none, is never taken for nothing.

Each place is one where a value that cannot be read once made findings, checks or values vanish
without a word. Whatever stands there now, the document is refused, or what could not be read opens
the list: as a part of a document that is not whole, as an error, as skipped, or as a value that is
not known.
"""

import copy
import json
from typing import Any, Final

import pytest
from pydantic import JsonValue

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from support.documents import DEFECTS, opened

GARBAGE: Final[tuple[Any, ...]] = ("N/A", -1, [None], [[]], True)
PLACES: Final = (
    ("art/attacks.json", "inference"),
    ("art/attacks.json", "inference shadow"),
    ("art/attacks.json", "evasion 0"),
    ("cyclonedx/model.json", "components 0 modelCard quantitativeAnalysis performanceMetrics 0"),
    ("deepchecks/suite.json", "results 0 value"),
    ("deepchecks/suite.json", "results 0 type"),
    ("evidently/report-0.4.json", "metrics 0 result"),
    ("evidently/report-0.4.json", "metrics 3 result current nans_by_columns age"),
    ("evidently/report-0.4.json", "metrics 3 result current number_of_missing_values"),
    ("evidently/tested-0.7.23.json", "tests"),
    ("evidently/tested-0.7.23.json", "tests 0"),
    ("evidently/tested-0.7.23.json", "tests 0 metric_config"),
    ("evidently/tested-0.7.23.json", "tests 0 metric_config metric_id"),
    ("great-expectations/validation.json", "results 0"),
    ("great-expectations/validation.json", "results 0 result"),
    ("great-expectations/checkpoint-0.18.json", "run_results ~ validation_result"),
    ("inspect/several.json", "eval dataset"),
    ("inspect/several.json", "results total_samples"),
    ("inspect/several.json", "results scores 1 metrics all"),
    ("inspect/several.json", "results scores 1 metrics all params"),
    ("inspect/several.json", "results scores 1 metrics all params metric"),
    ("lm-eval/limited.json", "results gsm8k"),
    ("lm-eval/limited.json", "results gsm8k exact_match,strict-match"),
    ("lm-eval/limited.json", "n-samples gsm8k original"),
    ("mlflow/model-version.json", "metrics"),
    ("mlflow/search-runs.json", "runs 0"),
    ("openlineage/facets.jsonl", "0 inputs"),
    ("openlineage/facets.jsonl", "0 inputs 0"),
    ("openlineage/facets.jsonl", "0 job"),
    ("openlineage/facets.jsonl", "1 inputs 0 inputFacets"),
    ("openlineage/facets.jsonl", "1 inputs 0 inputFacets dataQualityAssertions"),
    ("openlineage/facets.jsonl", "1 inputs 0 inputFacets dataQualityAssertions assertions"),
    ("promptfoo/errors.json", "results results 1"),
    ("promptfoo/errors.json", "results results 1 gradingResult"),
    ("promptfoo/errors.json", "results results 1 gradingResult componentResults"),
    ("promptfoo/errors.json", "results results 1 gradingResult componentResults 0"),
    ("sarif/bandit.sarif", "runs 0 results"),
    ("sarif/bandit.sarif", "runs 0 invocations 0 toolConfigurationNotifications"),
    ("sarif/modelaudit.sarif", "runs 0 artifacts"),
    ("sarif/modelaudit.sarif", "runs 0 artifacts 1"),
    ("sarif/modelaudit.sarif", "runs 0 artifacts 1 properties"),
    ("trivy/image.json", "Results 0 Vulnerabilities"),
    ("trivy/image.json", "Results 1 ExperimentalModifiedFindings"),
)


def _document(name: str) -> Any:
    raw = (DEFECTS / name).read_text()
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in raw.splitlines()]
    return json.loads(raw)


def _written(name: str, document: Any) -> str:
    if name.endswith(".jsonl"):
        return "".join(f"{json.dumps(line)}\n" for line in document)
    return json.dumps(document)


def _changed(document: Any, place: str, value: Any) -> Any:
    """Return a document with another value at a place; ``~`` is the first key."""
    changed = copy.deepcopy(document)
    *above, last = place.split()
    held: Any = changed
    for step in above:
        held = held[_key(held, step)]
    held[_key(held, last)] = value
    return changed


def _key(held: JsonValue, step: str) -> str | int:
    if isinstance(held, list):
        return int(step)
    return next(iter(held)) if isinstance(held, dict) and step == "~" else step


def _told(evidence: tuple[Evidence, ...]) -> tuple[int, ...]:
    """Return how much of a reading is told as not known."""
    rows = [row for one in evidence for row in one.coverage]
    facts = [fact for one in evidence for fact in one.facts]
    return (
        sum(one.envelope.malformed for one in evidence),
        sum(row.errored or 0 for row in rows),
        sum(row.skipped or 0 for row in rows),
        sum(row.examined is None for row in rows),
        sum(len(fact.unknown) for fact in facts),
    )


@pytest.mark.parametrize("value", GARBAGE, ids=json.dumps)
@pytest.mark.parametrize(("name", "place"), PLACES)
def test_a_part_that_cannot_be_read_is_told(name: str, place: str, value: Any) -> None:
    document = _document(name)
    before = _told(opened(_written(name, document), name).evidence)
    text = _written(name, _changed(document, place, value))
    try:
        after = _told(opened(text, name).evidence)
    except SubmitterError:
        return
    assert any(now > then for now, then in zip(after, before, strict=True))


def test_a_result_of_a_kind_that_there_is_not_is_a_finding() -> None:
    document = _document("sarif/bandit.sarif")
    found = len(opened(json.dumps(document), "b.sarif").evidence[0].facts)
    assert found
    document["runs"][0]["results"][0]["kind"] = "N/A"
    assert len(opened(json.dumps(document), "b.sarif").evidence[0].facts) == found


@pytest.mark.parametrize("rating", [None, "N/A", [], {}, {"score": "N/A", "method": "CVSSv31"}])
def test_beside_a_rating_that_cannot_be_read_only_the_worst_is_sure(rating: Any) -> None:
    document = _document("cyclonedx/model.json")
    weak = document["vulnerabilities"][0]
    for known, sure in (("medium", None), ("critical", "critical")):
        weak["ratings"] = [{"severity": known}, rating]
        facts = opened(json.dumps(document), "bom.json").evidence[0].facts
        read = {one.severity for one in facts if one.type == "security" and one.rule == weak["id"]}
        assert read == {sure}


def test_without_its_missing_values_a_share_is_not_known() -> None:
    document = _document("great-expectations/validation.json")
    for one in document["results"]:
        one["result"]["missing_count"] = "N/A"
    checks = opened(json.dumps(document)).evidence[0].facts
    assert {
        one.failed_share for one in checks if one.type == "data_check" and one.family != "null"
    } == {None}
