"""Why no row of a need matches, told by the first condition that leaves none."""

import pytest

from assaybook.domain.policy import ParamValue
from support.evidence import a_document, a_metric, covered
from support.rules import a_need, bound


@pytest.mark.parametrize(
    ("where", "words"),
    [
        pytest.param(
            'row.name == "roc_auc" && row.split == "holdout"',
            'no metric row has row.name == "roc_auc" (name is "accuracy", "recall")',
            id="no row has the name",
        ),
        pytest.param(
            'row.name == "recall" && row.split in ["test"]',
            'none of the nearest 1 metric rows has row.split in ["test"] (split is "holdout")',
            id="one row has the name and another split",
        ),
        pytest.param("row.value > 2.0", "no metric row has row.value > 2.0", id="a number"),
        pytest.param('"x" == row.split', 'no metric row has "x" == row.split', id="turned round"),
        pytest.param(
            '(row.slice == "b" || row.slice == "c")',
            'no metric row has (row.slice == "b" || row.slice == "c")',
            id="one of two",
        ),
    ],
)
def test_the_first_condition_that_leaves_no_row_is_named(where: str, words: str) -> None:
    rows = [a_metric(name="recall"), a_metric(name="accuracy")]
    found = bound(a_need(where=where), a_document(*rows))
    (gap,) = found.use.open
    assert (gap.code, gap.message) == ("no_match", words)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("row.name == params.named", '(name is "recall"; params.named is "roc_auc")'),
        ("row.n == params.count", "row.n == params.count"),
        ("row.split in params.listed", '(split is "holdout")'),
        ("row.raw_name == row.split", '(raw_name is "r")'),
    ],
)
def test_the_value_of_a_param_that_no_row_has_is_told(where: str, words: str) -> None:
    params: dict[str, ParamValue | None] = {"named": "roc_auc", "count": 7, "listed": ("test",)}
    row = a_metric(name="recall", raw_name="r", n=3)
    found = bound(a_need(where=where), a_document(row), params=params)
    (gap,) = found.use.open
    assert gap.code == "no_match"
    assert gap.message.endswith(words)


def test_a_document_without_a_row_says_so() -> None:
    found = bound(a_need(where='row.name == "recall"'), a_document(coverage=[covered("metric")]))
    assert {one.message for one in found.use.open} == {"there is no metric row in the evidence"}


def test_nothing_submitted_is_told_by_the_kind_of_fact_that_is_asked() -> None:
    found = bound(a_need(where='row.name == "recall"'))
    assert {one.message for one in found.use.open} == {
        "no metric facts that answer this were submitted about the release"
    }
