"""What would take too much is refused by one code that says what there is too much of."""

import base64
import json

import pytest

from support.documents import evidence_of, opened, refusal

_CURVE = ",".join(["0.25"] * 300_000)
_OPEN = "x" * 100 + " [More Information Needed]\n"


def _report(more: str, *, usual: bool = True) -> str:
    """Return a run of MLflow with something beside its metrics, in plain JSON or in odd."""
    value = "0.9" if usual else "NaN"
    metrics = '{"info": {"run_id": "r"}, "data": {"metrics": {"accuracy": ' + value + "}}"
    return metrics + ', "more": ' + more + "}"


@pytest.mark.parametrize("usual", [True, False])
@pytest.mark.parametrize(
    ("more", "what"),
    [
        pytest.param("[" + '"a",' * 200_000 + '"a"]', "a list has more than 200000", id="a list"),
        pytest.param("[" + "1," * 2_000_000 + "1]", "more than 2000000 entries", id="a curve"),
        pytest.param(
            "[" + ",".join(["[" + ",".join(['[""]'] * 150_000) + "]"] * 3) + "]",
            "lists have more than 500000 entries that are not numbers",
            id="many lists",
        ),
    ],
)
def test_json_with_lists_that_are_too_long_is_refused(more: str, what: str, *, usual: bool) -> None:
    error = refusal(_report(more, usual=usual))
    assert (error.code, what in error.message) == ("document-too-large", True)


@pytest.mark.parametrize("usual", [True, False])
def test_a_curve_with_a_point_for_each_of_many_cases_is_read(*, usual: bool) -> None:
    (found,) = opened(_report(f"[{_CURVE}]", usual=usual)).evidence
    assert len(found.facts) == 1


_VERSION = {"name": "m", "version": "1", "run_id": "r", "creation_timestamp": 1763600000000}


def _envelope(payload: str, kind: str) -> dict[str, object]:
    return {"payloadType": kind, "payload": payload, "signatures": [{"sig": "", "keyid": ""}]}


@pytest.mark.parametrize(
    ("content", "name", "what"),
    [
        pytest.param(
            json.dumps(_envelope("A" * 16_000_004, "application/vnd.in-toto+json")),
            "a.json",
            "16000000 characters",
            id="a signed payload",
        ),
        pytest.param(
            json.dumps({**_VERSION, "description": "x" * 2_000_001}),
            "a.json",
            "2000000 characters",
            id="a description of a registered model",
        ),
        pytest.param("a" * 10_001 + ",b\n1,2\n", "a.csv", "name of a column", id="a column"),
        pytest.param("? " + "a" * 10_001 + "\n: 1\n", "a.yaml", "a key has more", id="a YAML key"),
        pytest.param(
            "<testsuites>" + "<!---->" * 1_000_001 + "</testsuites>",
            "a.xml",
            "200000 elements",
            id="comments of XML",
        ),
        pytest.param(
            "<testsuites>" + "<?a?>" * 1_000_001 + "</testsuites>",
            "a.xml",
            "200000 elements",
            id="instructions of XML",
        ),
    ],
)
def test_what_would_take_too_much_is_refused_and_named(content: str, name: str, what: str) -> None:
    error = refusal(content, name)
    assert (error.code, what in error.message) == ("document-too-large", True)


def test_yaml_that_declares_many_tags_is_refused_before_it_is_read() -> None:
    error = refusal("%TAG !a! tag:a\n" * 102 + "---\na: 1\n", "a.yaml")
    assert error.code == "yaml-not-allowed"


def test_many_faults_of_a_large_document_of_our_own_are_told_as_one() -> None:
    strange = {f"strange{number}": "x" * 40_000 for number in range(60)}
    fact = {"type": "metric", "name": "recall", "value": 0.9, "unit": "ratio", **strange}
    error = refusal({"assaybook": "v1", "facts": [fact]})
    assert ("strange0" in str(error), "strange1" in str(error)) == (True, False)
    error = refusal({"assaybook": "v1", "facts": [], **strange})
    assert ("strange0" in str(error), "strange1" in str(error)) == (True, False)


def test_a_name_that_is_longer_than_any_is_not_spelt_first() -> None:
    fact = {
        "type": "metric",
        "name": "recall",
        "value": 0.9,
        "unit": "ratio",
        "slice": "a=" * 9_000,
    }
    assert refusal({"assaybook": "v1", "facts": [fact]}).code == "document-breaks-format"


_ROWS = 25_001


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            {
                "tool": "adversarial-robustness-toolbox",
                "n_eval": 100,
                "clean_accuracy": 0.9,
                **{f"empirical_robustness{number}": 0.5 for number in range(_ROWS)},
            },
            id="art: scores",
        ),
        pytest.param(
            {
                "tool": "adversarial-robustness-toolbox",
                "n_eval": 100,
                "clean_accuracy": 0.9,
                "evasion": [{"attack": "FGM", "robust_accuracy": 0.5}] * _ROWS,
            },
            id="art: attacks",
        ),
        pytest.param(
            {
                "tool": "adversarial-robustness-toolbox",
                "n_eval": 100,
                "clean_accuracy": 0.9,
                "inference": {f"a{number}": {"x": 0.5} for number in range(_ROWS)},
            },
            id="art: inference",
        ),
        pytest.param(
            {
                "results": {
                    f"t{task}": {f"m{number},none": 0.5 for number in range(200)}
                    for task in range(126)
                },
                "configs": {},
                "versions": {},
                "n-shot": {},
            },
            id="lm-eval",
        ),
        pytest.param(
            {
                "overall": {"recall": 0.5},
                "by_group": {
                    "schema": {"primaryKey": ["s"]},
                    "data": [{"s": str(number), "recall": 0.5} for number in range(_ROWS)],
                },
            },
            id="fairlearn",
        ),
    ],
)
def test_more_rows_than_a_document_may_have_are_refused(document: dict[str, object]) -> None:
    assert refusal(document).code == "too-many-facts"


def test_base64_of_either_alphabet_is_one_payload() -> None:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://slsa.dev/provenance/v1",
        "subject": [{"name": "m>?", "digest": {"sha256": "1" * 64}}],
        "predicate": {
            "buildDefinition": {"buildType": "b"},
            "runDetails": {"builder": {"id": "c"}},
        },
    }
    raw = json.dumps(statement).encode()
    kind = "application/vnd.in-toto+json"
    plain, url = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    assert plain != url
    facts = [evidence_of(_envelope(one.rstrip("="), kind)).facts for one in (plain, url)]
    assert facts[0] == facts[1] != ()
