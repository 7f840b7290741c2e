from datetime import UTC, datetime, timedelta

import pytest

from assaybook.domain.facts import Attestation, Metric
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Assurance
from assaybook.language.cases import Case, Cases, load_cases, missing_cases
from support.policies import SOUND, faults, policy, source

MADE = "produced_at: 2026-11-20T00:00:00Z"
ANSWER = "person: a, role: r, answer: 'no', signed_at: 2026-11-01T00:00:00Z"
AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
DEFAULTS = """\
policy: demo.recall
defaults:
  as_of: 2026-11-20T00:00:00Z
  system: {risk_tier: high}
  release: {stage: production}
  params: {slices: [a, b]}
  evidence: {type: metric, assurance: ci, age: 3d}
cases:
"""
CASE = """\
  - name: one
    evidence:
      - facts:
          - {name: recall, slice: a, value: 0.9}
          - {name: recall, slice: b, value: null}
        coverage: [{question: metric/quality, examined: 2}]
    expect: {floor: pass, complete: {outcome: pass, rows: {"s=a": pass}}}
"""


def load(text: str = DEFAULTS + CASE, built: str = SOUND) -> Cases:
    return load_cases(source(text, "demo.cases.yaml"), policy(built))


def case(text: str) -> Case:
    (only,) = load(DEFAULTS + text).cases
    return only


def test_a_case_has_what_the_defaults_say() -> None:
    one = case(CASE)
    assert (one.as_of, one.params) == (AS_OF, {"slices": ("a", "b")})
    assert (one.subject.system.id, one.subject.system.risk_tier) == ("case", "high")
    assert (one.subject.release.version, one.subject.release.stage) == ("1", "production")
    assert (one.subject.baseline, one.where) == (None, "demo.cases.yaml:9:5")


def test_evidence_of_a_case_is_about_its_subject_and_as_old_as_it_says() -> None:
    (evidence,) = case(CASE).evidence
    envelope = evidence.envelope
    assert envelope.produced_at == AS_OF - timedelta(days=3)
    assert envelope.received_at == AS_OF
    assert envelope.assurance is Assurance.CI
    assert (envelope.subject.system, envelope.subject.release) == ("case", "1")
    first, second = evidence.facts
    assert isinstance(first, Metric)
    assert isinstance(second, Metric)
    assert (first.value, second.value, second.pointer) == (0.9, None, "/facts/1")
    assert evidence.coverage[0].examined == 2


def test_a_case_may_say_otherwise_than_the_defaults() -> None:
    one = case(
        """\
  - name: one
    as_of: 2026-12-01T00:00:00Z
    system: {id: other, risk_tier: low}
    release: {version: "2", baseline: "1"}
    baseline: {version: "1"}
    params: {slices: [x, y]}
    evidence:
      - {produced_at: 2026-11-30T00:00:00Z, assurance: self, facts: [{name: recall}],
         about: {system: elsewhere}, received_at: 2026-11-30T12:00:00Z, tool: {tool: t}}
    expect: {floor: pass, complete: pass}
""".replace("low", "limited")
    )
    (evidence,) = one.evidence
    assert evidence.envelope.produced_at == datetime(2026, 11, 30, tzinfo=UTC)
    assert evidence.envelope.received_at == datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert evidence.envelope.subject.system == "elsewhere"
    assert (one.subject.system.id, one.params) == ("other", {"slices": ("x", "y")})
    assert one.subject.baseline is not None


def test_evidence_is_undated_when_nobody_says_when_it_was_made() -> None:
    text = (DEFAULTS + CASE).replace(", age: 3d", "")
    assert load(text).cases[0].evidence[0].envelope.produced_at is None


def test_equal_evidence_is_one_document_and_other_evidence_is_another() -> None:
    same = "      - facts: [{name: recall, slice: a, value: 0.9}]\n"
    other = same.replace("0.9", "0.8")
    expect = "    expect: {floor: pass, complete: pass}\n"
    one = case(f"  - name: one\n    evidence:\n{same}{same}{other}{expect}")
    first, second, third = one.evidence
    assert first.envelope.id == second.envelope.id
    assert first.envelope.blob != third.envelope.blob


def test_a_real_file_is_named_with_what_the_case_declares_of_it() -> None:
    one = case(
        """\
  - name: one
    evidence: [{file: samples/card.md, as: hf-model-card, scope: {dataset: d}}]
    expect: {floor: pass, complete: pass}
"""
    )
    (named,) = one.files
    assert (named.path, named.declared.as_, named.declared.scope.dataset) == (
        "samples/card.md",
        "hf-model-card",
        "d",
    )
    assert named.declared.produced_at == AS_OF - timedelta(days=3)
    assert one.evidence == ()


def test_answers_and_waivers_of_a_case_are_those_of_verified_persons() -> None:
    one = case(
        """\
  - name: one
    attestations:
      - {rule: floor, person: ada, role: risk, answer: yes, signed_at: 2026-11-01T00:00:00Z}
    waivers:
      - {rule: floor, rows: [slice=a], expires: 2027-01-01T00:00:00Z}
    expect: {floor: fail, complete: {outcome: pass, disposition: open}}
"""
    )
    (answer,) = one.evidence
    (fact,) = answer.facts
    assert isinstance(fact, Attestation)
    assert (fact.person, fact.answer) == ("ada", "yes")
    assert answer.envelope.assurance is Assurance.VERIFIED
    (waiver,) = one.waivers
    assert waiver.approval is not None
    assert (waiver.approval.verified, waiver.rows) == (True, ("slice=a",))
    assert waiver.starts is not None
    assert waiver.starts < AS_OF


def test_a_rule_of_which_a_case_says_nothing_is_known() -> None:
    one = case("  - name: one\n    expect: {floor: inconclusive}\n")
    assert one.unasserted(policy()) == ("complete",)
    told = missing_cases(policy(), Cases("demo.recall", "demo.cases.yaml", (one,)))
    assert told == (
        "rule floor has no case that comes to pass, fail",
        "rule complete has no case that comes to pass, fail, inconclusive",
    )


def test_a_rule_without_a_pass_a_fail_and_an_unknown_case_is_told() -> None:
    assert missing_cases(policy(), None) == (
        "rule floor has no case that comes to pass, fail, inconclusive",
        "rule complete has no case that comes to pass, fail, inconclusive",
    )
    assert missing_cases(policy(), load()) == (
        "rule floor has no case that comes to fail, inconclusive",
        "rule complete has no case that comes to fail, inconclusive",
    )


def test_an_unknown_that_fails_is_shown_by_a_fail_with_reasons() -> None:
    strict = SOUND.replace("  - id: complete", "    on_unknown: fail\n  - id: complete")
    text = DEFAULTS + "".join(
        f"  - {{name: {name}, expect: {{floor: {expect}, complete: {outcome}}}}}\n"
        for name, expect, outcome in (
            ("one", "pass", "pass"),
            ("two", "fail", "fail"),
            ("three", "{outcome: fail, reasons: [missing]}", "inconclusive"),
        )
    )
    assert missing_cases(policy(strict), load(text, strict)) == ()
    assert load(text).cases[2].expect["floor"].outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("policy: demo.recall", "policy: demo.other", "cases-policy", "1:9"),
        ("  as_of: 2026-11-20T00:00:00Z\n", "", "missing-key", "8:5"),
        ("as_of: 2026-11-20T00:00:00Z", "as_of: 2026-11-20", "bad-instant", "3:10"),
        ("risk_tier: high", "risk_tier: hihg", "not-a-choice", "9:5"),
        ("stage: production", "version: 1", "wrong-type", "9:5"),
        ("slices: [a, b]", "slices: [a]", "param-bounds", "6:20"),
        ("slices: [a, b]", "slice: [a]", "param-unknown", "6:12"),
        ("assurance: ci", "assurance: cii", "not-a-choice", "7:39"),
        ("age: 3d", "age: 3", "wrong-type", "7:48"),
        ("age: 3d", "age: three", "bad-duration", "7:48"),
        ("name: one", "name: one\n    params_: {}", "unknown-key", "10:5"),
        ("    evidence:\n", "    params: {floor: 50}\n    evidence:\n", "param-bounds", "10:21"),
        ("- {name: recall, slice: a,", "- {nme: recall, slice: a,", "unknown-key", "12:14"),
        ("slice: a, value: 0.9", "slice: a, value: '0.9'", "wrong-type", "12:45"),
        ("- {name: recall, slice: a", "- {type: metrics, slice: a", "facts-unknown", "12:13"),
        ("type: metric, ", "", "facts-unknown", "12:13"),
        ("coverage: [{question: m", "coverage: [{question: M", "bad-form", "14:31"),
        ("  - facts:", f"  - age: 1d\n        {MADE}\n        facts:", "case-age", "11:9"),
        ("  - facts:", "  - file: a.json\n        facts:", "case-evidence", "11:9"),
        ("expect: {floor: pass,", "expect: {flor: pass,", "rule-unknown", "15:14"),
        ("expect: {floor: pass,", "expect: {floor: passes,", "not-a-choice", "15:21"),
        ("expect: {floor: pass,", "expect: {floor: [pass],", "wrong-type", "15:21"),
        ("{outcome: pass,", "{outcom: pass,", "unknown-key", "15:38"),
        ("{outcome: pass,", "{outcome: pass, reasons: [misng],", "reason-unknown", "15:63"),
    ],
)
def test_an_unsound_case_is_refused(old: str, new: str, code: str, place: str) -> None:
    text = DEFAULTS + CASE
    assert old in text
    wrong = faults(lambda: load(text.replace(old, new, 1)))
    assert (code, f"demo.cases.yaml:{place}") in wrong


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("waivers: [{rule: flor, whole: true, expires: 2027-01-01T00:00:00Z}]", "rule-unknown", 22),
        ("waivers: [{rule: floor, expires: 2027-01-01T00:00:00Z}]", "waiver-names-nothing", 15),
        (f"attestations: [{{rule: flor, {ANSWER}}}]", "rule-unknown", 27),
    ],
)
def test_an_answer_or_waiver_of_no_rule_is_refused(written: str, code: str, place: int) -> None:
    text = f"{DEFAULTS}{CASE}    {written}\n"
    assert faults(lambda: load(text)) == [(code, f"demo.cases.yaml:16:{place}")]


def test_two_cases_may_not_have_one_name() -> None:
    wrong = faults(lambda: load(DEFAULTS + CASE + CASE))
    assert wrong == [("case-twice", "demo.cases.yaml:16:11")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../a.json", "bad-path"),
        ("a/../../x", "bad-path"),
        ("./a.json", "bad-path"),
        ("/etc/hostname", "bad-form"),
        ("..\\x", "bad-form"),
        ("C:/x", "bad-form"),
    ],
)
def test_a_file_of_a_case_stays_inside_its_folder(path: str, code: str) -> None:
    text = f"  - name: one\n    evidence: [{{file: '{path}'}}]\n    expect: {{floor: pass}}\n"
    assert faults(lambda: load(DEFAULTS + text)) == [(code, "demo.cases.yaml:10:23")]
