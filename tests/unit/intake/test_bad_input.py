"""Bad input: refused with code, place, reason and remedy; never a crash, never a pass."""

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from assaybook.domain.errors import SubmitterError
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.raw import read_file
from support.documents import evidence_of, opened, refusal

RUN = {"info": {"run_id": "r", "status": "FINISHED"}, "data": {"metrics": {"accuracy": 0.9}}}


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        pytest.param(b"", "a.json", "document-empty", id="an empty file"),
        pytest.param(b" \n\t", "a.json", "document-empty", id="only white space"),
        pytest.param(b'{"a": 1, "a": 2}', "a.json", "json-duplicate-key", id="a repeated key"),
        pytest.param(b'{"a": [1, 2', "a.json", "json-malformed", id="a file that breaks off"),
        pytest.param(b'{"a": 1,}', "a.json", "json-malformed", id="a trailing comma"),
        pytest.param(
            b"# a card", "a.json", "json-malformed", id="another text than the suffix says"
        ),
        pytest.param(b"[" * 100_000, "a.json", "document-too-deep", id="deep brackets"),
        pytest.param(
            b'{"a":' * 5000 + b"1" + b"}" * 5000, "a", "document-too-deep", id="deep keys"
        ),
        pytest.param(b"[" * 150 + b"]" * 150, "a.json", "document-too-deep", id="150 levels"),
        pytest.param(b"[" * 100_000, "a.yaml", "document-too-deep", id="deep brackets in YAML"),
        pytest.param("é".encode("latin-1"), "a.csv", "encoding-not-utf8", id="Latin-1"),
        pytest.param('{"a": 1}'.encode("utf-16"), "a.json", "encoding-not-utf8", id="UTF-16"),
        pytest.param('{"a": 1}'.encode("utf-32"), "a.json", "encoding-not-utf8", id="UTF-32"),
        pytest.param(b'{"a": 1}\x00', "a.json", "encoding-not-utf8", id="NUL bytes"),
        pytest.param(b"\x80\x04\x95", "model.pkl", "document-binary", id="a pickle"),
        pytest.param(b"PK\x03\x04zip", "a.json", "document-binary", id="an archive"),
        pytest.param(b'{"a": "\\ud800"}', "a.json", "text-not-unicode", id="half a character"),
        pytest.param(
            b'{"\\udfff": 1}', "a.json", "text-not-unicode", id="half a character in a key"
        ),
        pytest.param(b'{"a": "\\u0000"}', "a.json", "text-not-unicode", id="NUL in a text"),
        pytest.param(b"a: &x [1]\nb: *x\n", "a.yaml", "yaml-not-allowed", id="an alias"),
        pytest.param(b"a: !!python/object:os.system 1\n", "a.yaml", "yaml-not-allowed", id="a tag"),
        pytest.param(b"a: 1\na: 2\n", "a.yaml", "yaml-duplicate-key", id="a repeated key in YAML"),
        pytest.param(b"a: [1\n", "a.yaml", "yaml-malformed", id="YAML that breaks off"),
        pytest.param(b"? [a]\n: 1\n", "a.yaml", "yaml-malformed", id="a key that is a list"),
        pytest.param(b"a,b\n1\n", "a.csv", "csv-malformed", id="a row that is too short"),
        pytest.param(b"a,a\n1,2\n", "a.csv", "csv-malformed", id="two columns of one name"),
        pytest.param(
            b"---\nlicense: a\nlicense: b\n---\n", "a.md", "yaml-duplicate-key", id="a card"
        ),
        pytest.param(b"just words", "a.txt", "format-unknown", id="just words"),
        pytest.param(
            b'{"some": "thing"}', "a.json", "format-unknown", id="JSON of no known format"
        ),
        pytest.param(b"[]", "a.json", "format-ambiguous", id="an empty list"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused_by_its_own_code(
    content: bytes, name: str, code: str
) -> None:
    error = refusal(content, name)
    assert (error.code, error.where.startswith(name), bool(error.message)) == (code, True, True)


def test_a_file_of_one_gigabyte_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    tracemalloc.start()
    with pytest.raises(SubmitterError, match="at most 67108864 are read") as error:
        read_file(path, path.name, Limits())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (error.value.code, peak < 1_000_000) == ("document-too-large", True)


def test_a_file_without_permission_to_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text("{}")
    path.chmod(0)
    if os.access(path, os.R_OK):
        path = tmp_path / "absent.json"
    with pytest.raises(SubmitterError) as error:
        read_file(path, path.name, Limits())
    assert error.value.code == "file-unreadable"


def test_a_device_or_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(SubmitterError, match="not a regular file"):
        read_file(tmp_path / "pipe.json", "pipe.json", Limits())


def test_a_name_that_no_path_can_have_is_a_problem_and_no_crash() -> None:
    with pytest.raises(SubmitterError):
        read_file(Path("a\0b"), "a", Limits())


def test_a_byte_order_mark_of_utf8_is_left_out() -> None:
    assert evidence_of(b"\xef\xbb\xbf" + json.dumps(RUN).encode()).facts


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_unknown_as_malformed_and_marked(word: str) -> None:
    evidence = evidence_of(json.dumps(RUN).replace("0.9", word))
    (fact,) = evidence.facts
    assert (fact.model_dump()["value"], fact.unknown) == (None, {"value": "malformed"})
    assert [one.code for one in evidence.envelope.warnings] == ["not-a-number"]


def test_an_integer_that_no_float_can_hold_is_unknown_rather_than_rounded() -> None:
    evidence = evidence_of(json.dumps(RUN).replace("0.9", "9" * 5000))
    assert evidence.facts[0].unknown == {"value": "malformed"}


def test_a_format_that_the_content_contradicts_is_refused() -> None:
    error = refusal(RUN, as_format="pip-audit")
    assert (error.code, "mlflow" in error.message) == ("format-contradicted", True)


def test_a_format_that_nobody_reads_is_refused_by_name() -> None:
    assert refusal(RUN, as_format="mlfow").code == "format-unknown"


def test_a_format_that_is_only_recognised_is_named() -> None:
    error = refusal("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "key")
    assert (error.code, "pem" in error.message) == ("format-not-supported", True)


def test_a_version_of_a_format_that_is_not_read_is_named() -> None:
    error = refusal({"assaybook": "v9", "facts": []})
    assert (error.code, "v9" in error.message) == ("format-not-supported", True)


def test_evidence_from_the_future_is_refused() -> None:
    document = {"assaybook": "v1", "produced_at": "2026-11-22T12:05:01Z"}
    error = refusal(document)
    assert error.code == "evidence-from-the-future"
    assert "judge as of a later instant" in error.hint


def test_five_minutes_of_skew_are_allowed() -> None:
    evidence = evidence_of({"assaybook": "v1", "produced_at": "2026-11-22T12:05:00Z"})
    assert evidence.envelope.produced_at is not None


def test_an_observation_from_the_future_is_refused() -> None:
    said = Declared.model_validate_json('{"observed_at": "2027-01-01T00:00:00Z"}')
    assert refusal({"assaybook": "v1"}, said=said).code == "evidence-from-the-future"


def test_more_entries_than_the_limit_are_refused_before_they_are_built() -> None:
    error = refusal("[" + "1," * 5000 + "1]", limits=Limits(items=1000))
    assert error.code == "document-too-large"


def test_more_rows_than_the_limit_are_refused() -> None:
    metrics = {f"m{number}": 1.0 for number in range(50)}
    document = {"info": {"run_id": "r"}, "data": {"metrics": metrics}}
    assert refusal(document, limits=Limits(facts=10)).code == "too-many-facts"


def test_more_keys_than_the_limit_are_refused_before_they_are_built() -> None:
    error = refusal([{"a": 1, "b": 2}] * 300, limits=Limits(keys=500))
    assert (error.code, "500 keys" in error.message) == ("document-too-large", True)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([{"entity_type": "PERSON", "score": "?"}] * 20, id="presidio"),
        pytest.param({"version": "2.1.0", "runs": [{"results": [1] * 20}]}, id="sarif"),
        pytest.param({"assaybook": "v1", "facts": [1] * 20}, id="our own"),
        pytest.param([{"RuleID": "r", "File": "f"}] * 20, id="gitleaks"),
    ],
)
def test_a_list_of_more_than_can_be_read_is_refused_before_any_of_it_is(document: object) -> None:
    assert refusal(document, limits=Limits(facts=19)).code == "too-many-facts"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param("1\n" * 100_002, "a.jsonl", id="JSON lines"),
        pytest.param("said something\n" * 600_000, "a.log", id="text"),
    ],
)
def test_lines_without_end_are_refused_before_they_are_looked_at(content: str, name: str) -> None:
    assert refusal(content, name).code == "document-too-large"


def test_a_document_over_the_size_limit_is_refused_as_bytes_too() -> None:
    assert refusal(RUN, limits=Limits(size=10)).code == "document-too-large"


def test_a_line_that_broke_off_leaves_the_rest_and_marks_the_document_malformed() -> None:
    event = {"eventTime": "2026-11-20T00:00:00Z", "eventType": "COMPLETE", "run": {"runId": "r"}}
    event |= {"job": {"name": "j", "namespace": "n"}}
    found = opened(json.dumps(event) + '\n{"eventTi', "events.jsonl").evidence
    assert [one.envelope.malformed for one in found] == [True]
