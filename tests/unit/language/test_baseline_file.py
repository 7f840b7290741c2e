"""Baseline files: what a command writes is what is read, and every fault has its place."""

import pytest

from assaybook.domain.baseline import Baseline, BaselineFail
from assaybook.language.baseline_file import baseline_text, load_baseline
from assaybook.language.document_problems import ProblemsError
from assaybook.language.source import read_source
from support.assessing import at

PRINT = f"sha256:{'a' * 64}"
BASELINE = Baseline(
    id="B-1",
    system="s",
    reason='It was there "before": yes',
    requester="ada",
    written_at=at(0),
    expires=at(10),
    fails=(
        BaselineFail(
            policy="house.recall",
            rule="floor",
            fingerprint=PRINT,
            rows=("slice=f", "slice=a: #b"),
            distances={"slice=f": 0.25},
            clauses={"slice=a: #b": ('row.n >= 50 && "é"', "row.value >= 0.8")},
        ),
        BaselineFail(policy="house.recall", rule="gap", fingerprint=PRINT, distances={"": 1e-20}),
        BaselineFail(
            policy="house.recall", rule="whole", fingerprint=PRINT, clauses={"": ("size(n) > 1",)}
        ),
    ),
)


def _read(text: str) -> Baseline:
    return load_baseline(read_source(text.encode(), "baseline.yaml"))


def test_a_baseline_is_read_as_it_was_written() -> None:
    text = baseline_text(BASELINE, {("house.recall", "floor"): "It\nholds.\u202e"})
    assert _read(text) == BASELINE
    assert "# It holds.\ufffd" in text


@pytest.mark.parametrize(
    ("was", "becomes", "code", "place"),
    [
        pytest.param("2026-11-30", "2026-11-20", "baseline-never-holds", "8:10", id="no time"),
        pytest.param("rule: gap", "rule: floor", "baseline-rule-twice", "23:11", id="a rule twice"),
        pytest.param('- "slice=f"', '- "slice=g"', "baseline-distance", "11:5", id="no such row"),
        pytest.param(
            '#b": ["row', '#c": ["row', "baseline-distance", "11:5", id="a clause of no such row"
        ),
        pytest.param("rule: floor", "rule: Floor", "bad-form", "12:11", id="no id of a rule"),
        pytest.param(": 0.25", ": -0.25", "out-of-range", "18:18", id="a negative distance"),
    ],
)
def test_a_fault_of_a_baseline_is_told_with_its_place(
    was: str, becomes: str, code: str, place: str
) -> None:
    text = baseline_text(BASELINE, {})
    assert was in text
    with pytest.raises(ProblemsError) as caught:
        _read(text.replace(was, becomes))
    assert (caught.value.code, caught.value.where) == (code, f"baseline.yaml:{place}")
