"""OpenLineage, DSSE and Prometheus rules: what was made from what, and what is watched."""

import base64
import hashlib
import json
from typing import Any

import pytest

from assaybook.domain.facts import DataCheck, Lineage
from support.documents import evidence_of, opened, refusal


def _dataset(name: str, **facets: object) -> dict[str, Any]:
    return {"namespace": "n", "name": name, "facets": facets}


def _event(kind: str = "COMPLETE", run: str = "r1", **more: object) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": "2026-11-20T09:00:00Z",
        "producer": "https://x/tree/1/dbt",
        "run": {"runId": run},
        "job": {"namespace": "n", "name": "train"},
        "inputs": [],
        "outputs": [],
        **more,
    }


def _version(value: str) -> dict[str, str]:
    return {"datasetVersion": value}


MODEL = _dataset("m", datasetType={"datasetType": "MODEL"}, version=_version("sha256:" + "a" * 64))
DATA = _dataset("d", version=_version("sha256:" + "b" * 64))


def _edges(document: object, name: str = "e.json") -> list[Lineage]:
    return [
        fact
        for one in opened(document, name).evidence
        for fact in one.facts
        if isinstance(fact, Lineage)
    ]


def test_a_model_is_trained_on_what_its_run_read() -> None:
    (edge,) = _edges(_event(inputs=[DATA], outputs=[MODEL]))
    assert (edge.source, edge.target, edge.relation, edge.digest, edge.run, edge.pointer) == (
        *("n/m", "n/d", "trained_on", "sha256:" + "b" * 64, "r1", "/inputs/0"),
    )


def test_a_document_is_about_the_model_whose_digest_it_states() -> None:
    evidence = evidence_of(_event(inputs=[DATA], outputs=[MODEL]))
    (about,) = evidence.envelope.subject.artifacts
    assert (about.kind, about.name, about.digest) == ("model", "m", "sha256:" + "a" * 64)


def test_an_evaluation_tests_its_model_on_its_data() -> None:
    job = {"namespace": "n", "name": "e", "facets": {"jobType": {"jobType": "EVALUATE"}}}
    (edge,) = _edges(_event(inputs=[MODEL, DATA], job=job))
    assert (edge.source, edge.target, edge.relation) == ("n/m", "n/d", "tested_on")


def test_a_version_that_is_no_digest_can_equal_none() -> None:
    (edge,) = _edges(_event(inputs=[_dataset("d", version=_version("7 x"))], outputs=[MODEL]))
    assert edge.digest == "openlineage:7_x"


def test_masking_is_true_only_where_every_column_that_flows_is_masked() -> None:
    def columns(*masked: bool) -> dict[str, object]:
        fields = {
            f"c{index}": {"inputFields": [
                {"namespace": "n", "name": "d", "field": f"f{index}",
                 "transformations": [{"type": "DIRECT", "masking": one}]}]}
            for index, one in enumerate(masked)
        }  # fmt: skip
        return {"fields": fields}

    whole = _edges(_event(inputs=[DATA], outputs=[_dataset("o", columnLineage=columns(True))]))
    partly = _edges(
        _event(inputs=[DATA], outputs=[_dataset("o", columnLineage=columns(True, False))])
    )
    assert [(edge.target, edge.relation, edge.masked) for edge in whole] == [
        ("n/d", "derived_from", True),
        ("n/d#f0", "masked_by", True),
    ]
    assert partly[0].masked is False


def test_a_column_that_only_sorts_lends_no_value() -> None:
    field = {"namespace": "n", "name": "d", "field": "f", "transformations": [{"type": "INDIRECT"}]}
    lineage = {"fields": {"c": {"inputFields": [field]}}}
    (edge,) = _edges(_event(inputs=[DATA], outputs=[_dataset("o", columnLineage=lineage)]))
    assert edge.masked is None


def test_the_events_of_each_run_are_one_reading() -> None:
    lines = [
        _event("START", "r1"),
        _event("START", "r2"),
        _event("COMPLETE", "r1"),
        _event("FAIL", "r2"),
    ]
    found = opened("\n".join(map(json.dumps, lines)), "e.jsonl").evidence
    assert [(one.envelope.run, one.coverage[0].errored) for one in found] == [("r1", 0), ("r2", 1)]
    assert {one.envelope.scope.job for one in found} == {"n/train"}


@pytest.mark.parametrize("kind", ["START", "RUNNING", "OTHER"])
def test_a_run_that_nothing_ends_was_not_told_whole(kind: str) -> None:
    evidence = evidence_of(_event(kind))
    assert evidence.coverage[0].errored == 1
    assert evidence.envelope.warnings[0].message.startswith("no event ends this run")
    ended = [_event("START"), _event("COMPLETE"), _event(kind)]
    (whole,) = opened("\n".join(map(json.dumps, ended)), "e.jsonl").evidence
    assert (whole.coverage[0].errored, whole.envelope.warnings) == (0, ())


def test_checks_belong_to_the_data_set_that_they_are_about() -> None:
    assertions = [
        {"assertion": "not_null", "column": "c", "success": False},
        {"assertion": "unique", "column": "c", "success": True},
    ]
    asserted = {"assertions": assertions}
    inputs = [_dataset(name, dataQualityAssertions=asserted) for name in ("a", "b")]
    found = opened(_event("FAIL", inputs=inputs)).evidence
    assert [one.envelope.scope.dataset for one in found] == ["n/a", "n/b"]
    first = found[0]
    assert [(f.check, f.family, f.status) for f in first.facts if isinstance(f, DataCheck)] == [
        ("not_null", "null", "fail"),
        ("unique", "unique", "pass"),
    ]
    assert [(row.question, row.failed, row.errored) for row in first.coverage] == [
        ("data_check/null", 1, 0),
        ("data_check/unique", 0, 0),
    ]


def test_counted_nulls_are_checks_of_as_many_rows() -> None:
    metrics = {"rowCount": 10, "columnMetrics": {"c": {"nullCount": 2}, "d": {"min": 1}}}
    data = {**_dataset("d"), "inputFacets": {"dataQualityMetrics": metrics}}
    (fact,) = evidence_of(_event(inputs=[data])).facts
    assert isinstance(fact, DataCheck)
    assert (fact.examined, fact.failed, fact.failed_share, fact.column) == (10, 2, 0.2, "c")


def test_a_time_without_a_zone_is_no_time() -> None:
    evidence = evidence_of(_event(eventTime="2026-11-20T09:00:00"))
    assert evidence.envelope.produced_at is None
    assert "zone" in evidence.envelope.warnings[0].message


def test_the_version_of_a_tool_is_not_part_of_its_name() -> None:
    assert evidence_of(_event()).envelope.producer.tool == "dbt"


def test_lines_that_are_no_events_are_counted_and_told() -> None:
    text = json.dumps(_event()) + '\n{"other": 1}\n'
    evidence = evidence_of(text, "e.jsonl")
    assert [one.code for one in evidence.envelope.warnings] == ["not-an-event"]
    assert evidence.envelope.malformed


@pytest.mark.parametrize("line", ["null", "3", '"N/A"', "true", "{}", "[]"])
def test_a_line_that_holds_nothing_is_told_of_every_run(line: str) -> None:
    text = f"{json.dumps(_event())}\n{line}\n{json.dumps(_event(run='other'))}\n"
    found = opened(text, "e.jsonl").evidence
    assert [one.envelope.malformed for one in found] == [True, True]


@pytest.mark.parametrize("side", ["inputs", "outputs"])
@pytest.mark.parametrize("listed", ["N/A", {}, -1, [None], [{}], [{"name": ""}], [[]]])
def test_what_a_run_read_or_made_without_a_name_keeps_the_lineage_open(
    side: str, listed: object
) -> None:
    envelope = evidence_of(_event() | {side: listed}).envelope
    assert envelope.malformed
    assert "event-not-read" in [one.code for one in envelope.warnings]


@pytest.mark.parametrize("kind", [None, "", -1, [], {}])
def test_a_type_of_job_that_is_no_text_keeps_the_lineage_open(kind: object) -> None:
    job = {"namespace": "n", "name": "j", "facets": {"jobType": {"jobType": kind}}}
    assert evidence_of(_event(job=job)).envelope.malformed


def test_a_data_set_event_makes_no_lineage() -> None:
    event = {"eventTime": "2026-11-20T09:00:00Z", "dataset": _dataset("d")}
    evidence = evidence_of({**event, "schemaURL": "https://openlineage.io/spec/2-0-0/O.json"})
    assert (evidence.envelope.scope.dataset, evidence.coverage) == ("n/d", ())


def _envelope(statement: object, kind: str = "application/vnd.in-toto+json") -> dict[str, object]:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return {"payloadType": kind, "payload": payload, "signatures": [{"sig": "x", "keyid": "k"}]}


STATEMENT = {
    "subject": [{"name": "model", "digest": {"sha256": "A" * 64}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {
        "buildDefinition": {"resolvedDependencies": [{"name": "d", "digest": {"sha1": "b" * 40}}]},
        "runDetails": {
            "builder": {"id": "https://builder"},
            "metadata": {"invocationId": "i", "finishedOn": "2026-11-20T09:00:00Z"},
        },
    },
}


def test_a_statement_tells_its_subject_materials_and_builder_as_claims() -> None:
    evidence = evidence_of(_envelope(STATEMENT))
    said = [fact.model_dump(exclude_none=True) for fact in evidence.facts]
    assert [(one["type"], one.get("relation"), one.get("digest")) for one in said] == [
        ("artifact", None, "sha256:" + "a" * 64),
        ("lineage", "derived_from", "sha1:" + "b" * 40),
        ("lineage", "built_by", None),
    ]
    assert "verified" not in said[0]
    assert (evidence.envelope.run, evidence.envelope.producer.tool) == ("i", "https://builder")


def test_a_model_signature_tells_the_files_of_the_model() -> None:
    resources = [{"name": "w", "algorithm": "sha256", "digest": "c" * 64}]
    root = hashlib.sha256(bytes.fromhex("c" * 64)).hexdigest()
    statement = {
        **STATEMENT,
        "subject": [{"name": "model", "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
    }
    bundle = {"dsseEnvelope": _envelope({**statement, "predicate": {"resources": resources}})}
    evidence = evidence_of(bundle, "model.sig")
    assert [(f.model_dump()["name"], f.model_dump()["kind"]) for f in evidence.facts] == [
        ("model", "model"),
        ("w", "model"),
    ]


@pytest.mark.parametrize(
    "change",
    [{"payload": "no base64!"}, {"payload": "/w=="}, {"payload": "e30="},
     {"payload": base64.b64encode(b'{"a": 1, "a": 2}').decode()}],
    ids=["no base64", "no UTF-8", "no subject", "a repeated key"],
)  # fmt: skip
def test_a_broken_payload_is_refused(change: dict[str, str]) -> None:
    error = refusal({**_envelope(STATEMENT), **change})
    assert error.code in {"document-breaks-format", "json-duplicate-key"}


def test_an_envelope_of_another_kind_is_not_taken_for_in_toto() -> None:
    assert refusal(_envelope(STATEMENT, "text/plain")).code == "format-not-supported"


@pytest.mark.parametrize("padded", [True, False])
def test_a_payload_may_be_written_in_the_alphabet_of_addresses(padded: bool) -> None:  # noqa: FBT001 - a case
    statement = {**STATEMENT, "note": "\u00fb\u00ff?>\u00be~" * 3}
    payload = base64.urlsafe_b64encode(json.dumps(statement, ensure_ascii=False).encode()).decode()
    assert set("-_") & set(payload)
    written = payload if padded else payload.rstrip("=")
    assert len(evidence_of({**_envelope(STATEMENT), "payload": written}).facts) == 3


@pytest.mark.parametrize(
    ("kind", "predicate", "lent", "code"),
    [
        ("https://slsa.dev/verification_summary/v1", {"verificationResult": "FAILED"}, 0, "failed"),
        ("https://slsa.dev/verification_summary/v1", {}, 0, "failed"),
        (
            *("https://slsa.dev/verification_summary/v1", {"verificationResult": "PASSED"}),
            *(1, "not-read"),
        ),
        (
            *("https://slsa.dev/verification_summary/v0.2", {"verification_result": "PASSED"}),
            *(1, "not-read"),
        ),
        (
            *("https://slsa.dev/verification_summary/v0.1", {"verificationResult": "PASSED"}),
            *(1, "not-read"),
        ),
        (
            "https://slsa.dev/verification_summary/v0.1",
            {"verificationResult": "PASSED", "verification_result": "FAILED"},
            *(0, "failed"),
        ),
        ("https://slsa.dev/verification_summary/v0.1", {}, 0, "failed"),
        ("https://in-toto.io/attestation/test-result/v0.1", {"result": "FAILED"}, 0, "failed"),
        ("https://in-toto.io/attestation/test-result/v0.1", {"result": "PASSED"}, 1, "not-read"),
        ("https://spdx.dev/Document", {}, 1, "not-read"),
        ("https://slsa.dev/provenance/v1", {}, 1, ""),
    ],
)
def test_a_statement_of_failure_lends_nothing(
    kind: str, predicate: dict[str, str], lent: int, code: str
) -> None:
    statement = {
        **STATEMENT,
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": kind,
        "predicate": predicate,
    }
    evidence = evidence_of(_envelope(statement))
    (row,) = evidence.coverage
    assert (len(evidence.facts), row.examined, row.failed) == (lent, 1, 1 - lent)
    codes = [one.code for one in evidence.envelope.warnings]
    assert len(codes) == bool(code)
    assert all(one.endswith(code) for one in codes)


def test_what_a_signature_leaves_out_of_a_model_is_said() -> None:
    root = hashlib.sha256(bytes.fromhex("c" * 64)).hexdigest()
    resources = [{"name": "w", "algorithm": "sha256", "digest": "c" * 64}]
    ignored = [".git", "tokenizer", ".gitignore", "model.sig"]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"resources": resources, "serialization": {"ignore_paths": ignored}},
    }
    (warning,) = evidence_of(_envelope(statement)).envelope.warnings
    assert (warning.code, warning.message) == (
        "files-not-signed",
        "the signature does not cover model.sig, tokenizer",
    )


RULES = """
groups:
- name: g
  rules:
  - record: r
    expr: up
  - alert: Down
    expr: up == 0
    for: 1h30m
    labels: {severity: page, team: on-call}
  - alert: Now
    expr: up == 0
"""


def test_an_alert_that_is_written_down_is_not_known_to_be_loaded() -> None:
    evidence = evidence_of(RULES, "a.rules.yml")
    first, second = (fact.model_dump() for fact in evidence.facts)
    assert (first["target"], first["for_seconds"], first["severity"], first["owner"]) == (
        *("Down", 5400.0, "page", "on-call"),
    )
    assert (first["loaded"], first["tested_at"], second["for_seconds"]) == (None, None, 0.0)
    assert (first["pointer"], evidence.coverage[0].examined) == ("/groups/0/rules/1", 2)


def test_a_resource_of_the_operator_is_read_too() -> None:
    text = "kind: PrometheusRule\nspec:" + RULES.replace("\n", "\n  ")
    found = opened(f"kind: Other\n---\n{text}", "a.yaml")
    assert (found.detected.version, found.evidence[0].facts[0].pointer) == (
        *("PrometheusRule", "/1/spec/groups/0/rules/1"),
    )


def test_a_rule_without_an_expression_is_refused_and_an_odd_duration_is_malformed() -> None:
    assert refusal(RULES.replace("expr: up == 0\n    for", "for"), "a.yml").code == (
        "document-breaks-format"
    )
    evidence = evidence_of(RULES.replace("1h30m", "a while"), "a.yml")
    assert evidence.facts[0].unknown == {"for_seconds": "malformed"}


@pytest.mark.parametrize("key", ["timeVerified", "time_verified"])
def test_the_summary_of_a_verification_says_who_verified_and_when(key: str) -> None:
    said = {"verifier": {"id": "https://v"}, "verificationResult": "PASSED",
            key: "2026-11-20T09:00:00Z"}  # fmt: skip
    kind = "https://slsa.dev/verification_summary/v1"
    one = evidence_of(_envelope({**STATEMENT, "predicateType": kind, "predicate": said}))
    assert one.envelope.producer.tool == "https://v"
    assert str(one.envelope.produced_at) == "2026-11-20 09:00:00+00:00"


TOKEN = "ghp_" + "a1" * 18


def test_a_secret_in_a_signed_payload_is_told_kept_and_in_no_fact() -> None:
    subject = {"name": f"model {TOKEN}", "digest": {"sha256": "a" * 64}}
    read = opened(_envelope({**STATEMENT, "subject": [subject]}))
    (one,) = read.evidence
    (warning,) = (one for one in one.envelope.warnings if one.code == "secret-kept")
    assert (warning.pointer, "github-token" in warning.message) == ("/payload", True)
    assert not one.envelope.redactions
    assert TOKEN not in one.model_dump_json()


def test_a_heap_of_what_begins_as_secrets_is_refused() -> None:
    heap = {**STATEMENT, "note": "hf_ " * 2_001}
    assert refusal(_envelope(heap)).code == "document-too-large"


def test_a_secret_in_a_signed_document_of_our_own_is_told_and_in_no_fact() -> None:
    row = {"type": "review", "reference": f"see {TOKEN}", "kind": "feedback"}
    document = {"assaybook": "v1", "facts": [row], "tool": {"name": "t"}}
    one = evidence_of(_envelope(document, "application/vnd.assaybook.evidence+json"))
    assert [warning.code for warning in one.envelope.warnings] == ["secret-kept"]
    assert TOKEN not in one.model_dump_json()
