"""The published conformance cases of CEL: equal values, or a refusal that the docs list."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.values import Value
from assaybook.evaluation.closures import compile_node
from assaybook.evaluation.trace import Trace
from assaybook.evaluation.typed_json import answer, read_typed
from assaybook.language.parser import parse
from assaybook.service.evaluate_expression import evaluate_cases

EXTENSIONS = frozenset({"string_ext", "math_ext", "macros2"})
Pair = list[Any]
Case = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def cases(vectors: Path) -> list[Case]:
    lines = (vectors / "cel-conformance.jsonl").read_bytes().splitlines()
    answers = [json.loads(line) for line in evaluate_cases(lines)]
    assert len(answers) == len(lines)
    return [(json.loads(line), told) for line, told in zip(lines, answers, strict=True)]


def listed(checkout: Path) -> set[tuple[str, str]]:
    page = (checkout / "docs" / "cel-deviations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+/\w+) \| (.*?) \| [a-z_-]+ \| .+ \|$", page, re.MULTILINE)
    return {(section, name) for section, names in rows for name in re.findall(r"`([^`]+)`", names)}


def same(left: Pair, right: Pair) -> bool:
    if {left[0], right[0]} <= {"int", "double"}:
        a, b = float(left[1]), float(right[1])
        return a == b or (math.isnan(a) and math.isnan(b))
    if left[0] != right[0]:
        return False
    if left[0] == "list":
        return len(left[1]) == len(right[1]) and all(map(same, left[1], right[1]))
    if left[0] == "map":
        return len(left[1]) == len(right[1]) and all(
            any(same(key, k) and same(value, v) for k, v in right[1]) for key, value in left[1]
        )
    return bool(left[1] == right[1])


def test_no_answer_is_another_value_than_the_published_one(cases: list[Case]) -> None:
    wrong = [
        (case["expr"], told["value"])
        for case, told in cases
        if "value" in told
        and (case["kind"] == "eval_error" or not same(told["value"], case["want"]))
    ]
    assert wrong == []


def test_every_refused_case_is_listed_with_a_reason_and_no_other(
    cases: list[Case], checkout: Path
) -> None:
    refused = {
        (f"{case['file']}/{case['sec']}", case["name"])
        for case, told in cases
        if case["kind"] != "eval_error" and "value" not in told
    }
    assert refused == listed(checkout)


def test_of_the_core_at_most_one_case_in_fifty_is_refused(cases: list[Case]) -> None:
    core = [(case, told) for case, told in cases if case["file"] not in EXTENSIONS]
    good = [case for case, told in core if ("value" in told) == (case["kind"] != "eval_error")]
    assert len(good) >= 0.98 * len(core)


def test_the_quick_back_end_answers_the_published_cases_alike(cases: list[Case]) -> None:
    for case, told in cases:
        code = told.get("error", {}).get("code", "")
        dotted = any("." in name for name in case["bind"])
        if code.startswith(("expression-", "case-")) or dotted:
            continue
        env: dict[str, Value] = {name: read_typed(pair) for name, pair in case["bind"].items()}
        assert answer(compile_node(parse(case["expr"]).node).judge(env, Trace())) == told
