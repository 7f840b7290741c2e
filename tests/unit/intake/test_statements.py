"""In-toto statements: SLSA of each version, model signing of each form, bare or in envelopes."""

import base64
import hashlib
import json
from typing import Any

import pytest

from assaybook.domain.facts import ArtifactFact, Lineage
from support.documents import evidence_of, opened, refusal
from support.signing import IN_TOTO, provenance, signed_model

OLD = "https://model_signing/Digests/v0.1"


def _sealed(statement: object) -> dict[str, Any]:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return {"payloadType": IN_TOTO, "payload": payload, "signatures": []}


def _artifacts(content: object) -> list[ArtifactFact]:
    return [one for one in evidence_of(content).facts if isinstance(one, ArtifactFact)]


def _edges(content: object) -> list[Lineage]:
    return [one for one in evidence_of(content).facts if isinstance(one, Lineage)]


def _abouts(content: object) -> list[tuple[str | None, str]]:
    return [(one.name, one.digest) for one in evidence_of(content).envelope.subject.artifacts]


def test_a_bare_statement_is_read_with_places_that_can_be_followed() -> None:
    found = opened(provenance())
    assert (found.detected.format, found.detected.version) == (
        *("dsse", "https://slsa.dev/provenance/v1"),
    )
    assert [one.pointer for one in found.evidence[0].facts] == [
        "/subject/0",
        "/predicate/buildDefinition/resolvedDependencies/0",
        "/predicate",
    ]


def test_lines_may_be_bare_and_sealed() -> None:
    lines = [provenance(digest="1" * 64), _sealed(provenance(digest="2" * 64))]
    assert len(opened("\n".join(map(json.dumps, lines)), "a.jsonl").evidence) == 2


@pytest.mark.parametrize("kind", ["https://in-toto.io/Statement/v2", "x", 1])
def test_a_statement_of_another_type_is_refused(kind: object) -> None:
    error = refusal(_sealed({**provenance(), "_type": kind}))
    assert (error.code, "of type" in error.message) == ("document-breaks-format", True)


def test_a_statement_without_a_type_is_read_and_said() -> None:
    statement = provenance()
    del statement["_type"]
    evidence = evidence_of(_sealed(statement))
    assert [one.code for one in evidence.envelope.warnings] == ["statement-untyped"]


def test_older_provenance_names_materials_and_its_source_once() -> None:
    source = {"uri": "git+https://x", "digest": {"sha1": "b" * 40}}
    statement: dict[str, Any] = {
        **provenance(),
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "predicate": {
            "builder": {"id": "b"},
            "invocation": {"configSource": source},
            "materials": [source, {"uri": "pkg:x", "digest": {"gitCommit": "c" * 40}}, {}],
            "metadata": {"buildInvocationId": "7", "buildFinishedOn": "2026-11-19T00:00:00Z"},
        },
    }
    edges = _edges(_sealed(statement))
    assert [(one.target, one.relation, one.digest, one.run) for one in edges] == [
        ("git+https://x", "derived_from", "sha1:" + "b" * 40, "7"),
        ("pkg:x", "derived_from", "gitcommit:" + "c" * 40, "7"),
        ("b", "built_by", None, "7"),
    ]
    statement["predicate"]["materials"] = []
    assert next(one.pointer for one in _edges(_sealed(statement))).endswith("/configSource")


@pytest.mark.parametrize(
    ("said", "digest"),
    [
        ({"sha512": "a" * 128, "sha256": "b" * 64}, "sha256:" + "b" * 64),
        ({"sha256": "b" * 63}, None),
        ({"sha256": "z" * 64}, None),
        ({"sha256": 1, "blake3": "C" * 64}, "blake3:" + "c" * 64),
        ({"!": "a" * 64}, None),
        ("x", None),
        ({}, None),
    ],
)
def test_the_strongest_digest_that_can_be_one_is_taken(said: object, digest: str | None) -> None:
    statement = {**provenance(), "subject": [{"uri": "u", "digest": said}]}
    assert [(one.name, one.digest) for one in _artifacts(_sealed(statement))] == [("u", digest)]


def test_the_root_of_a_signed_model_is_that_of_its_files() -> None:
    statement = signed_model(a="1" * 64, b="2" * 64)
    root = statement["subject"][0]["digest"]["sha256"]
    assert _abouts(_sealed(statement)) == [
        ("m", f"sha256:{root}"),
        ("a", "sha256:" + "1" * 64),
        ("b", "sha256:" + "2" * 64),
    ]


def test_the_order_of_the_files_may_be_that_of_their_names() -> None:
    statement = signed_model(a="1" * 64, b="2" * 64)
    statement["predicate"]["resources"].reverse()
    assert len(_artifacts(_sealed(statement))) == 3


def _changed(**resource: object) -> dict[str, Any]:
    statement = signed_model(a="1" * 64, b="2" * 64)
    statement["predicate"]["resources"][1] |= resource
    return statement


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (_changed(digest="3" * 64), "not that of its resources"),
        (_changed(digest="no hex"), "not that of its resources"),
        (_changed(name="a"), "that of another"),
        (_changed(name=""), "no name"),
    ],
)
def test_a_model_whose_files_do_not_add_up_is_refused(statement: object, why: str) -> None:
    error = refusal(_sealed(statement))
    assert (error.code, why in error.message) == ("document-breaks-format", True)


def test_a_file_whose_digest_is_of_no_algorithm_has_none() -> None:
    rows = {one.name: one.digest for one in _artifacts(_sealed(_changed(algorithm="")))}
    assert rows["b"] is None
    assert "b" not in dict(_abouts(_sealed(_changed(algorithm=""))))


def test_a_model_of_one_file_is_that_file() -> None:
    assert _abouts(_sealed(signed_model(**{".": "1" * 64}))) == [("m", "sha256:" + "1" * 64)]


def test_the_older_form_names_each_file_as_a_subject() -> None:
    subjects: list[dict[str, Any]] = [
        {"name": "a", "digest": {"sha256": "1" * 64}},
        {"name": "b", "digest": {"sha256": "2" * 64},
         "annotations": {"actual_hash_algorithm": "file-sha256"}},
        {"name": "c", "digest": {"sha256": "3" * 64},
         "annotations": {"actual_hash_algorithm": "sharded-sha256-1000"}},
        {"name": "d"},
    ]  # fmt: skip
    statement: dict[str, Any] = {
        **provenance(),
        "predicateType": OLD,
        "subject": subjects,
        "predicate": {},
    }
    expected = [
        ("a", "sha256:" + "1" * 64),
        ("b", "sha256:" + "2" * 64),
        ("c", "shardedsha2561000:" + "3" * 64),
    ]
    assert _abouts(_sealed(statement)) == expected
    assert [(one.name, one.digest) for one in _artifacts(_sealed(statement))] == [
        *expected,
        ("d", None),
    ]


def test_a_payload_that_cannot_be_read_is_still_told_to_be_an_envelope() -> None:
    error = refusal({**_sealed({}), "payload": "*"})
    assert (error.code, error.where) == ("document-breaks-format", "report.json#/payload")


def test_an_envelope_of_something_else_among_lines_is_refused() -> None:
    lines = [_sealed(provenance()), {**_sealed(provenance()), "payloadType": "text/plain"}]
    error = refusal("\n".join(map(json.dumps, lines)), "a.jsonl")
    assert "only in-toto is read" in error.message


def test_the_digest_over_all_files_is_computed_from_their_raw_digests() -> None:
    raw = bytes.fromhex("1" * 64) + bytes.fromhex("2" * 64)
    root = signed_model(a="1" * 64, b="2" * 64)["subject"][0]["digest"]["sha256"]
    assert root == hashlib.sha256(raw).hexdigest()
