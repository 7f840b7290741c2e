"""Reports that real tools write here and now: pytest's JUnit and ruff's SARIF and JUnit."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.facts import DataCheck
from support.documents import evidence_of, refusal

TESTS = """
import pytest

def test_holds(record_property):
    record_property("assaybook.family", "null")

def test_fails():
    assert 0

@pytest.mark.skip(reason="no data")
def test_skipped(): pass

@pytest.mark.xfail
def test_expected_to_fail():
    assert 0

@pytest.fixture
def late():
    yield
    raise RuntimeError

def test_breaks_after(late): pass

def test_fails_and_breaks(late):
    assert 0

@pytest.mark.parametrize("odd", ["a/b", "\\x1b[1m", "<&>", "\\u202e"])
def test_odd_names(odd): pass
"""
UNSAFE = "import pickle\n\n\ndef load(path: str):\n    return pickle.load(open(path, 'rb'))\n"


def _run(*words: str, inside: Path) -> bytes:
    done = subprocess.run(
        (sys.executable, "-m", *words), cwd=inside, capture_output=True, check=False, timeout=120
    )
    return done.stdout


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_a_run_of_pytest_is_read_as_it_went(family: str, tmp_path: Path) -> None:
    (tmp_path / "test_data.py").write_text(TESTS, encoding="utf-8")
    words = ("-q", "-p", "no:cacheprovider", "-o", f"junit_family={family}", "--junitxml=r.xml")
    _run("pytest", *words, "test_data.py", inside=tmp_path)
    evidence = evidence_of((tmp_path / "r.xml").read_bytes(), "r.xml")
    checks = {one.check: one.status for one in evidence.facts if isinstance(one, DataCheck)}
    plain = {name: end for name, end in checks.items() if "odd_names" not in name}
    assert plain == {
        "test_data.test_holds": "pass",
        "test_data.test_fails": "fail",
        "test_data.test_skipped": "skip",
        "test_data.test_expected_to_fail": "skip",
        "test_data.test_breaks_after": "error",
        "test_data.test_fails_and_breaks": "fail",
    }
    assert len(checks) == len(plain) + 4
    counts = {row.question: row for row in evidence.coverage}
    assert (counts["data_check/null"].passed, counts["data_check"].failed) == (1, 2)
    assert (counts["data_check"].errored, counts["data_check"].skipped) == (1, 2)
    assert evidence.envelope.produced_at is not None
    assert not evidence.envelope.malformed


def _ruff(form: str, folder: Path) -> bytes:
    (folder / "load.py").write_text(UNSAFE, encoding="utf-8")
    words = ("check", "--isolated", "--no-cache", "--select", "S,ANN", "--output-format", form)
    return _run("ruff", *words, "load.py", inside=folder)


def test_of_a_linter_only_what_is_about_security_is_a_finding(tmp_path: Path) -> None:
    evidence = evidence_of(_ruff("sarif", tmp_path), "r.sarif")
    facts: list[dict[str, Any]] = [one.model_dump(by_alias=True) for one in evidence.facts]
    assert [(one["class"], one["rule"]) for one in facts] == [("unsafe_code", "S301")]
    assert [one.code for one in evidence.envelope.warnings] == ["left-out"]


def test_a_linter_that_writes_junit_is_named_and_not_read_as_checks_of_data(tmp_path: Path) -> None:
    error = refusal(_ruff("junit", tmp_path), "r.xml")
    assert (error.code, "ruff" in error.message) == ("format-unknown", True)
    assert "sarif" in error.hint
