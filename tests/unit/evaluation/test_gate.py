"""What a pipeline is told: one verdict, one exit code, every count."""

import pytest

from assaybook.domain.finding import Counts, Disposition, Finding, Outcome
from assaybook.domain.policy import Severity
from assaybook.evaluation.gate import gate
from support.assessing import a_finding

PASS = a_finding("pass")
FAIL = a_finding("fail")
WAIVED = a_finding("fail", disposition=Disposition.WAIVED, rest=Outcome.PASS)
OLD = a_finding("fail", disposition=Disposition.BASELINED)
HALF = a_finding("fail", rest=Outcome.INCONCLUSIVE)
UNKNOWN = a_finding("inconclusive")
ERROR = a_finding("error")
ABSENT = a_finding("not_applicable")
LOW_FAIL = a_finding("fail", severity=Severity.MEDIUM)
LOW_ERROR = a_finding("error", severity=Severity.LOW)
LOW_PASS = a_finding("pass", severity=Severity.LOW)


@pytest.mark.parametrize(
    ("findings", "documents", "problems", "expected"),
    [
        pytest.param((PASS,), 1, 0, ("pass", 0), id="a pass and nothing else"),
        pytest.param((PASS, WAIVED, ABSENT), 1, 0, ("pass", 0), id="beside what was accepted"),
        pytest.param((PASS, OLD), 1, 0, ("pass", 0), id="beside a fail of the old estate"),
        pytest.param((OLD,), 1, 0, ("nothing", 4), id="only fails of the old estate"),
        pytest.param((PASS, LOW_FAIL), 1, 0, ("pass", 0), id="a fail below the threshold"),
        pytest.param((PASS, LOW_ERROR), 1, 0, ("pass", 0), id="an error below the threshold"),
        pytest.param((PASS, UNKNOWN), 1, 0, ("inconclusive", 3), id="one is undecided"),
        pytest.param((PASS, HALF), 1, 0, ("inconclusive", 3), id="a waived row, the rest unknown"),
        pytest.param((PASS, UNKNOWN, FAIL), 1, 0, ("fail", 1), id="a fail beside an undecided one"),
        pytest.param((PASS, FAIL, ERROR), 1, 0, ("error", 5), id="an error comes before a fail"),
        pytest.param((PASS, FAIL), 1, 1, ("error", 5), id="a file that could not be read"),
        pytest.param((PASS,), 0, 1, ("error", 5), id="unread comes before no document"),
        pytest.param((FAIL,), 0, 0, ("nothing", 4), id="no document, whatever was judged"),
        pytest.param((), 1, 0, ("nothing", 4), id="no policy"),
        pytest.param((ABSENT,), 1, 0, ("nothing", 4), id="nothing applicable"),
        pytest.param((LOW_PASS,), 1, 0, ("nothing", 4), id="nothing at the threshold"),
        pytest.param((WAIVED,), 1, 0, ("nothing", 4), id="only accepted fails"),
        pytest.param((UNKNOWN,), 1, 0, ("inconclusive", 3), id="only undecided"),
    ],
)
def test_the_first_that_holds_decides(
    findings: tuple[Finding, ...], documents: int, problems: int, expected: tuple[str, int]
) -> None:
    found = gate(findings, fail_on=Severity.HIGH, documents=documents, problems=problems)
    assert (found.verdict.value, found.exit) == expected


def _counted(counts: Counts) -> dict[str, int]:
    return {name: number for name, number in counts.model_dump().items() if number}


def test_both_sides_of_the_threshold_are_counted() -> None:
    found = gate([PASS, LOW_FAIL, LOW_ERROR], fail_on=Severity.HIGH, documents=1, problems=2)
    assert _counted(found.counts) == {"pass_": 1}
    assert _counted(found.below) == {"fail": 1, "error": 1}
    assert (found.problems, found.fail_on) == (2, Severity.HIGH)


def test_a_lower_threshold_sees_more() -> None:
    assert gate([PASS, LOW_FAIL], fail_on=Severity.MEDIUM, documents=1, problems=0).exit == 1
    assert gate([LOW_PASS], fail_on=Severity.LOW, documents=1, problems=0).exit == 0
    assert gate([PASS], fail_on=Severity.CRITICAL, documents=1, problems=0).exit == 4
