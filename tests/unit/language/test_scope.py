from datetime import timedelta

import pytest

from assaybook.domain.policy import AllowedGap, Scope, ScopeControl
from assaybook.language.scope import load_scope
from support.policies import faults, policy, references, source

RMF = "nist-ai-rmf-1.0"
SCOPE = """\
scope: credit scoring 2026
frameworks:
  nist-ai-rmf-1.0:
    controls:
      - {control: MEASURE 2, applies: false, reason: Not yet measured.}
      - {control: ms-2.3, applies: true}
    accept_supported: [MEASURE 2.3]
  iso-42001-2023: {applies: none, reason: Not certified., accept_supported: all}
left_out:
  - {policy: demo.recall, reason: Another team judges it.}
"""


def load(text: str = SCOPE) -> Scope:
    return load_scope(source(text), catalogs=references().catalogs, policies=[policy()])


def test_a_scope_says_what_applies_and_why_the_rest_does_not() -> None:
    scope = load()
    assert scope.name == "credit scoring 2026"
    assert scope.frameworks == (RMF, "iso-42001-2023")
    assert scope.controls[:2] == (
        ScopeControl(RMF, "MEASURE 2", applies=False, reason="Not yet measured."),
        ScopeControl(RMF, "MEASURE 2.3", applies=True, reason=""),
    )
    assert scope.left_out == {"demo.recall": "Another team judges it."}
    assert scope.source["scope"] == scope.name


def test_a_framework_of_which_nothing_applies_leaves_out_every_root_with_its_reason() -> None:
    iso = [entry for entry in load().controls if entry.catalog == "iso-42001-2023"]
    roots = [root.id for root in references().catalogs["iso-42001-2023"].roots()]
    assert [entry.control for entry in iso] == roots
    assert {(entry.applies, entry.reason) for entry in iso} == {(False, "Not certified.")}


def test_an_entry_of_a_root_stands_in_place_of_the_default() -> None:
    roots = references().catalogs[RMF].roots()
    text = SCOPE.replace("    controls:", "    applies: none\n    reason: Later.\n    controls:")
    scope = load(text.replace("MEASURE 2,", f"{roots[0].id},"))
    entries = [entry for entry in scope.controls if entry.control == roots[0].id]
    assert [entry.reason for entry in entries] == ["Not yet measured."]


def test_supported_is_enough_for_a_framework_or_for_some_of_its_controls() -> None:
    assert load().accept_supported == (f"{RMF}/MEASURE 2.3", "iso-42001-2023")


def test_an_empty_scope_leaves_everything_in() -> None:
    scope = load("scope: everything")
    assert (scope.frameworks, scope.controls, scope.left_out) == ((), (), {})


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("nist-ai-rmf-1.0:", "nist-ai-rmf-2.0:", "catalog-unknown", "3:3"),
        ("control: MEASURE 2,", "control: MEASURE 9,", "control-unknown", "5:19"),
        ("[MEASURE 2.3]", "[MEASURE 9]", "control-unknown", "7:24"),
        (", reason: Not yet measured.", "", "reason-missing", "5:9"),
        ("reason: Not certified., ", "", "reason-missing", "8:29"),
        ("control: ms-2.3", "control: MEASURE 2", "control-twice", "6:9"),
        ("policy: demo.recall", "policy: demo.recal", "policy-unknown", "10:14"),
        (
            "left_out:\n",
            "left_out:\n  - {policy: demo.recall, reason: Twice.}\n",
            "policy-twice",
            "11:14",
        ),
        (", reason: Another team judges it.", "", "missing-key", "10:5"),
        ("applies: none", "applies: no", "not-a-choice", "8:29"),
        ("applies: false", "applies: no", "wrong-type", "5:39"),
        ("accept_supported: all", "accept_supported: some", "not-a-choice", "8:77"),
        ("accept_supported: all", "accept_supported: [1]", "wrong-type", "8:78"),
    ],
)
def test_an_unsound_scope_is_refused(old: str, new: str, code: str, place: str) -> None:
    assert faults(lambda: load(SCOPE.replace(old, new))) == [(code, f"demo.yaml:{place}")]


GAPS = """\
scope: credit scoring 2026
remediate_within: {critical: 7d, low: 12w}
frameworks:
  nist-ai-rmf-1.0:
    gaps:
      - {control: ms-2.3, at_most: 1d12h, reason: The scanner is replaced once a year.}
"""


def test_a_scope_allows_gaps_by_control_length_and_reason_and_says_when_findings_are_due() -> None:
    scope = load(GAPS)
    reason = "The scanner is replaced once a year."
    assert scope.gaps == (AllowedGap(RMF, "MEASURE 2.3", timedelta(hours=36), reason),)
    assert scope.remediate_within == {"critical": timedelta(days=7), "low": timedelta(weeks=12)}
    assert load("scope: everything").remediate_within == {}


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("control: ms-2.3", "control: MEASURE 9", "control-unknown", "6:19"),
        (", reason: The scanner is replaced once a year.", "", "missing-key", "6:9"),
        ("at_most: 1d12h", "at_most: params.gap", "bad-duration", "6:36"),
        ("at_most: 1d12h", "at_most: 0d", "bad-duration", "6:36"),
        (
            "    gaps:\n",
            "    gaps:\n      - {control: MEASURE 2.3, at_most: 1d, reason: Twice.}\n",
            "control-twice",
            "7:19",
        ),
        ("critical: 7d", "critical: soon", "bad-duration", "2:30"),
        ("critical: 7d", "urgent: 7d", "unknown-key", "2:20"),
    ],
)
def test_an_unsound_gap_or_due_date_is_refused(old: str, new: str, code: str, place: str) -> None:
    assert faults(lambda: load(GAPS.replace(old, new))) == [(code, f"demo.yaml:{place}")]
