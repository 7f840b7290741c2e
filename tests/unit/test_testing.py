"""The checks that makers of adapters run: each finds what it says it finds."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from assaybook import testing
from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import ArtifactFact, Fact, Review
from assaybook.intake.adapter import Adapter, Reading, broken
from assaybook.intake.parsed import Parsed
from assaybook.intake.redaction_rules import Rule
from assaybook.intake.registry import adapter_named
from assaybook.intake.values import mapping, sequence, word

GOOD = json.dumps({"notes": [{"id": "1"}, {"id": "2"}]}).encode()
LINES = b'{"notes": [{"id": "1"}]}\n'


class Notes:
    """An adapter without a fault; each test gives it one."""

    name = "notes"
    version = 1
    versions: tuple[str, ...] = ("1",)
    facts: tuple[str, ...] = ("review",)
    questions: tuple[str, ...] = ("review", "review/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        del declared
        value = document.value if document.media == "json" else sequence(document.value)[:1]
        found = mapping(value[0] if isinstance(value, list) and value else value)
        if not isinstance(found.get("notes"), list):
            return None
        return Detected(format=self.name, version="1", confidence=1.0, reasons=("notes",))

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        del detected
        value = document.value
        listed = value if isinstance(value, list) else [value]
        facts: list[Fact] = []
        for one in (note for line in listed for note in sequence(mapping(line).get("notes"))):
            reference = word(mapping(one).get("id"))
            if reference is None:
                raise broken(document, "a note must have an id")
            facts.append(Review(pointer="", reference=reference))
        return (Reading(facts=tuple(facts), coverage=(Coverage(question="review"),)),)


def _faulty(**members: object) -> Adapter:
    return cast("Adapter", type("Faulty", (Notes,), members)())


def _reading(change: Callable[[Reading], Reading]) -> Adapter:
    def read(self: Notes, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        return tuple(change(one) for one in Notes.read(self, document, detected))

    return _faulty(read=read)


def _document(adapter: Adapter) -> None:
    testing.check_document(adapter, GOOD, "notes.json")


def test_an_adapter_without_a_fault_passes_every_check() -> None:
    testing.check_declarations(Notes())
    testing.check_leaves_alone(Notes())
    (reading,) = testing.check_document(Notes(), GOOD, "notes.json")
    assert len(reading.facts) == 2
    assert testing.check_refusals(Notes(), GOOD, "notes.json") > 30
    assert testing.check_refusals(Notes(), LINES, "notes.jsonl") > 20
    assert testing.check_refusals(Notes(), b"words of a text", "notes.txt") == 3


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"name": "mlflow"}, "taken"),
        ({"name": "hf-model-card"}, "taken"),
        ({"version": 0}, "1 or more"),
        ({"versions": ()}, "versions of the format"),
        ({"facts": ("opinion",), "questions": ("opinion",)}, "no fact types"),
        ({"facts": ("review", "metric")}, "question"),
    ],
)
def test_a_wrong_declaration_is_found(members: dict[str, object], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        testing.check_declarations(_faulty(**members))


def test_a_missing_member_is_found() -> None:
    with pytest.raises(AssertionError, match="lacks name, version"):
        testing.check_declarations(cast("Adapter", object()))


def test_an_adapter_that_takes_everything_is_found() -> None:
    def detect(self: Notes, document: Parsed, *, declared: bool = False) -> Detected:
        del document, declared
        return Detected(format=self.name, version="1", confidence=1.0, reasons=("all",))

    with pytest.raises(AssertionError, match="takes object"):
        testing.check_leaves_alone(_faulty(detect=detect))


@pytest.mark.parametrize(
    ("detected", "said"),
    [
        (None, "does not recognise"),
        (Detected(format="other", version="1", confidence=1.0, reasons=("x",)), "own format"),
        (Detected(format="notes", version="1", confidence=2.0, reasons=("x",)), "confidence"),
        (Detected(format="notes", version="1", confidence=1.0), "reason"),
        (Detected(format="notes", version="9", confidence=1.0, reasons=("x",)), "version '9'"),
    ],
)
def test_a_wrong_detection_is_found(detected: Detected | None, said: str) -> None:
    def detect(self: Notes, document: Parsed, *, declared: bool = False) -> Detected | None:
        del self, document, declared
        return detected

    with pytest.raises(AssertionError, match=said):
        _document(_faulty(detect=detect))


NOTE = Review(pointer="", reference="1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"coverage": ()}, "no coverage"),
        ({"coverage": (Coverage(question="review"),) * 2}, "one row"),
        ({"coverage": (Coverage(question="pii/email"),)}, "does not declare the question"),
        ({"coverage": (Coverage(question="review", failed=3),)}, "more failures"),
        ({"facts": (ArtifactFact(pointer="", name="m"),)}, "does not declare facts"),
        (
            {"facts": (NOTE.model_copy(update={"unknown": {"reference": "malformed"}}),)},
            "has a value all the same",
        ),
    ],
)
def test_a_reading_that_breaks_the_contract_is_found(change: dict[str, Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        _document(_reading(lambda one: replace(one, **change)))


def test_a_claim_that_only_our_verification_may_make_is_found() -> None:
    fact = ArtifactFact(pointer="", name="m", verified=True)
    adapter = _faulty(facts=("artifact",), questions=("artifact",))
    with pytest.raises(AssertionError, match=r"artifact\.verified"):
        testing.check_reading(adapter, (fact,), (Coverage(question="artifact"),))


def test_an_adapter_that_reads_the_same_bytes_twice_unlike_is_found() -> None:
    runs = iter("abcd")
    with pytest.raises(AssertionError, match="same bytes"):
        _document(_reading(lambda one: replace(one, run=next(runs))))


def test_an_adapter_that_reads_nothing_is_found() -> None:
    def read(self: Notes, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        del self, document, detected
        return ()

    with pytest.raises(AssertionError, match="at least one reading"):
        _document(_faulty(read=read))


def test_an_adapter_that_crashes_on_a_part_of_another_type_is_found() -> None:
    def read(self: Notes, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        value = cast("dict[str, Any]", document.value)
        assert len(value["notes"][0]["id"]) < 9
        return Notes.read(self, document, detected)

    with pytest.raises(AssertionError, match="Error for b"):
        testing.check_refusals(_faulty(read=read), GOOD, "notes.json")


def test_a_refusal_without_words_is_found() -> None:
    def read(self: Notes, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        del self, document, detected
        raise SubmitterError("odd", "", where="")

    with pytest.raises(AssertionError, match="where and why"):
        testing.check_refusals(_faulty(read=read), GOOD, "notes.json")


def test_a_value_that_its_fact_type_does_not_allow_is_a_refusal() -> None:
    def read(self: Notes, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        del self, document, detected
        return (Reading(facts=(Review.model_validate({"pointer": 3}),)),)

    assert testing.check_refusals(_faulty(read=read), GOOD, "notes.json") > 30


TEXT = Rule("text", "notes", ("notes", "*", "text"), secret=True)
WRITTEN = json.dumps({"notes": [{"id": "1", "text": "she fell"}]}).encode()


KIND = json.dumps({"kind": "notes", "notes": []}).encode()


def test_places_that_rules_name_are_removed_and_told() -> None:
    adapter = _faulty(redactions=(TEXT,))
    testing.check_declarations(adapter)
    assert testing.check_redactions(adapter, WRITTEN, "notes.json") == ("text: 1",)


@pytest.mark.parametrize(
    ("rule", "raw", "said"),
    [
        (None, WRITTEN, "declares no rules"),
        (replace(TEXT, path=("notes", "*", "txt")), WRITTEN, "finds nothing at /notes/"),
        (replace(TEXT, path=("notes", "0", "text")), WRITTEN, "finds nothing at /notes/0"),
        (replace(TEXT, path=("kind",)), KIND, "not recognised without"),
    ],
)
def test_a_rule_that_removes_nothing_or_too_much_is_found(
    rule: Rule | None, raw: bytes, said: str
) -> None:
    def detect(self: Notes, document: Parsed, *, declared: bool = False) -> Detected | None:
        known = mapping(document.value).get("kind", "notes") == "notes"
        return Notes.detect(self, document, declared=declared) if known else None

    adapter = _faulty(redactions=() if rule is None else (rule,), detect=detect)
    with pytest.raises(AssertionError, match=said):
        testing.check_redactions(adapter, raw, "notes.json")


def test_a_malformed_rule_is_a_wrong_declaration() -> None:
    with pytest.raises(AssertionError, match="it must be 'notes'"):
        testing.check_declarations(_faulty(redactions=(replace(TEXT, format="other"),)))


def test_the_rules_of_a_shipped_format_are_checked_alike() -> None:
    found = {"RuleID": "aws", "Secret": "abcd1234", "Match": "key=abcd1234", "Line": "x=abcd1234"}
    found |= {"Message": "add abcd1234", "Author": "Ann", "Email": "ann@example.org"}
    raw = json.dumps([found | {"Description": "", "File": "a.py", "StartLine": 1}]).encode()
    removed = testing.check_redactions(adapter_named("gitleaks"), raw, "gitleaks.json")
    assert removed == ("author: 2", "commit-message: 1", "line: 1", "match: 1", "secret: 1")
