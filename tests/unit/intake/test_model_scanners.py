"""ModelScan, picklescan, Gitleaks from standard input: what could not be parsed was not scanned."""

import copy
import json
from typing import Any

import pytest

from assaybook.domain.evidence import Coverage
from support.documents import DEFECTS, evidence_of, refusal

SCAN: dict[str, Any] = json.loads((DEFECTS / "modelscan" / "skipped.json").read_bytes())
CLEAN = "----------- SCAN SUMMARY -----------\nScanned files: 2\nInfected files: 0\n"
FOUND = "/m/a.pkl: dangerous import 'os system' FOUND\n"


def _scan(**summary: object) -> dict[str, Any]:
    document = copy.deepcopy(SCAN)
    document["summary"].update(summary)
    return document


def _row(content: object, name: str = "report.json") -> Coverage:
    (row,) = evidence_of(content, name).coverage
    return row


def test_a_file_that_could_not_be_parsed_and_one_that_was_skipped_were_not_examined() -> None:
    row = _row(SCAN)
    assert (row.examined, row.passed, row.failed, row.errored, row.skipped) == (3, 1, 2, 1, 1)
    assert row.skipped_items == ("README.md",)


def test_each_issue_has_its_place_its_operator_and_its_severity() -> None:
    facts = [one.model_dump() for one in evidence_of(SCAN).facts]
    assert [(one["location"], one["rule"], one["severity"]) for one in facts] == [
        ("a.pkl", "os.system", "critical"),
        ("b.h5", "Keras.Lambda", "medium"),
    ]


def test_a_file_that_two_scanners_took_is_one_file() -> None:
    scanned = {"total_scanned": 3, "scanned_files": ["a.pkl", "a.pkl", "b.h5"]}
    assert _row(_scan(scanned=scanned)).examined == 2


@pytest.mark.parametrize("part", ["scanned", "skipped"])
def test_a_count_that_the_report_lacks_stays_unknown(part: str) -> None:
    document = _scan()
    del document["summary"][part]
    row = _row(document)
    assert (row.examined if part == "scanned" else row.skipped) is None


def test_a_report_without_its_errors_does_not_say_that_there_were_none() -> None:
    document = {key: value for key, value in SCAN.items() if key != "errors"}
    assert _row(document).errored is None


def test_a_report_that_counts_more_issues_than_it_lists_is_not_complete() -> None:
    assert _row(_scan(total_issues=9)).failed == 9


OLDER: dict[str, Any] = {
    "modelscan_version": "0.5.0",
    "timestamp": "2026-11-21T15:19:47.264311",
    "input_path": "models",
    "total_issues": 1,
    "summary": {"total_issues_by_severity": {"CRITICAL": 1}},
    "issues_by_severity": {
        "CRITICAL": [{"operator": "system", "module": "posix", "source": "a.pkl"}]
    },
    "errors": [],
    "scanned": {"total_scanned": 2, "scanned_files": ["a.pkl", "b.pkl"]},
}


def test_the_older_form_lists_issues_by_their_severity() -> None:
    evidence = evidence_of(OLDER)
    (row,), (fact,) = evidence.coverage, evidence.facts
    assert (row.examined, row.passed, row.failed, row.errored, row.skipped) == (2, 1, 1, 0, None)
    assert fact.pointer == "/issues_by_severity/CRITICAL/0"
    assert fact.model_dump()["severity"] == "critical"
    assert (evidence.envelope.scope.path, evidence.envelope.format_version) == ("models", "0.5.0")


def test_the_older_form_counts_what_it_could_not_parse_as_scanned() -> None:
    row = _row({**OLDER, "errors": ["b.pkl could not be parsed"]})
    assert (row.examined, row.passed, row.errored) == (2, None, 1)


def test_a_severity_of_another_scale_is_unknown() -> None:
    document = copy.deepcopy(SCAN)
    document["issues"][0]["severity"] = "CATASTROPHIC"
    del document["issues"][0]["operator"], document["issues"][0]["module"]
    fact = evidence_of(document).facts[0].model_dump()
    assert (fact["severity"], fact["rule"]) == (None, "modelscan.scanners.PickleUnsafeOpScan")


def test_the_time_of_a_scan_counts_where_it_has_a_zone() -> None:
    assert evidence_of(SCAN).envelope.produced_at is None
    zoned = _scan(timestamp="2026-11-20T23:19:50Z", input_path=".")
    envelope = evidence_of(zoned).envelope
    assert str(envelope.produced_at) == "2026-11-20 23:19:50+00:00"
    assert (envelope.scope.path, [one.code for one in envelope.warnings]) == (
        *(None, ["not-examined"]),
    )


@pytest.mark.parametrize(
    ("issues", "at"), [(None, "/issues"), ("none", "/issues"), ([{"operator": "x"}], "/issues/0")]
)
def test_a_scan_that_breaks_its_form_is_refused_at_its_place(issues: object, at: str) -> None:
    assert refusal({**SCAN, "issues": issues}).where == f"report.json#{at}"


def test_a_clean_scan_of_pickles_does_not_say_what_it_passed_over() -> None:
    row = _row(CLEAN, "scan.txt")
    assert (row.examined, row.passed, row.failed, row.errored) == (2, 2, 0, 0)
    assert row.skipped is None


def test_a_dangerous_import_is_a_row_at_its_line_without_a_severity() -> None:
    text = FOUND + "/m/x: y.pkl: dangerous import 'unknown unknown' FOUND\n" + CLEAN
    facts = [one.model_dump() for one in evidence_of(text, "scan.txt").facts]
    assert [(one["pointer"], one["location"], one["rule"], one["severity"]) for one in facts] == [
        ("line 1", "/m/a.pkl", "os.system", None),
        ("line 2", "/m/x: y.pkl", "unknown.unknown", None),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: could not parse /m/b.pkl as pickle: at position 2, opcode b'n' unknown",
        "ERROR: parsing pickle in /m/b.pkl: unknown",
        "Unhandled exception",
    ],
)
def test_a_pickle_that_could_not_be_parsed_is_an_error_that_the_summary_does_not_count(
    line: str,
) -> None:
    row = _row(f"{line}\n{CLEAN}", "scan.txt")
    assert (row.examined, row.passed, row.errored) == (2, None, 1)


def test_more_infected_files_than_lines_leaves_the_list_open() -> None:
    row = _row(FOUND + CLEAN.replace("Infected files: 0", "Infected files: 3"), "scan.txt")
    assert row.failed == 3


def test_more_dangerous_imports_than_lines_leaves_the_list_open() -> None:
    line = "/m/a.pkl: dangerous import 'os system' FOUND"
    summary = "----------- SCAN SUMMARY -----------\nScanned files: 4\nInfected files: 1"
    for counted, failed in ((1, 1), (2, 2)):
        row = _row(f"{line}\n{summary}\nDangerous globals: {counted}\n", "scan.txt")
        assert row.failed == failed


def test_a_summary_that_was_cut_off_does_not_say_how_many_were_scanned() -> None:
    row = _row("----------- SCAN SUMMARY -----------\n", "scan.txt")
    assert (row.examined, row.passed) == (None, None)


def test_output_without_its_summary_is_read_in_part_where_it_is_declared() -> None:
    assert refusal(FOUND, "scan.txt").code == "format-unknown"
    evidence = evidence_of(FOUND, "scan.txt", as_format="picklescan")
    assert (evidence.envelope.malformed, evidence.coverage[0].errored) == (True, 1)
    assert refusal("words", "scan.txt", as_format="picklescan").code == "format-contradicted"


def test_suspicious_imports_that_the_tool_does_not_name_are_a_warning() -> None:
    (warning,) = evidence_of(f"{CLEAN}Suspicious globals: 2\n", "scan.txt").envelope.warnings
    assert warning.message.startswith("2 imports")


def test_the_output_of_two_scans_in_one_file_is_refused_at_the_second() -> None:
    assert refusal(CLEAN + CLEAN, "scan.txt").where == "scan.txt#line 5"


def test_a_secret_in_standard_input_has_no_file() -> None:
    document = json.loads((DEFECTS / "gitleaks" / "stdin.json").read_bytes())
    fact = evidence_of(document).facts[0].model_dump()
    assert fact["location"] == "standard input:2"
    assert refusal([{**document[0], "File": None}]).where == "report.json#/0"


def test_a_file_may_be_called_like_a_finding() -> None:
    text = f"/m/x: dangerous import 'a b': dangerous import 'os system' FOUND\n{CLEAN}"
    (fact,) = evidence_of(text, "scan.txt").facts
    assert fact.model_dump()["location"] == "/m/x: dangerous import 'a b'"
    assert evidence_of(f": dangerous import 'os system' FOUND\n{CLEAN}", "scan.txt").facts == ()
