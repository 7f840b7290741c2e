"""A rule over its rows: no fail is hidden, nothing proven is never a pass."""

from dataclasses import replace

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Scope
from assaybook.domain.values import Unknown
from assaybook.evaluation.verdict import without
from support.evidence import a_document, a_fact, a_metric, covered
from support.rules import a_need, a_rule, outcome, secrets, verdict

RECALL = a_need(name="recall", where='row.name == "recall" && row.split == "holdout"')
FLOOR = a_rule(
    for_each="recall", enough="row.n >= 50", pass_when="row.value >= 0.8", message="{row.slice}!"
)


def _slices(*values: tuple[str, float | None, int | None], **document: object) -> Evidence:
    facts = [a_metric(value=value, slice=name, n=n) for name, value, n in values]
    return a_document(*facts, **document)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param((_slices(("f", 0.9, 60), ("m", 0.8, 60)),), "pass", id="all hold"),
        pytest.param((_slices(("f", 0.9, 60), ("m", 0.7, 60)),), "fail", id="one fails"),
        pytest.param((_slices(("f", 0.9, 60), ("m", 0.1, 12)),), "too_few", id="one is thin"),
        pytest.param(
            (_slices(("f", 0.7, 60), ("m", 0.1, 12)),), "fail", id="a fail beside a thin one"
        ),
        pytest.param((_slices(("f", 0.9, None)),), "null", id="nobody said how many"),
        pytest.param((), "missing", id="no evidence"),
        pytest.param((a_document(a_metric("accuracy")),), "no_match", id="another metric"),
        pytest.param(
            (_slices(("f", 0.9, 60)), _slices(("f", 0.7, 60), tool="b")),
            "conflict",
            id="two tools disagree",
        ),
        pytest.param(
            (_slices(("f", 0.7, 60)), _slices(("f", 0.6, 60), tool="b")),
            "fail",
            id="two tools disagree and both fail",
        ),
        pytest.param(
            (_slices(("f", 0.7, 60)), a_document(coverage=[covered("metric/quality", errored=1)])),
            "fail",
            id="a fail beside an error",
        ),
        pytest.param(
            (_slices(("f", 0.9, 60)), a_document(coverage=[covered("metric/quality", errored=1)])),
            "errored",
            id="a pass beside an error",
        ),
        pytest.param(
            (a_document(a_metric(value=None, slice="f", n=60, unknown={"value": "unit"})),),
            "unit",
            id="per cent instead of a ratio",
        ),
    ],
)
def test_a_rule_for_each_row(documents: tuple[Evidence, ...], expected: str) -> None:
    assert outcome(verdict(FLOOR, RECALL, documents=documents)) == expected


def test_a_failing_row_says_its_message_and_shows_its_trace() -> None:
    found = verdict(FLOOR, RECALL, documents=(_slices(("f", 0.7, 60)),))
    (row,) = found.rows
    assert row.message == "f!"
    assert row.trace is not None
    assert row.trace.truth == "F"
    assert row.pointers


def test_fewer_rows_than_asked_are_too_few_even_if_all_hold() -> None:
    rule = a_rule(for_each="recall", at_least="2", pass_when="row.value >= 0.8")
    assert outcome(verdict(rule, RECALL, documents=(_slices(("f", 0.9, 60)),))) == "too_few"


def test_one_slice_of_two_tools_is_one_row() -> None:
    rule = a_rule(for_each="recall", at_least="2", pass_when="row.value >= 0.8")
    twice = (_slices(("f", 0.9, 60)), _slices(("f", 0.9, 60), tool="b"))
    assert outcome(verdict(rule, RECALL, documents=twice)) == "too_few"


def test_no_declared_slice_among_the_rows_is_empty_and_no_pass() -> None:
    rule = a_rule(for_each="recall", where='row.slice == "x"', pass_when="row.value >= 0.8")
    assert outcome(verdict(rule, RECALL, documents=(_slices(("f", 0.9, 60)),))) == "empty"


def test_a_row_that_may_not_be_asked_is_harmless_only_if_it_holds() -> None:
    rule = a_rule(for_each="recall", where="row.n >= 50", pass_when="row.value >= 0.8")
    good = verdict(rule, RECALL, documents=(_slices(("f", 0.9, 60), ("m", 0.9, None)),))
    bad = verdict(rule, RECALL, documents=(_slices(("f", 0.9, 60), ("m", 0.1, None)),))
    assert (outcome(good), outcome(bad)) == ("pass", "null")


HITS = secrets(name="hits")
NO_HITS = a_rule(for_each="hits", at_least="0", pass_when="row.fingerprint in params.accepted")
SECRET = a_fact("security", fingerprint="x", **{"class": "secret"})


def _scan(*facts: object, **counts: object) -> Evidence:
    row = covered("security/secret", **{"failed": len(facts), **counts})  # type: ignore[arg-type]
    return a_document(*facts, coverage=[row])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scan", "accepted", "expected"),
    [
        pytest.param((_scan(),), (), "pass", id="proven empty"),
        pytest.param((_scan(SECRET),), (), "fail", id="a hit"),
        pytest.param((_scan(SECRET),), ("x",), "pass", id="an accepted hit"),
        pytest.param((), (), "missing", id="nothing"),
        pytest.param((_scan(examined=0),), (), "not_examined", id="examined nothing"),
        pytest.param((_scan(SECRET, errored=4),), (), "fail", id="a hit and errors"),
        pytest.param((_scan(SECRET, errored=4),), ("x",), "not_examined", id="accepted, errors"),
    ],
)
def test_none_such_is_a_pass_only_when_it_is_proven(
    scan: tuple[Evidence, ...], accepted: tuple[str, ...], expected: str
) -> None:
    found = verdict(NO_HITS, HITS, documents=scan, params={"accepted": accepted})
    assert outcome(found) == expected


def test_a_list_that_is_proven_empty_asks_for_no_row_and_another_for_one() -> None:
    rule = a_rule(for_each="hits", pass_when="row.fingerprint in params.accepted")
    empty = verdict(rule, HITS, documents=(_scan(),), params={"accepted": ()})
    other = verdict(rule, HITS, documents=(_scan(examined=0),), params={"accepted": ()})
    assert (outcome(empty), outcome(other)) == ("pass", "not_examined")


def test_the_rest_is_judged_again_without_the_waived_rows() -> None:
    found = verdict(NO_HITS, HITS, documents=(_scan(SECRET),), params={"accepted": ()})
    (row,) = found.rows
    assert without(found, frozenset({row.key})).truth is True
    assert without(found, frozenset({"another"})).truth is False


def test_a_waived_hit_does_not_hide_that_files_errored() -> None:
    found = verdict(NO_HITS, HITS, documents=(_scan(SECRET, errored=99),), params={"accepted": ()})
    rest = without(found, frozenset(row.key for row in found.rows))
    assert isinstance(rest.truth, Unknown)


def test_a_waived_row_still_counts_towards_the_least_number() -> None:
    rule = a_rule(for_each="recall", at_least="2", pass_when="row.value >= 0.8")
    found = verdict(rule, RECALL, documents=(_slices(("f", 0.9, 60), ("m", 0.1, 60)),))
    failing = frozenset(row.key for row in found.rows if row.truth is False)
    assert without(found, failing).truth is True


GAP = a_rule(
    let={"known": "recall.filter(m, m.n >= 50).map(m, m.value)"},
    enough="size(known) >= 2",
    pass_when="math.greatest(known) - math.least(known) <= 0.1",
)


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        pytest.param((("f", 0.9, 60), ("m", 0.85, 60)), "pass", id="small gap"),
        pytest.param((("f", 0.9, 60), ("m", 0.5, 60)), "fail", id="wide gap"),
        pytest.param((("f", 0.9, 60),), "too_few", id="one slice has no gap"),
        pytest.param((("f", 0.9, 60), ("m", 0.1, 12)), "too_few", id="noise decides nothing"),
        pytest.param((("f", 0.9, 60), ("m", 0.9, None)), "null", id="unknown size"),
    ],
)
def test_a_gap_between_slices(
    slices: tuple[tuple[str, float, int | None], ...], expected: str
) -> None:
    assert outcome(verdict(GAP, RECALL, documents=(_slices(*slices),))) == expected


def test_a_rule_over_something_that_is_no_list_is_an_error() -> None:
    rule = a_rule(for_each="params.x", pass_when="true")
    assert outcome(verdict(rule, params={"x": "text"})).startswith("error:")
    assert outcome(verdict(rule, params={"x": None})) == "param_unset"


def test_an_unset_least_number_is_unknown() -> None:
    rule = a_rule(for_each="recall", at_least="params.n", pass_when="row.value >= 0.8")
    documents = (_slices(("f", 0.9, 60)),)
    assert outcome(verdict(rule, RECALL, documents=documents, params={"n": None})) == "param_unset"
    odd = verdict(rule, RECALL, documents=documents, params={"n": "two"})
    assert outcome(odd).startswith("error:")


def test_a_known_fail_stands_where_nobody_knows_how_many_rows_there_must_be() -> None:
    rule = a_rule(for_each="recall", at_least="params.n", pass_when="row.value >= 0.8")
    bad = verdict(rule, RECALL, documents=(_slices(("f", 0.7, 60)),), params={"n": None})
    assert outcome(bad) == "fail"
    thin = verdict(rule, RECALL, documents=(_slices(("f", None, 60)),), params={"n": None})
    assert isinstance(thin.truth, Unknown)
    assert [one.code for one in thin.truth.reasons] == ["null", "param_unset"]


def test_a_condition_that_is_a_disputed_field_is_no_error() -> None:
    told = [
        a_fact("security", fingerprint="x", suppressed=each, **{"class": "secret"})
        for each in (True, False)
    ]
    scan = a_document(*told, coverage=[covered("security/secret")])
    need = a_need("security", name="hits")
    rule = a_rule(for_each="hits", pass_when="row.suppressed")
    assert outcome(verdict(rule, need, documents=(scan,))) == "conflict"
    assert (
        outcome(verdict(replace(rule, where=rule.pass_when), need, documents=(scan,))) == "conflict"
    )


def test_plain_values_can_be_judged_one_by_one() -> None:
    rule = a_rule(for_each="params.slices", pass_when='row != "bad"')
    assert outcome(verdict(rule, params={"slices": ("a", "b")})) == "pass"
    assert outcome(verdict(rule, params={"slices": ("a", "bad")})) == "fail"
    assert outcome(verdict(rule, params={"slices": ()})) == "empty"


def test_a_rule_without_a_condition_proves_nothing() -> None:
    assert outcome(verdict(a_rule())) == "missing"


def test_a_ghost_that_is_sure_to_be_left_out_does_not_open_the_rule() -> None:
    rule = a_rule(for_each="recall", where="false", pass_when="row.value >= 0.8")
    assert outcome(verdict(rule, RECALL)) == "missing"


def test_a_rule_message_stands_where_no_rows_are_judged() -> None:
    rule = a_rule(pass_when="size(recall) >= 5", message="only {params.n} of {recall}")
    found = verdict(rule, RECALL, documents=(_slices(("f", 0.9, 60)),), params={"n": 1})
    assert found.message.startswith("only 1 of")


def test_scope_keeps_train_and_test_apart() -> None:
    rule = a_rule(for_each="moved", pass_when="row.value <= 0.2")
    need = a_need("drift", name="moved")
    fact = a_fact("drift", column="a", method="psi", statistic="distance", value=0.1)
    bad = a_fact("drift", column="a", method="psi", statistic="distance", value=0.5)
    one = a_document(fact, scope=Scope(dataset="train"))
    other = a_document(bad, scope=Scope(dataset="prod"))
    assert outcome(verdict(rule, need, documents=(one, other))) == "fail"
