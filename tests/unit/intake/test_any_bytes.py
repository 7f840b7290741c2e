"""Whatever the bytes: evidence or a refusal, never a crash, and never our own adapters' failure."""

import copy
import json
import random
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.fact_types import question_of
from assaybook.intake.registry import ALIASES, BUILT_IN
from support.documents import opened

NAMES = st.sampled_from(
    ["a.json", "a.jsonl", "a.yaml", "a.md", "a.csv", "a", "Kitfile", "a.txt", "a.sarif"]
)
FORMATS = st.none() | st.sampled_from([*(one.name for one in BUILT_IN), *ALIASES])
KEYS = st.sampled_from(
    [
        *(
            "assaybook",
            "facts",
            "type",
            "metrics",
            "metric_name",
            "config",
            "value",
            "info",
            "data",
        ),
        *(
            "run",
            "inputs",
            "outputs",
            "job",
            "eventTime",
            "dataset",
            "facets",
            "by_group",
            "overall",
        ),
        *("dependencies", "vulns", "name", "RuleID", "File", "entity_type", "recognizer_results"),
        *("groups", "rules", "alert", "expr", "key", "payload", "payloadType", "signatures"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**60)
    | st.floats(allow_nan=True)
    | st.sampled_from(["v1", "x", "2026-11-20T09:00:00Z", "metric", "", "0.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
RIGHT: dict[str, Any] = {
    "mlflow": {
        "info": {"run_id": "r", "status": "FINISHED", "end_time": 1795217101873},
        "data": {"metrics": [{"key": "accuracy", "value": 0.9}], "tags": [{"key": "a"}]},
        "inputs": {"dataset_inputs": [{"dataset": {"name": "d", "digest": "x"}, "tags": []}]},
    },
    "openlineage": {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-20T09:00:00Z",
        "run": {"runId": "r", "facets": {"processing_engine": {"name": "x"}}},
        "job": {"name": "j", "namespace": "n", "facets": {"jobType": {"jobType": "TRAIN"}}},
        "inputs": [{"name": "d", "namespace": "n", "facets": {"version": {"datasetVersion": "1"},
            "dataQualityAssertions": {"assertions": [{"assertion": "a", "success": True}]},
            "dataQualityMetrics": {"rowCount": 1, "columnMetrics": {"c": {"nullCount": 0}}}}}],
        "outputs": [{"name": "m", "namespace": "n", "facets": {"columnLineage": {"fields": {
            "c": {"inputFields": [{"name": "d", "namespace": "n", "field": "f",
                                   "transformations": [{"masking": True}]}]}}}}}],
    },
    "evidently": {
        "metrics": [
            {"id": "1", "metric_name": "m", "value": 0.1,
             "config": {"type": "a:ValueDrift", "column": "c", "method": "ks", "threshold": 1}},
            {"id": "2", "metric_name": "m", "value": {"count": 1, "share": 0.5},
             "config": {"type": "a:DriftedColumnsCount", "drift_share": 0.5, "method": "psi"}},
            {"id": "3", "metric_name": "m", "value": {"count": 1, "share": 0.5},
             "config": {"type": "a:MissingValueCount", "column": "c"}},
            {"id": "4", "metric_name": "m", "value": 0.5, "config": {"type": "a:Accuracy"}},
        ],
        "tests": [{"metric_config": {"metric_id": "1"}, "status": "FAIL"}],
    },
    "fairlearn": {
        "overall": {"accuracy": 0.5, "count": 3},
        "by_group": {"schema": {"primaryKey": ["s"]}, "data": [{"s": "F", "recall": 1}]},
        "difference": {"accuracy": 0.1},
        "demographic_parity_ratio": 0.9,
    },
    "pip-audit": {"dependencies": [{"name": "a", "version": "1", "vulns": [
        {"id": "x", "fix_versions": ["2"]}]}, {"name": "b", "skip_reason": "c"}], "fixes": []},
    "gitleaks": [{"RuleID": "r", "File": "f", "StartLine": 1, "Secret": "abcdefgh", "Commit": "c"}],
    "presidio": [{"key": "k", "value": ["a"], "recognizer_results": [
        [{"entity_type": "PERSON", "score": 0.5, "start": 1, "end": 2}]]}],
    "prometheus-rules": {"groups": [{"rules": [{"alert": "a", "expr": "up", "for": "1h",
                                                "labels": {"severity": "x"}}]}]},
    "kitops": {
        "manifestVersion": "1.0.0", "package": {"name": "p", "authors": ["a"]},
        "model": {"name": "m", "path": "a:b", "digest": "sha256:x", "parts": [{"path": "q"}]},
        "datasets": [{"name": "d", "path": "d.csv"}], "code": [{"path": "."}],
    },
    "modelkit-manifest": {
        "schemaVersion": 2, "annotations": {"org.opencontainers.image.title": "t"},
        "config": {"mediaType": "application/vnd.kitops.modelkit.config.v1+json", "digest": "x:y"},
        "layers": [{"mediaType": "application/vnd.kitops.modelkit.model.v1.tar", "size": 1,
                    "digest": "sha256:" + "a" * 64, "annotations": {"a": "b"}}],
    },
    "dsse": {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "n", "digest": {"sha256": "a" * 64}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"runDetails": {"builder": {"id": "b"}, "metadata": {"invocationId": "i"}},
                      "buildDefinition": {"resolvedDependencies": [{"uri": "u", "digest": {}}]}},
    },
    "assaybook": {
        "assaybook": "v1", "run": "r", "scope": {"dataset": "d"},
        "produced_at": "2026-11-20T09:00:00Z",
        "coverage": [{"question": "metric/quality", "examined": 1}],
        "facts": [{"type": "metric", "name": "recall", "value": 0.5},
                  {"type": "operation", "kind": "alert", "tested_at": "2026-11-20T09:00:00Z"},
                  {"type": "security", "class": "secret", "fingerprint": "f"}],
    },
}  # fmt: skip


def _outcome(content: object, name: str, declared: str | None) -> tuple[tuple[Evidence, ...], str]:
    try:
        return opened(content, name, as_format=declared).evidence, ""
    except SubmitterError as error:
        return (), error.code


def _read(content: object, name: str, declared: str | None) -> tuple[Evidence, ...]:
    found, code = _outcome(content, name, declared)
    assert code != "adapter-failed"
    for one in found:
        questions = {row.question for row in one.coverage}
        assert {question_of(fact) for fact in one.facts} <= questions
        assert Evidence.model_validate_json(one.model_dump_json(by_alias=True)) == one
    return found


@given(st.binary(max_size=300), NAMES, FORMATS)
def test_any_bytes_are_read_or_refused(raw: bytes, name: str, declared: str | None) -> None:
    _read(raw, name, declared)


@given(st.text(max_size=300), NAMES, FORMATS)
def test_any_text_is_read_or_refused(text: str, name: str, declared: str | None) -> None:
    _read(text.encode("utf-8", "surrogatepass"), name, declared)


@given(VALUES, st.sampled_from(["a.json", "a.jsonl", "a.yaml"]), FORMATS)
def test_any_json_of_our_words_is_read_or_refused(
    value: object, name: str, declared: str | None
) -> None:
    _read(value, name, declared)


@given(st.sampled_from(sorted(RIGHT)), st.randoms(use_true_random=False), VALUES)
def test_a_good_document_with_one_part_changed_is_read_or_refused(
    name: str, random_: random.Random, value: object
) -> None:
    document = copy.deepcopy(RIGHT[name])
    _change(document, random_, value)
    _read(json.dumps(document), "a.json", None)
    _read(json.dumps(document), "a.json", name)


def test_the_good_documents_are_read() -> None:
    for name, document in RIGHT.items():
        (one, *_) = _read(document, "a.json", None)
        assert (one.envelope.format, bool(one.facts)) == (name, True)


def _change(document: Any, random_: random.Random, value: object) -> None:
    """Put a value in the place of a part of a document, or take the part out."""
    at: Any = document
    while True:
        held = cast("dict[str, Any]", at) if isinstance(at, dict) else None
        keys: list[Any] = list(range(len(cast("list[Any]", at)))) if held is None else list(held)
        if not keys:
            return
        key = random_.choice(keys)
        below = cast("Any", at[key])
        if isinstance(below, dict | list) and below and random_.random() < 0.75:
            at = cast("Any", below)
            continue
        if random_.random() < 0.25:
            del at[key]
        else:
            at[key] = value
        return
