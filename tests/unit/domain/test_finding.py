"""What judging yields says itself how it may be used."""

import pytest

from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    GRAVEST_FIRST,
    WORST_FIRST,
    Conclusion,
    Counts,
    EvidenceUse,
    Finding,
    Gate,
    GateVerdict,
    LeftOut,
    NeedUse,
    Outcome,
    Standing,
    named_in,
)
from assaybook.domain.policy import Severity


@pytest.mark.parametrize("verdict", GateVerdict)
def test_a_gate_is_no_condition_whatever_its_verdict(verdict: GateVerdict) -> None:
    gate = Gate(verdict=verdict, exit=0, fail_on=Severity.HIGH, counts=Counts(), below=Counts())
    with pytest.raises(UsageError) as caught:
        bool(gate)
    assert caught.value.code == "gate-is-no-condition"


def test_a_finding_names_what_counted_what_was_left_out_and_what_its_needs_saw() -> None:
    finding = Finding(
        policy="quality.floor",
        policy_version=1,
        rule="floor",
        title="Recall holds",
        sentence="Recall is at least 0.8.",
        system="s",
        release="1",
        outcome=Outcome.FAIL,
        severity=Severity.HIGH,
        evidence=(EvidenceUse(id="ev-1"),),
        left_out=(LeftOut(evidence="ev-2", code="stale", need="recall"),),
        needs=(NeedUse(need="recall", evidence=("ev-3",)),),
    )
    assert named_in(finding) == {"ev-1", "ev-2", "ev-3"}


def test_every_standing_has_its_place_between_the_worst_and_the_best() -> None:
    assert sorted(WORST_FIRST) == sorted(Standing)
    assert WORST_FIRST[0] is Standing.NOT_MET
    proven = {Standing.MET, Standing.SUPPORTED, Standing.RISK_ACCEPTED}
    for unproven in (Standing.NOT_DETERMINED, Standing.NOT_COVERED):
        assert all(WORST_FIRST.index(unproven) < WORST_FIRST.index(one) for one in proven)


def test_no_conclusion_that_proves_nothing_stands_behind_one_that_conforms() -> None:
    assert sorted(GRAVEST_FIRST) == sorted(Conclusion)
    assert GRAVEST_FIRST[0] is Conclusion.DOES_NOT_CONFORM
    assert GRAVEST_FIRST[-2:] == (Conclusion.WITH_EXCEPTIONS, Conclusion.CONFORMS)
