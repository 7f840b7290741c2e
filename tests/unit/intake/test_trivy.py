"""Trivy: what is listed was examined, what is not was not, and no line of code is kept."""

import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Coverage
from assaybook.intake.adapters.findings import without_tag
from assaybook.intake.declared import Declared
from support.documents import evidence_of, opened, refusal

VULNERABLE = {
    "VulnerabilityID": "CVE-1",
    "PkgName": "pillow",
    "InstalledVersion": "8",
    "Severity": "HIGH",
}
PACKAGES = [{"Name": "pillow", "Version": "8"}, {"Name": "numpy", "Version": "2"}]


def _report(*results: dict[str, Any], **top: Any) -> dict[str, Any]:
    return {
        "SchemaVersion": 2,
        "ArtifactName": ".",
        "ArtifactType": "repository",
        "Results": list(results),
        **top,
    }


def _locks(**more: Any) -> dict[str, Any]:
    return {"Target": "poetry.lock", "Class": "lang-pkgs", "Type": "poetry", **more}


def _row(evidence: Evidence, question: str) -> Coverage:
    return next(row for row in evidence.coverage if row.question == question)


def test_listed_packages_without_findings_were_examined_and_passed() -> None:
    (row,) = evidence_of(_report(_locks(Packages=PACKAGES))).coverage
    assert row == Coverage(
        question="security/vulnerability", examined=2, passed=2, failed=0, errored=0, skipped=0
    )


def test_a_target_whose_packages_are_not_listed_proves_nothing() -> None:
    evidence = evidence_of(_report(_locks(Packages=PACKAGES), _locks()))
    (row,) = evidence.coverage
    assert (row.examined, row.passed, row.errored, row.skipped) == (None, None, None, None)
    assert evidence.envelope.warnings[0].code == "packages-not-listed"


def test_what_was_not_listed_was_not_asked() -> None:
    evidence = evidence_of(_report(_locks(Packages=PACKAGES)))
    assert [row.question for row in evidence.coverage] == ["security/vulnerability"]


def test_a_report_without_targets_answers_nothing_and_says_so() -> None:
    for report in (_report(), {"SchemaVersion": 2, "ArtifactName": "."}, _report(Results=None)):
        evidence = evidence_of(report)
        assert (evidence.coverage, evidence.facts) == ((), ())
        assert evidence.envelope.warnings[0].code == "nothing-listed"


def test_a_submitter_can_say_how_many_files_were_searched_for_secrets() -> None:
    searched = Coverage(question="security/secret", examined=40, failed=0, errored=0, skipped=0)
    said = Declared(asked=("security/secret",), coverage=(searched,))
    evidence = evidence_of(_report(_locks(Packages=PACKAGES)), said=said)
    assert _row(evidence, "security/secret").examined == 40
    assert evidence.envelope.declared == ("asked", "coverage")


def test_one_vulnerable_package_is_one_failure_however_many_findings_it_has() -> None:
    second = {**VULNERABLE, "VulnerabilityID": "CVE-2"}
    evidence = evidence_of(_report(_locks(Packages=PACKAGES, Vulnerabilities=[VULNERABLE, second])))
    (row,) = evidence.coverage
    assert (len(evidence.facts), row.examined, row.passed, row.failed) == (2, 2, 1, 1)


@pytest.mark.parametrize(
    ("written", "severity"),
    [("CRITICAL", "critical"), ("Low", "low"), ("UNKNOWN", None), (3, None), (None, None)],
)
def test_an_unknown_severity_stays_unknown(written: object, severity: str | None) -> None:
    found = evidence_of(_report(_locks(Vulnerabilities=[{**VULNERABLE, "Severity": written}])))
    assert found.facts[0].model_dump()["severity"] == severity


@pytest.mark.parametrize("ended", [True, "true", "N/A", 1, [], {}])
def test_a_system_past_its_support_is_named_as_skipped(ended: object) -> None:
    target = {"Target": "img (debian 9)", "Class": "os-pkgs", "Type": "debian"}
    old = {"OS": {"Family": "debian", "Name": "9.13", "EOSL": ended}}
    (row,) = evidence_of(_report({**target, "Packages": PACKAGES}, Metadata=old)).coverage
    assert (row.examined, row.skipped, row.skipped_items) == (2, 1, ("debian 9.13",))


@pytest.mark.parametrize("odd", ["N/A", -1, [], [None], True])
def test_a_system_that_cannot_be_read_may_be_past_its_support(odd: object) -> None:
    target = {"Target": "img (debian 9)", "Class": "os-pkgs", "Packages": PACKAGES}
    for said in (odd, {"OS": odd}):
        (row,) = evidence_of(_report(target, Metadata=said)).coverage
        assert row.skipped_items == ("operating system",)


@pytest.mark.parametrize(
    ("top", "skipped"),
    [
        ({"Metadata": {"OS": {"Family": "cos", "Name": "9"}}}, ("cos 9",)),
        ({"Metadata": {"OS": {}}}, ()),
        ({"Metadata": {"OS": {"Family": "cos"}}, "ArtifactType": "filesystem"}, ()),
    ],
)
def test_an_image_whose_system_was_not_looked_into_is_not_examined_whole(
    top: dict[str, Any], skipped: tuple[str, ...]
) -> None:
    report = _report(_locks(Packages=PACKAGES), **{"ArtifactType": "container_image", **top})
    (row,) = evidence_of(report).coverage
    assert (row.skipped, row.skipped_items) == (len(skipped), skipped)


@pytest.mark.parametrize(
    ("listed", "summary", "counts"),
    [
        ([], {"Successes": 24, "Failures": 0}, (24, 24, 0)),
        ([{"ID": "A", "Status": "FAIL"}], {"Successes": 1, "Failures": 3}, (4, 1, 3)),
        ([{"ID": "A", "Status": "PASS"}, {"ID": "B", "Status": "FAIL"}], None, (2, 1, 1)),
        ([{"ID": "A", "Status": "EXCEPTION"}], {"Successes": 1, "Exceptions": 1}, (2, 1, 0)),
        ([{"ID": "A"}], None, (None, None, 1)),
        ([], {"Successes": "many"}, (None, None, 0)),
    ],
)
def test_settings_are_counted_from_the_summary_or_from_a_list_that_shows_passes(
    listed: list[object], summary: object, counts: tuple[int | None, int | None, int]
) -> None:
    target = {"Target": "Dockerfile", "Class": "config", "Misconfigurations": listed}
    (row,) = evidence_of(_report({**target, "MisconfSummary": summary})).coverage
    assert (row.examined, row.passed, row.failed) == counts


def test_a_check_that_passed_is_no_finding_and_an_excepted_one_is_suppressed() -> None:
    listed = [{"ID": "A", "Status": "PASS"}, {"ID": "B", "Status": "EXCEPTION"}]
    target = {"Target": "Dockerfile", "Class": "config", "Misconfigurations": listed}
    (fact,) = evidence_of(_report(target)).facts
    assert (fact.model_dump()["rule"], fact.model_dump()["suppressed"]) == ("B", True)


@pytest.mark.parametrize(
    ("status", "suppressed"),
    [
        ("ignored", True),
        ("not_affected", True),
        ("fixed", True),
        ("affected", False),
        ("under_investigation", False),
        (None, False),
    ],
)
def test_a_finding_that_was_taken_out_is_suppressed_only_if_it_was_ruled_out(
    status: str | None, *, suppressed: bool
) -> None:
    taken = {"Type": "vulnerability", "Status": status, "Finding": VULNERABLE}
    target = _locks(Packages=PACKAGES, ExperimentalModifiedFindings=[taken])
    evidence = evidence_of(_report(target))
    assert evidence.facts[0].model_dump()["suppressed"] is suppressed
    assert evidence.coverage[0].failed == (0 if suppressed else 1)


def test_a_package_with_a_listed_and_a_taken_out_finding_failed_once() -> None:
    other = {**VULNERABLE, "VulnerabilityID": "CVE-2"}
    taken = {"Type": "vulnerability", "Status": "affected", "Finding": other}
    listed = {"Vulnerabilities": [VULNERABLE], "ExperimentalModifiedFindings": [taken]}
    evidence = evidence_of(_report(_locks(Packages=PACKAGES, **listed)))
    (row,) = evidence.coverage
    assert (len(evidence.facts), row.examined, row.passed, row.failed) == (2, 2, 1, 1)


def test_no_quoted_line_and_no_environment_is_kept() -> None:
    code = {"Lines": [{"Number": 1, "Content": "zq-1", "Highlighted": "zq-2"}]}
    secret = {"RuleID": "token", "StartLine": 1, "Match": "zq-3", "Code": code}
    setting = {"ID": "A", "Status": "FAIL", "Message": "zq-6", "CauseMetadata": {"Code": code}}
    taken = {"Type": "secret", "Status": "ignored", "Finding": secret}
    spared = {"Type": "misconfiguration", "Status": "ignored", "Finding": setting}
    config = {"config": {"Env": ["A=zq-4"]}, "history": [{"created_by": "zq-5"}]}
    report = _report(
        {"Target": ".env", "Class": "secret", "Secrets": [secret]},
        {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [setting]},
        {"Target": "x", "Class": "secret", "ExperimentalModifiedFindings": [taken, spared]},
        Metadata={"ImageConfig": config},
    )
    found = opened(report)
    said = found.kept.decode() + found.evidence[0].model_dump_json()
    assert "zq-" not in said
    assert [fact.model_dump()["suppressed"] for fact in found.evidence[0].facts] == [
        *(False, False, True, True),
    ]


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("reg:5000/a/b:1.2", "reg:5000/a/b"),
        ("reg:5000/a/b", "reg:5000/a/b"),
        ("a@sha256:00", "a"),
        ("a:1@sha256:00", "a"),
        ("a", "a"),
    ],
)
def test_the_scans_of_all_versions_of_an_image_are_one_source(image: str, name: str) -> None:
    assert without_tag(image) == name


def test_a_report_names_the_digests_of_its_image() -> None:
    digest = f"sha256:{'a' * 64}"
    metadata = {"RepoDigests": [f"reg/app@{digest}", "odd", 7], "ImageID": "no digest"}
    evidence = evidence_of(_report(Metadata=metadata, ArtifactType="container_image"))
    assert [(one.name, one.digest) for one in evidence.envelope.subject.artifacts] == [
        ("reg/app", digest)
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({"SchemaVersion": 3, "Results": []}, "format-not-supported", id="newer"),
        pytest.param([{"Target": "a", "Type": "pip"}], "format-not-supported", id="older list"),
        pytest.param({"ClusterName": "c", "Findings": []}, "format-not-supported", id="cluster"),
        pytest.param(json.dumps(_report())[:-9], "json-malformed", id="truncated"),
        pytest.param(b'{"SchemaVersion": 2, "Results": "\xe9"}', "encoding-not-utf8", id="latin"),
        pytest.param(_report(Results={}), "document-breaks-format", id="results no list"),
        pytest.param(_report({"Class": "secret"}), "document-breaks-format", id="no target"),
        pytest.param(
            _report(_locks(Vulnerabilities={})), "document-breaks-format", id="no list of findings"
        ),
        pytest.param(
            _report(_locks(Vulnerabilities=[{"PkgName": "a"}])),
            "document-breaks-format",
            id="finding without id",
        ),
        pytest.param(
            _report({"Target": "a", "Secrets": [7]}), "document-breaks-format", id="odd secret"
        ),
        pytest.param(
            _report({"Target": "a", "Misconfigurations": [{}]}),
            "document-breaks-format",
            id="odd setting",
        ),
        pytest.param(
            _report({"Target": "a", "Licenses": [{}]}), "document-breaks-format", id="odd licence"
        ),
    ],
)
def test_a_report_that_breaks_its_format_is_refused(content: object, code: str) -> None:
    error = refusal(content)
    assert (error.code, bool(error.hint)) == (code, True)


@pytest.mark.parametrize(
    "odd",
    [
        '{"SchemaVersion": 2, "Results": [], "CreatedAt": NaN}',
        json.dumps(_report(CreatedAt=7, ReportID={}, Trivy=[], Metadata="x")),
        json.dumps(_report(_locks(Packages="many", Vulnerabilities=None))),
        json.dumps(_report({"Target": "\u202e{{7*7}}", "Class": "secret", "Secrets": []})),
        json.dumps(_report({"Target": "a", "ExperimentalModifiedFindings": [{"Type": "new"}]})),
    ],
)
def test_odd_values_beside_the_findings_are_left_unknown(odd: str) -> None:
    assert opened(odd).detected.format == "trivy"


def test_a_list_of_no_target_is_not_taken_for_trivy() -> None:
    assert refusal([{"Target": "a"}]).code == "format-unknown"
