"""``last``: a trend is made of different documents of one source, oldest first."""

from assaybook.domain.documents import Evidence
from assaybook.domain.policy import Need
from assaybook.domain.values import Row
from support.evidence import a_document, a_metric
from support.rules import a_need, a_rule, bound, codes, outcome, verdict


def _runs(*ages: float | None, **document: object) -> list[Evidence]:
    return [
        a_document(a_metric(value=0.8 + i / 100), age=age, run=f"run-{i}", **document)  # type: ignore[arg-type]
        for i, age in enumerate(ages)
    ]


def _trend(within: str | None = None) -> Need:
    return a_need(where='row.name == "recall"', last=3, within=within)


def test_the_newest_rows_come_oldest_first_with_time_and_run() -> None:
    found = bound(_trend(), *_runs(1, 2, 3, 4))
    rows = [member.value for member in found.bag.members]
    assert [row.values["run"] for row in rows if isinstance(row, Row)] == [
        "run-2",
        "run-1",
        "run-0",
    ]
    assert codes(found) == []
    assert [one.code for one in found.left_out] == ["superseded"]


def test_fewer_documents_than_asked_are_too_few() -> None:
    assert codes(bound(_trend(), *_runs(1, 2))) == ["too_few"]
    assert codes(bound(_trend())) == ["too_few"]


def test_the_same_bytes_five_times_are_one_observation() -> None:
    same = [a_document(a_metric(), observed_at=None, age=age) for age in (1, 2, 3)]
    blob = same[0].envelope.blob
    copies = [
        one.model_copy(update={"envelope": one.envelope.model_copy(update={"blob": blob})})
        for one in same
    ]
    assert codes(bound(_trend(), *copies)) == ["too_few"]


def test_two_sources_make_no_trend() -> None:
    runs = [*_runs(1, 2, 3), *_runs(4, 5, 6, tool="b")]
    assert codes(bound(_trend(), *runs)) == ["conflict"]


def test_of_two_sources_no_row_is_sure_since_nobody_knows_whose_trend_is_asked() -> None:
    runs = [*_runs(1, 2, 3), *_runs(4, 5, 6, tool="b")]
    found = bound(_trend(), *runs)
    assert (found.use.rows, found.use.possible) == (0, 3)
    rule = a_rule(pass_when="found.exists(r, r.value >= 0.8)")
    assert outcome(verdict(rule, _trend(), documents=tuple(runs))) == "conflict"


def test_a_document_without_the_row_is_no_part_of_the_trend() -> None:
    runs = [*_runs(1, 2), a_document(a_metric("accuracy"), age=3)]
    assert codes(bound(_trend(), *runs)) == ["too_few"]


def test_an_undated_run_opens_the_trend() -> None:
    assert codes(bound(_trend(), *_runs(1, 2, 3, None))) == ["undated"]


def test_the_newest_must_be_fresh_and_the_oldest_within() -> None:
    assert codes(bound(_trend(), *_runs(91, 92, 93))) == ["stale"]
    near = _trend(within='duration("240h")')
    assert codes(bound(near, *_runs(1, 2, 20))) == ["stale"]
    assert codes(bound(near, *_runs(1, 2, 3))) == []
