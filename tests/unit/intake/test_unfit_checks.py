"""Deepchecks that were not for the data, errors given negative, and Croissant 0.8's own prefix."""

import json

import pytest

from assaybook.domain.facts import ArtifactFact, DataCheck, Metric
from support.documents import evidence_of


def suite(*results: dict[str, object]) -> dict[str, object]:
    return {"type": "SuiteResult", "name": "s", "results": list(results)}


def failure(exception: object) -> dict[str, object]:
    check = {"name": "Index Train Test Leakage"}
    return {"type": "CheckFailure", "check": check, "header": "", "exception": exception}


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        ("Dataset does not contain an index", "skip"),
        ("Check is irrelevant for regression tasks", "skip"),
        ("Check requires data to have at least two features in order to run.", "skip"),
        ("division by zero", "error"),
        (None, "error"),
    ],
)
def test_a_check_that_is_not_for_the_data_was_skipped_and_did_not_break(
    exception: object, status: str
) -> None:
    one = evidence_of(suite(failure(exception)))
    (fact,) = one.facts
    assert isinstance(fact, DataCheck)
    assert fact.status == status
    (row,) = one.coverage
    skipped = status == "skip"
    assert (row.examined, row.skipped, row.errored) == (0, int(skipped), int(not skipped))


def scores(*rows: tuple[str, float]) -> dict[str, object]:
    value = json.dumps([{"Dataset": "Test", "Metric": name, "Value": one} for name, one in rows])
    check = {"name": "Train Test Performance"}
    return {"type": "CheckResult", "check": check, "header": "", "value": value}


def test_an_error_that_is_given_negative_is_read_as_the_error() -> None:
    content = suite(scores(("Neg RMSE", -1.5), ("Neg MAE", 0.5), ("R2", -0.2)))
    found = [(one.name, one.value) for one in evidence_of(content).facts if isinstance(one, Metric)]
    assert found == [("rmse", 1.5), ("mae", None), ("r2", -0.2)]


def test_croissant_0_8_is_known_by_the_names_of_its_own_vocabulary() -> None:
    file = {"@type": "sc:FileObject", "name": "a.csv", "ml:sha256": "a" * 64}
    content = {
        "@type": "sc:Dataset",
        "name": "d",
        "http://mlcommons.org/schema/recordSet": [],
        "distribution": [file],
    }
    one = evidence_of(content)
    assert (one.envelope.format, one.envelope.format_version) == ("croissant", "0.8")
    assert [fact.digest for fact in one.facts if isinstance(fact, ArtifactFact)] == [
        "sha256:" + "a" * 64
    ]
