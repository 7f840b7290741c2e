"""The quick ways of intake lead where the careful ones do."""

import copy
import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.intake.adapters import assaybook_v1
from assaybook.intake.adapters.plain_metric import plain_metric
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed, parse
from assaybook.intake.registry import BUILT_IN
from assaybook.intake.signs import SIGNS, asked
from support.documents import DEFECTS

WORDS = st.sampled_from(
    ["recall", "val_accuracy_pct", "recall__sex=f", "recall@5", "mine", "", "x" * 300, "latency_s"]
)
ANY = st.none() | st.booleans() | st.integers(-3, 200) | st.floats(-1, 100) | WORDS | st.just([1])
METRICS = st.fixed_dictionaries(
    {"type": st.just("metric"), "name": WORDS | ANY},
    optional={
        "value": st.floats(-0.1, 1.1) | ANY,
        "slice": WORDS | ANY,
        "split": st.sampled_from(["val", "holdout", ""]) | ANY,
        "dimension": ANY,
        "kind": st.sampled_from(["quality", "cost"]) | ANY,
        "unit": st.sampled_from(["ratio", "ms", "percent"]) | ANY,
        "direction": st.sampled_from(["higher", "lower"]) | ANY,
        "raw_name": ANY,
        "n": ANY,
        "n_rows": ANY,
        "ci_low": ANY,
        "pointer": ANY,
        "odd": ANY,
    },
)


@settings(max_examples=300)
@given(METRICS)
def test_a_metric_that_is_validated_once_is_what_it_is_with_all_care(raw: dict[str, Any]) -> None:
    quick = plain_metric(raw, 0)
    document = Parsed("a.json", "json", "", {"facts": [raw]})
    try:
        careful = assaybook_v1.fact_of(document, raw, 0, [])
    except SubmitterError:
        careful = None
    assert quick is None or quick == careful


def test_most_metrics_are_validated_once() -> None:
    raw = {"type": "metric", "name": "recall", "slice": "", "split": "val", "value": 0.9, "n": 9}
    assert plain_metric(cast("Any", raw), 0) is not None


def test_every_format_that_is_an_object_has_signs() -> None:
    assert {one.name for one in BUILT_IN} - SIGNS.keys() == {"openlineage"}


@pytest.mark.parametrize(
    "path", sorted(DEFECTS.rglob("*.json")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_an_object_without_the_signs_of_a_format_is_not_of_it(path: Path) -> None:
    document = parse(path.read_bytes(), path.name, Limits())
    if not isinstance(document.value, dict):
        return
    for adapter in BUILT_IN:
        signs = SIGNS.get(adapter.name)
        if signs is not None:
            value = {key: one for key, one in document.value.items() if key not in signs}
            assert adapter.detect(Parsed("a.json", "json", json.dumps(value), value)) is None


def test_signs_leave_no_adapter_out_that_sees_its_document(samples: Path) -> None:
    for path in sorted(samples.rglob("*.json")):
        try:
            document = parse(path.read_bytes(), path.name, Limits())
        except SubmitterError:
            continue
        seen = [one.name for one in BUILT_IN if one.detect(copy.copy(document)) is not None]
        assert set(seen) <= {one.name for one in asked(document, BUILT_IN)}, path.name
