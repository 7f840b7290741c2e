"""MLflow's registry and Prometheus rules: what people wrote, and what it does not prove."""

import json
from typing import Any

import pytest

from assaybook.domain.facts import Documentation, Operation
from support.documents import DEFECTS, evidence_of, refusal

VERSION: dict[str, Any] = json.loads((DEFECTS / "mlflow" / "model-version.json").read_bytes())
MODEL: dict[str, Any] = json.loads((DEFECTS / "mlflow" / "registered-model.json").read_bytes())
RULE = {"alert": "A", "expr": "up == 0"}


def _topics(content: object) -> dict[str, Documentation]:
    facts = evidence_of(content).facts
    return {fact.topic: fact for fact in facts if isinstance(fact, Documentation)}


def test_a_description_is_read_by_its_headings_and_a_placeholder_is_none() -> None:
    topics = _topics(VERSION)
    assert (topics["intended_use"].text, topics["intended_use"].pointer) == (
        *("Triage by nurses.", "/description"),
    )
    assert (topics["limitations"].present, topics["limitations"].placeholder) == (False, True)


def test_a_description_without_headings_is_of_no_topic_of_its_own() -> None:
    assert _topics(MODEL)["other"].text == "Orders patients by urgency."


def test_tags_that_are_named_after_a_topic_say_something_of_it() -> None:
    topics = _topics(VERSION)
    assert (topics["license"].text, topics["owner"].present) == ("apache-2.0", False)
    assert _topics(MODEL)["contact"].text == "ml@example.org"


def test_stage_and_aliases_are_words_of_the_registry() -> None:
    assert _topics(VERSION)["version"].text == "3; stage Production; aliases champion"
    plain: dict[str, Any] = {**VERSION, "current_stage": "None", "aliases": []}
    assert _topics(plain)["version"].text == "3"


def test_a_registered_model_lists_its_latest_versions_and_their_runs() -> None:
    evidence = evidence_of(MODEL)
    named = [(fact.type, fact.pointer) for fact in evidence.facts][:3]
    assert named == [
        ("artifact", "/registered_model/latest_versions/0"),
        ("lineage", "/registered_model/latest_versions/0/run_id"),
        ("artifact", "/registered_model/latest_versions/1"),
    ]
    assert evidence.envelope.scope.job == "ward"


def test_a_version_that_failed_to_register_says_so() -> None:
    (warning,) = evidence_of({**VERSION, "status": "FAILED_REGISTRATION"}).envelope.warnings
    assert (warning.code, warning.pointer) == ("version-not-ready", "/status")


def test_the_file_store_of_a_registry_is_read_as_yaml() -> None:
    text = "name: ward\nversion: '3'\ncreation_timestamp: 1795217101856\ndescription: Sorts.\n"
    evidence = evidence_of(text, "meta.yaml")
    assert (evidence.envelope.format_version, evidence.facts[0].type) == (
        *("model-version", "artifact"),
    )


@pytest.mark.parametrize(
    ("document", "at"),
    [
        ({**VERSION, "name": None}, "report.json"),
        ({"registered_model": {**MODEL["registered_model"], "name": []}}, "#/registered_model"),
        (
            {**MODEL["registered_model"], "latest_versions": [{"name": "w"}]},
            "report.json#/latest_versions/0",
        ),
    ],
)
def test_a_part_of_the_registry_without_its_name_is_refused(document: object, at: str) -> None:
    error = refusal(document)
    assert (error.code, error.where.endswith(at)) == ("document-breaks-format", True)


def test_the_metadata_of_a_run_says_that_its_metrics_are_elsewhere() -> None:
    evidence = evidence_of((DEFECTS / "mlflow" / "meta.yaml").read_bytes(), "meta.yaml")
    assert [one.code for one in evidence.envelope.warnings] == ["metrics-elsewhere"]
    assert (evidence.facts, evidence.coverage) == ((), ())


def _alerts(*rules: object, **group: object) -> list[Operation]:
    evidence = evidence_of({"groups": [{"name": "g", "rules": list(rules), **group}]})
    return [fact for fact in evidence.facts if isinstance(fact, Operation)]


def test_an_alert_has_the_labels_of_its_group_save_where_it_says_otherwise() -> None:
    common = {"team": "blue", "severity": "page"}
    first, second = _alerts(RULE, {**RULE, "labels": {"severity": "ticket"}}, labels=common)
    assert (first.severity, first.owner) == ("page", "blue")
    assert (second.severity, second.owner) == ("ticket", "blue")


def test_a_resource_in_a_list_is_read_at_its_place() -> None:
    content = (DEFECTS / "prometheus-rules" / "list.yaml").read_bytes()
    facts = evidence_of(content, "list.yaml").facts
    assert [one.pointer for one in facts] == [
        "/items/0/spec/groups/0/rules/1",
        "/items/0/spec/groups/0/rules/2",
    ]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0", 0.0), ("1h30m", 5400.0), ("1d", 86400.0), ("100ms", 0.1), ("1y2w", 32745600.0)],
)
def test_a_wait_is_read_as_prometheus_writes_it(written: str, seconds: float) -> None:
    (alert,) = _alerts({**RULE, "for": written})
    assert alert.for_seconds == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["30m1h", "5", "m", "", "1h 30m", "1.5h", ["1h"]])
def test_a_wait_that_prometheus_would_not_take_is_malformed(written: object) -> None:
    (alert,) = _alerts({**RULE, "for": written})
    assert (alert.for_seconds, alert.unknown) == (None, {"for_seconds": "malformed"})


@pytest.mark.parametrize(
    "rule", [{"expr": "up"}, {**RULE, "record": "a:b"}, {"alert": "A", "expr": " "}, {"alert": 3}]
)
def test_a_rule_that_prometheus_would_not_load_is_refused(rule: object) -> None:
    document = {"groups": [{"rules": [RULE, rule]}]}
    assert refusal(document).where == "report.json#/groups/0/rules/1"


def test_a_file_without_groups_holds_no_alert_where_it_is_declared_to_be_one() -> None:
    assert refusal({"groups": []}).code == "format-unknown"
    evidence = evidence_of({"groups": []}, as_format="prometheus-rules")
    (row,) = evidence.coverage
    assert (row.question, row.examined, evidence.facts) == ("operation/alert", 0, ())
