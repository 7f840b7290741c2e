"""Reports that are cut off, mixed up, hostile or of another format: told by name, never guessed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.errors import SubmitterError
from assaybook.domain.fact_types import columns_of
from assaybook.intake.registry import BUILT_IN
from support.documents import DEFECTS, opened, refusal

FORMATS = (
    *("art", "garak", "gitleaks", "lm-eval", "mlflow"),
    *("modelscan", "picklescan", "prometheus-rules", "promptfoo"),
    *("great-expectations", "dbt", "croissant", "model-card-toolkit", "deepchecks", "evidently"),
    *("inspect", "detect-secrets", "trufflehog"),
)
FILES = sorted(path for one in FORMATS for path in (DEFECTS / one).iterdir())
JSON_FILES = [path for path in FILES if path.suffix == ".json"]
HOSTILE = (
    *("\u202eevil", "a" * 5000, "<script>alert(1)</script>", "'; drop table facts; --"),
    *("=cmd()", "{{7*7}}", "\x1b[31mred", "\U0001d518\u0430", "../../etc/passwd", "%s%n", " "),
)
named = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
json_named = pytest.mark.parametrize(
    "path", JSON_FILES, ids=lambda path: f"{path.parent.name}/{path.name}"
)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: _mapped(one, change) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return change(value)


@named
def test_a_report_that_is_no_utf_8_is_refused(path: Path) -> None:
    raw = path.read_bytes()
    assert refusal(raw + b"\xff\xfe", path.name).code == "encoding-not-utf8"
    assert refusal(raw.decode().encode("utf-16"), path.name).code == "encoding-not-utf8"


@json_named
def test_a_report_that_was_cut_off_is_refused(path: Path) -> None:
    raw = path.read_bytes().rstrip()
    for length in (len(raw) - 1, len(raw) // 2, 1):
        assert refusal(raw[:length], path.name).code == "json-malformed"


@named
def test_a_report_is_not_taken_for_another_format(path: Path) -> None:
    for adapter in BUILT_IN:
        if adapter.name == path.parent.name:
            continue
        error = refusal(path.read_bytes(), path.name, as_format=adapter.name)
        assert error.code == "format-contradicted"


@json_named
def test_a_report_that_says_one_thing_twice_is_refused(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    at = text.index("{") + 1
    doubled = f'{text[:at]}"tool": 1, "tool": 2, {text[at:]}'
    assert refusal(doubled, path.name).code == "json-duplicate-key"


@json_named
def test_a_number_that_is_none_never_becomes_a_value(path: Path) -> None:
    def spoilt(value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(value, str):  # numbers in quotes, and JSON in a text
            return re.sub(r"\d+\.\d+|^\d+$", "NaN", value)
        return float("nan") if number else value

    document: Any = _mapped(json.loads(path.read_bytes()), spoilt)
    if path.name == "model-version.json":  # its metrics are printed, so they are no numbers
        document["metrics"] = None
    try:
        evidence = opened(document, path.name).evidence
    except SubmitterError as error:
        assert error.code in {"document-breaks-format", "format-not-supported"}  # noqa: PT017
        return
    for one in evidence:
        for fact in one.facts:
            assert columns_of(fact).get("value") is None
            assert columns_of(fact).get("advantage") is None


@json_named
@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_hostile_words_are_words(path: Path, words: str) -> None:
    kept = {"adversarial-robustness-toolbox"}
    document = _mapped(
        json.loads(path.read_bytes()),
        lambda value: words if isinstance(value, str) and value not in kept else value,
    )
    try:
        evidence = opened(document, path.name).evidence
    except SubmitterError as error:
        assert error.code in {  # noqa: PT017
            *("document-breaks-format", "format-unknown", "format-not-supported"),
        }
        return
    assert len({one.envelope.id for one in evidence}) == len(evidence)


@json_named
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, True, [[]]], ids=ascii)
def test_a_part_of_another_type_is_read_around_or_refused_at_its_place(
    path: Path, value: object
) -> None:
    document: Any = json.loads(path.read_bytes())
    parts: list[Any] = list(document) if isinstance(document, dict) else [0]  # pyright: ignore[reportUnknownArgumentType]
    for part in parts:
        changed: Any = json.loads(path.read_bytes())
        changed[part] = value
        try:
            opened(changed, path.name, as_format=path.parent.name)
        except SubmitterError as error:
            assert error.code in {  # noqa: PT017
                *("document-breaks-format", "format-contradicted"),
                *("format-not-supported", "runs-not-told-apart"),
            }
