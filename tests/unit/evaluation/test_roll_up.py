"""From findings to standings of controls, and from standings to a conclusion."""

from collections.abc import Sequence

import pytest

from assaybook.domain.finding import (
    Conclusion,
    ControlStanding,
    Disposition,
    Finding,
    Outcome,
    Standing,
)
from assaybook.domain.policy import Relation, Scope, ScopeControl
from assaybook.evaluation.roll_up import (
    conclude,
    leaves,
    roll_up,
    scope_entry,
    standing_of,
    supported_themselves,
)
from support.assessing import HOUSE, a_catalog, a_control, a_finding
from support.evidence import a_subject

CATALOG = a_catalog()
WAIVED = {"disposition": Disposition.WAIVED, "rest": Outcome.PASS}


def _of(*findings: Finding) -> str:
    return standing_of(HOUSE, "A1", findings).value


PASS = a_finding("pass")
SUPPORT = a_finding("pass", ("A1", "supports"))
FAIL = a_finding("fail")
ACCEPTED = a_finding("fail", disposition=Disposition.WAIVED, rest=Outcome.PASS)
BASELINED = a_finding("fail", disposition=Disposition.BASELINED)
HALF = a_finding("fail", rest=Outcome.INCONCLUSIVE)
BROKEN_REST = a_finding("fail", rest=Outcome.ERROR)
UNKNOWN = a_finding("inconclusive")
ERROR = a_finding("error")
ABSENT = a_finding("not_applicable")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param((), "not_covered", id="no rule"),
        pytest.param((PASS,), "met", id="an implementing rule passed"),
        pytest.param((SUPPORT,), "supported", id="only supporting rules passed"),
        pytest.param((SUPPORT, PASS), "met", id="one implements, one supports"),
        pytest.param((PASS, FAIL), "not_met", id="an open fail beside a pass"),
        pytest.param((FAIL, UNKNOWN, ERROR, ACCEPTED), "not_met", id="an open fail comes first"),
        pytest.param((PASS, UNKNOWN), "not_determined", id="undecided beside a pass"),
        pytest.param((PASS, ERROR), "not_determined", id="an error beside a pass"),
        pytest.param((ACCEPTED, UNKNOWN), "not_determined", id="undecided beside an accepted fail"),
        pytest.param((HALF, PASS), "not_determined", id="a waived row whose rest is unknown"),
        pytest.param((BROKEN_REST,), "not_determined", id="a waived row whose rest is an error"),
        pytest.param((PASS, ACCEPTED), "risk_accepted", id="an accepted fail beside a pass"),
        pytest.param((BASELINED, PASS), "risk_accepted", id="a baselined fail"),
        pytest.param((ABSENT,), "not_applicable", id="every rule inapplicable"),
        pytest.param((ABSENT, PASS), "met", id="one of two rules applies"),
    ],
)
def test_the_standing_of_a_control_is_the_first_that_holds(
    findings: Sequence[Finding], expected: str
) -> None:
    assert _of(*findings) == expected
    assert _of(*findings[::-1]) == expected


def test_a_pass_reaches_only_the_controls_that_it_names() -> None:
    both = a_finding("pass", ("A1", "supports"), ("A2", "implements"))
    assert standing_of(HOUSE, "A1", [both]) is Standing.SUPPORTED
    assert standing_of(HOUSE, "A2", [both]) is Standing.MET


def _rolled(*findings: Finding, scope: Scope | None = None) -> dict[str, ControlStanding]:
    found = roll_up(findings, [CATALOG], scope or Scope(), a_subject())
    return {one.control: one for one in found}


def _standings(*findings: Finding, scope: Scope | None = None) -> dict[str, str]:
    return {name: one.standing.value for name, one in _rolled(*findings, scope=scope).items()}


def _entry(control: str, *, applies: bool) -> ScopeControl:
    return ScopeControl(HOUSE, control, applies, "the scope says so")


def _on(outcome: str, control: str, rule: str = "r", relation: Relation = "implements") -> Finding:
    return a_finding(outcome, (control, relation), rule=rule)


@pytest.mark.parametrize(
    ("first", "second", "parent"),
    [
        ("pass", "pass", "met"),
        ("pass", "fail", "not_met"),
        ("pass", "inconclusive", "not_determined"),
        ("pass", None, "not_covered"),
        ("pass", "not_applicable", "met"),
        ("not_applicable", "not_applicable", "not_applicable"),
    ],
)
def test_a_parent_is_as_good_as_its_worst_child(
    first: str, second: str | None, parent: str
) -> None:
    findings = [_on(first, "A1", "one")]
    findings += [_on(second, "A2", "two")] if second else []
    assert _standings(*findings)["A"] == parent


def test_worst_first_among_the_standings_of_children() -> None:
    accepted = a_finding("fail", ("A2", "implements"), rule="two", **WAIVED)  # type: ignore[arg-type]
    supported = a_finding("pass", ("A1", "supports"), rule="one")
    assert _standings(supported, accepted)["A"] == "risk_accepted"
    assert _standings(supported, _on("pass", "A2", "two"))["A"] == "supported"


def test_a_rule_on_a_parent_counts_beside_its_children() -> None:
    children = (_on("pass", "A1", "one"), _on("pass", "A2", "two"))
    assert _standings(*children, _on("fail", "A", "three"))["A"] == "not_met"
    assert _standings(_on("fail", "A1", "one"), _on("pass", "A", "three"))["A"] == "not_met"


def test_counts_are_of_findings_each_once() -> None:
    twice = a_finding("pass", ("A1", "implements"), ("A2", "implements"))
    rolled = _rolled(twice, _on("error", "A1", "e"), _on("fail", "A2", "f"))
    assert rolled["A"].counts.model_dump() == {
        "pass_": 1,
        "fail": 1,
        "waived": 0,
        "inconclusive": 0,
        "error": 1,
        "not_applicable": 0,
    }
    assert rolled["A1"].counts.error == 1


def test_a_control_that_the_scope_leaves_out_is_not_applicable_with_its_reason() -> None:
    scope = Scope(controls=(_entry("A2", applies=False),))
    rolled = _rolled(_on("pass", "A1"), _on("fail", "A2", "two"), scope=scope)
    assert rolled["A2"].standing is Standing.NOT_APPLICABLE
    assert rolled["A2"].reason == "the scope says so"
    assert rolled["A"].standing is Standing.MET
    assert rolled["A"].counts.fail == 0


def test_what_the_scope_says_of_a_parent_holds_for_its_children_without_their_own() -> None:
    scope = Scope(controls=(_entry("A", applies=False), _entry("A2", applies=True)))
    assert _standings(scope=scope) == {
        "A": "not_covered",
        "A1": "not_applicable",
        "A2": "not_covered",
    }
    entry = scope_entry(CATALOG, "A1", scope)
    assert entry is not None
    assert entry.control == "A"
    assert scope_entry(CATALOG, "A1", Scope()) is None


def test_a_parent_out_of_scope_says_why_and_its_own_rules_do_not_count() -> None:
    scope = Scope(controls=(_entry("A", applies=False),))
    rolled = _rolled(_on("fail", "A", "own"), scope=scope)
    assert (rolled["A"].standing.value, rolled["A"].reason) == (
        "not_applicable",
        "the scope says so",
    )


def test_a_control_that_applies_while_no_rule_on_it_does_is_not_covered() -> None:
    scope = Scope(controls=(_entry("A1", applies=True),))
    rolled = _rolled(_on("not_applicable", "A1"), scope=scope)
    assert rolled["A1"].standing is Standing.NOT_COVERED
    assert rolled["A1"].reason == "the scope says it applies and no rule on it does"


def test_where_all_of_a_framework_applies_a_control_of_no_applying_rule_is_not_covered() -> None:
    scope = Scope(frameworks=(HOUSE,), controls=(_entry("A2", applies=False),))
    findings = (_on("not_applicable", "A1"), _on("not_applicable", "A2", "two"))
    assert _standings(*findings, scope=scope) == {
        "A": "not_covered",
        "A1": "not_covered",
        "A2": "not_applicable",
    }
    assert _standings(*findings)["A1"] == "not_applicable"


def test_a_control_that_applies_is_not_covered_where_all_that_is_under_it_is_left_out() -> None:
    above = a_catalog(a_control("A"), a_control("A1", "A"), a_control("A2", "A"))
    left_out = (_entry("A1", applies=False), _entry("A2", applies=False))

    def under(*entries: ScopeControl, frameworks: tuple[str, ...] = ()) -> str:
        scope = Scope(frameworks=frameworks, controls=entries)
        return roll_up([], [above], scope, a_subject())[0].standing.value

    assert under(_entry("A", applies=True), *left_out) == "not_covered"
    assert under(*left_out, frameworks=(HOUSE,)) == "not_covered"
    assert under(*left_out) == "not_applicable"
    assert _standings(scope=Scope(controls=left_out))["A"] == "not_applicable"


def test_an_inapplicable_rule_on_a_parent_never_hides_a_fail_below() -> None:
    scope = Scope(controls=(_entry("A", applies=True),))
    rolled = _rolled(_on("not_applicable", "A", "own"), _on("fail", "A1"), scope=scope)
    assert rolled["A"].standing is Standing.NOT_MET


def test_a_group_without_anything_to_judge_says_nothing_of_what_stands_beside_it() -> None:
    catalog = a_catalog(
        a_control("A", judgeable=False), a_control("A1", "A", judgeable=False), a_control("A2", "A")
    )
    found = roll_up([_on("fail", "A2")], [catalog], Scope(), a_subject())
    assert [(one.control, one.standing.value) for one in found] == [
        ("A", "not_met"),
        ("A2", "not_met"),
    ]
    assert [one.control for one in leaves(catalog, found)] == ["A2"]


def test_what_the_scope_says_of_a_control_holds_in_its_own_framework_alone() -> None:
    elsewhere = ScopeControl("another", "A1", applies=False, reason="it is not used there")
    scope = Scope(controls=(elsewhere,))
    assert scope_entry(CATALOG, "A1", scope) is None
    assert _standings(_on("fail", "A1"), scope=scope)["A1"] == "not_met"


def test_a_group_without_anything_to_judge_has_no_standing() -> None:
    catalog = a_catalog(a_control("A", judgeable=False), a_control("B"))
    found = roll_up([], [catalog], Scope(), a_subject())
    assert [one.control for one in found] == ["B"]


def _concluded(*findings: Finding, scope: Scope | None = None) -> tuple[str, dict[str, int]]:
    chosen = scope or Scope()
    standings = roll_up(findings, [CATALOG], chosen, a_subject())
    supported = supported_themselves(findings, CATALOG, chosen)
    found = conclude(CATALOG, standings, chosen, supported)
    return found.words.value, {key.value: n for key, n in found.counts.items() if n}


def _both(first: str, second: str, relation: Relation = "implements") -> tuple[Finding, Finding]:
    return _on(first, "A1", "one", relation), _on(second, "A2", "two", relation)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        pytest.param(_both("pass", "pass"), "conforms", id="all met"),
        pytest.param(_both("pass", "not_applicable"), "conforms", id="met or inapplicable"),
        pytest.param(_both("pass", "fail"), "does not conform", id="a fail"),
        pytest.param(_both("inconclusive", "fail"), "does not conform", id="a fail comes first"),
        pytest.param(_both("pass", "inconclusive"), "not determined", id="undecided"),
        pytest.param(_both("pass", "error"), "not determined", id="an error"),
        pytest.param(_both("pass", "pass")[:1], "not determined", id="a control without a rule"),
        pytest.param(_both("pass", "pass", "supports"), "not determined", id="only supported"),
        pytest.param(
            _both("not_applicable", "not_applicable"), "nothing judged", id="nothing applies"
        ),
        pytest.param(
            (_on("pass", "A1"), a_finding("fail", ("A2", "implements"), rule="w", **WAIVED)),  # type: ignore[arg-type]
            "conforms with exceptions",
            id="an accepted fail",
        ),
    ],
)
def test_the_conclusion_is_the_first_that_holds(findings: tuple[Finding, ...], words: str) -> None:
    assert _concluded(*findings)[0] == words


def test_an_undecided_control_and_one_without_a_rule_do_not_make_up_for_each_other() -> None:
    catalog = a_catalog(a_control("A1"), a_control("A2"), a_control("A3"))
    findings = [_on("pass", "A1", "one"), _on("inconclusive", "A2", "two")]
    found = conclude(catalog, roll_up(findings, [catalog], Scope(), a_subject()), Scope())
    assert found.words is Conclusion.NOT_DETERMINED
    assert {key.value: n for key, n in found.counts.items() if n} == {
        "met": 1,
        "not_determined": 1,
        "not_covered": 1,
    }


def test_nothing_in_scope_is_nothing_judged_and_never_conforms() -> None:
    scope = Scope(controls=(_entry("A", applies=False),))
    assert _concluded(*_both("pass", "pass"), scope=scope) == (
        "nothing judged",
        {"not_applicable": 2},
    )


@pytest.mark.parametrize("accepted", [(HOUSE,), (f"{HOUSE}/A2",)])
def test_supported_is_enough_only_where_the_scope_accepts_it_by_name(
    accepted: tuple[str, ...],
) -> None:
    findings = (_on("pass", "A1", "one"), _on("pass", "A2", "two", "supports"))
    assert _concluded(*findings)[0] == "not determined"
    assert _concluded(*findings, scope=Scope(accept_supported=accepted))[0] == "conforms"


def test_supported_alone_never_conforms_even_if_accepted() -> None:
    scope = Scope(accept_supported=(HOUSE,))
    assert _concluded(*_both("pass", "pass", "supports"), scope=scope)[0] == "not determined"


def test_an_accepted_fail_never_makes_a_framework_conform_of_which_nothing_is_met() -> None:
    scope = Scope(accept_supported=(HOUSE,))
    accepted = a_finding("fail", ("A2", "implements"), rule="w", **WAIVED)  # type: ignore[arg-type]
    supported = _on("pass", "A1", "one", "supports")
    assert _concluded(supported, accepted, scope=scope)[0] == "not determined"
    assert _concluded(_on("pass", "A1"), accepted)[0] == "conforms with exceptions"


def test_a_control_above_others_that_its_own_rules_support_is_accepted_by_its_own_name() -> None:
    findings = (
        _on("pass", "A1", "one"),
        _on("pass", "A2", "two", "supports"),
        _on("pass", "A", "own", "supports"),
    )
    below, both = (f"{HOUSE}/A2",), (f"{HOUSE}/A2", f"{HOUSE}/A")
    assert _concluded(*findings, scope=Scope(accept_supported=below))[0] == "not determined"
    assert _concluded(*findings, scope=Scope(accept_supported=both))[0] == "conforms"
    above = (_entry("A", applies=False), _entry("A1", applies=True), _entry("A2", applies=True))
    aside = Scope(accept_supported=below, controls=above)
    assert _concluded(*findings, scope=aside)[0] == "conforms"


def test_counts_of_a_conclusion_are_of_controls_that_are_no_sum_of_others() -> None:
    assert _concluded(*_both("pass", "pass"))[1] == {"met": 2}


def test_a_fail_on_a_parent_alone_is_not_lost_in_the_conclusion() -> None:
    findings = (*_both("pass", "pass"), _on("fail", "A", "own"))
    assert _concluded(*findings) == ("does not conform", {"met": 2, "not_met": 1})
    standings = roll_up(findings, [CATALOG], Scope(), a_subject())
    assert [one.control for one in leaves(CATALOG, standings)] == ["A", "A1", "A2"]


def test_catalogs_do_not_mix() -> None:
    other = a_catalog(a_control("A1"), catalog_id="other")
    standings = roll_up([_on("fail", "A1")], [CATALOG, other], Scope(), a_subject())
    assert {(one.catalog, one.control): one.standing.value for one in standings}[
        "other", "A1"
    ] == "not_covered"
    assert conclude(other, standings, Scope()).words is Conclusion.NOT_DETERMINED
