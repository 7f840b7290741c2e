"""A governance lead breaks the policy that `assay init` wrote, and is told each time what to do."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from assaybook.domain.errors import AuthorError
from assaybook.language.build import build_policy
from assaybook.language.document_problems import problems_of
from assaybook.language.library import Folder
from assaybook.language.library_lint import lint
from assaybook.language.rules.rule import EXAMPLE, EXAMPLE_CASES
from assaybook.language.source import read_text
from assaybook.language.source_faults import malformed
from assaybook.shelf import shelf
from support.policies import references

TEMPLATE: Final = shelf("templates") / "init" / "policies" / "quality" / "accuracy.yaml"
FIRST: Final = TEMPLATE.read_text(encoding="utf-8")
WHEN: Final = "pass_when: row.value >= params.floor"


def told(before: str, after: str) -> list[tuple[str, str]]:
    """Return code and hint of all that is said of the policy with a part of it changed."""
    assert before in FIRST
    try:
        build_policy(read_text(FIRST.replace(before, after, 1), "accuracy.yaml"), references())
    except AuthorError as error:
        return [(each.code, each.hint) for each in problems_of(error)]
    return []


def test_the_first_policy_is_sound() -> None:
    assert told("version: 1", "version: 2") == []


@pytest.mark.parametrize(
    ("before", "after", "code", "hint"),
    [
        (WHEN, "pass_when: row.value => params.floor", "expression-syntax", "Write >="),
        (WHEN, f"{WHEN} and row.n > 5", "expression-syntax", "Write && for and."),
        (WHEN, "pass_when: row.value is at least params.floor", "expression-syntax", "Write =="),
        (WHEN, "pass_when: row.value >= 80%", "expression-syntax", "Write 0.8 for 80 %."),
        (WHEN, "pass_when: if row.n > 5 then row.n > 9", "expression-syntax", "? one : other"),
        (WHEN, f"{WHEN};", "expression-syntax", "Leave it out"),
        (WHEN, f"{WHEN} && row.value >= 80", "never-holds", "A ratio goes from 0 to 1."),
        (WHEN, "pass_when: row.vlaue >= params.floor", "unknown-field", "Did you mean value?"),
        (WHEN, "pass_when: row.value >= floor", "unknown-name", "Write params.floor."),
        (WHEN, "pass_when: value >= params.floor", "unknown-name", "Write row.value."),
        (WHEN, "pass_when: accuracy >= params.floor", "expression-type", "accuracy.all(r,"),
        (WHEN, "pass_when: accuracy.value >= params.floor", "unknown-field", "for_each: accuracy"),
        (WHEN, "pass_when: accuracy.vlaue >= params.floor", "unknown-field", ".coverage"),
        (WHEN, "pass_when: row.value >= params.floor %", "expression-syntax", ""),
        (WHEN, f"{WHEN} && accuracy.count > 3", "unknown-field", "Write size(accuracy)."),
        (WHEN, "pass_when: !row.value < 1", "yaml-tag", "in quotes"),
        (WHEN, "on_unknown: inconclusive", "rule-undecided", "Add pass_when:"),
        ("pass_when:", "passwhen:", "unknown-key", "Did you mean pass_when?"),
        ('split == "holdout"', "split == holdout", "unknown-name", 'write "holdout"'),
        ('split == "holdout"', "split == “holdout”", "expression-syntax", "straight quotes"),
        ("fresh_for: params.max_age", "fresh_for: 90 days", "bad-duration", "Write 90d."),
        ("default: 90d", "default: 3 months", "param-type", "Write 90d."),
        ("default: 90d", "default: 1y", "param-type", "Write 365d."),
        ("default: 90d", "default: 6mo", "param-type", "Write 180d."),
        ("default: 90d", "default: 36 hours", "param-type", "Write 36h."),
        ("default: 0.80", "default: 80", "param-bounds", "Write 0.8 for 80 %."),
        ("default: 0.80", 'default: "80%"', "param-type", "Write 0.8 for 80 %."),
        ("default: 0.80", "default: 0,80", "param-type", "with a point"),
        ("type: ratio", "type: percent", "not-a-choice", "Did you mean ratio?"),
        ("version: 1", "version: 1.0", "wrong-type", "Write 1, without a point."),
        ("MEASURE 2.3:", "MEASURE 2.33:", "control-unknown", "Did you mean MEASURE 2.3"),
        ("    enough:", "    let: {w: min(a, b)}\n    enough:", "no-value", "A comma within {"),
        ("title: The", "title: Accuracy: the", "yaml-malformed", "in quotes"),
        ("  - id:", "\t- id:", "yaml-malformed", "Indent with spaces"),
        ("    enough:", "   enough:", "yaml-malformed", "Indent keys of one mapping"),
        ("accuracy is {row.value}", "accuracy is {value}", "message-name", "Write {row.value}"),
        ("facts: metric", "facts: metrics", "facts-unknown", "Did you mean metric?"),
        ("facts: metric", "facts: toxicity", "facts-unknown", 'row.family == "toxicity"'),
        ("fresh_for: params.max_age", "fresh_for: 90", "wrong-type", "Write 90d for 90 days."),
        ("fresh_for: params.max_age", "fresh_for: 99999d", "bad-duration", "at most 36500d"),
        ("    fresh_for: params.max_age\n", "", "missing-key", "fresh_for: 90d, or never"),
        ("version: 1", "", "missing-key", "Write version: 1"),
        (WHEN, f"{WHEN} AND row.n > 5", "expression-syntax", "Write && for and."),
        (WHEN, "pass_when: not row.value < params.floor", "expression-syntax", "Write ! for not."),
        (WHEN, "pass_when: row.value >= 0,8", "expression-syntax", "write 0.02 for 0,02"),
        (WHEN, 'pass_when: row.value >= "0.8"', "expression-type", "without quotes: 0.8."),
        (WHEN, "pass_when: !(row.value > 1)", "yaml-malformed", "in quotes"),
        (WHEN, f"{WHEN} && ['a'].contains(row.slice)", "expression-type", 'row.slice in ["a"]'),
        ("    where: row", "     where: row", "yaml-malformed", "Indent keys of one mapping"),
        ("    where: row", "\twhere: row", "yaml-malformed", "Indent with spaces."),
        ("severity: high", "severity high", "yaml-malformed", "with a colon and a space"),
        ("title: The", 'title: "The', "yaml-malformed", "Close it."),
        ("why: A decision", "why: # A decision", "no-value", "in quotes"),
        ("    fresh_for:", "    enough: row.n > 5\n    fresh_for:", "unknown-key", "to a rule"),
        ("    enough:", "    facts: metric\n    enough:", "unknown-key", "to a need"),
        (WHEN, "pass_when: row.value ≥ params.floor", "expression-syntax", "Write >= for at"),
        (WHEN, f"{WHEN} \u2013 0.01", "expression-syntax", "Write a plain hyphen: -"),
        (WHEN, f"{WHEN}\u00a0&& row.n > 5", "expression-syntax", "only looks like one"),
        ("severity: high", "severity:\u00a0high", "yaml-malformed", "Type the blank anew"),
        ("rules:\n  - id", "rules:\n    id", "wrong-type", "Begin each entry of it with a hyphen"),
        ("{MEASURE 2.3: supports}", "[MEASURE 2.3]", "wrong-type", "in lines of their own"),
        ("{MEASURE 2.3: supports}", "yes", "wrong-type", ""),
    ],
    ids=lambda word: word if isinstance(word, str) else None,
)
def test_whoever_breaks_the_first_policy_is_told_what_to_do(
    before: str, after: str, code: str, hint: str
) -> None:
    found = told(before, after)
    assert [each for each in found if each[0] == code and hint in each[1]] != [], found
    assert len(found) == 1


def test_a_rule_that_judges_no_rows_is_told_how_it_would() -> None:
    found = told("    for_each: accuracy\n", "")
    assert {code for code, _hint in found} == {"unknown-name"}
    assert {hint for _code, hint in found} == {
        "Add for_each: accuracy to the rule, which judges row by row."
    }


def test_of_a_file_of_another_kind_nothing_but_that_is_told() -> None:
    with pytest.raises(AuthorError) as caught:
        build_policy(read_text("- {a: null}\n- {b: null}\n", "accuracy.yaml"), references())
    (only,) = problems_of(caught.value)
    assert (only.code, only.hint) == (
        "wrong-type",
        "This is a file of another kind: name the right one.",
    )


def test_a_length_of_time_that_is_none_gets_no_advice() -> None:
    assert told("default: 90d", "default: a while") == [("param-type", "")]


def test_a_share_outside_its_own_bounds_is_no_percentage() -> None:
    bounded = "default: 0.80\n    min: 0.9"
    assert told("default: 0.80", bounded) == [("param-bounds", "")]


def test_a_list_of_controls_is_shown_as_it_is_written() -> None:
    start, end = FIRST.index("controls:"), FIRST.index("params:")
    assert told(FIRST[start:end], "controls: [MEASURE 2.3]\n") == [
        (
            "wrong-type",
            "Write controls: {nist-ai-rmf-1.0: {MEASURE 2.3: implements}}, or {} for none.",
        )
    ]


def test_cases_that_cannot_be_read_are_not_called_missing(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "recall.yaml").write_text(EXAMPLE, encoding="utf-8")
    broken = EXAMPLE_CASES.replace("expect: {floor: fail}", "expect: {}").replace(
        '"2026-11-20T00:00:00Z"', "2026-11-20"
    )
    (folder / "recall.cases.yaml").write_text(broken, encoding="utf-8")
    shipped = Folder(shelf("policies"), "policies")
    found = lint([Folder(tmp_path, "")], [], references(), shipped)
    assert [each.code for each in found.warnings] == []
    assert [(each.code, each.hint) for each in found.problems] == [
        ("bad-instant", 'Write "2026-11-20T00:00:00Z".'),
        (
            "out-of-range",
            "Say of each rule what it must come to, such as pass, fail or inconclusive.",
        ),
    ]


def test_a_file_that_says_nothing_has_no_value() -> None:
    with pytest.raises(AuthorError) as caught:
        build_policy(read_text("null\n", "accuracy.yaml"), references())
    assert "no-value" in {each.code for each in problems_of(caught.value)}


def test_a_fault_of_yaml_without_a_place_is_one_of_the_file() -> None:
    found = malformed(yaml.MarkedYAMLError(problem="odd"), "accuracy.yaml", FIRST)
    assert (found.code, found.where) == ("yaml-malformed", "accuracy.yaml")
