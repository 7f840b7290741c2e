import pytest

from assaybook.domain.evidence import Scope
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Need, Param
from assaybook.domain.subject import Release, System
from assaybook.domain.types import DOUBLE, ListType, RecordType, ScalarType, Type
from assaybook.evaluation.subject_values import release_row, scope_row, system_row
from assaybook.language.environment import (
    ARTIFACT,
    RELEASE,
    SCOPE,
    SYSTEM,
    applies_environment,
    covers_environment,
    fact_row,
    fixed_words,
    need_type,
    overlay_environment,
    params_environment,
    params_type,
    row_of,
    rule_environment,
    where_environment,
)
from assaybook.language.kinds import field_names
from assaybook.language.parser import parse
from support.policy_parts import NEEDS, PARAMS, a_need


def rows_of(kind: Type) -> RecordType:
    assert isinstance(kind, ListType)
    assert isinstance(kind.of, RecordType)
    return kind.of


def field_of(kind: Type, name: str) -> ScalarType:
    record = kind if isinstance(kind, RecordType) else rows_of(kind)
    found = record.field(name)
    assert isinstance(found, ScalarType)
    return found


def test_every_field_of_the_subject_is_known_to_the_checker() -> None:
    system = System(id="triage")
    release = Release(version="1", artifacts=())
    assert set(field_names(SYSTEM)) == set(system_row(system).values)
    assert set(field_names(RELEASE)) == set(release_row(release).values)
    assert set(field_names(SCOPE)) == set(scope_row(Scope()).values)
    assert field_names(ARTIFACT) == ("name", "kind", "digest")


def test_a_row_has_the_columns_of_its_fact_type_and_the_scope() -> None:
    for name, fact in FACT_TYPES.items():
        row = fact_row(name)
        more = {"measured_on"} if name == "metric" else set[str]()
        scope = {"dataset", "split", "path"}
        assert set(field_names(row)) == {*field_names(fact.record), *scope, *more}
    assert {"at", "run"} <= set(field_names(fact_row("metric", last=True)))
    assert "run" in field_names(fact_row("lineage", last=True))


def test_a_metric_that_the_condition_names_has_its_range_and_unit() -> None:
    value = field_of(need_type(NEEDS["recall"], METRICS), "value")
    assert (value.unit, value.low, value.high) == ("ratio", 0.0, 1.0)
    assert field_of(need_type(NEEDS["recall"]), "value").high is None


def test_metrics_of_several_units_narrow_the_range_only() -> None:
    both = a_need("both", "metric", 'row.name in ["recall", "latency_p50_ms"]')
    value = field_of(need_type(both, METRICS), "value")
    assert value.unit == ""
    assert value.low == 0.0
    assert value.high is None


def test_an_unknown_metric_narrows_nothing() -> None:
    own = a_need("own", "metric", 'row.name == "our_own_score"')
    assert field_of(need_type(own, METRICS), "value").unit == ""


def test_a_need_knows_its_order_and_whether_it_may_be_empty() -> None:
    assert need_type(NEEDS["secrets"]).may_be_empty
    assert not need_type(NEEDS["recall"]).ordered
    assert need_type(NEEDS["trend"]).ordered
    assert need_type(NEEDS["drift"]).need == "drift"


def test_a_condition_closes_the_words_of_a_field() -> None:
    rows = need_type(NEEDS["checks"])
    assert field_of(rows, "family").words == ("null", "range")
    assert field_of(rows, "failed").words == ()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('row.name == "a"', {"a"}),
        ('"a" == row.name', {"a"}),
        ('row.name == "a" && row.n > 3', {"a"}),
        ('row.n > 3 && row.name == "a"', {"a"}),
        ('row.name in ["a", "b"] && row.name == "a"', {"a"}),
        ('row.name == "a" || row.name == "b"', {"a", "b"}),
        ('row.name == "a" && row.name == "b"', set[str]()),
        ('row.name == "a" || row.n > 3', None),
        ('row.name != "a"', None),
        ("row.name == params.name", None),
        ("row.name in [params.name]", None),
        ('row.n in ["a"]', None),
        ("row.name in [1]", None),
        ("row.name in []", None),
        ('m.name == "a"', None),
        ('row.a.name == "a"', None),
        ("row.name == 1", None),
        ("row.n > 3", None),
    ],
)
def test_only_a_condition_that_fixes_a_field_says_its_words(
    condition: str, words: set[str] | None
) -> None:
    assert fixed_words(parse(condition).node, "row", "name") == words


def test_a_param_has_its_kind_and_limits() -> None:
    params = {
        "p": Param("p", "ratio", minimum=0.5),
        "q": Param("q", "number", maximum=2.0),
        "s": Param("s", "string"),
        "l": Param("l", "list<number>"),
    }
    kind = params_type(params)
    assert field_of(kind, "p") == ScalarType("double", "ratio", 0.5, 1.0)
    assert field_of(kind, "q") == ScalarType("double", "", None, 2.0)
    assert kind.field("l") == ListType(DOUBLE)


def test_each_place_sees_only_its_own_names() -> None:
    need = Need("n", "pii")
    assert set(where_environment(need, PARAMS)) == {"row", "params"}
    assert set(covers_environment(PARAMS)) == {"scope", "params"}
    assert set(params_environment(PARAMS)) == {"params"}
    assert set(applies_environment()) == {"system", "release"}
    assert set(overlay_environment()) == {"system"}
    assert set(rule_environment(NEEDS, PARAMS)) == {*NEEDS, "system", "release", "params"}
    assert row_of(need_type(need)) == fact_row("pii")
    assert row_of(DOUBLE) is None
