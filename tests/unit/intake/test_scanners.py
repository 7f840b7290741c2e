"""pip-audit, Gitleaks and Presidio: clean is not the same as looked at."""

import json
from typing import Any

import pytest

from assaybook.domain.evidence import Coverage
from assaybook.intake.declared import Declared
from assaybook.intake.entities import canonical_entity
from support.documents import evidence_of, opened, refusal

CLEAN: dict[str, Any] = {"name": "numpy", "version": "2.4.6", "vulns": []}
SKIPPED = {"name": "ward-units", "skip_reason": "not found"}
FLASK: dict[str, Any] = {
    "name": "flask",
    "version": "0.5",
    "vulns": [
        {"id": "PYSEC-2019-179", "aliases": ["CVE-1"], "fix_versions": ["1.0", "0.9.1"]},
        {"id": "PYSEC-2018-66", "fix_versions": []},
    ],
}
LEAK = {
    "RuleID": "aws",
    "File": "a.py",
    "StartLine": 3,
    "Commit": "c0ffee",
    "Fingerprint": "",
    "Match": "key = hunter2secret",
    "Secret": "hunter2secret",
    "Message": "add hunter2secret",
    "Author": "Jo",
    "Email": "jo@example.org",
    "Description": "hunter2secret found",
}
HIT = {"entity_type": "EMAIL_ADDRESS", "start": 3, "end": 9, "score": 0.9}


def _audit(*dependencies: object) -> dict[str, object]:
    return {"dependencies": list(dependencies), "fixes": []}


def test_a_skipped_dependency_was_not_examined_and_is_named() -> None:
    evidence = evidence_of(_audit(CLEAN, SKIPPED))
    assert evidence.coverage == (
        Coverage(
            question="security/vulnerability",
            examined=1,
            passed=1,
            failed=0,
            errored=0,
            skipped=1,
            skipped_items=("ward-units",),
        ),
    )


def test_an_audit_that_skipped_everything_examined_nothing() -> None:
    (row,) = evidence_of(_audit(SKIPPED, SKIPPED)).coverage
    assert (row.examined, row.skipped) == (0, 2)


def test_a_dependency_with_a_reason_to_skip_it_was_skipped_unless_something_was_found() -> None:
    (row,) = evidence_of(_audit({**CLEAN, "skip_reason": "not on the index"})).coverage
    assert (row.examined, row.skipped) == (0, 1)
    (row,) = evidence_of(_audit({**FLASK, "skip_reason": "not on the index"})).coverage
    assert (row.examined, row.failed, row.skipped) == (1, 1, 0)


@pytest.mark.parametrize("document", [_audit(FLASK, CLEAN), [FLASK, CLEAN]], ids=["new", "old"])
def test_each_vulnerability_is_a_row_without_a_severity_that_the_format_lacks(
    document: object,
) -> None:
    evidence = evidence_of(document)
    assert [fact.model_dump()["fingerprint"] for fact in evidence.facts] == [
        "flask:0.5:PYSEC-2019-179",
        "flask:0.5:PYSEC-2018-66",
    ]
    first = evidence.facts[0].model_dump()
    assert (first["severity"], first["suppressed"], first["fixed_in"]) == (None, None, "1.0, 0.9.1")
    assert evidence.coverage[0].failed == 1


def test_a_dependency_that_says_neither_is_refused_at_its_place() -> None:
    error = refusal(_audit(CLEAN, {"name": "odd"}))
    assert (error.code, error.where) == ("document-breaks-format", "report.json#/dependencies/1")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(json.dumps(_audit(FLASK))[:-5], "json-malformed", id="truncated"),
        pytest.param(b'{"dependencies": [], "fixes": "\xe9"}', "encoding-not-utf8", id="latin"),
        pytest.param(_audit(CLEAN, {"name": 7, "vulns": []}), "document-breaks-format",
                          id="a number for a name"),
        pytest.param(_audit(CLEAN, {"name": "a", "vulns": None}), "document-breaks-format",
                     id="vulns are none"),
        pytest.param(_audit({"name": "a", "vulns": [{"fix_versions": ["1"]}]}),
                     "document-breaks-format", id="a vulnerability without id"),
        pytest.param(_audit({"name": "a", "vulns": ["CVE-1"]}), "document-breaks-format",
                     id="a vulnerability that is a text"),
    ],
)  # fmt: skip
def test_an_audit_that_breaks_its_format_is_refused(content: object, code: str) -> None:
    assert refusal(content).code == code


@pytest.mark.parametrize("form", ["object", "list"])
def test_odd_values_beside_the_vulnerabilities_are_left_unknown(form: str) -> None:
    odd = {
        "name": "\u202e{{7*7}}",
        "version": 2.5,
        "vulns": [{"id": "x", "fix_versions": [1, None, "2"], "aliases": 7, "description": None}],
    }
    text = json.dumps(_audit(odd) if form == "object" else [odd]).replace("null", "NaN")
    (fact,) = evidence_of(text).facts
    assert (fact.model_dump()["component_version"], fact.model_dump()["fixed_in"]) == (
        "2.5",
        "1, 2",
    )


def test_an_empty_list_is_taken_for_a_tool_that_the_submitter_names() -> None:
    for name in ("gitleaks", "presidio", "pip-audit"):
        evidence = evidence_of([], as_format=name)
        assert (evidence.envelope.format, evidence.facts) == (name, ())
        assert "format" in evidence.envelope.declared


def test_gitleaks_does_not_say_how_much_it_looked_through() -> None:
    (row,) = evidence_of([], as_format="gitleaks").coverage
    assert (row.question, row.examined, row.failed, row.errored) == (
        "security/secret",
        None,
        0,
        None,
    )


def test_a_leak_is_known_by_place_and_rule_where_it_has_no_fingerprint() -> None:
    (fact,) = evidence_of([LEAK]).facts
    assert fact.model_dump(by_alias=True) == {
        "pointer": "/0",
        "unknown": {},
        "type": "security",
        "class": "secret",
        "rule": "aws",
        "fingerprint": "c0ffee:a.py:aws:3",
        "severity": None,
        "component": None,
        "component_version": None,
        "fixed_in": None,
        "location": "a.py:3",
        "suppressed": None,
    }


def test_no_secret_survives_in_facts_or_in_the_bytes_that_are_kept() -> None:
    found = opened([LEAK])
    said = found.kept + found.evidence[0].model_dump_json().encode()
    assert not any(one in said for one in (b"hunter2", b"jo@example", b'"Jo"'))
    assert found.evidence[0].envelope.redactions == (
        *("author: 2", "commit-message: 1", "copy: 1", "match: 1", "secret: 1"),
    )


def test_a_leak_without_a_rule_is_refused() -> None:
    assert refusal([{**LEAK, "RuleID": ""}]).code == "document-breaks-format"


def test_a_hit_in_a_text_is_a_row_with_its_place_and_unknown_treatment() -> None:
    evidence = evidence_of([HIT, {**HIT, "entity_type": "US_SSN", "score": 7}])
    first, second = (fact.model_dump() for fact in evidence.facts)
    assert (first["entity"], first["location"], first["treatment"]) == (
        "email",
        "characters 3 to 9",
        None,
    )
    assert (second["entity"], second["score"], second["unknown"]) == (
        "us_ssn",
        None,
        {"score": "malformed"},
    )
    assert [(row.question, row.examined, row.failed) for row in evidence.coverage] == [
        ("pii/email", None, 1),
        ("pii/us_ssn", None, 1),
    ]


def _column(name: str, *cells: list[object]) -> dict[str, object]:
    return {"key": name, "value": ["x@y.org"] * len(cells), "recognizer_results": list(cells)}


def test_a_scanned_table_gives_one_row_for_each_entity_and_column() -> None:
    evidence = evidence_of([_column("id", [], [], []), _column("note", [HIT, HIT], [HIT], [])])
    (fact,) = evidence.facts
    assert (fact.pointer, fact.model_dump()["column"], fact.model_dump()["count"]) == (
        "/1",
        "note",
        2,
    )
    assert evidence.coverage[0].model_dump(exclude={"skipped_items"}) == {
        "question": "pii/email",
        "examined": 6,
        "passed": 4,
        "failed": 1,
        "errored": 0,
        "skipped": 0,
    }


def test_the_cells_of_a_table_count_for_every_question_that_was_asked() -> None:
    said = Declared(asked=("pii/phone",))
    evidence = evidence_of([_column("id", [], [])], said=said)
    (row,) = evidence.coverage
    assert (row.question, row.examined, row.failed, row.skipped) == ("pii/phone", 2, 0, 0)


def test_a_table_without_the_results_of_each_cell_is_refused() -> None:
    column: dict[str, Any] = {"key": "id", "value": ["1", "2"], "recognizer_results": [[]]}
    assert refusal([column]).code == "document-breaks-format"


def test_one_text_for_a_column_is_one_cell() -> None:
    column = {"key": "note", "value": "mail x@y.org", "recognizer_results": [HIT]}
    evidence = evidence_of([column])
    assert (evidence.coverage[0].examined, len(evidence.facts)) == (1, 1)


def test_no_examined_text_is_kept() -> None:
    explained = {**HIT, "analysis_explanation": {"textual_explanation": "x@y.org at 3"}}
    found = opened([_column("note", [explained])])
    assert b"x@y.org" not in found.kept
    assert json.loads(found.kept)[0]["value"] == ["[redacted]"]


def test_every_entity_has_one_name() -> None:
    assert [canonical_entity(one) for one in ("PERSON", "IBAN_CODE", "IP_ADDRESS", "A B")] == [
        *("person", "iban", "ip_address", "a_b"),
    ]
    spelt = ("EMAIL_ADDRESS", "Email", "e-mail", " email ", "E-Mail Address")
    assert {canonical_entity(one) for one in spelt} == {"email"}
    assert {canonical_entity(one) for one in ("PHONE_NUMBER", "Telephone", "phone")} == {"phone"}
