"""Facets of OpenLineage that clients of 2026 write: named assertions, tests of a run, lineage."""

from typing import Any

from assaybook.domain.facts import DataCheck, Lineage
from support.documents import evidence_of, opened

SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
DIGEST = "sha256:" + "a" * 64


def event(**parts: Any) -> dict[str, Any]:
    job = {"namespace": "ml", "name": "train"} | parts.pop("job", {})
    return {
        "eventTime": "2026-11-20T10:00:00Z",
        "eventType": "COMPLETE",
        "producer": "p",
        "schemaURL": f"{SCHEMA}RunEvent",
        "run": {"runId": "r", **parts.pop("run", {})},
        "job": job,
        **parts,
    }


def asserted(*assertions: dict[str, object]) -> dict[str, object]:
    return {"dataQualityAssertions": {"assertions": list(assertions)}}


def checks_of(content: object) -> list[tuple[str, str | None]]:
    facts = evidence_of(content).facts
    return [(one.check, one.status) for one in facts if isinstance(one, DataCheck)]


def test_a_second_assertion_of_one_kind_does_not_hide_behind_the_first() -> None:
    facets = asserted(
        {"assertion": "custom_sql", "success": True, "name": "positive"},
        {"assertion": "custom_sql", "success": False, "name": "orphans"},
        {"assertion": "not_null", "success": True, "column": "id"},
        {"assertion": "not_null", "success": False, "column": "id"},
    )
    content = event(inputs=[{"namespace": "s3", "name": "d", "inputFacets": facets}])
    assert checks_of(content) == [
        ("custom_sql#positive", "pass"),
        ("custom_sql#orphans", "fail"),
        ("not_null#id", "pass"),
        ("not_null#id#2", "fail"),
    ]


def test_what_two_places_of_an_event_say_of_one_check_both_stands() -> None:
    def side(success: object) -> list[dict[str, object]]:
        facets = asserted({"assertion": "not_null", "success": success, "column": "id"})
        return [{"namespace": "s3", "name": "d", "facets": facets}]

    assert checks_of(event(inputs=side(True), outputs=side(False))) == [
        ("not_null", "pass"),
        ("not_null", "fail"),
    ]
    assert checks_of(event(inputs=side(True), outputs=side(True))) == [("not_null", "pass")]


def test_an_assertion_that_does_not_say_how_it_ended_leaves_the_counts_unknown() -> None:
    facets = asserted({"assertion": "not_null", "column": "id"}, {"success": True})
    one = evidence_of(event(inputs=[{"namespace": "s3", "name": "d", "facets": facets}]))
    assert [(row.question, row.examined) for row in one.coverage] == [
        ("data_check/null", None),
        ("data_check", 1),
    ]


def test_tests_of_a_run_are_checks_and_a_skipped_one_is_no_pass() -> None:
    tests = [
        {"name": "not_null_id", "status": "pass", "type": "not_null", "params": {"column_name": 1}},
        {"name": "unique_id", "status": "fail", "type": "unique", "severity": "warn"},
        {"name": "later", "status": "skip"},
        {"name": "later", "status": "pass"},
    ]
    one = evidence_of(event(run={"facets": {"test": {"tests": tests}}}, inputs=[]))
    found = [
        (each.check, each.status, each.column) for each in one.facts if isinstance(each, DataCheck)
    ]
    assert found == [
        ("not_null_id", "pass", "1"),
        ("unique_id", "fail", ""),
        ("later", "skip", ""),
        ("later#2", "pass", ""),
    ]
    rows = {row.question: (row.examined, row.passed, row.skipped) for row in one.coverage}
    assert rows["data_check"] == (1, 1, 1)
    assert rows["data_check/unique"] == (1, 0, 0)


def edges_of(content: object) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (one.source, one.target, one.relation, one.digest)
        for each in opened(content).evidence
        for one in each.facts
        if isinstance(one, Lineage)
    ]


def training(kind: str, **parts: Any) -> dict[str, Any]:
    facets = {"version": {"datasetVersion": DIGEST}}
    return event(
        job={"facets": {"jobType": {"jobType": kind}}},
        inputs=[{"namespace": "s3", "name": "d", "facets": facets}],
        **parts,
    )


def test_a_training_job_without_an_output_is_what_was_trained() -> None:
    assert edges_of(training("TRAINING")) == [("ml/train", "s3/d", "trained_on", DIGEST)]
    assert edges_of(training("TEST")) == [("ml/train", "s3/d", "tested_on", DIGEST)]
    assert not edges_of(training("QUERY"))


def test_a_training_job_with_an_output_lends_the_edges_of_its_output() -> None:
    found = edges_of(training("TRAINING", outputs=[{"namespace": "mlflow", "name": "m"}]))
    assert found == [("mlflow/m", "s3/d", "trained_on", DIGEST)]


def test_facets_of_lineage_lend_edges() -> None:
    def read(name: str, kind: str = "DATASET") -> dict[str, str]:
        return {"namespace": "s3", "name": name, "type": kind}

    entry = {**read("out"), "inputs": [read("in"), read("other", "JOB"), read("out")]}
    made = {"namespace": "s3", "name": "made", "facets": {"lineage": {"inputs": [read("raw")]}}}
    twice = {"namespace": "s3", "name": "made", "facets": {"lineage": {"inputs": [read("raw")]}}}
    content = event(job={"facets": {"lineage": {"entries": [entry]}}}, outputs=[made, twice])
    assert edges_of(content) == [
        ("s3/out", "s3/in", "derived_from", None),
        ("s3/made", "s3/raw", "derived_from", None),
    ]


def test_a_job_event_lacks_no_run() -> None:
    content = event(inputs=[], outputs=[], schemaURL=f"{SCHEMA}JobEvent")
    del content["run"]
    assert not evidence_of(content).envelope.warnings


def test_an_event_type_that_is_no_word_ends_no_run() -> None:
    one = evidence_of({**event(inputs=[]), "eventType": []})
    assert [(row.question, row.errored) for row in one.coverage] == [("lineage", 1)]
