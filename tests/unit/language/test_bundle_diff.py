"""What differs between two bundles, in words."""

import re

import pytest

from assaybook.domain.policy import Bundle, Scope
from assaybook.language.bundle import make_bundle
from assaybook.language.bundle_diff import bundle_changes
from assaybook.language.overlay import load_overlay
from assaybook.language.scope import load_scope
from support import policies
from support.policies import SOUND

EVERYTHING = """\
policy: demo.all
version: 1
title: All that a need can say
why: A demonstration.
severity: low
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: supports}
applies_when: system.risk_tier == "high"
params:
  skip: {type: list<string>, default: [], stricter: subset}
  questions: {type: list<string>, default: [security/secret], min_items: 1, stricter: superset}
  least: {type: string, default: ci, description: Assurance.}
  count: {type: int, default: 1, min: 0, max: 9}
needs:
  found:
    facts: security
    where: row.class == "secret"
    fresh_for: 90d
    assurance: params.least
    about: release
    of: params.questions
    may_be_empty: true
    covers: scope.split == "all"
    may_skip: params.skip
    min_examined: 0.9
  series: {facts: metric, fresh_for: never, last: 3, within: 30d}
rules:
  - id: none
    pass_when: size(found) <= params.count
  - id: enough
    pass_when: series.exists(s, s.value > 0.5)
"""
OVERLAY = """\
overlay: clinic
set:
  - {policy: demo.recall, params: {floor: 0.6}}
  - {policy: demo.recall, for: [triage], params: {slices: [a, b]}}
  - policy: demo.recall
    for: system.risk_tier == "high"
    params: {floor: 0.4}
    allow_relax: true
    reason: Agreed.
"""
SCOPE = """\
scope: ward
remediate_within: {high: 30d}
frameworks:
  nist-ai-rmf-1.0:
    applies: all
    accept_supported: all
    gaps: [{control: MEASURE 2.4, at_most: 7d, reason: Scanner.}]
    controls:
      - {control: MEASURE 2.4, applies: true}
      - {control: MEASURE 2.3, applies: false, reason: Not ours.}
left_out:
  - {policy: demo.recall, reason: Later.}
"""


def _bundle(*texts: str, overlay: str = "", scope: str = "", catalog: str = "sha256:1") -> Bundle:
    found = [policies.policy(text) for text in texts]
    overlays = [load_overlay(policies.source(overlay), policies=found)] if overlay else []
    known = policies.references().catalogs
    read = load_scope(policies.source(scope), catalogs=known, policies=found) if scope else Scope()
    return make_bundle(found, overlays, read, {"nist-ai-rmf-1.0": catalog})


def _changes(old: Bundle, new: Bundle) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.kind, one.where): (one.before, one.after) for one in bundle_changes(old, new)}


def test_equal_bundles_have_no_change() -> None:
    assert bundle_changes(_bundle(SOUND), _bundle(SOUND)) == ()


def test_a_higher_floor_is_told_as_a_value_and_as_the_rule_that_it_changes() -> None:
    found = _changes(_bundle(SOUND), _bundle(SOUND.replace("default: 0.5", "default: 0.6")))
    said = "For each recall measurement: its value is at least {}. With none, it is undecided."
    assert found == {
        ("rule", "demo.recall/floor"): (said.format("0.50"), said.format("0.60")),
        ("param", "demo.recall.floor"): (
            "0.5, at least 0, at most 1, stricter higher",
            "0.6, at least 0, at most 1, stricter higher",
        ),
    }


def test_a_policy_that_was_added_is_told_by_its_claim_rules_and_controls() -> None:
    found = _changes(_bundle(SOUND), _bundle(SOUND, EVERYTHING))
    assert {kind for kind, _ in found} == {"policy", "rule", "control"}
    assert found["policy", "demo.all"] == ("", "All that a need can say")
    gone = _changes(_bundle(SOUND, EVERYTHING), _bundle(SOUND))
    assert gone["policy", "demo.all"] == ("All that a need can say", "")


def test_which_evidence_counts_is_told_in_full() -> None:
    found = _changes(
        _bundle(EVERYTHING), _bundle(EVERYTHING.replace("90d", "60d").replace("last: 3", "last: 4"))
    )
    before, after = found["need", "demo.all.found"]
    assert before == (
        'security; about release; where row.class == "secret"; fresh for 90d; '
        "at least params.least; asked params.questions; may be empty; "
        'covers scope.split == "all"; may skip params.skip; examined at least 0.9'
    )
    assert after == before.replace("90d", "60d")
    assert found["need", "demo.all.series"][1] == (
        "metric; about release; fresh for ever; at least self; the newest 4; within 30d"
    )


def test_exact_questions_are_told_by_name() -> None:
    listed = EVERYTHING.replace("of: params.questions", "of: [security/secret]")
    listed = re.sub(r"  questions: .*\n", "", listed)
    found = _changes(_bundle(EVERYTHING), _bundle(listed))
    assert "asked security/secret;" in found["need", "demo.all.found"][1]
    assert found["param", "demo.all.questions"] == (
        "[security/secret], items: 1, stricter superset",
        "",
    )


@pytest.mark.parametrize(
    ("old", "new", "kind", "change"),
    [
        ("severity: low", "severity: high", "severity", ("low", "high")),
        ("version: 1", "version: 2", "version", ("1", "2")),
        (
            "default: 1, min: 0, max: 9",
            "default: 2, min: 0, max: 9",
            "param",
            ("1, at least 0, at most 9, free", "2, at least 0, at most 9, free"),
        ),
        ("MEASURE 2.3: supports", "MEASURE 2.3: implements", "control", ("supports", "implements")),
        (
            'applies_when: system.risk_tier == "high"\n',
            "",
            "applies",
            ('system.risk_tier == "high"', "always"),
        ),
        (
            "why: A demonstration.",
            "why: Another.",
            "wording",
            ("as before", "other words, the same rules"),
        ),
    ],
)
def test_each_part_of_a_policy_is_told(
    old: str, new: str, kind: str, change: tuple[str, str]
) -> None:
    found = _changes(_bundle(EVERYTHING), _bundle(EVERYTHING.replace(old, new)))
    assert change in [sides for (each, _), sides in found.items() if each == kind]


def test_what_an_overlay_sets_is_told_with_whom_it_is_for_and_why_it_relaxes() -> None:
    found = _changes(_bundle(SOUND), _bundle(SOUND, overlay=OVERLAY))
    assert found == {
        ("overlay", "clinic: demo.recall.floor for every system"): ("", "0.6"),
        ("overlay", "clinic: demo.recall.slices for triage"): ("", "[a, b]"),
        ("overlay", 'clinic: demo.recall.floor for system.risk_tier == "high"'): (
            "",
            "0.4 (relaxed: Agreed.)",
        ),
    }


def test_what_is_in_scope_and_why_not_is_told() -> None:
    found = _changes(_bundle(SOUND), _bundle(SOUND, scope=SCOPE))
    assert found == {
        ("scope", "frameworks"): ("every one that a policy cites", "nist-ai-rmf-1.0"),
        ("scope", "nist-ai-rmf-1.0 MEASURE 2.4"): ("", "applies"),
        ("scope", "nist-ai-rmf-1.0 MEASURE 2.3"): ("", "does not apply: Not ours."),
        ("scope", "policy demo.recall"): ("", "left out: Later."),
        ("scope", "nist-ai-rmf-1.0, supported alone"): ("", "is enough"),
        ("scope", "nist-ai-rmf-1.0 MEASURE 2.4, gaps"): (
            "",
            "may be not determined for 7d: Scanner.",
        ),
        ("scope", "high findings"): ("", "to be mended within 30d"),
    }


def test_another_edition_of_a_catalog_is_told() -> None:
    found = _changes(_bundle(SOUND), _bundle(SOUND, catalog="sha256:2"))
    assert found == {("catalog", "nist-ai-rmf-1.0"): ("sha256:1", "sha256:2")}
