"""How a finding weighs: a waiver changes the weight of a fail and of nothing else."""

import pytest

from assaybook.domain.finding import Disposition, Outcome
from assaybook.domain.weigh import counted, weight_of
from support.assessing import a_finding


@pytest.mark.parametrize("outcome", ["pass", "fail", "inconclusive", "error", "not_applicable"])
def test_an_open_finding_weighs_as_its_outcome(outcome: str) -> None:
    assert weight_of(a_finding(outcome)) == outcome


@pytest.mark.parametrize("outcome", ["pass", "inconclusive", "error", "not_applicable"])
def test_what_is_no_fail_cannot_be_waived(outcome: str) -> None:
    assert weight_of(a_finding(outcome, disposition=Disposition.WAIVED)) == outcome


@pytest.mark.parametrize(
    ("disposition", "rest", "weight"),
    [
        (Disposition.WAIVED, Outcome.PASS, "waived"),
        (Disposition.BASELINED, None, "baselined"),
        (Disposition.OPEN, Outcome.INCONCLUSIVE, "inconclusive"),
        (Disposition.OPEN, Outcome.ERROR, "error"),
        (Disposition.OPEN, Outcome.FAIL, "fail"),
        (Disposition.OPEN, None, "fail"),
    ],
)
def test_a_fail_weighs_by_what_people_decided_and_what_is_left(
    disposition: Disposition, rest: Outcome | None, weight: str
) -> None:
    assert weight_of(a_finding("fail", disposition=disposition, rest=rest)) == weight


def test_every_finding_is_counted_once() -> None:
    findings = [a_finding("pass"), a_finding("fail"), a_finding("pass"), a_finding("error")]
    counts = counted(findings)
    assert (counts.pass_, counts.fail, counts.error) == (2, 1, 1)
    assert sum(counts.model_dump().values()) == len(findings)
