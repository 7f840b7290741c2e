"""The SARIF log: as the standard has it, and the same finding keeps its fingerprint."""

import json
from datetime import timedelta
from typing import Any

import pytest

from assaybook.domain.finding import (
    Assessment,
    Disposition,
    EvidenceUse,
    NeedUse,
    Outcome,
    ReasonShown,
    RowFinding,
)
from assaybook.domain.policy import Severity
from assaybook.reporting.sarif import assessment_sarif
from support.pack_documents import AS_OF, a_digest, documents
from support.pack_findings import a_finding, reaches
from support.packs import a_source, an_assessment
from support.sarif import faults


def _run(assessment: Assessment, **said: Any) -> Any:
    log = json.loads(assessment_sarif(assessment, **said))
    assert faults(log) == []
    return log["runs"][0]


def _print(**changed: Any) -> Any:
    made = a_finding("a.b", outcome=Outcome.FAIL, **changed)
    return _run(an_assessment((made,)))["results"][0]["partialFingerprints"]


def test_the_log_has_the_structure_of_the_standard() -> None:
    source = a_source()
    files = {one.envelope.id: f"evidence/{one.envelope.name}" for one in documents()}
    run = _run(source.assessment, problems=source.problems, files=files)
    assert run["automationDetails"]["id"] == "assaybook/harbour-triage/4.2.0"
    assert run["properties"]["assessment"] == a_digest("assessment")


@pytest.mark.parametrize(
    ("outcome", "kind", "level"),
    [
        (Outcome.PASS, "pass", "none"),
        (Outcome.FAIL, "fail", "error"),
        (Outcome.INCONCLUSIVE, "open", "none"),
        (Outcome.ERROR, "open", "none"),
        (Outcome.NOT_APPLICABLE, "notApplicable", "none"),
    ],
)
def test_each_outcome_has_a_kind_of_its_own_and_only_a_fail_has_a_level(
    outcome: Outcome, kind: str, level: str
) -> None:
    made = a_finding("a.b", outcome=outcome, severity=Severity.HIGH)
    (result,) = _run(an_assessment((made,)))["results"]
    assert (result["kind"], result["level"]) == (kind, level)


def test_the_level_of_a_fail_follows_its_severity() -> None:
    levels = {
        severity: _run(an_assessment((a_finding("a.b", outcome=Outcome.FAIL, severity=severity),)))[
            "results"
        ][0]["level"]
        for severity in Severity
    }
    assert list(levels.values()) == ["note", "warning", "error", "error"]


def test_every_finding_is_at_least_one_result() -> None:
    assessment = a_source().assessment
    seen = {result["ruleId"] for result in _run(assessment)["results"]}
    assert seen == {f"{each.policy}/{each.rule}" for each in assessment.findings}


def test_a_fingerprint_stays_while_evidence_time_and_words_change() -> None:
    before = _print(evidence=(EvidenceUse(id="ev-1", pointer="/a", age=1.0),))
    later = _print(
        evidence=(EvidenceUse(id="ev-2", pointer="/b", age=9.0),),
        message="other words",
        release="9.9.9",
        policy_version=7,
        expires_at=AS_OF + timedelta(days=3),
    )
    assert before == later


@pytest.mark.parametrize("change", ["policy", "rule", "row", "system"])
def test_a_fingerprint_changes_with_what_is_judged(change: str) -> None:
    row = RowFinding(key="slice=a", outcome=Outcome.FAIL)
    other = RowFinding(key="slice=b", outcome=Outcome.FAIL)
    base = _print(rows=(row,))
    changed = {
        "policy": lambda: _run(
            an_assessment((a_finding("a.c", outcome=Outcome.FAIL, rows=(row,)),))
        )["results"][0]["partialFingerprints"],
        "rule": lambda: _run(
            an_assessment((a_finding("a.b", "other", outcome=Outcome.FAIL, rows=(row,)),))
        )["results"][0]["partialFingerprints"],
        "row": lambda: _print(rows=(other,)),
        "system": lambda: _print(rows=(row,), system="elsewhere"),
    }[change]()
    assert base != changed


def test_a_row_that_fails_is_a_result_at_its_place_in_the_evidence() -> None:
    use = EvidenceUse(id="ev-1", pointer="/slices/6/recall")
    rows = (
        RowFinding(key="slice=a", outcome=Outcome.PASS),
        RowFinding(key="slice=b", outcome=Outcome.FAIL, message="too low", evidence=(use,)),
        RowFinding(key="?", outcome=Outcome.INCONCLUSIVE),
    )
    made = a_finding("a.b", outcome=Outcome.FAIL, rows=rows)
    results = _run(an_assessment((made,)), files={"ev-1": "evidence/a b.json"})["results"]
    assert [result["kind"] for result in results] == ["fail", "open"]
    place = results[0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "evidence/a%20b.json"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "/slices/6/recall"
    assert results[0]["message"]["text"] == "slice=b: Fails: too low"


def test_a_finding_whose_rows_do_not_explain_it_is_a_result_itself() -> None:
    rows = (RowFinding(key="slice=a", outcome=Outcome.PASS),)
    made = a_finding("a.b", outcome=Outcome.INCONCLUSIVE, rows=rows)
    (result,) = _run(an_assessment((made,)))["results"]
    assert result["kind"] == "open"


def test_without_evidence_the_place_is_the_policy_that_waits_for_it() -> None:
    made = a_finding("drift.features", outcome=Outcome.INCONCLUSIVE)
    (result,) = _run(an_assessment((made,)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "policies/drift/features.yaml"


def test_no_path_of_a_file_climbs_or_names_a_host() -> None:
    made = a_finding("a.b", evidence=(EvidenceUse(id="ev-1"),))
    for path in ("../../etc/passwd", "//host/share", "C:\\x\\y", "javascript:alert(1)"):
        (result,) = _run(an_assessment((made,)), files={"ev-1": path})["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith(("/", ".."))
        assert ":" not in uri


def test_an_accepted_fail_is_suppressed_with_its_reason_and_stays_a_fail() -> None:
    made = a_finding(
        "explanation.method",
        outcome=Outcome.FAIL,
        disposition=Disposition.WAIVED,
        waiver="W-07",
    )
    (result,) = _run(an_assessment((made,)))["results"]
    (suppression,) = result["suppressions"]
    assert result["kind"] == "fail"
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "clinical review" in suppression["justification"]
    assert suppression["properties"]["waiver"] == "W-07"


def test_a_rule_has_its_sentence_and_its_controls() -> None:
    made = a_finding("a.b", fix="Train again.", controls=reaches("MEASURE 2.4", "A.6.2.4"))
    (rule,) = _run(an_assessment((made,)))["tool"]["driver"]["rules"]
    assert rule["help"]["text"].startswith("The measured value is at most the limit.")
    assert rule["help"]["text"].endswith("To mend it: Train again.")
    assert rule["properties"]["tags"] == ["nist-ai-rmf-1.0/MEASURE 2.4", "iso-42001-2023/A.6.2.4"]


def test_the_invocation_says_the_exit_code_and_what_could_not_be_read() -> None:
    source = a_source()
    (invocation,) = _run(source.assessment, problems=source.problems)["invocations"]
    assert invocation["exitCode"] == 1
    codes = [note["descriptor"]["id"] for note in invocation["toolExecutionNotifications"]]
    assert codes == ["json-malformed", "error"]


def test_no_text_of_evidence_is_a_link_in_a_viewer() -> None:
    made = a_finding("a.b", outcome=Outcome.FAIL, message="[press](https://evil.example)")
    (result,) = _run(an_assessment((made,)))["results"]
    assert "](" not in result["message"]["text"]


def test_what_nobody_knows_says_what_to_do_and_stands_first_at_the_file_that_is_named() -> None:
    told = ReasonShown(code="undated", path="metric in two.json", message="nobody said when")
    made = a_finding(
        "a.b",
        outcome=Outcome.INCONCLUSIVE,
        reasons=(told,),
        fix="Train it again.",
        needs=(NeedUse(need="m"),),
        evidence=(EvidenceUse(id="ev-1"), EvidenceUse(id="ev-2")),
    )
    files = {"ev-1": "one.json", "ev-2": "e/two.json"}
    (result,) = _run(an_assessment((made,)), files=files)["results"]
    assert "nobody said when" in result["message"]["text"]
    assert "produced_at" in result["message"]["text"]
    assert "Train it again" not in result["message"]["text"]
    places = [one["physicalLocation"]["artifactLocation"]["uri"] for one in result["locations"]]
    assert places == ["e/two.json", "one.json"]


def test_a_log_keeps_to_what_code_scanning_takes_and_says_what_it_leaves_out() -> None:
    rows = tuple(
        RowFinding(key=f"r{i}", outcome=Outcome.INCONCLUSIVE if i < 600 else Outcome.FAIL)
        for i in range(30_000)
    )
    many = reaches(*(f"A.{i}" for i in range(30)))
    made = a_finding("a.b", outcome=Outcome.FAIL, rows=rows, controls=many, sentence="so " * 999)
    run = _run(an_assessment((made,)))
    (rule,) = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 501
    assert run["results"][0]["message"]["text"].endswith("(29500 more rows not listed)")
    assert {result["kind"] for result in run["results"]} == {"fail"}
    assert len(rule["properties"]["tags"]) == 20
    assert len(rule["fullDescription"]["text"]) <= 1_024
    assert "so so" in rule["help"]["text"]
