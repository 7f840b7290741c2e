"""The answer of a replay in words: what a difference rests on, and the whole."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.domain.finding import Disposition, Finding
from assaybook.domain.policy import Overlay, OverlaySet, Scope
from assaybook.domain.replay import Effect, ReplayedRelease
from assaybook.language.bundle import bundle_json
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling, recorded_ruling
from assaybook.service.replay_side import asked_of, side_of
from assaybook.service.replay_words import asked_otherwise, reason_of, summary_of
from support.assessing import a_finding, a_policy, at, inputs
from support.rules import a_need

OVERLAY: Final = """\
overlay: stricter
set:
  - {policy: quality.floor, for: system.id == "s", params: {floor: 0.9}}
"""


def _finding(outcome: str = "pass", **changes: Any) -> Finding:
    return a_finding(outcome).model_copy(update=changes)


def _release(name: str, effects: dict[Effect, int], **changes: Any) -> ReplayedRelease:
    known: dict[str, Any] = {"in_force": "sha256:00", "documents": 1, "since": at(0)}
    flips = any(one != "new" for one in effects)
    known |= {"system": "s", "release": name, "flips": flips, "effects": effects}
    return ReplayedRelease(**{**known, **changes})


def test_a_rule_that_is_gone_has_that_for_a_reason() -> None:
    assert reason_of(None) == "The new criteria have no such rule."


def test_a_fail_that_a_waiver_accepts_names_it() -> None:
    found = _finding(
        "fail", disposition=Disposition.WAIVED, waiver="W-1", message="0.7 is under 0.8"
    )
    assert reason_of(found).endswith("(waiver W-1)")


def test_what_is_asked_otherwise_is_told_by_version_values_and_needs() -> None:
    old = _finding(params={"floor": 0.8, "gone": 1})
    new = _finding(params={"floor": 0.9, "more": 2}, policy_version=2)
    before = a_policy(needs=(a_need(name="recall"), a_need(name="same")))
    after = a_policy(needs=(a_need("drift", name="recall"), a_need(name="same"), a_need("pii")))
    assert asked_otherwise((before, after), old, new).split("; ") == [
        "version 1 became 2",
        "floor: 0.8 became 0.9",
        "gone: 1 became not there",
        "more: not there became 2",
        "recall are drift facts, and were metric facts",
        f"it also needs pii facts ({a_need('pii').name})",
    ]


def test_a_rule_in_other_words_is_told_by_its_sentence() -> None:
    policies = (a_policy(), a_policy())
    assert asked_otherwise(policies, _finding(), _finding()) == ""
    new = _finding(sentence="Each is at least 0.9.")
    assert asked_otherwise(policies, _finding(), new) == "it now asks: Each is at least 0.9."


@pytest.mark.parametrize("side", [0, 1], ids=["new", "gone"])
def test_of_a_rule_that_one_side_lacks_nothing_is_asked_otherwise(side: int) -> None:
    findings = (None, _finding()) if side else (_finding(), None)
    assert asked_otherwise((a_policy(), a_policy()), *findings) == ""
    assert asked_otherwise((None, a_policy()), _finding(), _finding()) == ""


def test_the_summary_counts_releases_by_what_happens_to_them() -> None:
    releases = [
        _release("1", {"fails": 2, "undecided": 1}),
        _release("2", {"new": 3}, in_force=None),
        _release("3", {}, documents=0),
    ]
    told = summary_of(releases, since=at(0), until=at(1), now=at(2))
    assert told == (
        "would flip 1 of 3 releases: 1 with rules that would fail, 1 with rules that nobody could "
        "decide, 1 with new rules that pass (from 2026-11-20T00:00:00Z to 2026-11-21T00:00:00Z). "
        "No evidence, so nothing is shown, of s 3. "
        "Nothing is in force for s 2: all rules are new."
    )


def test_what_is_later_than_now_is_called_a_forecast() -> None:
    told = summary_of([], since=at(0), until=at(2), now=at(1))
    assert told.endswith(
        "From 2026-11-21T00:00:00Z on it is a forecast: what is received later may change it."
    )


def test_criteria_that_are_read_again_ask_the_same(tmp_path: Path) -> None:
    file = tmp_path / "overlay.yaml"
    file.write_text(OVERLAY, encoding="utf-8")
    ruling = read_ruling(BundleFiles(globs=("quality.*",), overlays=(file,)))
    one, other = side_of(ruling), side_of(recorded_ruling(bundle_json(ruling.bundle)))
    assert all(asked_of(one, policy) == asked_of(other, policy) for policy in one.policies)
    assert asked_of(one, "no.such") is None
    without = side_of(read_ruling(BundleFiles(globs=("quality.*",))))
    assert asked_of(one, "quality.floor") != asked_of(without, "quality.floor")
    assert asked_of(one, "quality.calibration") == asked_of(without, "quality.calibration")


def test_a_value_that_an_overlay_sets_and_what_the_scope_leaves_out_are_criteria() -> None:
    bundle = inputs().bundle
    old = side_of(Ruling(bundle, ()))
    overlay = Overlay("o", (OverlaySet("house.recall", {"floor": 0.9}),))
    for changed in (
        replace(bundle, overlays=(overlay,)),
        replace(bundle, scope=Scope(left_out={"house.recall": "why"})),
        replace(bundle, catalogs={"house": "sha256:00"}),
        replace(bundle, policies=(a_policy(version=2),)),
    ):
        new = side_of(Ruling(changed, ()))
        assert asked_of(old, "house.recall") != asked_of(new, "house.recall")
