"""detect-secrets: what was found, what a person says of it, and what nobody knows."""

from typing import Any

import pytest

from assaybook.domain.facts import Security
from support.documents import evidence_of, opened, refusal

HASH = "f97979ff44a9a1a4105f4bae6fe809715e0a0a84"


def _secret(line: int | None = 3, **more: Any) -> dict[str, Any]:
    found = {"type": "Secret Keyword", "filename": "a.py", "hashed_secret": HASH, **more}
    return found if line is None else {**found, "line_number": line}


def _scan(*secrets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "version": "1.5.0",
        "plugins_used": [{"name": "KeywordDetector"}],
        "filters_used": [],
        "results": {"src/a.py": list(secrets)} if secrets else {},
        "generated_at": "2026-11-20T09:00:00Z",
        **more,
    }


def _found(scan: dict[str, Any]) -> list[Security]:
    return [one for one in evidence_of(scan).facts if isinstance(one, Security)]


@pytest.mark.parametrize(
    ("more", "suppressed", "failed"),
    [({}, None, 1), ({"is_secret": True}, False, 1), ({"is_secret": False}, True, 0)],
    ids=["nobody looked", "a secret", "no secret"],
)
def test_only_a_person_can_say_that_a_find_is_no_secret(
    more: dict[str, Any], suppressed: object, failed: int
) -> None:
    scan = _scan(_secret(**more))
    (fact,) = _found(scan)
    assert (fact.rule, fact.location) == ("Secret Keyword", "src/a.py:3")
    assert fact.suppressed is suppressed
    (row,) = evidence_of(scan).coverage
    assert (row.question, row.failed, row.examined) == ("security/secret", failed, None)


def test_the_hash_of_a_secret_is_not_kept_since_it_can_be_guessed_from() -> None:
    read = opened(_scan(_secret()))
    assert HASH.encode() not in read.kept
    assert HASH not in read.evidence[0].model_dump_json()


def test_finds_of_one_kind_are_told_apart_with_and_without_lines() -> None:
    found = _found(_scan(_secret(), _secret(), _secret(None), _secret(None)))
    assert len({one.fingerprint for one in found}) == 4
    assert found[-1].location == "src/a.py"


def test_a_clean_scan_does_not_say_how_much_was_looked_through() -> None:
    (row,) = evidence_of(_scan()).coverage
    assert (row.examined, row.failed) == (None, 0)
    nobody = evidence_of(_scan(plugins_used=[]))
    assert nobody.coverage[0].examined == 0
    assert [one.code for one in nobody.envelope.warnings] == ["nothing-examined"]


def test_what_patterns_leave_out_is_told() -> None:
    path = "detect_secrets.filters.regex.should_exclude_"
    newer = _scan(filters_used=[{"path": f"{path}file"}, {"path": f"{path}x"}, {"path": 3}])
    older = _scan(exclude={"files": "^vendor/", "lines": None})
    for scan in (newer, older):
        (warning,) = evidence_of(scan).envelope.warnings
        assert (warning.code, warning.message) == ("left-out", "a pattern leaves out files")


def test_a_broken_scan_is_refused_where_it_is_broken() -> None:
    assert refusal(_scan(results={"a/b": 3})).where == "report.json#/results/a~1b"
    assert refusal(_scan(_secret(type=" "))).where == "report.json#/results/src~1a.py/0"
    assert refusal(_scan(results=[])).code == "format-unknown"
