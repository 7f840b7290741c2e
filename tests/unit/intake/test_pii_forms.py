"""Presidio's forms beside one text and one table: several texts, nested tables, whole columns."""

from typing import Any

import pytest

from assaybook.domain.facts import Pii
from support.documents import evidence_of, opened, refusal


def hit(entity: str, start: int = 0, **more: object) -> dict[str, Any]:
    return {"entity_type": entity, "start": start, "end": start + 5, "score": 0.9, **more}


def found(content: object, **how: Any) -> list[tuple[str, str | None, int | None]]:
    facts = evidence_of(content, **how).facts
    return [(one.entity, one.column, one.count) for one in facts if isinstance(one, Pii)]


NESTED: list[dict[str, Any]] = [
    {"key": "user", "value": {"mail": ["a@b.com"]}, "recognizer_results": [
        {"key": "mail", "value": ["a@b.com", "x"], "recognizer_results": [
            [hit("EMAIL_ADDRESS", analysis_explanation={"pattern": "secret-pattern"})], []]},
        {"key": "ip", "value": "10.0.0.1", "recognizer_results": [hit("IP_ADDRESS")]},
    ]},
    {"key": "note", "value": ["x"], "recognizer_results": [[]]},
]  # fmt: skip


def test_a_table_in_a_table_is_read_by_the_names_of_both() -> None:
    assert found(NESTED) == [("email", "user.mail", 1), ("ip_address", "user.ip", 1)]
    one = evidence_of(NESTED)
    rows = {row.question: (row.examined, row.passed, row.failed) for row in one.coverage}
    assert rows["pii/email"] == (4, 3, 1)
    assert one.facts[0].pointer == "/0/recognizer_results/0"


def test_texts_and_explanations_of_a_nested_table_are_removed() -> None:
    kept = opened(NESTED).kept.decode()
    assert not [one for one in ("a@b.com", "10.0.0.1", "secret-pattern") if one in kept]


def test_a_table_three_deep_is_refused_and_not_read_in_part() -> None:
    deep: list[dict[str, Any]] = [{"key": "a", "recognizer_results": NESTED}]
    assert refusal(deep).code == "document-breaks-format"


def test_several_texts_are_counted_where_the_submitter_names_the_tool() -> None:
    texts = [[hit("PERSON"), hit("PERSON", 9), hit("URL")], [], [hit("PERSON")]]
    assert found(texts, as_format="presidio") == [("person", None, 2), ("url", None, 1)]
    rows = evidence_of(texts, as_format="presidio").coverage
    assert [(row.question, row.examined, row.passed) for row in rows] == [
        ("pii/person", 3, 1),
        ("pii/url", 3, 2),
    ]


def test_columns_of_a_structured_analysis_are_found_and_not_counted() -> None:
    content = {"entity_mapping": {"mail": "EMAIL_ADDRESS", "Größe": "PERSON"}}
    assert found(content) == [("email", "mail", None), ("person", "Größe", None)]
    assert [(row.examined, row.failed) for row in evidence_of(content).coverage] == [
        (None, 1),
        (None, 1),
    ]


@pytest.mark.parametrize("entity", [None, 7, ""], ids=["none", "number", "blank"])
def test_a_column_of_no_entity_is_refused(entity: object) -> None:
    assert refusal({"entity_mapping": {"mail": entity}}).code == "document-breaks-format"


def test_a_mapping_of_something_else_is_not_of_presidio() -> None:
    assert refusal({"entity_mapping": "x"}).code == "format-unknown"


def treated(operator: str, entity: str = "PERSON", **more: object) -> dict[str, Any]:
    return {
        "start": 3,
        "end": 9,
        "entity_type": entity,
        "text": "leaked",
        "operator": operator,
        **more,
    }


@pytest.mark.parametrize(
    ("operator", "treatment"),
    [
        ("replace", "masked"),
        ("mask", None),
        ("redact", "dropped"),
        ("hash", "tokenised"),
        ("encrypt", "tokenised"),
        ("keep", "none"),
        ("decrypt", "none"),
        ("custom", None),
        ("surrogate_ahds", None),
    ],
)
def test_what_the_anonymizer_did_to_a_find_is_its_treatment(
    operator: str, treatment: str | None
) -> None:
    one = evidence_of({"text": "leaked", "items": [treated(operator, score=0.9)]})
    assert (one.envelope.format_version, one.envelope.producer.tool) == (
        "anonymized",
        "presidio-anonymizer",
    )
    assert [(fact.treatment, fact.score) for fact in one.facts if isinstance(fact, Pii)] == [
        (treatment, 0.9)
    ]
    (row,) = one.coverage
    assert (row.question, row.examined, row.failed) == ("pii/person", None, 1)


@pytest.mark.parametrize(
    ("left", "treatment"),
    [
        ("******", "masked"),
        ("XXXXXX", "masked"),
        ("", "masked"),
        ("4111********1111", None),
        ("*****@x.org", None),
        ("1111", None),
        (None, None),
    ],
)
def test_what_was_masked_in_part_is_not_known_to_be_masked(
    left: str | None, treatment: str | None
) -> None:
    read = opened({"text": "leaked", "items": [treated("mask", text=left)]})
    assert [one.treatment for one in read.evidence[0].facts if isinstance(one, Pii)] == [treatment]
    assert treatment or not left or left.encode() not in read.kept


def test_anonymized_texts_are_not_kept_since_an_operator_can_keep_what_it_found() -> None:
    clean: dict[str, Any] = {"text": "leaked", "items": []}
    read = opened([{"text": "leaked", "items": [treated("keep")]}, clean])
    assert b"leaked" not in read.kept
    (one,) = read.evidence
    places = [fact.location for fact in one.facts if isinstance(fact, Pii)]
    assert places == ["text 0, characters 3 to 9"]


def test_a_text_without_a_find_can_be_of_any_tool_unless_it_is_declared() -> None:
    nothing: dict[str, Any] = {"text": "clean", "items": []}
    assert refusal(nothing).code == "format-unknown"
    assert refusal([nothing]).code == "format-unknown"
    assert not evidence_of(nothing, as_format="presidio").coverage


def test_broken_results_of_the_anonymizer_are_refused_where_they_are_broken() -> None:
    sound = {"text": "a", "items": [treated("mask")]}
    odd = {"text": "a", "items": [treated("mask", entity=" ")]}
    assert refusal(odd).where == "report.json#/items/0"
    assert refusal([sound, {"text": "a", "items": None}]).where == "report.json#/1/items"
    (fact,) = evidence_of({"text": "a", "items": [treated("mask", score=7)]}).facts
    assert fact.unknown == {"score": "malformed"}
