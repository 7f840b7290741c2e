"""JUnit: a test that did not run proves nothing, and an error is no pass."""

import pytest

from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import DataCheck
from support.documents import evidence_of, opened, refusal

CASE = '<testcase classname="t" name="{}"/>'


def _suite(*cases: str, head: str = 'name="data"') -> str:
    return f"<testsuites><testsuite {head}>{''.join(cases)}</testsuite></testsuites>"


def _row(*cases: str, head: str = 'name="data"') -> Coverage:
    (row,) = evidence_of(_suite(*cases, head=head), "r.xml").coverage
    return row


def _status(inner: str, extra: str = "") -> str | None:
    case = f'<testcase name="a" {extra}>{inner}</testcase>'
    (fact,) = evidence_of(_suite(case), "r.xml").facts
    assert isinstance(fact, DataCheck)
    return fact.status


@pytest.mark.parametrize(
    ("inner", "extra", "status"),
    [
        ("", "", "pass"),
        ("<failure/>", "", "fail"),
        ("<error/>", "", "error"),
        ("<skipped/>", "", "skip"),
        ("<failure/><error/>", "", "fail"),
        ("<system-out>failure</system-out>", "", "pass"),
        ("<rerunFailure/><failure/>", "", "fail"),
        ("<flakyFailure/>", "", "pass"),
        ("", 'status="notrun"', "skip"),
        ("", 'result="suppressed"', "skip"),
        ("", 'status="run"', "pass"),
        ("", 'status="failed"', "fail"),
        ("", 'result="error"', "error"),
        ("", 'status="undefined"', "error"),
        ("", 'status="N/A"', "error"),
        ("", 'status="untested"', "skip"),
        ("<skipped/>", 'status="failed"', "skip"),
    ],
)
def test_each_end_of_a_test_is_told_by_its_own_name(inner: str, extra: str, status: str) -> None:
    assert _status(inner, extra) == status


def test_skipped_and_broken_tests_were_not_examined() -> None:
    row = _row(
        CASE.format("a"),
        '<testcase name="b"><skipped/></testcase>',
        '<testcase name="c"><error/></testcase>',
        '<testcase name="d"><failure/></testcase>',
    )
    assert row.model_dump() == {
        "question": "data_check",
        "examined": 2,
        "passed": 1,
        "failed": 1,
        "errored": 1,
        "skipped": 1,
        "skipped_items": ("b",),
    }


def test_a_suite_without_tests_examined_nothing() -> None:
    assert (_row().examined, _row().failed) == (0, 0)
    (row,) = evidence_of("<testsuites/>", "r.xml").coverage
    assert row.examined == 0


def test_a_test_that_ran_twice_is_as_bad_as_its_worst_run() -> None:
    twice = CASE.format("a") + '<testcase classname="t" name="a"><failure/></testcase>'
    evidence = evidence_of(_suite(twice), "r.xml")
    assert [fact.model_dump()["status"] for fact in evidence.facts] == ["fail"]
    assert (evidence.coverage[0].passed, evidence.coverage[0].failed) == (0, 1)


def test_a_suite_that_counts_more_than_it_lists_is_not_whole() -> None:
    evidence = evidence_of(_suite(CASE.format("a"), head='name="s" tests="3"'), "r.xml")
    assert evidence.envelope.malformed
    assert evidence.envelope.warnings[0].code == "tests-not-listed"


def test_failures_that_are_counted_and_not_listed_are_kept() -> None:
    row = _row(CASE.format("a"), head='name="s" failures="2" errors="1"')
    assert (row.failed, row.errored) == (2, 1)


def test_each_suite_is_a_source_of_its_own() -> None:
    text = (
        '<testsuites><testsuite name="a"><testcase name="x"/>'
        '<testsuite name="b"><testcase name="y"/></testsuite></testsuite>'
        '<testsuite name="a"><testcase name="z"/></testsuite></testsuites>'
    )
    found = opened(text, "r.xml").evidence
    assert [(one.envelope.scope.job, len(one.facts)) for one in found] == [("a", 2), ("a/b", 1)]


def test_a_time_without_a_zone_is_none() -> None:
    text = _suite(CASE.format("a"), head='name="s" timestamp="2026-11-20T09:00:00"')
    envelope = evidence_of(text, "r.xml").envelope
    assert envelope.produced_at is None
    assert [one.code for one in envelope.warnings] == ["time-without-zone"]


def test_a_test_says_by_our_properties_what_it_is_about() -> None:
    case = (
        '<testcase name="a"><properties><property name="assaybook.family" value="leakage"/>'
        '<property name="assaybook.column" value="age"/><property name="other" value="x"/>'
        "</properties></testcase>"
    )
    evidence = evidence_of(_suite(case), "r.xml")
    fact = evidence.facts[0].model_dump()
    assert (fact["family"], fact["column"]) == ("leakage", "age")
    assert evidence.coverage[0].question == "data_check/leakage"


def test_a_family_that_does_not_exist_is_not_made_up() -> None:
    case = (
        '<testcase name="a"><properties><property name="assaybook.family" value="magic"/>'
        "</properties></testcase>"
    )
    assert evidence_of(_suite(case), "r.xml").coverage[0].question == "data_check"


def test_a_test_without_a_name_is_refused_at_its_line() -> None:
    error = refusal("<testsuite>\n<testcase/></testsuite>", "r.xml")
    assert (error.code, error.where) == ("document-breaks-format", "r.xml#line 2")


@pytest.mark.parametrize(
    "text",
    [
        '<testsuites><testsuite name="s" tests="NaN" failures="-1" errors="1e999"/></testsuites>',
        '<testsuite tests="99999999999999999999"/>',
        '<testsuite name="  "><testcase name="a" time="Infinity"/></testsuite>',
        "<testsuite><other/><properties/></testsuite>",
        f'<testsuite name="{"n" * 5000}"><testcase name="{"t" * 5000}"/></testsuite>',
        '<testsuite name="\u202e&lt;script&gt;"><testcase name="{{7*7}} \';--"/></testsuite>',
    ],
)
def test_odd_numbers_and_hostile_names_are_read_as_what_they_are(text: str) -> None:
    assert opened(text, "r.xml").detected.format == "junit"


def test_a_secret_in_the_output_of_a_test_is_not_kept() -> None:
    token = "ghp_" + "a1B2" * 9
    case = f'<testcase name="a"><system-out>{token}</system-out></testcase>'
    found = opened(_suite(case), "r.xml")
    assert token.encode() not in found.kept
    assert found.evidence[0].envelope.redactions == ("github-token: 1",)
    assert opened(found.kept, "r.xml").evidence[0].facts == found.evidence[0].facts


def test_another_root_element_is_no_junit() -> None:
    assert refusal("<coverage/>", "r.xml").code == "format-unknown"
    assert refusal("<coverage/>", "r.xml", as_format="junit").code == "format-contradicted"


ONE = '<testcase name="x"/>'


@pytest.mark.parametrize(
    "report",
    [
        f'<testsuites failures="1"><testsuite name="a">{ONE}</testsuite></testsuites>',
        f'<testsuite errors="1"><testsuite name="a">{ONE}</testsuite></testsuite>',
        f'<testsuites><testsuite name="a">{ONE}<error/></testsuite></testsuites>',
        f'<testsuite tests="2" failures="0" errors="0" skipped="1">{ONE}</testsuite>',
        f'<testsuite tests="2" failures="0" errors="0">{ONE}</testsuite>',
    ],
    ids=["a root counts it", "a suite around", "a suite broke", "one left out", "no word of it"],
)
def test_what_is_counted_around_the_tests_and_not_listed_keeps_the_list_open(report: str) -> None:
    envelope = evidence_of(report, "r.xml").envelope
    assert envelope.malformed
    assert [one.code for one in envelope.warnings] == ["tests-not-listed"]


def test_a_suite_that_broke_is_an_error_without_a_test() -> None:
    row = _row("<error message='could not load'/>")
    assert (row.examined, row.errored) == (0, 1)


def test_a_tool_that_counts_its_failures_as_errors_leaves_nothing_open() -> None:
    counts = 'name="eslint" tests="2" failures="0" errors="1" skipped="0"'
    listed = (CASE.format("a"), '<testcase name="b"><failure/></testcase>')
    evidence = evidence_of(_suite(*listed, head=counts), "r.xml")
    (row,) = evidence.coverage
    assert (row.failed, row.errored, evidence.envelope.malformed) == (1, 0, False)


def test_tests_that_are_counted_as_passed_need_not_be_listed() -> None:
    counts = 'name="pytest" tests="4" failures="1" errors="0" skipped="0"'
    listed = (CASE.format("a"), '<testcase name="b"><failure/></testcase>')
    envelope = evidence_of(_suite(*listed, head=counts), "r.xml").envelope
    assert not envelope.malformed
    assert envelope.warnings[0].message == "the suite counts 4 tests and lists 2"


@pytest.mark.parametrize(
    ("name", "job"),
    [("A-20261121143121", "A"), ("A-2026112114", "A-2026112114"), ("-20261121143121", None)],
)
def test_a_suite_is_the_same_source_whenever_it_ran(name: str, job: str | None) -> None:
    evidence = evidence_of(_suite(CASE.format("a"), head=f'name="{name}"'), "r.xml")
    assert evidence.envelope.scope.job == (job or name)


def test_a_test_outside_of_any_suite_is_not_lost_beside_one() -> None:
    failed = '<testcase name="b"><failure/></testcase>'
    suite = f'<testsuite name="s">{CASE.format("a")}</testsuite>'
    read = opened(f"<testsuites>{failed}{suite}</testsuites>", "r.xml").evidence
    counted = [(one.envelope.scope.job, one.coverage[0].passed, one.coverage[0].failed)
               for one in read]  # fmt: skip
    assert counted == [(None, 0, 1), ("s", 1, 0)]
    alone = evidence_of(f"<testsuites>{failed}</testsuites>", "r.xml")
    assert (alone.coverage[0].examined, alone.coverage[0].failed) == (1, 1)


def test_what_the_report_counts_and_nobody_lists_is_told_of_tests_outside_of_suites_too() -> None:
    head = '<testsuites tests="3" failures="2">'
    report = f'{head}<testcase name="a"><failure/></testcase></testsuites>'
    one = evidence_of(report, "r.xml")
    assert [warning.code for warning in one.envelope.warnings] == ["tests-not-listed"]
    assert one.envelope.malformed
