"""Readings of several documents become rows; what disagrees is a conflict, never a choice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Scope
from assaybook.domain.values import Bag, Conflict, Row, Unknown
from assaybook.evaluation.rows import key_of, merged, reading_of
from support.evidence import AS_OF, a_document, a_fact, a_metric, days


def _rows(*documents: Evidence, facts: str = "metric") -> Bag:
    readings = [reading_of(fact, one) for one in documents for fact in one.facts]
    return merged("found", facts, readings)


def _values(bag: Bag, column: str = "value") -> list[object]:
    return [m.value.values[column] for m in bag.members if isinstance(m.value, Row)]


def test_two_tools_that_agree_are_one_row_with_both_places() -> None:
    bag = _rows(a_document(a_metric(), tool="a"), a_document(a_metric(), tool="b"))
    assert _values(bag) == [0.9]
    row = bag.members[0].value
    assert isinstance(row, Row)
    assert len(row.pointers) == 2


def test_the_more_exact_number_stands_where_the_shorter_one_agrees() -> None:
    bag = _rows(a_document(a_metric(value=0.82), tool="a"), a_document(a_metric(value=0.8177)))
    assert _values(bag) == [0.8177]


@pytest.mark.parametrize(
    ("known", "data"),
    [
        ({"dataset": "d", "split": "holdout"}, "dataset=d, split=holdout"),
        ({"dataset": None, "split": "holdout"}, "split=holdout"),
        ({"dataset": "d", "split": None}, None),
    ],
)
def test_a_value_tells_the_data_that_it_was_measured_on(
    known: dict[str, Any], data: str | None
) -> None:
    assert _values(_rows(a_document(a_metric(**known))), "measured_on") == [data]


def test_one_decimal_says_too_little_to_agree() -> None:
    bag = _rows(a_document(a_metric(value=0.8), tool="a"), a_document(a_metric(value=0.76)))
    assert _values(bag) == [Conflict((0.76, 0.8))]


def test_numbers_that_disagree_are_a_conflict() -> None:
    bag = _rows(a_document(a_metric(value=0.95), tool="a"), a_document(a_metric(value=0.5)))
    assert _values(bag) == [Conflict((0.5, 0.95))]


def test_a_null_data_set_may_be_any_so_its_value_reaches_every_named_one() -> None:
    loose = a_document(a_metric(value=0.95, dataset=None), tool="a")
    named = a_document(a_metric(value=0.5, dataset="d1"), a_metric(value=0.95, dataset="d2"))
    bag = _rows(loose, named)
    assert _values(bag) == [Conflict((0.5, 0.95)), 0.95]


def test_rows_that_leave_open_what_the_other_knows_count_once_for_sure() -> None:
    one = a_document(a_metric(dataset=None, split="test"), tool="a")
    other = a_document(a_metric(dataset="d", split=None), tool="b")
    bag = _rows(one, other)
    assert sorted(member.doubt is None for member in bag.members) == [False, True]


def test_the_scope_of_the_document_fills_what_the_fact_leaves_open() -> None:
    scoped = a_document(a_metric(dataset=None, split=None), scope=Scope(dataset="d", split="test"))
    assert _values(_rows(scoped), "split") == ["test"]


def test_train_and_production_drift_are_two_rows() -> None:
    drift = a_fact("drift", column="age", method="psi", statistic="distance", value=0.1)
    one = a_document(drift, scope=Scope(dataset="train"))
    other = a_document(drift, scope=Scope(dataset="prod"))
    assert len(_rows(one, other, facts="drift").members) == 2


def test_a_value_that_cannot_be_used_leaves_a_known_one_as_it_is() -> None:
    broken = a_metric(value=None, unknown={"value": "unit"})
    bag = _rows(a_document(a_metric(value=0.5), tool="a"), a_document(broken))
    sure = [m.value for m in bag.members if m.doubt is None]
    assert [row.values["value"] for row in sure if isinstance(row, Row)] == [0.5]
    assert len(bag.members) == 2


def test_a_value_outside_its_unit_is_unknown() -> None:
    (value,) = _values(_rows(a_document(a_metric(value=None, unknown={"value": "unit"}))))
    assert isinstance(value, Unknown)
    assert value.reasons[0].code == "unit"


def test_a_value_of_no_trials_is_none() -> None:
    (value,) = _values(_rows(a_document(a_metric(value=0.9, n=0))))
    assert isinstance(value, Unknown)
    assert value.reasons[0].code == "too_few"


def test_readings_of_one_row_that_cannot_be_used_are_counted_once() -> None:
    nothing_tried = a_metric(value=0.9, n=0)
    twice = _rows(a_document(nothing_tried, tool="a"), a_document(nothing_tried, tool="b"))
    assert [member.doubt is None for member in twice.members] == [True, False]
    redacted = a_metric(value=None, unknown={"value": "redacted", "n": "redacted"})
    least = _rows(a_document(redacted, tool="a"), a_document(nothing_tried, tool="b"))
    (row,) = [member.value for member in least.members if member.doubt is None]
    assert isinstance(row, Row)
    assert row.values["n"] == 0


def test_texts_never_conflict() -> None:
    card = a_fact("documentation", document="model", topic="risks", present=True, text="one")
    other = a_fact("documentation", document="model", topic="risks", present=True, text="two")
    bag = _rows(a_document(card, tool="a"), a_document(other, tool="b"), facts="documentation")
    assert len(bag.members) == 1
    assert not isinstance(_values(bag, "text")[0], Conflict)


def test_a_key_names_the_columns_that_are_known() -> None:
    bag = _rows(a_document(a_metric(slice="sex=f")))
    row = bag.members[0].value
    assert isinstance(row, Row)
    assert key_of(row) == "name=recall, slice=sex=f, dataset=d, split=holdout"


_VALUES = st.sampled_from([0.5, 0.82, 0.8177, None])
_DATASETS = st.sampled_from([None, "d1", "d2"])
_SPLITS = st.sampled_from([None, "test"])


@given(st.lists(st.tuples(_VALUES, _DATASETS, _SPLITS), max_size=6), st.randoms())
def test_the_order_of_documents_never_matters(
    cells: list[tuple[float | None, str | None, str | None]], shuffle: object
) -> None:
    documents = [
        a_document(a_metric(value=v, dataset=d, split=s), tool=str(i))
        for i, (v, d, s) in enumerate(cells)
    ]
    before = _rows(*documents)
    shuffle.shuffle(documents)  # type: ignore[attr-defined]
    after = _rows(*documents)
    assert _values(before) == _values(after)
    assert [m.doubt for m in before.members] == [m.doubt for m in after.members]


def test_a_word_and_a_number_or_two_truths_that_differ_are_a_conflict() -> None:
    known = a_fact("documentation", document="model", topic="risks", present=True)
    other = a_fact("documentation", document="model", topic="risks", present=False)
    bag = _rows(a_document(known, tool="a"), a_document(other, tool="b"), facts="documentation")
    assert _values(bag, "present") == [Conflict((False, True))]
    one = a_metric(unit="ratio")
    two = a_metric(unit="score")
    assert _values(_rows(a_document(one, tool="a"), a_document(two, tool="b")), "unit") == [
        Conflict(("ratio", "score"))
    ]


@pytest.mark.parametrize(
    ("counts", "known"),
    [
        ({"examined": 100, "failed": 50, "failed_share": 0.0}, False),
        ({"examined": 300, "failed": 100, "failed_share": 0.33}, True),
        ({"examined": 100, "failed": 0, "failed_share": 0.5}, True),
        ({"examined": 0, "failed": 0, "failed_share": 0.0}, True),
        ({"examined": 100, "failed_share": 0.0}, True),
        ({"failed": 9, "failed_share": 0.0}, True),
        ({"examined": 100, "failed": 9}, True),
    ],
)
def test_a_share_that_hides_what_was_counted_cannot_be_used(
    counts: dict[str, float],
    known: bool,  # noqa: FBT001
) -> None:
    fact = a_fact("data_check", check="c", column="", family="null", **counts)
    reading = reading_of(fact, a_document(fact))
    assert ("failed_share" not in reading.doubted) is known


@pytest.mark.parametrize(
    ("name", "unit", "value", "known"),
    [
        ("recall", "ratio", 90.0, False),
        ("recall", None, 90.0, False),
        ("recall", None, -0.1, False),
        ("recall", "ratio", 1.0, True),
        ("recall", "score", 90.0, False),
        ("latency_p95_ms", "ms", 900.0, True),
        ("mcc", None, -0.5, True),
        ("our_score", None, 90.0, True),
    ],
)
def test_a_value_outside_the_range_of_its_metric_has_no_unit(
    name: str, unit: str | None, value: float, *, known: bool
) -> None:
    one = a_metric(name=name, unit=unit, value=value)
    assert reading_of(one, a_document(one)).doubted == ({} if known else {"value": "unit"})


@pytest.mark.parametrize(
    ("facts", "columns", "field", "says"),
    [
        ("metric", {"n": 9, "n_rows": 3}, "value", "more trials than rows"),
        ("metric", {"n": 0}, "value", "no trials"),
        ("attack", {"attempts": 4, "successes": 9}, "rate", "its own counts"),
        ("attack", {"attacked_value": 66.0}, "attacked_value", "no share from 0 to 1"),
        ("drift", {"value": 0.1}, "value", "which statistic"),
        ("data_check", {"examined": 9, "failed": 9, "failed_share": 0.1}, "failed_share", "counts"),
        ("documentation", {"present": True, "text": " "}, "present", "has no word"),
        ("lineage", {"digest": "sha256:22"}, "digest", "no whole digest"),
        ("review", {"decision": "pending"}, "decision", "nothing is decided"),
    ],
)
def test_why_a_value_cannot_be_used_is_said(
    facts: str, columns: dict[str, Any], field: str, says: str
) -> None:
    known: dict[str, dict[str, Any]] = {}
    known |= {"metric": {"name": "recall", "value": 0.9}, "attack": {"name": "p"}}
    known |= {"drift": {"column": "a"}, "documentation": {"document": "model", "topic": "risks"}}
    known |= {"lineage": {"source": "m", "target": "d", "relation": "trained_on"}}
    known |= {"data_check": {"check": "c"}, "review": {"reference": "a", "kind": "override"}}
    one = a_fact(facts, **known[facts], **columns)
    (value,) = _values(_rows(a_document(one), facts=facts), field)
    assert isinstance(value, Unknown)
    assert [says in reason.message for reason in value.reasons] == [True]


@pytest.mark.parametrize("value", [-0.1, 1.01, 66.0])
def test_what_is_left_under_attack_is_a_share_or_has_no_unit(value: float) -> None:
    odd = a_fact("attack", name="p", attacked_value=value, clean_value=value)
    assert reading_of(odd, a_document(odd)).doubted == {
        "attacked_value": "unit",
        "clean_value": "unit",
    }
    sound = a_fact("attack", name="p", attacked_value=0.0, clean_value=1.0)
    assert reading_of(sound, a_document(sound)).doubted == {}


@pytest.mark.parametrize(
    ("report", "hits", "rate"),
    [
        pytest.param({"attempts": 400, "rate": 0.005}, 300, Conflict((0.005, 0.75)), id="more"),
        pytest.param({"attempts": 200, "rate": 0.005}, 300, Conflict((0.005, 1.0)), id="than all"),
        pytest.param({"attempts": 400, "rate": 0.005}, 2, 0.005, id="as many"),
        pytest.param({"attempts": 400, "rate": 0.75}, 2, 0.75, id="a part of them"),
        pytest.param({"attempts": None, "rate": 0.005}, 300, 0.005, id="of nobody knows how many"),
        pytest.param({"attempts": 400, "rate": None}, 300, None, id="beside no rate"),
    ],
)
def test_a_list_of_hits_beside_a_report_doubts_a_rate_that_is_less(
    report: dict[str, Any], hits: int, rate: object
) -> None:
    told = a_document(a_fact("attack", name="p", detector="d", **report), tool="a")
    listed = a_document(a_fact("attack", name="p", detector="d", successes=hits), tool="b")
    assert _values(_rows(told, listed, facts="attack"), "rate") == [rate]


def test_a_list_of_hits_doubts_the_rates_of_reports_that_disagree() -> None:
    rates = [a_fact("attack", name="p", attempts=400, rate=rate) for rate in (0.01, 0.1)]
    told = [a_document(one, tool=tool) for one, tool in zip(rates, "ab", strict=True)]
    listed = a_document(a_fact("attack", name="p", successes=300), tool="c")
    assert _values(_rows(*told, listed, facts="attack"), "rate") == [Conflict((0.01, 0.1, 0.75))]


@pytest.mark.parametrize(
    ("columns", "doubted"),
    [
        ({"decision": "accepted", "role": "clinician"}, {}),
        ({"decision": "not accepted"}, {}),
        ({"decision": "", "role": None}, {}),
        ({"decision": "  "}, {"decision": "malformed"}),
        ({"decision": " Pending "}, {"decision": "malformed"}),
        ({"decision": "n/a"}, {"decision": "malformed"}),
        ({"decision": "TBD"}, {"decision": "malformed"}),
        ({"decision": "-"}, {"decision": "malformed"}),
        ({"decision": "none", "kind": "labelling"}, {}),
        ({"decision": "\u200b", "kind": "labelling"}, {"decision": "malformed"}),
        ({"role": " "}, {"role": "malformed"}),
    ],
)
def test_a_review_that_decides_nothing_has_no_decision(
    columns: dict[str, Any], doubted: dict[str, str]
) -> None:
    one = a_fact("review", reference="a", **{"kind": "override", **columns})
    assert reading_of(one, a_document(one)).doubted == doubted


def test_a_rate_of_attacks_that_hides_what_succeeded_cannot_be_used() -> None:
    hidden = a_fact("attack", name="p", attempts=600, successes=300, rate=0.01)
    assert reading_of(hidden, a_document(hidden)).doubted == {"rate": "malformed"}
    counted = a_fact("attack", name="p", attempts=600, successes=6, rate=0.01)
    assert reading_of(counted, a_document(counted)).doubted == {}


def test_a_drift_number_without_a_statistic_has_no_unit() -> None:
    bare = a_fact("drift", column="age", value=0.9)
    assert reading_of(bare, a_document(bare)).doubted == {"value": "unit"}
    nothing = a_fact("drift", column="age")
    assert reading_of(nothing, a_document(nothing)).doubted == {}


def test_of_trials_of_one_thing_the_last_that_was_held_speaks() -> None:
    def tried(result: str, at: float | None) -> Evidence:
        held = None if at is None else AS_OF + days(at)
        fact = a_fact("operation", kind="backup", target="t", result=result, tested_at=held)
        return a_document(fact, name=f"{result} {at}")

    def said(*documents: Evidence) -> object:
        readings = [reading_of(fact, one) for one in documents for fact in one.facts]
        (member,) = merged("found", "operation", readings).members
        assert isinstance(member.value, Row)
        return member.value.values["result"]

    assert said(tried("fail", -300), tried("pass", -9)) == "pass"
    assert said(tried("pass", -9), tried("fail", -8), tried("pass", 30)) == "fail"
    assert said(tried("pass", 30)) == "pass"
    assert said(tried("pass", None)) == "pass"
    assert isinstance(said(tried("pass", -9), tried("fail", None)), Conflict)


@pytest.mark.parametrize(("n", "known"), [(60, True), (61, False), (None, True)])
def test_a_value_of_more_trials_than_rows_cannot_be_used(n: int | None, known: bool) -> None:  # noqa: FBT001
    fact = a_metric(n=n, n_rows=60)
    assert ("value" not in reading_of(fact, a_document(fact)).doubted) is known


@pytest.mark.parametrize(("text", "known"), [("a word", True), (" \n", False), (None, True)])
def test_a_topic_without_a_word_is_not_known_to_be_there(text: str | None, known: bool) -> None:  # noqa: FBT001
    fact = a_fact("documentation", document="model", topic="risks", present=True, text=text)
    assert ("present" not in reading_of(fact, a_document(fact)).doubted) is known


@pytest.mark.parametrize(
    ("digest", "doubt"),
    [
        (f"sha256:{'a' * 64}", None),
        (f"md5:{'a' * 32}", None),
        ("sha256:aaaaaaaa", "malformed"),
        ("md5:aaaaaaaa", "malformed"),
        ("mlflow:aaaaaaaa", "null"),
        (None, None),
    ],
)
def test_a_digest_that_was_cut_off_or_is_a_tools_own_names_no_bytes(
    digest: str | None, doubt: str | None
) -> None:
    fact = a_fact("lineage", source="m", target="d", relation="trained_on", digest=digest)
    assert reading_of(fact, a_document(fact)).doubted.get("digest") == doubt


def test_it_is_said_why_a_tools_own_digest_is_none() -> None:
    fact = a_fact(
        "lineage", source="m", target="d", relation="trained_on", digest="mlflow:1a2b3c4d"
    )
    (value,) = _values(_rows(a_document(fact), facts="lineage"), "digest")
    assert isinstance(value, Unknown)
    assert value.reasons[0].message.startswith("a tool's own name for a version")


@pytest.mark.parametrize(
    ("failed", "examined", "share"),
    [(40, 400, 0.1), (0, 400, 0.0), (0, 0, None), (None, 400, None), (9, None, None)],
)
def test_a_share_that_is_not_given_is_that_of_the_counts(
    failed: int | None, examined: int | None, share: float | None
) -> None:
    fact = a_fact("data_check", check="c", family="null", failed=failed, examined=examined)
    assert reading_of(fact, a_document(fact)).columns["failed_share"] == share
    attack = a_fact("attack", name="p", attempts=examined, successes=failed)
    assert reading_of(attack, a_document(attack)).columns["rate"] == share


def test_more_failures_than_rows_are_nonsense() -> None:
    fact = a_fact("data_check", check="c", family="null", failed=40, examined=4)
    assert reading_of(fact, a_document(fact)).doubted == {"failed_share": "malformed"}
    attack = a_fact("attack", name="p", attempts=4, successes=40)
    assert reading_of(attack, a_document(attack)).doubted == {"rate": "malformed"}
