"""Beside a newer document that has gaps, an older one stands only for what the newer one lacks."""

from assaybook.domain.documents import Evidence
from assaybook.domain.policy import Assurance
from assaybook.domain.values import Unknown
from support.evidence import a_document, a_metric, covered
from support.rules import a_need, a_rule, outcome, verdict

RECALL = a_need(name="recall", where='row.name == "recall"')
FLOOR = a_rule(for_each="recall", pass_when="row.value >= 0.8")


def _run(value: float | None, age: float, **document: object) -> Evidence:
    return a_document(a_metric(value=value), age=age, received=age, **document)  # type: ignore[arg-type]


def _errored(age: float) -> Evidence:
    row = covered("metric/quality", errored=1)
    return a_document(coverage=[row], age=age, received=age, name="broken.json")


def _came_to(*documents: Evidence) -> str:
    return outcome(verdict(FLOOR, RECALL, documents=documents))


def _conflicts(*documents: Evidence) -> bool:
    truth = verdict(FLOOR, RECALL, documents=documents).truth
    return isinstance(truth, Unknown) and "conflict" in {one.code for one in truth.reasons}


def test_an_errored_file_of_the_same_instant_does_not_hide_a_new_fail_behind_an_old_pass() -> None:
    assert _came_to(_run(0.85, 5), _run(0.6, 1), _errored(1)) == "fail"


def test_an_errored_file_of_the_same_instant_still_keeps_a_new_pass_open() -> None:
    assert _came_to(_run(0.6, 5), _run(0.85, 1), _errored(1)) == "not_examined"


def test_a_newer_row_of_a_document_with_gaps_takes_the_place_of_the_older_one() -> None:
    gap = covered("metric/quality", skipped=1)
    newer = _run(0.6, 1, coverage=[gap])
    assert _came_to(_run(0.85, 5), newer) == "fail"


def test_a_weaker_row_replaces_nothing() -> None:
    weak = _run(0.6, 1, assurance=Assurance.SELF)
    assert _conflicts(_run(0.85, 5), weak, _errored(1))


def test_a_row_that_lacks_a_value_replaces_nothing() -> None:
    empty = a_document(a_metric(value=None), age=1, received=1)
    assert _came_to(_run(0.6, 5), empty, _errored(1)) == "fail"


def test_a_row_that_cannot_be_used_replaces_nothing() -> None:
    broken = a_document(a_metric(value=None, unknown={"value": "unit"}), age=1, received=1)
    assert _came_to(_run(0.6, 5), broken, _errored(1)) == "fail"


def test_rows_of_one_submission_or_one_instant_stand_together() -> None:
    one, other = _run(0.85, 5, submission="a"), _run(0.6, 1, submission="a")
    assert _conflicts(one, other, _errored(1))
    assert _conflicts(_run(0.85, 1, name="a"), _run(0.6, 1, name="b"), _errored(1))


def test_another_source_replaces_nothing() -> None:
    assert _conflicts(_run(0.85, 5), _run(0.6, 1, tool="b"), _errored(1))
