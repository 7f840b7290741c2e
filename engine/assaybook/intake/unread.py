"""Outputs of well-known tools that no adapter reads, and which output of the tool is read instead.

What is of such a form is not refused as something foreign without a word: whoever submits it is
told what it is, and what to write in its place.
"""

import re
from collections.abc import Callable
from typing import Final

from assaybook.domain.record import record
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, sequence, word
from assaybook.intake.xml_text import attribute, child, children, tag

_TAG_VALUE: Final = re.compile(r"^SPDXVersion:[ \t]*SPDX-", re.MULTILINE)
_CHECKOV: Final = re.compile(r"\[[A-Z]+\]\[(?:CKV|BC)[0-9A-Z]*_")
"""How the name of a test of Checkov begins: severity and rule."""
_LOOKED: Final = 4_000
"""Characters at the beginning of a text that are looked at."""


@record
class Unread:
    """What a document is, and what its tool can write that is read."""

    what: str
    hint: str


def unread(document: Parsed) -> Unread | None:
    """Return what a document is if it is a form of a known tool that no adapter reads."""
    if document.media == "xml":
        return _of_xml(document)
    if _TAG_VALUE.search(document.beginning(_LOOKED)):
        return _SPDX["tag-value"]
    if document.media == "csv":
        columns = set(document.columns)
        return next((found for keys, found in _TABLES if keys <= columns), None)
    first = document.value
    if isinstance(first, list):
        first = first[0] if first else None
    one = mapping(first)
    return next((found for holds, found in _OBJECTS if holds(one)), None) if one else None


def _of_xml(document: Parsed) -> Unread | None:
    root = document.value
    if tag(root) == "RDF" and "spdx.org/rdf/terms" in document.beginning(_LOOKED):
        return _SPDX["RDF"]
    if tag(root) == "Document" and child(root, "spdxVersion") is not None:
        return _SPDX["XML"]
    return _REPORTS[scanner_of(root)] if scanner_of(root) else None


def scanner_of(root: Json) -> str:
    """Return the scanner whose findings a JUnit report holds in place of tests, or ""."""
    suites = [root, *children(root, "testsuite")]
    names = ((word(attribute(one, "name")) or "").lower() for one in suites)
    known = next((name for name in names if name in _REPORTS), "")
    return known or ("checkov" if any(map(_is_checkov, suites)) else "")


def _is_checkov(suite: Json) -> bool:
    """Tell whether a suite's tests are rules of Checkov: its name is only that of a framework."""
    first = next(iter(children(suite, "testcase")), None)
    return first is not None and bool(_CHECKOV.match(word(attribute(first, "name")) or ""))


def _has(*keys: str) -> Callable[[dict[str, Json]], bool]:
    wanted = frozenset(keys)
    return lambda found: wanted <= found.keys()


def _first(found: dict[str, Json], key: str) -> dict[str, Json]:
    """Return the first object of a list."""
    return mapping(next(iter(sequence(found.get(key))), None))


def _first_rule(found: dict[str, Json]) -> dict[str, Json]:
    """Return the first rule of the first group of alerts."""
    return _first(_first(found, "groups"), "rules")


def _is_dbt(found: dict[str, Json]) -> bool:
    schema = mapping(found.get("metadata")).get("dbt_schema_version")
    return isinstance(schema, str)


def _is_osv(found: dict[str, Json]) -> bool:
    return {"source", "packages"} <= _first(found, "results").keys()


def _is_link(found: dict[str, Json]) -> bool:
    return mapping(found.get("signed")).get("_type") == "link"


_SPDX: Final = {
    form: Unread(
        f"an SPDX 2 document as {form}",
        "Write it as JSON: most tools have an option for it, and pyspdxtools converts by suffix "
        "(pyspdxtools -i FILE -o FILE.spdx.json).",
    )
    for form in ("tag-value", "RDF", "XML")
}
_RUN_COLUMNS: Final = ("run_id", "experiment_id", "status", "artifact_uri")
_RUNS: Final = Unread(
    "a table of MLflow runs",
    "Write a run as JSON: run.to_dictionary(), or mlflow runs describe --run-id RUN (which of some "
    "versions breaks off for a run that evaluated a logged model).",
)
_CLASSES: Final = Unread(
    "a classification_report of scikit-learn",
    "Write what counts as assaybook/v1 JSON: precision, recall and F1 with the class as dimension "
    "and the support of recall as n.",
)
_DEEPEVAL: Final = Unread(
    "test results of DeepEval",
    "Write each metric's mean as assaybook/v1 JSON, with the number of cases as n.",
)
_JUNIT: Final = "a list of {}'s findings in the form of JUnit"
_REPORTS: Final = {
    "bandit": Unread(_JUNIT.format("Bandit"), "Write SARIF: bandit --format sarif."),
    "semgrep results": Unread(_JUNIT.format("Semgrep"), "Write SARIF: semgrep scan --sarif."),
    "gitleaks": Unread(
        _JUNIT.format("Gitleaks"), "Write JSON or SARIF: gitleaks ... --report-format json."
    ),
    "trivy": Unread(_JUNIT.format("Trivy"), "Write JSON: trivy ... --format json."),
    "ruff": Unread(_JUNIT.format("ruff"), "Write SARIF: ruff check --output-format sarif."),
    "checkov": Unread(_JUNIT.format("Checkov"), "Write SARIF: checkov --output sarif."),
}
"""Scanners that write their findings as tests, by the name of the report or its suite."""
_TABLES: Final = (
    (frozenset({"precision", "recall", "f1-score", "support"}), _CLASSES),
    (
        frozenset({"attribute_name", "attribute_value", "group_size"}),
        Unread(
            "a table of groups by Aequitas",
            "Write what counts as assaybook/v1 JSON: each metric with its slice (sex=f) and n, "
            "which is group_label_pos for tpr and pp for precision.",
        ),
    ),
    (
        frozenset({"chunk_key", "chunk_index", "chunk_period"}),
        Unread(
            "a table of chunks by NannyML",
            "Write the newest chunk as assaybook/v1 JSON: drift with column, method, statistic and "
            "value.",
        ),
    ),
    (
        frozenset({"RuleID", "Commit", "File", "Secret", "Fingerprint"}),
        Unread(
            "a report of Gitleaks as CSV", "Write JSON or SARIF: gitleaks ... --report-format json."
        ),
    ),
    (
        frozenset({"filename", "test_id", "issue_severity", "issue_confidence"}),
        Unread("a report of Bandit as CSV", "Write SARIF: bandit --format sarif."),
    ),
    (frozenset(_RUN_COLUMNS), _RUNS),
)
_OBJECTS: Final[tuple[tuple[Callable[[dict[str, Json]], bool], Unread], ...]] = (
    (
        lambda found: "spdxVersion" in mapping(found.get("sbom")),
        Unread(
            "an answer of GitHub's API with an SPDX document in it",
            "Submit what stands under sbom: gh api repos/OWNER/REPO/dependency-graph/sbom "
            "--jq .sbom.",
        ),
    ),
    (
        lambda found: "bundle" in _first(found, "attestations"),
        Unread(
            "an answer of a registry with Sigstore bundles in it",
            "Submit each bundle by itself (gh attestation download writes them so).",
        ),
    ),
    (
        _has("attestation", "verificationResult"),
        Unread(
            "what gh says of an attestation that it verified",
            "Submit the bundle that it verified: gh attestation download.",
        ),
    ),
    (
        lambda found: "verification_material" in found or "attestation_bundles" in found,
        Unread(
            "an attestation of PyPI, whose signature is of another form",
            "Convert it to a Sigstore bundle with the Python package pypi-attestations.",
        ),
    ),
    (
        lambda found: "condition" in _first_rule(found),
        Unread(
            "a file of Grafana's own alerts",
            "Submit Prometheus rules: groups of rules with alert and expr.",
        ),
    ),
    (_has("macro avg", "weighted avg"), _CLASSES),
    (_has(*_RUN_COLUMNS), _RUNS),
    (
        lambda found: all(key.endswith("Detector") for key in found),
        Unread(
            "a scan by Giskard",
            "Make a suite of the scan, run it in pytest (suite.to_unittest()) and write JUnit XML: "
            "pytest --junitxml FILE.",
        ),
    ),
    (lambda found: "metrics_data" in _first(found, "test_results"), _DEEPEVAL),
    (lambda found: "metricsData" in _first(found, "testCases"), _DEEPEVAL),
    (
        _has("dependencyCount", "packageManager"),
        Unread("a report of Snyk as JSON", "Write SARIF: snyk test --sarif."),
    ),
    (
        _has("check_type", "summary"),
        Unread("a report of Checkov as JSON", "Write SARIF: checkov --output sarif."),
    ),
    (
        _has("checkov_version", "resource_count"),
        Unread(
            "a report of Checkov that found nothing to look at",
            "Point Checkov at the files, and write SARIF: checkov --output sarif.",
        ),
    ),
    (
        _has("auditReportVersion", "metadata"),
        Unread(
            "a report of npm audit",
            "Scan the lock file instead: trivy fs --list-all-pkgs --format json.",
        ),
    ),
    (
        _has("scanInfo", "reportSchema"),
        Unread(
            "a report of OWASP Dependency-Check as JSON",
            "Write SARIF: dependency-check --format SARIF.",
        ),
    ),
    (
        _has("filePath", "messages", "errorCount"),
        Unread(
            "a report of ESLint as JSON",
            "Write SARIF: eslint --format @microsoft/eslint-formatter-sarif.",
        ),
    ),
    (
        _has("noqa_row", "code", "filename"),
        Unread("a report of ruff as JSON", "Write SARIF: ruff check --output-format sarif."),
    ),
    (
        _has("numTotalTests", "testResults"),
        Unread("a report of Jest as JSON", "Write JUnit XML: jest --reporters=jest-junit."),
    ),
    (
        _has("exitcode", "tests", "summary"),
        Unread("a report of pytest as JSON", "Write JUnit XML: pytest --junitxml FILE."),
    ),
    (
        _has("offender", "leakURL"),
        Unread("a report of Gitleaks before 8", "Scan with Gitleaks 8: --report-format json."),
    ),
    (
        _has("stringsFound", "commitHash"),
        Unread("a report of TruffleHog 2", "Scan with TruffleHog 3: --json."),
    ),
    (
        _has("results", "metrics", "errors", "generated_at"),
        Unread("a report of Bandit as JSON", "Write SARIF: bandit --format sarif."),
    ),
    (
        _has("results", "paths", "errors", "version"),
        Unread("a report of Semgrep as JSON", "Write SARIF: semgrep scan --sarif."),
    ),
    (
        _has("scan", "vulnerabilities", "version"),
        Unread(
            "a security report for GitLab",
            "Write SARIF, or the scanner's own JSON where that is read.",
        ),
    ),
    (
        _has("matches", "source", "descriptor"),
        Unread("a report of Grype as JSON", "Write SARIF or CycloneDX: grype -o sarif."),
    ),
    (
        _is_osv,
        Unread("a report of OSV-Scanner as JSON", "Write SARIF: osv-scanner --format sarif."),
    ),
    (
        _has("report_meta", "vulnerabilities", "scanned_packages"),
        Unread("a report of Safety", "Audit the environment with pip-audit --format json."),
    ),
    (
        _has("artifacts", "artifactRelationships", "descriptor"),
        Unread("a list of packages by Syft", "Write it as CycloneDX: syft -o cyclonedx-json."),
    ),
    (
        _has("verificationMaterial", "messageSignature"),
        Unread(
            "a signature of bytes that it does not name",
            "Sign a statement that names them: cosign attest-blob, or model_signing sign.",
        ),
    ),
    (
        _is_link,
        Unread(
            "a link of in-toto",
            "Write an attestation, whose type is https://in-toto.io/Statement/v1.",
        ),
    ),
    (
        _has("promptIdx", "testIdx", "gradingResult"),
        Unread(
            "a result of promptfoo in each line", "Write JSON: promptfoo eval --output FILE.json."
        ),
    ),
    (
        _has("_wandb", "_step"),
        Unread(
            "the summary of a W&B run, which does not say whether the run ended",
            "Write the metrics of the finished run as a table and say what its columns mean "
            '("as: table" in the manifest), or as assaybook/v1 JSON.',
        ),
    ),
    (
        _is_dbt,
        Unread(
            "an artefact of dbt that holds no results",
            "Submit run_results.json, or sources.json of dbt source freshness.",
        ),
    ),
)
