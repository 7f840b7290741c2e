"""Whatever the findings: more of them never hides a fail, and nothing unproven becomes met."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.finding import Conclusion, Disposition, Finding, Outcome, Standing
from assaybook.domain.policy import Relation, Scope, ScopeControl, Severity
from assaybook.domain.weigh import counted, weight_of
from assaybook.evaluation.gate import gate
from assaybook.evaluation.roll_up import conclude, roll_up, standing_of
from support.assessing import HOUSE, a_catalog, a_finding
from support.evidence import a_subject

CATALOG = a_catalog()
BADNESS = {
    Standing.MET: 0,
    Standing.SUPPORTED: 1,
    Standing.RISK_ACCEPTED: 2,
    Standing.NOT_COVERED: 3,
    Standing.NOT_DETERMINED: 4,
    Standing.NOT_MET: 5,
}


@st.composite
def _findings(draw: st.DrawFn) -> Finding:
    outcome = draw(st.sampled_from(["pass", "fail", "inconclusive", "error", "not_applicable"]))
    relation: Relation = draw(st.sampled_from(["implements", "supports"]))
    waived = outcome == "fail" and draw(st.booleans())
    rest = draw(st.sampled_from([None, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR]))
    return a_finding(
        outcome,
        (draw(st.sampled_from(["A", "A1", "A2"])), relation),
        rule=f"r{draw(st.integers(0, 10_000))}",
        severity=draw(st.sampled_from(list(Severity))),
        disposition=Disposition.WAIVED if waived else Disposition.OPEN,
        rest=Outcome.PASS if waived else (rest if outcome == "fail" else None),
    )


LISTS = st.lists(_findings(), max_size=6, unique_by=lambda one: one.rule)


def _scope(named: dict[str, bool]) -> Scope:
    return Scope(
        controls=tuple(
            ScopeControl(HOUSE, control, applies, "because") for control, applies in named.items()
        )
    )


SCOPES = st.dictionaries(st.sampled_from(["A", "A1", "A2"]), st.booleans()).map(_scope)


def _standings(findings: Sequence[Finding], scope: Scope) -> dict[str, Standing]:
    found = roll_up(findings, [CATALOG], scope, a_subject())
    return {one.control: one.standing for one in found}


def _words(findings: Sequence[Finding], scope: Scope) -> Conclusion:
    standings = roll_up(findings, [CATALOG], scope, a_subject())
    return conclude(CATALOG, standings, scope).words


@given(LISTS, LISTS)
def test_more_findings_never_mend_what_is_not_met(
    findings: list[Finding], more: list[Finding]
) -> None:
    if standing_of(HOUSE, "A1", findings) is Standing.NOT_MET:
        assert standing_of(HOUSE, "A1", [*findings, *more]) is Standing.NOT_MET


@given(LISTS, SCOPES)
def test_an_undecided_finding_never_makes_anything_better(
    findings: list[Finding], scope: Scope
) -> None:
    before = _standings(findings, scope)
    undecided = a_finding("inconclusive", ("A1", "implements"), rule="new")
    after = _standings([*findings, undecided], scope)
    worst = BADNESS[Standing.NOT_DETERMINED]
    for control, standing in after.items():
        if standing is not before[control]:
            assert BADNESS[standing] <= worst
            assert standing in {Standing.NOT_DETERMINED, Standing.NOT_COVERED}
    assert _words([*findings, undecided], scope) is not Conclusion.CONFORMS or (
        _words(findings, scope) is Conclusion.CONFORMS
    )


@given(LISTS, SCOPES)
def test_an_open_fail_in_scope_is_seen_in_every_parent_and_in_the_conclusion(
    findings: list[Finding], scope: Scope
) -> None:
    standings = _standings(findings, scope)
    if Standing.NOT_MET in (standings["A1"], standings["A2"]):
        assert standings["A"] is Standing.NOT_MET
    if Standing.NOT_MET in standings.values():
        assert _words(findings, scope) is Conclusion.DOES_NOT_CONFORM


@given(LISTS, SCOPES)
def test_met_needs_a_pass_that_implements_it_and_nothing_open(
    findings: list[Finding], scope: Scope
) -> None:
    standings = _standings(findings, scope)
    for control in ("A1", "A2"):
        mine = [one for one in findings if one.controls[0].control == control]
        if standings[control] is Standing.MET:
            weights = {weight_of(one) for one in mine}
            assert weights <= {"pass", "not_applicable"}
            assert any(
                weight_of(one) == "pass" and one.controls[0].relation == "implements"
                for one in mine
            )


@given(LISTS, SCOPES)
def test_conforms_needs_a_pass_and_nothing_that_is_open(
    findings: list[Finding], scope: Scope
) -> None:
    if _words(findings, scope) is Conclusion.CONFORMS:
        assert any(weight_of(one) == "pass" for one in findings)
        assert Standing.MET in _standings(findings, scope).values()


@given(LISTS, SCOPES, st.randoms())
def test_order_decides_nothing(findings: list[Finding], scope: Scope, shuffle: object) -> None:
    before = roll_up(findings, [CATALOG], scope, a_subject())
    shuffle.shuffle(findings)  # type: ignore[attr-defined]
    assert roll_up(findings, [CATALOG], scope, a_subject()) == before


@given(LISTS)
def test_every_finding_is_in_the_counts_of_everything_above_it(findings: list[Finding]) -> None:
    found = {one.control: one for one in roll_up(findings, [CATALOG], Scope(), a_subject())}
    assert found["A"].counts == counted(findings)


@given(LISTS, st.sampled_from(list(Severity)), st.integers(0, 2), st.integers(0, 2))
def test_exit_0_needs_a_document_and_a_pass_and_nothing_open_at_the_threshold(
    findings: list[Finding], fail_on: Severity, documents: int, problems: int
) -> None:
    found = gate(findings, fail_on=fail_on, documents=documents, problems=problems)
    at = [weight_of(one) for one in findings if one.severity.rank >= fail_on.rank]
    clean = set(at) <= {"pass", "waived", "not_applicable"} and "pass" in at
    assert (found.exit == 0) == (clean and documents > 0 and problems == 0)
    assert (found.exit == 1) <= ("fail" in at)
    assert sum(found.counts.model_dump().values()) == len(at)
