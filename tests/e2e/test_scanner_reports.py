"""Ordinary reports of scanners before the shipped security policies: what a lead gets to see."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.commands import assay

AT = "2026-11-20T09:00:00Z"
POLICIES = ("--policy", "security.dependencies", "--policy", "security.secrets")
SYSTEM = """
system: {id: s, name: S, owner: o, purpose: p, intended_uses: [t], deployed_use: t,
         risk_tier: high, roles: [provider], lifecycle: production}
releases:
  - {version: "1", stage: production, artifacts: [{name: m, kind: model, digest: "sha256:%s"}]}
"""
DONE = [{"executionSuccessful": True, "endTimeUtc": AT}]
FILES = [{"location": {"uri": "a.py"}}, {"location": {"uri": "b.py"}}]
PACKAGES = [{"Name": "pillow", "Version": "8.0.0"}]
FOUND = [{"VulnerabilityID": "CVE-1", "PkgName": "pillow", "InstalledVersion": "8.0.0"}]
PLACE = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}
LEAK = [{"ruleId": "aws", "message": {"text": "found"}, "locations": [PLACE]}]


def _trivy(**target: Any) -> dict[str, Any]:
    results = [{"Target": "poetry.lock", "Class": "lang-pkgs", **target}] if target else []
    return {"SchemaVersion": 2, "ArtifactName": ".", "CreatedAt": AT, "Results": results}


def _sarif(tool: str, results: list[Any], **run: Any) -> dict[str, Any]:
    driver = {"driver": {"name": tool}}
    return {"version": "2.1.0", "runs": [{"tool": driver, "results": results, **run}]}


def _outcomes(folder: Path, report: object, *more: str) -> tuple[int, dict[str, str]]:
    (folder / "system.yaml").write_text(SYSTEM % ("1" * 64), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    words = (*POLICIES, "--as-of", "2026-11-21T00:00:00Z", "--format", "json")
    evidence = () if "--manifest" in more else ("report.json",)
    done = assay("check", *evidence, *words, "--assurance", "ci", *more, inside=folder)
    found = {one["policy"].rpartition(".")[2]: one["outcome"] for one in done.value["findings"]}
    return done.code, found


@pytest.mark.parametrize(
    ("report", "dependencies", "secrets"),
    [
        pytest.param(_trivy(Packages=PACKAGES), "pass", "inconclusive",
                     id="Trivy lists the packages, and found nothing"),
        pytest.param(_trivy(Packages=PACKAGES, Vulnerabilities=FOUND), "fail", "inconclusive",
                     id="Trivy found a vulnerable package"),
        pytest.param(_trivy(Type="poetry"), "inconclusive", "inconclusive",
                     id="Trivy does not list the packages"),
        pytest.param(_trivy(), "inconclusive", "inconclusive", id="Trivy lists nothing at all"),
        pytest.param(_trivy(Class="secret", Secrets=[{"RuleID": "aws", "StartLine": 1}]),
                     "inconclusive", "fail", id="Trivy found a secret"),
        pytest.param(_sarif("gitleaks", [], invocations=DONE, artifacts=FILES),
                     "inconclusive", "pass", id="a clean search that lists its files"),
        pytest.param(_sarif("gitleaks", [], invocations=DONE), "inconclusive", "inconclusive",
                     id="a clean search that does not say how much it searched"),
        pytest.param(_sarif("gitleaks", LEAK, invocations=DONE), "inconclusive", "fail",
                     id="a search that found a secret"),
        pytest.param(_sarif("gitleaks", [], artifacts=FILES, invocations=[
            {"executionSuccessful": False, "endTimeUtc": AT}]), "inconclusive", "inconclusive",
            id="a search that broke off"),
        pytest.param(_sarif("Grype", [], invocations=DONE, artifacts=FILES),
                     "pass", "inconclusive", id="a clean audit in SARIF"),
        pytest.param(_sarif("House linter", [], invocations=DONE, artifacts=FILES),
                     "inconclusive", "inconclusive", id="a tool that looked for something else"),
        pytest.param({"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [],
                      "components": [{"type": "library", "name": "pillow"}],
                      "metadata": {"timestamp": AT}}, "inconclusive", "inconclusive",
                     id="a bill of materials is no scan"),
        pytest.param({"bomFormat": "CycloneDX", "specVersion": "1.6",
                      "metadata": {"timestamp": AT}, "vulnerabilities": [{"id": "CVE-1"}]},
                     "fail", "inconclusive", id="a bill of materials with a vulnerability"),
    ],
)  # fmt: skip
def test_a_report_passes_fails_or_leaves_open_what_it_looked_for(
    report: object, dependencies: str, secrets: str, tmp_path: Path
) -> None:
    code, found = _outcomes(tmp_path, report)
    assert found == {"dependencies": dependencies, "secrets": secrets}
    assert code == (1 if "fail" in found.values() else 3)


def test_a_pipeline_that_states_what_it_searched_passes_both_policies(tmp_path: Path) -> None:
    (tmp_path / "evidence.yaml").write_text(
        "files:\n"
        "  - path: report.json\n"
        "    asked: [security/secret]\n"
        "    coverage:\n"
        "      - {question: security/secret, examined: 120, failed: 0, errored: 0, skipped: 0}\n",
        encoding="utf-8",
    )
    report = _trivy(Packages=PACKAGES)
    code, found = _outcomes(tmp_path, report, "--manifest", "evidence.yaml")
    assert (code, found) == (0, {"dependencies": "pass", "secrets": "pass"})


def test_our_own_reports_in_the_folder_are_no_evidence_of_anything(tmp_path: Path) -> None:
    _outcomes(tmp_path, _trivy(Packages=PACKAGES, Vulnerabilities=FOUND))
    (tmp_path / "evidence").mkdir()
    (tmp_path / "report.json").rename(tmp_path / "evidence" / "report.json")
    words = (*POLICIES, "--as-of", "2026-11-21T00:00:00Z", "--assurance", "ci")
    first = assay("check", "evidence", *words, "--format", "json", inside=tmp_path).value
    outputs = ("--output", "sarif=evidence/assay.sarif", "--output", "junit=evidence/assay.xml")
    assay("check", "evidence", *words, *outputs, inside=tmp_path)
    again = assay("check", "evidence", *words, "--format", "json", inside=tmp_path)
    assert again.code == 1
    assert again.value["findings"] == first["findings"]
    assert again.value["problems"] == []
    (tmp_path / "named.sarif").write_bytes((tmp_path / "evidence" / "assay.sarif").read_bytes())
    named = assay("check", "named.sarif", *words, "--format", "json", inside=tmp_path)
    assert [one["code"] for one in named.value["problems"]] == ["format-unknown"]
