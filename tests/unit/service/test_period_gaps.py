"""Gaps in a period: forgiven by control, length and reason, always shown, and never for a fail."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Conclusion, Standing
from assaybook.domain.period import ControlPeriod, Period
from assaybook.domain.policy import AllowedGap, Scope, ScopeControl
from assaybook.domain.refusal import Refusal
from assaybook.evaluation.assess import assess
from assaybook.service.bundles import Ruling
from assaybook.service.period import period_of
from support.assessing import a_policy, approval_rule, at, inputs, links
from support.evidence import a_document, a_metric, days
from support.refusals import a_refusal

GOOD = a_document(a_metric(value=0.9), name="good")
BAD = a_document(a_metric(value=0.5), name="bad")
WHY = "The scanner is replaced."
A2_OUT = ScopeControl("house", "A2", applies=False, reason="Not ours.")
Step = tuple[float, Sequence[Evidence]]
NOTHING: Sequence[Evidence] = ()
GAP: tuple[Step, ...] = ((0, [GOOD]), (2, NOTHING), (4, [GOOD]))
"""Met, two days not determined, and met to the end."""


def _period(  # noqa: PLR0913 - each is what some test is about
    *steps: Step,
    at_most: float = 2,
    asked: float = 0,
    control: str = "A1",
    above: bool = False,
    more: tuple[AllowedGap, ...] = (),
    refused: tuple[Refusal, ...] = (),
) -> Period:
    """Return ten days whose scope allows gaps of a control; ``asked`` is the day asked from.

    With ``above``, a rule on the clause itself asks persons, and nobody answered.
    """
    gap = AllowedGap("house", control, days(at_most), WHY)
    scope = Scope(gaps=(gap, *more), controls=(A2_OUT,))
    upper = a_policy(approval_rule(), id="house.above", needs=(), controls=links("A"))
    policies = (a_policy(), *([upper] if above else []))
    given = [
        replace(inputs(*each, policies=policies, scope=scope), as_of=at(d)) for d, each in steps
    ]
    ruling = Ruling(given[0].bundle, given[0].catalogs)
    found = [assess(one) for one in given]
    return period_of(ruling, found, (), asked_since=at(asked), until=at(10), refused=refused)


def _of(found: Period, control: str = "A1") -> ControlPeriod:
    (one,) = (each for each in found.controls if each.control == control)
    return one


def _allowed(found: Period) -> list[str]:
    return [one.allowed for one in _of(found).intervals]


def test_a_gap_that_the_scope_allows_is_shown_with_its_reason_and_is_not_the_worst() -> None:
    found = _period(*GAP)
    control = _of(found)
    assert control.worst is Standing.MET
    assert _allowed(found) == ["", WHY, ""]
    assert control.intervals[1].standing is Standing.NOT_DETERMINED
    assert control.days == {Standing.MET: 8.0, Standing.NOT_DETERMINED: 2.0}
    assert _of(found, "A").worst is Standing.MET
    assert found.conclusion[0].words is Conclusion.CONFORMS


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        (((0, [GOOD]), (2, NOTHING), (4.5, [GOOD])), 0),
        (((0, [GOOD]), (9, NOTHING)), 0),
        (((0, NOTHING), (1, [GOOD])), 0),
        (((0, NOTHING),), -1),
    ],
    ids=[
        "longer than allowed",
        "still open when the period ends",
        "open before the period began",
        "the whole period",
    ],
)
def test_a_gap_of_which_no_end_or_too_much_is_known_stays_the_worst(
    steps: tuple[Step, ...], asked: float
) -> None:
    found = _period(*steps, asked=asked)
    assert set(_allowed(found)) == {""}
    assert _of(found).worst is Standing.NOT_DETERMINED
    assert found.conclusion[0].words is Conclusion.NOT_DETERMINED


def test_a_gap_before_the_first_evidence_of_a_new_release_can_be_allowed() -> None:
    found = _period((0, NOTHING), (1, [GOOD]), asked=-1)
    assert _allowed(found) == [WHY, ""]
    assert _of(found).worst is Standing.MET


def test_a_fail_is_never_forgiven_however_short_it_was() -> None:
    found = _period((0, [GOOD]), (2, [BAD]), (3, [GOOD]))
    assert _allowed(found) == ["", "", ""]
    assert (_of(found).worst, _of(found, "A").worst) == (Standing.NOT_MET, Standing.NOT_MET)


def test_each_gap_is_measured_by_itself_and_a_longer_one_counts() -> None:
    found = _period((0, [GOOD]), (1, NOTHING), (2, [GOOD]), (3, NOTHING), (6, [GOOD]))
    assert _allowed(found) == ["", WHY, "", "", ""]
    assert _of(found).worst is Standing.NOT_DETERMINED


def test_a_gap_of_another_control_forgives_nothing_here() -> None:
    assert _of(_period(*GAP, control="A2")).worst is Standing.NOT_DETERMINED


def test_what_is_allowed_of_a_control_above_holds_for_those_under_it() -> None:
    found = _period(*GAP, control="A")
    assert (_of(found).worst, _of(found, "A").worst) == (Standing.MET, Standing.MET)
    assert _allowed(found) == ["", WHY, ""]


def test_a_control_above_is_not_forgiven_what_a_control_under_it_is_not() -> None:
    shorter = AllowedGap("house", "A1", days(1), WHY)
    found = _period(*GAP, control="A", at_most=5, more=(shorter,))
    assert _of(found).worst is Standing.NOT_DETERMINED
    assert _of(found, "A").worst is Standing.NOT_DETERMINED


def test_a_control_above_is_not_forgiven_what_its_own_rule_leaves_undecided() -> None:
    found = _period((0, [GOOD]), (2, NOTHING), (4, [GOOD]), above=True)
    assert _of(found).worst is Standing.MET
    assert _of(found, "A").worst is Standing.NOT_DETERMINED


def _refusal(number: int, day: float, *families: str) -> Refusal:
    return a_refusal(f"{number}.json", at=at(day), families=families)


def test_refused_documents_are_counted_beside_the_controls_that_they_may_have_answered() -> None:
    came = (
        _refusal(1, -1, "metric"),
        _refusal(2, 3, "metric", "drift"),
        _refusal(3, 4, "drift"),
        _refusal(4, 10),
        _refusal(5, 11),
    )
    found = _period(*GAP, refused=came)
    assert _of(found).refused == {"document-breaks-format": 1}
    assert _of(found, "A2").refused == {}
    assert found.refused == tuple(one.id for one in came[1:4])
    assert found.unknown == (came[3].id,)
    assert _period(*GAP).controls == tuple(
        one.model_copy(update={"refused": {}}) for one in found.controls
    )
