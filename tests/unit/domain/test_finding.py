"""What judging yields says itself how it may be used."""

import pytest

from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Counts, Gate, GateVerdict
from assaybook.domain.policy import Severity


@pytest.mark.parametrize("verdict", GateVerdict)
def test_a_gate_is_no_condition_whatever_its_verdict(verdict: GateVerdict) -> None:
    gate = Gate(verdict=verdict, exit=0, fail_on=Severity.HIGH, counts=Counts(), below=Counts())
    with pytest.raises(UsageError) as caught:
        bool(gate)
    assert caught.value.code == "gate-is-no-condition"
