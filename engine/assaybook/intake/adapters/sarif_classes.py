"""What the results of a SARIF driver are about: secrets, vulnerabilities, code, settings.

SARIF does not say it. A tool that looks for one thing is known by its name; one that looks for
several tags its rules.
"""

import re
from typing import Final

from assaybook.intake.adapters.findings import Class, Severity, severity_of_score, severity_word
from assaybook.intake.values import Json, mapping, number, sequence, word

_DRIVERS: Final[tuple[tuple[Class, str], ...]] = (
    ("secret", "gitleaks trufflehog detect-secrets ggshield gitguardian secretlint kingfisher"),
    (
        "vulnerability",
        (
            "grype osv-scanner pip-audit govulncheck cargo-audit dependency-check npm-audit safety "
            "snyk-open-source snyk-container"
        ),
    ),
    (
        "misconfiguration",
        (
            "checkov kics tfsec terrascan kubescape kube-linter hadolint kube-score zizmor "
            "scorecard dockle snyk-iac"
        ),
    ),
    ("exposure", "zap nuclei dastardly"),
    (
        "unsafe_code",
        "codeql bandit semgrep opengrep gosec brakeman njsscan nodejsscan flawfinder sonarqube",
    ),
    ("unsafe_code", "devskim modelscan modelaudit picklescan fickling snykcode mobsfscan"),
)
_BY_DRIVER: Final[dict[str, Class]] = {
    name: kind for kind, names in _DRIVERS for name in names.split()
}
_LINTERS: Final = frozenset(
    {
        *("ruff", "eslint", "pylint", "flake8", "mypy", "pyright", "rubocop", "stylelint"),
        *("checkstyle", "pmd", "ktlint", "shellcheck", "golangci-lint", "clippy", "markdownlint"),
    }
)
"""Tools most of whose rules are about style; only those about security are findings."""
CODEQL: Final = "CodeQL"
_QUALITY: Final = frozenset(
    {"maintainability", "reliability", "quality", "readability", "correctness", "useless-code"}
)
"""Tags of CodeQL's queries that are about quality, unless they are about security too."""
_SECURITY_RULE: Final = re.compile(r"S[0-9]{3}|security/|.*-security/")
"""Ids of rules about security in ruff and in plug-ins of ESLint."""
_TAGS: Final[dict[str, Class]] = {
    "secret": "secret",
    "secrets": "secret",
    "vulnerability": "vulnerability",
    "misconfiguration": "misconfiguration",
    "license": "license",
}
_STARTS: Final[tuple[tuple[str, Class], ...]] = (
    ("CKV_SECRET_", "secret"),
    ("CKV_CVE_", "vulnerability"),
    ("BC_CVE_", "vulnerability"),
    ("BC_LIC_", "license"),
    ("SNYK-CC-", "misconfiguration"),
    ("snyk:lic:", "license"),
)
"""Checkov and Snyk look for all of these, and say which in the ids of their rules alone."""
_UNREAD: Final = frozenset(
    {
        *("invalid-syntax", "syntax-error", "E999", "E902", "E0001", "F0002"),
        *("astroid-error", "parse-error", "fatal"),
    }
)
"""Ids under which linters (ruff, flake8, pylint) say that they could not parse a file."""
_ADVISORY: Final = re.compile(r"(?:CVE|GHSA|PYSEC|OSV|RUSTSEC|GO|SNYK|MAL)-[0-9A-Za-z]")
_LEVELS: Final[dict[str, Severity]] = {
    "error": "high",
    "warning": "medium",
    "note": "low",
    "none": "info",
}
_UNKNOWN: Final = frozenset({"unknown"})
_OPEN: Final = frozenset({"open", "review"})
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")


def class_of_driver(name: str) -> Class | None:
    """Return what a tool looks for, where it is known to look for one thing."""
    spelt = _NO_WORD.sub("-", name.lower()).strip("-")
    if spelt in _BY_DRIVER:
        return _BY_DRIVER[spelt]
    parts = spelt.split("-")
    return next((_BY_DRIVER[part] for part in parts if part in _BY_DRIVER), None)


def is_of_security(tool: str, rule_id: str, rule: dict[str, Json]) -> bool:
    """Tell whether a result is about security: all are, save what linters say of style.

    CodeQL has queries about quality too, and tags what each is about.
    """
    properties = mapping(rule.get("properties"))
    tags = [one for one in sequence(properties.get("tags")) if isinstance(one, str)]
    if not _is_linter(tool) and (tool != CODEQL or _QUALITY.isdisjoint(tags)):
        return True
    tagged = "security" in tags or "security-severity" in properties
    known = class_of_rule(rule_id, rule) is not None or _SECURITY_RULE.match(rule_id)
    return tagged or bool(known)


def class_of_id(rule_id: str) -> Class | None:
    """Return what a rule of Checkov or Snyk is about: its id says more than the tool's name."""
    return next((kind for start, kind in _STARTS if rule_id.startswith(start)), None)


def is_unread(tool: str, rule_id: str) -> bool:
    """Tell whether a linter's result says that a file could not be read, so was not examined."""
    return rule_id in _UNREAD and _is_linter(tool)


def _is_linter(tool: str) -> bool:
    return _NO_WORD.sub("-", tool.lower()).strip("-") in _LINTERS


def class_of_rule(rule_id: str, rule: dict[str, Json]) -> Class | None:
    """Return what a rule is about, by its tags or the form of its id."""
    for one in sequence(mapping(rule.get("properties")).get("tags")):
        if isinstance(one, str) and one.lower() in _TAGS:
            return _TAGS[one.lower()]
    return "vulnerability" if _ADVISORY.match(rule_id) else None


def said_of(holder: dict[str, Json]) -> tuple[Severity | None, bool]:
    """Return the severity that a result or a rule states, and whether that settles it.

    A score of 0 says that there is none.
    """
    properties = mapping(holder.get("properties"))
    if not properties:
        return None, False
    words = [
        *sequence(properties.get("tags")),
        properties.get("severity"),
        properties.get("issue_severity"),
    ]
    for raw in words:
        said = severity_word(raw)
        if said is not None:
            return said, True
    if _UNKNOWN & {str(raw).lower() for raw in words}:
        return None, True
    score = properties.get("security-severity")
    scored = severity_of_score(score) if number(score) else None
    return scored, scored is not None


def level_of(rule: dict[str, Json]) -> str | None:
    """Return the level that the results of a rule have where they state none."""
    return word(mapping(rule.get("defaultConfiguration")).get("level"))


def severity_of(
    result: dict[str, Json], of_rule: tuple[Severity | None, bool], level_of_rule: str | None
) -> Severity | None:
    """Return how bad a result is: as the tool's word, its score, or a level that is stated.

    SARIF has a level by default, ``warning``; a default that nobody wrote says nothing, and
    ``none`` is no level of what a person has yet to look at. The rule of a result is given as
    ``said_of`` and ``level_of`` tell it.
    """
    said, settled = said_of(result)
    if not settled:
        said, settled = of_rule
    if settled:
        return said
    level = word(result.get("level"))
    if level == "none" and word(result.get("kind")) in _OPEN:
        level = None
    return _LEVELS.get(level or level_of_rule or "")
