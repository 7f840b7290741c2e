"""One policy for one release: in scope, applicable, judged."""

from dataclasses import replace

import pytest

from assaybook.domain.finding import Finding, Outcome
from assaybook.domain.policy import Param, Scope, ScopeControl
from support.assessing import FLOOR, HOUSE, a_catalog, a_policy, assessed, links, the_finding
from support.evidence import a_document, a_metric, a_subject
from support.rules import a_need, a_rule

GOOD = a_document(a_metric(value=0.9))


def _entry(control: str, *, applies: bool, why: str = "no such thing here") -> ScopeControl:
    return ScopeControl(HOUSE, control, applies, why)


def _finding(*rules: object, **changes: object) -> Finding:
    policy = changes.pop("policy", None) or a_policy(*rules)  # type: ignore[arg-type]
    return the_finding(assessed(GOOD, policies=[policy], **changes))


def test_a_rule_whose_controls_are_all_out_of_scope_is_not_applicable_with_the_reason() -> None:
    policy = a_policy(controls=links("A1", "A2"))
    both = Scope(controls=(_entry("A1", applies=False), _entry("A2", applies=False, why="later")))
    finding = _finding(policy=policy, scope=both)
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert finding.message == "house A1: no such thing here; house A2: later"
    one = Scope(controls=(_entry("A1", applies=False), _entry("A2", applies=True)))
    assert _finding(policy=policy, scope=one).outcome is Outcome.PASS


def test_the_order_in_which_controls_are_written_changes_no_word_of_the_reason() -> None:
    both = Scope(controls=(_entry("A1", applies=False), _entry("A2", applies=False)))
    one, other = links("A1", "A2"), tuple(reversed(links("A1", "A2")))
    said = [_finding(policy=a_policy(controls=each), scope=both).message for each in (one, other)]
    assert said[0] == said[1]


def test_a_policy_for_a_framework_that_is_not_in_scope_is_not_applicable() -> None:
    finding = _finding(catalogs=(a_catalog(catalog_id="other"),))
    assert (finding.outcome.value, finding.message) == (
        "not_applicable",
        "house is not in scope",
    )


def test_a_policy_without_controls_is_judged_whatever_the_scope() -> None:
    assert _finding(policy=a_policy(controls=())).outcome is Outcome.PASS


def test_a_policy_that_the_scope_leaves_out_says_so() -> None:
    finding = _finding(scope=Scope(left_out={"house.recall": "we do not classify"}))
    assert finding.message == "the scope leaves the policy out: we do not classify"


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ('system.risk_tier == "high"', "pass"),
        ('system.risk_tier == "minimal"', "not_applicable"),
        ('system.purpose == "x"', "inconclusive"),
        ("1 / 0 == 1", "error"),
        ("params.x", "error"),
    ],
)
def test_whether_a_policy_applies_is_decided_by_its_condition(condition: str, outcome: str) -> None:
    params = {"x": Param("x", "string", "text")}
    policy = a_policy(applies=condition, params=params)
    assert _finding(policy=policy).outcome.value == outcome


def test_an_evaluation_error_is_an_error_and_never_a_verdict() -> None:
    finding = _finding(a_rule(id="x", pass_when="1 / 0 == 1"))
    assert finding.outcome is Outcome.ERROR
    assert [one.code for one in finding.reasons] == ["error:divide_by_zero"]
    strict = a_rule(id="x", pass_when="1 / 0 == 1", on_unknown="fail")
    assert _finding(strict).outcome is Outcome.ERROR


def test_an_unknown_is_a_fail_only_where_the_rule_says_so() -> None:
    rule = a_rule(id="x", pass_when='system.purpose == "x"')
    assert _finding(rule).outcome is Outcome.INCONCLUSIVE
    assert _finding(replace(rule, on_unknown="fail")).outcome is Outcome.FAIL


def test_a_rule_that_may_not_be_for_this_release_never_fails_because_nobody_knows() -> None:
    strict = a_rule(id="x", pass_when='system.purpose == "x"', on_unknown="fail")
    policy = a_policy(strict, applies='system.deployed_use == "x"')
    finding = _finding(policy=policy, subject=a_subject(system={"deployed_use": None}))
    assert (finding.outcome.value, [one.code for one in finding.reasons]) == (
        "inconclusive",
        ["null"],
    )


def test_a_need_that_no_rule_reads_is_not_bound() -> None:
    spare = a_need(name="spare")
    policy = a_policy(FLOOR, needs=(*a_policy().needs.values(), spare))
    assert [one.need for one in _finding(policy=policy).needs] == ["recall"]


def test_release_and_instant_can_be_asked() -> None:
    rule = a_rule(
        id="x",
        pass_when='release.artifacts.exists(a, a.kind == "model") && age(release.released_at) < '
        'duration("24h")',
    )
    from support.assessing import at

    assert _finding(rule).outcome is Outcome.INCONCLUSIVE
    subject = a_subject(release={"released_at": at(-0.5)})
    assert _finding(rule, subject=subject).outcome is Outcome.PASS
