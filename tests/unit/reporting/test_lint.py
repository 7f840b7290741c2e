"""What lint found as SARIF, JUnit and annotations: one thing, one place, one fingerprint."""

import json
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from assaybook.domain.errors import AuthorError
from assaybook.reporting.lint import Told, lint_annotations, lint_junit, lint_sarif, told
from support.sarif import faults

FILE: Final = "policies/demo/recall.yaml"
PROBLEM: Final = AuthorError(
    "never-holds",
    "this never holds: m.value is 0 to 1\n    m.value >= 90\n    ^^^^^^^^^^^^^",
    where=f"{FILE}:18:16",
    hint="A ratio goes from 0 to 1.",
)
WARNING: Final = AuthorError("fix-missing", "no fix", where=f"{FILE}:15:5", hint="Add fix:.")
WHOLE: Final = AuthorError("folder-empty", "the folder holds no policy", where="empty")


def found(*problems: AuthorError, warnings: tuple[AuthorError, ...] = ()) -> tuple[Told, ...]:
    return told(problems, warnings)


def sarif(*problems: AuthorError, warnings: tuple[AuthorError, ...] = ()) -> Any:
    return json.loads(lint_sarif(found(*problems, warnings=warnings), "assaybook 1.0"))


def test_a_problem_is_told_with_line_column_and_what_the_caret_points_at() -> None:
    (one,) = found(PROBLEM)
    assert (one.file, one.line, one.column) == (FILE, 18, 16)
    assert one.message == "this never holds: m.value is 0 to 1"
    assert one.quoted.endswith("^^^^")


def test_what_is_said_of_a_whole_file_or_folder_points_at_its_beginning() -> None:
    (one,) = found(WHOLE)
    assert (one.file, one.line, one.column) == ("empty", 1, 1)


def test_the_sarif_log_follows_its_schema_and_describes_each_code_once() -> None:
    log = sarif(PROBLEM, PROBLEM, WHOLE, warnings=(WARNING,))
    assert faults(log) == []
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["fix-missing", "folder-empty", "never-holds"]
    assert "To mend it:" in rules[2]["help"]["text"]
    assert [each["level"] for each in run["results"]] == ["error", "error", "error", "warning"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 18, "startColumn": 16}


def test_a_clean_run_has_a_log_without_results() -> None:
    log = sarif()
    assert faults(log) == []
    assert log["runs"][0]["results"] == []


def test_a_fingerprint_stays_while_lines_move_and_tells_equal_faults_apart() -> None:
    moved = AuthorError(PROBLEM.code, PROBLEM.message, where=f"{FILE}:99:2")
    before, after = found(PROBLEM)[0].fingerprint, found(moved)[0].fingerprint
    assert before == after
    assert len({each.fingerprint for each in found(PROBLEM, moved)}) == 2
    other = AuthorError(PROBLEM.code, PROBLEM.message, where="policies/demo/other.yaml:18:16")
    assert found(other)[0].fingerprint != before


def test_the_line_of_a_first_key_is_no_part_of_a_fingerprint() -> None:
    first, second = (
        AuthorError("yaml-duplicate-key", f"stands twice; first in line {line}", where="a:1:1")
        for line in (3, 4)
    )
    assert found(first)[0].fingerprint == found(second)[0].fingerprint


def test_a_code_of_somebody_else_is_reported_all_the_same() -> None:
    log = sarif(AuthorError("house-rule", "x", where="a.yaml:1:1"))
    assert faults(log) == []
    assert log["runs"][0]["tool"]["driver"]["rules"][0]["id"] == "house-rule"


def test_annotations_begin_with_the_sum_and_stand_at_their_lines() -> None:
    lines = lint_annotations(found(PROBLEM, warnings=(WARNING,)), "1 problem").splitlines()
    assert lines[0] == "::error title=Assaybook%3A policy lint::1 problem"
    assert lines[1].startswith(f"::error file={FILE},title=never-holds,line=18,col=16::")
    assert lines[2].startswith("::warning ")
    assert lint_annotations((), "clean").startswith("::notice ")


@pytest.mark.parametrize("text", ["a\n::error::b", "##vso[task]", "a%0A::stop"])
def test_no_text_of_a_file_becomes_a_command(text: str) -> None:
    error = AuthorError("unknown-key", text, where=f"{FILE}:1:1", hint=text)
    lines = lint_annotations(found(error), "x").splitlines()
    assert [line[:8] for line in lines] == ["::error ", "::error "]
    assert "##vso[" not in lint_sarif(found(error), "assaybook 1") + lint_junit(
        {}, found(error), ""
    )


def test_in_junit_a_file_fails_by_its_errors_and_passes_with_warnings() -> None:
    other = AuthorError("fix-missing", "no fix", where="policies/demo/other.yaml:3:3")
    files = {FILE: "policy", "policies/demo/other.yaml": "policy"}
    page = ET.fromstring(lint_junit(files, found(PROBLEM, warnings=(WARNING, other)), "sum"))  # noqa: S314
    cases = {case.get("name"): case for case in page.iter("testcase")}
    assert set(cases) == {"lint", *files}
    failing = {name for name, case in cases.items() if case.find("failure") is not None}
    assert failing == {"lint", FILE}
    assert "18:16" in str(cases[FILE].findtext("failure"))
    assert "warning[fix-missing]" in str(cases["policies/demo/other.yaml"].findtext("system-out"))
    assert (page.get("tests"), page.get("failures")) == ("3", "2")


def test_in_junit_a_file_that_could_not_be_read_stands_among_the_cases() -> None:
    page = ET.fromstring(lint_junit({}, found(WHOLE), "sum"))  # noqa: S314
    assert [case.get("name") for case in page.iter("testcase")] == ["lint", "empty"]


def test_a_clean_file_is_a_case_that_passes() -> None:
    page = ET.fromstring(lint_junit({FILE: "policy"}, (), "clean"))  # noqa: S314
    assert (page.get("tests"), page.get("failures")) == ("2", "0")
