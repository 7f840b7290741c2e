"""The quick ways of intake lead where the careful ones do."""

import copy
import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.domain.facts import Pii
from assaybook.intake.adapters import assaybook_v1
from assaybook.intake.adapters.plain_metric import plain_metric
from assaybook.intake.adapters.plain_v1 import detected_v1, plain_v1
from assaybook.intake.detect import asked
from assaybook.intake.limits import Limits
from assaybook.intake.made import filled
from assaybook.intake.measure import Where, metric, metrics_of
from assaybook.intake.parsed import Parsed, parse
from assaybook.intake.prose import Looked
from assaybook.intake.registry import BUILT_IN
from assaybook.intake.signs import SIGNS
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
        careful = assaybook_v1.fact_of(document, raw, 0, [], Looked())
    except SubmitterError:
        careful = None
    assert quick is None or quick == careful


PLACES = st.builds(Where, st.sampled_from(["", "sex=f"]), st.none() | WORDS, st.just("val"))


@settings(max_examples=200)
@given(st.lists(st.tuples(WORDS | ANY, st.floats(-1, 2) | ANY), max_size=4), PLACES)
def test_metrics_that_are_looked_up_at_once_are_what_each_is(
    listed: list[tuple[Any, Any]], where: Where
) -> None:
    document = Parsed("a.json", "json", "")
    names, values = tuple(name for name, _ in listed), [value for _, value in listed]
    quick = metrics_of(document, names, values, "/metrics", where)
    if quick is not None:
        assert [
            metric(document, name, value, at=f"/metrics/{index}/value", where=where)
            for index, (name, value) in enumerate(listed)
        ] == list(quick)


@pytest.mark.parametrize(
    "names",
    [("recall", "recall"), ("a" * 300,), (" ",), (1,), ([1],), ("ab" * 2_000,)],
    ids=["twice", "long", "blank", "a number", "a list", "very long"],
)
def test_names_that_do_not_name_each_metric_once_are_read_with_care(names: tuple[Any, ...]) -> None:
    values = [0.5] * len(names)
    assert metrics_of(Parsed("a.json", "json", ""), names, values, "/metrics", Where()) is None


def test_a_fact_that_is_filled_is_one_that_was_validated() -> None:
    found = filled(Pii, {"pointer": "/0", "entity": "email", "score": 0.5, "count": 1})
    assert found == Pii(pointer="/0", entity="email", score=0.5, count=1)


OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"type": "security", "fingerprint": "f", "class": "secret", "severity": "high"},
        {"type": "artifact", "name": "m", "digest": "sha256:ab", "verified": True},
        {"type": "operation", "kind": "alert", "for_seconds": 3, "tested_at": "2026-01-01T00:00Z"},
        {"type": "pii", "entity": "an e-mail", "score": 0.5},
        {"type": "drift", "column": "a", "value": 0, "unknown": {}},
        {"type": "lineage", "source": "a", "target": "b", "pointer": "/facts/9"},
        {"type": "unheard"},
    ]
)
HEADS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"assaybook": st.sampled_from(["v1", "v2", 1])},
    optional={
        "tool": st.sampled_from([None, {"name": "t"}, {"name": "t", "version": "1"}, "t"]),
        "run": st.sampled_from([None, "r", 1]),
        "produced_at": st.sampled_from([None, "2026-01-02T03:04:05+02:00", "2026-01-02", 1]),
        "subject": st.sampled_from([{"system": "s", "artifacts": [{"digest": "sha256:ab"}]}, None]),
        "scope": st.sampled_from([None, {"split": "test"}]),
        "coverage": st.sampled_from(
            [
                [],
                [{"question": "metric/quality", "examined": 1}],
                [{"question": "drift", "scope": {}}],
            ]
        ),
        "facts": st.lists(METRICS | OTHERS, max_size=4),
    },
)


@settings(max_examples=300)
@given(HEADS, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
def test_a_plain_document_is_read_in_one_step_as_its_adapter_reads_it(
    value: dict[str, Any], separators: tuple[str, str]
) -> None:
    raw = json.dumps(value, separators=separators).encode()
    plain = plain_v1(raw, Limits())
    if plain is not None:
        assert (plain,) == assaybook_v1.AssaybookV1().read(
            parse(raw, "a.json", Limits()), detected_v1()
        )


PLAIN = b'{"assaybook": "v1", "facts": [{"type": "metric", "name": "recall", "value": 0.5}]}'


def test_most_documents_are_read_in_one_step() -> None:
    assert plain_v1(PLAIN, Limits()) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"value": 0.5', b'"value": 0.5, "value": 0.5', id="a repeated key"),
        pytest.param(b'"value": 0.5', b'"value" : 0.4, "value": 0.5', id="a key set apart"),
        pytest.param(b"0.5", b"NaN", id="a number that is none"),
        pytest.param(b"0.5", b"12345678901234567890", id="a number that is not exact"),
        pytest.param(b'"recall"', b'"AKIAABCDEFGHIJKLMNOP"', id="a secret"),
        pytest.param(b'"recall"', b'"\\u0000"', id="a NUL"),
        pytest.param(b'"recall"', b'"\xff"', id="a byte that is not UTF-8"),
        pytest.param(b'"name"', b'"verified": true, "name"', id="a claim"),
        pytest.param(b'"value": 0.5', b'"unit": "usd"', id="two units"),
    ],
)
def test_what_is_doubtful_in_a_document_of_ours_is_read_with_care(old: bytes, new: bytes) -> None:
    assert plain_v1(PLAIN.replace(old, new), Limits()) is None


def test_a_document_of_ours_over_a_limit_is_read_with_care() -> None:
    for limits in (Limits(keys=4), Limits(facts=0), Limits(items=9), Limits(depth=3)):
        assert plain_v1(PLAIN, limits) is None


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


@pytest.mark.parametrize(
    ("item", "format_name"),
    [
        pytest.param({"a": {"_schemaURL": "https://openlineage.io/a"}}, "openlineage", id="below"),
        pytest.param({"a": 1, "RuleID": "a", "File": "b"}, "gitleaks", id="at the top"),
    ],
)
@pytest.mark.parametrize("before", [[], [{"a": 1}], [1, "a"]], ids=["none", "another", "others"])
def test_a_list_is_shown_to_those_who_see_a_sign_in_any_object(
    item: dict[str, Any], format_name: str, before: list[Any]
) -> None:
    document = parse(json.dumps([*before, item]).encode(), "a.json", Limits())
    assert format_name in {one.name for one in asked(document)}


def test_a_sign_that_is_written_with_escapes_is_one() -> None:
    text = '[{"a": {"\\u005fschemaURL": "openlineage"}}]'
    document = parse(text.encode(), "a.json", Limits())
    assert "openlineage" in {one.name for one in asked(document)}


def test_signs_leave_no_adapter_out_that_sees_its_document(samples: Path) -> None:
    for path in sorted(samples.rglob("*.json")):
        try:
            document = parse(path.read_bytes(), path.name, Limits())
        except SubmitterError:
            continue
        seen = [one.name for one in BUILT_IN if one.detect(copy.copy(document)) is not None]
        assert set(seen) <= {one.name for one in asked(document)}, path.name
