"""SARIF: an absent list is no search, a tool that failed proves nothing, defaults say nothing."""

import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Coverage
from assaybook.intake.adapters.sarif_classes import class_of_driver
from assaybook.intake.declared import Declared
from support.documents import evidence_of, opened, refusal

DONE = [{"executionSuccessful": True, "endTimeUtc": "2026-11-20T09:00:00Z"}]
LISTED = [{"location": {"uri": "a.py"}}, {"location": {"uri": "b.py"}}]


def _log(driver: object = "gitleaks", **run: Any) -> dict[str, Any]:
    tool = {"driver": {"name": driver, "rules": run.pop("rules", [])}}
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": [], **run}]}


def _result(**more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}
    return {
        "ruleId": "rule",
        "message": {"text": "found"},
        "locations": [{"physicalLocation": place}],
        **more,
    }


def _row(log: dict[str, Any]) -> Coverage:
    (row,) = evidence_of(log).coverage
    return row


def _fact(log: dict[str, Any]) -> dict[str, Any]:
    (fact,) = evidence_of(log).facts
    return fact.model_dump(by_alias=True)


def test_a_clean_run_that_lists_what_it_analysed_is_a_proof() -> None:
    row = _row(_log(invocations=DONE, artifacts=LISTED))
    assert (row.question, row.examined, row.failed, row.errored, row.skipped) == (
        *("security/secret", 2),
        *(0, 0, 0),
    )


@pytest.mark.parametrize(
    ("run", "examined", "errored"),
    [
        ({"columnKind": "utf16CodeUnits"}, None, None),
        ({"invocations": DONE}, None, 0),
        ({"artifacts": LISTED}, 2, None),
        ({"invocations": [{"machine": "m"}], "artifacts": LISTED}, 2, None),
        ({"invocations": [{"executionSuccessful": False}], "artifacts": LISTED}, 2, 1),
    ],
)
def test_a_clean_run_that_does_not_say_how_far_it_got_proves_nothing(
    run: dict[str, Any], examined: int | None, errored: int | None
) -> None:
    row = _row(_log(**run))
    assert (row.examined, row.errored, row.failed) == (examined, errored, 0)


@pytest.mark.parametrize(
    ("driver", "kinds", "counts"),
    [
        ("ModelAudit", ["pickle", "unknown"], (1, 1, ("b.py",))),
        ("ModelAudit", ["unknown", "unknown"], (0, 2, ("a.py", "b.py"))),
        ("ModelAudit", ["pickle", "zip"], (2, 0, ())),
        ("picklescan", ["pickle", "unknown"], (2, 0, ())),
    ],
    ids=["one-unknown", "all-unknown", "all-known", "another-tool"],
)
def test_a_file_that_no_scanner_of_a_tool_knows_was_not_examined(
    driver: str, kinds: list[str], counts: tuple[object, ...]
) -> None:
    listed = [one | {"properties": {"type": kind}} for one, kind in zip(LISTED, kinds, strict=True)]
    row = _row(_log(driver, invocations=DONE, artifacts=listed))
    assert (row.examined, row.skipped, row.skipped_items) == counts


def test_only_artifacts_that_were_analysed_count_where_roles_are_given() -> None:
    roles = [
        {"location": {"uri": "a.py"}, "roles": ["analysisTarget"]},
        {"location": {"uri": "rules.yml"}, "roles": ["toolSpecifiedConfiguration"]},
        {"location": {"uri": "b.py"}},
    ]
    assert _row(_log(artifacts=roles, invocations=DONE)).examined == 1


def test_a_list_of_only_what_was_found_does_not_say_what_was_looked_at() -> None:
    run = {"artifacts": LISTED[:1], "invocations": DONE, "results": [_result()]}
    assert _row(_log(**run)).examined is None


def test_absent_results_are_no_search_and_an_empty_list_is_one() -> None:
    log = _log(invocations=DONE, artifacts=LISTED)
    del log["runs"][0]["results"]
    row = _row(log)
    assert (row.examined, row.failed) == (0, None)
    assert evidence_of(log).envelope.warnings[0].code == "nothing-examined"


def test_results_in_another_file_open_the_list() -> None:
    outside = {"results": [{"location": {"uri": "more.sarif"}}]}
    assert evidence_of(_log(externalPropertyFileReferences=outside)).envelope.malformed


def test_errors_are_counted_and_files_that_are_warned_of_are_named_as_skipped() -> None:
    spot = {"physicalLocation": {"artifactLocation": {"index": 1}}}
    told = [
        {"level": "error"},
        {"locations": [spot]},
        {"level": "note", "locations": [spot]},
        {"level": "warning"},
    ]
    calls = [{"executionSuccessful": True, "toolExecutionNotifications": told}]
    row = _row(_log(invocations=calls, artifacts=LISTED))
    assert (row.errored, row.skipped, row.skipped_items) == (1, 2, ("a part", "b.py"))


@pytest.mark.parametrize("told", ["N/A", {}, -1, False])
@pytest.mark.parametrize("part", ["toolExecutionNotifications", "toolConfigurationNotifications"])
def test_notifications_that_cannot_be_read_open_the_list(part: str, told: object) -> None:
    calls = [{"executionSuccessful": True, part: told}]
    assert evidence_of(_log(invocations=calls, artifacts=LISTED)).envelope.malformed
    assert evidence_of(_log(invocations=told, artifacts=LISTED)).envelope.malformed


@pytest.mark.parametrize("level", ["N/A", "fatal", -1, [None], {"a": 1}, True])
def test_a_notification_of_a_level_that_there_is_not_is_an_error(level: object) -> None:
    calls = [{"executionSuccessful": True, "toolExecutionNotifications": [{"level": level}]}]
    assert _row(_log(invocations=calls, artifacts=LISTED)).errored == 1


def test_a_warning_that_names_no_file_still_leaves_something_unexamined() -> None:
    told = [{"level": "warning", "descriptor": {"id": "PartialParsing"}, "message": {"text": "x"}}]
    calls = [{"executionSuccessful": True, "toolExecutionNotifications": told}]
    row = _row(_log("Semgrep OSS", invocations=calls, artifacts=LISTED))
    assert (row.examined, row.skipped_items) == (2, ("PartialParsing",))


def test_a_file_that_a_linter_could_not_parse_was_not_examined() -> None:
    results = [_result(ruleId="invalid-syntax"), _result(ruleId="S301")]
    evidence = evidence_of(_log("ruff", results=results, invocations=DONE))
    (row,) = evidence.coverage
    assert (row.failed, row.errored, row.skipped_items) == (1, 1, ("a.py",))
    assert not evidence.envelope.warnings
    assert len(evidence_of(_log("House scanner", results=results, invocations=DONE)).facts) == 2


def test_checks_that_passed_say_how_many_were_made() -> None:
    results = [_result(kind="pass"), _result(kind="pass"), _result(kind="notApplicable"), _result()]
    row = _row(_log(results=results, invocations=DONE))
    assert (row.examined, row.passed, row.failed) == (3, 2, 1)


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        ({}, 1),
        ({"kind": "fail"}, 1),
        ({"kind": "open"}, 1),
        ({"kind": "review"}, 1),
        ({"kind": "pass"}, 0),
        ({"kind": "informational"}, 0),
        ({"kind": "notApplicable"}, 0),
        ({"baselineState": "absent"}, 0),
        ({"baselineState": "unchanged"}, 1),
    ],
)
def test_what_a_person_must_look_at_is_a_row(more: dict[str, Any], rows: int) -> None:
    assert len(evidence_of(_log(results=[_result(**more)])).facts) == rows


@pytest.mark.parametrize(
    ("result", "rule", "severity"),
    [
        ({}, {}, None),
        ({"level": "error"}, {}, "high"),
        ({"level": "none"}, {}, "info"),
        ({"level": "loud"}, {}, None),
        ({}, {"defaultConfiguration": {"level": "warning"}}, "medium"),
        ({"level": "error"}, {"properties": {"security-severity": "9.8"}}, "critical"),
        ({}, {"properties": {"security-severity": "5.3", "tags": ["x", "HIGH"]}}, "high"),
        ({}, {"properties": {"security-severity": "11"}}, None),
        ({}, {"properties": {"security-severity": "0.0"}}, None),
        ({"level": "note"}, {"properties": {"security-severity": "0.0"}}, "low"),
        ({"level": "note"}, {"properties": {"tags": ["UNKNOWN"]}}, None),
        ({"kind": "open", "level": "none"}, {}, None),
        ({"kind": "review"}, {"defaultConfiguration": {"level": "error"}}, "high"),
        ({"properties": {"issue_severity": "LOW"}}, {}, "low"),
        ({"properties": {"severity": 3}}, {}, None),
    ],
)
def test_severity_is_what_the_tool_says_and_a_default_says_nothing(
    result: dict[str, Any], rule: dict[str, Any], severity: str | None
) -> None:
    log = _log(rules=[{"id": "rule", **rule}], results=[_result(**result)])
    assert _fact(log)["severity"] == severity


@pytest.mark.parametrize(
    ("driver", "rule", "kind"),
    [
        ("gitleaks", {}, "secret"),
        ("CodeQL", {"tags": ["secret"]}, "unsafe_code"),
        ("Semgrep OSS", {}, "unsafe_code"),
        ("Grype", {}, "vulnerability"),
        ("OWASP ZAP", {}, "exposure"),
        ("checkov", {}, "misconfiguration"),
        ("Trivy", {"tags": ["misconfiguration", "security"]}, "misconfiguration"),
        ("Trivy", {"tags": ["secret"]}, "secret"),
        ("Trivy", {"tags": ["license"]}, "license"),
        ("House linter", {}, "unsafe_code"),
    ],
)
def test_a_result_is_of_the_class_that_its_tool_or_rule_looks_for(
    driver: str, rule: dict[str, Any], kind: str
) -> None:
    rules = [{"id": "rule", "properties": rule}]
    assert _fact(_log(driver, rules=rules, results=[_result()]))["class"] == kind


@pytest.mark.parametrize(
    ("driver", "rule", "rows"),
    [
        ("ruff", {"id": "I001"}, 0),
        ("ruff", {"id": "S301"}, 1),
        ("ESLint", {"id": "semi"}, 0),
        ("ESLint", {"id": "security/detect-eval"}, 1),
        ("ESLint", {"id": "x", "properties": {"tags": ["security"]}}, 1),
        ("ESLint", {"id": "x", "properties": {"security-severity": "7.0"}}, 1),
        ("pylint", {"id": "CVE-2026-1"}, 1),
        ("House linter", {"id": "semi"}, 1),
    ],
)
def test_what_a_linter_says_of_style_is_no_finding_of_security(
    driver: str, rule: dict[str, Any], rows: int
) -> None:
    evidence = evidence_of(_log(driver, rules=[rule], results=[_result(ruleId=rule["id"])]))
    assert len(evidence.facts) == rows
    assert [one.code for one in evidence.envelope.warnings] == ([] if rows else ["left-out"])


def test_bandit_lists_the_files_that_it_examined_with_their_metrics() -> None:
    metrics = {"_totals": {"loc": 9}, "a.py": {"loc": 4}, "b.py": {"loc": 5}}
    row = _row(_log("Bandit", invocations=DONE, properties={"metrics": metrics}))
    assert (row.question, row.examined, row.errored) == ("security/unsafe_code", 2, 0)
    broken = {"level": "error", "message": {"text": "syntax error"}}
    ended = [{"executionSuccessful": True, "toolConfigurationNotifications": [broken]}]
    row = _row(_log("Bandit", invocations=ended, properties={"metrics": metrics}))
    assert (row.examined, row.errored) == (1, 1)
    assert _row(_log("Bandit", properties={"metrics": {"_totals": {}}})).examined == 0
    assert _row(_log("gitleaks", properties={"metrics": metrics})).examined is None


def test_what_bandit_was_told_to_pass_over_is_said() -> None:
    totals = {"_totals": {"nosec": 1, "skipped_tests": 2}, "a.py": {}}
    (warning,) = evidence_of(_log("Bandit", properties={"metrics": totals})).envelope.warnings
    assert (warning.code, warning.message[:10]) == ("suppressed-unlisted", "3 findings")


def test_an_advisory_is_a_vulnerability_whoever_reports_it() -> None:
    assert _fact(_log("House", results=[_result(ruleId="GHSA-abcd")]))["class"] == "vulnerability"
    assert class_of_driver("") is None


def test_a_clean_run_of_an_unknown_tool_answers_what_its_rules_are_about() -> None:
    rules = [{"id": "CVE-2026-1"}, {"id": "b", "properties": {"tags": ["secrets"]}}, {"id": "c"}]
    found = evidence_of(_log("House", rules=rules)).coverage
    assert [row.question for row in found] == ["security/secret", "security/vulnerability"]


def test_a_submitter_can_say_what_an_unknown_tool_was_asked() -> None:
    log = _log("House", invocations=DONE, artifacts=LISTED)
    said = Declared(asked=("security/unsafe_code",))
    (row,) = evidence_of(log, said=said).coverage
    assert (row.question, row.examined, row.failed, row.errored) == (
        *("security/unsafe_code", 2),
        *(0, 0),
    )


@pytest.mark.parametrize(
    ("suppressions", "suppressed"),
    [
        (None, None),
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], False),
    ],
)
def test_a_suppression_holds_only_where_nobody_contests_it(
    suppressions: object, suppressed: object
) -> None:
    log = _log(results=[_result(suppressions=suppressions)])
    assert _fact(log)["suppressed"] is suppressed
    assert _row(log).failed == (0 if suppressed else 1)


@pytest.mark.parametrize(
    ("more", "fingerprint"),
    [
        ({}, "a.py:rule:3"),
        ({"fingerprints": {"v1": "abc"}}, "a.py:rule:abc"),
        ({"fingerprints": {"v1": "requires login"}}, "a.py:rule:3"),
        ({"partialFingerprints": {"primaryLocationLineHash": "9f:1"}}, "a.py:rule:9f:1"),
        ({"partialFingerprints": {"commitSha": "c0"}}, "a.py:rule:3"),
        ({"locations": [{"logicalLocations": [{"name": "f"}]}]}, ":rule:f"),
        ({"locations": []}, ":rule:"),
    ],
)
def test_a_result_is_known_again_by_what_the_tool_gives(
    more: dict[str, Any], fingerprint: str
) -> None:
    assert _fact(_log("House", results=[_result(**more)]))["fingerprint"] == fingerprint


def test_packages_of_one_image_are_told_apart() -> None:
    text = "Package: {0}\nInstalled Version: 1.1\nFixed Version: 1.2\nLink: x"
    results = [
        _result(ruleId="CVE-2026-1", message={"text": text.format(name)}) for name in ("a", "b")
    ]
    facts = [one.model_dump() for one in evidence_of(_log("Trivy", results=results)).facts]
    assert [(one["component"], one["fixed_in"]) for one in facts] == [("a", "1.2"), ("b", "1.2")]
    assert facts[0]["fingerprint"] != facts[1]["fingerprint"]
    other = [_result(ruleId="CVE-2026-1", message={"text": name}) for name in ("a", "b")]
    assert len({_print(one) for one in evidence_of(_log("Trivy", results=other)).facts}) == 2


def _print(fact: Any) -> str:
    return str(fact.fingerprint)


def test_a_rule_can_stand_in_an_extension_or_only_as_an_index() -> None:
    log = _log("CodeQL", results=[_result(ruleId=None, rule={"id": "py/x"})])
    rule = {"id": "py/x", "defaultConfiguration": {"level": "error"}}
    log["runs"][0]["tool"]["extensions"] = [{"name": "pack", "rules": [rule]}]
    assert (_fact(log)["rule"], _fact(log)["severity"]) == ("py/x", "high")
    log = _log(rules=[{"id": "first"}], results=[_result(ruleId=None, ruleIndex=0)])
    assert _fact(log)["rule"] == "first"
    assert _fact(_log(results=[_result(ruleId=None, ruleIndex=9)]))["rule"] is None


def test_a_rule_can_be_named_by_its_place_in_an_extension() -> None:
    tool = {"driver": {"name": "CodeQL", "rules": [{"id": "of-driver"}]}}
    pack = {"name": "queries", "rules": [{"id": "py/sql", "properties": {"tags": ["critical"]}}]}
    named = {"index": 0, "toolComponent": {"index": 0}}
    lost = {"index": 0, "toolComponent": {"guid": "of nobody"}}
    results = [{**_result(rule=one), "ruleId": None} for one in (named, lost)]
    log = {
        "version": "2.1.0",
        "runs": [{"tool": {**tool, "extensions": [pack]}, "results": results}],
    }
    facts = [fact.model_dump() for fact in evidence_of(log).facts]
    assert [(one["rule"], one["severity"]) for one in facts] == [
        ("py/sql", "critical"),
        (None, None),
    ]


def test_a_tool_that_looks_for_everything_says_what_by_the_ids_of_its_rules() -> None:
    named = ("CKV_SECRET_2", "CKV_CVE_2026_1", "BC_LIC_1", "CKV_AWS_20")
    log = _log("Checkov", results=[_result(ruleId=one) for one in named])
    found = [fact.model_dump(by_alias=True)["class"] for fact in evidence_of(log).facts]
    assert found == ["secret", "vulnerability", "license", "misconfiguration"]
    snyk = ("SNYK-PYTHON-JINJA2-1", "SNYK-CC-K8S-1")
    log = _log("Snyk", results=[_result(ruleId=one) for one in snyk])
    found = [fact.model_dump(by_alias=True)["class"] for fact in evidence_of(log).facts]
    assert found == ["vulnerability", "misconfiguration"]


@pytest.mark.parametrize(
    ("uri", "path"),
    [("my%20model/a.pt%3Adata.pkl", "my model/a.pt:data.pkl"), ("a%0Ab", "a%0Ab"), ("", None)],
)
def test_an_address_is_shown_as_the_path_that_it_is(uri: str, path: str | None) -> None:
    place = {"physicalLocation": {"artifactLocation": {"uri": uri}}}
    assert _fact(_log(results=[_result(locations=[place])]))["location"] == path


def test_a_result_can_have_a_message_by_id_and_no_rule() -> None:
    log = _log(results=[_result(ruleId=None, message={"id": "default", "arguments": ["a"]})])
    assert (_fact(log)["rule"], _fact(log)["fingerprint"]) == (None, "a.py::3")


def test_a_part_of_a_rule_is_that_rule() -> None:
    rules = [{"id": "CA1", "defaultConfiguration": {"level": "note"}}]
    assert _fact(_log(rules=rules, results=[_result(ruleId="CA1/2")]))["severity"] == "low"


def test_runs_are_told_apart_and_their_category_is_the_scope() -> None:
    log = _log("CodeQL", automationDetails={"id": "lang/python/run-7", "guid": "g"})
    log["runs"] += _log("CodeQL", automationDetails={"id": "lang/js/"})["runs"]
    log["runs"] += _log("CodeQL")["runs"]
    scopes = [(one.envelope.scope.job, one.envelope.run) for one in _all(log)]
    assert scopes == [("lang/python", "g"), ("lang/js", "run 2 of 3"), (None, "run 3 of 3")]


@pytest.mark.parametrize(
    ("run", "job"),
    [
        ({"versionControlProvenance": [{}, {"repositoryUri": "https://h/r"}]}, "https://h/r"),
        ({"properties": {"imageName": "reg/app:1.2"}}, "reg/app"),
        ({"automationDetails": {"id": "c/1"}, "properties": {"imageName": "x"}}, "c"),
        ({"properties": 7}, None),
    ],
)
def test_a_run_is_of_the_repository_or_image_that_it_was_pointed_at(
    run: dict[str, Any], job: str | None
) -> None:
    assert evidence_of(_log(**run)).envelope.scope.job == job


def test_runs_without_a_version_or_schema_are_no_log() -> None:
    assert refusal({"runs": []}).code == "format-unknown"


def _all(log: dict[str, Any]) -> tuple[Evidence, ...]:
    return opened(log).evidence


def test_no_snippet_command_or_author_is_kept() -> None:
    quoted = {"snippet": {"text": "zq-1"}}
    place = {"physicalLocation": {"region": quoted, "contextRegion": quoted}}
    flow = {"threadFlows": [{"locations": [{"location": place}]}]}
    result = _result(
        locations=[place],
        relatedLocations=[place],
        codeFlows=[flow],
        fixes=[{"artifactChanges": [{"replacements": [{"insertedContent": {"text": "zq-2"}}]}]}],
        partialFingerprints={"author": "zq-3", "email": "zq-4", "commitMessage": "zq-5"},
    )
    call = {
        "commandLine": "zq-6",
        "arguments": ["zq-7"],
        "environmentVariables": {"A": "zq-8"},
        "account": "zq-9",
    }
    held = [{"location": {"uri": "a.py"}, "contents": {"text": "zq-10"}}]
    found = opened(_log(results=[result], invocations=[call], artifacts=held))
    assert "zq-" not in found.kept.decode() + found.evidence[0].model_dump_json()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({**_log(), "version": "2.0.0"}, "format-not-supported", id="older"),
        pytest.param({"$schema": "sarif-1", "runs": []}, "format-not-supported", id="no version"),
        pytest.param(json.dumps(_log())[:-8], "json-malformed", id="truncated"),
        pytest.param(b'{"version": "2.1.0", "runs": ["\xff"]}', "encoding-not-utf8", id="latin"),
        pytest.param({"version": "2.1.0", "runs": []}, "document-breaks-format", id="no run"),
        pytest.param({"version": "2.1.0", "runs": [7]}, "document-breaks-format", id="odd run"),
        pytest.param(_log({}), "document-breaks-format", id="a driver without a name"),
        pytest.param(_log(results={}), "document-breaks-format", id="results no list"),
        pytest.param(_log(results=[7]), "document-breaks-format", id="an odd result"),
    ],
)
def test_a_log_that_breaks_its_format_is_refused(content: object, code: str) -> None:
    error = refusal(content, "log.sarif")
    assert (error.code, bool(error.hint)) == (code, True)


@pytest.mark.parametrize(
    "odd",
    [
        json.dumps(_log(invocations=[7, {"endTimeUtc": 3}], artifacts="x", automationDetails=[])),
        json.dumps(_log(results=[_result(locations=7, fingerprints=[], suppressions={})])),
        json.dumps(_log(results=[_result(ruleId="\u202e{{7*7}}", properties={"tags": 7})])),
        json.dumps(_log(results=[_result(rank=float("nan"))])),
    ],
)
def test_odd_values_beside_the_results_are_left_unknown(odd: str) -> None:
    assert opened(odd, "log.sarif").detected.format == "sarif"
