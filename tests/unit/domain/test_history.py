"""Since when a finding is open, and when it is to be mended."""

from datetime import timedelta

import pytest

from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.domain.history import Deadlines, Earlier, earlier_of
from support.assessing import a_finding, assessed, at
from support.evidence import a_document, a_metric

FAIL = a_finding(outcome=Outcome.FAIL)
NAME = f"{FAIL.policy}/{FAIL.rule}"
WITHIN = {FAIL.severity.value: timedelta(days=10)}


def _earlier(day: float, *names: str) -> Earlier:
    return Earlier(digest=f"sha256:{day}", as_of=at(day), open=names, tallies=(), standings={})


def test_a_finding_is_open_since_the_first_assessment_of_an_unbroken_row() -> None:
    past = (_earlier(-40, NAME), _earlier(-30), _earlier(-20, NAME), _earlier(-5, NAME))
    told = Deadlines(at(0), past, WITHIN).of(FAIL)
    assert (told.first_seen, told.due, told.overdue) == (at(-20), at(-10), True)
    assert Deadlines(at(0), (), WITHIN).of(FAIL).first_seen == at(0)


def test_a_finding_is_late_only_after_its_day() -> None:
    past = (_earlier(-10, NAME),)
    assert not Deadlines(at(0), past, WITHIN).of(FAIL).overdue
    assert Deadlines(at(0.001), past, WITHIN).of(FAIL).overdue


@pytest.mark.parametrize(
    ("finding", "within"),
    [
        (FAIL, {}),
        (FAIL.model_copy(update={"disposition": Disposition.WAIVED}), WITHIN),
        (FAIL.model_copy(update={"disposition": Disposition.BASELINED}), WITHIN),
    ],
    ids=["no time for its severity", "waived", "baselined"],
)
def test_what_has_no_time_or_is_accepted_is_never_late(
    finding: Finding, within: dict[str, timedelta]
) -> None:
    told = Deadlines(at(0), (_earlier(-90, NAME),), within).of(finding)
    assert (told.due, told.overdue) == (None, False)


def test_only_what_asks_somebody_for_something_has_a_date() -> None:
    passed = a_finding(outcome=Outcome.PASS)
    aside = a_finding(outcome=Outcome.NOT_APPLICABLE)
    (only,) = Deadlines(at(0), (), WITHIN).all([passed, FAIL, aside])
    assert only.rule == FAIL.rule


def test_of_an_earlier_assessment_is_told_what_was_open_and_how_controls_stood() -> None:
    found = assessed(a_document(a_metric(value=0.5)))
    told = earlier_of(found)
    assert told.digest == found.assessment.digest
    assert told.open == ("house.recall/floor",)
    assert [(one.catalog, one.met, one.applicable) for one in told.tallies] == [("house", 0, 2)]
    assert {s.value: c for s, c in told.standings["house"].items()} == {
        "not_covered": ("A2",),
        "not_met": ("A", "A1"),
    }
