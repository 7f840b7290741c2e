import pytest

from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Overlay
from assaybook.language.document_problems import problems_of
from assaybook.language.overlay import load_overlay
from support.policies import faults, policy, source

OVERLAY = """\
overlay: production
set:
  - policy: demo.recall
    for: system.risk_tier == "high"
    params: {floor: 0.6, slices: [a, b]}
"""


def load(text: str = OVERLAY) -> Overlay:
    return load_overlay(source(text), policies=[policy()])


def test_an_overlay_sets_params_for_the_systems_that_its_condition_names() -> None:
    (one,) = load().sets
    assert one.applies is not None
    assert (one.applies.text, one.applies.line, one.applies.column) == (
        'system.risk_tier == "high"',
        4,
        10,
    )
    assert one.params == {"floor": 0.6, "slices": ("a", "b")}
    assert (one.systems, one.allow_relax, one.reason) == ((), False, "")


def test_an_overlay_may_name_systems_or_leave_none_out() -> None:
    (named,) = load(OVERLAY.replace('system.risk_tier == "high"', "[credit, fraud]")).sets
    assert (named.systems, named.applies) == (("credit", "fraud"), None)
    (every,) = load(OVERLAY.replace('    for: system.risk_tier == "high"\n', "")).sets
    assert (every.systems, every.applies) == ((), None)


def test_setting_what_nobody_has_set_relaxes_nothing() -> None:
    (one,) = load(OVERLAY.replace("floor: 0.6, ", "")).sets
    assert one.params == {"slices": ("a", "b")}


def test_a_relaxation_needs_allow_relax_and_a_reason() -> None:
    relaxed = OVERLAY.replace("0.6", "0.4")
    assert faults(lambda: load(relaxed)) == [("overlay-relaxes", "demo.yaml:5:21")]
    allowed = f"{relaxed}    allow_relax: true\n"
    assert faults(lambda: load(allowed)) == [("reason-missing", "demo.yaml:6:5")]
    blank = f'{allowed}    reason: "  "\n'
    assert faults(lambda: load(blank)) == [("out-of-range", "demo.yaml:7:13")]
    (one,) = load(f"{allowed}    reason: Agreed with the board.\n").sets
    assert (one.allow_relax, one.reason) == (True, "Agreed with the board.")


def test_a_relaxation_says_what_it_changes_and_which_way_is_stricter() -> None:
    with pytest.raises(AuthorError, match=r"floor of demo\.recall goes from 0\.5 to 0\.4"):
        load(OVERLAY.replace("0.6", "0.4"))


def test_a_param_without_a_stricter_side_cannot_be_changed_in_silence() -> None:
    with pytest.raises(AuthorError, match="has no stricter side"):
        load(OVERLAY.replace("floor: 0.6", "name: accuracy"))
    (same,) = load(OVERLAY.replace("floor: 0.6", "name: recall")).sets
    assert same.params["name"] == "recall"


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        pytest.param('system.risk_tier == "high"', "triage", "for: [credit-scoring]", id="an id"),
        pytest.param("set:", "set: all\nsets:", "Write [all].", id="one value for a list"),
    ],
)
def test_whoever_writes_an_overlay_otherwise_is_told_how(old: str, new: str, hint: str) -> None:
    assert old in OVERLAY
    with pytest.raises(AuthorError) as caught:
        load(OVERLAY.replace(old, new, 1))
    assert any(hint in each.hint for each in problems_of(caught.value))


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("demo.recall", "demo.recal", "policy-unknown", "3:13"),
        ("floor: 0.6", "flor: 0.6", "param-unknown", "5:14"),
        ("0.6", "60", "param-bounds", "5:21"),
        ("0.6", '"0.6"', "param-type", "5:21"),
        ("[a, b]", "[a]", "param-bounds", "5:34"),
        ("system.risk_tier", "system.risk", "unknown-field", "4:10"),
        ('== "high"', '== "hihg"', "unknown-word", "4:30"),
        ('system.risk_tier == "high"', "has(system.risk_tier)", "passes_on_absence", "4:10"),
        ('system.risk_tier == "high"', "release.stage", "unknown-name", "4:10"),
        ('system.risk_tier == "high"', "[]", "wrong-type", "4:10"),
        ('system.risk_tier == "high"', "[1]", "wrong-type", "4:10"),
        ('system.risk_tier == "high"', "{a: b}", "wrong-type", "4:10"),
        ('system.risk_tier == "high"', "", "no-value", "4:5"),
        ("params: {floor: 0.6, slices: [a, b]}", "params: {}", "out-of-range", "5:13"),
        ("overlay: production", "overlays: production", "unknown-key", "1:1"),
        ("for:", "for_:", "unknown-key", "4:5"),
    ],
)
def test_an_unsound_overlay_is_refused(old: str, new: str, code: str, place: str) -> None:
    assert faults(lambda: load(OVERLAY.replace(old, new))) == [(code, f"demo.yaml:{place}")]


def test_an_unknown_param_is_told_with_what_comes_near() -> None:
    with pytest.raises(AuthorError) as caught:
        load(OVERLAY.replace("floor: 0.6", "flor: 0.6"))
    assert problems_of(caught.value)[0].hint == "Did you mean floor?"
