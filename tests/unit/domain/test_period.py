"""A release over a period: which standing is the worst."""

from assaybook.domain.finding import WORST_FIRST, Standing


def test_every_standing_has_its_place_between_the_worst_and_the_best() -> None:
    assert sorted(WORST_FIRST) == sorted(Standing)
    assert WORST_FIRST[0] is Standing.NOT_MET
    proven = {Standing.MET, Standing.SUPPORTED, Standing.RISK_ACCEPTED}
    for unproven in (Standing.NOT_DETERMINED, Standing.NOT_COVERED):
        assert all(WORST_FIRST.index(unproven) < WORST_FIRST.index(one) for one in proven)
